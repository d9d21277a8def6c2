"""Any stream equals its buckets asked for one by one; over the emulator's socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.usage import endpoints as usage_endpoints
from openai_admin.usage.endpoints import endpoints
from tests.usage.times import DAY, NOW, STEPS, touched

Asked = dict[str, Any]


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """A loop that all examples share, as they share the emulator."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def api(runner: asyncio.Runner) -> Iterator[AsyncOpenAIAdmin]:
    """A client of the demo organization."""
    emulator = Emulator(state="demo", now=lambda: NOW)
    runner.run(emulator.start())
    client = AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url)
    runner.run(_learn_the_time(client))
    yield client
    runner.run(client.close())
    runner.run(emulator.stop())


async def _learn_the_time(client: AsyncOpenAIAdmin) -> None:
    """Let the client know the server's time: else a window until now has the largest limit."""
    await client.projects.list()


@st.composite
def queries(draw: st.DrawFn) -> Asked:
    """An endpoint, a range of up to forty buckets, groups."""
    endpoint = draw(st.sampled_from(list(endpoints().values())))
    width = "1d" if endpoint.name == "costs" else draw(st.sampled_from(sorted(STEPS)))
    step = STEPS[width]
    start = NOW - draw(st.integers(0, 100 * DAY))
    end = start + draw(st.one_of(st.integers(0, 2 * step), st.integers(0, 40 * step)))
    if endpoint.name == "costs" or draw(st.booleans()):  # costs of parts of days are refused
        start, end = start // step * step, -(-end // step) * step
    groups = draw(st.lists(st.sampled_from(endpoint.groups), unique=True, max_size=3))
    if endpoint.name == "costs" and {"user_id", "project_id"} <= set(groups):
        groups.remove("user_id")  # not both
    return {
        "endpoint": endpoint.name,
        "start_time": start,
        "end_time": end,
        "bucket_width": width,
        "group_by": groups or None,
    }


async def one_by_one(api: AsyncOpenAIAdmin, asked: Asked) -> list[Any]:
    """Each bucket by a request of its own, straight from the endpoint's method."""
    step = STEPS[asked["bucket_width"]]
    start, end = asked["start_time"], asked["end_time"]
    method = getattr(api.usage, asked["endpoint"])
    result: list[Any] = []
    for bucket in touched(start, end, step):
        if bucket > NOW:
            break
        page = await method(
            start_time=max(start, bucket),
            end_time=min(end, bucket + step),
            bucket_width=asked["bucket_width"],
            limit=1,
            **({"group_by": asked["group_by"]} if asked["group_by"] else {}),
        )
        assert len(page.data) == 1
        assert not page.has_more
        result += page.data
    return result


def timeless(buckets: list[Any]) -> list[Any]:
    """Buckets without the end of the present one, which is the moment of its request."""
    return [
        msgspec.structs.replace(b, end_time=b.start_time) if b.end_time.timestamp() >= NOW else b
        for b in buckets
    ]


def test_a_stream_equals_its_buckets_one_by_one(
    runner: asyncio.Runner, api: AsyncOpenAIAdmin, monkeypatch: pytest.MonkeyPatch
) -> None:
    @given(queries(), st.integers(1, 45))
    @settings(max_examples=150)
    def check(asked: Asked, per_page: int) -> None:
        monkeypatch.setattr(usage_endpoints, "MAX_BUCKETS", dict.fromkeys(STEPS, per_page))
        monkeypatch.setattr(usage_endpoints, "MAX_COST_BUCKETS", per_page)

        async def compare() -> None:
            streamed = [bucket async for bucket in api.usage.stream(**asked)]
            assert timeless(streamed) == timeless(await one_by_one(api, asked))
            table = await api.usage.collect(**_renamed(asked))
            assert len(table) == sum(len(bucket.results) for bucket in streamed)

        runner.run(compare())

    check()


def _renamed(asked: Asked) -> Asked:
    rest = {key: value for key, value in asked.items() if key != "endpoint"}
    return {"endpoints": asked["endpoint"], **rest}
