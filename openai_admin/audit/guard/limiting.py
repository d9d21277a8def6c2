"""A project's rate limit lowered to what is usual, so that a leaked key can do less."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import attrs

from ..._declare.resource import Async
from ..._tree import AdminResources
from ...errors import APIError, OutcomeUnknownError
from ...insights.rate_limits import family_of
from ...resources.projects.rate_limits import ProjectRateLimit
from ...usage.told import listed
from .findings import Done, Proposal
from .history import Place
from .prices import Counts
from .reading import Used
from .watching import Model

_TIMES = 2
"""How many times its usual busiest minute a project may still use of a model."""
NEED_NOT_KNOWN = "what the project usually uses is not known"
NO_LIMITS = "the project has no rate limit of the models that are used"
NO_USE = (
    f"{_TIMES} times what the project uses in its busiest minute is no less than what it uses in a"
    " minute now, or than its limits"
)
"""Why no limit is lowered."""
_REQUESTS = "max_requests_per_1_minute"
_TOKENS = "max_tokens_per_1_minute"
_NAMED = 5


@attrs.frozen
class Need:
    """What a project usually needs of a model.

    Attributes:
        requests: in its busiest minute of the day before, or in a minute of its busiest hour of
            the last weeks.
        tokens: likewise.
        others: the other keys that use it.
    """

    requests: int
    tokens: int
    others: tuple[str, ...]


def need_of(minutes: Used, hours: Used, place: Place, models: Iterable[str], before: int) -> Need:
    """What a project usually needs of some models that share a limit.

    Args:
        minutes: usage of the project by the minute.
        hours: usage of the project by the hour.
        place: the key that is used too much: what it used before counts as well.
        models: the models.
        before: the minute that the burst began with.
    """
    wanted = frozenset(models)
    used = _added_up(minutes, place, wanted, before)
    by_hour = _added_up(hours, place, wanted, before // 60)
    others: dict[str, int] = {}
    for (key, project), of in minutes.items():
        if project == place[1] and key != place[0]:
            number = sum(
                counts.requests
                for by_model in of.values()
                for model, counts in by_model.items()
                if model in wanted
            )
            if number:
                others[key] = number
    return Need(
        requests=_most(((c.requests for c in used), 1), ((c.requests for c in by_hour), 60)),
        tokens=_most(((c.tokens for c in used), 1), ((c.tokens for c in by_hour), 60)),
        others=tuple(sorted(others, key=lambda key: (-others[key], key))),
    )


def _added_up(used: Used, place: Place, models: frozenset[str], before: int) -> Sequence[Counts]:
    """What a project used of some models in each minute or hour; of the key, what was before."""
    sums: dict[int, Counts] = {}
    for (key, project), of in used.items():
        if project != place[1]:
            continue
        for at, by_model in of.items():
            if key == place[0] and at >= before:
                continue
            for model, counts in by_model.items():
                if model in models:
                    sums[at] = sums.get(at, Counts()) + counts
    return [*sums.values()]


def _most(*parts: tuple[Iterable[int], int]) -> int:
    """The most of a minute, of counts of minutes and of hours."""
    return max(-(-max(counts, default=0) // minutes) for counts, minutes in parts)


def limits_of(
    limits: Sequence[ProjectRateLimit], models: Iterable[Model]
) -> dict[str, tuple[ProjectRateLimit, list[str]]]:
    """The limits that hold for some models, by their ids, with the models that each is for."""
    known = {limit.model: limit for limit in limits if limit.model is not None}
    found: dict[str, tuple[ProjectRateLimit, list[str]]] = {}
    for model in models:
        limit = model and (known.get(model) or known.get(family_of(model)))
        if model and limit:
            found.setdefault(limit.id, (limit, []))[1].append(model)
    return found


def lowering(
    project_id: str, limit: ProjectRateLimit, need: Need, pace: Counts, names: Mapping[str, str]
) -> Proposal | None:
    """The proposal to lower a limit; ``None`` where that would not slow the burst down.

    Args:
        project_id: the project.
        limit: the limit as it is.
        need: what the project usually needs of its models.
        pace: what is used in a minute of the burst.
        names: names of keys by their ids.
    """
    old: dict[str, int] = {}
    new: dict[str, int] = {}
    for field, usual, now in (
        (_REQUESTS, need.requests, pace.requests),
        (_TOKENS, need.tokens, pace.tokens),
    ):
        was = getattr(limit, field)
        becomes = max(1, _TIMES * usual)
        if was is not None and becomes < was and becomes < now:
            old[field], new[field] = was, becomes
    if not new:
        return None
    return Proposal(
        action="limit",
        what=_what(limit, old, new, need, names),
        command=_command(project_id, limit.id, new),
        undo=_command(project_id, limit.id, old),
        project_id=project_id,
        rate_limit_id=limit.id,
        model=limit.model,
        old=old,
        new=new,
    )


async def lower(client: AdminResources[Async], proposal: Proposal, *, now: datetime) -> Done:
    """Carry out a proposal to lower a limit, as long as it still is one.

    Args:
        client: an asynchronous client.
        proposal: the proposal.
        now: the present.
    """
    project, id = str(proposal.project_id), str(proposal.rate_limit_id)
    what = f"the rate limit of {proposal.model} in {project}"
    changes: dict[str, int] = {}
    undo: str | None = None
    try:
        limits = [each async for each in client.projects.rate_limits.list(project, limit=100)]
        current = next((each for each in limits if each.id == id), None)
        if current is None:
            return Done(
                action="limit",
                what=f"Nothing was changed: {what} is not there any more.",
                undo=None,
                at=now,
                succeeded=False,
            )
        was = {field: getattr(current, field) for field in proposal.new}
        changes = {f: n for f, n in proposal.new.items() if was[f] is None or n < was[f]}
        if not changes:
            return Done(
                action="limit",
                what=f"Nothing was changed: {what} is as low already.",
                undo=None,
                at=now,
                succeeded=False,
            )
        old = {field: was[field] for field in changes if was[field] is not None}
        undo = _command(project, id, old) if old else None
        await client.projects.rate_limits.update(project, id, **changes)
    except OutcomeUnknownError as error:
        return Done(
            action="limit",
            what=f"It is not known whether {what} was lowered: {error.message.rstrip('.')}.",
            undo=undo,
            at=now,
            succeeded=None,
        )
    except APIError as error:
        return Done(
            action="limit",
            what=f"{what[0].upper()}{what[1:]} was not lowered: {error.in_general().rstrip('.')}.",
            undo=None,
            at=now,
            succeeded=False,
        )
    return Done(
        action="limit",
        what=f"{what[0].upper()}{what[1:]} was lowered: {_changes(old, changes)}.",
        undo=undo,
        at=now,
        succeeded=True,
    )


def _command(project_id: str, limit_id: str, values: Mapping[str, int]) -> str:
    options = (f"--{field.replace('_', '-')} {value}" for field, value in values.items())
    return " ".join(("openai-admin projects rate-limits update", project_id, limit_id, *options))


def _changes(old: Mapping[str, int], new: Mapping[str, int]) -> str:
    units = {_REQUESTS: "requests", _TOKENS: "tokens"}
    return listed(
        [
            f"{units[field]} a minute from {old[field]:,} to {value:,}"
            if field in old
            else f"{units[field]} a minute to {value:,}"
            for field, value in new.items()
        ]
    )


def _what(
    limit: ProjectRateLimit,
    old: Mapping[str, int],
    new: Mapping[str, int],
    need: Need,
    names: Mapping[str, str],
) -> str:
    text = (
        f"Lower the project's rate limit of {limit.model}: {_changes(old, new)}, which is"
        f" {_TIMES} times what its busiest minute of the day before took, or a minute of its"
        " busiest hour of the last five weeks."
    )
    if not need.others:
        return f"{text} No other key of the project used the model in that day."
    named = [names.get(key, key) for key in need.others[:_NAMED]]
    if (more := len(need.others) - len(named)) > 0:
        named.append(f"{more} more")
    return f"{text} It holds for the whole project, and so for {listed(named)} as well."
