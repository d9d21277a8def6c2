"""Where a command is killed."""

from __future__ import annotations

from typing import Literal

import attrs

Place = Literal["request", "write", "command", "store"]
"""A request to the API; a call that writes a file; the command that is given the secret; a request
to the store of secrets."""
When = Literal["before", "after", "torn", "read", "before, both", "read, both", "after, both"]
"""Before it has an effect; after its effect, before the process learns of it; `torn`: a write that
was half done. A command that is given the secret may also have `read` it, and not stored it yet,
and may be killed as well (`both`)."""

WHENS: dict[Place, tuple[When, ...]] = {
    "request": ("before", "after"),
    "write": ("before", "torn", "after"),
    "command": ("before", "read", "after", "before, both", "read, both", "after, both"),
    "store": ("before", "after"),
}


@attrs.frozen
class Point:
    """A moment of a run at which its process is killed.

    Attributes:
        place: at what.
        number: the how-manieth of the run, from 1.
        when: before it, after it, or in its midst.
    """

    place: Place
    number: int
    when: When

    def __str__(self) -> str:
        return f"{self.place} {self.number} ({self.when})"
