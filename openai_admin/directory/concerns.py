"""What speaks against a call and cannot be seen from its arguments: it takes a look to know.

Whoever asks a person before a call (the command line, the MCP server) says these sentences, and
asks because of them where the operation alone would not be asked about.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from .._declare.operation import Operation
from .._declare.resource import Async
from .._transport.lockout import DEMANDING, NOT_KNOWN, SENTENCE
from .._tree import AdminResources
from ..errors import APIStatusError, NotFoundError
from .highest import Highest
from .permissions import OWNER
from .wording import dollars

RECENT_DAYS = 30
"""Days since its last use for which a key counts as used."""

_PAGE = 100  # the most items that a page of a listing has
_DAYS = 31  # the most of a month
_BILLED_IN = "usd"
_Arguments = Mapping[str, Any]
_Look = Callable[[AdminResources[Async], _Arguments], Awaitable[list[str]]]


async def concerns(
    client: AdminResources[Async], operation: Operation, arguments: _Arguments
) -> list[str]:
    """What speaks against a call, a sentence each.

    Args:
        client: an asynchronous client.
        operation: the operation that is to be called.
        arguments: its arguments.

    Returns:
        Nothing where nothing does. Where the key may not look, the sentence says so: what is not
        known is not taken for harmless.
    """
    look = _LOOKS.get(operation.name)
    if look is None:
        return []
    try:
        return await look(client, arguments)
    except APIStatusError as error:
        return [f"Its consequences could not be checked: {error.message}"]


def has_concerns(operation: Operation) -> bool:
    """Whether something may speak against a call of an operation."""
    return operation.name in _LOOKS


_HIGHEST = Highest()
_WITHOUT = "without one, nobody can use the Admin API."


async def _last_admin_key(client: AdminResources[Async], arguments: _Arguments) -> list[str]:
    undecided = False
    async for key in client.admin_api_keys.list(limit=_PAGE):
        is_admin_key = key.is_admin_key()
        if key.id == arguments["key_id"]:
            if is_admin_key is False:
                return []
        elif is_admin_key:
            return []
        else:
            undecided = undecided or is_admin_key is None
    if undecided:
        why = "the other keys listed may be a project's"
        return [f"It may be the last admin key, since {why}: {_WITHOUT}"]
    return [f"It is the last admin key: {_WITHOUT}"]


async def _last_owner(client: AdminResources[Async], arguments: _Arguments) -> list[str]:
    owners = [u.id async for u in client.users.list(limit=_PAGE) if u.role == OWNER]
    if not owners:  # there is one, so it could not be read
        return ["No owner of the organization could be read: whether it is the last is not known."]
    if owners != [arguments["user_id"]]:
        return []
    from .owners import owners_by_group  # it brings what sends requests, which help has no use for
    from .reading import Reads

    others = await owners_by_group(client, Reads(client._caller))
    others.pop(arguments["user_id"], None)
    if others:
        groups = ", ".join(sorted({group for names in others.values() for group in names}))
        return [f"It is the last owner by membership; others own it through groups ({groups})."]
    return ["It is the last owner of the organization."]


async def _demoted_owner(client: AdminResources[Async], arguments: _Arguments) -> list[str]:
    if arguments.get("role") in (None, OWNER):
        return []
    return await _last_owner(client, arguments)


async def _used_key(client: AdminResources[Async], arguments: _Arguments) -> list[str]:
    key = await client.projects.api_keys.retrieve(arguments["project_id"], arguments["api_key_id"])
    used = key.last_used_at
    if key.is_unknown("last_used_at"):
        return ["When it was last used is not known: whatever uses it stops working."]
    if used is None or used < datetime.now(UTC) - timedelta(days=RECENT_DAYS):
        return []
    return [f"It was last used on {used:%Y-%m-%d}: whatever uses it stops working."]


async def _lower_rate_limit(client: AdminResources[Async], arguments: _Arguments) -> list[str]:
    new = {name: value for name, value in arguments.items() if isinstance(value, int)}
    listed = client.projects.rate_limits.list(arguments["project_id"], limit=_PAGE)
    async for limit in listed:
        if limit.id == arguments["rate_limit_id"]:
            of = (client._caller.base_url, arguments["project_id"], limit.id)
            told = (_cut(of, name, getattr(limit, name, None), new[name]) for name in new)
            return [sentence for sentence in told if sentence is not None]
    return ["What the rate limit is now is not known: the project's list does not have it."]


def _cut(of: tuple[str, ...], name: str, before: object, after: int) -> str | None:
    """That a limit is cut by half or more, or may be, in one step or in several."""
    if not isinstance(before, int):
        return f"What {name} is now is not known; it is set to {after:,}."
    highest = _HIGHEST.of((*of, name), before)
    if after >= before or not _is_cut(highest, after):
        return None
    was = f", and was {highest:,} within the last hour" if highest > before else ""
    return f"{name} falls from {before:,} to {after:,}{was}."


async def _lower_spend_limit(client: AdminResources[Async], arguments: _Arguments) -> list[str]:
    limits: Any = client.spend_limit
    if "project_id" in arguments:
        limits = client.projects.spend_limit
    known = {name: arguments[name] for name in ("project_id",) if name in arguments}
    after = arguments["threshold_amount"]
    told = []
    try:
        before = (await limits.retrieve(**known)).threshold_amount
    except NotFoundError:  # there is none yet
        pass
    else:
        if before is None:
            told = ["What the spend limit is now is not known."]
        elif before <= after:
            return []
        elif _is_cut(highest := _HIGHEST.of(_spend_limit(client, arguments), before), after):
            was = f", and was {dollars(highest)} within the last hour" if highest > before else ""
            fall = f"from {dollars(before)} to {dollars(after)} a month{was}"
            told = [f"The spend limit falls {fall}."]
    return [*told, *await _spent_already(client, after, [*known.values()])]


def _spend_limit(client: AdminResources[Async], arguments: _Arguments) -> tuple[str, ...]:
    """Tells a limit of spend from others: an organization's key is its own."""
    whose = arguments.get("project_id") or client._caller.organization_told() or ""
    return client._caller.base_url, whose


async def _spent_already(
    client: AdminResources[Async], limit: int, projects: list[str]
) -> list[str]:
    """That a limit of spend, in cents, is reached at once, or may be."""
    month = f"{client._caller.server_now() or datetime.now(UTC):%Y-%m-01}"
    try:
        page = await client.usage.costs(start_time=month, limit=_DAYS, project_ids=projects or None)
    except APIStatusError as error:
        return [f"What was spent this month could not be read: {error.message}"]
    amounts = [row.amount for day in page.data for row in day.results]
    known = [
        each.value
        for each in amounts
        if each is not None
        and each.value is not None
        and each.value.is_finite()
        and (each.currency or _BILLED_IN).lower() == _BILLED_IN
    ]
    spent = sum(known, Decimal(0))
    if spent * 100 >= limit:
        amount = dollars(int(spent * 100))
        return [f"{amount} was spent this month already: requests may be refused at once."]
    if page.unreadable or len(known) < len(amounts):
        return ["A part of what was spent this month could not be read: it may be more already."]
    return []


async def _demanded_certificate(client: AdminResources[Async], arguments: _Arguments) -> list[str]:
    lacks = client._caller.lacks_certificate
    if lacks is None:
        return [NOT_KNOWN]
    return [SENTENCE] if lacks else []


def _is_cut(before: int, after: int) -> bool:
    """Whether a limit is cut by half or more."""
    return after * 2 <= before and after < before


_LOOKS: Mapping[str, _Look] = {
    "admin_api_keys.delete": _last_admin_key,
    "users.delete": _last_owner,
    "users.update": _demoted_owner,
    "projects.api_keys.delete": _used_key,
    "projects.rate_limits.update": _lower_rate_limit,
    "spend_limit.update": _lower_spend_limit,
    "projects.spend_limit.update": _lower_spend_limit,
    **dict.fromkeys(DEMANDING, _demanded_certificate),
}
