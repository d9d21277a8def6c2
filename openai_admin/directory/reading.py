"""Reading what the API may refuse: the rest is still valid without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Container, Iterable
from contextlib import aclosing
from typing import Any, TypeVar

import attrs

from .._causes import window_cause
from .._declare.operation import CallExecutor
from .._declare.pagination import AsyncPager
from ..errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AuthenticationError,
    NotFoundError,
    PaginationError,
)
from ..resources.spend import SpendLimit
from .acceptance import Acceptance
from .not_known import NotKnown, not_known

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
        unread: how much came and could not be read, by its kind, as ``keys of projects``.
        incomplete: the listings, by kind and project, that came in part.
    """

    caller: CallExecutor
    wanted: frozenset[str] | None = None
    unread: Counter[str] = attrs.field(factory=Counter)
    incomplete: set[tuple[str, str | None]] = attrs.field(factory=set)
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

    def begin(self, kind: str, parts: int = 1) -> None:
        """Say that so many parts of a kind are read; where each is refused, nothing is known."""
        self._parts[kind] += parts

    def answered(self) -> None:
        """Say that a read was answered."""
        self._answered = True

    def check(self) -> None:
        """Raise why nothing at all was answered, where that is so."""
        if self._silence is not None and not self._answered:
            raise self._silence

    async def one(
        self, kind: str, work: Awaitable[T], otherwise: U, *, project_id: str | None = None
    ) -> T | U:
        """A result, or something else in its place where the API refuses it.

        Args:
            kind: what is read, in words, as ``keys of projects``.
            work: reads it.
            otherwise: what is returned where it is not known.
            project_id: the project that it is of.

        Raises:
            AuthenticationError: the key is wrong.
        """
        self.begin(kind)
        try:
            found = await work
        except APIError as error:
            await self.refuse(kind, error, project_id=project_id)
            return otherwise
        self.answered()
        return found

    async def limit(
        self,
        kind: str,
        retrieve: Callable[[], Awaitable[SpendLimit]],
        *,
        project_id: str | None = None,
    ) -> list[SpendLimit]:
        """As `limit_if_known`, but nothing where the API refuses it."""
        return await self.limit_if_known(kind, retrieve, project_id=project_id) or []

    async def limit_if_known(
        self,
        kind: str,
        retrieve: Callable[[], Awaitable[SpendLimit]],
        *,
        project_id: str | None = None,
    ) -> list[SpendLimit] | None:
        """A spend limit; nothing where there is none.

        Args:
            kind: what is read, in words, as ``spend limits``.
            retrieve: reads it.
            project_id: the project that it is of.

        Returns:
            ``None`` where the API refuses it, or it is not asked for.

        Raises:
            AuthenticationError: the key is wrong.
        """

        async def found() -> list[SpendLimit]:
            try:
                return [await retrieve()]
            except NotFoundError:  # how the API says that there is none
                return []

        if not self.wants(kind):
            return None
        return await self.one(kind, found(), None, project_id=project_id)

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
            kind: what is listed, in words, as ``keys of projects``.
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
        self.begin(kind)
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
                await self.refuse(kind, error, project_id=project_id)
                return None
            await self.refuse(kind, error, project_id=project_id, after=came)
            self.incomplete.add((kind, project_id))
        self.answered()
        self.unread[kind] += unread
        if unread:
            self.incomplete.add((kind, project_id))
        return items

    def without(self, kind: str, others: Iterable[str]) -> None:
        """Say that others are not known either, where nothing is known of a kind."""
        lost = [part for part in self._refused if part.kind == kind and part.is_whole]
        asked = filter(self.wants, others)
        self._refused += [attrs.evolve(part, kind=other) for other in asked for part in lost]

    def add(self, consequences: Iterable[NotKnown]) -> None:
        """Say that more is not known, such as what follows from parts that are not."""
        self._refused += consequences

    def refused(self, statuses: Container[int], *, kind: str | None = None) -> set[str]:
        """The ids of projects, groups and people of which a read was refused with such a status.

        Refusals for want of a scope are left out: they say nothing of the thing itself.

        Args:
            statuses: the statuses.
            kind: what was read; by default whatever it was.
        """
        return {
            part.project_id
            for part in self._refused
            if part.project_id is not None
            and part.status in statuses
            and not part.missing_scopes
            and kind in (None, part.kind)
        }

    def forget(self, ids: Container[str], *, kind: str | None = None) -> None:
        """Say nothing of projects, groups or people that turned out to be gone.

        Args:
            ids: their ids.
            kind: what was read of them; by default whatever it was.
        """
        self._refused = [
            part
            for part in self._refused
            if part.project_id not in ids or kind not in (None, part.kind)
        ]

    async def doubt(self, error: Exception) -> None:
        """Make sure that the key is accepted, where an error says that it is not.

        Raises:
            AuthenticationError: the key is wrong.
        """
        if isinstance(error, AuthenticationError):
            await self._acceptance.confirm()

    async def refuse(self, kind: str, error: Exception, **of: Any) -> None:
        """Say that a read was refused, or got no answer.

        Args:
            kind: what was read.
            error: what became of it.
            of: which part of it that was, as `not_known` takes it.

        Raises:
            AuthenticationError: the key is wrong.
        """
        error = window_cause(error)
        await self.doubt(error)
        is_api = isinstance(error, APIStatusError) and error.is_from_api
        if isinstance(error, APIConnectionError) or (
            isinstance(error, APIStatusError) and not error.is_from_api
        ):
            self._silence = self._silence or error
        self._answered |= is_api
        self._refused.append(not_known(kind, error, **of))
