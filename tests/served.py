"""A server of a test's own on a real socket, for as long as a context lasts."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from aiohttp import web

from openai_admin import AsyncOpenAIAdmin

KEY = "sk-admin-canary0123456789abcdWXYZ"


class Served:
    """What a server of a test has in common with the others; it adds routes to `application`.

    Attributes:
        base_url: where it is, while the context lasts.
    """

    base_url: str

    def application(self) -> web.Application:
        """The routes that it has."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        # Who asks and then leaves is noticed, as with a server of one process for each request.
        self._runner = web.AppRunner(self.application(), handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    def client(self, **settings: Any) -> AsyncOpenAIAdmin:
        """A client that does not try again, unless it is told to."""
        settings.setdefault("max_retries", 0)
        return AsyncOpenAIAdmin(KEY, base_url=self.base_url, **settings)
