"""The costs of a scope: which rows of a table belong to it, and what is not known of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

import attrs

from ..._wire.scalars import digits
from ...allocation.patterns import Pattern, is_wild
from ...directory.kinds import KINDS
from ...errors import InvalidInputError
from ...usage.line_items import DERIVED, LineItem
from ...usage.money import add_up, currency_code, plus
from ...usage.table import COMPLETE, FIXED, UsageTable
from ...usage.told import listed
from ..daily import DailyCosts, days_in, days_of, lost_windows
from ..defaults import RESTATED_DAYS
from ..periods import Period
from .model import BudgetScope

Names = Mapping[str, Mapping[str, str]]
"""What things are called: by the column of ids, as ``project_id``, and the id. ``user_email`` has
e-mail addresses by the person's id."""

FIELD_OF: Mapping[str, str] = {
    "projects": "project_id",
    "models": "line_item",
    "line_items": "line_item",
    "keys": "api_key_id",
    "users": "user_id",
}
"""The field that costs must be grouped by for each field of a scope."""

ID_ARGUMENT: Mapping[str, str] = {
    "projects": "project_ids",
    "keys": "api_key_ids",
    "users": "user_ids",
}
"""The argument of a query that takes ids of what a field of a scope names."""

_MODEL = DERIVED["model"]
_NAMED = 3  # things that a sentence names before it counts

_Key = tuple[str | None, ...]
_Days = dict[date, Decimal]


@attrs.frozen
class Scoped:
    """What a scope cost.

    Attributes:
        daily: on each day, ungrouped, in one currency.
        lacks: what is not known of a period, in words.
    """

    daily: DailyCosts
    lacks: tuple[str, ...]


class Lines:
    """The amounts of a table by all that scopes can tell apart."""

    def __init__(self, table: UsageTable, names: Names, unnamed: Collection[str]) -> None:
        """Add a table up.

        Args:
            table: daily costs, UTC, with the columns of an allocation where scopes have them.
            names: what things are called, besides what the rows came with.
            unnamed: ids whose names are not known, since a listing could not be read.

        Raises:
            InvalidInputError: the table has no costs.
        """
        if "amount" not in table.columns or "start_time" not in table.columns:
            raise InvalidInputError("The table has no costs; collect the endpoint 'costs'.")
        self._table = table
        self._names = names
        self._unnamed = frozenset(unnamed)
        self._columns = [
            name for name in table.dimensions if name not in (*FIXED, COMPLETE, "currency")
        ]
        self._lost = {each.field for each in table.adapted if each.field is not None}

    def of(self, scope: BudgetScope, currency: str, period: Period) -> Scoped:
        """The costs of a scope in a currency, and what is not known of those of a period.

        Raises:
            InvalidInputError: the table is not grouped by what the scope is about.
        """
        matches = [
            self._matching(field, texts, allocated=scope.allocated)
            for field, texts in scope.fields()
        ]
        found: _Days = {}
        others: dict[str | None, list[Decimal]] = {}
        doubtful: list[str] = []
        for key, by_currency in self._sums.items():
            is_in, why = _decided(match(key) for match in matches)
            if is_in is False:
                continue
            for unit, days in by_currency.items():
                if is_in is None:
                    doubtful += [why] if any(day in period for day in days) else []
                elif unit == currency:
                    for day, amount in days.items():
                        found[day] = plus(found.get(day, Decimal(0)), amount)
                else:
                    others.setdefault(unit, []).extend(
                        amount for day, amount in days.items() if day in period
                    )
        daily = DailyCosts(by=(), currency=currency, groups={(): found}, gaps=self._gaps)
        return Scoped(daily, (*self._lacking(period), *_in_other(others), *_told(doubtful)))

    def unmatched(self, scope: BudgetScope) -> Iterator[tuple[str, str]]:
        """The fields and texts of a scope that nothing in the table matches."""
        for field, texts in scope.fields():
            for text in texts:
                match = self._matching(field, (text,), allocated=scope.allocated)
                if not any(_decided([match(key)])[0] for key in self._sums):
                    yield field, text

    def shared(self, scope: BudgetScope) -> Iterator[tuple[str, str, list[str]]]:
        """The names in a scope that several things have that cost something, with their ids."""
        fields = list(scope.fields())
        for field, texts in fields:
            for text in texts:
                if field not in ID_ARGUMENT or is_wild(text) or not may_be_name(field, text):
                    continue
                others = [each for each in fields if each[0] != field]
                matches = [
                    self._matching(name, of, allocated=scope.allocated)
                    for name, of in [(field, (text,)), *others]
                ]
                place = matches[0].place
                ids = {
                    key[place]
                    for key in self._sums
                    if place is not None and _decided(match(key) for match in matches)[0]
                }
                if len(ids) > 1:
                    yield field, text, sorted(filter(None, ids))

    def values(self, field: str) -> list[str]:
        """What the rows have of a field, as a scope writes it; nothing where it is not known."""
        column = FIELD_OF.get(field, field)
        if column not in self._columns:
            return []
        place = self._columns.index(column)
        found = {key[place] for key in self._sums}
        if field == "models":
            found = {_MODEL(LineItem.parse(value)) for value in found}
        return sorted(value for value in found if value is not None)

    @cached_property
    def _sums(self) -> Mapping[_Key, Mapping[str | None, _Days]]:
        columns = self._table.columns
        length = len(self._table)
        parts: list[Sequence[Any]] = [columns[name] for name in self._columns]
        keys: Any = zip(*parts, strict=True) if parts else ((),) * length
        units: Sequence[str | None] = columns.get("currency") or [None] * length
        found: dict[_Key, dict[str | None, _Days]] = {}
        # Rows of one bucket share one datetime object: the day is worked out once for all of them.
        last: datetime | None = None
        day = date.min
        for key, moment, amount, unit in zip(
            keys, columns["start_time"], columns["amount"], units, strict=True
        ):
            if amount is None:
                continue
            if moment is not last:
                last, day = moment, moment.date()
            days = found.setdefault(key, {}).setdefault(currency_code(unit), {})
            days[day] = plus(days[day], amount) if day in days else amount
        return found

    @cached_property
    def _gaps(self) -> frozenset[date]:
        return frozenset(
            day for window in lost_windows(self._table) for day in days_of(days_in(window))
        )

    @cached_property
    def _stalled(self) -> Period | None:
        """The last days of what was asked, where nothing came for more of them than may be late.

        The API ends answers early where the last days were quiet, and as well where its figures
        are late: the two cannot be told apart.
        """
        asked = self._table.asked
        ends = [end for each in self._table.coverage for _, end in each.buckets]
        if asked is None:
            return None
        start, last = max(ends, default=asked.start).date(), asked.end.date()
        return Period(start, last) if (last - start).days > RESTATED_DAYS else None

    def _lacking(self, period: Period) -> Iterator[str]:
        if self._stalled is not None and self._stalled.start < period.end:
            yield f"the API has answered nothing for the days from {self._stalled.start} on"
        days = sorted(day for day in self._gaps if day in period)
        if days:
            yield f"the costs of {_days_told(days)} are not known, or not all of them"

    def _matching(
        self, field: str, texts: Sequence[str], *, allocated: Mapping[str, Any]
    ) -> _Match:
        column = field if field in allocated else FIELD_OF[field]
        if column in self._lost:
            return _Match(None, why=f"the API did not group costs by {column}")
        if column not in self._columns:
            raise InvalidInputError(
                f"To have a budget for {field.replace('_', ' ')}, collect costs with group_by"
                f" {column!r}."
            )
        return _Match(
            self._columns.index(column),
            patterns=tuple(map(Pattern, texts)),
            names=self._called(column),
            unnamed=self._unnamed if any(may_be_name(field, text) for text in texts) else set(),
            is_model=field == "models",
            why=f"not all names of {field} are known",
        )

    def _called(self, column: str) -> Mapping[str, list[str]]:
        """What things are called, by id, in lower case."""
        found: dict[str, list[str]] = {}
        of = [self._table.names.get(column, {}), self._names.get(column, {})]
        of += [self._names.get("user_email", {})] if column == "user_id" else []
        for names in of:
            for id, name in names.items():
                found.setdefault(id, []).append(name.casefold())
        return found


@attrs.frozen(kw_only=True)
class _Match:
    """Whether a row belongs to one field of a scope; private, since `Lines` asks all of them."""

    place: int | None = attrs.field(kw_only=False)
    patterns: tuple[Pattern, ...] = ()
    names: Mapping[str, Sequence[str]] = attrs.field(factory=dict)
    unnamed: Collection[str] = ()
    is_model: bool = False
    why: str

    def __call__(self, key: _Key) -> tuple[bool | None, str]:
        if self.place is None:
            return None, self.why
        value = key[self.place]
        if self.is_model:
            value = _MODEL(LineItem.parse(value))
        if value is None:
            return False, ""
        called = [value.casefold(), *self.names.get(value, ())]
        if any(pattern.matches(value, called) for pattern in self.patterns):
            return True, ""
        return (None, self.why) if value in self.unnamed else (False, "")


def _decided(found: Iterator[tuple[bool | None, str]] | list[Any]) -> tuple[bool | None, str]:
    """Whether all hold: not known, and why, where one may and none does not."""
    why = ""
    for is_in, reason in found:
        if is_in is False:
            return False, ""
        why = why or reason
    return (None, why) if why else (True, "")


def may_be_name(field: str, text: str) -> bool:
    """Whether a text may stand for a name, so that all names have to be known."""
    argument = ID_ARGUMENT.get(field)
    return argument is not None and (is_wild(text) or not KINDS[argument].is_id(text))


def _in_other(others: Mapping[str | None, Sequence[Decimal]]) -> Iterator[str]:
    for unit in sorted(others, key=lambda unit: unit or ""):
        amounts = [amount for amount in others[unit] if amount]
        if amounts:
            what = "without a currency" if unit is None else unit
            yield f"costs of {digits(add_up(amounts))} {what} do not count"


def _told(doubts: Sequence[str]) -> Iterator[str]:
    yield from dict.fromkeys(
        f"it is not known where some of the costs belong: {why}" for why in doubts
    )


def _days_told(days: Sequence[date]) -> str:
    """Days in words, those that follow one another as one."""
    spans: list[list[date]] = []
    for day in days:
        if spans and (day - spans[-1][-1]).days == 1:
            spans[-1] = [spans[-1][0], day]
        else:
            spans.append([day])
    told = [" to ".join(map(str, span)) for span in spans]
    if len(told) > _NAMED:
        told = [*told[: _NAMED - 1], f"{len(told) - _NAMED + 1} more stretches"]
    return listed(told)
