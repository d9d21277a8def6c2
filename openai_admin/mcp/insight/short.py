"""What keeps an answer short: as many rows as there is room for, and what is not known in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import TypeVar

from ...directory.not_known import NotKnown, sentence, told
from ...insights.currencies import in_words
from ...insights.periods import midnight, month_of
from ...insights.spend import SpendThreshold
from ...insights.text import count
from ...insights.unread import Unread, amounts
from ...usage.money import BILLED_IN
from ...usage.settled import settled_until, so_far
from ..bounding import weight
from ..texts import quoted
from .rows import facts

T = TypeVar("T")

_SHORT = 3_400  # bytes of rows of an answer that nobody asked to be longer
_LONGEST = 6_400  # of one that was
_DETAILED = 30_000  # of one with details: what is beside them fits as well (`bounding`)
_NAMED = 15  # parts that are not known for a reason: there are more projects than kinds


def unknown(
    not_known: Sequence[NotKnown],
    names: Mapping[str, str],
    unread: Unread | None = None,
    others: Iterable[str] = (),
) -> list[str]:
    """What is not known with its reason and the scope that it takes, a sentence each.

    Args:
        not_known: what the API refused or did not answer.
        names: names by id, which stand in quotation marks.
        unread: how much of what came could not be read.
        others: what else is not known, a sentence each.
    """
    ids = {part.project_id for part in not_known if part.project_id in names}
    called = {id: quoted(names[id]) for id in ids if id is not None}
    refused = (sentence(each) for each in told(not_known, called, most=_NAMED))
    lost = (f"{each} could not be read." for each in amounts(unread or {}))
    return [*refused, *lost, *others]


def restated(now: datetime) -> list[str]:
    """The note that this month's costs may still grow, by days that were reported in part."""
    told = so_far(settled_until(now), midnight(month_of(now).start), now)
    return [] if told is None else [f"{told} More may have been spent than is shown."]


def unclear(found: Iterable[SpendThreshold], names: Mapping[str, str]) -> list[str]:
    """What of the costs beside spend limits is in other currencies, a sentence for each place."""
    other = {each.project_id: each.other_costs for each in found if each.other_costs}
    of = {id: "the organization" if id is None else quoted(names.get(id, id)) for id in other}
    return [
        f"In no figure of {of[id]}, not being in {BILLED_IN.upper()}: {', '.join(in_words(costs))}."
        for id, costs in other.items()
    ]


def cut(
    rows: Sequence[T], limit: int | None, noun: str, detail: str, narrower: str
) -> tuple[list[T], list[str]]:
    """The first rows, as many as there is room for, and a note of those that are left out.

    Args:
        rows: all rows.
        limit: how many are asked for; ``None`` for those that make a short answer.
        noun: what several of them are called.
        detail: ``detailed`` for an answer as long as one may be.
        narrower: what shows those that no limit does: ``name a project``.
    """
    shown = list(rows if limit is None else rows[:limit])
    is_long = detail == "detailed"
    room = _DETAILED if is_long else _SHORT if limit is None else _LONGEST
    lengths = accumulate(weight(facts(row)) for row in shown)
    shown = shown[: max(1, sum(length <= room for length in lengths))]
    rest = len(rows) - len(shown)
    if not rest:
        return shown, []
    if len(shown) == limit or (limit is None and not is_long):
        how = "a larger limit shows more"
    else:
        how = narrower if is_long else f"detail: detailed shows more; else {narrower}"
    left = count(rest, f"more {noun.removesuffix('s')}", f"more {noun}")
    return shown, [f"{left} left out: {how}."]
