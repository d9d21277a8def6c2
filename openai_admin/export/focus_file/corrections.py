"""What earlier files were wrong by: the charges that make them state what is true today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from ...usage.money import all_rounded, plus, tidied
from .charges import Charge
from .previous import Previous
from .quantities import UNKNOWN, Quantity
from .stated import Key, Stated, Statements, added_use

_NOTHING = Stated(Decimal(0), UNKNOWN)
_NONE = Statements()

_BESIDE_KEY = ("project_name", "api_key_name", "user_name", "complete")
_beside_key = attrgetter(*_BESIDE_KEY)


def corrections(
    previous: Previous,
    stated: Mapping[date, Statements],
    charges: Iterable[Charge],
    days: Iterable[date],
    settled: date,
) -> Iterator[Charge]:
    """The charges by which what was stated of a month differs from what it costs today.

    What was stated and they add up to what it costs: for each project, line item, key, person,
    category, currency and allocation.

    Args:
        previous: the earlier files.
        stated: what they state of the month, by day.
        charges: what it costs today, in order of days.
        days: the days of it that are known today, in order; of others nothing can be said.
        settled: the first day that the API may still restate.
    """
    by_day = groupby(charges, attrgetter("day"))
    next_day, of_next = next(by_day, (None, iter(())))
    for day in days:
        while next_day is not None and next_day < day:  # one that is not wholly known
            next_day, of_next = next(by_day, (None, iter(())))
        today = of_next if next_day == day else iter(())
        yield from _of_day(previous, stated.get(day, _NONE), today, complete=day < settled)


def _of_day(
    previous: Previous,
    stated: Statements,
    charges: Iterable[Charge],
    *,
    complete: bool,
) -> Iterator[Charge]:
    now = Statements()
    newest: dict[tuple[Any, ...], tuple[Any, ...]] = {}  # plain tuples, as `Statements` has them
    for charge in charges:
        key = _key(charge)
        now.add(key, Stated(charge.amount, charge.used))
        newest[tuple(key)] = _beside_key(charge)
    for key in chain(stated, (key for key in now if key not in stated)):
        change = _change(stated.get(key), now.get(key), rounded=previous.rounded)
        if change.amount or change.used.number:
            known = newest.get(key)
            beside = (
                {"project_name": previous.names.get(key.project_id or ""), "complete": complete}
                if known is None  # it was stated, and is there no more
                else dict(zip(_BESIDE_KEY, known, strict=True))
            )
            yield Charge(**key._asdict(), **beside, amount=change.amount, used=change.used)


def _change(before: Stated | None, after: Stated | None, *, rounded: bool) -> Stated:
    """What has to be added to the one to get the other."""
    if after is not None and rounded:
        amount, number = all_rounded([after.amount, after.used.number])
        after = Stated(amount or Decimal(0), after.used._replace(number=number))
    if before is None:
        return after or _NOTHING
    less = Stated(before.amount.copy_negate(), _negative(before.used))
    if after is None:
        return less
    used = added_use(after.used, less.used)
    if used.number is not None:
        used = used._replace(number=tidied(used.number))
    return Stated(tidied(plus(after.amount, less.amount)), used)


def _negative(used: Quantity) -> Quantity:
    return used if used.number is None else used._replace(number=used.number.copy_negate())


def _key(charge: Charge) -> Key:
    return Key(
        charge.day,
        charge.category,
        charge.currency,
        charge.line_item,
        charge.project_id,
        charge.api_key_id,
        charge.user_id,
        charge.tags,
    )
