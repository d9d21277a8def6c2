"""Listings that questions share: one that was fetched is given to the next for a minute.

An assistant asks several questions in a row, and each reads the same projects, people and keys.
Any change that a client of this process makes ends that at once. Listings of usage, costs and the
audit log, which are long and differ from question to question, are not kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Hashable
from typing import Any

import attrs

from .._declare.operation import OPERATIONS, Call
from .._transport.session import Caller
from .._wire.models import Page
from ..client import AsyncOpenAIAdmin
from .progress import current
from .tool import Answer

SHARED = 60.0
"""Seconds for which a listing is given to others."""
ROOM = 32 * 1024 * 1024
"""The bytes of listings that are kept at the same time."""

_FRESH = 5.0  # seconds: what is younger is as good as new
_NOT_KEPT = ("usage.", "audit_logs.")


@attrs.frozen
class _Kept:  # private: a page of a listing
    page: Page[Any]
    change: object
    fetched: float


class Listings:
    """The pages of listings that were fetched within a minute.

    Args:
        clock: monotonic seconds.
        room: the bytes, as they came, that they may take together.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, room: int = ROOM) -> None:
        self._clock = clock
        self._room = room
        self._kept: dict[Hashable, _Kept] = {}  # the latest last

    def shared_by(self, client: AsyncOpenAIAdmin) -> AsyncOpenAIAdmin:
        """A client like another whose listings are shared."""
        return client._calling(_Sharing(client._caller, self))

    async def page(
        self, caller: Caller, call: Call, fetch: Callable[[], Coroutine[Any, Any, Any]]
    ) -> Any:
        """A page that was fetched within a minute, before which nothing was changed; else anew."""
        key = (caller.session, caller.options, call.name, call.request.target)
        change, now = caller.session.latest_change, self._clock()
        kept = self._kept.get(key)
        if kept is not None and kept.change is change and now - kept.fetched < SHARED:
            if (progress := current()) is not None:
                progress.listings_age = max(progress.listings_age, now - kept.fetched)
            return _own(kept.page)
        page = await fetch()
        if isinstance(page, Page) and caller.session.latest_change is change:
            self._keep(key, _Kept(_own(page), change, now))
        return page

    def _keep(self, key: Hashable, kept: _Kept) -> None:
        self._kept.pop(key, None)
        self._kept[key] = kept
        oldest, room = self._clock() - SHARED, self._room
        for name, each in reversed([*self._kept.items()]):
            room -= len(each.page.raw)
            if room < 0 or each.fetched < oldest:
                del self._kept[name]


def with_age(answer: Answer) -> Answer:
    """An answer that says how old the listings are that it was made of, unless they are fresh."""
    progress = current()
    if progress is None or progress.listings_age < _FRESH:
        return answer
    note = (
        f"Lists of projects, people, keys and the like are up to {progress.listings_age:.0f} s old:"
        " what was changed elsewhere since then is not in this answer."
    )
    return attrs.evolve(answer, notes=[*answer.notes, note])


class _Sharing(Caller):
    """A caller whose listings are shared; with other options, it is an ordinary one."""

    def __init__(self, caller: Caller, listings: Listings) -> None:
        super().__init__(caller.session, caller.options)
        self._listings = listings

    def execute(self, call: Call) -> Coroutine[Any, Any, Any]:
        execute = super().execute
        if not _is_kept(call):
            return execute(call)
        return self._listings.page(self, call, lambda: execute(call))


def _is_kept(call: Call) -> bool:
    operation = OPERATIONS.get(call.name)
    return (
        operation is not None
        and operation.paging is not None
        and not call.name.startswith(_NOT_KEPT)
    )


def _own(page: Page[Any]) -> Page[Any]:
    """A copy whose lists a reader may sort or empty."""
    return attrs.evolve(page, data=page.data[:], unreadable=page.unreadable[:])
