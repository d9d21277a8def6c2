"""A table over buckets as they were fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from types import MappingProxyType
from typing import Any, TypeVar

from ..resources.usage.results import UsageBucket
from .asked import Asked, Silence
from .columns import Column, joined, same
from .endpoints import Endpoint
from .money import currency_code
from .packing import by_bucket, runs
from .table import COMPLETE, FIXED, UsageTable
from .told import Adaptation, MissingWindow, UnreadableUsage
from .totals import Coverage

T = TypeVar("T")

LABELS = {"project_id": "project_name", "user_id": "user_email"}
"""The field of rows that names what each id is of."""


class FetchedTable(UsageTable):
    """A table over the buckets as they were fetched; its columns are made when first asked for."""

    __slots__ = ("_made", "_parts")

    def __init__(
        self,
        parts: Sequence[tuple[Endpoint, list[UsageBucket[Any]]]],
        *,
        group_by: Sequence[str],
        missing: Sequence[MissingWindow] = (),
        notes: Sequence[str] = (),
        unreadable: Sequence[UnreadableUsage] = (),
        adapted: Sequence[Adaptation] = (),
        zone: tzinfo = UTC,
        settled_until: datetime | None = None,
        estimated: bool = False,
        asked: Asked | None = None,
        silent: Sequence[Silence] = (),
    ) -> None:
        self._parts = parts
        self._made: dict[str, Any] = {}
        metrics = list(dict.fromkeys(m for e, _ in parts for m in e.metrics))
        fixed = FIXED if settled_until is None else (*FIXED, COMPLETE)
        super().__init__(
            {},
            dimensions=[*fixed, *group_by],
            metrics=metrics,
            missing=missing,
            notes=notes,
            unreadable=unreadable,
            adapted=adapted,
            group_by=group_by,
            zone=zone,
            settled_until=settled_until,
            estimated=estimated,
            asked=asked,
            silent=silent,
        )

    @classmethod
    def joined(
        cls,
        tables: Sequence[FetchedTable],
        *,
        group_by: Sequence[str],
        zone: tzinfo,
        asked: Asked,
    ) -> FetchedTable:
        """One table of several, by days of a zone; `asked` is the range of all of them."""
        first = tables[0]
        return cls(
            [part for table in tables for part in table.parts],
            group_by=group_by,
            missing=[each for table in tables for each in table.missing],
            notes=[note for table in tables for note in table.notes],
            unreadable=[part for table in tables for part in table.unreadable],
            adapted=[each for table in tables for each in table.adapted],
            zone=zone,
            settled_until=first.settled_until,
            estimated=any(table.estimated for table in tables),
            asked=asked,
            silent=[each for table in tables for each in table.silent],
        )

    @property
    def parts(self) -> Sequence[tuple[Endpoint, list[UsageBucket[Any]]]]:
        """The endpoints, each with the buckets that came."""
        return self._parts

    def of_parts(
        self,
        parts: Sequence[tuple[Endpoint, list[UsageBucket[Any]]]],
        *,
        estimated: bool = False,
    ) -> FetchedTable:
        """A table of other buckets about the same usage."""
        return FetchedTable(
            parts,
            group_by=self.group_by,
            missing=self.missing,
            notes=self.notes,
            unreadable=self.unreadable,
            adapted=self.adapted,
            zone=self.zone,
            settled_until=self.settled_until,
            estimated=estimated,
            asked=self.asked,
            silent=self.silent,
        )

    @property
    def coverage(self) -> Sequence[Coverage]:
        """What came of each endpoint, with or without rows."""
        return self._once(self._covered)

    def _once(self, make: Callable[[], T]) -> T:
        """What is made from the buckets once, and only when asked for."""
        made: T | None = self._made.get(make.__name__)
        return self._made.setdefault(make.__name__, make()) if made is None else made

    def _covered(self) -> list[Coverage]:
        return [
            Coverage(
                e.name,
                e.metrics,
                (*e.groups, *e.derived),
                [(b.start_time, b.end_time) for b in buckets],
            )
            for e, buckets in self._parts
        ]

    def __len__(self) -> int:
        return sum(len(bucket.results) for _, buckets in self._parts for bucket in buckets)

    @property
    def columns(self) -> Mapping[str, Sequence[Any]]:
        """The columns by name, in order; `with_columns` makes a table that has more."""
        return MappingProxyType(self._once(self._filled))

    @property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """What the rows themselves called things, by the column of ids and the id."""
        return self._once(self._named)

    def _named(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {ids: {} for ids in LABELS}
        for endpoint, buckets in self._parts:
            fields = row_fields(endpoint, buckets) if endpoint.labels else {}
            for ids, label in LABELS.items():
                if label in fields and fields[label].sample() is not None:
                    pairs = zip(fields[ids], fields[label], strict=True)
                    found[ids] |= {id: name for id, name in pairs if id and name}
        return found

    def _filled(self) -> dict[str, Sequence[Any]]:
        parts = [self._filled_of(endpoint, buckets) for endpoint, buckets in self._parts]
        return {
            name: joined(part[name] for part in parts) for name in (*self.dimensions, *self.metrics)
        }

    def _filled_of(
        self, endpoint: Endpoint, buckets: Sequence[UsageBucket[Any]]
    ) -> dict[str, Column]:
        """The columns of an endpoint's rows."""
        count = sum(len(bucket.results) for bucket in buckets)
        fields = row_fields(endpoint, buckets)
        if "currency" in fields:
            fields["currency"] = fields["currency"].mapped(currency_code)
        nothing = same(None, count)
        columns = {name: fields.get(name, nothing) for name in (*self.group_by, *self.metrics)}
        columns["endpoint"] = same(endpoint.name, count)
        columns["start_time"] = by_bucket((b.start_time for b in buckets), buckets)
        columns["end_time"] = by_bucket((b.end_time for b in buckets), buckets)
        if self.settled_until is not None:
            columns[COMPLETE] = by_bucket(self._completeness(endpoint, buckets), buckets)
        return columns

    def _completeness(
        self, endpoint: Endpoint, buckets: Sequence[UsageBucket[Any]]
    ) -> Iterator[bool]:
        """Whether each bucket is settled, and all of it was read."""
        unread = [each.window for each in self.unreadable if each.endpoint == endpoint.name]
        for bucket in buckets:
            start, end = bucket.start_time.timestamp(), bucket.end_time.timestamp()
            is_whole = not any(w.start < end and start < w.end for w in unread)
            settled = self.settled_until
            yield settled is not None and bucket.end_time <= settled and is_whole


def row_fields(endpoint: Endpoint, buckets: Sequence[UsageBucket[Any]]) -> dict[str, Column]:
    """The fields of an endpoint's rows, each as a column."""
    found = runs(endpoint.row, buckets)
    names = found[0][0].columns if found else ()
    return {
        name: Column(
            segment
            for packed, start, stop in found
            for segment in packed.columns[name].cut(start, stop)
        )
        for name in names
    }
