"""What of the API's answers could not be read, told at the end of a command."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from .terminal import printable

if TYPE_CHECKING:
    from .._wire.models import Unreadable
    from ..events import Event, ItemUnreadable, Listener

_NAMED = 5  # parts that are told one by one; a listing may have thousands


class Unread:
    """The parts of answers that a command could not read: how many, and the first of them."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._items = 0
        self._fields = 0

    def __bool__(self) -> bool:
        return bool(self._items or self._fields)

    def note(self, part: ItemUnreadable) -> None:
        """Note a part that could not be read."""
        if part.field is None:
            self._items += 1
        else:
            self._fields += 1
        self._name(part.operation, part)

    def note_fields(self, operation: str, parts: Sequence[Unreadable]) -> None:
        """Note fields that could not be read of an operation's answer."""
        self._fields += len(parts)
        for part in parts[:_NAMED]:
            self._name(operation, part)

    def _name(self, operation: str, part: ItemUnreadable | Unreadable) -> None:
        if len(self._first) < _NAMED:
            which = f" (id {part.id})" if part.id is not None else ""
            self._first.append(f"{operation}: {part.place}{which}: {part.reason}")

    def tell(self) -> None:
        """Write on standard error what could not be read, if there was anything."""
        if not self:
            return
        from ..directory.wording import unread  # help must not wait for what this imports

        lines = [f"{unread(self._items, self._fields)}:", *self._first]
        rest = self._items + self._fields - len(self._first)
        if rest:
            lines.append(f"and {rest:,} more")
        print("\n  ".join(map(printable, lines)), file=sys.stderr)


_of_this_run: ContextVar[Unread | None] = ContextVar("unread", default=None)


@contextmanager
def noting() -> Iterator[Unread]:
    """Note what the clients of one run of the command line could not read."""
    found = Unread()
    token = _of_this_run.set(found)
    try:
        yield found
    finally:
        _of_this_run.reset(token)


@contextmanager
def told_elsewhere() -> Iterator[None]:
    """Let a command tell by itself what its client could not read."""
    token = _of_this_run.set(None)
    try:
        yield
    finally:
        _of_this_run.reset(token)


def note_fields(operation: str, parts: Sequence[Unreadable]) -> None:
    """Note fields of an answer that this run shows, and that could not be read."""
    found = _of_this_run.get()
    if found is not None:
        found.note_fields(operation, parts)


def noted(listener: Listener | None) -> Listener | None:
    """A listener that also notes what could not be read, for the run that it is made in."""
    from ..events import ItemUnreadable

    found = _of_this_run.get()
    if found is None:
        return listener

    def note(event: Event) -> None:
        if isinstance(event, ItemUnreadable):
            found.note(event)
        if listener is not None:
            listener(event)

    return note
