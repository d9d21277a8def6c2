"""The same work on three clients: ours, the official one, and bare aiohttp with orjson."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import aiohttp
import openai
import orjson

from openai_admin import AsyncOpenAIAdmin
from openai_admin.usage.filters import EndpointName

from .measure import Work

KEY = "sk-admin-benchmark-000000000000000000"
START = 1_704_067_200  # 2024-01-01
HOUR, DAY = 3600, 86_400
CONCURRENCY = 32

ENDPOINTS: tuple[EndpointName, ...] = (
    "completions",
    "embeddings",
    "moderations",
    "images",
    "audio_speeches",
    "audio_transcriptions",
    "vector_stores",
    "code_interpreter_sessions",
    "file_search_calls",
    "web_search_calls",
)

_PAGE: dict[str, Any] = {
    "start_time": START,
    "end_time": START + 168 * HOUR,
    "bucket_width": "1h",
    "group_by": ["project_id", "model"],
    "limit": 168,
}

READS = 2000

_ids = itertools.count()  # global: each read is of another project, so that no two are shared
_keys = itertools.count()  # global: paces are learned by key, and a cold client has learned none


def hours(first: int) -> dict[str, Any]:
    """The arguments of a small read of usage, as one asks for a stretch of a chart: seven hours."""
    start = START + first * HOUR
    return {
        "start_time": start,
        "end_time": start + 7 * HOUR,
        "bucket_width": "1h",
        "group_by": ["project_id", "model"],
    }


class Clients:
    """The three clients on one server, each made when it is first used.

    Args:
        base_url: the server's address.
        key: the clients' key.
    """

    def __init__(self, base_url: str, key: str = KEY) -> None:
        self._base_url = base_url
        self._key = key

    @cached_property
    def ours(self) -> AsyncOpenAIAdmin:
        return AsyncOpenAIAdmin(self._key, base_url=self._base_url, max_concurrency=CONCURRENCY)

    @cached_property
    def official(self) -> openai.AsyncOpenAI:
        return openai.AsyncOpenAI(admin_api_key=self._key, base_url=self._base_url)

    @cached_property
    def bare(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(headers={"Authorization": f"Bearer {self._key}"})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for name in {"ours", "official", "bare"} & vars(self).keys():
            await getattr(self, name).close()

    # One page: 168 hours.

    async def page_ours(self) -> object:
        return await self.ours.usage.completions(**_PAGE)

    async def page_official(self) -> object:
        return await self.official.admin.organization.usage.completions(**_PAGE)

    async def page_bare(self) -> object:
        return await self._get(_target(_PAGE))

    # Many small reads.

    async def reads_ours(self) -> None:
        await _many(lambda _: self.ours.projects.retrieve(f"proj_{next(_ids)}"))

    async def reads_official(self) -> None:
        projects = self.official.admin.organization.projects
        await _many(lambda _: projects.retrieve(f"proj_{next(_ids)}"))

    async def reads_bare(self) -> None:
        await _many(lambda _: self._get(f"/organization/projects/proj_{next(_ids)}"))

    # Many small reads of usage, each of another stretch of time.

    async def usage_read(self, first: int) -> object:
        return await self.ours.usage.completions(**hours(first))

    async def usage_ours(self) -> None:
        await _many(self.usage_read)

    async def usage_official(self) -> None:
        usage = self.official.admin.organization.usage
        await _many(lambda first: usage.completions(**hours(first)))

    async def usage_bare(self) -> None:
        await _many(lambda first: self._get(_target(hours(first))))

    # 90 days of hours over ten endpoints.

    async def fan_out_ours(self) -> object:
        return await self.ours.usage.collect(
            ENDPOINTS,
            start_time=START,
            end_time=START + 90 * DAY,
            bucket_width="1h",
            group_by=["project_id"],
        )

    async def fan_out_official(self) -> None:
        """What its user would write: the endpoints gathered, each paged by its cursors."""
        await asyncio.gather(*(self._walk_official(e) for e in ENDPOINTS))

    async def _walk_official(self, endpoint: str) -> None:
        method = getattr(self.official.admin.organization.usage, endpoint)
        query: dict[str, Any] = {
            "start_time": START,
            "end_time": START + 90 * DAY,
            "bucket_width": "1h",
            "group_by": ["project_id"],
            "limit": 168,
        }
        while True:
            page = await method(**query)
            if not page.has_more:
                return
            query["page"] = page.next_page

    async def fan_out_bare(self) -> None:
        """The requests that ours makes, nothing of their answers put together."""
        places = asyncio.Semaphore(CONCURRENCY)
        end, step = START + 90 * DAY, 168 * HOUR

        async def one(endpoint: str, start: int) -> None:
            window = f"start_time={start}&end_time={min(start + step, end)}"
            query = f"{window}&bucket_width=1h&group_by=project_id&limit=168"
            async with places:
                await self._get(f"/organization/usage/{endpoint}?{query}")

        await asyncio.gather(
            *(one(e, start) for e in ENDPOINTS for start in range(START, end, step))
        )

    async def _get(self, target: str) -> object:
        async with self.bare.get(self._base_url + target) as response:
            return orjson.loads(await response.read())


def cold(base_url: str, work: Callable[[Clients], Awaitable[object]]) -> Work:
    """Some work on clients made for it: no connection is open, and no pace is learned."""

    async def run() -> None:
        async with Clients(base_url, f"sk-admin-benchmark-{next(_keys):018}") as clients:
            await work(clients)

    return run


def _target(query: dict[str, Any]) -> str:
    plain = "&".join(f"{k}={v}" for k, v in query.items() if k != "group_by")
    return f"/organization/usage/completions?{plain}&group_by=project_id&group_by=model"


async def _many(call: Callable[[int], Awaitable[object]]) -> None:
    places = asyncio.Semaphore(CONCURRENCY)

    async def one(number: int) -> None:
        async with places:
            await call(number)

    await asyncio.gather(*(one(number) for number in range(READS)))
