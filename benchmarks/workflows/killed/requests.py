"""Killing a command at a request to the emulator."""

from __future__ import annotations

from collections.abc import Callable

import attrs
from aiohttp import web

from openai_admin.emulator.faults.fault import Exchange, Fault

from .launcher import Launcher


@attrs.frozen(kw_only=True)
class KilledAtRequest(Fault):
    """The client's process is killed, before the request is carried out or after.

    Only requests of the launcher's command are counted, from 1 in each run. Add it first, so that
    all other faults are within.
    """

    launcher: Launcher
    seen: Callable[[], None] = lambda: None
    """Called before each of them."""

    def concerns(self, request: web.BaseRequest) -> bool:
        return self.launcher.running

    async def apply(self, exchange: Exchange) -> web.Response:
        self.seen()
        when = self.launcher.reached("request")
        if when == "before":
            await self.launcher.kill()
            return web.Response(status=500)  # to nobody
        answer = await exchange.run()
        if when == "after":
            await self.launcher.kill()
        return answer
