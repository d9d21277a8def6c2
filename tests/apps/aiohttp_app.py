"""What an organization uses, served with aiohttp: one client for the life of the application."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from aiohttp import web
from aiohttp.typedefs import Handler

from openai_admin import APIConnectionError, AsyncOpenAIAdmin, RateLimitError, UsageWindowError

OPENAI = web.AppKey("OPENAI", AsyncOpenAIAdmin)


async def lifespan(app: web.Application) -> AsyncIterator[None]:
    async with AsyncOpenAIAdmin(timeout=10, wait=5) as app[OPENAI]:
        yield


@web.middleware
async def busy(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say when to come again, where the API's pace or silence would keep the caller waiting."""
    try:
        return await handler(request)
    except (RateLimitError, APIConnectionError, UsageWindowError) as error:
        why = error.__cause__ if isinstance(error, UsageWindowError) else error
        if not isinstance(why, RateLimitError | APIConnectionError):
            raise
        headers = {"Retry-After": str(math.ceil(getattr(why, "retry_after", None) or 60))}
        raise web.HTTPServiceUnavailable(headers=headers) from error


async def usage(request: web.Request) -> web.Response:
    """Tokens and requests by model, from two endpoints at once."""
    days = int(request.match_info["days"])
    table = await request.app[OPENAI].usage.collect(
        ["completions", "embeddings"],
        start_time=datetime.now(UTC) - timedelta(days=days),
        group_by=["model"],
    )
    return web.json_response(list(table.totals("model").rows()))


def make_app() -> web.Application:
    app = web.Application(middlewares=[busy])
    app.cleanup_ctx.append(lifespan)
    app.router.add_get(r"/usage/{days:\d+}", usage)
    return app


if __name__ == "__main__":
    # With handler_cancellation a caller who hangs up cancels what was asked for them.
    web.run_app(make_app(), handler_cancellation=True)
