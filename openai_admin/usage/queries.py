"""Usage over long ranges and many endpoints."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import anyio.to_thread
import attrs

from .._causes import window_cause
from .._declare.arguments import Timestamp
from .._declare.decorators import batched, composed
from .._declare.resource import Async, Mode
from ..errors import APIError, UsageWindowError
from ..resources.usage import BucketWidth, Usage
from ..resources.usage.noted import told_notes
from ..resources.usage.stretches import WIDTHS
from .ahead import fetch_ordered
from .asked import Asked, Silence, silences
from .borders import Adapt
from .derived import by_parts
from .endpoints import Endpoint, asked_by, chosen, grouped
from .fetch import (
    Buckets,
    Partial,
    Received,
    fetch_concurrently,
    missing_in,
)
from .fetched import FetchedTable
from .filters import EndpointName
from .names import named
from .overloads import Collect, Stream, seen_as
from .packing import Packer
from .pieces import Part
from .plan import Window
from .query import Query
from .room import Room
from .settled import settled_until
from .sizes import aside_of
from .table import UsageTable
from .telling import silence_notes
from .zoned import ZonedQuery

_log = logging.getLogger("openai_admin.usage")

# Windows kept ahead of a stream's reader: enough to hide the latency of a request. Where their
# answers are long, their bytes bound them.
_AHEAD = 8
_OF_STREAM = 4  # an answer of a stream is meant to have so small a part of what one usually has
_KEPT = 2  # and so many of them are kept ahead, of which each takes some three times its bytes
_ON_THEIR_WAY = 4  # answers of a collection that are read at the same time, if they are long


class UsageQueries(Usage[Mode], name="usage"):
    """Usage and costs: by endpoint page by page, and over long ranges at once."""

    @staticmethod
    def _clock() -> float:
        """The present in Unix seconds; a method of its own, so that a test can set another time."""
        return time.time()

    @seen_as(Stream)
    @batched
    async def stream(
        self: UsageQueries[Async],
        /,
        endpoint: EndpointName,
        *,
        start_time: Timestamp,
        end_time: Timestamp | None = None,
        bucket_width: BucketWidth = "1d",
        group_by: Iterable[str] | None = None,
        adapt: Adapt | None = "window",
        whole_days: bool = False,
        limit: int | None = None,
        **filters: Any,
    ) -> AsyncGenerator[Buckets, None]:
        """Stream the buckets of a range in order of time, pages fetched ahead of the reader.

        The range is cut into the fewest windows the API's page sizes allow, fetched concurrently,
        and into narrower ones where their answers would be long (see `target_response_bytes`):
        memory stays bounded however long the range is, and however many rows a bucket has, but for
        a single bucket. Leaving early cancels what is in flight.

        Args:
            endpoint: the endpoint, as its method is called.
            start_time: the beginning, inclusive; a bucket that it falls into comes whole or from
                there on, as the API gives it.
            end_time: the end, exclusive; by default now, by the server's time. Buckets after now
                are not asked for.
            bucket_width: ``1m``, ``1h`` or ``1d``.
            group_by: the fields to group by, in any iterable; each combination of values is a row.
            adapt: what may be changed where the API refuses the query as it is: ``"window"`` begins
                at the first day that the API answers for and halves windows that are too wide;
                ``"all"`` also leaves out fields to group by, which are null then; ``None`` raises.
            whole_days: widen the range to whole UTC days, instead of refusing costs of parts.
            limit: the most buckets that one request asks for; by default as many as the API allows,
                and fewer where they would not fit in an answer.
            filters: the endpoint's filters, as ``project_ids=[…]``; an empty one is refused.

        A bucket that does not come, though it is asked for again, is logged as a warning, and so is
        what was changed about the query.

        Raises:
            InvalidInputError: the endpoint has no such width, group or filter; or costs, which come
                by whole UTC days, are asked for from or to another time (but an end within the
                current day is now).
            UsageWindowError: a window could not be fetched.
        """
        windows = stream_windows(
            self,
            endpoint,
            start_time=start_time,
            end_time=end_time,
            bucket_width=bucket_width,
            group_by=group_by,
            adapt=adapt,
            whole_days=whole_days,
            limit=limit,
            **filters,
        )
        async with aclosing(windows):
            async for received in windows:
                for adaptation in received.adapted:
                    _log.warning("%s", adaptation)
                yield received.buckets
                del received  # not kept while the next ones are waited for

    @seen_as(Collect)
    @composed
    async def collect(
        self: UsageQueries[Async],
        /,
        endpoints: EndpointName | Literal["all"] | Iterable[EndpointName] = "all",
        *,
        start_time: Timestamp,
        end_time: Timestamp | None = None,
        bucket_width: BucketWidth = "1d",
        group_by: Iterable[str] | None = None,
        partial: Partial = False,
        adapt: Adapt | None = "window",
        tz: str | ZoneInfo | None = None,
        whole_days: bool = False,
        limit: int | None = None,
        **filters: Any,
    ) -> UsageTable:
        """Collect several endpoints over a range into one table, all windows concurrently.

        What comes and cannot be read is in the table's `unreadable`.

        Args:
            endpoints: their names, or ``"all"``: every endpoint that has buckets of this width
                (costs come by day only) and every filter given.
            start_time: the beginning, inclusive.
            end_time: the end, exclusive; by default now.
            bucket_width: ``1m``, ``1h`` or ``1d``.
            group_by: the fields to group by; each combination of values is a row. A field is null
                in the rows of an endpoint that lacks it. Costs can be grouped by ``model``,
                ``kind``, ``tier`` and ``context`` as well: they are asked for by ``line_item``,
                read (see `LineItem`) and added up. A tool stands for itself among the models, and
                has no tier; a model's, where no other is stated, is ``standard``.
            partial: when a window cannot be fetched, go on, and name it in the table's `missing`;
                with ``"endpoints"`` only where an endpoint gives nothing at all, and others do.
            adapt: what may be changed where the API refuses the query as it is: ``"window"`` begins
                at the first day that the API answers for and halves windows that are too wide;
                ``"all"`` also leaves out fields to group by, which are null then; ``None`` raises.
                The table's `adapted` says what was changed.
            tz: a time zone, as ``America/New_York`` or a `ZoneInfo`: buckets are its days, which
                have 23 or 25 hours where its clocks are changed, and a date without a time is its
                midnight. They are summed up from hours of UTC, or of at most 31 days from minutes
                where the zone's days begin at other times. Costs, which come by UTC days alone, are
                estimates then: each amount is shared out by the usage of its line item, so that the
                parts of a UTC day add up to it exactly; the table's `estimated` says so.
            whole_days: widen the range to whole days, instead of refusing costs of parts; the
                table's `notes` say so.
            limit: the most buckets that one request asks for; by default as many as the API allows,
                and fewer where they would not fit in an answer.
            filters: filters all endpoints have, as ``project_ids=[…]``; an empty one is refused.

        Raises:
            InvalidInputError: no endpoint has such a group, or one lacks the width or a filter; or
                costs, which come by whole UTC days, are asked for from or to another time (but an
                end within the current day is now); or the days of `tz` cannot be made of what the
                API has, or an amount cannot be shared out, for there is no usage that shows when.
            UsageWindowError: a window could not be fetched; it says which, and why.
        """
        meant = chosen(endpoints, width=bucket_width, filters=frozenset(filters))
        groups = grouped(meant, group_by, derived=True)
        is_derived = any(g in e.derived for e in meant for g in groups)
        fetch = functools.partial(_fetched, self, partial=partial, adapt=adapt, limit=limit)
        if tz is None:
            table = await fetch(
                meant,
                groups,
                start_time=start_time,
                end_time=end_time,
                bucket_width=bucket_width,
                whole_days=whole_days,
                filters=filters,
            )
        else:
            now = self._caller.server_now()
            zoned = ZonedQuery.of(
                fetch,
                meant,
                groups,
                tz=tz,
                start_time=start_time,
                end_time=end_time,
                bucket_width=bucket_width,
                now=int(self._clock() if now is None else now.timestamp()),
                whole_days=whole_days,
                filters=filters,
                partial=partial is True,
            )
            table = await zoned.run()
        return await anyio.to_thread.run_sync(by_parts, table, groups) if is_derived else table

    @composed
    async def name(self: UsageQueries[Async], table: UsageTable) -> UsageTable:
        """A table with the names of projects, people and keys beside their ids.

        What rows came with is taken first: it names who has left as well. A list is fetched only
        where an id is left without a name, and once; names of keys, service accounts and former
        members take a listing for each active project that they may be in. A list that cannot be
        fetched costs its own names alone: the table's `unnamed` says why.

        Args:
            table: a table that has ids among its columns.
        """
        return await named(self._caller, table)


async def _fetched(
    usage: UsageQueries[Async],
    meant: Sequence[Endpoint],
    groups: Sequence[str],
    *,
    start_time: Timestamp,
    end_time: Timestamp | None,
    bucket_width: BucketWidth,
    whole_days: bool = False,
    partial: Partial,
    adapt: Adapt | None,
    limit: int | None,
    filters: Mapping[str, Any],
) -> FetchedTable:
    """What comes for several endpoints over a range, as the API groups it."""
    query = Query(
        usage, usage._clock, start_time, end_time, bucket_width, groups, filters, adapt, limit
    )
    query.check(meant, whole_days=whole_days)
    by_name = {e.name: e for e in meant}
    plans = {e.name: query.windows(e) for e in meant}
    room = Room(_ON_THEIR_WAY * query.target)
    packer = Packer(aside_of(usage._caller))
    adapters = {
        e.name: query.adapter(e, plans[e.name], partial=bool(partial), room=room, packer=packer)
        for e in meant
    }
    results, missing = await fetch_concurrently(
        plans, lambda name, window: adapters[name].fetch(window), partial=partial
    )
    parts = [
        (by_name[name], [bucket for window in windows for bucket in window.buckets])
        for name, windows in results.items()
    ]
    notes = [
        f"{name}: {note}"
        for name, windows in results.items()
        for note in told_notes(noted for window in windows for noted in window.noted)
    ]
    now = usage._caller.server_now() or datetime.fromtimestamp(query.now, UTC)
    adapted = [each for adapter in adapters.values() for each in adapter.adapted]
    missing = [*(each.missing for each in adapted if each.missing is not None), *missing]
    asked = query.asked(now)
    silent: list[Silence] = []
    for endpoint, buckets in parts:
        lost = [m.window for m in missing if m.endpoint == endpoint.name]
        silent += silences(endpoint.name, asked, buckets, lost, WIDTHS[bucket_width])
    return FetchedTable(
        parts,
        group_by=asked_by(meant, groups),
        missing=missing,
        notes=[*query.notes, *notes, *silence_notes(silent)],
        unreadable=query.unreadable(),
        adapted=adapted,
        settled_until=settled_until(now),
        asked=asked,
        silent=silent,
    )


async def stream_windows(
    usage: UsageQueries[Async],
    endpoint: str,
    *,
    start_time: Timestamp,
    end_time: Timestamp | None = None,
    bucket_width: BucketWidth = "1d",
    group_by: Iterable[str] | None = None,
    adapt: Adapt | None = "window",
    whole_days: bool = False,
    partial: bool = False,
    limit: int | None = None,
    **filters: Any,
) -> AsyncGenerator[Received, None]:
    """What comes for each window of a range, in order; the arguments are those of `stream`.

    A window whose answer would be long comes in parts. With `partial`, a window that cannot be
    fetched is received as one that failed.
    """
    (meant,) = chosen([endpoint], width=bucket_width, filters=frozenset(filters))
    groups = grouped([meant], group_by)
    query = Query(
        usage, usage._clock, start_time, end_time, bucket_width, groups, filters, adapt, limit
    )
    query.check([meant], whole_days=whole_days)
    plan = query.windows(meant)
    room = Room(_KEPT * query.target / _OF_STREAM, keeps=True)
    adapter = query.adapter(meant, plan, partial=partial, room=room, share=_OF_STREAM)

    async def parts(window: Window) -> AsyncGenerator[Part, None]:
        try:
            async with aclosing(adapter.parts(window)) as found:
                async for part in found:
                    yield part
                    del part
        except UsageWindowError as exc:
            cause = window_cause(exc)
            if not partial or not isinstance(cause, APIError):
                raise
            yield Part(window, Received(failed=[(window, cause)]))

    found = fetch_ordered(plan, parts, ahead=_AHEAD, room=room)
    async with aclosing(found):
        async for window, received in found:
            asked = Asked.of(window.start, None if window.open else window.end, query.now)
            lost = [m.window for m in missing_in(endpoint, received)]
            lost.append(Window(0, adapter.first, 1))
            silent = silences(endpoint, asked, received.buckets, lost, WIDTHS[bucket_width])
            if query.notes or silent:
                said = [*query.notes, *silence_notes(silent)]
                received = attrs.evolve(received, said=said)
                query.notes = []
            yield received
            del received  # not kept while the next ones are waited for
