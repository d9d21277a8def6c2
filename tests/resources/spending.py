"""What the tests of spend alerts and limits, of the organization and of projects, share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.conftest import Surface

CHANNEL = {"type": "email", "recipients": ["a@example.com", "ö@example.com"]}
ALERT = {"currency": "USD", "interval": "month", "notification_channel": CHANNEL}
LIMIT = {"currency": "USD", "interval": "month"}

MID_MONTH = 1_792_065_600
"""2026-10-15: when part of the month has passed, and part of it is left."""

BAD_CHANNELS: list[Any] = [
    {"type": "email"},
    {"recipients": ["a@example.com"]},
    {"type": "pager", "recipients": ["a@example.com"]},
    {"type": "email", "recipients": "a@example.com"},
    {"type": "email", "recipients": [1]},
    {"type": "email", "recipients": ["a@example.com"], "color": "red"},
    "a@example.com",
    None,
]
"""Channels that our client refuses, and the emulator as well."""

BAD_RECIPIENTS = ["", "nobody", "a@b\r\nBcc: c@example.com", "a b@example.com", "@", "a@\x00"]

Resource = Callable[[Any], Any]
"""The resource under test, of a client."""


async def add_alerts(surface: Surface, resource: Resource, *path: str, count: int) -> list[str]:
    """Create alerts at 100, 200, 300 … cents, and return their ids."""
    return [
        await add_alert(surface, resource, *path, cents=100 * number)
        for number in range(1, count + 1)
    ]


async def add_alert(surface: Surface, resource: Resource, *path: str, cents: int) -> str:
    """Create an alert and return its id."""
    alert = await surface.call(lambda c: resource(c).create(*path, threshold_amount=cents, **ALERT))
    return str(alert.id)


async def walk_both_ways(surface: Surface, listing: Callable[..., Any], ids: list[str]) -> None:
    """Check paging through these alerts, oldest first, by `after` and by `before`."""

    async def walk(**arguments: Any) -> list[str]:
        return [alert.id for alert in await surface.items(lambda c: listing(c, **arguments))]

    for limit in (1, 2, 3, 100):
        assert await walk(limit=limit) == ids
        assert await walk(limit=limit, order="asc") == ids
        assert await walk(limit=limit, order="desc") == ids[::-1]
        assert await walk(limit=limit, after=ids[1]) == ids[2:]
        assert await walk(limit=limit, after=ids[1], order="desc") == ids[:1]
        assert await walk(limit=limit, after=ids[0], before=ids[4]) == ids[1:4]
    # Backwards, each page is in order and the next page lies before it.
    first = await surface.call(lambda c: listing(c, limit=2, before=ids[4]))
    assert [alert.id for alert in first.data] == ids[2:4]
    assert first.has_more
    second = await surface.call(lambda c: listing(c, limit=2, before=first.data[0].id))
    assert [alert.id for alert in second.data] == ids[:2]
    assert not second.has_more
    if surface.ours:  # the official client never pages by `before`
        assert sorted(await walk(limit=2, before=ids[4])) == sorted(ids[:4])
        assert await walk(limit=1, before=ids[4]) == ids[:4][::-1]
        assert await walk(limit=1, before=ids[0], order="desc") == ids[1:]
