"""The question of what in the audit log should not have happened unseen."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Literal, get_args

import attrs
from typing_extensions import Doc

from ...audit.detections.model import Finding, Severity
from ...audit.search.asked import BACK
from ...client import AsyncOpenAIAdmin
from ...directory.not_known import sentence
from ...errors import BadRequestError, NotFoundError, PermissionDeniedError
from ...insights.text import count
from ..progress import say
from ..times import RANGE, ends_of, now_of
from ..tool import Answer
from ..values import iso
from .periods import LAST_DAYS
from .question import AtMost, Detail, question
from .rows import facts
from .short import cut

When = Annotated[str, Doc(f"Which time (UTC): {RANGE}.")]
Least = Annotated[
    Literal["low", "medium", "high", "critical"], Doc("The least severity that is told.")
]

_SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@attrs.frozen(kw_only=True)
class Suspicion:
    """Something that should be looked at.

    Attributes:
        severity: how bad it is.
        at: when.
        what: what happened.
        do: what to do.
        why: why it matters.
        events: ids of events that show it.
    """

    severity: str
    at: str | None = None
    what: str
    do: str | None = None
    why: str | None = None
    events: list[str] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class Suspicions:
    """What was found in the audit log.

    Attributes:
        since: the beginning.
        until: the end.
        suspicions: the worst first; null where refused.
        events_looked_at: how many.
        not_known: what could not be looked at, and why.
    """

    since: str | None
    until: str | None
    suspicions: list[Suspicion] | None
    events_looked_at: int | None
    not_known: list[str]


@question(Suspicions, toolsets=("assistant",))
async def detect(
    client: AsyncOpenAIAdmin,
    *,
    period: When = LAST_DAYS,
    severity: Least = "medium",
    limit: AtMost = None,
    detail: Detail = "concise",
) -> Answer:
    """Is anything suspicious in the audit log: new owners, admin keys, protections switched off,
    odd logins, mass removals? Example: period "last week", severity "high".
    """
    now = now_of(client)
    start, end = ends_of(period, "period", now=now)
    until = min(end or now, now)
    since = start or until - BACK
    say("looking at the audit log")
    try:
        found = await client.audit.detect(since=since, until=until)
    except (PermissionDeniedError, BadRequestError, NotFoundError) as error:  # or it is off
        lacks = [sentence(f"the audit log: {error.message}")]
        answer = Suspicions(
            since=iso(since),
            until=iso(until),
            suspicions=None,
            events_looked_at=None,
            not_known=lacks,
        )
        return Answer(facts(answer), "What is in the audit log is not known.")
    least = _SEVERITIES.index(severity)
    bad = [each for each in found.findings if _SEVERITIES.index(each.severity) >= least]
    bad.sort(
        key=lambda each: (_SEVERITIES.index(each.severity), each.at is not None, each.at or now)
    )
    bad.reverse()
    shown, notes = cut(
        [_suspicion(each, detail) for each in bad],
        limit,
        "findings",
        detail,
        "ask for a shorter period",
    )
    answer = Suspicions(
        since=iso(found.since.astimezone(UTC)),
        until=iso(found.until.astimezone(UTC)),
        suspicions=shown,
        events_looked_at=found.events,
        not_known=[sentence(each) for each in found.not_known],
    )
    if len(bad) < len(found.findings):
        lesser = count(len(found.findings) - len(bad), "finding")
        notes.append(f"{lesser} of lesser severity left out.")
    if found.accepted:
        accepted = count(len(found.accepted), "finding")
        notes.append(f"{accepted} accepted by the settings, and left out.")
    told = f"{count(len(bad), 'finding')} in {count(found.events, 'event')} of the audit log."
    return Answer(facts(answer), told, notes=notes)


def _suspicion(found: Finding, detail: str) -> Suspicion:
    is_long = detail == "detailed"
    return Suspicion(
        severity=found.severity,
        at=iso(found.at),
        what=f"{found.title}: {found.summary}",
        do=found.what_to_do if is_long else None,
        why=found.why if is_long else None,
        events=[str(event.id) for event in found.evidence] if is_long else [],
    )


QUESTIONS = (detect,)
