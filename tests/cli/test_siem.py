"""A SIEM's feed in small; `python -m tests.cli.siem` is the whole of it."""

from __future__ import annotations

from tests.cli.siem import feed


async def test_a_feed_has_every_event_through_restarts_and_an_outage() -> None:
    found = await feed(600, outage=0.0, poll=0.1, batch=50)
    assert (found.missing, found.invented) == (0, 0)
    # A signal that cannot be caught may fall between an event's line and its position.
    assert found.repeated <= 2
    assert found.marked == 5  # of six odd ones; the other is an event that can be read
    began, ended = found.told.splitlines()
    assert began.startswith("The audit log cannot be read: ")
    assert ended.startswith("The audit log can be read again, after ")
