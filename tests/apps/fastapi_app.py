"""What an organization uses, served with FastAPI: one client for the life of the application."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from openai_admin import (
    AdminAPIKeyCreateResponse,
    APIConnectionError,
    AsyncOpenAIAdmin,
    Page,
    Project,
    RateLimitError,
    UsageTable,
    UsageWindowError,
)

T = TypeVar("T")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with AsyncOpenAIAdmin(timeout=10, wait=5) as app.state.openai:
        yield


app = FastAPI(lifespan=lifespan)


@app.exception_handler(RateLimitError)
@app.exception_handler(APIConnectionError)
@app.exception_handler(UsageWindowError)
async def busy(_: Request, error: Exception) -> JSONResponse:
    """Say when to come again, where the API's pace or silence would keep the caller waiting."""
    why = error.__cause__ if isinstance(error, UsageWindowError) else error
    if not isinstance(why, RateLimitError | APIConnectionError):
        raise error
    headers = {"Retry-After": str(math.ceil(getattr(why, "retry_after", None) or 60))}
    return JSONResponse({"detail": "The OpenAI API is busy."}, 503, headers)


@app.get("/usage/{days}")
async def usage(days: int, request: Request) -> list[dict[str, Any]]:
    """Tokens and requests by model, from two endpoints at once."""
    client: AsyncOpenAIAdmin = request.app.state.openai
    work = client.usage.collect(
        ["completions", "embeddings"],
        start_time=datetime.now(UTC) - timedelta(days=days),
        group_by=["model"],
    )
    table = await while_connected(request, work)
    return list(table.totals("model").rows())


@app.get("/projects")
async def projects(request: Request) -> Page[Project]:
    """The first projects."""
    client: AsyncOpenAIAdmin = request.app.state.openai
    return await client.projects.list(limit=2)


@app.get("/projects/{id}", response_model=Project)
async def project(id: str, request: Request) -> Any:
    """A project, by the model that the route names."""
    client: AsyncOpenAIAdmin = request.app.state.openai
    return await client.projects.retrieve(id)


@app.get("/projects/{id}/plain")
async def plain_project(id: str, request: Request):  # type: ignore[no-untyped-def] # on purpose
    """A project, of which the route does not say what it is."""
    client: AsyncOpenAIAdmin = request.app.state.openai
    return {"project": await client.projects.retrieve(id)}


@app.post("/keys")
async def key(request: Request) -> AdminAPIKeyCreateResponse:
    """A new key, without its value."""
    client: AsyncOpenAIAdmin = request.app.state.openai
    return await client.admin_api_keys.create(name="new")


@app.get("/costs")
async def costs(request: Request) -> UsageTable:
    """What yesterday cost."""
    client: AsyncOpenAIAdmin = request.app.state.openai
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return await client.usage.collect(
        ["costs"], start_time=midnight - timedelta(days=1), end_time=midnight
    )


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Await some work, and cancel it when the caller hangs up: ASGI tells that only who asks."""

    async def hung_up() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    tasks = task, _ = asyncio.ensure_future(work), asyncio.ensure_future(hung_up())
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise HTTPException(499, "Client closed request")
        return await task
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
