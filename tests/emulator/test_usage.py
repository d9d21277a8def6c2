"""The usage and cost endpoints over a real socket, as another client sees them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

from openai_admin.emulator import Emulator
from openai_admin.emulator.metering import ENDPOINTS
from openai_admin.emulator.metering.shape import DAY

NOW = 1_795_512_345  # a Tuesday, at 09:25:45 UTC
MIDNIGHT = NOW // DAY * DAY

Json = dict[str, Any]
Query = Sequence[tuple[str, object]] | Mapping[str, object]


class Api:
    """GET requests with an admin key; numbers come as they were written."""

    def __init__(self, emulator: Emulator, session: aiohttp.ClientSession) -> None:
        self.emulator = emulator
        self.session = session

    async def get(self, path: str, query: Query) -> tuple[int, Json]:
        pairs = query.items() if isinstance(query, Mapping) else query
        text = "&".join(f"{quote(name, safe='[]')}={quote(str(v), safe='=')}" for name, v in pairs)
        url = URL(f"{self.emulator.base_url}/organization/{path}?{text}", encoded=True)
        headers = {"Authorization": f"Bearer {self.emulator.admin_key}"}
        async with self.session.get(url, headers=headers) as response:
            return response.status, json.loads(await response.text(), parse_float=Decimal)

    async def page(self, path: str, **query: object) -> Json:
        status, body = await self.get(path, query)
        assert status == 200, body
        return body

    async def walk(self, path: str, **query: object) -> list[Json]:
        """All buckets of all pages."""
        body = await self.page(path, **query)
        buckets = body["data"]
        while body["has_more"]:
            body = await self.page(path, **query, page=body["next_page"])
            buckets += body["data"]
        assert body["next_page"] is None
        return list(buckets)

    async def refused(self, path: str, **query: object) -> tuple[str | None, str]:
        """The parameter and message of a 400."""
        status, body = await self.get(path, query)
        assert status == 400, body
        return body["error"]["param"], body["error"]["message"]


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with (
        Emulator(state="demo", now=lambda: NOW) as emulator,
        aiohttp.ClientSession() as session,
    ):
        yield Api(emulator, session)


USAGE = [f"usage/{name}" for name in ENDPOINTS]


@pytest.mark.parametrize("path", [*USAGE, "costs"])
async def test_a_page_has_seven_days_by_default(api: Api, path: str) -> None:
    body = await api.page(path, start_time=MIDNIGHT - 30 * DAY)
    assert set(body) == {"object", "data", "has_more", "next_page"}
    assert body["object"] == "page"
    assert body["has_more"] is True
    assert body["next_page"].startswith("page_")
    assert body["next_page"].endswith("=")
    for place, bucket in enumerate(body["data"]):
        assert set(bucket) == {"object", "start_time", "end_time", "results"}
        assert bucket["object"] == "bucket"
        assert bucket["start_time"] == MIDNIGHT + (place - 30) * DAY
        assert bucket["end_time"] == bucket["start_time"] + DAY
        (result,) = bucket["results"]
        assert result["object"].startswith("organization.")
    assert len(body["data"]) == 7


@pytest.mark.parametrize(("name", "endpoint"), ENDPOINTS.items())
async def test_a_row_has_every_field_of_its_object(api: Api, name: str, endpoint: Any) -> None:
    start = MIDNIGHT - DAY
    everything = [("group_by", field) for field in endpoint.dimensions]
    for group_by in ([], everything):
        status, body = await api.get(f"usage/{name}", [("start_time", start), *group_by])
        assert status == 200
        for row in body["data"][0]["results"]:
            assert set(row) == {"object", *endpoint.metrics, *endpoint.dimensions}
            assert row["object"] == endpoint.object
            assert all(type(row[metric]) is int for metric in endpoint.metrics)
            if not group_by:
                assert all(row[field] is None for field in endpoint.dimensions)
        assert body["data"][0]["results"]


@pytest.mark.parametrize(
    ("width", "seconds", "default", "most"),
    [("1m", 60, 60, 1440), ("1h", 3600, 24, 168), ("1d", DAY, 7, 31)],
)
async def test_each_width_has_its_own_limits(
    api: Api, width: str, seconds: int, default: int, most: int
) -> None:
    query: Json = {"start_time": MIDNIGHT - 40 * DAY, "bucket_width": width}
    for limit, count in ((None, default), (1, 1), (most, most)):
        body = await api.page(
            "usage/completions", **query, **({} if limit is None else {"limit": limit})
        )
        assert len(body["data"]) == count
        assert all(b["end_time"] - b["start_time"] == seconds for b in body["data"])
    for limit in (0, -1, most + 1):
        param, message = await api.refused("usage/completions", **query, limit=limit)
        assert param == "limit"
        assert str(limit) in message


async def test_costs_have_up_to_180_days_and_no_other_width(api: Api) -> None:
    start = MIDNIGHT - 300 * DAY
    assert len((await api.page("costs", start_time=start, limit=180))["data"]) == 180
    assert (await api.refused("costs", start_time=start, limit=181))[0] == "limit"
    param, message = await api.refused("costs", start_time=start, bucket_width="1h")
    assert param == "bucket_width"
    assert "'1d'" in message


async def test_the_outer_buckets_of_usage_are_cut_to_the_range(api: Api) -> None:
    start, end = MIDNIGHT - 2 * DAY + 5000, MIDNIGHT - 100
    body = await api.page("usage/completions", start_time=start, end_time=end)
    assert [(b["start_time"], b["end_time"]) for b in body["data"]] == [
        (start, MIDNIGHT - DAY),
        (MIDNIGHT - DAY, end),
    ]
    assert (body["has_more"], body["next_page"]) == (False, None)


async def test_the_range_ends_now_by_default(api: Api) -> None:
    body = await api.page("usage/completions", start_time=MIDNIGHT, bucket_width="1h", limit=24)
    assert [b["end_time"] for b in body["data"]] == [
        *(MIDNIGHT + hour * 3600 for hour in range(1, 10)),
        NOW,
    ]
    future = await api.page("usage/completions", start_time=NOW + 60)
    assert (future["data"], future["has_more"]) == ([], False)


async def test_buckets_of_the_future_are_there_and_empty(api: Api) -> None:
    body = await api.page("usage/completions", start_time=MIDNIGHT, end_time=MIDNIGHT + 3 * DAY)
    assert [bool(b["results"]) for b in body["data"]] == [True, False, False]


async def test_costs_come_as_whole_days(api: Api) -> None:
    body = await api.page("costs", start_time=MIDNIGHT - DAY + 4000, end_time=MIDNIGHT + 4000)
    assert [(b["start_time"], b["end_time"]) for b in body["data"]] == [
        (MIDNIGHT - DAY, MIDNIGHT),
        (MIDNIGHT, MIDNIGHT + DAY),
    ]
    aligned = await api.page("costs", start_time=MIDNIGHT - DAY, end_time=MIDNIGHT)
    assert aligned["data"] == body["data"][:1]


async def test_ten_thousand_minutes_come_once_each_and_equal_their_days(api: Api) -> None:
    start, end = MIDNIGHT - 7 * DAY, MIDNIGHT
    query: Json = {"start_time": start, "end_time": end, "group_by": "project_id"}
    minutes = await api.walk("usage/completions", **query, bucket_width="1m", limit=1440)
    assert [b["start_time"] for b in minutes] == list(range(start, end, 60))
    assert len(minutes) == 10_080
    days = await api.walk("usage/completions", **query, bucket_width="1d", limit=2)

    def sums(buckets: list[Json]) -> dict[str, int]:
        tokens: dict[str, int] = {}
        for row in (row for bucket in buckets for row in bucket["results"]):
            project = row["project_id"]
            tokens[project] = tokens.get(project, 0) + row["input_tokens"] + row["output_tokens"]
        return tokens

    assert sums(minutes) == sums(days)
    assert len(sums(days)) == 10


async def test_the_limit_may_change_from_page_to_page(api: Api) -> None:
    query: Json = {"start_time": MIDNIGHT - 9 * DAY + 77, "group_by": "model"}
    together = (await api.page("usage/completions", **query, limit=31))["data"]
    walked: list[Json] = []
    page: Json = {}
    for limit in (1, 4, 2, 31):
        body = await api.page("usage/completions", **query, **page, limit=limit)
        walked += body["data"]
        page = {"page": body["next_page"]}
    assert walked == together
    assert body["has_more"] is False


@pytest.mark.parametrize(
    "changed",
    [
        {"start_time": MIDNIGHT - 19 * DAY},
        {"end_time": MIDNIGHT},
        {"bucket_width": "1h"},
        {"group_by": "user_id"},
        {"group_by": ""},
        {"models": "gpt-5"},
        {"batch": "true"},
    ],
)
async def test_a_cursor_belongs_to_its_query(api: Api, changed: Json) -> None:
    query: Json = {"start_time": MIDNIGHT - 20 * DAY, "group_by": "model"}
    page = (await api.page("usage/completions", **query))["next_page"]
    await api.page("usage/completions", **query, page=page)
    param, message = await api.refused("usage/completions", **{**query, **changed, "page": page})
    assert param == "page"
    assert "other parameters" in message


async def test_a_cursor_keeps_the_end_that_was_now_on_the_first_page() -> None:
    times = [NOW]
    async with (
        Emulator(now=lambda: times[-1]) as emulator,
        aiohttp.ClientSession() as session,
    ):
        api = Api(emulator, session)
        query: Json = {"start_time": MIDNIGHT, "bucket_width": "1h", "limit": 8}
        first = await api.page("usage/completions", **query)
        times.append(NOW + 7200)
        second = await api.page("usage/completions", **query, page=first["next_page"])
        assert second["data"][-1]["end_time"] == NOW
        assert second["has_more"] is False


async def test_a_strange_cursor_is_refused(api: Api) -> None:
    for page in ("page_", "page_AAAA", "next", "page_%FF"):
        param, message = await api.refused("usage/images", start_time=MIDNIGHT, page=page)
        assert param == "page"
        assert "not a cursor" in message
    good = (await api.page("usage/images", start_time=MIDNIGHT - 20 * DAY))["next_page"]
    other = await api.refused("usage/embeddings", start_time=MIDNIGHT - 20 * DAY, page=good)
    assert other[0] == "page"


@pytest.mark.parametrize(
    ("path", "query", "param"),
    [
        ("usage/completions", {}, "start_time"),
        ("usage/completions", {"start_time": "yesterday"}, "start_time"),
        ("usage/completions", {"start_time": -1}, "start_time"),
        ("usage/completions", {"start_time": 10**17}, "start_time"),
        ("usage/completions", {"start_time": MIDNIGHT, "end_time": MIDNIGHT - 1}, "end_time"),
        ("usage/completions", {"start_time": MIDNIGHT, "bucket_width": "1w"}, "bucket_width"),
        ("usage/completions", {"start_time": MIDNIGHT, "group_by": "size"}, "group_by"),
        ("usage/completions", {"start_time": MIDNIGHT, "batch": "maybe"}, "batch"),
        ("usage/completions", {"start_time": MIDNIGHT, "sizes": "256x256"}, "sizes"),
        ("usage/embeddings", {"start_time": MIDNIGHT, "group_by": "batch"}, "group_by"),
        ("usage/vector_stores", {"start_time": MIDNIGHT, "group_by": "model"}, "group_by"),
        ("usage/images", {"start_time": MIDNIGHT, "sizes": "9x9"}, "sizes"),
        ("usage/images", {"start_time": MIDNIGHT, "sources": "painting"}, "sources"),
        (
            "usage/web_search_calls",
            {"start_time": MIDNIGHT, "context_levels": "x"},
            "context_levels",
        ),
        ("costs", {"start_time": MIDNIGHT, "group_by": "model"}, "group_by"),
        ("costs", {"start_time": MIDNIGHT, "user_ids": "user-1"}, "user_ids"),
    ],
)
async def test_bad_parameters_are_named(api: Api, path: str, query: Json, param: str) -> None:
    named, message = await api.refused(path, **query)
    assert named == param
    assert param in message or str(query[param]) in message


@pytest.mark.parametrize("path", [*USAGE, "costs"])
async def test_a_year_is_as_far_back_as_there_is_anything(api: Api, path: str) -> None:
    first = MIDNIGHT - 365 * DAY
    assert (await api.page(path, start_time=first))["data"][0]["start_time"] == first
    status, body = await api.get(path, {"start_time": first - 1})
    assert status == 400
    error = body["error"]
    assert (error["param"], error["code"]) == ("start_time", "reporting_lookback_exceeded")
    assert "2025-11-24 (UTC)" in error["message"]


async def test_costs_by_key_begin_in_december_2025(api: Api) -> None:
    begin = 1_764_979_200
    query = {"group_by": "project_id,api_key_id"}
    assert (await api.get("costs", {"start_time": begin, **query}))[0] == 200
    param, message = await api.refused("costs", start_time=begin - 1, **query)
    assert param == "group_by"
    assert "'api_key_id' from 2025-12-06" in message
    usage = {"start_time": begin - 1, "group_by": "api_key_id"}
    assert (await api.get("usage/completions", usage))[0] == 200


async def test_costs_by_people_are_not_also_by_projects(api: Api) -> None:
    rest = "line_item,api_key_id,api_source"
    for field in ("user_id", "project_id"):
        group_by = f"{rest},{field}"
        assert (await api.get("costs", {"start_time": MIDNIGHT, "group_by": group_by}))[0] == 200
    both = {"start_time": MIDNIGHT, "group_by": "user_id,line_item,project_id"}
    assert (await api.refused("costs", **both))[0] == "group_by"
    assert (await api.get("usage/completions", {**both, "group_by": "user_id,project_id"}))[
        0
    ] == 200


async def test_a_grouping_with_brackets_is_ignored(api: Api) -> None:
    ignored = await api.page("costs", start_time=MIDNIGHT - DAY, **{"group_by[]": "line_item"})
    assert ignored["data"][0] == (await api.page("costs", start_time=MIDNIGHT - DAY))["data"][0]


async def test_arrays_may_be_repeated_bracketed_or_joined(api: Api) -> None:
    start = ("start_time", MIDNIGHT - DAY)
    forms: list[list[tuple[str, object]]] = [
        [("group_by", "model"), ("group_by", "batch"), ("models", "gpt-5"), ("models", "gpt-4.1")],
        [
            ("group_by", "model"),
            ("group_by", "batch"),
            ("models[]", "gpt-5"),
            ("models[]", "gpt-4.1"),
        ],
        [("group_by", "model,batch"), ("models", "gpt-5,gpt-4.1")],
    ]
    answers = [(await api.get("usage/completions", [start, *form]))[1] for form in forms]
    assert answers[0] == answers[1] == answers[2]
    models = {row["model"] for row in answers[0]["data"][0]["results"]}
    assert models == {"gpt-5", "gpt-4.1"}


async def test_line_items_keep_their_commas_in_every_form_of_array(api: Api) -> None:
    wanted = ["gpt-5-mini, input", "priority | gpt-5, output", "web search tool calls"]
    base: list[tuple[str, object]] = [("start_time", MIDNIGHT - DAY), ("group_by", "line_item")]
    forms = (
        [("line_items", item) for item in wanted],
        [("line_items[]", item) for item in wanted],
        [("line_items", ",".join(wanted))],
    )
    for form in forms:
        _, body = await api.get("costs", [*base, *form])
        assert {row["line_item"] for row in body["data"][0]["results"]} == set(wanted)
    _, body = await api.get("costs", [*base, ("line_items", "gpt-5-mini")])
    assert body["data"][0]["results"] == []


async def test_amounts_are_exact_json_numbers(api: Api) -> None:
    query: Json = {"start_time": MIDNIGHT - 10 * DAY, "end_time": MIDNIGHT, "limit": 10}
    total = Decimal(0)
    for bucket in (await api.page("costs", **query))["data"]:
        (row,) = bucket["results"]
        assert row["amount"]["currency"] == "usd"
        assert row["quantity"] is None
        assert row["quantity_unit"] is None
        total += row["amount"]["value"]
    lines = await api.walk("costs", **{**query, "limit": 3}, group_by="line_item,api_key_id")
    rows = [row for bucket in lines for row in bucket["results"]]
    assert sum(Decimal(row["amount"]["value"]) for row in rows) == total
    units = {row["line_item"]: row["quantity_unit"] for row in rows}
    assert units["gpt-5-mini, input"] == "tokens"
    assert units["dall-e-3, 1024x1024"] == "images"
    assert units["vector storage"] == "gibibyte_hours"
    assert units["web search tool calls"] is None
    assert all(row["quantity"] > 0 for row in rows)


async def test_usage_of_a_deleted_key_stays(api: Api) -> None:
    store = api.emulator.store
    key = next(
        key
        for table in store.project_api_keys.values()
        for key in table
        if key["owner"]["type"] == "service_account"
    )
    query: Json = {"start_time": MIDNIGHT - 7 * DAY, "end_time": MIDNIGHT, "api_key_ids": key["id"]}
    before = await api.page("usage/completions", **query)
    assert all(bucket["results"] for bucket in before["data"])
    for table in store.project_api_keys.values():
        if key["id"] in table:
            table.remove(key["id"])
    assert await api.page("usage/completions", **query) == before


async def test_an_empty_organization_has_used_nothing() -> None:
    async with (
        Emulator(state="empty", now=lambda: NOW) as emulator,
        aiohttp.ClientSession() as session,
    ):
        api = Api(emulator, session)
        for path in (*USAGE, "costs"):
            body = await api.page(path, start_time=MIDNIGHT - 3 * DAY, end_time=MIDNIGHT)
            assert [bucket["results"] for bucket in body["data"]] == [[], [], []]
