"""What of a page could not be read, told in the log and as events."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Sequence

from anyio import to_thread

from .._text.visible import visible
from .._wire.models import Unreadable
from .call_events import CallEvents

_log = logging.getLogger("openai_admin")

_NAMED = 3  # parts in one log line
_REASONS = 10  # for which there is a line each
_AT_ONCE = 200  # parts that are told without a turn for others


async def tell_unreadable(
    operation: str,
    parts: Sequence[Unreadable],
    events: CallEvents | None,
) -> None:
    """Log what of a page could not be read, and pass an event of each part on to a listener.

    There may be very many: the event loop is not held for longer than some hundreds take.
    """
    few = len(parts) <= _AT_ONCE
    lines = unread_lines(parts) if few else await to_thread.run_sync(unread_lines, parts)
    for line in lines:
        _log.warning("%s: %s", operation, line)
    if events is None or not events.has_listener:
        return
    for number, part in enumerate(parts, 1):
        events.tell_unreadable(part)
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)


def unread_lines(parts: Iterable[Unreadable]) -> list[str]:
    """What of a page could not be read, in a line for each reason: how many parts, and which.

    Args:
        parts: what could not be read, in the order of the page.
    """
    found: dict[str, list[str]] = {}
    counts: Counter[str] = Counter()
    for part in parts:
        counts[part.reason] += 1
        if counts[part.reason] <= _NAMED and (part.reason in found or len(found) < _REASONS):
            which = f" (id {part.id!r})" if part.id is not None else ""
            found.setdefault(part.reason, []).append(f"{part.place}{which}")
    lines = [_unread_line(reason, counts.pop(reason), named) for reason, named in found.items()]
    if counts:
        lines.append(
            f"{counts.total():,} more could not be read, for {len(counts):,} other reasons."
        )
    return [*map(visible, lines)]


def _unread_line(reason: str, count: int, named: Sequence[str]) -> str:
    if count == 1:
        return f"{named[0]} could not be read: {reason}."
    such = "" if count == len(named) else "such as "
    return f"{count:,} parts could not be read: {reason}: {such}{', '.join(named)}."
