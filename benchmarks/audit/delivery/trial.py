"""The real command delivers a log that grows; it and its receiver fail at random."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import attrs

from openai_admin.emulator import Emulator
from tests.cli.processes import COMMAND, environment

from .log import LATE, GrowingLog, is_refusable
from .splunk import TOKEN, Mood, Splunk

_LONG = 180.0  # seconds until a run gives up
_MOODS: tuple[Mood, ...] = ("busy", "hanging", "forgetful", "mixed")
To = Literal["hec", "hec-ack", "file"]


@attrs.frozen
class Outcome:
    """What came of a run.

    Attributes:
        published: events of the log.
        came: events that the receiver has, by id.
        again: how often one came again.
        missing: ids of events that are neither there nor dead letters.
        invented: ids that are there, and were not published so.
        wrong_dead_letters: ids of dead letters that were not refused, or refused and not there.
        torn: lines that cannot be read.
        failures: what was done to the command and the receiver, and how often.
        told: what the command said.
        numbers: what else is worth a line.
    """

    published: int
    came: int
    again: int
    missing: tuple[str, ...]
    invented: tuple[str, ...]
    wrong_dead_letters: tuple[str, ...]
    dead_letters: int
    torn: int
    failures: Counter[str]
    told: str = attrs.field(repr=False)
    numbers: str

    @property
    def is_right(self) -> bool:
        """Whether nothing is lost, torn or invented, and dead letters are what was refused."""
        return not (self.missing or self.invented or self.wrong_dead_letters or self.torn)


@attrs.define
class _Command:
    """The command that delivers."""

    folder: Path
    line: list[str]
    env: dict[str, str]
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with (self.folder / "told.txt").open("ab") as err:
            self.process = await asyncio.create_subprocess_exec(
                *COMMAND, *self.line, env=self.env, stderr=err
            )

    async def stop(self, number: signal.Signals) -> None:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        await asyncio.wait_for(self.process.wait(), _LONG)

    def is_alive(self) -> bool:
        return self.process is not None and self.process.returncode is None


async def tried(
    to: To,
    *,
    failures: int,
    seed: int,
    rate: float = 60.0,
    seconds: float | None = None,
    late: int = LATE,
) -> Outcome:
    """Deliver a growing log while the command and the receiver fail at random.

    Args:
        to: where to.
        failures: how many there are, each of the command or of the receiver.
        seed: decides about them.
        rate: events a second.
        seconds: for how long to go on, in place of a number of failures.
        late: by how many seconds an event may appear after its time.
    """
    rng = random.Random(seed)
    splunk = Splunk(is_refusable, rng, acknowledges=to == "hec-ack")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with Emulator(state="empty") as emulator:
            await splunk.start()
            log = GrowingLog(emulator, rng, rate, late)
            command = _Command(folder, _line(to, splunk, folder, late), _env(emulator, folder))
            done: Counter[str] = Counter()
            async with _growing(log):
                await command.start()
                while done.total() < failures if seconds is None else _left(began, seconds):
                    await asyncio.sleep(rng.uniform(0.2, 3.0))
                    await _fail(command, splunk, rng, done, of_file=to == "file")
            splunk.mood = "well"
            expected = set(log.published)
            await _settled(command, splunk, folder, expected, to)
            await command.stop(signal.SIGTERM)
            await splunk.stop()
        numbers = (
            f"{log.late:,} late, {log.ahead:,} of the future, {log.bursts:,} bursts of a second;"
            f" {splunk.requests:,} requests of the receiver, {dict(splunk.moods)};"
            f" {time.monotonic() - began:.0f} s"
        )
        return _judged(log, splunk, folder, to, done, numbers)


def _left(began: float, seconds: float) -> bool:
    return time.monotonic() - began < seconds


@contextlib.asynccontextmanager
async def _growing(log: GrowingLog) -> AsyncIterator[None]:
    task = asyncio.create_task(log.grow())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _line(to: To, splunk: Splunk, folder: Path, late: int) -> list[str]:
    line = ["audit-logs", "tail", "--since", "24h", "--poll", "0.2", "--late", str(late)]
    line += ["--position", str(folder / "position.json"), "--batch-seconds", "0.2"]
    line += ["--batch-events", "50", "--heartbeat-file", str(folder / "beat.json")]
    if to == "file":
        return [*line, "--to", f"file:{folder / 'feed.ndjson'}", "--rotate", "size:50KB", "--gzip"]
    line += ["--to", splunk.address, "--hec", "--receiver-timeout", "2"]
    return [*line, "--hec-ack"] if to == "hec-ack" else line


def _env(emulator: Emulator, folder: Path) -> dict[str, str]:
    return environment(
        {
            "OPENAI_BASE_URL": emulator.base_url,
            "OPENAI_ADMIN_KEY": emulator.admin_key,
            "OPENAI_ADMIN_RECEIVER_TOKEN": TOKEN,
            "XDG_CONFIG_HOME": str(folder),
        }
    )


async def _fail(
    command: _Command, splunk: Splunk, rng: random.Random, done: Counter[str], *, of_file: bool
) -> None:
    """Let the command or the receiver fail, in a way that chance decides."""
    way = "kill" if of_file else rng.choice(("kill", "restart", "mood"))
    if way == "kill":
        number = rng.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM))
        await command.stop(number)
        done[number.name] += 1
        await command.start()
    elif way == "restart":
        await splunk.stop()
        await asyncio.sleep(rng.uniform(0.1, 2.0))
        await splunk.start()
        done["receiver restarted"] += 1
    else:
        splunk.mood = rng.choice(_MOODS)
        done[f"receiver {splunk.mood}"] += 1
        await asyncio.sleep(rng.uniform(0.5, 3.0))
        if splunk.mood != "mixed":
            splunk.mood = "well"
    if not command.is_alive():
        raise RuntimeError((command.folder / "told.txt").read_text())


async def _settled(
    command: _Command, splunk: Splunk, folder: Path, expected: set[str], to: To
) -> None:
    """Wait until everything is somewhere; what never comes is found afterwards."""
    end = time.monotonic() + _LONG
    while time.monotonic() < end and command.is_alive():
        here = set(_of_files(folder)[0]) if to == "file" else splunk.events.keys()
        if expected <= here | set(_dead(folder)):
            return
        await asyncio.sleep(0.2)


def _dead(folder: Path) -> list[str]:
    file = folder / "position.dead-letters.ndjson"
    lines = file.read_bytes().split(b"\n")[:-1] if file.exists() else []
    return [json.loads(line)["event"]["id"] for line in lines]


def _of_files(folder: Path) -> tuple[dict[str, Any], Counter[str], int]:
    """What the files have: each event by id, how often it came, and how many lines are torn."""
    import gzip

    events: dict[str, Any] = {}
    came: Counter[str] = Counter()
    torn = 0
    by_name: dict[str, Path] = {}
    for file in sorted(folder.glob("feed*")):
        by_name[file.name.removesuffix(".gz")] = file  # one that is packed just now has two
    for file in by_name.values():
        try:
            data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        except FileNotFoundError:  # it was renamed just now
            continue
        lines = data.split(b"\n")
        torn += bool(lines.pop())
        for line in lines:
            try:
                event = json.loads(line)
            except ValueError:
                torn += 1
                continue
            events[event["id"]] = event
            came[event["id"]] += 1
    return events, came, torn


def _judged(
    log: GrowingLog, splunk: Splunk, folder: Path, to: To, done: Counter[str], numbers: str
) -> Outcome:
    torn = 0
    if to == "file":
        events, came, torn = _of_files(folder)
        refused: set[str] = set()
    else:
        events, came = splunk.events, splunk.indexed
        refused = {id for id, event in log.published.items() if is_refusable(event)}
    dead = set(_dead(folder))
    told = folder / "told.txt"
    return Outcome(
        published=len(log.published),
        came=len(came),
        again=came.total() - len(came),
        missing=tuple(log.published.keys() - came.keys() - dead),
        invented=tuple(id for id, event in events.items() if log.published.get(id) != event),
        wrong_dead_letters=tuple(dead ^ refused),
        dead_letters=len(dead),
        torn=torn + splunk.changed,
        failures=done,
        told=told.read_text() if told.exists() else "",
        numbers=numbers,
    )


def say(to: To, outcome: Outcome) -> None:
    """Print what came of a run."""
    print(
        f"{to}: {outcome.published:,} events, {outcome.failures.total()} failures"
        f" {dict(outcome.failures)}; {len(outcome.missing)} lost, {len(outcome.invented)} invented,"
        f" {outcome.torn} torn, {outcome.again:,} came again under the same id,"
        f" {outcome.dead_letters} dead letters, {len(outcome.wrong_dead_letters)} of them wrong;"
        f" {outcome.numbers}",
        flush=True,
    )
    if not outcome.is_right:
        print(outcome.told[-2000:], file=sys.stderr)
