"""Usage and costs of the demo organization, on three clients."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from openai_admin import InvalidInputError
from openai_admin.emulator import Emulator
from tests.conftest import AsyncSurface, BlockingSurface, Surface

DAY = 86_400
START = int(time.time()) // DAY * DAY - 10 * DAY

# What each endpoint counts, by a field of its rows; and one of the fields it groups by.
ENDPOINTS: dict[str, tuple[Callable[..., Any], str, str]] = {
    "completions": (lambda c, **q: c.usage.completions(**q), "input_tokens", "model"),
    "decisions": (lambda c, **q: c.usage.decisions(**q), "input_tokens", "model"),
    "embeddings": (lambda c, **q: c.usage.embeddings(**q), "input_tokens", "user_id"),
    "moderations": (lambda c, **q: c.usage.moderations(**q), "input_tokens", "project_id"),
    "images": (lambda c, **q: c.usage.images(**q), "images", "size"),
    "audio_speeches": (lambda c, **q: c.usage.audio_speeches(**q), "characters", "model"),
    "audio_transcriptions": (
        lambda c, **q: c.usage.audio_transcriptions(**q),
        "seconds",
        "api_key_id",
    ),
    "vector_stores": (lambda c, **q: c.usage.vector_stores(**q), "usage_bytes", "project_id"),
    "code_interpreter_sessions": (
        lambda c, **q: c.usage.code_interpreter_sessions(**q),
        "num_sessions",
        "project_id",
    ),
    "file_search_calls": (
        lambda c, **q: c.usage.file_search_calls(**q),
        "num_requests",
        "vector_store_id",
    ),
    "web_search_calls": (
        lambda c, **q: c.usage.web_search_calls(**q),
        "num_requests",
        "context_level",
    ),
}

QUERY = {"start_time": START, "end_time": START + 10 * DAY, "bucket_width": "1d", "limit": 31}


def _costs(client: Any, **query: Any) -> Any:
    return client.usage.costs(**query)


def _total(buckets: list[Any], metric: str) -> int:
    return sum(getattr(row, metric) for bucket in buckets for row in bucket.results)


def _grouped(surface: Surface, *fields: str) -> dict[str, Any]:
    """The arguments that group by these fields.

    The official client writes `group_by[]`, which the API ignores, so it is told what to send.
    """
    if surface.ours:
        return {"group_by": list(fields)}
    return {"extra_query": {"group_by": ",".join(fields)}}


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
async def test_groups_sum_to_the_whole(demo_surface: Surface, name: str) -> None:
    call, metric, group = ENDPOINTS[name]
    whole = await demo_surface.call(lambda c: call(c, **QUERY))
    grouping = _grouped(demo_surface, group)
    grouped = await demo_surface.call(lambda c: call(c, **QUERY, **grouping))
    assert len(whole.data) == len(grouped.data) == 10
    assert _total(whole.data, metric) == _total(grouped.data, metric) > 0
    assert {getattr(row, group) for bucket in whole.data for row in bucket.results} == {None}
    assert {getattr(row, group) for bucket in grouped.data for row in bucket.results} != {None}


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
async def test_pages_go_on_where_they_left_off(demo: Emulator, name: str) -> None:
    call, _, _ = ENDPOINTS[name]
    surface = AsyncSurface(demo)
    whole = await surface.call(lambda c: call(c, **QUERY))
    walked = await surface.items(lambda c: call(c, **QUERY | {"limit": 3}))
    await surface.close()
    assert walked == whole.data


async def test_costs_are_the_same_however_they_are_grouped(demo_surface: Surface) -> None:
    query = {"start_time": START, "end_time": START + 10 * DAY, "limit": 180}
    totals = set()
    for group_by in ([], ["project_id"], ["line_item"], ["project_id", "line_item"]):
        grouping = _grouped(demo_surface, *group_by) if group_by else {}
        page = await demo_surface.call(partial(_costs, **query, **grouping))
        amounts = [row.amount.value for bucket in page.data for row in bucket.results]
        assert len(page.data) == 10
        totals.add(round(sum(amounts), 6))
    assert len(totals) == 1
    assert totals.pop() > 0


@pytest.mark.parametrize("client", [AsyncSurface, BlockingSurface])
async def test_what_no_endpoint_takes_is_refused_before_it_is_sent(
    demo: Emulator, client: type[AsyncSurface | BlockingSurface]
) -> None:
    surface = client(demo)
    demo.requests.clear()
    refused: dict[str, dict[str, Any]] = {
        "limit (with bucket_width '1d') must be from 1 to 31, not 32": {"limit": 32},
        "limit (with bucket_width '1h') must be from 1 to 168, not 169": {
            "bucket_width": "1h",
            "limit": 169,
        },
        "bucket_width must be '1m', '1h' or '1d', not '2h'": {"bucket_width": "2h"},
        "did you mean 'model'?": {"group_by": ["modl"]},
        "end_time must not be before start_time": {"end_time": START - 1},
        "start_time needs a time zone": {"start_time": datetime(2026, 1, 1)},  # noqa: DTZ001,
    }
    for sentence, change in refused.items():
        with pytest.raises(InvalidInputError) as caught:
            await surface.call(partial(ENDPOINTS["completions"][0], **QUERY | change))
        assert sentence in str(caught.value)
    for change in ({"bucket_width": "1h"}, {"limit": 181}, {"limit": 0}):
        with pytest.raises(InvalidInputError):
            await surface.call(partial(_costs, start_time=START, **change))
    assert not demo.requests
    await surface.close()
