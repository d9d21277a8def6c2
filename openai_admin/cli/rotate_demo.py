"""Rotations of the demo organization, whose keys work only within the command that makes them."""

from __future__ import annotations

import sys
from pathlib import Path

from .connect import Target
from .errors import CommandError


def check_demo(to: str, *, option: str = "--to") -> None:
    """Refuse a place that may hold a key that works, for one of the demo organization.

    Args:
        to: the place, as it was written.
        option: the option that it was written for.

    Raises:
        CommandError: it is not a file that is not there yet.
    """
    from ..workflows.sinks.forms import sink_of

    if to.startswith("file:"):
        path = Path(str(sink_of(to)).removeprefix("file:").rpartition("#")[0])
        if not path.exists():
            return
    raise CommandError(
        f"With --demo, {option} must name a file that is not there yet, since the demo's key would"
        f" replace one that works: name a new file{', or pass --plan' * (option == '--to')}."
    )


def note_demo(target: Target, *, is_plan: bool) -> None:
    """Say that the key that was written does not work."""
    if target.demo and not is_plan:
        print(
            "The demo organization ends with this command, so its keys do not work anywhere.",
            file=sys.stderr,
        )
