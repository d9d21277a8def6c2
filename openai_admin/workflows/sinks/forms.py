"""The forms in which a sink is written, as for ``--to``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ..._declare.arguments import one_of
from ...errors import InvalidInputError
from .command import CommandSink
from .file import VARIABLE, FileSink
from .sink import Sink

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def sink_of(text: str) -> Sink:
    """The sink that a text names.

    Args:
        text: ``file:PATH[#VARIABLE]`` or ``command:…``.

    Raises:
        InvalidInputError: it names none.
    """
    kind, colon, rest = text.partition(":")
    if not colon or kind not in _KINDS:  # what it is instead is not shown: it may be a key
        forms = one_of([f"{kind}:…" for kind in _KINDS])
        raise InvalidInputError(f"A place for the new key must be written as {forms}.")
    return _KINDS[kind](rest)


def _file(text: str) -> Sink:
    path, _, variable = text.rpartition("#") if "#" in text else (text, "", VARIABLE)
    if not path or not _NAME.fullmatch(variable):
        raise InvalidInputError(
            "A file must be written as file:PATH or file:PATH#VARIABLE, the variable with letters,"
            f" digits and '_' (end a path that has a '#' itself with #{VARIABLE})."
        )
    return FileSink(path, variable)


_KINDS: Mapping[str, Callable[[str], Sink]] = {"file": _file, "command": CommandSink}
