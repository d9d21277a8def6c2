"""What a burst costs, whose key it is, and what can be done: what makes a finding of it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from ...resources.projects.api_keys import ProjectAPIKey
from .findings import Holder, KeyBurst, ModelUse, Proposal
from .prices import Counts, Prices
from .watching import Found, Model

_CENT = Decimal("0.01")


def finding_of(found: Found, prices: Prices) -> KeyBurst:
    """The finding that a burst is, without what must be looked up."""
    uses = [_use(model, counts, prices) for model, counts in found.models.items()]
    uses.sort(key=lambda u: (-(u.cost or 0), -u.input_tokens - u.output_tokens))
    key, project = found.place
    burst = found.burst
    per_hour = _cost(found.lately, prices)
    return KeyBurst(
        key_id=key,
        project_id=project,
        began=_moment(burst.began),
        found=_moment(burst.found),
        last=_moment(burst.last + 1),
        ended=burst.ended,
        is_new=found.is_new,
        unit="tokens" if prices.token is None else "dollars",
        used=burst.used,
        usual=burst.usual,
        cost=_rounded(_cost(found.models, prices)),
        cost_per_hour=_rounded(None if per_hour is None else per_hour * 60 / found.minutes),
        unpriced=tuple(sorted(str(u.model) for u in uses if u.cost is None)),
        models=tuple(uses),
    )


def holder_of(key: ProjectAPIKey, project_name: str | None) -> Holder:
    """Whose a key is."""
    owner = None if key.owner is None else key.owner.holder
    person = None if key.owner is None else key.owner.user
    account = None if key.owner is None else key.owner.service_account
    return Holder(
        key_name=key.name,
        project_name=project_name,
        kind="user" if person is not None else "service_account" if account is not None else None,
        id=None if owner is None else owner.id,
        name=None if owner is None else owner.name or (person.email if person else None),
        created_at=key.created_at,
        last_used_at=key.last_used_at,
    )


def ending(burst: KeyBurst) -> tuple[Proposal, ...]:
    """The proposals to replace the key, and to delete it."""
    project = burst.project_id
    if project is None:
        return ()
    found = []
    holder = burst.holder
    if holder.kind == "service_account" and holder.id is not None:
        name = shlex.quote(holder.name or holder.id)
        found.append(
            Proposal(
                action="rotate",
                what="Replace the key; the old one works until its overlap is over.",
                command=f"openai-admin rotate service-account {name} --project {project}",
                project_id=project,
            )
        )
    found.append(
        Proposal(
            action="delete",
            what="Delete the key, which stops working at once. That cannot be undone.",
            command=f"openai-admin projects api-keys delete {project} {burst.key_id}",
            project_id=project,
        )
    )
    return tuple(found)


def per_minute(lately: Mapping[Model, Counts], minutes: int, models: list[str]) -> Counts:
    """What is used of some models in a minute."""
    total = sum((lately.get(model, Counts()) for model in models), Counts())
    return Counts(requests=total.requests // minutes, input=total.tokens // minutes)


def _use(model: Model, counts: Counts, prices: Prices) -> ModelUse:
    return ModelUse(
        model=model,
        requests=counts.requests,
        input_tokens=counts.input,
        output_tokens=counts.output,
        cost=_rounded(prices.worth(model, counts)),
    )


def _cost(models: Mapping[Model, Counts], prices: Prices) -> float | None:
    """What the use of models costs, of those whose price is known; ``None`` where none is."""
    known = [c for m, counts in models.items() if (c := prices.worth(m, counts)) is not None]
    return sum(known) if known else None


def _rounded(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(amount).quantize(_CENT)


def _moment(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)
