"""What ``openai-admin rotate service-account`` and ``admin-key`` are asked for."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import attrs

from .confirm import cannot_ask
from .errors import CommandError
from .output import Output
from .rotate_rows import NAMES, SUMMARY_NAMES
from .terminal import is_terminal

if TYPE_CHECKING:
    from ..workflows.rotation.model import Wishes

KEY = "admin-key"
ACCOUNT = "service-account"
_AS_WISHED = (  # options that a rotation knows by the same name
    *("overlap", "finish", "abandon", "plan", "key", "replace", "change_owner"),
    *("older_than", "again", "test", "journal"),
)


@attrs.frozen(kw_only=True)
class Asked:
    """What a command was asked for.

    Attributes:
        command: its name.
        name: the account or the key.
        project: the account's project.
        to: where the new key goes.
        every: whether all are meant.
        yes: whether it need not ask.
        output: how and where it writes.
        wishes: how it is to be done.
    """

    command: str
    name: str | None
    project: str | None
    to: str
    every: bool
    yes: bool
    output: Output
    wishes: Wishes

    @classmethod
    def of(cls, command: str, written: Mapping[str, Any]) -> Self:
        """What the options of a command ask for."""
        from ..workflows.rotation.model import Wishes

        wishes = Wishes(
            until_unused=written["until_unused"] or None,
            scopes=_listed(written.get("scopes")),
            expires_in_seconds=written["expires_in"],
            **{name: written[name] for name in _AS_WISHED if name in written},
        )
        return cls(
            command=command,
            name=written["name"],
            project=written.get("project"),
            to=written["to"],
            every=written["every"],
            yes=written["yes"],
            output=Output.of(written),
            wishes=wishes,
        )

    def check(self) -> None:
        """Refuse what cannot be done, before anything is sent.

        Raises:
            CommandError: something is missing, or contradicts something else.
        """
        self.output.check(SUMMARY_NAMES if self.every else NAMES)
        wishes = self.wishes
        what = "a service account" if self.command == ACCOUNT else "a key"
        if self.every and self.name is not None:
            raise CommandError(f"Pass {what} or --all, not both.")
        if self.every and (wishes.journal or wishes.key):
            raise CommandError("--journal and --key are for one rotation: leave out --all.")
        if not self.every and self.name is None:
            raise CommandError(f"Name {what}, or pass --all.")
        if self.every and wishes.abandon:
            raise CommandError("--abandon is for one rotation: leave out --all, and name it.")
        if not self.every and self.name is not None and not self.name.strip():
            raise CommandError(f"Name {what}: its name is empty.")
        if not self.every and self.command == ACCOUNT and self.project is None:
            raise CommandError("Name the service account's project with --project.")
        if not self.yes and not wishes.plan and not is_terminal(sys.stdin):
            raise cannot_ask(f"rotate {self.command}")


def _listed(texts: Sequence[str] | None) -> tuple[str, ...] | None:
    if texts is None:
        return None
    return tuple(name.strip() for text in texts for name in text.split(",") if name.strip())
