"""The question of what there is to know about the organization: every finding of a review."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import anyio.to_thread
import attrs
from annotated_types import Interval, Len
from typing_extensions import Doc

from ..._declare.dates import TIME_HELP
from ..._wire.codec import to_dict
from ...allocation import Allocation
from ...cli.period_options import period_of
from ...client import AsyncOpenAIAdmin
from ...directory.not_known import not_checked
from ...errors import InvalidInputError
from ...insights import Review, known
from ...insights import review as examined
from ...insights.cents import left_of
from ...insights.findings import FINDINGS, MOST, Finding
from ...insights.periods import Period, midnight
from ...insights.scope import Compare
from ...insights.text import at_least, some_of
from ...insights.unread import amounts, sentences
from ...usage.refusals import LOOKBACK_DAYS
from ...usage.settled import settled_until, so_far
from ..progress import say
from ..schema import Schema
from ..texts import quoted
from ..tool import Answer
from .question import Projects, question
from .rows import (
    Gap,
    Row,
    Span,
    answer_schema,
    gaps,
    lines,
    not_looked_at,
    refused_words,
    row,
    rows,
    rows_schema,
    span,
)

if TYPE_CHECKING:
    Key = str
else:
    Key = Literal[tuple(FINDINGS)]

Only = Annotated[
    Sequence[Key] | None, Len(1, len(FINDINGS)), Doc("The findings to return; by default all.")
]
When = Annotated[
    str | None,
    Doc(
        "Which days, in place of `days`: a period, or two of them, as 2026-09..2026-10; of one that"
        f" is not over, those up to today. {TIME_HELP}."
    ),
]
LastDays = Annotated[
    int | None,
    Interval(ge=1, le=LOOKBACK_DAYS),
    Doc("How many whole days to look at, up to yesterday; by default 30."),
]
With = Annotated[
    Compare,
    Doc(
        "What costs are compared with: as many days or months before, the same dates a year"
        " earlier, or nothing."
    ),
]
Few = Annotated[
    int | None,
    Interval(ge=0, le=100),
    Doc(
        "The most rows to return of each finding; by default as many as there is room for, up to"
        f" {MOST}."
    ),
]
_ROOM = 13_000  # characters of the structured answer, as far as the rows decide that
_FEWEST = 1  # rows, however long the answer is


@attrs.frozen(kw_only=True)
class Count:
    """How many rows there are of one kind."""

    id: str | None
    name: str
    count: int


@attrs.frozen(kw_only=True)
class Found:
    """A finding.

    Attributes:
        title: what its rows are.
        text: what there is to say about it.
        tone: how to judge the worst of it: ``bad``, ``warn`` or ``good``; ``None`` where it
            only informs, or is not known.
        count: how many rows count; ``None`` where that is not known.
        rows: the first of all rows; ``None`` likewise.
        rows_left_out: how many more there are.
        known: whether it is; where not, `text` says why.
        not_looked_at: what is not known of what it is based on.
    """

    title: str
    text: str
    tone: str | None
    count: int | None
    rows: list[Row] | None
    rows_left_out: int
    known: bool
    not_looked_at: list[Gap]


@attrs.frozen(kw_only=True)
class Reviewed:
    """A review, with its findings by name.

    Attributes:
        findings: what was found.
        rest: what the rows that are left out of a finding come to together, where they add up.
        counts: how many rows of a finding there are of each kind, where they are too many to read:
            of the kinds that most are of, by what they are counted by.
    """

    period: Span
    previous_period: Span | None
    complete: bool
    currency: str | None
    findings: Mapping[str, Found]
    rest: Mapping[str, Row]
    counts: Mapping[str, Mapping[str, list[Count]]]
    not_looked_at: list[str]
    not_known: list[Gap]
    could_not_be_read: list[str]


def _schema() -> Schema:
    found = {key: answer_schema(Found, {"rows": rows_schema(f)}) for key, f in FINDINGS.items()}
    return answer_schema(Reviewed, {"findings": {"type": "object", "properties": found}})


@question(_schema(), toolsets=("insight",))
async def review(
    client: AsyncOpenAIAdmin,
    *,
    days: LastDays = None,
    period: When = None,
    projects: Projects = None,
    compare: With = "previous",
    only: Only = None,
    limit: Few = None,
) -> Answer:
    """What there is to know about the organization at a glance: spend, changes, the month, keys,
    people, limits and certificates. It takes about twenty requests, and five for each active
    project, up to twenty for the roles of people, and up to five of the audit log for what was
    changed around unusual days; fewer with `only`, and for the other questions. Keys, people and
    limits are as they are now, whatever the period is.
    """
    looked_at = _days_of(period)
    say("looking at the organization")
    allocation = await anyio.to_thread.run_sync(Allocation.of_environment)
    try:
        seen = await examined(
            client,
            days=days,
            period=looked_at,
            project=projects,
            compare=compare,
            only=only,
            allocation=allocation,
        )
    except InvalidInputError as exc:
        raise InvalidInputError(re.sub("^project\\b", "projects", str(exc))) from None
    chosen = [FINDINGS[key] for key in only or filter(seen.is_about, FINDINGS)]
    # On a thread: of a large organization it takes longer than others should wait for the loop.
    return await anyio.to_thread.run_sync(fitting, seen, chosen, limit)


def _days_of(text: str | None) -> Period | None:
    """The days that a period names.

    Raises:
        InvalidInputError: it names none.
    """
    if text is None:
        return None
    start, is_range, end = text.partition("..")
    try:
        return period_of(since=start, until=end if is_range else None)
    except InvalidInputError as exc:
        told = str(exc).replace("--since", "period").replace("--until", "the end of period")
        raise InvalidInputError(told) from None


def fitting(
    seen: Review, chosen: Sequence[Finding[Any]], limit: int | None, room: int = _ROOM
) -> Answer:
    """The answer with so many rows of each finding, or else with those that there is room for.

    Args:
        seen: what was found.
        chosen: the findings to tell.
        limit: how many rows; ``None`` is at least one, and as many as fit.
        room: the most characters of the structured answer.
    """
    if limit is not None:
        return _answer(seen, chosen, limit)
    fits, most = _FEWEST, MOST
    best: Answer | None = None
    shown = most  # all at once where that fits, as it mostly does; else by halves
    while fits < most:
        answer = _answer(seen, chosen, shown)
        if len(json.dumps(answer.structured, default=str)) <= room:
            fits, best = shown, answer
        else:
            most = shown - 1
        shown = (fits + most + 1) // 2
    return best or _answer(seen, chosen, fits)


def _answer(seen: Review, chosen: Sequence[Finding[Any]], limit: int) -> Answer:
    days_from, days_to = midnight(seen.period.start), midnight(seen.period.end)
    unsettled = so_far(settled_until(seen.now), days_from, days_to)
    answer = Reviewed(
        period=span(seen.period),
        previous_period=None if seen.scope.compared is None else span(seen.scope.compared),
        complete=unsettled is None,
        currency=seen.currency,
        findings={finding.key: found(seen, finding, limit) for finding in chosen},
        rest={f.key: rest for f in chosen if (rest := rest_of(seen, f, limit)) is not None},
        counts={f.key: counts for f in chosen if (counts := counts_of(seen, f))},
        not_looked_at=list(seen.missing) + list(refused_words(seen.not_known)),
        not_known=gaps(seen.not_known),
        could_not_be_read=list(amounts(seen.unread)),
    )
    told = [_headline(seen, chosen), *filter(None, [unsettled])]
    told += not_looked_at(seen.not_known, seen.missing)
    told += sentences(seen.unread)
    quoting = _quoting(seen)
    named = [line for finding in chosen for line in _in_words(seen, quoting, finding, limit)]
    return Answer(to_dict(answer), " ".join(told), "\n".join(named))


def _headline(review: Review, chosen: Sequence[Finding[Any]]) -> str:
    """What was spent, where that was asked for; else what was looked at."""
    if FINDINGS["by_project"] not in chosen:
        return f"Looked at: {'; '.join(finding.heading for finding in chosen)}."
    if unknown := review.why_not_known("by_project"):
        return f"{review.period}: {not_checked(unknown, {})}."
    total = known(review.by_project).total
    return f"{review.period}: {at_least(total.cost, review.currency, gaps=total.gaps)} spent."


def _in_words(review: Review, quoting: Review, finding: Finding[Any], limit: int) -> Iterator[str]:
    """What a finding says, its first rows and what the others come to, for clients that show only
    text.

    Args:
        review: what was found.
        quoting: the same, with quoted names.
        finding: the finding.
        limit: how many rows to write out.
    """
    yield f"{finding.heading}: {' '.join(finding.sentences(quoting))}"
    rows = finding.found(review)
    yield from (f"- {line}" for line in _written(finding, rows[:limit], review) if line)
    others = rows[limit:]
    if others and limit and finding.together is not None:
        (line,) = _written(finding, [finding.together(others)], review)
        yield f"- {finding.others(len(others))}: {line}"
    for each in finding.distributions if finding.top(review).others else ():
        best = each.top(rows, review.names)
        if best is not None:
            parts = [f"{quoted(str(what))}: {number:,}" for what, number in best.rows]
            yield f"- by {each.title.lower()}: {some_of(parts, ', ')}"


def _written(finding: Finding[Any], rows: Sequence[Any], review: Review) -> Iterator[str]:
    return lines(finding, rows, review.names, review.currency)


def _quoting(review: Review) -> Review:
    """A review whose sentences quote what people of the organization wrote."""
    shares = ("by_project", "by_model", "by_line_item", "by_key", "by_user", "by_team")
    ids = {change.group[0] for share in shares for change in FINDINGS[share].rows(review)}
    return attrs.evolve(review, names=_Quoted(review, ids - {None}))


class _Quoted(Mapping[str, str]):
    """Names that are quoted when they are asked for: there may be ten thousand."""

    def __init__(self, review: Review, ids: Collection[str | None]) -> None:
        self._review = review
        self._ids: Collection[Any] = {*ids, *review.names}

    def __getitem__(self, id: str) -> str:
        if id not in self._ids:
            raise KeyError(id)
        return quoted(self._review.name(id))

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


def found(review: Review, finding: Finding[Any], limit: int) -> Found:
    """A finding as the answer shows it."""
    every = finding.rows(review)
    refused = review.why_not_known(finding.key)
    return Found(
        title=finding.heading,
        text=" ".join(finding.sentences(review)),
        tone=None if finding.tone is None or refused else finding.worst(review),
        count=None if refused else len(finding.found(review)),
        rows=None if refused else rows(finding, every, review.names, limit),
        rows_left_out=max(0, len(every) - limit),
        known=not refused,
        not_looked_at=gaps(refused or review.left_out(finding.key)),
    )


def rest_of(review: Review, finding: Finding[Any], limit: int) -> Row | None:
    """What the rows beyond some come to together; ``None`` where there are none, or no sums."""
    others = finding.rows(review)[limit:]
    if not others or finding.together is None:
        return None
    made = row(finding.columns, finding.together(others), review.names)
    whole = finding.together(finding.rows(review))
    for column in finding.columns:
        if column.kind in ("money", "change") and (total := column.value(whole)) is not None:
            made[column.field] = left_of(total, map(column.value, finding.rows(review)[:limit]))
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
