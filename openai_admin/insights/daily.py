"""Costs by day and group: the form in which every question about money is answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice, repeat
from typing import Any, Literal

import attrs

from .._declare.arguments import one_of, suggest
from .._wire.portable import Portable
from ..errors import InvalidInputError
from ..usage.columns import SLICE
from ..usage.line_items import DERIVED, LineItem
from ..usage.money import BILLED_IN, add_up, currency_code, plus
from ..usage.plan import Window
from ..usage.table import UsageTable
from .periods import Period

Grouping = Literal[
    "project", "model", "kind", "tier", "context", "line_item", "key", "user", "source", "team"
]
"""What costs can be grouped by; model, kind, tier and context are read from line items.

A line that has no model, such as ``vector storage``, stands for itself; see `DERIVED`. A team is
what an allocation says, whose columns the table must have.
"""

GroupKey = tuple[str | None, ...]
"""The values of a group, in the order of its groupings; ``None`` where the API gave none."""

COLUMNS: Mapping[str, str] = {
    "project": "project_id",
    **dict.fromkeys(DERIVED, "line_item"),
    "line_item": "line_item",
    "key": "api_key_id",
    "user": "user_id",
    "source": "api_source",
    "team": "team",
}
"""The column of a table of costs that has each grouping."""

_ZERO = Decimal(0)


@attrs.frozen(kw_only=True)
class DailyCosts(Portable):
    """What each group cost on each day.

    Attributes:
        by: what was grouped by.
        currency: of every amount, in lower case; ``None`` where none is stated.
        groups: for each group, the days that it cost something on, with how much.
        gaps: the days whose costs are not known, or not all of them: they could not be fetched (see
            `UsageTable.missing`), or some could not be read (see `lost_windows`).
        without_currency: what amounts without a currency add up to, which are in no group; zero
            where no amount has one.
    """

    by: tuple[Grouping, ...]
    currency: str | None
    groups: Mapping[GroupKey, Mapping[date, Decimal]]
    gaps: frozenset[date] = frozenset()
    without_currency: Decimal = _ZERO

    def cost(self, group: GroupKey, period: Period) -> Decimal:
        """What a group cost in a period, on the days that are known."""
        costs = self.groups.get(group, {})
        return add_up(amount for day, amount in costs.items() if day in period)

    def series(self, group: GroupKey, period: Period) -> list[Decimal | None]:
        """What a group cost on each day of a period: zero where nothing was billed, ``None`` where
        that is not known.
        """
        costs = self.groups.get(group, {})
        return [None if day in self.gaps else costs.get(day, _ZERO) for day in days_of(period)]

    def missing(self, period: Period) -> int:
        """How many days of a period are not known, or not wholly."""
        return sum(day in period for day in self.gaps)

    def regrouped(self, by: Grouping | Sequence[Grouping] = ()) -> DailyCosts:
        """The same costs by fewer groupings, without another look at the table.

        Args:
            by: some of those that there are.

        Raises:
            InvalidInputError: there is another.
        """
        chosen = groupings(by)
        parts = [self._values(name) for name in chosen]
        keys = zip(*parts, strict=True) if parts else ((),) * len(self.groups)
        return attrs.evolve(self._merged(keys), by=chosen)

    def renamed(self, rename: Callable[[GroupKey], GroupKey | None]) -> DailyCosts:
        """The same costs under other groups; those that come under the same one are added up.

        Args:
            rename: the group that one comes under; ``None`` leaves its costs out.
        """
        return self._merged(map(rename, self.groups))

    def _merged(self, keys: Iterable[GroupKey | None]) -> DailyCosts:
        sums: dict[GroupKey, dict[date, Decimal]] = {}
        for key, costs in zip(keys, self.groups.values(), strict=True):
            if key is None:
                continue
            into = sums.get(key)
            if into is None:
                sums[key] = dict(costs)
                continue
            for day, amount in costs.items():
                before = into.get(day)
                into[day] = amount if before is None else plus(before, amount)
        return attrs.evolve(self, groups=sums)

    def total(self) -> DailyCosts:
        """The same costs, ungrouped."""
        return self.regrouped()

    def _values(self, name: Grouping) -> list[str | None]:
        """The value of a grouping in each group."""
        if name not in self.by:
            raise InvalidInputError(
                f"Costs by {', '.join(self.by) or 'nothing'} cannot be grouped by {name!r}."
            )
        place = self.by.index(name)
        return [group[place] for group in self.groups]

    def began(self) -> date | None:
        """The first day that cost something, or was credited; ``None`` where none did."""
        costs = self.groups.values()
        return min((day for each in costs for day, amount in each.items() if amount), default=None)

    def span(self) -> Period | None:
        """From the first to the last day with costs; ``None`` where there are none."""
        days = {day for costs in self.groups.values() for day in costs}
        return Period(min(days), max(days) + timedelta(days=1)) if days else None


def days_of(period: Period) -> Iterator[date]:
    """The days of a period, in order."""
    return (period.start + timedelta(days=i) for i in range(period.days))


def groupings(by: Grouping | Sequence[Grouping]) -> tuple[Grouping, ...]:
    """Groupings as a tuple.

    Raises:
        InvalidInputError: one is unknown.
    """
    chosen: tuple[Any, ...] = (by,) if isinstance(by, str) else tuple(by)
    for name in chosen:
        if name not in COLUMNS:
            raise InvalidInputError(
                f"Costs cannot be grouped by {name!r}; there are {one_of(list(COLUMNS))}"
                f"{suggest(name, list(COLUMNS))}"
            )
    return chosen


def stated(table: UsageTable) -> Counter[str | None]:
    """The currencies of a table's amounts as they are stated, with how many rows have each."""
    found: Counter[str | None] = Counter()
    left = iter(table.columns.get("currency", ()))
    while some := Counter(islice(left, SLICE)):  # in pieces, between which other threads run
        found.update(some)
    return found


def currencies(table: UsageTable) -> list[str]:
    """The currencies of a table's amounts, in lower case, that of the most rows first."""
    counts: dict[str, int] = {}
    for unit, number in stated(table).items():
        if unit is not None:
            counts[unit.lower()] = counts.get(unit.lower(), 0) + number
    return sorted(counts, key=lambda c: (-counts[c], c))


def chosen_currency(table: UsageTable, currency: str | None) -> str | None:
    """The currency to add up a table's amounts in; ``None`` where they state none.

    Where there is no amount, it is the one that the API bills in.

    Raises:
        InvalidInputError: there are several, and none was chosen.
    """
    if currency:
        return currency_code(currency)
    known = currencies(table)
    if len(known) > 1:
        raise InvalidInputError(
            f"The costs are in {one_of(known)}, which cannot be added up; choose a currency."
        )
    nothing = None if len(table) else BILLED_IN
    return known[0] if known else nothing


def without_currency(table: UsageTable, period: Period | None = None) -> Decimal:
    """What a table's amounts without a currency add up to, where others have one."""
    columns = table.columns
    if None not in stated(table) or not currencies(table):
        return _ZERO
    rows = zip(columns["start_time"], columns["amount"], columns["currency"], strict=True)
    return add_up(
        amount
        for start, amount, currency in rows
        if currency is None and amount is not None and (period is None or start.date() in period)
    )


def daily_costs(
    table: UsageTable,
    by: Grouping | Sequence[Grouping] = (),
    *,
    currency: str | None = None,
) -> DailyCosts:
    """Add up the costs of a table by day and group, exactly.

    Rows without an amount, those of the usage endpoints, are passed over.

    Args:
        table: of daily costs, fetched with the groupings asked for here, or more.
        by: what to group by; nothing results in the one group ``()``.
        currency: the currency to use, where the table has several. Amounts without one are then
            in no group, and added up in `DailyCosts.without_currency`.

    Raises:
        InvalidInputError: the table was not grouped that way, or has several currencies and
            none was chosen.
    """
    return daily_costs_by(table, [groupings(by)], currency=currency)[0]


def daily_costs_by(
    table: UsageTable, every: Sequence[Sequence[Grouping]], *, currency: str | None = None
) -> list[DailyCosts]:
    """The same for several groupings, in one pass over the table.

    Args:
        table: of daily costs, fetched with all that is asked for here, or more.
        every: what to group by, for each of the results.
        currency: the currency to use, where the table has several.

    Raises:
        InvalidInputError: as of `daily_costs`.
    """
    if "amount" not in table.columns or "start_time" not in table.columns:
        raise InvalidInputError("The table has no costs; collect the endpoint 'costs'.")
    for name in (name for by in every for name in by):
        if COLUMNS[name] not in table.columns:
            raise InvalidInputError(
                f"To group costs by {name}, collect them with group_by {COLUMNS[name]!r}."
            )
    currency = chosen_currency(table, currency)
    gaps, unstated = _gaps(table), without_currency(table)
    return [
        DailyCosts(
            by=tuple(by),
            currency=currency,
            groups=groups,
            gaps=gaps,
            without_currency=unstated,
        )
        for by, groups in zip(every, _grouped(table, every, currency), strict=True)
    ]


def beside(daily: DailyCosts, table: UsageTable, *, lost: Iterable[date] = ()) -> DailyCosts:
    """Daily costs together with those of other days, which another table has.

    Args:
        daily: the costs.
        table: of other days, fetched with the same groupings, or more.
        lost: the days of which nothing is known, whatever the table has.
    """
    other = daily_costs(table, daily.by, currency=daily.currency)
    return attrs.evolve(
        daily,
        groups={
            group: {**other.groups.get(group, {}), **daily.groups.get(group, {})}
            for group in dict.fromkeys([*daily.groups, *other.groups])
        },
        gaps=daily.gaps | other.gaps | frozenset(lost),
    )


_Groups = dict[GroupKey, dict[date, Decimal]]


def _grouped(
    table: UsageTable, every: Sequence[Sequence[Grouping]], currency: str | None
) -> list[_Groups]:
    moments: Sequence[datetime] = table.columns["start_time"]
    amounts: Sequence[Decimal | None] = table.columns["amount"]
    units = table.columns.get("currency") or repeat(currency, len(amounts))
    meant = {unit for unit in stated(table) if currency_code(unit) == currency} or {currency}
    names = list(dict.fromkeys(COLUMNS[name] for by in every for name in by))
    parts = [table.columns[name] for name in names]
    keys: Any = zip(*parts, strict=True) if parts else repeat((), len(amounts))
    found: list[_Groups] = [{} for _ in every]
    places: dict[GroupKey, list[dict[date, Decimal]]] = {}
    # Rows of one bucket share one datetime object: the day is worked out once for all of them.
    last: datetime | None = None
    day = date.min
    for moment, amount, unit, key in zip(moments, amounts, units, keys, strict=True):
        if amount is None or unit not in meant:
            continue
        if moment is not last:
            last, day = moment, moment.date()
        try:
            into = places[key]
        except KeyError:
            values = dict(zip(names, key, strict=True))
            into = places[key] = [
                groups.setdefault(tuple(_value(name, values) for name in by), {})
                for by, groups in zip(every, found, strict=True)
            ]
        for costs in into:
            costs[day] = plus(costs[day], amount) if day in costs else amount
    return found


def _value(name: Grouping, values: Mapping[str, str | None]) -> str | None:
    value = values[COLUMNS[name]]
    return DERIVED[name](LineItem.parse(value)) if name in DERIVED else value


def days_in(window: Window) -> Period:
    """The days that a window has a part in."""
    first, last = (datetime.fromtimestamp(t, UTC).date() for t in (window.start, window.end - 1))
    return Period(first, last + timedelta(days=1))


def unread_windows(table: UsageTable, endpoint: str) -> list[Window]:
    """The stretches of which not every row could be read, in order of time.

    A row whose amount could not be read, or a field that it was grouped by, is one of them. One
    without another count is not: that is ``None`` in the table. Nor is a bucket, which is missing.
    """
    fields = {None, "amount", *table.dimensions}
    found: list[Window] = []
    for window in sorted(
        {
            odd.window
            for odd in table.unreadable
            if odd.endpoint == endpoint and len(odd.part.path) > 2 and odd.part.field in fields
        },
        key=lambda window: window.start,
    ):
        if found and found[-1].end >= window.start:
            end = max(found[-1].end, window.end)
            window = Window(found[-1].start, end, found.pop().buckets + window.buckets)
        found.append(window)
    return found


def lost_windows(costs: UsageTable) -> list[Window]:
    """The stretches whose costs are not known, or not all of them."""
    missing = [missing.window for missing in costs.missing if missing.endpoint == "costs"]
    return [*missing, *unread_windows(costs, "costs")]


def _gaps(table: UsageTable) -> frozenset[date]:
    return frozenset(day for window in lost_windows(table) for day in days_of(days_in(window)))
