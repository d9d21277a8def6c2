"""Paging through a listing: one cursor, two pagers.

The API pages in four ways, which differ only in data: which parameter carries the cursor, and where
the next one is found.
"""

from __future__ import annotations

import enum
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterator
from contextlib import aclosing
from copy import copy
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import attrs

from .._wire.codec import to_dict
from .._wire.models import Page, Unreadable
from .._wire.portable import WrittenAs
from ..errors import APIError, PaginationError

T = TypeVar("T")
R = TypeVar("R")

Changes = dict[str, Any]
"""Arguments that differ from those of the first page."""


class Paging(enum.Enum):
    """Where a listing's next cursor comes from, and the parameter it goes back in."""

    LAST_ID = "after", "last_id"
    LAST_ITEM = "after", "the last item's id"
    NEXT = "after", "next"
    NEXT_PAGE = "page", "next_page"

    @property
    def parameter(self) -> str:
        """The query parameter of the cursor."""
        name: str = self.value[0]
        return name

    def cursor(self, page: Page[Any], *, backwards: bool = False) -> str | None:
        """The cursor of the page that follows, byte for byte as the API gave it."""
        if backwards:
            return page.first_id or _id_of(page, 0)
        if self is Paging.NEXT:
            return page.next
        if self is Paging.NEXT_PAGE:
            return page.next_page
        if self is Paging.LAST_ID:
            return page.last_id or _id_of(page, -1)
        return _id_of(page, -1)


def _as_it_came(page: Page[T]) -> Page[T]:
    """A copy of a page, unaffected when a reader sorts or empties the original's list."""
    return attrs.evolve(page, data=page.data[:])


def _id_of(page: Page[Any], index: int) -> str | None:
    """The id of a page's first (0) or last (-1) item, or of the one next to it that has one."""
    if page.unreadable:
        items = to_dict(page)["data"]
        ids = [item.get("id") for item in items if isinstance(item, dict)]
        named = [id for id in ids if isinstance(id, str)]
        return named[index] if named else None
    return getattr(page.data[index], "id", None) if page.data else None


class PageCursor:
    """The cursors of one pass through a listing; it knows nothing about requests.

    Args:
        paging: how the listing pages.
        backwards: go towards newer entries with ``before``, as a caller who gave it began.
    """

    def __init__(self, paging: Paging, *, backwards: bool = False) -> None:
        self._paging = paging
        self._backwards = backwards
        self._seen: set[str] = set()
        self.parameter = "before" if backwards else paging.parameter

    def kept(self, page: Page[T]) -> Page[T]:
        """What of a page a reader gets."""
        return page

    def after(self, page: Page[Any]) -> Changes | None:
        """How the query of the page that follows differs from the first; ``None`` at the end.

        Raises:
            PaginationError: the cursors would loop or break off.
        """
        cursor = self.next_cursor(page)
        return None if cursor is None else {self.parameter: cursor}

    def after_failure(self, error: APIError) -> Changes | None:
        """How the query that follows a failed request differs from the first; ``None`` at the end.

        Raises:
            APIError: the error itself, where the walk cannot go on without the page.
        """
        raise error

    def next_cursor(self, page: Page[Any]) -> str | None:
        """The cursor to go on with after a page, ``None`` at the end.

        Raises:
            PaginationError: the page says there is more but gives no cursor, or one that was
                followed before.
        """
        if not page.has_more:
            return None
        cursor = self._paging.cursor(page, backwards=self._backwards)
        if not cursor:
            raise PaginationError(
                f"The page says there is more, but has no cursor ({self._paging.value[1]}).",
                cursor=None,
            )
        if cursor in self._seen:
            raise PaginationError(
                f"The API gave the cursor {cursor!r} a second time; following it would loop.",
                cursor=cursor,
            )
        self._seen.add(cursor)
        return cursor


Fetch = Callable[[Changes], Coroutine[Any, Any, Page[T]]]
"""``fetch(changes)``: the page of a listing with these arguments in place of its own."""


class AsyncPager(Generic[T]):
    """A listing: ``await`` it for the first page, ``async for`` it for every item.

    The page that was awaited goes on, too: ``async for`` over it yields its items, and then those
    of the pages that follow.

    It may be awaited more than once, and so is not a coroutine. `asyncio.gather` and
    `asyncio.ensure_future` take it as it is; `asyncio.create_task` and task groups take an
    ``async def`` that awaits it.
    """

    def __init__(self, fetch: Fetch[T], walk: Callable[[], PageCursor]) -> None:
        self._fetch = fetch
        self._new_walk = walk

    def __await__(self) -> Generator[Any, Any, Page[T]]:
        page = yield from self._fetch({}).__await__()
        object.__setattr__(page, "_walk_on", self._items_from)
        return page

    def __aiter__(self) -> AsyncIterator[T]:
        return self._items_from(None)

    def __repr__(self) -> str:
        return "AsyncPager(await it for the first page, or use async for)"

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError(
            "A listing can be neither pickled nor copied; the page that awaiting it gives can."
        )

    async def _items_from(self, first: Page[T] | None) -> AsyncGenerator[T, None]:
        async with aclosing(self.along(self.walk(), first)) as pages:
            async for page in pages:
                for item in page.data:
                    yield item

    def pages(self) -> AsyncGenerator[Page[T], None]:
        """Iterate over the pages, each fetched when it is asked for.

        Raises:
            PaginationError: the cursors would loop or break off.
        """
        return self.along(self.walk())

    def walk(self) -> PageCursor:
        """The cursors of a new pass, for who wants to look at them afterwards."""
        return self._new_walk()

    async def along(
        self, walk: PageCursor, first: Page[T] | None = None
    ) -> AsyncGenerator[Page[T], None]:
        """Iterate over the pages with the cursors of a pass (see `walk`).

        Args:
            walk: the cursors.
            first: the first page, where it is already there.
        """
        changes: Changes | None = {}
        while changes is not None:
            try:
                page = await self._fetch(changes) if first is None else first
            except APIError as error:
                changes = walk.after_failure(error)
                continue
            first = None
            seen = _as_it_came(page)
            yield walk.kept(page)
            changes = walk.after(seen)


class Portal(Protocol):
    """What runs asynchronous code for a blocking caller (see `portal`)."""

    def call(self, work: Callable[[], Coroutine[Any, Any, R]]) -> R:
        """Run a coroutine to its end and return its result."""
        ...

    def iterate(self, work: Callable[[], AsyncGenerator[R, None]]) -> Generator[R, None, None]:
        """Run an asynchronous generator step by step."""
        ...


class Pager(WrittenAs, Generic[T]):
    """A listing, blocking: the first page, which iterates on through all the rest.

    The first page is fetched at once, so that an error shows where the listing is asked for. What
    is pickled or copied is that page alone, a `Page`, which refuses to be iterated.
    """

    # Slots, so that what looks into it, as FastAPI does, finds the first page (see `Portable`).
    __slots__ = ("__weakref__", "_fetch", "_first", "_new_walk", "_portal")

    def __init__(self, fetch: Fetch[T], walk: Callable[[], PageCursor], portal: Portal) -> None:
        self._fetch = fetch
        self._new_walk = walk
        self._portal = portal
        self._first: Page[T] = portal.call(lambda: fetch({}))

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.data

    def pages(self) -> Iterator[Page[T]]:
        """Iterate over the pages, beginning with the one already fetched.

        Raises:
            PaginationError: the cursors would loop or break off.
        """
        # Not by AsyncPager's loop: the first page is yielded even after the client is closed.
        walk = self._new_walk()
        seen = _as_it_came(self._first)
        yield walk.kept(self._first)
        changes = walk.after(seen)
        while changes is not None:
            try:
                page = self._portal.call(partial(self._fetch, changes))
            except APIError as error:
                changes = walk.after_failure(error)
                continue
            seen = _as_it_came(page)
            yield walk.kept(page)
            changes = walk.after(seen)

    @property
    def data(self) -> list[T]:
        """The first page's items."""
        return self._first.data

    @property
    def has_more(self) -> bool:
        """Whether pages follow the first."""
        return self._first.has_more

    @property
    def first_id(self) -> str | None:
        """The id of the first page's first item."""
        return self._first.first_id

    @property
    def last_id(self) -> str | None:
        """The id of the first page's last item."""
        return self._first.last_id

    @property
    def next(self) -> str | None:
        """The second page's cursor, in listings that page by ``next``."""
        return self._first.next

    @property
    def next_page(self) -> str | None:
        """The second page's cursor, in usage and costs."""
        return self._first.next_page

    @property
    def unreadable(self) -> list[Unreadable]:
        """What of the first page could not be read."""
        return self._first.unreadable

    @property
    def raw(self) -> bytes:
        """The first page's bytes, unchanged."""
        return self._first.raw

    @property
    def request_id(self) -> str | None:
        """The request id of the first page."""
        return self._first.request_id

    def __repr__(self) -> str:
        # Without a page while the first is fetched: a traceback with local variables asks then.
        return f"Pager({getattr(self, '_first', None)!r})"

    def __reduce__(self) -> str | tuple[Any, ...]:
        return copy, (self._first,)

    def _written_as(self) -> Page[T]:
        return self._first
