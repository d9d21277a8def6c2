"""The same work on three clients: ours, the official one, and bare aiohttp with orjson."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

import aiohttp
import openai
import orjson

from openai_admin import AsyncOpenAIAdmin
from openai_admin.usage.filters import EndpointName

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

_ids = itertools.count()  # global: each read is of another project, so that no two are shared


class Clients:
    """The three clients on one server."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self.ours = AsyncOpenAIAdmin(KEY, base_url=base_url, max_concurrency=CONCURRENCY)
        self.official = openai.AsyncOpenAI(admin_api_key=KEY, base_url=base_url)
        self.bare = aiohttp.ClientSession(headers={"Authorization": f"Bearer {KEY}"})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.ours.close()
        await self.official.close()
        await self.bare.close()

    # One page: 168 hours.

    async def page_ours(self) -> object:
        return await self.ours.usage.completions(**_PAGE)

    async def page_official(self) -> object:
        return await self.official.admin.organization.usage.completions(**_PAGE)

    async def page_bare(self) -> object:
        query = (
            "&".join(f"{k}={v}" for k, v in _PAGE.items() if k != "group_by")
            + "&group_by=project_id&group_by=model"
        )
        return await self._get(f"/organization/usage/completions?{query}")

    # Many small reads.

    async def reads_ours(self) -> None:
        await _many(lambda: self.ours.projects.retrieve(f"proj_{next(_ids)}"))

    async def reads_official(self) -> None:
        projects = self.official.admin.organization.projects
        await _many(lambda: projects.retrieve(f"proj_{next(_ids)}"))

    async def reads_bare(self) -> None:
        await _many(lambda: self._get(f"/organization/projects/proj_{next(_ids)}"))

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

    async def _get(self, target: str) -> object:
        async with self.bare.get(self._base_url + target) as response:
            return orjson.loads(await response.read())


async def _many(call: Callable[[], Awaitable[object]], count: int = 2000) -> None:
    places = asyncio.Semaphore(CONCURRENCY)

    async def one() -> None:
        async with places:
            await call()

    await asyncio.gather(*(one() for _ in range(count)))
