"""What a source of an export is: its columns, and the steps of the work that fetch it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import attrs

from ..directory.not_known import NotKnown
from ..usage.told import Adaptation
from .schema import Kinds

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin


@attrs.frozen
class Day:
    """A day's rows, as columns.

    Attributes:
        day: the day.
        columns: their values by name.
        rows: how many there are.
        is_whole: false where something of usage could not be read, or the API refused a part of a
            listing: a later run asks for the day again.
        left_out: the fields that it is not grouped by, since the API refused them.
    """

    day: date
    columns: Mapping[str, Sequence[Any]]
    rows: int
    is_whole: bool = True
    left_out: frozenset[str] = frozenset()


@attrs.frozen
class Fetched:
    """What a step of the work brought.

    Attributes:
        days: whole days.
        pages: how many pages it took.
        ahead: how many further steps are known now.
        missing: what did not come, in words; the days that it is of are not among `days`.
        quiet: days without a bucket that may have been quiet; they are not among `days`.
        adapted: how a query was changed, as far as that was not told with another step.
        notes: what was left out of the answers or joined, in words.
        refused: the parts that the API did not give, each of one project.
        projects: the names of these projects by id.
    """

    days: Sequence[Day]
    pages: int
    ahead: int = 0
    missing: Sequence[str] = ()
    quiet: Sequence[date] = ()
    adapted: Sequence[Adaptation] = ()
    notes: Sequence[str] = ()
    refused: Sequence[NotKnown] = ()
    projects: Mapping[str, str] = attrs.field(factory=dict)


Step = Callable[["AsyncOpenAIAdmin"], AsyncGenerator[Fetched, None]]
"""A part of the work: one step, or as many more as it says are ahead."""


@attrs.frozen
class Wanted:
    """What a run wants of a source.

    Attributes:
        days: the days to fetch.
        bucket_width: the width of usage's buckets.
        now: the present.
        coarse: days that need not be fetched, each with the fields that it is not grouped by, since
            the API refused them; they are fetched again if it gives them by now.
        held: all days that the dataset has as a whole.
        project_ids: the projects that the dataset is of; empty for all.
    """

    days: Sequence[date]
    bucket_width: str
    now: datetime
    coarse: Mapping[date, frozenset[str]]
    held: AbstractSet[date]
    project_ids: Sequence[str] = ()


@attrs.frozen
class Source:
    """Something to export.

    Attributes:
        name: its name, as folders have it.
        columns: the columns that it always has.
        snapshot: whether it is a listing of today, rather than something that happened on days.
        steps: returns the work for some days, and for others which the dataset has, but without
            some fields.
        by_project: whether it can be had of some projects alone.
    """

    name: str
    columns: Kinds
    snapshot: bool
    steps: Callable[[Wanted], Sequence[Step]]
    by_project: bool = True


def runs(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Days in order as stretches without a gap, each with its first and last day."""
    first = last = None
    for day in days:
        if last is not None and first is not None and day != last + timedelta(days=1):
            yield first, last
            first = None
        first = first or day
        last = day
    if first is not None and last is not None:
        yield first, last


def midnight(day: date) -> datetime:
    """The beginning of a day, UTC."""
    return datetime.combine(day, time(), UTC)


def seconds_of(day: date) -> int:
    """The beginning of a day in Unix seconds."""
    return int(midnight(day).timestamp())
