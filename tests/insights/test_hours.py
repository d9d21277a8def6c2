"""When requests are made, by tables of known figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from openai_admin.insights.hours import hours_of_week, hours_together

from .made import lacking, usage

NOW = datetime(2026, 11, 27, 8, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
BUSY = datetime(2026, 11, 26, 14, tzinfo=UTC)  # a Thursday


def _row(
    start: datetime, requests: int | None, read: int | None, written: int
) -> dict[str, object]:
    return {
        "endpoint": "completions",
        "start_time": start,
        "num_model_requests": requests,
        "input_tokens": read,
        "output_tokens": written,
    }


ROWS = [
    _row(BUSY, 5, 100, 10),
    _row(BUSY, 2, 50, 5),
    _row(BUSY - HOUR, 3, None, 7),
    _row(NOW - timedelta(hours=168), 99, 1, 1),  # of the week before
]


def test_each_hour_of_the_week_is_there_once() -> None:
    found = hours_of_week(usage(ROWS, width=HOUR), now=NOW)
    assert len({(hour.start.weekday(), hour.start.hour) for hour in found}) == len(found) == 168
    assert [(h.words, h.requests, h.tokens, h.share) for h in found[:3]] == [
        ("Thursday 14:00", 7, 165, 0.7),
        ("Thursday 13:00", 3, 7, 0.3),
        (f"{NOW - timedelta(hours=167):%A %H:00}", 0, 0, 0.0),
    ]
    rest = hours_together(found[1:])
    assert (rest.requests, rest.tokens, rest.share) == (3, 7, 0.3)


def test_an_hour_that_did_not_come_is_not_quiet() -> None:
    table = lacking(usage(ROWS, width=HOUR), "embeddings", BUSY, BUSY + HOUR)
    found = {hour.start: hour for hour in hours_of_week(table, now=NOW)}
    assert (found[BUSY].requests, found[BUSY].share) == (None, None)
    assert (found[BUSY - HOUR].requests, found[BUSY - HOUR].share) == (3, 1.0)
    assert hours_together([found[BUSY], found[BUSY - HOUR]]).requests is None
