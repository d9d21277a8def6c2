"""Following the audit log: at a steady rate, and through a long backlog and kills."""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from contextlib import aclosing
from pathlib import Path

from openai_admin import AsyncOpenAIAdmin, AuditLogPosition

from .line import CPU, HELD_CPU, PEAK, Line, at_most, growth
from .log_server import BEGIN, KEY, serving
from .measuring import Measuring

_EVENTS = 500
_BACKLOG = 6_250
_KILLS = 5
_COMMAND = (sys.executable, "-m", "openai_admin")


async def _tail(measuring: Measuring, scale: int) -> None:
    """Each event as it comes, fifty a look, the position saved after each."""
    events = _EVENTS * scale
    with tempfile.TemporaryDirectory() as folder, serving(there=0, events=events) as address:
        position = AuditLogPosition.from_file(Path(folder) / "position.json", since=BEGIN)
        async with AsyncOpenAIAdmin(KEY, base_url=address) as client:
            await client.audit_logs.list(limit=1, event_types=["login.failed"], effective_at=(0, 1))
            tail = client.audit_logs.tail(since=position, poll=0.001)
            before = _written()
            async with measuring, aclosing(tail):
                for _ in range(events):
                    await anext(tail)
                    position.save()
            written = _written() - before
    figures = {
        "CPU ms an event": measuring.figures[CPU] * 1e3 / events,
        "B written an event": written / events,
    }
    measuring.note(figures, work=events)


def _written() -> int:
    """The bytes that this process wrote to files."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("wchar"))


async def _killed(measuring: Measuring, scale: int) -> None:
    """A backlog through the command, killed at random and started again."""
    events = _BACKLOG * scale
    stops = sorted(random.Random(scale).sample(range(events), _KILLS))
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(there=events, events=events) as address,
        measuring,
    ):
        feed = Path(folder) / "feed.ndjson"
        for stop in (*stops, events):
            await _follow(Path(folder), feed, address, until=stop)
        children = resource.getrusage(resource.RUSAGE_CHILDREN)  # the server is not yet among them
        came = Counter(json.loads(line)["id"] for line in _lines(feed))
    figures = {
        "CPU ms an event": (children.ru_utime + children.ru_stime) * 1e3 / events,
        "peak of the command, MB": children.ru_maxrss / 1024,
        "missing": events - len(came),
        "repeated, for each kill": (came.total() - len(came)) / _KILLS,
    }
    measuring.note(figures, work=events)


async def _follow(folder: Path, feed: Path, address: str, *, until: int) -> None:
    """Run the command until its feed has so many lines, and kill it."""
    line = ["audit-logs", "tail", "--poll", "0.05", "--since", "2025-06-15T00:00:00Z"]
    line += ["--position", str(folder / "position.json")]
    env = {**os.environ, "OPENAI_BASE_URL": address, "OPENAI_ADMIN_KEY": KEY}
    env["XDG_CONFIG_HOME"] = str(folder)
    with feed.open("ab") as out:
        process = await asyncio.create_subprocess_exec(*(*_COMMAND, *line), env=env, stdout=out)
    end = time.monotonic() + 300
    lines = 0
    with feed.open("rb") as file:
        while lines < until:
            assert process.returncode is None, "the command ended by itself"
            assert time.monotonic() < end, "it came to nothing"
            lines += file.read().count(b"\n")
            await asyncio.sleep(0.005)
    process.kill()
    await process.wait()


def _lines(feed: Path) -> list[bytes]:
    """The feed's whole lines; a kill may have cut one."""
    return [line for line in feed.read_bytes().split(b"\n") if line.endswith(b"}")]


LINES = (
    Line(
        "tail",
        "500 events of the audit log at 50 a second",
        _tail,
        bounds=(
            growth(CPU, 1.3),
            growth(PEAK, 1.3),
            growth("B written an event", 0.1),  # the same for each, so a sixteenth
            at_most(HELD_CPU, 50),
        ),
    ),
    Line(
        "killed",
        "a backlog of 6,250 events, the command killed five times",
        _killed,
        bounds=(at_most("missing", 0), at_most("repeated, for each kill", 2)),
    ),
)
