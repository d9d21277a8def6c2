"""Reading what the API may refuse: the rest is still valid without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, TypeVar

import anyio.to_thread
import attrs

from .._causes import window_cause
from .._declare.operation import CallExecutor
from .._declare.pagination import AsyncPager
from .._declare.resource import Async
from .._transport.tasks import each
from .._tree import AdminResources
from ..directory.acceptance import Acceptance
from ..errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AuthenticationError,
    NotFoundError,
    PaginationError,
)
from ..resources.spend import SpendLimit
from ..resources.usage.stretches import WIDTHS
from ..usage.endpoints import chosen, grouped
from ..usage.fetched import FetchedTable
from ..usage.queries import UsageQueries
from ..usage.refusals import Refusal, refusal_of
from ..usage.table import UsageTable
from ..usage.told import MissingWindow
from .basis import grouped_by
from .daily import unread_windows
from .not_known import UNREAD, NotKnown, not_known

T = TypeVar("T")
U = TypeVar("U")

PAGE = 100
"""The most items that a page of a listing has."""


@attrs.define
class Reads:
    """Reads that go on without what the API refuses, and know what that is.

    A wrong key is raised as soon as a read is answered with 401, and others are as well; a 401
    beside answers is a refusal. `check` raises where nothing was answered at all.

    Attributes:
        caller: makes reads that tell whether the key is wrong.
        wanted: the kinds that are asked for: nothing comes of others, without a request; ``None``
            for all.
        unread: how much came and could not be read, by its kind (see `unread.NOUNS`).
    """

    caller: CallExecutor
    wanted: frozenset[str] | None = None
    unread: Counter[str] = attrs.field(factory=Counter)
    _acceptance: Acceptance = attrs.field(init=False)
    _refused: list[NotKnown] = attrs.field(factory=list)
    _parts: Counter[str] = attrs.field(factory=Counter)
    _answered: bool = False
    _silence: APIError | None = None

    def __attrs_post_init__(self) -> None:
        self._acceptance = Acceptance(self.caller)

    @property
    def not_known(self) -> tuple[NotKnown, ...]:
        """What was refused; a kind of which every part was, as one."""
        found: list[NotKnown] = []
        for kind in dict.fromkeys(part.kind for part in self._refused):
            parts = [part for part in self._refused if part.kind == kind]
            lost = [part for part in parts if part.is_lost]
            if any(part.is_whole for part in parts) or len(lost) >= self._parts[kind]:
                parts = [
                    attrs.evolve(part, project_id=None, endpoint=None, window=None, after=None)
                    for part in {part.reason: part for part in reversed(lost or parts)}.values()
                ]
            found += dict.fromkeys(parts)
        return tuple(sorted(found, key=lambda p: (p.kind, p.project_id or "", p.endpoint or "")))

    def wants(self, kind: str) -> bool:
        """Whether a kind is asked for."""
        return self.wanted is None or kind in self.wanted

    def check(self) -> None:
        """Raise why nothing at all was answered, where that is so."""
        if self._silence is not None and not self._answered:
            raise self._silence

    async def one(
        self, kind: str, work: Awaitable[T], otherwise: U, *, project_id: str | None = None
    ) -> T | U:
        """A result, or something else in its place where the API refuses it.

        Args:
            kind: what is read: a kind in `unread.NOUNS`.
            work: reads it.
            otherwise: what is returned where it is not known.
            project_id: the project that it is of.

        Raises:
            AuthenticationError: the key is wrong.
        """
        self._parts[kind] += 1
        try:
            found = await work
        except APIError as error:
            await self._refuse(kind, error, project_id=project_id)
            return otherwise
        self._answered = True
        return found

    async def limit(
        self,
        kind: str,
        retrieve: Callable[[], Awaitable[SpendLimit]],
        *,
        project_id: str | None = None,
    ) -> list[SpendLimit]:
        """A spend limit; nothing where there is none, or the API refuses it.

        Args:
            kind: what is read: a kind in `unread.NOUNS`.
            retrieve: reads it.
            project_id: the project that it is of.

        Raises:
            AuthenticationError: the key is wrong.
        """

        async def found() -> list[SpendLimit]:
            try:
                return [await retrieve()]
            except NotFoundError:  # how the API says that there is none
                return []

        return await self.one(kind, found(), [], project_id=project_id) if self.wants(kind) else []

    async def all(
        self,
        kind: str,
        pager: AsyncPager[T],
        *,
        project_id: str | None = None,
        completely: bool = False,
    ) -> list[T]:
        """As `listing`, but nothing where the API refuses it."""
        return await self.listing(kind, pager, project_id=project_id, completely=completely) or []

    async def listing(
        self,
        kind: str,
        pager: AsyncPager[T],
        *,
        project_id: str | None = None,
        completely: bool = False,
    ) -> list[T] | None:
        """The items of a listing, as far as they come and can be read.

        Args:
            kind: what is listed: a kind in `unread.NOUNS`.
            pager: the listing.
            project_id: the project that it is of.
            completely: whether its first pages are of no use without the last.

        Returns:
            The items; ``None`` where the API refuses it, or it is not asked for.

        Raises:
            AuthenticationError: the key is wrong.
        """
        if not self.wants(kind):
            return None
        self._parts[kind] += 1
        items: list[T] = []
        unread = 0
        try:
            async with aclosing(pager.pages()) as pages:
                async for page in pages:
                    items += page.data
                    unread += len(page.unreadable)
        except APIError as error:
            came = len(items) + unread
            # Pages whose cursors loop or break off may have come twice.
            if completely or not came or isinstance(error, PaginationError):
                await self._refuse(kind, error, project_id=project_id)
                return None
            await self._refuse(kind, error, project_id=project_id, after=came)
        self._answered = True
        self.unread[kind] += unread
        return items

    async def table(
        self,
        kind: str,
        usage: UsageQueries[Async],
        endpoints: Sequence[Any],
        *,
        start_time: datetime,
        end_time: datetime | None,
        bucket_width: Any = "1d",
        group_by: Sequence[Any] | None = None,
        tz: str | None = None,
        may_lack: Collection[str] = (),
        needed_from: datetime | None = None,
        **filters: Any,
    ) -> UsageTable:
        """Usage or costs of a range, as far as they are answered.

        Args:
            kind: what is not known if they are not.
            usage: fetches them.
            endpoints: whose.
            start_time: the beginning.
            end_time: the end; ``None`` is now.
            bucket_width: of the buckets.
            group_by: the fields to group by.
            needed_from: where what is needed begins, by default at `start_time`: nothing lacks
                where the API does not go back further; the table then says what did not come.
            tz: the time zone whose days are meant.
            may_lack: those of the fields that whoever asks tells by itself.
            filters: as of `UsageQueries.collect`.
        """
        meant = chosen(endpoints, width=bucket_width, filters=frozenset(filters))
        nothing = FetchedTable(
            [(e, []) for e in meant], group_by=grouped(meant, group_by, derived=True)
        )
        if not self.wants(kind):
            return nothing
        self._parts[kind] += len(meant)
        try:
            table: UsageTable = await usage.collect(
                endpoints,
                start_time=start_time,
                end_time=end_time,
                bucket_width=bucket_width,
                group_by=group_by,
                partial=True,
                adapt="all",
                tz=tz,
                **filters,
            )
        except APIError as error:
            await self._refuse(kind, error)
            return nothing
        end = end_time or usage._caller.server_now() or datetime.now(UTC)
        span = (int(start_time.timestamp()), int(end.timestamp()), WIDTHS[bucket_width])
        for endpoint in meant:
            lacking = [gap for gap in table.missing if gap.endpoint == endpoint.name]
            is_lost = _covers(lacking, *span)
            self._answered |= not is_lost
            self._refused += (
                NotKnown(
                    kind=kind,
                    reason=UNREAD,
                    endpoint=endpoint.name if len(meant) > 1 else None,
                    window=str(window),
                )
                for window in unread_windows(table, endpoint.name)
            )
            if needed_from is not None and not is_lost:
                lacking = [gap for gap in lacking if not _is_too_far_back(gap, needed_from)]
            for gap in lacking[:1] if is_lost else lacking:
                await self._refuse(
                    kind,
                    gap.error,
                    endpoint=endpoint.name if len(meant) > 1 else None,
                    window=None if is_lost else str(gap.window),
                )
        self.unread[kind] += len(table.unreadable)
        self._refused += (
            NotKnown(
                kind=grouped_by(kind, each.field),
                reason=f"the API does not group that, {each.words}",
            )
            for each in table.adapted
            if each.field is not None and each.field not in may_lack
        )
        return table

    def without(self, kind: str, others: Iterable[str]) -> None:
        """Say that others are not known either, where nothing is known of a kind."""
        lost = [part for part in self._refused if part.kind == kind and part.is_whole]
        asked = filter(self.wants, others)
        self._refused += [attrs.evolve(part, kind=other) for other in asked for part in lost]

    def add(self, consequences: Iterable[NotKnown]) -> None:
        """Say that more is not known for some findings alone, since parts of others are not."""
        self._refused += consequences

    async def _refuse(self, kind: str, error: Exception, **of: Any) -> None:
        error = window_cause(error)
        if isinstance(error, AuthenticationError):
            await self._acceptance.confirm()
        is_api = isinstance(error, APIStatusError) and error.is_from_api
        if isinstance(error, APIConnectionError) or (
            isinstance(error, APIStatusError) and not error.is_from_api
        ):
            self._silence = self._silence or error
        self._answered |= is_api
        self._refused.append(not_known(kind, error, **of))


def _is_too_far_back(gap: MissingWindow, needed_from: datetime) -> bool:
    """Whether the API does not go back to a stretch that is not needed."""
    if gap.window.end > needed_from.timestamp() or not isinstance(gap.error, APIError):
        return False
    return refusal_of(gap.error, ()) is Refusal.START


def _covers(gaps: Sequence[MissingWindow], start: int, end: int, step: int) -> bool:
    """Whether windows leave nothing of a range, but perhaps a part of its last bucket."""
    reached = start
    for gap in sorted(gaps, key=lambda gap: gap.window.start):
        if gap.window.start > reached:
            return False
        reached = max(reached, gap.window.end)
    return bool(gaps) and reached > end - step


async def latest_events(
    client: AdminResources[Async],
    user_ids: Sequence[str],
    *,
    since: datetime,
    now: datetime,
    reads: Reads,
) -> dict[str, datetime]:
    """When each of these users last did something that the audit log has recorded.

    Args:
        client: an asynchronous client.
        user_ids: the users; each takes a request.
        since: how far to look back.
        now: where to stop.
        reads: keeps what is refused or cannot be read.
    """

    if user_ids:  # its many models are imported when it is first asked
        await anyio.to_thread.run_sync(attrgetter("audit_logs"), client)

    async def latest(user_id: str) -> datetime | None:
        work = client.audit_logs.list(
            limit=1, actor_ids=[user_id], effective_at={"gte": since, "lte": now}
        )
        page = await reads.one("the audit log", work, None)
        if page is None:
            return None
        reads.unread["the audit log"] += len(page.unreadable)
        return page.data[0].effective_at if page.data else None

    found = zip(user_ids, await each(user_ids, latest), strict=True)
    return {id: moment for id, moment in found if moment}
