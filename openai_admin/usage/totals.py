"""Totals of a table: sums over the rows that agree in some columns, quiet days among them."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import partial
from itertools import compress
from typing import Any, Protocol

import attrs

from .._declare.arguments import one_of
from .._wire.models import Unreadable
from .._wire.portable import Portable
from .asked import Asked, Silence
from .columns import Column, mapped, present, same
from .days import days_between
from .money import BILLED_IN, currency_code
from .periods import PERIODS, Key, cut_periods
from .plan import Window
from .segments import Index, Same
from .sums import sums


@attrs.frozen
class Coverage(Portable):
    """What came of an endpoint, with or without rows.

    Attributes:
        endpoint: whose.
        metrics: what it counts.
        groups: the fields that it can be grouped by.
        buckets: the beginning and the end of each bucket that came.
    """

    endpoint: str
    metrics: Sequence[str]
    groups: Sequence[str]
    buckets: Sequence[tuple[datetime, datetime]]


class _Gap(Protocol):
    @property
    def endpoint(self) -> str: ...

    @property
    def window(self) -> Window: ...


class _Unreadable(_Gap, Protocol):
    @property
    def part(self) -> Unreadable: ...


class _Change(Protocol):
    @property
    def endpoint(self) -> str: ...

    @property
    def what(self) -> str: ...

    @property
    def missing(self) -> _Gap | None: ...


class Table(Protocol):
    """What is totalled: a `UsageTable`."""

    @property
    def columns(self) -> dict[str, Sequence[Any]]: ...

    @property
    def metrics(self) -> Sequence[str]: ...

    @property
    def group_by(self) -> Sequence[str]: ...

    @property
    def coverage(self) -> Sequence[Coverage]: ...

    @property
    def missing(self) -> Sequence[_Gap]: ...

    @property
    def unreadable(self) -> Sequence[_Unreadable]: ...

    @property
    def adapted(self) -> Sequence[_Change]: ...

    @property
    def zone(self) -> tzinfo: ...

    @property
    def settled_until(self) -> datetime | None: ...

    @property
    def asked(self) -> Asked | None: ...

    @property
    def silent(self) -> Sequence[Silence]: ...

    def __len__(self) -> int: ...


@attrs.frozen
class Sums:
    """The totals of a table.

    Attributes:
        columns: their columns.
        mixed: the currencies of amounts that could not be added up.
        parts: the periods that the table's range cuts, each with what it has of them.
    """

    columns: dict[str, list[Any]]
    mixed: set[str]
    parts: Mapping[Key, str]


def total(table: Table, keys: Sequence[str]) -> Sums:
    """Sum up a table.

    Args:
        table: the table.
        keys: the columns and periods to keep apart, all of which it has.
    """
    work = _Totals(table, keys)
    work.sum()
    mixed = work.settle()
    work.fill()
    return Sums(work.columns, mixed, work.parts)


class _Totals:
    """One run: a group for each combination of keys, a list of values for each column."""

    def __init__(self, table: Table, keys: Sequence[str]) -> None:
        self._table = table
        self._keys = keys
        self._periods = [k for k in keys if k in PERIODS and k not in table.columns]
        self._days: dict[datetime, date] = {}
        columns = [
            mapped(table.columns["start_time"], partial(self._period, PERIODS[k]))
            if k in self._periods
            else table.columns[k]
            for k in keys
        ]
        seen = Index()
        if keys:
            self._group_of = array("I", map(seen.__getitem__, zip(*columns, strict=True)))
        else:
            self._group_of = array("I", [seen[()]]) * len(table)
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
        groups = dict.fromkeys(seen.values_seen)
        groups |= dict.fromkeys(self._quiet(groups))
        self._groups = sorted(groups, key=self._when) if self._periods else list(groups)
        if self._periods:
            numbers = {key: n for n, key in enumerate(self._groups)}
            places = [numbers[key] for key in seen.values_seen]
            self._group_of = array("I", map(places.__getitem__, self._group_of))
        self.columns: dict[str, list[Any]] = {
            k: [key[i] for key in self._groups] for i, k in enumerate(keys)
        }

    # --- what belongs to which group ------------------------------------------------------------

    def _period(self, of: Callable[[date], Any], moment: datetime) -> Any:
        day = self._days.get(moment)
        if day is None:
            day = self._days[moment] = moment.astimezone(self._table.zone).date()
        return of(day)

    def _when(self, key: Key) -> Key:
        """The periods of a group, by which groups are sorted."""
        return tuple(v for k, v in zip(self._keys, key, strict=True) if k in self._periods)

    def _other(self, key: Key) -> Key:
        return tuple(v for k, v in zip(self._keys, key, strict=True) if k not in self._periods)

    def _endpoint(self, key: Key) -> str | None:
        """The endpoint that a group is of alone."""
        return key[self._keys.index("endpoint")] if "endpoint" in self._keys else None

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

    def _quiet(self, seen: Mapping[Key, None]) -> list[Key]:
        """Each combination that there is, in each period that came: also those without rows."""
        if not self._periods:
            return []
        others = dict.fromkeys(map(self._other, seen)) or (
            {(): None} if len(self._periods) == len(self._keys) else {}
        )
        found: list[Key] = []
        for coverage, spans in zip(self._table.coverage, self._covered, strict=True):
            if self._groups_by_all(coverage):
                periods = spans.keys() | self._gaps.get(coverage.endpoint, set())
                keys = (self._key(other, when) for other in others for when in periods)
                found += [k for k in keys if self._endpoint(k) in (None, coverage.endpoint)]
        return found

    def _key(self, other: Key, when: Key) -> Key:
        rest, periods = iter(other), iter(when)
        return tuple(next(periods if k in self._periods else rest) for k in self._keys)

    # --- their values ---------------------------------------------------------------------------

    def sum(self) -> None:
        """Add up each metric."""
        table = self._table
        metrics = {m: table.columns[m] for m in table.metrics if m not in self._keys}
        self.columns |= sums(metrics, self._group_of, len(self._groups))

    def settle(self) -> set[str]:
        """Drop numbers whose units differ; return the currencies of amounts so dropped."""
        self._settle("quantity", "quantity_unit", lambda unit: unit)
        several = self._settle("amount", "currency", currency_code)
        return {c or "no stated currency" for currencies in several for c in currencies}

    def _settle(self, number: str, unit: str, read: Callable[[Any], str | None]) -> list[set[Any]]:
        """Drop a number where its units differ, one not stated among them; return those units."""
        table, columns = self._table, self.columns
        if number not in table.metrics or number in self._keys or unit not in table.columns:
            return []
        found: list[set[str | None]] = [set() for _ in self._groups]
        pairs = zip(self._group_of, table.columns[unit], strict=True)
        for group, name in set(compress(pairs, present(table.columns[number]))):
            found[group].add(read(name))
        partial = self._uncounted() if number == "quantity" else set()
        for group, units in enumerate(found):
            one = len(units) == 1 and group not in partial
            if not one:
                columns[number][group] = None
            if unit in table.metrics and unit not in self._keys:
                columns[unit][group] = next(iter(units)) if one else None
        return [units for units in found if len(units) > 1]

    def _uncounted(self) -> set[int]:
        """The groups that have an amount without a quantity, whose other quantities say less."""
        columns = self._table.columns
        if "amount" not in columns:
            return set()
        rows = zip(self._group_of, map(bool, present(columns["quantity"])), strict=True)
        billed = set(compress(rows, present(columns["amount"])))
        return {group for group, is_counted in billed if not is_counted}

    def fill(self) -> None:
        """Write 0 where all that could count came and nothing was counted, and what is settled."""
        table = self._table
        counted = self._counted()
        currency = self._only_currency()
        for group, key in enumerate(self._groups):
            when, endpoint = self._when(key), self._endpoint(key)
            quiet: dict[str, bool] = {}
            for coverage, spans in zip(table.coverage, self._covered, strict=True):
                if endpoint not in (None, coverage.endpoint):
                    continue
                nothing = (
                    when in spans
                    and when not in self._lost.get(coverage.endpoint, ())
                    and not {(group, coverage.endpoint), (group, None)} & counted
                    and self._groups_by_all(coverage)
                )
                for metric in coverage.metrics:
                    quiet[metric] = quiet.get(metric, True) and nothing
            for metric, nothing in quiet.items():
                if nothing and metric not in self._keys and self.columns[metric][group] is None:
                    self._write_zero(metric, group, currency)
        if table.settled_until is not None and "complete" not in self._keys:
            self.columns["complete"] = list(map(self._is_complete, self._groups))

    def _counted(self) -> set[tuple[int, str | None]]:
        """The groups that have rows, each with the endpoint of some."""
        endpoints = self._table.columns.get("endpoint", same(None, len(self._table)))
        found: set[tuple[int, str | None]] = set()
        at = 0
        for segment in Column.of(endpoints).segments:
            groups = self._group_of[at : at + len(segment)]
            if isinstance(segment, Same):
                found |= {(group, segment.value) for group in set(groups)}
            else:
                found.update(zip(groups, segment, strict=True))
            at += len(segment)
        return found

    def _write_zero(self, metric: str, group: int, currency: str | None) -> None:
        if metric == "amount":
            self.columns[metric][group] = Decimal(0)
        elif metric == "currency":
            self.columns[metric][group] = currency
        elif metric not in ("quantity", "quantity_unit"):  # of what, there is nothing that says
            self.columns[metric][group] = 0

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

    def _is_complete(self, key: Key) -> bool:
        """Whether all of a group's period came, was read, and may not be restated any more."""
        when, endpoint = self._when(key), self._endpoint(key)
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


def shared_names_note(table: Table, keys: Sequence[str]) -> str | None:
    """The sentence about names of totals that several things have, which are added up then."""
    shared: set[str] = set()
    for key in keys:
        ids = f"{key.removesuffix('_name')}_id"
        if key.endswith("_name") and ids in table.columns and ids not in keys:
            pairs = set(zip(table.columns[key], table.columns[ids], strict=True))
            names = Counter(name for name, _ in pairs if name is not None)
            shared |= {name for name, count in names.items() if count > 1}
    if not shared:
        return None
    return f"Several are called {one_of(sorted(shared))}, and are added up: total by their ids."


def mixed_note(currencies: set[str]) -> str:
    """The sentence about amounts that were not added up."""
    names = one_of(sorted(currencies))
    return f"Amounts in {names} were not added up: total by 'currency'."
