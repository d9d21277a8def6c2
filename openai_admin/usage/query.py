"""A query of usage, as it is put to each endpoint of a call."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
from anyio import to_thread

from .._declare.arguments import Timestamp, check_range, compile_rule, unix_seconds
from .._declare.resource import Async
from .._transport.lengths import Portions
from .._wire.types import read
from ..resources.usage import BucketWidth, Usage, check_time_range
from .adapt import Adapter, check_adapt
from .asked import Asked
from .borders import Adapt
from .days import whole_days as whole
from .endpoints import Endpoint
from .fetch import Received, receive, unreadable_in
from .packing import Packer
from .plan import Window, plan_windows
from .room import Room
from .sizes import asking, lengths_of, sizes_of
from .told import UnreadableUsage

_whole_number = compile_rule(read(int), in_query=True)


class Query:
    """A range, a width, groups and filters: the same for every endpoint of a call.

    Args:
        usage: the client's usage, which sends it.
        clock: this machine's time in Unix seconds, for as long as the server's is not known.
        start_time: the beginning.
        end_time: the end; ``None`` is now.
        bucket_width: the width of buckets.
        groups: the fields to group by.
        filters: the endpoints' filters.
        adapt: what may be changed.
        limit: the most buckets that one request asks for.

    Attributes:
        now: the present in Unix seconds, the server's as soon as it is known.
        notes: what was changed about the range, in words.

    Raises:
        InvalidInputError: an argument is wrong.
    """

    def __init__(
        self,
        usage: Usage[Async],
        clock: Callable[[], float],
        start_time: Timestamp,
        end_time: Timestamp | None,
        bucket_width: BucketWidth,
        groups: Sequence[str],
        filters: Mapping[str, Any],
        adapt: Adapt | None,
        limit: int | None,
    ) -> None:
        check_time_range(start_time, end_time)
        check_adapt(adapt)
        if limit is not None:
            check_range(_whole_number(limit, "limit", True), "limit", 1, None)
        self._limit = limit
        self._adapt = adapt
        self._usage = usage
        told = usage._caller.server_now()
        self._told = told is not None
        self.now = int(clock() if told is None else told.timestamp())
        self._start = unix_seconds(start_time, "start_time")
        self._end = None if end_time is None else unix_seconds(end_time, "end_time")
        self._width = bucket_width
        self._groups = groups
        self._filters = dict(filters)
        self.notes: list[str] = []
        self._unreadable: list[UnreadableUsage] = []

    async def unreadable(self) -> list[UnreadableUsage]:
        """What could not be read of what was fetched, by endpoint and in order of time."""
        if not self._unreadable:
            return []
        by_time = functools.partial(sorted, key=lambda part: (part.endpoint, part.window.start))
        return await to_thread.run_sync(by_time, self._unreadable)

    def asked(self, now: datetime) -> Asked:
        """The range, as far as it is not in the future by any clock."""
        return Asked.of(
            self._start,
            self._end,
            min(self.now, int(now.timestamp())),
            width=self._width,
            filters=self._filters,
        )

    def windows(self, endpoint: Endpoint) -> list[Window]:
        """The windows of the range."""
        most = endpoint.per_page(self._width)
        return plan_windows(
            self._start,
            self._end,
            width=self._width,
            per_page=min(most, self._limit or most),
            now=self.now,
            told=self._told,
        )

    def check(self, endpoints: Sequence[Endpoint], *, whole_days: bool) -> None:
        """Check the arguments for each endpoint before anything is sent."""
        if whole_days or any(e.name == "costs" for e in endpoints):
            days = whole(
                self._start, self._end, now=self.now, widen=whole_days, subject="Costs come"
            )
            self._start, self._end = days.start, days.end
            self.notes += filter(None, [days.note])
        for endpoint in endpoints:
            endpoint.per_page(self._width)
            end = self._start if self._end is None else self._end
            window = Window(self._start, end, 1)
            arguments = self._arguments(endpoint, window, endpoint.asked(self._groups))
            call = endpoint.operation.prepare(arguments, check=self._usage._caller.check_inputs)
            # An iterable is read once: every window of every endpoint is asked with its items.
            self._filters = {name: call.arguments[name] for name in self._filters}

    @property
    def target(self) -> int:
        """How long the client means an answer to be at most, in bytes."""
        return lengths_of(self._usage._caller).target

    def adapter(
        self,
        endpoint: Endpoint,
        windows: Sequence[Window],
        *,
        partial: bool,
        room: Room,
        share: int = 1,
        packer: Packer | None = None,
    ) -> Adapter:
        """What fetches the windows of an endpoint; see `Adapter` and `sizes_of`.

        With a packer, rows are packed as they come.
        """
        caller = self._usage._caller

        async def ask(
            window: Window,
            groups: Sequence[str],
            *,
            retry: bool = True,
            portions: Portions | None = None,
        ) -> Received:
            usage = Usage[Async](asking(caller, retry=retry, portions=portions))
            pager = getattr(usage, endpoint.name)(**self._arguments(endpoint, window, groups))
            received = await receive(pager)
            if received.unreadable:
                self._unreadable += await to_thread.run_sync(
                    unreadable_in, endpoint.name, received, window
                )
            if packer is not None:
                buckets = await packer.pack(endpoint, received.buckets)
                received = attrs.evolve(received, buckets=buckets, unreadable=())  # told already
            return received

        return Adapter(
            endpoint.name,
            windows,
            endpoint.asked(self._groups),
            width=self._width,
            ask=ask,
            adapt=self._adapt,
            partial=partial,
            now=self.now,
            sizes=sizes_of(caller, endpoint.name, self._width, self._filters, share=share),
            room=room,
        )

    def _arguments(
        self, endpoint: Endpoint, window: Window, groups: Sequence[str]
    ) -> dict[str, Any]:
        return {
            "start_time": window.start,
            **({} if window.open else {"end_time": window.end}),
            "bucket_width": self._width,
            "limit": window.buckets,
            **({"group_by": list(groups)} if groups else {}),
            **self._filters,
        }
