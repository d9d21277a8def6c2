"""What the guard finds: a key that is used far more than usual, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import attrs

from ..._text.durations import duration
from ..._wire.portable import Portable
from ...usage.told import listed

Unit = Literal["dollars", "tokens"]
"""What use is weighed in: tokens where costs are not known."""


@attrs.frozen(kw_only=True)
class ModelUse(Portable):
    """What was used of a model in a burst.

    Attributes:
        model: the model; ``None`` where the API named none.
        requests: requests to it.
        input_tokens: tokens read, those from the cache among them.
        output_tokens: tokens written.
        cost: what that should cost in dollars, by what the organization paid for the model lately;
            ``None`` where the bill of these days does not name it.
    """

    model: str | None
    requests: int
    input_tokens: int
    output_tokens: int
    cost: Decimal | None


@attrs.frozen(kw_only=True)
class Holder(Portable):
    """Who has a key, and how old it is; each ``None`` where it is not known.

    Attributes:
        key_name: the key's name.
        project_name: its project's name.
        kind: ``user`` or ``service_account``.
        id: the person's or the account's id.
        name: their name, or the person's address where they have none.
        created_at: when the key was created. A rotation makes a new key: it was the last one.
        last_used_at: when it was last used before it was looked up, as the API says.
    """

    key_name: str | None = None
    project_name: str | None = None
    kind: Literal["user", "service_account"] | None = None
    id: str | None = None
    name: str | None = None
    created_at: datetime | None = None
    last_used_at: datetime | None = None


@attrs.frozen(kw_only=True)
class Proposal(Portable):
    """Something that can be done about a burst.

    Attributes:
        action: ``limit`` lowers a rate limit of the project, ``rotate`` replaces the key, and
            ``delete`` ends it.
        what: what it does and what else it hits, as sentences.
        command: the command that does it.
        undo: the command that takes it back; ``None`` where nothing does.
        project_id: the project that it is done in.
        rate_limit_id: the rate limit that is lowered.
        model: the model that it is of.
        old: the limits as they are, by their fields' names.
        new: what they become.
    """

    action: Literal["limit", "rotate", "delete"]
    what: str
    command: str
    undo: str | None = None
    project_id: str | None = None
    rate_limit_id: str | None = None
    model: str | None = None
    old: Mapping[str, int] = attrs.field(factory=dict)
    new: Mapping[str, int] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Done(Portable):
    """Something that was done about a burst, or tried.

    Attributes:
        action: as of the proposal.
        what: what was done, or why not, as a sentence.
        undo: the command that takes it back; ``None`` where nothing does, or nothing was done.
        at: when, UTC.
        succeeded: whether it was done; ``None`` where that is not known.
    """

    action: Literal["limit", "rotate", "delete"]
    what: str
    undo: str | None
    at: datetime
    succeeded: bool | None


@attrs.frozen(kw_only=True)
class KeyBurst(Portable):
    """A key that was used far more than is usual for it.

    Attributes:
        key_id: the key.
        project_id: the project that it was used in; ``None`` where the API named none.
        holder: whose it is.
        began: its first minute, UTC.
        found: the minute with which it was too much.
        last: the end of the last minute that was reported with too much use.
        ended: whether it is over: later minutes were reported, and are as usual.
        is_new: whether the key has no history of its own, and is measured by its project and by
            other keys.
        unit: what `used` and `usual` are in.
        used: what was used so far.
        usual: what is usual in this time.
        cost: what was used so far should cost in dollars; ``None`` where no price is known.
        cost_per_hour: what an hour costs at its present pace; ``None`` likewise.
        unpriced: the models whose price is not known: costs are without them.
        models: what was used, the most expensive first.
        proposals: what can be done.
        why_no_limit: why no rate limit is proposed to be lowered; ``None`` where one is.
        done: what was done.
        not_known: what could not be read for it, a sentence each.
    """

    key_id: str
    project_id: str | None
    holder: Holder = Holder()
    began: datetime
    found: datetime
    last: datetime
    ended: bool
    is_new: bool
    unit: Unit
    used: float
    usual: float
    cost: Decimal | None
    cost_per_hour: Decimal | None
    unpriced: tuple[str, ...] = ()
    models: tuple[ModelUse, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    why_no_limit: str | None = None
    done: tuple[Done, ...] = ()
    not_known: tuple[str, ...] = ()

    @property
    def ratio(self) -> float | None:
        """How many times the usual it is; ``None`` where next to nothing is usual."""
        return self.used / self.usual if self.usual > self.used / _FAR else None

    @property
    def identity(self) -> tuple[str, str | None, datetime]:
        """The same for the same burst, however often it is looked at."""
        return self.key_id, self.project_id, self.began

    @property
    def key(self) -> str:
        """The key's name with its id, or the id alone."""
        return _named(self.holder.key_name, self.key_id)

    @property
    def project(self) -> str:
        """The project's name with its id, or the id alone."""
        if self.project_id is None:
            return "no project that the API names"
        return _named(self.holder.project_name, self.project_id)

    @property
    def summary(self) -> str:
        """What happened, as a sentence."""
        times = "far more than" if self.ratio is None else f"{self.ratio:,.0f} times"
        since = f"{self.began:%Y-%m-%d %H:%M} UTC"
        lasting = duration((self.last - self.began).total_seconds())
        stretch = f"for {lasting} from {since} on" if self.ended else f"since {since} ({lasting})"
        usual = "other keys use" if self.is_new else "is usual for it"
        return (
            f"The key {self.key} in {self.project} {'was' if self.ended else 'is'} used"
            f" {times} what {usual}, {stretch}: {self.stake}."
        )

    @property
    def stake(self) -> str:
        """What it costs, in words."""
        if self.cost is None or self.cost_per_hour is None:
            tokens = sum(each.input_tokens + each.output_tokens for each in self.models)
            requests = sum(each.requests for each in self.models)
            return f"{tokens:,} tokens in {requests:,} requests so far, whose cost is not known"
        parts = [f"about ${self.cost:,.2f} so far"]
        if not self.ended:
            parts.append(f"about ${self.cost_per_hour:,.2f} an hour")
        if self.unpriced:
            parts.append(f"without {listed(self.unpriced)}, whose price is not known")
        return ", ".join(parts)


@attrs.frozen(kw_only=True)
class Look(Portable):
    """What one look found.

    Attributes:
        news: the bursts that are new, have grown, or ended since the last look.
        bursts: every burst that lasts or ended within a day, those among them.
        at: when, UTC, by the server's clock.
        reported: the end of the latest minute that any use was reported for; ``None`` where there
            was none.
        not_known: what could not be read, a sentence each.
    """

    news: tuple[KeyBurst, ...]
    bursts: tuple[KeyBurst, ...]
    at: datetime
    reported: datetime | None
    not_known: tuple[str, ...]


_FAR = 10_000  # times; beyond it a number says nothing


def _named(name: str | None, id: str) -> str:
    return f"“{name}” ({id})" if name else id


def as_json(burst: KeyBurst) -> dict[str, Any]:
    """A finding as plain JSON has it: times in ISO 8601, amounts as text."""
    plain = attrs.asdict(burst, value_serializer=_plain)
    ratio = None if burst.ratio is None else round(burst.ratio, 2)
    return {"detection": "key_burst", "summary": burst.summary, "ratio": ratio, **plain}


def _plain(_: type, __: Any, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value) if isinstance(value, Decimal) else value
