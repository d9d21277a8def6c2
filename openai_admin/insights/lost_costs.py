"""Stretches of time of which costs are not known, and what that means for a review."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from ..directory.not_known import NotKnown
from .basis import OF_PERIOD, TO_COMPARE
from .daily import daily_costs, days_in, days_of, lost_windows
from .facts import Facts


def without_parts_of_what_is_lost(facts: Facts, currency: str | None) -> tuple[NotKnown, ...]:
    """What is not known; costs as a whole where days came, but none of the period."""
    found = list(facts.not_known)
    for kind, table in (("costs", facts.costs), ("costs by consumer", facts.consumer_costs)):
        parts = [part for part in windows_of(found, kind) if part.endpoint is None]
        if not parts:
            continue
        daily = daily_costs(table, currency=currency)
        came = any(day in facts.period for days in daily.groups.values() for day in days)
        if not came and daily.gaps.issuperset(days_of(facts.period)):
            found = [part for part in found if part.kind != kind]
            found += dict.fromkeys(attrs.evolve(part, window=None) for part in parts)
    return tuple(found)


def lost_of_periods(facts: Facts, not_known: Sequence[NotKnown]) -> Iterator[NotKnown]:
    """The stretches of costs that lie in the period or in the one that it is compared with."""
    compared = facts.scope.compared
    before = frozenset(days_of(compared) if compared is not None else ())
    lost = {str(window): set(days_of(days_in(window))) for window in lost_windows(facts.costs)}
    for part in windows_of(not_known):
        days = lost.get(str(part.window), set())
        if not days.isdisjoint(days_of(facts.period)):
            yield attrs.evolve(part, kind=OF_PERIOD)
            yield attrs.evolve(part, kind=TO_COMPARE)
        elif not days.isdisjoint(before):
            yield attrs.evolve(part, kind=TO_COMPARE)


def windows_of(not_known: Sequence[NotKnown], kind: str = "costs") -> list[NotKnown]:
    """The stretches of time of which costs are not known."""
    return [part for part in not_known if part.kind == kind and part.window is not None]
