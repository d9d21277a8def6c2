"""``--compare``: totals beside those of the period before, or of the same dates a year earlier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any, NamedTuple

from ..insights.costs import CostChange, begun_within
from ..insights.defaults import QUIET_DAYS
from ..insights.findings.spending import no_change_stated
from ..insights.periods import Period
from ..usage.money import currency_code
from ..usage.table import COMPLETE, UsageTable
from ..usage.telling import told_adaptations, told_missing
from .ranking import Row

Key = tuple[Any, ...]

_NO_ZERO = ("currency", "quantity", "quantity_unit")
_WIDTHS = {"1h": timedelta(hours=1), "1m": timedelta(minutes=1)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Before(NamedTuple):
    """The period before a range.

    Attributes:
        start: where it begins.
        end: where it ends, which is where the range begins unless it is of the year before.
    """

    start: datetime
    end: datetime

    @classmethod
    def of(
        cls, start: datetime, end: datetime, *, width: str, zone: tzinfo, compare: str = "previous"
    ) -> Before:
        """The period before a range: as many whole days, hours or minutes as the range touches.

        Of whole months it is as many months.

        Args:
            start: where the range begins.
            end: where it ends.
            width: that of its buckets.
            zone: whose days are meant.
            compare: ``last-year`` for the same dates a year earlier.

        Raises:
            InvalidInputError: the range is longer than a year, and so has a part of the year
                before.
        """
        first = start.astimezone(zone).date()
        last = (end - timedelta(microseconds=1)).astimezone(zone).date()
        days = Period(first, last + timedelta(days=1))
        other = days.preceding() if compare == "previous" else days.same_of_year_before()
        if width in _WIDTHS:
            unit = _WIDTHS[width]
            begins = start - (start - _EPOCH) % unit
            length = -((begins - end) // unit * unit)
            if compare == "previous":
                return cls(begins - length, begins)
            begins -= datetime.combine(first, time(), zone) - datetime.combine(
                other.start, time(), zone
            )
            return cls(begins, begins + length)
        return cls(*(datetime.combine(each, time(), zone) for each in (other.start, other.end)))

    def __str__(self) -> str:
        if (self.start.time(), self.end.time()) == (time(), time()):
            return str(self.period)
        return f"{self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M}"

    @property
    def period(self) -> Period:
        """Its days."""
        return Period(self.start.date(), self.end.date())

    @property
    def fetched_from(self) -> datetime:
        """From when on to fetch: a quiet first day must not look like a time without any use."""
        return self.start - timedelta(days=QUIET_DAYS)


class Comparison:
    """Totals of a range beside those of the period before.

    Args:
        current: what was fetched for the range.
        earlier: what was fetched from `Before.fetched_from` on.
        before: the period before.
        keys: what totals are kept apart by.
        measure: what is compared.
    """

    def __init__(
        self,
        current: UsageTable,
        earlier: UsageTable,
        before: Before,
        *,
        keys: Sequence[str],
        measure: str,
    ) -> None:
        self._keys = keys
        self._measure = measure
        self._has_currency = "currency" in current.columns
        self._before = before
        starts = earlier.columns["start_time"]
        within = earlier.only([i for i, s in enumerate(starts) if before.start <= s < before.end])
        self._previous = self._sums(within)
        zone = current.zone
        self._lost = _lost(current, earlier, before)
        days = [_began(table, measure, zone) for table in (earlier, current)]
        began = min((day for day in days if day is not None), default=None)
        self._since = None if self._lost else begun_within(began, before.period)

    def _sums(self, table: UsageTable) -> dict[Key, Any]:
        by = [*self._keys, "currency"] if self._has_currency else list(self._keys)
        sums = table.totals(by=list(dict.fromkeys(by)))
        return {self._key(row): row[self._measure] for row in sums.rows()} if len(table) else {}

    def _key(self, row: Mapping[str, Any]) -> Key:
        return (
            *(row[k] for k in self._keys if k != "currency"),
            currency_code(row["currency"]) if self._has_currency else None,
        )

    def notes(self) -> list[str]:
        """What was compared with, and why no change is stated though both periods are known."""
        if self._lost:
            return []
        told = f"Compared with {self._before} ({self._before.start.tzinfo})."
        return [told, *no_change_stated(self._change(0, 0))]

    def lacks(self) -> list[str]:
        """Why it is not known how much more or less it was."""
        if not self._lost:
            return []
        reason = self._lost[0].rstrip(".")
        return [f"No change is stated, since not all of both periods is known: {reason}."]

    def added(self, totals: UsageTable) -> UsageTable:
        """Totals with the column `previous`, and a row for what there only was before."""
        rows = list(totals.rows())
        nothing = _nothing(self._measure)
        left = dict(self._previous)
        for row in rows:
            key = self._key(row)
            if self._lost:
                row["previous"] = None
                continue
            if key[-1] is None and not row[self._measure]:
                # What cost nothing has no currency of its own.
                key = next((k for k in left if k[:-1] == key[:-1]), key)
                row["currency"] = key[-1]
            row["previous"] = left.pop(key, nothing)
        if not self._lost:
            gone = self._gone(totals)
            rows += [
                gone | self._groups(key) | {"currency": key[-1], "previous": value}
                for key, value in left.items()
                if value
            ]
        names = [*totals.columns, "previous"]
        return totals._with(
            {name: [row.get(name) for row in rows] for name in names}, dimensions=totals.dimensions
        )

    def _gone(self, totals: UsageTable) -> Row:
        """The figures of what there only was before."""
        counted = [self._measure] if "endpoint" in self._keys else totals.metrics
        row: Row = {m: _nothing(m) for m in counted if m == self._measure or m not in _NO_ZERO}
        return row | {COMPLETE: next(iter(totals.columns.get(COMPLETE, [])), None)}

    def _groups(self, key: Key) -> Row:
        return dict(zip([k for k in self._keys if k != "currency"], key, strict=False))

    def changed(self, row: Row) -> Row:
        """A row with its change."""
        if self._lost or row.get("previous") is None or row.get(self._measure) is None:
            return row | {"change": None, "change_percent": None}
        change = self._change(row[self._measure], row["previous"])
        relative = change.relative
        difference = row[self._measure] - row["previous"] if change.change is not None else None
        percent = None if relative is None else round(relative * 100, 2)
        return row | {"change": difference, "change_percent": percent}

    def _change(self, now: Any, before: Any) -> CostChange:
        return CostChange(
            group=(),
            cost=Decimal(now),
            previous=Decimal(before),
            share=None,
            nothing_before=self._since,
        )


def _nothing(metric: str) -> Any:
    return Decimal(0) if metric in ("amount", "quantity") else 0


def _lost(current: UsageTable, earlier: UsageTable, before: Before) -> list[str]:
    """What of the two periods is not known, each as a sentence."""
    gaps = [
        *current.missing,
        *(m for m in earlier.missing if m.window.end > before.start.timestamp()),
    ]
    fields = [a for a in (*current.adapted, *earlier.adapted) if a.what == "grouping"]
    return [*told_missing(gaps), *told_adaptations(fields)]


def _began(table: UsageTable, measure: str, zone: tzinfo) -> date | None:
    """The first day of which a measure is not zero."""
    starts = zip(table.columns["start_time"], table.columns[measure], strict=True)
    first = min((start for start, value in starts if value), default=None)
    return None if first is None else first.astimezone(zone).date()
