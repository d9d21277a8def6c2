"""What an admin key reaches: its organization, and which parts of the API answer it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal

import attrs

from .._declare.operation import CallExecutor
from .._declare.resource import Async
from .._transport.tasks import TaskGroup
from .._tree import AdminResources
from .._wire.codec import decode
from .._wire.portable import Portable
from ..errors import APIError, APIStatusError, AuthenticationError
from .clock import clock_difference

State = Literal["known", "refused", "not known"]

_MANAGEMENT, _USAGE = "api.management.read", "api.usage.read"
_DAYS = 7  # of costs, whose rows name the organization
_PASSING = frozenset({408, 429})  # client errors that say nothing about what the key may do


@attrs.frozen(kw_only=True)
class CheckedPart(Portable):
    """Whether a part of the API answers a key.

    Attributes:
        name: the part, such as ``audit log``.
        scope: the scope that reading it takes.
        state: ``known`` where it answered; ``refused`` where the API refuses it to this key or has
            it switched off; ``not known`` where that could not be found out.
        reason: the API's words, or what else went wrong; ``None`` where it answered.
        missing_scopes: the scopes that the API says the key lacks.
    """

    name: str
    scope: str
    state: State
    reason: str | None = None
    missing_scopes: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class KeyCheck(Portable):
    """What an admin key reaches.

    Attributes:
        organization: the id of the organization that the key belongs to, as an answer's
            ``openai-organization`` header or else a cost row tells it; ``None`` if neither does.
        organization_name: what the header calls the organization, where that is not an id.
        address: the base address that was asked.
        clock_difference: seconds that the server's clock is ahead of this machine's, to about a
            second; negative where it is behind; ``None`` if no answer told the time.
        parts: the parts of the API that were asked, with what came of it.
    """

    organization: str | None
    organization_name: str | None
    address: str
    clock_difference: int | None
    parts: tuple[CheckedPart, ...] = attrs.field(repr=lambda parts: _counted(parts))

    def of(self, state: State) -> list[CheckedPart]:
        """The parts in a state."""
        return [part for part in self.parts if part.state == state]

    @property
    def is_accepted(self) -> bool:
        """Whether the API accepts the key: something answered, or only lacks a scope.

        Where that is not so, nothing says whether the key is valid.
        """
        return any(part.state == "known" or part.missing_scopes for part in self.parts)

    def is_of(self, organization: str) -> bool | None:
        """Whether the key belongs to an organization, by its id or by what the API calls it.

        ``None`` where that is not known.
        """
        return belongs(organization, self.organization, self.organization_name)


def _counted(parts: Iterable[CheckedPart]) -> str:
    counts = Counter(part.state for part in parts)
    return f"<{', '.join(f'{count} {state}' for state, count in counts.items())}>"


def belongs(expected: str, organization: str | None, name: str | None) -> bool | None:
    """Whether an organization is the expected one; ``None`` where that is not known.

    Args:
        expected: its id or its name.
        organization: the id that is known of it.
        name: the name that is known of it.
    """
    if expected in (organization, name):
        return True
    known = organization if _is_id(expected) else name
    return None if known is None else False


async def check(caller: CallExecutor, *, address: str) -> KeyCheck:
    """Find out what a key reaches, with one read for each part of the API.

    Args:
        caller: makes the calls; it should neither retry nor refuse what cannot be read.
        address: the base address that it asks.

    Raises:
        AuthenticationError: the API knows no such key: it answered nothing, and nowhere says that
            only a scope is missing.
    """
    asked = _Asked(AdminResources[Async](caller))
    first = await asked.ask("projects", _MANAGEMENT, asked.projects)
    now = caller.server_now() or datetime.now(UTC)
    async with TaskGroup() as work:
        others = [
            work.start(partial(asked.ask, name, scope, partial(read, asked.client)))
            for name, scope, read in _READS
        ]
        usage = work.start(partial(asked.ask, "usage", _USAGE, partial(asked.usage, now)))
        costs = work.start(partial(asked.ask, "costs", _USAGE, partial(asked.costs, now)))
        limits = work.start(partial(asked.rate_limits, first))
    parts = (first, *(o.result for o in others), usage.result, costs.result, limits.result)
    told = caller.organization_told()
    is_id = told is not None and _is_id(told)
    found = KeyCheck(
        organization=told if is_id else asked.billed,
        organization_name=None if is_id else told,
        address=address,
        clock_difference=clock_difference(caller),
        parts=parts,
    )
    if not found.is_accepted:
        for error in asked.errors:
            if isinstance(error, AuthenticationError):
                raise error
    return found


async def organization_of(caller: CallExecutor) -> tuple[str | None, str | None]:
    """The id and the name of the organization that a key belongs to, as far as they are known.

    It takes one read, and a second one where the first does not tell the id.

    Raises:
        APIError: the API gave no answer, or rejected the key.
    """
    asked = _Asked(AdminResources[Async](caller))
    await asked.ask("projects", _MANAGEMENT, asked.projects)
    told = caller.organization_told()
    if told is not None and _is_id(told):
        return told, None
    now = caller.server_now() or datetime.now(UTC)
    await asked.ask("costs", _USAGE, partial(asked.costs, now))
    if told is None and asked.billed is None:
        for error in asked.errors:
            if isinstance(error, AuthenticationError) or not _is_refusal(error):
                raise error
    return asked.billed, told


_Reads = tuple[tuple[str, str, Callable[[AdminResources[Async]], Awaitable[Any]]], ...]

_READS: _Reads = (
    ("users", _MANAGEMENT, lambda c: c.users.list(limit=1)),
    ("invites", _MANAGEMENT, lambda c: c.invites.list(limit=1)),
    ("admin keys", _MANAGEMENT, lambda c: c.admin_api_keys.list(limit=1)),
    ("groups", _MANAGEMENT, lambda c: c.groups.list(limit=1)),
    ("roles", _MANAGEMENT, lambda c: c.roles.list(limit=1)),
    ("spend alerts", _MANAGEMENT, lambda c: c.spend_alerts.list(limit=1)),
    ("data retention", _MANAGEMENT, lambda c: c.data_retention.retrieve()),
    ("external storage", _MANAGEMENT, lambda c: c.external_storage.list(limit=1)),
    ("certificates", "api.mtls.read", lambda c: c.certificates.list(limit=1)),
    ("audit log", "api.audit_logs.read", lambda c: c.audit_logs.list(limit=1)),
)


class _Asked:
    """What the reads of a check found out besides.

    Attributes:
        client: makes them.
        project_id: of some project.
        billed: the organization that cost rows name.
        errors: those of the reads that failed, in the order of their answers.
    """

    def __init__(self, client: AdminResources[Async]) -> None:
        self.client = client
        self.project_id: str | None = None
        self.billed: str | None = None
        self.errors: list[APIError] = []

    async def ask(self, name: str, scope: str, read: Callable[[], Awaitable[Any]]) -> CheckedPart:
        """What comes of a read of a part."""
        try:
            await read()
        except APIError as error:
            self.errors.append(error)
            return CheckedPart(
                name=name,
                scope=scope,
                state="refused" if _is_refusal(error) else "not known",
                reason=_reason(error),
                missing_scopes=getattr(error, "missing_scopes", ()),
            )
        return CheckedPart(name=name, scope=scope, state="known")

    async def projects(self) -> None:
        """Read a project."""
        page = await self.client.projects.list(limit=1)
        self.project_id = next((project.id for project in page.data), None)

    async def usage(self, now: datetime) -> None:
        """Read a day's usage."""
        await self.client.usage.completions(start_time=now - timedelta(days=1), limit=1)

    async def costs(self, now: datetime) -> None:
        """Read some days' costs, and whose they are."""
        since = now - timedelta(days=_DAYS)
        page = await self.client.usage.costs(start_time=since, limit=_DAYS)
        self.billed = _organization_in(decode(page.raw, Any))

    async def rate_limits(self, projects: CheckedPart) -> CheckedPart:
        """What comes of reading the rate limits of a project, if there is one to be had."""
        name = "rate limits"
        id = self.project_id
        if id is not None:
            limits = self.client.projects.rate_limits
            return await self.ask(name, _MANAGEMENT, lambda: limits.list(id, limit=1))
        if projects.state == "known":
            reason = "There is no project whose limits could be read."
            return CheckedPart(name=name, scope=_MANAGEMENT, state="not known", reason=reason)
        return attrs.evolve(projects, name=name)  # which need a project's id


def _is_id(organization: str) -> bool:
    return organization.startswith("org-")


def _reason(error: APIError) -> str:
    later = error.later if isinstance(error, APIStatusError) else ""
    return f"{error.message.rstrip('.')}{later}." if later else error.message


def _is_refusal(error: APIError) -> bool:
    """Whether an error says that the API will not answer, and not that it could not."""
    if not isinstance(error, APIStatusError) or not error.is_from_api or error.status is None:
        return False
    return 400 <= error.status < 500 and error.status not in _PASSING


def _organization_in(costs: Any) -> str | None:
    """The organization that some cost row names: the API has sent it there, undocumented."""
    if isinstance(costs, list):
        return next(filter(None, map(_organization_in, costs)), None)
    if not isinstance(costs, dict):
        return None
    id = costs.get("organization_id")
    return id if isinstance(id, str) and id else _organization_in([*costs.values()])
