"""Where everything of a dataset lies: read by what writes the files and by what describes them.

What happened on days is a fact, and has one file for each month. It is replaced as a whole when a
day is added, so that readers find each day exactly once, whatever befalls the run: days in files of
their own, to be joined into a month's later, would for a moment be there twice, or not at all. What
is listed as it is on a day is a dimension, and has one file for each day that it was listed on (a
snapshot) and a copy of the newest.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import attrs

PART = "part-0.parquet"
LATEST = "latest.parquet"

KEYS = frozenset({"date", "month", "snapshot"})
"""Columns that the layout brings; a field of that name gets an underscore."""


@attrs.frozen
class Layout:
    """Where one kind of table lies.

    Attributes:
        folder: the folder of all tables of the kind, in the dataset's.
        key: what a folder with a file in it is named after, as ``month`` in ``month=2026-11``.
        column: the column of days, which facts have in their files and dimensions in the newest.
        digits: how much of a day, as ``2026-11-24``, is in a folder's name.
    """

    folder: str
    key: str
    column: str
    digits: int

    def files(self, name: str) -> str:
        """The files of a table, as a pattern of paths from the dataset's folder."""
        return f"{self.folder}/{name}/*/*.parquet"

    def part(self, name: str, key: str) -> str:
        """A file of a table, as a path from the dataset's folder."""
        return f"{self.folder}/{name}/{self.key}={key}/{PART}"

    def latest(self, name: str) -> str:
        """The copy of a dimension's newest snapshot, as a path from the dataset's folder."""
        return f"{self.folder}/{name}/{LATEST}"

    def key_of(self, day: date) -> str:
        """What the folder of a day is named after."""
        return str(day)[: self.digits]

    def key_named(self, folder: str) -> str | None:
        """What a folder is named after, if it is named as an export names it."""
        key, _, text = folder.partition("=")
        try:
            day = date.fromisoformat(f"{text}-01" if len(text) == len("2026-11") else text)
        except ValueError:
            return None
        return text if key == self.key and self.key_of(day) == text else None


FACTS = Layout("facts", "month", "date", len("2026-11"))
DIMENSIONS = Layout("dimensions", "snapshot", "snapshot", len("2026-11-24"))


def layout_of(*, snapshot: bool) -> Layout:
    """Where a source's table lies."""
    return DIMENSIONS if snapshot else FACTS


def strangers(root: Path, facts: set[str], dimensions: set[str]) -> list[str]:
    """What in a dataset's folder looks like a part of it but is none, in words.

    Args:
        root: the dataset's folder.
        facts: the names of the facts that there may be.
        dimensions: those of the dimensions.
    """
    found = [stranger(folder) for folder in sorted(root.glob("*=*"))]
    for layout, names in ((FACTS, facts), (DIMENSIONS, dimensions)):
        found += [
            stranger(folder)
            for folder in sorted((root / layout.folder).glob("[!._]*"))
            if folder.name not in names
        ]
    return found


def stranger(path: Path) -> str:
    """That something is not a part of a dataset."""
    return (
        f"{path} is not a part of this dataset and was left alone; what reads the dataset may take"
        " it for one."
    )
