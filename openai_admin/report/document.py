"""What a report says, before it is a page, Markdown or lines on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import attrs

from ..insights.findings import Tone

SIGNS: Mapping[Tone | None, str] = {"bad": "▲ ", "warn": "● ", "good": "✓ ", None: ""}
"""What precedes a figure, so that its tone is seen without colour."""

MEANINGS: Mapping[Tone, str] = {
    "bad": "needs attention now",
    "warn": "is worth a look",
    "good": "needs nothing",
}


def legend(signs: Mapping[Tone | None, str]) -> str:
    """What the signs of a form mean."""
    told = (f"{signs[tone].strip()} {meaning}" for tone, meaning in MEANINGS.items())
    return f"Signs: {', '.join(told)}."


@attrs.frozen
class Cell:
    """One field of a table.

    Attributes:
        text: what it says. It may come from the organization: escape it.
        id: the id that a name belongs to, to be shown beside it.
        tone: how it is to be taken.
        color: the number of the colour that its group has in the chart.
        part: the length of a bar, 0 to 1.
        series: values of a sparkline, in order of time; ``None`` where one is not known.
        exact: its value for programs, with all of its digits; ``None`` where the text is it.
        key: the id of the project or the model that it names.
    """

    text: str
    id: str | None = None
    tone: Tone | None = None
    color: int | None = None
    part: float | None = None
    series: tuple[float | None, ...] = ()
    exact: str | None = None
    key: str | None = None


@attrs.frozen
class Column:
    """A column of a table.

    Attributes:
        title: its heading.
        number: whether it is aligned to the right.
        minor: whether it may be left out where there is little room.
        unit: of its numbers, where the heading does not say: ``USD``, ``%``.
        field: its name in data.
        of: what its cells name, if that is what the page is filtered by.
    """

    title: str
    number: bool = False
    minor: bool = False
    unit: str = ""
    field: str = ""
    of: Literal["project", "model"] | None = None


@attrs.frozen(kw_only=True)
class Table:
    """Rows under headings.

    Attributes:
        caption: what it shows, for those who cannot see where it is.
        columns: its columns.
        rows: its rows, a cell for each column.
        rest: a row that stands for those that are not shown, where there are any.
        total: a last row that adds up, where there is one.
        folded: whether it is for looking things up, rather than for reading.
        small: whether it has room beside others.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]
    rest: tuple[Cell, ...] | None = None
    total: tuple[Cell, ...] | None = None
    folded: bool = False
    small: bool = False


@attrs.frozen(kw_only=True)
class Section:
    """One answer.

    Attributes:
        key: its name in links.
        title: its heading.
        text: sentences.
        chart: the name of its chart.
        tables: its tables.
        is_of_several: whether a table of it may be of one thing or another, which the title does
            not tell.
    """

    key: str
    title: str
    text: tuple[str, ...] = ()
    chart: str | None = None
    tables: tuple[Table, ...] = ()
    is_of_several: bool = False

    @property
    def has_captions(self) -> bool:
        """Whether the captions of its tables are shown: else the title says what they are."""
        return self.is_of_several or sum(not table.folded for table in self.tables) > 1


@attrs.frozen(kw_only=True)
class Part:
    """A question with its answers."""

    title: str
    sections: tuple[Section, ...]


@attrs.frozen(kw_only=True)
class Tile:
    """A figure at the top.

    Attributes:
        label: what it is.
        value: the figure.
        note: what it means.
        tone: how it is to be taken.
        target: the key of the section that says more.
    """

    label: str
    value: str
    note: str
    tone: Tone | None = None
    target: str


@attrs.frozen(kw_only=True)
class Document:
    """A whole report."""

    title: str
    subtitle: str
    tiles: tuple[Tile, ...]
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
