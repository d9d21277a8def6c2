"""The question of which spend limits and alerts are near."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import anyio.to_thread
import attrs

from ..._declare.resource import Async
from ..._tree import AdminResources
from ...client import AsyncOpenAIAdmin
from ...directory.not_known import sentence
from ...insights import (
    FINDINGS,
    Facts,
    SpendThreshold,
    examine,
    fetch_facts,
    known,
    month_of,
)
from ...insights.cents import cents, in_percent
from ...insights.text import count
from ...usage.money import BILLED_IN
from ..progress import say
from ..tool import Answer
from ..values import Money
from .question import Detail, Projects, question
from .rows import Span, facts, span
from .short import restated, unclear, unknown

_MOST, _NAMED = 12, 10
_ORGANIZATION = "(organization)"
_THRESHOLDS = FINDINGS["thresholds"]
_ORDER = ("reached", "near", "projected", "not known", "clear")


@attrs.frozen(kw_only=True)
class OfThreshold:
    """A spend limit or alert.

    Attributes:
        project_id: whose, but the organization's.
        of: the project's name.
        kind: limit (requests are refused) or alert (mail is sent).
        amount: for a calendar month.
        spent: so far.
        spent_percent: of the amount.
        expected: the whole month; null where not known.
        standing: reached, near (80%), projected, clear or not known.
    """

    project_id: str | None = None
    of: str | None
    kind: str
    amount: Money
    spent: Money
    spent_percent: float
    expected: Money | None = None
    standing: str


@attrs.frozen(kw_only=True)
class Budgeted:
    """Spend limits and alerts.

    Attributes:
        month: the calendar month.
        thresholds: those near or over first; null where not known.
        count: how many there are.
        without: active projects that have none.
        not_known: what was refused, and why.
    """

    month: Span
    thresholds: list[OfThreshold] | None
    count: int | None
    without: list[str] | None
    not_known: list[str] = attrs.field(factory=list)


@question(Budgeted, toolsets=("assistant",))
async def budget(
    client: AsyncOpenAIAdmin, *, projects: Projects = None, detail: Detail = "concise"
) -> Answer:
    """Spend limits and alerts of the organization and its projects against what this month has
    cost and should cost, near or over first. For "will we be cut off?"; two requests a project.
    """
    say("fetching limits, alerts and costs")
    read = await fetch_facts(
        AdminResources[Async](client._caller),
        project=projects,
        only=[_THRESHOLDS.key],
        compare="none",
    )
    return await anyio.to_thread.run_sync(_answer, read, detail == "detailed")


QUESTIONS = (budget,)


def _answer(read: Facts, whole: bool) -> Answer:
    seen = examine(read)
    refused = seen.why_not_known(_THRESHOLDS.key)
    found = [] if refused else sorted(known(seen.thresholds), key=_rank)
    without = [] if refused else _without(read, seen.names)
    most, named = (len(found), len(without)) if whole else (_MOST, _NAMED)
    answer = Budgeted(
        month=span(month_of(read.now)),
        thresholds=None if refused else [_threshold(each, seen.names) for each in found[:most]],
        count=None if refused else len(found),
        without=None if refused else without[:named],
        not_known=[
            *unknown(seen.not_known, seen.names, seen.unread, map(sentence, seen.missing)),
            *unclear(found, seen.names),
        ],
    )
    notes = [*_left_out(found[most:], without[named:], read)]
    notes += restated(read.now) if found else []
    if not read.scope.project_ids and not refused:
        notes.append("The API counts spend by itself, and may act before the bill shows it.")
    return Answer(facts(answer), " ".join(_THRESHOLDS.sentences(seen)), notes=notes)


def _rank(threshold: SpendThreshold) -> tuple[int, float]:
    return _ORDER.index(threshold.standing), -threshold.share


def _threshold(found: SpendThreshold, names: Mapping[str, str]) -> OfThreshold:
    def money(amount: Decimal) -> Money:
        return Money(amount=f"{cents(amount):f}", currency=BILLED_IN)

    id, expected = found.project_id, found.projection.expected
    if found.other_costs:
        expected = None
    return OfThreshold(
        project_id=id,
        of=_ORGANIZATION if id is None else names.get(id),
        kind=found.kind,
        amount=money(found.amount),
        spent=money(found.spent),
        spent_percent=in_percent(found.share, digits=1),
        expected=None if expected is None else money(expected),
        standing=found.standing,
    )


def _without(read: Facts, names: Mapping[str, str]) -> list[str]:
    """The active projects that have neither a limit nor an alert, as far as that is known."""
    kinds = ("spend limits of projects", "spend alerts of projects")
    lost = {part.project_id for part in read.not_known if part.kind in kinds}
    return [
        names.get(id, id)
        for id, listed in read.thresholds.items()
        if id is not None and not listed and not lost & {id, None}
    ]


def _left_out(
    found: Sequence[SpendThreshold], without: Sequence[str], read: Facts
) -> Iterator[str]:
    """What there is more, in words."""
    if found:
        yield f"{count(len(found), *_THRESHOLDS.noun)} left out: all {found[0].standing} or less."
    if without:
        yield f"{count(len(without), 'more project')} without a limit or an alert."
    odd = sum(t.threshold_dollars is None for listed in read.thresholds.values() for t in listed)
    if odd:
        yield f"{count(odd, *_THRESHOLDS.noun)} without an amount: not known, and in no count."
