"""The question of what there is to know about the organization: every finding of a review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import attrs
from annotated_types import Interval, Len
from typing_extensions import Doc

from ..._wire.codec import to_dict
from ...client import AsyncOpenAIAdmin
from ...insights import Review, known
from ...insights import review as examined
from ...insights.findings import FINDINGS, Finding
from ...insights.not_known import not_checked
from ...insights.periods import midnight
from ...insights.text import at_least
from ...insights.unread import amounts, sentences
from ...usage.settled import settled_until, so_far
from ..progress import say
from ..schema import Schema
from ..texts import quoted
from ..tool import Answer
from .question import Days, question
from .rows import (
    Gap,
    Row,
    Span,
    answer_schema,
    gaps,
    lines,
    not_looked_at,
    refused_words,
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
Few = Annotated[int, Interval(ge=0, le=100), Doc("The most rows to return of each finding.")]


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
    """A review, with its findings by name."""

    period: Span
    complete: bool
    currency: str | None
    findings: Mapping[str, Found]
    not_looked_at: list[str]
    not_known: list[Gap]
    could_not_be_read: list[str]


def _schema() -> Schema:
    found = {key: answer_schema(Found, {"rows": rows_schema(f)}) for key, f in FINDINGS.items()}
    return answer_schema(Reviewed, {"findings": {"type": "object", "properties": found}})


@question(_schema())
async def review(
    client: AsyncOpenAIAdmin, *, days: Days = 30, only: Only = None, limit: Few = 2
) -> Answer:
    """What there is to know about the organization at a glance: spend, changes, the month, keys,
    people, limits and certificates. It takes about twenty requests, and five for each active
    project; fewer with `only`, and for the other questions.
    """
    say("looking at the organization")
    seen = await examined(client, days=days, only=only)
    chosen = [FINDINGS[key] for key in only or FINDINGS]
    days_from, days_to = midnight(seen.period.start), midnight(seen.period.end)
    unsettled = so_far(settled_until(seen.now), days_from, days_to)
    answer = Reviewed(
        period=span(seen.period),
        complete=unsettled is None,
        currency=seen.currency,
        findings={finding.key: found(seen, finding, limit) for finding in chosen},
        not_looked_at=list(seen.missing) + list(refused_words(seen.not_known)),
        not_known=gaps(seen.not_known),
        could_not_be_read=list(amounts(seen.unread)),
    )
    told = [_headline(seen, chosen), *filter(None, [unsettled])]
    told += not_looked_at(seen.not_known, seen.missing)
    told += sentences(seen.unread)
    named = [line for finding in chosen for line in _in_words(seen, finding, limit)]
    return Answer(to_dict(answer), " ".join(told), "\n".join(named))


def _headline(review: Review, chosen: Sequence[Finding[Any]]) -> str:
    """What was spent, where that was asked for; else what was looked at."""
    if FINDINGS["by_project"] not in chosen:
        return f"Looked at: {'; '.join(finding.heading for finding in chosen)}."
    if unknown := review.why_not_known("by_project"):
        return f"{review.period}: {not_checked(unknown, {})}."
    total = known(review.by_project).total
    return f"{review.period}: {at_least(total.cost, review.currency, gaps=total.gaps)} spent."


def _in_words(review: Review, finding: Finding[Any], limit: int) -> Iterator[str]:
    """What a finding says, and its first rows, for clients that show only text."""
    yield f"{finding.heading}: {' '.join(finding.sentences(_quoting(review)))}"
    for line in lines(finding, finding.found(review)[:limit], review.names, review.currency):
        if line:
            yield f"- {line}"


def _quoting(review: Review) -> Review:
    """A review whose sentences quote what people of the organization wrote."""
    shares = ("by_project", "by_model", "by_line_item", "by_key", "by_user")
    ids = {change.group[0] for share in shares for change in FINDINGS[share].rows(review)}
    ids |= set(review.names)
    names = {id: quoted(review.name(id)) for id in ids if id is not None}
    return attrs.evolve(review, names=names)


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
