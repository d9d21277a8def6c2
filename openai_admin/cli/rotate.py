"""``openai-admin rotate``: replace a key without a moment in which none works."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from . import options
from .connect import Target
from .lazy import Entry, LazyGroup, command, group, single
from .rotate_asked import ACCOUNT, KEY, Asked
from .rotate_demo import check_demo
from .rotate_options import OF_ACCOUNT, OF_KEY

_HELP = {
    ACCOUNT: """\
Replace the key of a service account: make, test and set a new one, later delete the old one.

Until the end of --overlap both keys work; the same command then deletes the old one. It may be
stopped at any moment, and the same command goes on. With --all, --to has placeholders, as
file:secrets/{project}-{account}.env; there are {project_id} and {account_id} as well.
""",
    KEY: """\
Replace an admin key, even the one that this command runs with.

The API makes admin keys for whoever asks, so the new key belongs to you. Until the end of
--overlap both keys work; the same command then deletes the old one. It may be stopped at any
moment, and the same command goes on. With --all, --to has the placeholder {key} or {key_id}.
""",
}
_OPTIONS = {ACCOUNT: OF_ACCOUNT, KEY: OF_KEY}


def rotate_group() -> LazyGroup:
    """The group of commands that rotate keys."""
    entries = {
        ACCOUNT: Entry("Replace the key of a service account.", _loader(ACCOUNT)),
        KEY: Entry("Replace an admin key, the own one too.", _loader(KEY)),
        "status": Entry(
            "List the rotations that are not finished.", command("rotate_status", "status")
        ),
    }
    return group("Replace a key without a moment in which none works.", entries)


def _loader(name: str) -> Callable[[], Any]:
    def function(**written: Any) -> None:
        _rotate(Target.of(written), Asked.of(name, written))

    def load() -> Any:
        function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            options.parameters(_OPTIONS[name])
        )
        return single(name, function, help=_HELP[name])

    return load


def _rotate(target: Target, asked: Asked) -> None:
    asked.check()
    from . import rotate_one, rotate_several

    with ExitStack() as stack:
        if target.demo:  # its organization does not outlive the command
            folder = Path(stack.enter_context(TemporaryDirectory()))
            asked = attrs.evolve(asked, wishes=attrs.evolve(asked.wishes, journals=folder))
            if not asked.wishes.plan and not asked.every:
                check_demo(asked.to)
        (rotate_several if asked.every else rotate_one).rotate(target, asked)
