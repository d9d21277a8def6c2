"""The question of why requests are refused with 429."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated

import attrs
from annotated_types import Len
from typing_extensions import Doc

from ..._declare.arguments import shown, suggest
from ...client import AsyncOpenAIAdmin
from ...directory.find import with_ids
from ...directory.not_known import sentence, told
from ...directory.recorded.told import Told
from ...errors import APIError, InvalidInputError
from ...insights.cents import cents, in_percent
from ...insights.defaults import NEAR
from ...insights.gather.limits import LimitsLookedAt, RateLimit, look_at_limits
from ...insights.rate_limits import RateLimitUse, family_of
from ...insights.spend import SpendThreshold
from ...insights.text import count
from ...usage.money import BILLED_IN
from ..progress import say
from ..texts import quoted
from ..times import now_of
from ..tool import Answer
from ..values import Money, iso
from .question import AtMost, Detail, question
from .rows import facts
from .short import cut, restated, unclear, unknown

OneProject = Annotated[str | None, Len(1), Doc("The project, by name or id; by default all.")]
Model = Annotated[str | None, Len(1), Doc("The model; by default all.")]

_LIMITED = (
    "Usage counts what was answered, by minutes of the clock; limits act on any stretch, and"
    " tokens are reserved before they are used: 429s may come well below 100 percent."
)
_BUSY_DAYS = "Minutes were looked at on days of busy hours alone: name a project for all days."
_LEAST = 4  # rate limits that are shown, however far from being reached
_SPEND = 10  # spend limits that are shown at most
_CHANGES = 5  # the latest changes of limits that are told
_BACK = timedelta(days=30)
_MORE = "name a project or a model"
_BUDGET = "name a project, or ask budget"


@attrs.frozen(kw_only=True)
class Use:
    """A rate limit beside the busiest minute of the last week.

    Attributes:
        project: the project.
        model: the model or family.
        unit: what counts.
        peak: the most in a minute; null, as what is of it, where nothing was counted.
        peak_at: when that was.
        limit: how many are allowed.
        headroom: how many more could be.
        used_percent: peak of limit.
        state: reached, near, clear or nothing counted.
        averaged: the peak is an hour's average.
    """

    project: str
    model: str
    unit: str
    peak: float | None
    peak_at: str | None = None
    limit: int
    headroom: float | None
    used_percent: float | None
    state: str
    averaged: bool | None = None


@attrs.frozen(kw_only=True)
class Spend:
    """A spend limit beside the month's costs: once reached, all requests get 429.

    Attributes:
        of: the project or organization.
        limit: of a month.
        spent: so far.
        used_percent: spent of limit.
        state: refusing requests now, reached, near, clear or not known.
    """

    of: str
    limit: Money
    spent: Money
    used_percent: float
    state: str


@attrs.frozen(kw_only=True)
class RateLimits:
    """Why requests are refused with 429.

    Attributes:
        since: the beginning of the week whose use was counted.
        use_of: the endpoints whose use was.
        rate_limits: the fullest first; null where not known.
        spend_limits: likewise.
        changes: who changed rate limits in the last 30 days, the newest first.
        what_to_do: what helps.
        not_known: what could not be looked at, and why.
    """

    since: str
    use_of: list[str]
    rate_limits: list[Use] | None
    spend_limits: list[Spend] | None
    changes: list[str] | None
    what_to_do: list[str]
    not_known: list[str]


@question(RateLimits, toolsets=("assistant",))
async def rate_limits(
    client: AsyncOpenAIAdmin,
    *,
    project: OneProject = None,
    model: Model = None,
    limit: AtMost = None,
    detail: Detail = "concise",
) -> Answer:
    """Why do requests get 429, and how near are limits? The busiest minute of the last week beside
    each rate limit, spend limits that stop requests, who changed limits, and what to do. Example:
    project "Mobile App".
    """
    now = now_of(client)
    ids: list[str] = []
    if project is not None:
        asked = {"project_ids": [project]}
        found, _, _ = await with_ids(client, "usage.costs", asked, lambda _: "project")
        ids = found["project_ids"]
    say("fetching limits and the usage of a week")
    seen = await look_at_limits(client, ids, now=now)
    uses: Sequence[RateLimitUse] | None = seen.uses
    unused: Sequence[RateLimit] = seen.unused
    if uses is not None and model is not None:
        uses, unused = _of_model(uses, unused, model)
    near = sum(use.share >= NEAR for use in uses or ())
    wanted = max(near, _LEAST) if limit is None else limit
    rows = [_use(use, seen) for use in uses or ()]
    rows += [_unused(each, seen) for each in unused] if uses is not None and model else []
    shown, left_out = cut(rows, wanted, "rate limits", detail, _MORE)
    spend, more = cut(
        [_spend(one, seen) for one in seen.spend or ()], _SPEND, "spend limits", detail, _BUDGET
    )
    say("looking for changes of limits")
    changes, lacks = await _changes(client, ids, now)
    answer = RateLimits(
        since=iso(seen.since) or "",
        use_of=list(seen.endpoints),
        rate_limits=None if uses is None else shown,
        spend_limits=None if seen.spend is None else spend,
        changes=changes,
        what_to_do=_advice(uses or (), seen),
        not_known=[
            *unknown(seen.not_known, seen.names, seen.unread),
            *unclear(seen.spend or (), seen.names),
            *lacks,
        ],
    )
    notes = [_LIMITED, *([] if ids else [_BUSY_DAYS]), *left_out, *more]
    if uses is not None and unused and model is None:
        limits = count(len(unused), "rate limit")
        notes.append(f"For {limits} nothing was counted: name a model to see its own.")
    notes += restated(now) if spend else []
    return Answer(facts(answer), " ".join(_told(uses, seen)), notes=notes)


def _of_model(
    uses: Sequence[RateLimitUse], unused: Sequence[RateLimit], model: str
) -> tuple[Sequence[RateLimitUse], Sequence[RateLimit]]:
    """The limits that a model comes under: those that something was counted for, and the others.

    Raises:
        InvalidInputError: there are limits, and none for such a model.
    """
    wanted = {model.casefold(), family_of(model.casefold())}
    found = [use for use in uses if use.model.casefold() in wanted]
    others = [each for each in unused if each.model.casefold() in wanted]
    if (uses or unused) and not (found or others):
        near = suggest(
            model, sorted({*(use.model for use in uses), *(each.model for each in unused)})
        )
        raise InvalidInputError(f"model: no rate limit is for {shown(model)}{near}")
    return found, others


def _unused(one: RateLimit, seen: LimitsLookedAt) -> Use:
    return Use(
        project=seen.names.get(one.project_id, one.project_id),
        model=one.model,
        unit=f"{one.metric} a minute",
        peak=None,
        limit=one.limit,
        headroom=None,
        used_percent=None,
        state="nothing counted",
    )


def _use(use: RateLimitUse, seen: LimitsLookedAt) -> Use:
    return Use(
        project=seen.names.get(use.project_id, use.project_id),
        model=use.model,
        unit=use.unit,
        peak=_number(use.peak),
        peak_at=iso(use.peak_at),
        limit=use.limit,
        headroom=_number(max(0.0, use.limit - use.peak)),
        used_percent=in_percent(use.share, digits=1),
        state=use.standing,
        averaged=None if (use.project_id, use.model, use.metric) in seen.by_minute else True,
    )


def _number(value: float) -> float:
    """A number of requests or tokens; whole where it is one."""
    rounded = round(value, 1)
    return int(rounded) if rounded == int(rounded) else rounded


def _spend(one: SpendThreshold, seen: LimitsLookedAt) -> Spend:
    id = one.project_id
    return Spend(
        of="the organization" if id is None else seen.names.get(id, id),
        limit=_dollars(one.amount),
        spent=_dollars(one.spent),
        used_percent=in_percent(one.share, digits=1),
        state="refusing requests now" if id in seen.enforcing else one.standing,
    )


def _dollars(amount: Decimal) -> Money:
    return Money(amount=f"{cents(amount):f}", currency=BILLED_IN)


async def _changes(
    client: AsyncOpenAIAdmin, ids: Sequence[str], now: datetime
) -> tuple[list[str] | None, list[str]]:
    """The latest changes of rate limits, and what is not known of them."""
    try:
        found = await client.audit.search(
            types="rate_limit.*", project=ids, since=now - _BACK, until=now, limit=_CHANGES
        )
    except APIError as error:
        return None, [sentence(f"changes of limits: {error.message}")]
    lacks = [sentence(each) for each in told(found.not_known, {})]
    changes = [_change(event) for event in found.events]
    return (None if lacks and not changes else changes), lacks


def _change(event: Told) -> str:
    what = [event.type or "", *(quoted(text) for text in (event.target, event.changes) if text)]
    whose = f" in {quoted(event.project)}" if event.project else ""
    actor = quoted(event.actor) if event.actor else "somebody whom the log does not name"
    return f"{iso(event.at)} {actor}{whose}: {', '.join(filter(None, what))}"


def _told(uses: Sequence[RateLimitUse] | None, seen: LimitsLookedAt) -> list[str]:
    """The likely reason, in words."""
    said = []
    for one in seen.spend or ():
        whose = "the organization" if one.project_id is None else _named(one.project_id, seen.names)
        if one.project_id in seen.enforcing or one.standing == "reached":
            said.append(f"The spend limit of {whose} is reached: all its requests get 429.")
    if uses is None:
        return [*said, "How near rate limits are is not known."]
    full = [use for use in uses if use.share >= NEAR]
    if not full:
        return [*said, "No rate limit came to 80% in the busiest minute of the last week."]
    first = full[0]
    said.append(
        f"{count(len(full), 'rate limit')} came to 80% or more. The fullest: "
        f"{quoted(first.model)} in {_named(first.project_id, seen.names)} had"
        f" {first.peak:,.0f} of {first.limit:,} {first.unit} ({first.share:.0%}) at"
        f" {iso(first.peak_at)}, which can be why requests get 429."
    )
    return said


def _named(id: str, names: Mapping[str, str]) -> str:
    return quoted(names.get(id, id))


def _advice(uses: Sequence[RateLimitUse], seen: LimitsLookedAt) -> list[str]:
    """What helps against what was found."""
    said = []
    if seen.enforcing or any(one.standing == "reached" for one in seen.spend or ()):
        said.append("Waiting does not help against a spend limit: raise it, or wait for the month.")
    full = {use.metric for use in uses if use.share >= NEAR}
    if full:
        said.append(
            "Raise the project's rate limit for the model, where the organization's own allows it,"
            " or spread requests out and retry after the time that Retry-After says."
        )
    if "tokens" in full:
        said.append("Ask for fewer tokens: max_tokens counts before anything is written.")
    if full:
        said.append("What is not urgent goes into batches, which have limits of their own.")
    if not said:
        said.append(
            "Read the 429's code: rate_limit_exceeded is a pace, insufficient_quota and"
            " …_spend_limit_exceeded are money; daily limits are not compared here."
        )
    return said


QUESTIONS = (rate_limits,)
