"""The question of which certificates end soon, and where they are active."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

import attrs
from annotated_types import Interval
from typing_extensions import Doc

from ...client import AsyncOpenAIAdmin
from ...insights.defaults import ENDING_DAYS
from ...insights.gather.certificates import (
    CertificatesLookedAt,
    CertificateUse,
    look_at_certificates,
)
from ...insights.text import count, some_of
from ..progress import say
from ..texts import quoted
from ..times import now_of
from ..tool import Answer
from ..values import iso
from .question import AtMost, Detail, question
from .rows import facts
from .short import cut, unknown

EndingDays = Annotated[int, Interval(ge=1, le=3650), Doc("How many days ahead count as soon.")]

_ORGANIZATION = "the organization"


@attrs.frozen(kw_only=True)
class Ending:
    """A certificate.

    Attributes:
        id: its id.
        name: its name.
        ends_at: when its validity ends.
        days_left: whole days until then, negative once it has ended.
        state: ended, ends soon or valid.
        active_in: the organization, or projects; empty where it is active nowhere, null where
            that is not known.
    """

    id: str
    name: str | None = None
    ends_at: str | None = None
    days_left: int | None = None
    state: Literal["ended", "ends soon", "valid", "not known"]
    active_in: list[str] | None


@attrs.frozen(kw_only=True)
class Certificates:
    """The certificates.

    Attributes:
        count: how many there are; null where not known.
        certificates: those in use that end first, then the others.
        not_known: what could not be looked at, and why.
    """

    count: int | None
    certificates: list[Ending] | None
    not_known: list[str]


@question(Certificates, toolsets=("assistant",))
async def certificates(
    client: AsyncOpenAIAdmin,
    *,
    days: EndingDays = ENDING_DAYS,
    limit: AtMost = None,
    detail: Detail = "concise",
) -> Answer:
    """Which mTLS certificates end soon or have ended, and where are they active: the organization
    or projects? Example: days 60.
    """
    say("fetching certificates")
    now = now_of(client)
    seen = await look_at_certificates(client)
    lacks = unknown(seen.not_known, seen.names, seen.unread)
    if seen.projects_left_out:
        projects = count(seen.projects_left_out, "more project")
        lacks.append(f"Where certificates are active was not asked of {projects}.")
    found = [(use, _row(use, seen, now, days)) for use in seen.uses or ()]
    urgent = [
        each for each in found if each[0].is_active and each[1].state in ("ended", "ends soon")
    ]
    rows = [*(row for _, row in urgent), *(each[1] for each in found if each not in urgent)]
    shown, notes = cut(rows, limit, "certificates", detail, "find has each by its name")
    answer = Certificates(
        count=None if seen.uses is None or "certificates" in _lost(seen) else len(rows),
        certificates=None if seen.uses is None else shown,
        not_known=lacks,
    )
    told = _told(answer, [row for _, row in urgent], rows, days)
    return Answer(facts(answer), told, notes=notes)


def _lost(seen: CertificatesLookedAt) -> set[str]:
    """The kinds of which not all is known."""
    unread = {kind for kind, number in seen.unread.items() if number}
    return {part.kind for part in seen.not_known} | unread


def _row(use: CertificateUse, seen: CertificatesLookedAt, now: datetime, days: int) -> Ending:
    end = use.expires_at
    if end is None:
        state: Literal["ended", "ends soon", "valid", "not known"] = "not known"
    elif end <= now:
        state = "ended"
    else:
        state = "ends soon" if end < now + timedelta(days=days) else "valid"
    places = [_ORGANIZATION] if use.organization else []
    places += [seen.names.get(id, id) for id in use.project_ids]
    return Ending(
        id=use.certificate_id,
        name=use.name,
        ends_at=iso(end),
        days_left=None if end is None else (end - now).days,
        state=state,
        active_in=places if places or seen.are_places_known else None,
    )


def _told(answer: Certificates, urgent: list[Ending], rows: list[Ending], days: int) -> str:
    if answer.certificates is None:
        return "Whether there are certificates is not known."
    if not rows:
        return "There are no certificates."
    within = count(days, "day")
    told = []
    if urgent:
        named = [f"{quoted(each.name or each.id)} ({_end(each)})" for each in urgent]
        told.append(
            f"In use and ending within {within}, or ended: {count(len(urgent), 'certificate')}:"
            f" {some_of(named)}."
        )
    else:
        told.append(f"No certificate that is known to be in use ends within {within}.")
    doubtful = [
        each for each in rows if each.active_in is None and each.state in ("ended", "ends soon")
    ]
    if doubtful:
        others = count(len(doubtful), "other that ends is", "others that end are")
        told.append(f"Whether {others} in use is not known.")
    return " ".join(told)


def _end(each: Ending) -> str:
    word = "ended" if each.state == "ended" else "ends"
    return f"{word} {(each.ends_at or '')[:10]}, active in {some_of(each.active_in or ())}"


QUESTIONS = (certificates,)
