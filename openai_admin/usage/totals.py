"""Totals of a table: sums over the rows that agree in some columns, quiet days among them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from itertools import compress
from operator import gt
from typing import Any

import attrs

from .columns import MANY, Column, filled, mapped, present, same
from .days import days_between
from .kernels import ByHand, Codes, packed
from .money import BILLED_IN, currency_code
from .periods import PERIODS, Key, cut_periods
from .plan import Window
from .segments import Coded, Index
from .totalled import Coverage, Table


@attrs.frozen
class Sums:
    """The totals of a table.

    Attributes:
        columns: their columns.
        mixed: the currencies of amounts that could not be added up.
        parts: the periods that the table's range cuts, each with what it has of them.
    """

    columns: dict[str, Sequence[Any]]
    mixed: set[str]
    parts: Mapping[Key, str]


def kernels_for(rows: int) -> ByHand:
    """What so many rows are computed with."""
    if rows < MANY:
        return ByHand()
    try:
        from .arrow_kernels import ByArrow
    except ImportError:
        return ByHand()
    return ByArrow()


def total(table: Table, keys: Sequence[str], kernels: ByHand | None = None) -> Sums:
    """Sum up a table.

    Args:
        table: the table.
        keys: the columns and periods to keep apart, all of which it has.
        kernels: what computes; by default what suits the number of rows.
    """
    work = _Totals(table, keys, kernels or kernels_for(len(table)))
    work.sum()
    mixed = work.settle()
    work.fill()
    return Sums(work.columns, mixed, work.parts)


class _Totals:
    """One run: groups by number, each a combination of what is not a period with periods."""

    def __init__(self, table: Table, keys: Sequence[str], kernels: ByHand) -> None:
        self._table = table
        self._keys = keys
        self._kernels = kernels
        self._periods = [k for k in keys if k in PERIODS and k not in table.columns]
        self._days: dict[datetime, date] = {}
        self._silent = self._without((each.endpoint, each.window) for each in table.silent)
        self._covered = [self._span(each) for each in table.coverage]
        odd = table.unreadable
        rows_lost = [each for each in odd if each.part.field is None]
        lacking = [*table.missing, *rows_lost]
        self._lost = self._without((each.endpoint, each.window) for each in lacking)
        self._unread = self._without((each.endpoint, each.window) for each in odd)
        self._gaps = self._losses_within()
        self.parts = cut_periods(
            self._periods, table.asked, [c.buckets for c in table.coverage], table.zone
        )
        self._group()
        self._order()
        self.columns: dict[str, Sequence[Any]] = self._key_columns()

    # --- what belongs to which group ------------------------------------------------------------

    def _group(self) -> None:
        """Number the groups of rows: `_rests` and `_whens` have the parts of each."""
        start = self._table.columns.get("start_time", ())
        whens = [
            self._kernels.coded(mapped(start, partial(self._period, PERIODS[k])))
            for k in self._periods
        ]
        rests = [k for k in self._keys if k not in self._periods]
        self._codes = {k: self._kernels.coded(self._table.columns[k]) for k in rests}
        rows = len(self._table)
        rest = self._kernels.combined(list(self._codes.values()), rows)
        self._rest_codes = dict(zip(self._codes, rest.parts, strict=True))
        self._other_count = rest.count
        if not self._periods:
            self._group_of, self._group_count = rest.numbers, rest.count
            self._rests = array("I", range(rest.count))
            self._whens = self._kernels.repeated(0, rest.count)
            self._moments: list[Key] = [()]
            return
        when = self._kernels.combined(whens, rows)
        groups = self._kernels.combined(
            [Codes(rest.numbers, range(rest.count)), Codes(when.numbers, range(when.count))], rows
        )
        self._group_of, self._group_count = groups.numbers, groups.count
        self._rests, self._whens = groups.parts
        parts = zip(whens, when.parts, strict=True)
        values = [[codes.values[n] for n in part] for codes, part in parts]
        self._moments = list(zip(*values, strict=True))

    def _order(self) -> None:
        """Add the groups without rows, and put all in order of time.

        In `_places` are the numbers that groups had before; those added have the next after these.
        """
        added_rests, added_whens = self._quiet() if self._periods else ([], [])
        rests = self._rests + array("I", added_rests)
        whens = self._whens + array("I", added_whens)
        places = array("I", range(self._group_count))
        places.extend(self._kernels.repeated(self._group_count, len(added_rests)))
        self._is_ordered = not self._periods
        if self._periods:
            ranks = [0] * len(self._moments)
            by_time = sorted(range(len(self._moments)), key=self._moments.__getitem__)
            for rank, when in enumerate(by_time):
                ranks[when] = rank
            order = sorted(range(len(rests)), key=list(map(ranks.__getitem__, whens)).__getitem__)
            to = array("I", order)
            rests, whens, places = (self._kernels.picked(a, to) for a in (rests, whens, places))
        self._rests, self._whens, self._places = rests, whens, places

    def _key_columns(self) -> dict[str, Sequence[Any]]:
        columns: dict[str, Sequence[Any]] = {}
        for key in self._keys:
            if key in self._periods:
                values = [when[self._periods.index(key)] for when in self._moments]
                segment = Coded(self._whens, values)
            else:
                codes = self._kernels.picked(self._rest_codes[key], self._rests)
                segment = Coded(codes, self._codes[key].values)
            columns[key] = Column([segment])
        return columns

    def _period(self, of: Callable[[date], Any], moment: datetime) -> Any:
        day = self._days.get(moment)
        if day is None:
            day = self._days[moment] = moment.astimezone(self._table.zone).date()
        return of(day)

    def _span(self, coverage: Coverage) -> dict[Key, datetime]:
        """The periods of what came of an endpoint, each with the latest end of a bucket."""
        ends: dict[Key, datetime] = {}
        for start, end in coverage.buckets:
            when = tuple(self._period(PERIODS[k], start) for k in self._periods)
            ends[when] = max(end, ends.get(when, end))
        asked = self._table.asked
        if asked is not None:
            silent = dict.fromkeys(self._silent.get(coverage.endpoint, ()), asked.start)
            if asked.is_empty and not self._periods:
                silent[()] = asked.start
            ends = silent | ends
        return ends

    def _without(self, stretches: Iterable[tuple[str, Window]]) -> dict[str, set[Key]]:
        """The periods that an endpoint has such stretches in, by its name."""
        found: dict[str, set[Key]] = {}
        for endpoint, window in dict.fromkeys(stretches):
            days = days_between(window.start, window.end, self._table.zone)
            found.setdefault(endpoint, set()).update(self._when_of(day) for day in days)
        return found

    def _losses_within(self) -> dict[str, set[Key]]:
        """The periods that have a row though nothing of them came, by the endpoint.

        Those before the first day that the API answers for have none: there may be years of them.
        """
        early = [a.missing for a in self._table.adapted if a.missing is not None]
        late = (m for m in self._table.missing if m not in early)
        return self._without((m.endpoint, m.window) for m in late)

    def _when_of(self, day: date) -> Key:
        return tuple(PERIODS[k](day) for k in self._periods)

    def _groups_by_all(self, coverage: Coverage) -> bool:
        """Whether an endpoint's rows tell all the groups apart, so that none is one without use."""
        table = self._table
        asked = set(self._keys) & set(table.group_by)
        left_out = any(
            a.endpoint == coverage.endpoint and a.what == "grouping" for a in table.adapted
        )
        return asked <= set(coverage.groups) and not (asked and left_out)

    def _quiet(self) -> tuple[list[int], list[int]]:
        """Each combination that there is, in each period that came: those without rows."""
        numbers = Index()
        for moment in self._moments:
            numbers[moment]
        spans = [
            [numbers[when] for when in {**spans, **dict.fromkeys(self._gaps.get(c.endpoint, ()))}]
            for c, spans in zip(self._table.coverage, self._covered, strict=True)
        ]
        self._moments = numbers.values_seen
        many = max(1, len(self._moments))
        seen = {r * many + w for r, w in zip(self._rests, self._whens, strict=True)}
        endpoints = self._endpoints_of_rests()
        rests: list[int] = []
        whens: list[int] = []
        for coverage, periods in zip(self._table.coverage, spans, strict=True):
            if not self._groups_by_all(coverage):
                continue
            for rest in range(self._other_count):
                if endpoints[rest] in (None, coverage.endpoint):
                    first = rest * many
                    new = [when for when in periods if first + when not in seen]
                    seen.update([first + when for when in new])
                    whens += new
                    rests += [rest] * len(new)
        return rests, whens

    def _endpoints_of_rests(self) -> Sequence[str | None]:
        """The endpoint that each combination is of alone."""
        if "endpoint" not in self._codes:
            return [None] * self._other_count
        values = self._codes["endpoint"].values
        return [values[code] for code in self._rest_codes["endpoint"]]

    # --- their values ---------------------------------------------------------------------------

    def sum(self) -> None:
        """Add up each metric."""
        table = self._table
        units = {unit for number, unit, _ in _UNITS if self._has_units(number, unit)}
        metrics = {
            m: table.columns[m] for m in table.metrics if m not in self._keys and m not in units
        }
        self._sums = self._kernels.sums(metrics, self._group_of, self._group_count)

    def settle(self) -> set[str]:
        """Drop numbers whose units differ; return the currencies of amounts so dropped."""
        dropped = {number: self._settle(number, unit, read) for number, unit, read in _UNITS}
        for metric in self._table.metrics:
            if metric not in self._keys:
                sums = self._sums[metric]
                if not self._is_ordered:
                    sums = self._kernels.ordered(sums, self._places)
                self.columns[metric] = sums
        return {currency or "no stated currency" for currency in dropped["amount"]}

    def _has_units(self, number: str, unit: str) -> bool:
        table = self._table
        return number in table.metrics and number not in self._keys and unit in table.columns

    def _settle(self, number: str, unit: str, read: Callable[[Any], str | None]) -> set[str | None]:
        """Drop a number where its units differ, one not stated among them; return those units."""
        table = self._table
        if not self._has_units(number, unit):
            return set()
        sums = self._sums[number]
        codes = self._kernels.coded(mapped(table.columns[unit], read))
        values, nothing = codes.values, len(codes.values)
        several: dict[int, set[int]] = {}
        if nothing == 1:
            found = array("I", [known ^ 1 for known in present(sums)])
        else:
            is_known = present(table.columns[number])
            found, several = self._kernels.of_groups(
                self._group_of, self._group_count, codes, is_known
            )
        dropped = several.keys() | (self._uncounted() if number == "quantity" else set())
        if dropped:
            kept = list(sums)
            for group in dropped:
                kept[group], found[group] = None, nothing
            self._sums[number] = packed(kept)
        if unit in table.metrics and unit not in self._keys:
            self._sums[unit] = Column([Coded(found, [*values, None])])
        return {values[code] for several_codes in several.values() for code in several_codes}

    def _uncounted(self) -> set[int]:
        """The groups that have an amount without a quantity, whose other quantities say less."""
        columns = self._table.columns
        if "amount" not in columns:
            return set()
        counted = present(columns["quantity"])
        if 0 not in counted:
            return set()
        return set(compress(self._group_of, map(gt, present(columns["amount"]), counted)))

    def fill(self) -> None:
        """Write 0 where all that could count came and nothing was counted, and what is settled."""
        table = self._table
        when_of = Codes(self._whens, self._moments)
        endpoint_of = self._endpoints()
        counted = self._counted()
        kinds = self._kernels.combined([when_of, endpoint_of, counted], len(self._whens))
        whens, endpoints, counts = kinds.parts
        parts = [
            (self._moments[w], endpoint_of.values[e], counted.values[c])
            for w, e, c in zip(whens, endpoints, counts, strict=True)
        ]
        quiet = [self._zeros(*each) for each in parts]
        for metric in dict.fromkeys(m for metrics in quiet for m in metrics):
            zero = self._only_currency() if metric == "currency" else _ZEROS.get(metric, 0)
            if metric not in self._keys and zero is not None:
                is_quiet = bytes([metric in metrics for metrics in quiet])
                where = bytes(map(is_quiet.__getitem__, kinds.numbers))
                self.columns[metric] = filled(Column.of(self.columns[metric]), where, zero)
        if table.settled_until is not None and "complete" not in self._keys:
            values = [self._is_complete(when, endpoint) for when, endpoint, _ in parts]
            self.columns["complete"] = Column([Coded(kinds.numbers, values)])

    def _endpoints(self) -> Codes:
        """The endpoint that each group is of alone."""
        if "endpoint" not in self._codes:
            return Codes(self._kernels.repeated(0, len(self._rests)), [None])
        codes = self._kernels.picked(self._rest_codes["endpoint"], self._rests)
        return Codes(codes, self._codes["endpoint"].values)

    def _counted(self) -> Codes:
        """The endpoints that each group has rows of."""
        table, groups = self._table, len(self._places)
        endpoints = table.columns.get("endpoint", same(None, len(table)))
        codes = self._kernels.coded(endpoints)
        if len(codes.values) == 1 and self._is_ordered:
            return Codes(self._kernels.repeated(0, groups), [frozenset(codes.values)])
        found, several = self._kernels.of_groups(self._group_of, self._group_count, codes)
        found.append(len(codes.values))  # of groups without rows
        sets = Index()
        for value in codes.values:
            sets[frozenset([value])]
        sets[frozenset()]
        for group, those in several.items():
            found[group] = sets[frozenset(codes.values[code] for code in those)]
        return Codes(self._kernels.picked(found, self._places), sets.values_seen)

    def _zeros(self, when: Key, endpoint: str | None, counted: frozenset[str | None]) -> set[str]:
        """The metrics of which nothing was counted, of groups in a period with rows of endpoints.

        Args:
            when: the period.
            endpoint: the one that they are of alone.
            counted: those that have rows of them.
        """
        quiet: dict[str, bool] = {}
        for coverage, spans in zip(self._table.coverage, self._covered, strict=True):
            if endpoint not in (None, coverage.endpoint):
                continue
            nothing = (
                when in spans
                and when not in self._lost.get(coverage.endpoint, ())
                and not {coverage.endpoint, None} & counted
                and self._groups_by_all(coverage)
            )
            for metric in coverage.metrics:
                quiet[metric] = quiet.get(metric, True) and nothing
        return {metric for metric, nothing in quiet.items() if nothing}

    def _only_currency(self) -> str | None:
        """The currency of a zero: that of all amounts, and where there are none the API's."""
        columns = self._table.columns
        amounts = columns.get("amount", ())
        currencies = columns.get("currency", same(None, len(amounts)))
        found = set(map(currency_code, set(compress(currencies, present(amounts)))))
        if not found:
            return BILLED_IN
        found.discard(None)
        return found.pop() if len(found) == 1 else None

    def _is_complete(self, when: Key, endpoint: str | None) -> bool:
        """Whether all of a group's period came, was read, and may not be restated any more."""
        settled, asked = self._table.settled_until, self._table.asked
        if settled is None or when in self.parts or (asked is not None and asked.is_empty):
            return False
        return all(
            when not in self._lost.get(coverage.endpoint, ())
            and when not in self._unread.get(coverage.endpoint, ())
            and when not in self._silent.get(coverage.endpoint, ())
            and spans.get(when, settled) <= settled
            for coverage, spans in zip(self._table.coverage, self._covered, strict=True)
            if endpoint in (None, coverage.endpoint)
        )


_UNITS: Sequence[tuple[str, str, Callable[[Any], str | None]]] = (
    ("quantity", "quantity_unit", lambda unit: unit),
    ("amount", "currency", currency_code),
)
"""Numbers, each with what says its unit, and how that is read."""

_ZEROS: Mapping[str, Any] = {"amount": Decimal(0), "quantity": None, "quantity_unit": None}
"""What is not the number 0 where nothing was counted: of what unit, there is nothing that says."""
