"""Limits that were raised: what may be spent, and how fast."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import attrs

from ...event import AuditEvent
from ..model import Context, Detection, Hit
from . import attack
from .memory import Recent, Told
from .payloads import scope, settings, target, value
from .wording import named, where, who

_KEPT = 20_000

_SPENT = frozenset(
    {
        *("organization.updated", "project.updated", "tenant.billing.overage_limit.updated"),
        *("tenant.usage_limit.workspace.updated", "tenant.usage_limit.group.updated"),
        *("tenant.usage_limit.user.updated", "tenant.usage_limit.increase_request.resolved"),
    }
)
_SPEND_NAMES = (
    *("spend", "budget", "overage", "usage_limit", "usage_cap", "hard_limit", "soft_limit"),
    *("monthly_limit", "credit_limit", "cost_limit", "billing_limit"),
)
_AMOUNTS = (
    *(
        "threshold_amount",
        "amount",
        "limit",
        "value",
        "threshold",
        "new_limit",
        "new_value",
        "new",
        "to",
    ),
    *("hard_limit_usd", "limit_usd", "limit_amount", "cents", "usd", "max", "maximum", "monthly"),
)
_IN_CENTS = frozenset({"threshold_amount", "cents"})
_BEFORE = ("previous", "old", "before", "from")
_UNLIMITED = frozenset({"unlimited", "none", "removed", "disabled", "infinite", "no_limit", "off"})
_RATES = (
    *("max_requests_per_1_minute", "max_tokens_per_1_minute", "max_images_per_1_minute"),
    *("max_audio_megabytes_per_1_minute", "max_requests_per_1_day"),
    "batch_1_day_max_input_tokens",
)


@attrs.frozen
class Limit:
    """What may be spent.

    Attributes:
        amount: how much; ``inf`` where there is no limit.
        is_dollars: whether that is in dollars; else in what unit is not known.
    """

    amount: float
    is_dollars: bool

    @classmethod
    def of(cls, value: Any, field: str) -> Limit | None:
        """The limit that a field has, whose name tells its unit: those of the API are in cents."""
        is_cents = field in _IN_CENTS
        if value is None or (isinstance(value, str) and value.lower() in _UNLIMITED):
            return cls(float("inf"), is_dollars=False)
        number = _number(value)
        if number is None:
            return None
        return cls(number / 100 if is_cents else number, is_dollars=is_cents or "usd" in field)

    def __str__(self) -> str:
        if self.amount == float("inf"):
            return "no limit"
        if not self.is_dollars:
            return f"{self.amount:,.0f}"
        return f"${self.amount:,.{0 if self.amount.is_integer() else 2}f}"


@attrs.define
class Spends:
    """What may be spent, as far as the log told.

    Attributes:
        limits: the limit that was told last, by scope and name.
    """

    limits: Recent[tuple[str, str], Limit] = attrs.field(factory=lambda: Recent(_KEPT))


@attrs.define
class Rate:
    """A rate limit's value, and the highest that it had in everyday life."""

    now: float
    highest: float


@attrs.define
class Rates:
    """The rate limits that the log told, by project, limit and field, and what was told."""

    limits: Recent[tuple[str, str, str], Rate] = attrs.field(factory=lambda: Recent(_KEPT))
    told: Told = attrs.field(factory=Told)


def look_for_spend(event: AuditEvent, state: Spends, context: Context) -> Iterator[Hit]:
    """Find a limit of what may be spent that was raised or removed."""
    raised: list[str] = []
    for name, new, told in _spends(event):
        key = (_whose(event), name)
        before = told or state.limits.get(key)
        state.limits.set(key, new)
        if _is_raised(before, new, context.thresholds["least_times"]):
            raised.append(_what(event, name, before, new, context))
    if raised:
        yield Hit(
            about=_whose(event),
            summary=f"{who(event, context)} {raised[0]}.",
            evidence=(event,),
        )


def _what(event: AuditEvent, name: str, before: Limit | None, new: Limit, context: Context) -> str:
    """What was done to a limit, in words."""
    is_tenants = (event.type or "").startswith("tenant.")
    place = f"of {named(_whose(event), context)}" if is_tenants else where(event, context)
    limit = f"the {name.replace('_', ' ')} {place}"
    if new.amount == float("inf"):
        return f"removed {limit}" + (f", which was {before}" if before else "")
    return f"raised {limit} from {before} to {new}"


def look_for_rates(event: AuditEvent, state: Rates, context: Context) -> Iterator[Hit]:
    """Find a rate limit that was multiplied, by its own values before, or given up."""
    project, limit = event.project_id or "organization", target(event) or "limit"
    if event.type == "rate_limit.deleted":
        known = [name for name in _RATES if (project, limit, name) in state.limits]
        for name in known:
            state.limits.drop((project, limit, name))
        hours = timedelta(hours=context.thresholds["once_hours"])
        if not known or state.told.again(project, event.at, hours):
            return
        yield Hit(
            about=limit,
            summary=f"{who(event, context)} removed the rate limit {named(limit, context)} "
            f"{where(event, context)}: the organization's holds again.",
            evidence=(event,),
            severity="low",
        )
        return
    found: list[tuple[float, str, float, float, float]] = []
    times = context.thresholds["times"]
    for name in _RATES:
        new = _number(value(event, name))
        if new is None:
            continue
        rate = state.limits.get((project, limit, name))
        told = next((n for b in _BEFORE if (n := _number(value(event, f"{b}_{name}")))), None)
        if rate is None and told is not None:
            rate = Rate(told, told)
        if rate is None:
            state.limits.set((project, limit, name), Rate(new, new))
            continue
        is_high = new > rate.highest * context.thresholds["restored"]
        if is_high and new >= times * max(rate.now, 1):
            found.append((new / max(rate.now, 1), name, rate.now, new, rate.highest))
            rate.now = new
        else:
            rate.now, rate.highest = new, max(new, rate.highest)
        state.limits.set((project, limit, name), rate)
    if found:
        by, name, before, after, highest = max(found)
        yield Hit(
            about=limit,
            summary=f"{who(event, context)} raised {name} of {named(limit, context)} "
            f"{where(event, context)} from {before:,.0f} to {after:,.0f}, {by:.1f} times as much.",
            evidence=(event,),
            learned=f"The highest that the log told of this limit before was {highest:,.0f}.",
        )


def _spends(event: AuditEvent) -> Iterator[tuple[str, Limit, Limit | None]]:
    """The limits that were asked for, by name, each with the one before if that is told."""
    whole = (event.type or "").startswith("tenant.")
    found: dict[str, Limit] = {}
    before: dict[str, Limit] = {}
    for path, inner in settings(event):
        if any("alert" in name for name in path):
            continue
        names = [n for n in path if any(word in n for word in _SPEND_NAMES)]
        is_before = any(n.startswith(_BEFORE) for n in path)
        field = _without_before(path[-1])
        is_amount = bool(names or whole) and field in _AMOUNTS
        is_named = bool(names) and path[-1] == names[-1]
        limit = Limit.of(inner, field)
        if limit is None or not (is_amount or is_named):
            continue
        name = _without_before(names[0]) if names else "limit"
        (before if is_before else found).setdefault(name, limit)
    for name, limit in found.items():
        yield name, limit, before.get(name)


def _without_before(name: str) -> str:
    """The name of a value for one that was before: ``limit`` for ``previous_limit``."""
    first, _, rest = name.partition("_")
    return (rest or "limit") if first in _BEFORE else name


def _is_raised(before: Limit | None, new: Limit, least_times: float) -> bool:
    """Whether a limit was raised or removed; the first that is told of is one more than none."""
    if before is None:
        return new.amount == float("inf")
    return before.amount != float("inf") and new.amount > before.amount * least_times


def _whose(event: AuditEvent) -> str:
    if (event.type or "").startswith("tenant."):
        return target(event) or event.type or ""
    return scope(event)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return abs(number) if number >= 0 else None  # there is a -0 as well


DETECTIONS = (
    Detection(
        key="spend_limit_raised",
        title="Spend limit raised or removed",
        severity="high",
        techniques=(attack.RESOURCE_HIJACKING,),
        why="The limit is what ends the spending of a stolen key.",
        what_to_do="Ask the one who raised it for the reason, and set it back if there is none "
        "(`openai-admin spend-limit update`, or `projects spend-limit update`). Look at what is "
        "being spent: `openai-admin usage costs`.",
        state=Spends,
        look=look_for_spend,
        thresholds={"least_times": 1.25},
        types=_SPENT,
    ),
    Detection(
        key="rate_limit_multiplied",
        title="Rate limit multiplied",
        severity="medium",
        techniques=(attack.RESOURCE_HIJACKING,),
        why="The faster a key may go, the more can be spent with it before anybody sees it.",
        what_to_do="Ask the one who raised it which product needs it. If none does, set it back "
        "(`openai-admin projects rate-limits update`), and look at the project's usage by key.",
        state=Rates,
        look=look_for_rates,
        thresholds={"times": 2.5, "restored": 1.25, "once_hours": 24.0},
        types=frozenset({"rate_limit.updated", "rate_limit.deleted"}),
    ),
)
