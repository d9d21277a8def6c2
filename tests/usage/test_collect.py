"""Tables over several endpoints: columns, nulls, errors, windows that are missing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_args

import pytest

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Nulls, Status, StringAmounts, UnknownFields
from openai_admin.errors import (
    APIConnectionError,
    AuthenticationError,
    InternalServerError,
    InvalidInputError,
    PermissionDeniedError,
    RateLimitError,
    UsageWindowError,
)
from openai_admin.usage.endpoints import chosen, endpoints
from openai_admin.usage.fetch import window_error
from openai_admin.usage.filters import EndpointName
from openai_admin.usage.plan import Window
from openai_admin.usage.table import UsageTable
from tests.usage.server import PageServer
from tests.usage.times import DAY, HOUR, TODAY

START = TODAY - 3 * DAY
LONG_AGO = TODAY - 30 * DAY
FIXED = ["endpoint", "start_time", "end_time", "complete"]


async def collected(client: AsyncOpenAIAdmin, names: Any = "all", **query: Any) -> UsageTable:
    """A table of three days, unless told otherwise."""
    return await client.usage.collect(names, **{"start_time": START, "end_time": TODAY, **query})


def test_each_endpoint_has_its_name_for_type_checkers() -> None:
    assert sorted(get_args(EndpointName)) == sorted(endpoints())


async def test_one_endpoint_has_its_own_columns(client: AsyncOpenAIAdmin) -> None:
    table = await collected(client, "images", group_by=["size", "project_id"])
    assert list(table.columns) == [*FIXED, "size", "project_id", "images", "num_model_requests"]
    assert table.dimensions == (*FIXED, "size", "project_id")
    assert table.metrics == ("images", "num_model_requests")
    assert len(table) > 3
    assert all(len(column) == len(table) for column in table.columns.values())
    assert set(table["endpoint"]) == {"images"}
    assert {moment.tzinfo for moment in table["start_time"]} == {UTC}


async def test_rows_are_those_of_the_endpoints(client: AsyncOpenAIAdmin) -> None:
    group_by = ["project_id", "model"]
    table = await collected(client, ["completions", "costs"], group_by=["project_id"])
    by_model = await collected(client, "completions", group_by=group_by)
    rows = list(table)
    assert rows == list(table.rows())
    expected = []
    for name in ("completions", "costs"):
        pages = getattr(client.usage, name)(
            start_time=START, end_time=TODAY, bucket_width="1d", group_by=["project_id"]
        )
        async for bucket in pages:
            expected += [(name, bucket.start_time, bucket.end_time, r) for r in bucket.results]
    assert len(rows) == len(expected) > 6
    for row, (name, start, end, result) in zip(rows, expected, strict=True):
        assert (row["endpoint"], row["start_time"], row["end_time"]) == (name, start, end)
        assert row["project_id"] == result.project_id
        if name == "costs":
            assert row["amount"] == result.amount.value
            assert row["currency"] == result.amount.currency == "usd"
            assert row["input_tokens"] is None
        else:
            assert row["input_tokens"] == result.input_tokens
            assert row["amount"] is None
    assert sum(by_model["input_tokens"]) == sum(t or 0 for t in table["input_tokens"])


async def test_a_group_that_an_endpoint_lacks_is_null_there(client: AsyncOpenAIAdmin) -> None:
    table = await collected(client, group_by=["model", "project_id"])
    assert set(table["endpoint"]) >= {"completions", "vector_stores", "costs", "images"}
    for row in table.rows():
        endpoint = endpoints()[row["endpoint"]]
        has_models = "model" in (*endpoint.groups, *endpoint.derived)
        assert (row["model"] is not None) == has_models
        assert row["project_id"] is not None


async def test_all_means_what_has_the_width_and_the_filters() -> None:
    def names(width: str, *filters: str) -> list[str]:
        return [e.name for e in chosen("all", width=width, filters=frozenset(filters))]

    assert names("1d") == list(endpoints())
    assert names("1d")[-1] == "costs"
    assert names("1h") == names("1m") == names("1d")[:-1]
    assert names("1d", "line_items") == ["costs"]
    assert names("1d", "batch") == ["completions", "decisions"]
    assert "costs" in names("1d", "project_ids")
    assert "vector_stores" not in names("1d", "models")


async def test_all_with_a_filter_asks_those_that_have_it(
    demo: Emulator, client: AsyncOpenAIAdmin
) -> None:
    table = await collected(client, sizes=["1024x1024"], bucket_width="1h")
    assert set(table["endpoint"]) == {"images"}
    assert {request.operation for request in demo.requests} == {"usage.images"}


async def test_an_endpoint_named_twice_counts_once(
    demo: Emulator, client: AsyncOpenAIAdmin
) -> None:
    twice = await collected(client, ["images", "images"])
    assert len(demo.requests) == 1
    assert twice.columns == (await collected(client, "images")).columns


async def test_times_may_be_given_in_every_form(client: AsyncOpenAIAdmin) -> None:
    start, end = datetime.fromtimestamp(START, UTC), datetime.fromtimestamp(TODAY, UTC)
    one = await collected(client, "images")
    forms: list[tuple[Any, Any]] = [
        (start, end),
        (start.date(), end.date()),
        (start.isoformat(), str(end.date())),
    ]
    for begin, stop in forms:
        other = await client.usage.collect("images", start_time=begin, end_time=stop)
        assert other.columns == one.columns


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"endpoints": ["completions", "imagse"]}, "no usage endpoint 'imagse'.*'images'"),
        ({"endpoints": []}, "at least one"),
        ({"endpoints": ["costs", "images"], "bucket_width": "1m"}, "costs come by day only"),
        ({"group_by": ["projectid"]}, "none of these endpoints has 'projectid'.*'project_id'"),
        (
            {"group_by": ["line_item"], "bucket_width": "1h"},
            "none of these endpoints has 'line_item'",
        ),
        ({"endpoints": "costs", "group_by": ["size"]}, "none of these endpoints has 'size'"),
        ({"project_id": ["p"]}, "no filter 'project_id'.*'project_ids'"),
        ({"endpoints": ["images", "costs"], "models": ["m"]}, "costs cannot be narrowed by 'mode"),
        ({"line_items": ["x"], "bucket_width": "1h"}, "No endpoint.*'1h'.*'line_items'"),
        ({"line_items": ["x"], "batch": True}, "No endpoint.*'batch', 'line_items'"),
        ({"end_time": START - 1}, "end_time must not be before start_time"),
        ({"project_ids": "proj_a"}, "project_ids"),
    ],
)
async def test_bad_arguments_are_refused_before_anything_is_sent(
    server: PageServer, reader: AsyncOpenAIAdmin, arguments: dict[str, Any], words: str
) -> None:
    query: dict[str, Any] = {"endpoints": "all", "start_time": START, "end_time": TODAY}
    with pytest.raises(InvalidInputError, match=words):
        await reader.usage.collect(**{**query, **arguments})
    assert not server.queries


async def test_without_checks_the_server_judges_the_values(server: PageServer) -> None:
    async with server.client() as strict, server.client(check_inputs=False) as lenient:
        with pytest.raises(InvalidInputError, match="sizes"):
            await collected(strict, "images", sizes=["17x17"])
        assert not server.queries
        await collected(lenient, "images", sizes=["17x17"])
    assert server.queries[0]["sizes"] == "17x17"


# --- windows that fail ----------------------------------------------------------------------


async def test_a_window_that_fails_for_good_is_named(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    server.fails = lambda start: start == LONG_AGO + 168 * HOUR
    with pytest.raises(UsageWindowError) as caught:
        await collected(
            reader,
            "embeddings",
            start_time=LONG_AGO,
            end_time=LONG_AGO + 200 * HOUR,
            bucket_width="1h",
        )
    error = caught.value
    assert (error.endpoint, error.start) == ("embeddings", LONG_AGO + 168 * HOUR)
    assert isinstance(error.__cause__, PermissionDeniedError)
    assert (error.status, error.retry_after, error.is_lasting) == (403, None, False)


def test_a_windows_error_says_what_its_cause_says_of_trying_again() -> None:
    window = Window(LONG_AGO, LONG_AGO + HOUR, 1)
    paced = window_error("costs", window, RateLimitError.unsent("Too late.", retry_after=3.0))
    assert (paced.retry_after, paced.is_exhausted) == (3.0, False)
    refused = APIConnectionError("No certificate.")
    refused.is_lasting = True
    assert window_error("costs", window, refused).is_lasting


async def test_a_failure_ends_what_else_is_in_flight(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    server.open.clear()
    server.holds = lambda start: start != LONG_AGO
    server.fails = lambda start: start == LONG_AGO
    with pytest.raises(UsageWindowError):
        await collected(
            reader, "all", start_time=LONG_AGO, end_time=LONG_AGO + 300 * HOUR, bucket_width="1h"
        )
    assert reader._caller.session.limiter.free == 32


async def test_a_partial_table_says_what_is_missing(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    bad = LONG_AGO + 168 * HOUR
    end = LONG_AGO + 400 * HOUR
    server.fails = lambda start: start == bad
    table = await collected(
        reader,
        ["images", "embeddings"],
        start_time=LONG_AGO,
        end_time=end,
        bucket_width="1h",
        partial=True,
    )
    assert len(table) == 2 * (168 + 64)
    assert [(m.endpoint, m.window.start, m.window.end) for m in table.missing] == [
        ("embeddings", bad, bad + 168 * HOUR),
        ("images", bad, bad + 168 * HOUR),
    ]
    assert all(isinstance(m.error, PermissionDeniedError) for m in table.missing)
    assert str(table.missing[0]).startswith("embeddings from 2026-")
    assert table.totals(by="endpoint").missing == table.missing


async def test_a_whole_table_misses_nothing(client: AsyncOpenAIAdmin) -> None:
    assert (await collected(client, partial=True)).missing == []


async def test_faults_that_pass_do_not_show(demo: Emulator) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        whole = await collected(client, group_by=["project_id"])
        demo.faults.add(Status(status=503, match="usage.*", every=3))
        demo.requests.clear()
        table = await collected(client, group_by=["project_id"])
    assert {request.status for request in demo.requests} == {200, 503}
    assert table.columns == whole.columns


async def test_an_endpoint_that_is_down_is_missing(demo: Emulator) -> None:
    demo.faults.add(Status(status=500, match="usage.completions"))
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url, max_retries=0) as client:
        table = await collected(client, partial=True)
        with pytest.raises(UsageWindowError, match=r"usage\.completions from .*500"):
            await collected(client)
    assert "completions" not in table["endpoint"]
    assert "costs" in table["endpoint"]
    (missing,) = table.missing
    assert missing.endpoint == "completions"
    assert isinstance(missing.error, InternalServerError)


async def test_endpoints_that_give_nothing_may_lack_while_windows_may_not(
    server: PageServer, reader: AsyncOpenAIAdmin
) -> None:
    query: dict[str, Any] = {
        "start_time": LONG_AGO,
        "end_time": LONG_AGO + 400 * HOUR,
        "bucket_width": "1h",
        "partial": "endpoints",
    }
    two = ["images", "embeddings"]
    server.fails = lambda start: start == LONG_AGO + 168 * HOUR
    with pytest.raises(UsageWindowError, match="403"):
        await collected(reader, two, **query)
    server.fails = lambda start: True
    with pytest.raises(UsageWindowError, match="403"):
        await collected(reader, two, **query)


async def test_a_wrong_key_is_an_error_of_the_window(demo: Emulator) -> None:
    async with AsyncOpenAIAdmin("sk-admin-" + "0" * 40, base_url=demo.base_url) as stranger:
        with pytest.raises(UsageWindowError) as caught:
            await collected(stranger, "images")
    assert isinstance(caught.value.__cause__, AuthenticationError)


@pytest.mark.parametrize("fault", [StringAmounts(), UnknownFields(), Nulls(match="usage.images")])
async def test_answers_of_another_time_are_read(
    demo: Emulator, client: AsyncOpenAIAdmin, fault: Any
) -> None:
    names = ["costs", "images"]
    plain = await collected(client, names, group_by=["project_id"])
    demo.faults.add(fault)
    table = await collected(client, names, group_by=["project_id"])
    assert len(table) == len(plain)
    assert table["amount"] == plain["amount"]
    assert all(type(a) is Decimal for a in table["amount"] if a is not None)


async def test_a_blocking_collection_is_the_same(demo: Emulator, client: AsyncOpenAIAdmin) -> None:
    def collect() -> UsageTable:
        with OpenAIAdmin(demo.admin_key, base_url=demo.base_url) as blocking:
            return blocking.usage.collect(
                start_time=datetime.fromtimestamp(START, UTC).date(),
                end_time=datetime.fromtimestamp(TODAY, UTC),
                group_by=["project_id"],
            )

    table = await asyncio.to_thread(collect)
    assert table.columns == (await collected(client, group_by=["project_id"])).columns
