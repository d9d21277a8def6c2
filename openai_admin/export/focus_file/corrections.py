"""What earlier files were wrong by: the charges that make them state what is true today."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

import attrs

from ...usage.money import all_rounded, plus
from .charges import Charge
from .previous import Key, Previous, Stated, added, added_use
from .quantities import UNKNOWN, Quantity

_NOTHING = Stated(Decimal(0), UNKNOWN)


def corrections(
    previous: Previous,
    stated: Mapping[Key, Stated],
    charges: Iterable[Charge],
    unknown: Collection[date],
    settled: date,
) -> Iterator[Charge]:
    """The charges by which what was stated of a month differs from what it costs today.

    What was stated and they add up to what it costs: for each project, line item, key, person,
    category, currency and allocation.

    Args:
        previous: the earlier files.
        stated: what they state of the month.
        charges: what it costs today.
        unknown: the days of it that are not known today, of which nothing can be said.
        settled: the first day that the API may still restate.
    """
    newest: dict[Key, Charge] = {}
    now: dict[Key, Stated] = {}
    for charge in charges:
        key = _key(charge)
        newest[key] = charge
        now[key] = added(now.get(key), Stated(charge.amount, charge.used))
    for key in sorted(stated.keys() | now.keys(), key=_order):
        if key.day in unknown:
            continue
        change = _change(stated.get(key), now.get(key), rounded=previous.rounded)
        if not change.amount and not change.used.number:
            continue
        known = newest.get(key) or _gone(key, previous, complete=key.day < settled)
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
    return Stated(plus(after.amount, less.amount), added_use(after.used, less.used))


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


def _order(key: Key) -> tuple[str, ...]:
    return tuple(str(part or "") for part in key)
