"""Fetching the windows of a plan concurrently, and never more than is asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import attrs
from anyio import to_thread

from .._causes import window_cause
from .._declare.pagination import AsyncPager
from .._transport.tasks import Work, run_all
from .._wire.codec import LARGE
from .._wire.models import Page, Unreadable
from .._wire.times import times_of
from ..errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    UsageWindowError,
)
from ..resources.usage.noted import Noted, told_notes
from ..resources.usage.results import UsageBucket
from ..resources.usage.stretches import Gap, Stretch
from ..resources.usage.walk import BucketWalk
from .plan import Window
from .told import Adaptation, MissingWindow, UnreadableUsage

Buckets = list[UsageBucket[Any]]

Partial = bool | Literal["endpoints"]
"""Whether a table may lack windows that cannot be fetched, or endpoints that give nothing."""

_REFUSALS = (AuthenticationError, PermissionDeniedError, NotFoundError)

# Tasks that wait at once for one endpoint; how many of them run is the client's limit.
_WORKERS = 32


class Unread(NamedTuple):
    """Something that could not be read, and the bucket that it is of.

    Attributes:
        part: what it is.
        bucket: the bucket's stretch; ``None`` where that could not be read either.
    """

    part: Unreadable
    bucket: Stretch | None


@attrs.frozen
class Received:
    """What came for a window, held against it (see `BucketWalk`).

    Attributes:
        buckets: those of the window, each once, in order of time.
        gaps: the stretches that did not come, though asked for twice.
        noted: what was left out or joined.
        unreadable: what could not be read.
        failed: the parts that could not be fetched, each with the reason.
        stopped: where the pages break off before the end, in Unix seconds, and how the request for
            the next one failed; `Adapter` deals with it.
        adapted: how the query was changed, as far as that was not told with another window.
        left_out: the parts that are not grouped by all fields, each with those that were refused.
        length: the bytes of the answers.
        said: what else is to be said of it, each as a sentence.
    """

    buckets: Buckets = attrs.field(factory=list)
    gaps: Sequence[Gap] = ()
    noted: Sequence[Noted] = ()
    unreadable: Sequence[Unread] = ()
    failed: Sequence[tuple[Window, APIError]] = ()
    stopped: tuple[int, APIError] | None = None
    adapted: Sequence[Adaptation] = ()
    left_out: Sequence[tuple[Window, Sequence[str]]] = ()
    length: int = 0
    said: Sequence[str] = ()

    @property
    def notes(self) -> list[str]:
        """What is to be said of it, each as a sentence."""
        return [*told_notes(self.noted), *self.said]


def walk_of(pager: AsyncPager[UsageBucket[Any]]) -> BucketWalk:
    """A walk through a listing of buckets that keeps all of them."""
    walk = pager.walk()
    assert isinstance(walk, BucketWalk)  # noqa: S101 - usage is declared with it
    walk.keeps_all = True
    return walk


async def receive(
    pager: AsyncPager[UsageBucket[Any]],
    on_page: Callable[[Page[UsageBucket[Any]]], Awaitable[None]] | None = None,
    *,
    walk: BucketWalk | None = None,
) -> Received:
    """All that comes for a window, up to the first page that does not.

    Args:
        pager: its listing.
        on_page: awaited with each page, without what was left out of it.
        walk: a walk of `walk_of`, for who wants to set it or to look at it afterwards.

    Raises:
        APIError: no bucket came.
    """
    walk = walk or walk_of(pager)
    unreadable: dict[_Same, Unread] = {}  # what is missing is asked for twice
    stopped: tuple[int, APIError] | None = None
    length = 0
    try:
        async for page in pager.along(walk):
            length += len(page.raw)
            if page.unreadable:
                is_large = len(page.raw) > LARGE
                found = await to_thread.run_sync(_unread_of, page) if is_large else _unread_of(page)
                unreadable |= found
            if on_page is not None:
                await on_page(page)
    except APIError as error:
        if (reached := walk.stop()) is None:
            raise
        stopped = reached, error
    parts = list(unreadable.values())
    return Received(walk.buckets(), walk.gaps, walk.notes, parts, stopped=stopped, length=length)


_Same = tuple[bytes, str | None, Stretch | None]


def _unread_of(page: Page[Any]) -> dict[_Same, Unread]:
    """What of a page could not be read, by what it has in common with the same from elsewhere."""
    places = {part.path[1] for part in page.unreadable if len(part.path) > 1}
    known = {
        place: Stretch(start, end)
        for place, (start, end) in times_of(page.raw, places).items()
        if isinstance(start, int) and isinstance(end, int)
    }
    found: dict[_Same, Unread] = {}
    for part in page.unreadable:
        bucket = known.get(part.path[1]) if len(part.path) > 1 else None
        found[part.as_json, part.field, bucket] = Unread(part, bucket)
    return found


def missing_in(endpoint: str, received: Received) -> list[MissingWindow]:
    """What lacks in what came: gaps, and parts that could not be fetched."""
    gaps = [
        MissingWindow(
            endpoint,
            Window(*gap.stretch, 1),
            gap.error
            or UsageWindowError(
                "no answer has a bucket for it, though it was asked for again.",
                endpoint=endpoint,
                start=gap.stretch.start,
                end=gap.stretch.end,
            ),
        )
        for gap in received.gaps
    ]
    return gaps + [MissingWindow(endpoint, window, error) for window, error in received.failed]


def unreadable_in(
    endpoint: str, received: Received, window: Window | None = None
) -> list[UnreadableUsage]:
    """What could not be read of what came.

    Args:
        endpoint: whose.
        received: what came.
        window: that of parts whose bucket is not known; without it they are left out.
    """
    parts = (
        (part, window if bucket is None else Window(bucket.start, bucket.end, 1))
        for part, bucket in received.unreadable
    )
    return [UnreadableUsage(endpoint, of, part) for part, of in parts if of is not None]


def window_error(endpoint: str, window: Window, error: APIError) -> UsageWindowError:
    """The error of a window that could not be fetched, because of another one."""
    is_unsent = isinstance(error, RateLimitError) and not error.sent
    why = error.message if is_unsent else error  # its advice is for a single call in Python
    found = UsageWindowError(
        f"usage.{endpoint} from {window} could not be fetched: {why}",
        endpoint=endpoint,
        start=window.start,
        end=window.end,
    ).placed_as(error)
    found.__cause__ = error
    if isinstance(error, APIStatusError):
        found.status, found.retry_after = error.status, error.retry_after
    if isinstance(error, RateLimitError):
        found.is_exhausted = error.is_exhausted
    if isinstance(error, APIConnectionError):
        found.is_lasting = error.is_lasting
    return found


async def fetch_concurrently(
    jobs: Mapping[str, Sequence[Window]],
    fetch: Callable[[str, Window], Awaitable[Received]],
    *,
    partial: Partial,
) -> tuple[dict[str, list[Received]], list[MissingWindow]]:
    """Fetch the windows of several endpoints at once.

    Args:
        jobs: each endpoint's windows, by its name.
        fetch: fetches one.
        partial: go on when a window fails for good, and say so in the result; or only where an
            endpoint gives nothing at all, and others do. One that refuses a window before it gave
            any is not asked for others then.

    Returns:
        What came by endpoint, in the windows' order, and what is missing: gaps in what came, and
        windows of which nothing came.

    Raises:
        UsageWindowError: a window failed, and `partial` does not allow for it.
    """
    results = {key: [Received() for _ in windows] for key, windows in jobs.items()}
    missing: list[MissingWindow] = []
    failed: list[UsageWindowError] = []

    def has_given(key: str) -> bool:
        return any(received.buckets for received in results[key])

    def worker(key: str, windows: Sequence[Window]) -> Work:
        async def work() -> None:
            for index, window in rest:
                try:
                    received = results[key][index] = await fetch(key, window)
                    missing.extend(missing_in(key, received))
                    failed.extend(window_error(key, *part) for part in received.failed)
                except UsageWindowError as exc:
                    if not partial or (partial == "endpoints" and has_given(key)):
                        raise
                    cause = window_cause(exc)
                    lost = [window]
                    if partial == "endpoints" and isinstance(cause, _REFUSALS):
                        lost += [other for _, other in rest]
                    missing.extend(MissingWindow(key, each, cause) for each in lost)
                    failed.append(exc)

        rest = iter(list(enumerate(windows)))
        return work

    workers = [(worker(key, windows), len(windows)) for key, windows in jobs.items()]
    await run_all([work for work, count in workers for _ in range(min(_WORKERS, count))])
    if partial == "endpoints":
        given = {key for key in jobs if has_given(key)}
        for error in failed:
            if error.endpoint in given or not given:
                raise error
    return results, sorted(missing, key=lambda m: (m.endpoint, m.window.start))
