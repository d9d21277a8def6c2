"""A server like Splunk's HTTP Event Collector, made from Splunk's manual, that is often unwell.

What it answers is from “Set up and use HTTP Event Collector”, “Troubleshoot HTTP Event Collector”
(the codes) and “About HTTP Event Collector Indexer Acknowledgment”: an object for each event, one
after another; ``event`` must be there and not be blank; ``fields`` is flat; where an event of a
request is refused, those before it are indexed, and ``invalid-event-number`` counts from 0.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any, Literal

import attrs
from aiohttp import web

TOKEN = "11111111-2222-3333-4444-555555555555"

Mood = Literal["well", "busy", "hanging", "forgetful", "mixed"]
"""``hanging``: no answer comes. ``forgetful``: what it took is kept, and its answer lost."""


def _said(status: int, text: str, code: int, **more: Any) -> web.Response:
    return web.json_response({"text": text, "code": code, **more}, status=status)


@attrs.define
class Splunk:
    """The server.

    Attributes:
        refuses: which events it refuses.
        rng: chance.
        acknowledges: whether its token has indexer acknowledgement.
        mood: how it is.
        indexed: each event that it has, by its id, as often as it came.
        events: each event, by its id.
        requests: how many came.
    """

    refuses: Callable[[Any], bool]
    rng: random.Random
    acknowledges: bool = False
    mood: Mood = "well"
    indexed: Counter[str] = attrs.field(factory=Counter)
    events: dict[str, Any] = attrs.field(factory=dict)
    changed: int = 0
    requests: int = 0
    moods: Counter[str] = attrs.field(factory=Counter)
    port: int = 0
    _runner: web.AppRunner | None = None
    _acks: dict[str, int] = attrs.field(factory=dict)

    @property
    def address(self) -> str:
        """Where it is, also while it is down."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen, where it was before."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/services/collector/event", self._collect)
        app.router.add_post("/services/collector/ack", self._acknowledge)
        self._runner = web.AppRunner(app, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]
        self._acks.clear()  # a restart forgets them

    async def stop(self) -> None:
        """Go away; connections end in the middle of what they do."""
        if self._runner is not None:
            for transport in [
                each.transport for each in (self._runner.server or _NONE).connections
            ]:
                if transport is not None:
                    transport.abort()
            await self._runner.cleanup()
            self._runner = None

    async def _collect(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return _said(401, "Token is required", 2)
        if scheme != "Splunk":
            return _said(401, "Invalid authorization", 3)
        if token != TOKEN:
            return _said(403, "Invalid token", 4)
        channel = request.headers.get("X-Splunk-Request-Channel")
        if self.acknowledges and channel is None:
            return _said(400, "Data channel is missing", 10)
        body = (await request.read()).decode()  # aiohttp unpacks gzip
        mood = self.mood
        if mood == "mixed":
            mood = self.rng.choice(("well", "well", "well", "busy", "hanging", "forgetful"))
        self.moods[mood] += 1
        if mood == "busy":
            return _said(503, "Server is busy", 9)
        if mood == "hanging" and self.rng.random() < 0.5:
            await asyncio.sleep(30)
        answer = self._index(body)
        if mood == "hanging":
            await asyncio.sleep(30)
        if mood == "forgetful" and request.transport is not None:
            request.transport.abort()
        return answer

    def _index(self, body: str) -> web.Response:
        decoder, at, number = json.JSONDecoder(), 0, 0
        if not body.strip():
            return _said(400, "No data", 5)
        while at < len(body):
            try:
                envelope, at = decoder.raw_decode(body, at)
            except ValueError:
                return self._refused("Invalid data format", 6, number)
            while at < len(body) and body[at] in " \r\n\t":
                at += 1
            if not isinstance(envelope, dict) or "event" not in envelope:
                return self._refused("Event field is required", 12, number)
            if envelope["event"] in (None, ""):
                return self._refused("Event field cannot be blank", 13, number)
            fields = envelope.get("fields", {})
            if any(isinstance(value, dict | list) for value in fields.values()):
                return self._refused("Error in handling indexed fields", 15, number)
            if self.refuses(envelope["event"]):
                return self._refused("Invalid data format", 6, number)
            self._keep(fields["event_id"], envelope["event"])
            number += 1
        if self.acknowledges:
            ack = str(len(self._acks))
            self._acks[ack] = 2  # looks until it is indexed
            return _said(200, "Success", 0, ackId=int(ack))
        return _said(200, "Success", 0)

    def _refused(self, text: str, code: int, number: int) -> web.Response:
        named = {"invalid-event-number": number} if self.rng.random() < 0.5 else {}
        return _said(400, text, code, **named)

    def _keep(self, id: str, event: Any) -> None:
        self.indexed[id] += 1
        if self.events.setdefault(id, event) != event:
            self.changed += 1

    async def _acknowledge(self, request: web.Request) -> web.Response:
        asked = (await request.json())["acks"]
        found = {}
        for number in map(str, asked):
            if number in self._acks:
                self._acks[number] -= 1
            found[number] = self._acks.get(number, 1) <= 0
        return web.json_response({"acks": found})


class _NONE:
    connections: tuple[Any, ...] = ()
