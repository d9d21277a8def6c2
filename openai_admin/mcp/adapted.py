"""A page of usage that the API refuses as it was asked for, fetched as it allows (`Adapter`)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from .._causes import window_cause
from .._declare.arguments import unix_seconds
from .._declare.operation import Operation
from .._declare.resource import Async
from .._transport.lengths import Portions
from ..client import AsyncOpenAIAdmin
from ..errors import APIError, UsageWindowError
from ..resources.usage import USUAL_BUCKETS, Usage
from ..resources.usage.stretches import WIDTHS
from ..usage.adapt import Adapter
from ..usage.fetch import Received, receive
from ..usage.plan import Window, plan_windows
from ..usage.refusals import Refusal, refusal_of
from ..usage.sizes import asking, sizes_of
from .texts import moment


@attrs.frozen
class AdaptedPage:
    """What came for a page.

    Attributes:
        received: its buckets, and what lacks among them.
        start: where it begins, in Unix seconds: later than was asked for where the API gives
            nothing before.
        end: where the page after it begins; ``None`` where it is the last.
        limit: the most buckets to ask for at a time, where more failed.
        told: how the query was changed, a sentence each.
    """

    received: Received
    start: int
    end: int | None
    limit: int | None
    told: Sequence[str]


def can_adapt(asked: Mapping[str, Any], refusal: APIError) -> bool:
    """Whether another query of the same may be answered."""
    return refusal_of(refusal, asked.get("group_by") or ()) is not Refusal.FINAL


async def adapted_page(
    client: AsyncOpenAIAdmin,
    operation: Operation,
    asked: Mapping[str, Any],
    refusal: APIError,
    *,
    start: int,
) -> AdaptedPage:
    """Fetch a page that was refused: from a later day, by fewer fields, or in narrower windows.

    Args:
        client: the client.
        operation: the endpoint's.
        asked: the arguments that were refused.
        refusal: what they got.
        start: where the page begins, in Unix seconds.

    Raises:
        APIError: nothing of it is answered; a note says from when on something is, if it is known.
    """
    width = asked.get("bucket_width") or "1d"
    limit = asked.get("limit") or USUAL_BUCKETS[width]
    told = client._caller.server_now()
    now = int(time.time() if told is None else told.timestamp())
    present = now - now % WIDTHS[width] + WIDTHS[width]
    end = asked.get("end_time")
    end = present if end is None else min(unix_seconds(end, "end_time"), present)
    if start >= end:
        raise refusal

    def page_from(moment: int) -> Window:
        stop = min(end, moment + (limit + 1) * WIDTHS[width])
        return plan_windows(moment, stop, width=width, per_page=limit, now=now)[0]

    adapter = _adapter(client, operation, asked, refusal, window=Window(start, present, 1), now=now)
    window = page_from(start)
    failed: Exception | None = None
    try:
        received = await adapter.fetch(window)
        if window.end <= adapter.first < end:
            window = page_from(adapter.first)
            received = await adapter.fetch(window)
    except UsageWindowError as exc:
        failed = window_cause(exc)
    if failed is not None:
        raise failed
    if adapter.first >= end:
        refusal.add_note(f"The API gives nothing before {moment(adapter.first)}: begin there.")
        raise refusal
    return AdaptedPage(
        received,
        start=max(window.start, adapter.first),
        end=window.end if window.end < end else None,
        limit=adapter.most,
        told=[str(each) for each in adapter.adapted],
    )


def _adapter(
    client: AsyncOpenAIAdmin,
    operation: Operation,
    asked: Mapping[str, Any],
    refusal: APIError,
    *,
    window: Window,
    now: int,
) -> Adapter:
    """What finds a query that is answered, the one that was refused being known already.

    Args:
        client: the client.
        operation: the endpoint's.
        asked: the arguments that were refused.
        refusal: what they got.
        window: where a first day that answers may be.
        now: the server's time in Unix seconds.
    """
    known = [refusal]
    endpoint = operation.name.rpartition(".")[2]
    width = asked.get("bucket_width") or "1d"
    others = {"page", "group_by", "start_time", "end_time", "limit"}
    same = {name: value for name, value in asked.items() if name not in others}

    async def ask(
        window: Window,
        groups: Sequence[str],
        *,
        retry: bool = True,
        portions: Portions | None = None,
    ) -> Received:
        if known:
            raise known.pop()
        usage = Usage[Async](asking(client._caller, retry=retry, portions=portions))
        method = getattr(usage, endpoint)
        changed = {"start_time": window.start, "end_time": window.end, "limit": window.buckets}
        by = {"group_by": list(groups)} if groups else {}
        return await receive(method(**same, **changed, **by))

    return Adapter(
        endpoint,
        [window],
        asked.get("group_by") or (),
        width=width,
        ask=ask,
        adapt="all",
        partial=True,
        in_order=True,
        now=now,
        sizes=sizes_of(client._caller, endpoint, width, same),
    )
