"""What may be spent, of what, and when somebody should be told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

import attrs

from ..._declare.arguments import one_of, shown, suggest
from ..._wire.portable import Portable
from ...errors import InvalidInputError
from ...usage.money import BILLED_IN
from ..periods import Period, utc

BudgetPeriod = Literal["day", "week", "month", "quarter", "year"]
"""What a limit is for: a stretch of the calendar, UTC. Weeks begin on Monday."""

BudgetBasis = Literal["actual", "forecast"]
"""Whether a budget is passed by what was spent, or already by what is to be expected."""

BUDGET_PERIODS: tuple[BudgetPeriod, ...] = get_args(BudgetPeriod)
BUDGET_BASES: tuple[BudgetBasis, ...] = get_args(BudgetBasis)

PROBABILITY = Decimal("0.5")
"""The probability from which on a budget on the forecast counts as passed."""

SCOPE_FIELDS = ("projects", "models", "line_items", "keys", "users")
"""What a scope can be about without an allocation."""

_CURRENCY = re.compile("[a-z]{3}")
_DIGITS = 26  # before the point, as many as amounts have in Parquet and less


Number = Decimal | int | float | str
"""How a number may be given: text and floats mean what they are written as, ``0.1`` is a tenth."""


def number(value: Number, where: str) -> Decimal:
    """A number, exactly as it is written.

    Raises:
        InvalidInputError: it is not a number.
    """
    if isinstance(value, Decimal):
        return value
    try:
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            return Decimal(str(value))
    except InvalidOperation:
        pass
    raise InvalidInputError(f"{where} must be a number, as 20000 or 0.8, not {shown(value)}.")


def _limit(value: Number) -> Decimal:
    return number(value, "limit")


def _probability(value: Number) -> Decimal:
    return number(value, "probability")


def _parts(values: Iterable[Number]) -> tuple[Decimal, ...]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InvalidInputError(f"warn_at must be a list, as [0.5, 0.8], not {shown(values)}.")
    return tuple(number(value, "warn_at") for value in values)


def _texts(values: str | Iterable[str]) -> tuple[str, ...]:
    found = (values,) if isinstance(values, str) else tuple(values)
    for text in found:
        if not isinstance(text, str) or not text.strip():
            raise InvalidInputError(f"A scope must have names and ids, not {shown(text)}.")
    return found


def _allocated(values: Mapping[str, str | Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {dimension: _texts(texts) for dimension, texts in values.items()}


@attrs.frozen(kw_only=True)
class BudgetScope(Portable):
    """Whose costs count: those that match each of the fields that are not empty.

    Each field has names and ids, of which one must match: in them ``*`` stands for any number of
    characters and ``?`` for one. The case of names does not matter.

    Attributes:
        projects: by name or id.
        models: by name, as line items have it.
        line_items: as the API has them, such as ``gpt-5, input``.
        keys: API keys, by name or id.
        users: people and service accounts, by name, e-mail address or id.
        allocated: by dimension of an allocation, as ``{"team": ("search",)}``.

    A text in place of several is one name.

    Raises:
        InvalidInputError: a name is empty, or not text.
    """

    projects: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    models: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    line_items: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    keys: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    users: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    allocated: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, converter=_allocated)

    @property
    def is_everything(self) -> bool:
        """Whether all of the organization's costs count."""
        return next(self.fields(), None) is None

    def __str__(self) -> str:
        """The scope in words: ``projects Search, Ads*; team data``."""
        told = (f"{field.replace('_', ' ')} {', '.join(v)}" for field, v in self.fields())
        return "; ".join(told) or "the organization"

    def fields(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The fields that are not empty, those of an allocation by their dimensions."""
        own = {name: getattr(self, name) for name in SCOPE_FIELDS}
        return ((name, texts) for name, texts in {**own, **self.allocated}.items() if texts)


@attrs.frozen(kw_only=True)
class Budget(Portable):
    """A limit on what something may cost.

    Attributes:
        name: what it is called.
        limit: in units of `currency`; 0 or more, exact.
        scope: whose costs count; by default all of the organization's.
        period: what the limit is for.
        on: whether it is passed once more than the limit is spent (``actual``), or already when
            that is to be expected (``forecast``).
        at: the probability from which on passing is to be expected, above 0, at most 1.
        warn_at: the fractions of the limit at which it is worth a look; shown, and no more.
        currency: of the limit, in lower case; costs in others do not count.
        source: where it was read, as ``budgets.toml, line 3``; ``None`` where it was not read.
        sources: where each of its keys was read, likewise.

    Raises:
        InvalidInputError: a value is out of its range.
    """

    name: str
    limit: Decimal = attrs.field(converter=_limit)
    scope: BudgetScope = BudgetScope()
    period: BudgetPeriod = "month"
    on: BudgetBasis = "actual"
    at: Decimal = attrs.field(default=PROBABILITY, converter=_probability)
    warn_at: tuple[Decimal, ...] = attrs.field(default=(), converter=_parts)
    currency: str = BILLED_IN
    source: str | None = attrs.field(default=None, eq=False)
    sources: Mapping[str, str] = attrs.field(factory=dict, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        if not self.name.strip():
            raise InvalidInputError("name must not be empty.")
        if not _CURRENCY.fullmatch(self.currency):
            raise InvalidInputError(
                "currency must be a code of three letters in lower case, as 'usd', not"
                f" {shown(self.currency)}."
            )
        check_limit(self.limit, "limit")
        _check_choice(self.period, "period", BUDGET_PERIODS)
        _check_choice(self.on, "on", BUDGET_BASES)
        if not (self.at.is_finite() and 0 < self.at <= 1):
            raise InvalidInputError(f"probability must be above 0 and at most 1, not {self.at}.")
        for part in self.warn_at:
            if not (part.is_finite() and 0 < part <= 1):
                raise InvalidInputError(
                    "warn_at must have fractions of the limit above 0 and at most 1, such as 0.8,"
                    f" not {part}."
                )

    def period_at(self, now: datetime) -> Period:
        """The period that a moment is in."""
        return calendar_period(self.period, utc(now).date())

    def is_for(self, period: Period) -> bool:
        """Whether a period is one that the limit is for: a month of the calendar, or as it is."""
        return calendar_period(self.period, period.start) == period


def calendar_period(kind: BudgetPeriod, day: date) -> Period:
    """The day, week, month, quarter or year that a day is in."""
    if kind == "day":
        return Period(day, day + timedelta(days=1))
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=7))
    months = {"month": 1, "quarter": 3, "year": 12}[kind]
    first = (day.month - 1) // months * months + 1
    year, month = divmod(day.year * 12 + first - 1 + months, 12)
    return Period(day.replace(month=first, day=1), date(year, month + 1, 1))


def check_limit(limit: Decimal, where: str) -> None:
    """Refuse an amount that cannot be a limit.

    Raises:
        InvalidInputError: it is negative, not a number, or beyond any bill.
    """
    if not limit.is_finite() or limit < 0:
        raise InvalidInputError(f"{where} must be an amount of 0 or more, not {limit}.")
    if limit and limit.adjusted() >= _DIGITS:
        raise InvalidInputError(f"{where} must have at most {_DIGITS} digits before its point.")


def _check_choice(value: Any, where: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InvalidInputError(
            f"{where} must be {one_of(list(choices))}, not {shown(value)}"
            f"{suggest(value, list(choices))}"
        )
