"""The question of what there is to know about the organization: every finding of a review."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import anyio.to_thread
import attrs
from annotated_types import Interval, Len
from typing_extensions import Doc

from ..._wire.codec import to_dict
from ...allocation import Allocation
from ...client import AsyncOpenAIAdmin
from ...directory.not_known import not_checked, sentence
from ...insights import Review, known
from ...insights import review as examined
from ...insights.cents import left_of
from ...insights.findings import FINDINGS, MOST, Finding
from ...insights.periods import midnight
from ...insights.scope import Compare
from ...insights.text import at_least, count
from ...usage.refusals import LOOKBACK_DAYS
from ...usage.settled import settled_until, so_far
from ..progress import say
from ..times import now_of
from ..tool import Answer
from ..values import money_of
from .periods import period_asked
from .question import Detail, Projects, question
from .rows import Row, Span, facts, row, rows, span
from .short import unknown

if TYPE_CHECKING:
    Key = str
else:
    Key = Literal[tuple(FINDINGS)]

Only = Annotated[
    Sequence[Key] | None, Len(1, len(FINDINGS)), Doc("The findings to return; by default all.")
]
When = Annotated[
    str | None,
    Doc("Which days, in place of days: 2026-10, last month, 2026-10-05..2026-10-12."),
]
LastDays = Annotated[
    int | None,
    Interval(ge=1, le=LOOKBACK_DAYS),
    Doc("Whole days up to yesterday; by default 30."),
]
With = Annotated[
    Compare,
    Doc("Compare costs with as many days before, the same dates a year earlier, or nothing."),
]
Few = Annotated[
    int | None,
    Interval(ge=0, le=100),
    Doc("The most rows of each finding; by default as many as make a short answer."),
]
_LEFT_OUT = "{} left out: only, with few findings, or a limit shows them."
_ROOM = 6_800  # characters of the structured answer, as far as the rows decide that
_FEW = 5  # rows of what should be looked at, at most, where there is no room for all
_LONG = 16_000  # likewise, where details are asked for


@attrs.frozen(kw_only=True)
class Count:
    """How many rows there are of one kind.

    Attributes:
        id: the kind's id.
        name: its name.
        count: how many.
    """

    id: str | None = None
    name: str
    count: int


@attrs.frozen(kw_only=True)
class Found:
    """A finding.

    Attributes:
        text: what there is to say about it; where it is not known, why.
        tone: how to judge the worst of it: ``bad``, ``warn`` or ``good``; ``None`` where it
            only informs, or is not known.
        count: how many rows count; ``None`` where that is not known.
        rows: the first of all rows; ``None`` likewise.
        rows_left_out: how many more there are.
        rest: what these come to together, where they add up.
        counts: how many rows there are of each kind, where they are too many to read: of the kinds
            that most are of, by what they are counted by.
        not_known: what is not known of what it is based on, a sentence each.
    """

    text: str
    tone: str | None = None
    count: int | None
    rows: list[Row] | None = attrs.field(factory=list)
    rows_left_out: int | None = None
    rest: Row | None = None
    counts: dict[str, list[Count]] | None = None
    not_known: list[str] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class Reviewed:
    """A review.

    Attributes:
        period: the days looked at.
        previous_period: the days that costs are compared with.
        complete: false where costs of the days may still change.
        findings: by name, each with text, tone (bad, warn, good), count and first rows;
            rest is what further rows come to. Count and rows are null where not known.
        not_known: what could not be looked at, and why.
    """

    period: Span
    previous_period: Span | None = None
    complete: bool
    findings: Mapping[str, Found]
    not_known: list[str]


@question(Reviewed, toolsets=("insight",))
async def review(
    client: AsyncOpenAIAdmin,
    *,
    days: LastDays = None,
    period: When = None,
    projects: Projects = None,
    compare: With = "previous",
    only: Only = None,
    limit: Few = None,
    detail: Detail = "concise",
) -> Answer:
    """Everything at a glance: spend, changes, the month, keys, people, limits and certificates, as
    a monthly review has it. It takes about 20 requests and five for each project, fewer with only.
    Example: only ["movers", "stale_keys"].
    """
    looked_at = None if period is None else period_asked(period, now=now_of(client))
    say("looking at the organization")
    allocation = await anyio.to_thread.run_sync(Allocation.of_environment)
    seen = await examined(
        client,
        days=days,
        period=looked_at,
        project=projects,
        compare=compare,
        only=only,
        allocation=allocation,
    )
    chosen = [FINDINGS[key] for key in only or filter(seen.is_about, FINDINGS)]
    room = _LONG if detail == "detailed" else _ROOM
    # On a thread: of a large organization it takes longer than others should wait for the loop.
    return await anyio.to_thread.run_sync(fitting, seen, chosen, limit, room)


def fitting(
    seen: Review, chosen: Sequence[Finding[Any]], limit: int | None, room: int = _ROOM
) -> Answer:
    """The answer with so many rows of each finding, or else with those that there is room for.

    Args:
        seen: what was found.
        chosen: the findings to tell.
        limit: how many rows; ``None`` is as many as fit.
        room: the most characters of the structured answer.
    """
    if limit is not None:
        return _answer(seen, chosen, limit)
    fits, most = 0, MOST
    best: Answer | None = None
    shown = most  # all at once where that fits, as it mostly does; else by halves
    while fits < most:
        answer = _answer(seen, chosen, shown)
        if len(json.dumps(answer.structured)) <= room:
            fits, best = shown, answer
        else:
            most = shown - 1
        shown = (fits + most + 1) // 2
    if best is not None:
        return best
    for few in range(_FEW, 0, -1):  # of what should be looked at
        answer = _answer(seen, chosen, 0, judged=few)
        if len(json.dumps(answer.structured)) <= room:
            return answer
    return _answer(seen, chosen, 0)


def _answer(seen: Review, chosen: Sequence[Finding[Any]], limit: int, *, judged: int = 0) -> Answer:
    """The answer with so many rows of each finding.

    Args:
        seen: what was found.
        chosen: the findings to tell.
        limit: how many rows.
        judged: how many, at least, of those whose worst row is bad, or a warning.
    """
    days_from, days_to = midnight(seen.period.start), midnight(seen.period.end)
    unsettled = so_far(settled_until(seen.now), days_from, days_to)
    answer = Reviewed(
        period=span(seen.period),
        previous_period=None if seen.scope.compared is None else span(seen.scope.compared),
        complete=unsettled is None,
        findings={
            each.key: found(seen, each, max(limit, judged) if _is_judged(seen, each) else limit)
            for each in chosen
        },
        not_known=unknown(
            seen.not_known, seen.names, seen.unread, [sentence(part) for part in seen.missing]
        ),
    )
    told = [_headline(seen, chosen), *filter(None, [unsettled])]
    every = sum(
        len(finding.rows(seen))
        for finding in chosen
        if answer.findings[finding.key].rows is not None
    )
    left = every - sum(len(each.rows or ()) for each in answer.findings.values())
    notes = [_LEFT_OUT.format(count(left, "row"))] if left else []
    return Answer(facts(answer), " ".join(told), notes=notes)


def _is_judged(review: Review, finding: Finding[Any]) -> bool:
    """Whether a finding has what should be looked at."""
    if finding.tone is None or review.why_not_known(finding.key):
        return False
    return finding.worst(review) in ("bad", "warn")


def _headline(review: Review, chosen: Sequence[Finding[Any]]) -> str:
    """What was spent, where that was asked for; else what was looked at."""
    if FINDINGS["by_project"] not in chosen:
        return f"Looked at: {'; '.join(finding.heading for finding in chosen)}."
    if refused := review.why_not_known("by_project"):
        return f"{review.period}: {not_checked(refused, {})}."
    total = known(review.by_project).total
    return f"{review.period}: {at_least(total.cost, review.currency, gaps=total.gaps)} spent."


def found(review: Review, finding: Finding[Any], limit: int) -> Found:
    """A finding as the answer shows it."""
    every = finding.rows(review)
    refused = review.why_not_known(finding.key)
    return Found(
        text=" ".join(finding.sentences(review)),
        tone=None if finding.tone is None or refused else finding.worst(review),
        count=None if refused else len(finding.found(review)),
        rows=None if refused else rows(finding, every, review.names, limit, review.currency),
        rows_left_out=max(0, len(every) - limit) or None if limit else None,
        rest=rest_of(review, finding, limit) if limit else None,
        counts=counts_of(review, finding) or None,
        not_known=[] if refused else unknown(review.left_out(finding.key), review.names),
    )


def rest_of(review: Review, finding: Finding[Any], limit: int) -> Row | None:
    """What the rows beyond some come to together; ``None`` where there are none, or no sums."""
    others = finding.rows(review)[limit:]
    if not others or finding.together is None:
        return None
    made = row(finding.columns, finding.together(others), review.names, review.currency)
    whole = finding.together(finding.rows(review))
    for column in finding.columns:
        if column.kind in ("money", "change") and (total := column.value(whole)) is not None:
            left = left_of(total, map(column.value, finding.rows(review)[:limit]))
            made[column.field] = to_dict(money_of(left, column.currency or review.currency))
    return made


def counts_of(review: Review, finding: Finding[Any]) -> dict[str, list[Count]]:
    """How many rows of a finding there are of each kind; empty where they can be read."""
    every = finding.rows(review)
    if not finding.top(review).others:
        return {}
    found = ((each.field, each.top(every, review.names)) for each in finding.distributions)
    return {
        field: [Count(id=what.id, name=str(what), count=number) for what, number in best.rows]
        for field, best in found
        if best is not None
    }


QUESTIONS = (review,)
