"""A SIEM's feed: the audit log through the real command, its restarts and the server's outages.

::

    python -m tests.cli.siem --events 10000 --outage 60
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
from aiohttp import web

from tests.cli.processes import COMMAND, environment

_KEY = "sk-admin-siem"
_LONG = 120.0  # seconds until a run gives up; nothing is measured by it
_RESTARTS = {0.25: signal.SIGTERM, 0.5: signal.SIGINT, 0.75: signal.SIGKILL}
_OUTAGE_AT = 0.6


class LogServer:
    """The audit log's listing alone, which is what a tail asks for, with odd items as they come.

    Attributes:
        down: whether there is an outage: every second request is refused, the others get no
            answer at all.
        requests: how many came.
    """

    def __init__(self) -> None:
        self._items: list[tuple[float, Any]] = []  # by time
        self.down = False
        self.requests = 0

    def publish(self, at: float, raw: Any) -> None:
        """Have something in the log that happened then."""
        self._items.append((at, raw))
        self._items.sort(key=lambda item: item[0])

    async def answer(self, request: web.Request) -> web.Response:
        """A page, the newest first, with a cursor that is no id."""
        self.requests += 1
        if self.down and self.requests % 2:
            return web.Response(status=503, text="<html>down</html>")
        if self.down and request.transport is not None:
            request.transport.abort()
        start = float(request.query.get("effective_at[gte]", 0))
        end = float(request.query.get("effective_at[lt]", math.inf))
        limit, begin = int(request.query["limit"]), int(request.query.get("after", 0))
        listed = [raw for at, raw in reversed(self._items) if start <= at < end]
        page = listed[begin : begin + limit]
        return web.json_response(
            {
                "object": "list",
                "data": page,
                "last_id": str(begin + limit),
                "has_more": begin + limit < len(listed),
            }
        )


def items(count: int, begin: int) -> Iterator[tuple[float, Any]]:
    """Events a second apart, each with the time the log has for it; one in a hundred is odd."""
    for number in range(count):
        at = begin + number
        event: dict[str, Any] = {
            "object": "organization.audit_log",
            "id": f"audit_log-{number}",
            "type": "api_key.created",
            "effective_at": at,
            "actor": {"type": "session", "session": {"user": {"id": "user-1", "email": "a@b.c"}}},
            "api_key.created": {"id": f"key_{number}", "data": {"scopes": ["all"]}},
        }
        yield at, event if number % 100 != 50 else _odd(number // 100, event)


def _odd(kind: int, event: dict[str, Any]) -> Any:
    """An event in one of the ways that have been seen, or may be."""
    del event["id"]
    identified = {"id": f"audit_log-odd-{kind}", **event}
    ways: list[Any] = [
        event,
        {**event, "id": None},
        {**event, "id": {"of": kind}},
        f"an event, the {kind}th odd one",
        [kind, event],
        {**identified, "effective_at": None},
        {**identified, "effective_at": f"in {kind} s"},
        {**identified, "effective_at": event["effective_at"] + 0.75},
        {**identified, "effective_at": event["effective_at"] + 365 * 86400},
        {**identified, "api_key.created": [{"scopes": "all"}], "actor": "somebody"},
    ]
    return ways[kind % len(ways)]


@attrs.frozen
class Outcome:
    """What came through the feed.

    Attributes:
        sent: what was published, each as JSON.
        came: what the feed has, likewise, as often as it has it.
        marked: how many lines were marked as unreadable.
        told: what was said on standard error.
        requests: how many the server got.
        seconds: how long all of it took.
    """

    sent: Counter[str]
    came: Counter[str]
    marked: int
    told: str
    requests: int
    seconds: float

    @property
    def missing(self) -> int:
        """How many did not come."""
        return len(self.sent.keys() - self.came.keys())

    @property
    def invented(self) -> int:
        """How many came that were not published so."""
        return len(self.came.keys() - self.sent.keys())

    @property
    def repeated(self) -> int:
        """How often something came again."""
        return self.came.total() - len(self.came)


def _text(raw: Any) -> str:
    return json.dumps(raw, sort_keys=True)


class Feed:
    """The command, following the log into a file; it is started again and again."""

    def __init__(self, address: str, folder: Path, since: int, poll: float) -> None:
        self._file = folder / "feed.ndjson"
        self._told = folder / "told.txt"
        self._env = environment(
            {
                "OPENAI_BASE_URL": address,
                "OPENAI_ADMIN_KEY": _KEY,
                "XDG_CONFIG_HOME": str(folder),
            }
        )
        start = datetime.fromtimestamp(since, UTC).isoformat()
        place = str(folder / "position.json")
        self._line = ["audit-logs", "tail", "--poll", str(poll), "--since", start]
        self._line += ["--position", place]
        self._process: asyncio.subprocess.Process | None = None
        for file in (self._file, self._told):
            file.touch()

    async def start(self) -> None:
        """Start the command; it goes on where the one before it was."""
        with self._file.open("ab") as out, self._told.open("ab") as err:
            self._process = await asyncio.create_subprocess_exec(
                *COMMAND, *self._line, env=self._env, stdout=out, stderr=err
            )

    async def stop(self, number: signal.Signals) -> None:
        """Send the command a signal, and wait for its end."""
        assert self._process is not None
        self._process.send_signal(number)
        await self._process.wait()

    def lines(self) -> list[Any]:
        """What it has written."""
        return [json.loads(line) for line in self._file.read_text().splitlines()]

    def told(self) -> str:
        """What it has said on standard error, besides that Ctrl-C stopped it."""
        return self._told.read_text().replace("Stopped.\n", "")

    async def until_told(self) -> None:
        """Wait until it has said something on standard error."""
        end = time.monotonic() + _LONG
        while not self.told():
            assert time.monotonic() < end, "it said nothing"
            await asyncio.sleep(0.05)

    async def until(self, count: int) -> None:
        """Wait until it has written so many lines."""
        end = time.monotonic() + _LONG
        while self._file.read_bytes().count(b"\n") < count:
            assert self._process is not None
            assert self._process.returncode is None, self.told()
            assert time.monotonic() < end, f"it stopped short of {count} lines: {self.told()}"
            await asyncio.sleep(0.05)


async def feed(events: int, *, outage: float, poll: float = 0.2, batch: int = 100) -> Outcome:
    """Publish events batch by batch, stop and start the command, and take the server down once.

    Args:
        events: how many there are.
        outage: seconds for which the server is down, or longer until the command says so.
        poll: seconds between two looks of the command.
        batch: how many events appear together.
    """
    began = time.monotonic()
    server = LogServer()
    app = web.Application()
    app.router.add_get("/v1/organization/audit_logs", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    since = int(time.time()) - events - 1000
    planned = list(items(events, since))
    stops = {int(events * share) // batch * batch: number for share, number in _RESTARTS.items()}
    down_at = int(events * _OUTAGE_AT) // batch * batch
    with tempfile.TemporaryDirectory() as folder:
        tail = Feed(address, Path(folder), since, poll)
        await tail.start()
        for first in range(0, events, batch):
            for at, raw in planned[first : first + batch]:
                server.publish(at, raw)
            if first in stops:
                await tail.until(first + batch // 2)  # in the middle of writing, where it can be
                await tail.stop(stops[first])
                await tail.start()
            elif first == down_at:
                server.down = True
                await asyncio.sleep(outage)
                await tail.until_told()  # a short one might fall between two tries of a call
                server.down = False
            else:
                await tail.until(first + batch // 2)
        await tail.until(events)
        await asyncio.sleep(3 * poll)  # for what would come again
        await tail.stop(signal.SIGINT)
        lines = tail.lines()
        await runner.cleanup()
        marked = [line for line in lines if line["object"] == "unreadable"]
        came = [line["raw"] if line["object"] == "unreadable" else line for line in lines]
        return Outcome(
            sent=Counter(_text(raw) for _, raw in planned),
            came=Counter(map(_text, came)),
            marked=len(marked),
            told=tail.told(),
            requests=server.requests,
            seconds=time.monotonic() - began,
        )


def main() -> None:
    """Run it with the options of the command line, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--outage", type=float, default=60.0)
    options = parser.parse_args()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell has it in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)
    found = asyncio.run(feed(options.events, outage=options.outage))
    came, sent = found.came.total(), found.sent.total()
    print(f"{came:,} lines of {sent:,} events: {found.missing} missing, {found.repeated} repeated,")
    print(f"{found.invented} changed; {found.marked} marked as unreadable,")
    print(f"after {found.requests:,} requests in {found.seconds:.0f} s. It said:")
    print(found.told)
    if found.missing or found.invented:
        sys.exit(1)


if __name__ == "__main__":
    main()
