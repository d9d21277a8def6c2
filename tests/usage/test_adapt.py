"""Queries that adapt to what the API refuses, and what that costs in requests."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime
from typing import Any

import pytest

from openai_admin import (
    APIStatusError,
    BadRequestError,
    InternalServerError,
    InvalidInputError,
    UsageWindowError,
)
from openai_admin.usage.refusals import API_KEY_COSTS_SINCE
from openai_admin.usage.table import UsageTable
from tests.usage.refusing import Asked, RefusingServer, before, by, refused
from tests.usage.times import DAY, HOUR, TODAY


def date_of(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).date().isoformat()


async def collected(server: RefusingServer, names: Any = "completions", **query: Any) -> UsageTable:
    async with server.client() as client:
        return await client.usage.collect(names, **{"end_time": TODAY, **query})


def days_of(table: UsageTable) -> list[int]:
    return [int(moment.timestamp()) for moment in table["start_time"]]


def planned(days: int, per_page: int = 31) -> int:
    return -(-days // per_page)


@pytest.mark.parametrize("days", [40, 90, 200, 365])
@pytest.mark.parametrize("back", [1, 30, 39])
@pytest.mark.parametrize(
    "error",
    [
        {"code": "reporting_lookback_exceeded"},
        {"param": "start_time", "message": "No."},
        {"message": "The start time is too far back."},
    ],
)
async def test_a_range_begins_at_the_first_day_that_answers(
    days: int, back: int, error: dict[str, Any]
) -> None:
    first = TODAY - back * DAY
    message = error.get("message", "Bad request.")
    rest = {k: v for k, v in error.items() if k != "message"} or {"status": 400}
    async with RefusingServer(before(first, message, **rest)) as server:
        table = await collected(server, start_time=TODAY - days * DAY)
    assert days_of(table) == list(range(first, TODAY, DAY))
    (adapted,) = table.adapted
    assert (adapted.what, adapted.loses) == ("start", True)
    assert f"start on {date_of(first)}" in str(adapted)
    (missing,) = table.missing
    assert (missing.window.start, missing.window.end) == (TODAY - days * DAY, first)
    assert isinstance(missing.error, BadRequestError)
    assert table.totals("endpoint").adapted == table.adapted
    assert len(server.asked) - planned(days) <= math.ceil(math.log2(days)) + 1


@pytest.mark.parametrize(
    "message",
    [
        "Usage data are available for the past year. Earliest supported start date: {date} (UTC).",
        "start_time must be on or after {date}.",
        "start_time must be >= {seconds}",
        "Data is only available for the past 90 days.",
        "start_time is outside the lookback window of 90 days",
    ],
)
async def test_the_first_day_is_read_where_the_message_says_it(message: str) -> None:
    first = TODAY - 90 * DAY
    text = message.format(date=date_of(first), seconds=first)
    async with RefusingServer(before(first, text, param="start_time")) as server:
        table = await collected(server, start_time=TODAY - 200 * DAY)
    assert days_of(table) == list(range(first, TODAY, DAY))
    assert len(server.asked) - planned(200) <= 2  # with the day before, which is refused


async def test_a_message_that_says_a_day_too_early_costs_little() -> None:
    """A look-back of 90 days to the second has no whole day 90 days ago."""
    first = TODAY - 90 * DAY + 5 * HOUR
    async with RefusingServer(
        before(first, "Only the past 90 days.", param="start_time")
    ) as server:
        table = await collected(server, start_time=TODAY - 200 * DAY)
    assert days_of(table)[0] == TODAY - 89 * DAY
    assert len(server.asked) - planned(200) <= math.ceil(math.log2(200)) + 1


async def test_windows_that_are_refused_at_once_share_one_search() -> None:
    """Hours: 52 windows, more than are sent at once, of which nearly all are refused."""
    first = TODAY - 20 * DAY
    async with RefusingServer(before(first)) as server:
        table = await collected(server, start_time=TODAY - 364 * DAY, bucket_width="1h")
    assert days_of(table) == list(range(first, TODAY, HOUR))
    assert len(server.asked) - 52 <= math.ceil(math.log2(364)) + 1
    assert len(table.adapted) == 1


async def test_each_endpoint_has_its_own_first_day() -> None:
    def rule(asked: Asked) -> Any:
        back = 90 if asked.endpoint == "images" else 120
        return before(TODAY - back * DAY)(asked)

    async with RefusingServer(rule) as server:
        table = await collected(server, ["completions", "images"], start_time=TODAY - 150 * DAY)
    rows = list(table.rows())
    for name, back in (("completions", 120), ("images", 90)):
        assert sum(row["endpoint"] == name for row in rows) == back
    assert [a.endpoint for a in table.adapted] == ["completions", "images"]


async def test_where_no_day_answers_the_refusal_is_raised_or_named() -> None:
    async with RefusingServer(before(TODAY)) as server:
        with pytest.raises(UsageWindowError, match="Too far back"):
            await collected(server, start_time=TODAY - 70 * DAY)
        server.asked.clear()
        table = await collected(server, start_time=TODAY - 70 * DAY, partial=True)
    assert len(table) == 0
    assert {m.endpoint for m in table.missing} == {"completions"}
    assert len(server.asked) - planned(70) <= math.ceil(math.log2(70)) + 1


async def test_without_adapting_a_refusal_is_raised() -> None:
    rules = (before(TODAY - 10 * DAY),)
    async with RefusingServer(*rules) as server:
        with pytest.raises(UsageWindowError) as caught:
            await collected(server, start_time=TODAY - 20 * DAY, adapt=None)
        assert isinstance(caught.value.__cause__, BadRequestError)
        assert len(server.asked) == 1
        with pytest.raises(InvalidInputError, match="adapt must be 'window', 'all' or None"):
            await collected(server, start_time=TODAY - 20 * DAY, adapt="days")


# --- groupings ---------------------------------------------------------------------------------

FIELDS = ["project_id", "user_id", "api_key_id", "line_item"]


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("Invalid value.", {"param": "user_id"}),
        ("Cannot group by 'user_id'.", {"param": "group_by"}),
        ("Cannot group by 'user_id'.", {}),
        ("Invalid group_by. Supported values are: 'project_id', 'api_key_id', 'line_item'.", {}),
        ("user_id together with project_id is not possible here", {"param": "group_by"}),
        ("Cannot group by these fields.", {"param": "group_by[]"}),
        ("Not possible.", {"code": "invalid_value"}),
    ],
)
async def test_a_refused_field_is_left_out_and_the_others_stay(
    message: str, error: dict[str, Any]
) -> None:
    async with RefusingServer(by("user_id", message, **error)) as server:
        table = await collected(
            server, "costs", start_time=TODAY - 360 * DAY, group_by=FIELDS, adapt="all"
        )
        assert len(server.asked) == planned(360, 180) + 1
        server.asked.clear()
        with pytest.raises(UsageWindowError, match=r"costs from .*400"):
            await collected(server, "costs", start_time=TODAY - 360 * DAY, group_by=FIELDS)
    assert table.group_by == tuple(FIELDS)
    assert set(table["user_id"]) == {None}
    for field in ("project_id", "api_key_id", "line_item"):
        assert set(table[field]) == {f"{field}-1"}
    assert len(table) == 360
    (adapted,) = table.adapted
    assert (adapted.what, adapted.loses) == ("grouping", True)
    assert str(adapted).startswith("Costs are not grouped by user_id: the API refuses that (“")


@pytest.mark.parametrize("field", FIELDS)
async def test_a_field_that_is_not_named_is_found_by_trying(field: str) -> None:
    async with RefusingServer(by(field, "Cannot group by these.")) as server:
        table = await collected(
            server, "costs", start_time=TODAY - 30 * DAY, group_by=FIELDS, adapt="all"
        )
    assert {f for f in FIELDS if set(table[f]) == {None}} == {field}
    assert len(server.asked) <= 1 + (1 + math.ceil(math.log2(len(FIELDS)))) + 1


@pytest.mark.parametrize(
    ("start", "field"),
    [(API_KEY_COSTS_SINCE - 30 * DAY, "api_key_id"), (API_KEY_COSTS_SINCE + DAY, "user_id")],
)
async def test_of_costs_the_likeliest_field_is_tried_first(start: int, field: str) -> None:
    async with RefusingServer(by(field, "Cannot group by these.")) as server:
        table = await collected(
            server,
            "costs",
            start_time=start,
            end_time=start + 7 * DAY,
            group_by=[*FIELDS, "api_source"],
            adapt="all",
        )
    assert {f for f in table.dimensions[3:] if set(table[f]) == {None}} == {field}
    assert len(server.asked) == 2


async def test_several_refused_fields_take_a_request_each() -> None:
    rules = [by(f, f"Cannot group by '{f}'.") for f in ("user_id", "api_key_id")]
    async with RefusingServer(*rules) as server:
        table = await collected(
            server, "costs", start_time=TODAY - 360 * DAY, group_by=FIELDS, adapt="all"
        )
    assert len(server.asked) == planned(360, 180) + 2
    assert len(table.adapted) == 2


@pytest.mark.parametrize(
    ("message", "extra"),
    [
        ("costs can be grouped by 'api_key_id' from {date} on.", 1),
        ("Cannot group by 'api_key_id'.", 1),  # the API's rule is known
    ],
)
async def test_below_a_floor_of_a_field_the_range_is_split(message: str, extra: int) -> None:
    start = API_KEY_COSTS_SINCE - 100 * DAY
    text = message.format(date=date_of(API_KEY_COSTS_SINCE))
    async with RefusingServer(by("api_key_id", text, since=API_KEY_COSTS_SINCE)) as server:
        table = await collected(
            server,
            "costs",
            start_time=start,
            end_time=start + 400 * DAY,
            group_by=["project_id", "api_key_id"],
            adapt="all",
        )
    keys = dict(zip(days_of(table), table["api_key_id"], strict=True))
    assert len(keys) == len(table) >= 300
    assert all((key is None) == (day < API_KEY_COSTS_SINCE) for day, key in keys.items())
    (adapted,) = table.adapted
    assert f"not grouped by api_key_id before {date_of(API_KEY_COSTS_SINCE)}" in str(adapted)
    # The window of the floor is asked for twice, with the field and without it.
    assert len(server.asked) - planned(len(keys), 180) <= extra + 1


async def test_a_floor_that_is_not_said_is_found_by_halving() -> None:
    since = TODAY - 100 * DAY
    async with RefusingServer(by("user_id", "Cannot group by 'user_id'.", since=since)) as server:
        table = await collected(
            server,
            "completions",
            start_time=TODAY - 200 * DAY,
            group_by=["project_id", "user_id"],
            adapt="all",
        )
    users = dict(zip(days_of(table), table["user_id"], strict=True))
    assert len(users) == 200
    assert all((user is None) == (day < since) for day, user in users.items())
    assert len(server.asked) - planned(200) <= math.ceil(math.log2(200)) + 2


async def test_what_is_refused_for_another_reason_is_raised() -> None:
    error = refused("Project proj_1 is archived.", code="project_archived", param="project_ids")

    async with RefusingServer(lambda asked: error if asked.groups else None) as server:
        with pytest.raises(UsageWindowError, match="archived"):
            await collected(
                server, start_time=TODAY - 5 * DAY, group_by=["project_id"], adapt="all"
            )
        assert len(server.asked) == 1


# --- widths ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 504])
async def test_what_is_too_wide_is_halved(status: int) -> None:
    def rule(asked: Asked) -> Any:
        return refused("Internal.", status=status) if asked.buckets > 7 else None

    async with RefusingServer(rule) as server:
        table = await collected(server, start_time=TODAY - 93 * DAY)
    assert days_of(table) == list(range(TODAY - 93 * DAY, TODAY, DAY))
    assert table.missing == []
    (adapted,) = table.adapted
    assert (adapted.what, adapted.loses) == ("width", False)


@pytest.mark.parametrize("bad", [0, 13, 30])
async def test_a_bucket_that_fails_costs_itself(bad: int) -> None:
    start = TODAY - 31 * DAY
    day = start + bad * DAY

    def rule(asked: Asked) -> Any:
        return refused("No.", status=500) if asked.start <= day < asked.end else None

    async with RefusingServer(rule) as server:
        table = await collected(server, start_time=start, partial=True)
        assert len(server.asked) - 1 <= 2 * math.ceil(math.log2(31))
        with pytest.raises(UsageWindowError) as caught:
            await collected(server, start_time=start)
    assert (caught.value.start, caught.value.end) == (day, day + DAY)
    assert isinstance(caught.value.__cause__, InternalServerError)
    assert len(table) == 30
    (missing,) = table.missing
    assert (missing.window.start, missing.window.end) == (day, day + DAY)


@pytest.mark.parametrize(
    ("status", "adapt"), [(401, "all"), (403, "all"), (403, None), (429, "window")]
)
async def test_pages_that_came_before_a_refusal_are_kept(status: int, adapt: Any) -> None:
    start = TODAY - 31 * DAY
    first = start + 6 * DAY  # the third page's
    query = {"start_time": start, "group_by": ["project_id"], "adapt": adapt}
    async with RefusingServer(
        lambda asked: refused("No.", status=status) if asked.start >= first else None
    ) as server:
        server.per_page = 3
        table = await collected(server, "costs", **query, partial=True)
        assert len(server.asked) == 3
        with pytest.raises(UsageWindowError) as caught:
            await collected(server, "costs", **query)
    assert days_of(table) == list(range(start, first, DAY))
    (missing,) = table.missing
    assert (missing.window.start, missing.window.end) == (first, TODAY)
    assert isinstance(missing.error, APIStatusError)
    assert (missing.error.status, table.adapted) == (status, [])
    assert (caught.value.start, caught.value.end) == (first, TODAY)


async def test_the_rest_of_a_window_is_asked_for_as_the_api_allows() -> None:
    start = TODAY - 31 * DAY
    day = start + 7 * DAY

    def rule(asked: Asked) -> Any:
        is_bad = asked.start <= day < min(asked.end, asked.start + 3 * DAY)
        return refused("No.", status=500) if is_bad else None

    async with RefusingServer(rule) as server:
        server.per_page = 3
        table = await collected(server, start_time=start, partial=True)
    assert days_of(table) == [each for each in range(start, TODAY, DAY) if each != day]
    (missing,) = table.missing
    assert (missing.window.start, missing.window.end) == (day, day + DAY)


async def test_an_endpoint_that_is_down_is_not_asked_for_every_bucket() -> None:
    async with RefusingServer(lambda asked: refused("No.", status=500)) as server:
        table = await collected(server, start_time=TODAY - DAY, bucket_width="1m", partial=True)
    (missing,) = table.missing
    assert (missing.window.start, missing.window.end) == (TODAY - DAY, TODAY)
    assert len(server.asked) - 1 <= 2 * math.ceil(math.log2(1440))


async def test_a_time_out_is_halved_as_well() -> None:
    async with RefusingServer() as server:
        hang = asyncio.Event()
        answer = server._answer

        async def slow(request: Any) -> Any:
            reply = await answer(request)
            if server.asked[-1].buckets > 16:
                await hang.wait()
            return reply

        server._answer = slow  # type: ignore[method-assign]
        await server._runner.cleanup()
        async with server, server.client(timeout=3.0) as client:
            table = await client.usage.collect(
                "completions", start_time=TODAY - 31 * DAY, end_time=TODAY
            )
            hang.set()
    assert len(table) == 31
    assert [a.what for a in table.adapted] == ["width"]


async def test_a_stream_goes_on_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    first = TODAY - 45 * DAY
    async with RefusingServer(before(first)) as server, server.client() as client:
        buckets = [
            bucket
            async for bucket in client.usage.stream(
                "completions", start_time=TODAY - 100 * DAY, end_time=TODAY
            )
        ]
    assert [int(b.start_time.timestamp()) for b in buckets] == list(range(first, TODAY, DAY))
    told = [r.getMessage() for r in caplog.records if "start on" in r.getMessage()]
    assert len(told) == 1
