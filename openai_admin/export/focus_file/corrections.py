"""What earlier files were wrong by: the charges that make them state what is true today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

import attrs

from ...usage.money import all_rounded, plus, tidied
from .charges import Charge
from .previous import Key, Previous, Stated, added, added_use
from .quantities import UNKNOWN, Quantity

_NOTHING = Stated(Decimal(0), UNKNOWN)


def corrections(
    previous: Previous,
    stated: Mapping[date, Mapping[Key, Stated]],
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
        yield from _of_day(previous, stated.get(day, {}), today, complete=day < settled)


def _of_day(
    previous: Previous,
    stated: Mapping[Key, Stated],
    charges: Iterable[Charge],
    *,
    complete: bool,
) -> Iterator[Charge]:
    newest: dict[Key, Charge] = {}
    now: dict[Key, Stated] = {}
    for charge in charges:
        key = _key(charge)
        newest[key] = charge
        now[key] = added(now.get(key), Stated(charge.amount, charge.used))
    for key in dict.fromkeys([*stated, *now]):
        change = _change(stated.get(key), now.get(key), rounded=previous.rounded)
        if change.amount or change.used.number:
            known = newest.get(key) or _gone(key, previous, complete=complete)
            yield attrs.evolve(known, amount=change.amount, used=change.used, category=key.category)


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


def _gone(key: Key, previous: Previous, *, complete: bool) -> Charge:
    """A charge that was stated, and is there no more."""
    return Charge(
        **key._asdict(),
        amount=Decimal(0),
        project_name=previous.names.get(key.project_id or ""),
        complete=complete,
    )
