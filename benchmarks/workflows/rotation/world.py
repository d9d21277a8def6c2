"""An organization with keys that are rotated into sinks, and what must hold at any time."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
import attrs

from openai_admin.emulator import EmulatedError, Emulator
from openai_admin.emulator.store import Snapshot

from ..killed import KilledAtRequest, Launcher, Point, Run
from ..killed.store import Store
from ..killed.weather import Weather
from .kinds import Key, Kind
from .sinks import CommandSink, FileSink, Sink, StoreSink

_SECRET = re.compile(r"emulated-\w{8}")  # of every secret that the emulator makes
Records = Mapping[str, Mapping[str, Any]]


@attrs.frozen
class Rotated:
    """A key that is rotated, and where the new one goes."""

    key: Key
    sink: Sink


class World:
    """The organization, and a folder for the command.

    Args:
        launcher: runs the commands.
        store: the store of secrets.
    """

    def __init__(self, launcher: Launcher, store: Store) -> None:
        self._launcher = launcher
        self._store = store
        self._ahead = 0
        self._prepared: dict[str, tuple[Sequence[Key], Snapshot]] = {}
        clock = launcher.clock
        now = clock.since(time.time())
        self.emulator = Emulator(
            state="empty",
            now=lambda: now() + self._ahead,
            clock=lambda: clock() + self._ahead,
            sleep=clock.sleep,
        )
        self.wrong: list[str] = []
        """What did not hold, since `begin`."""

    async def __aenter__(self) -> Self:
        self._root = tempfile.TemporaryDirectory()
        await self.emulator.start()
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()
        await self.emulator.stop()
        self._root.cleanup()

    async def begin(self, kind: Kind, sink_name: str) -> None:
        """Have everything as before the rotation of a key of this kind, into such a sink."""
        self.emulator.reset()
        self.emulator.faults.add(KilledAtRequest(launcher=self._launcher, seen=self._seen))
        if kind.name not in self._prepared:
            made = await kind.prepare(self._post)
            self._prepared[kind.name] = made, self.emulator.snapshot()
        self.kind = kind
        keys, snapshot = self._prepared[kind.name]
        self.emulator.restore(snapshot)
        self.emulator.store.key_deletion_delay = 0
        self._ahead = 0
        self._before = self._records()
        self.wrong = []

        root = Path(self._root.name)
        shutil.rmtree(root)
        for name in ("home", "app", "vault"):
            (root / name).mkdir(parents=True)
        self.rotated = [Rotated(key, self._sink(sink_name, root, key.account)) for key in keys]
        for each in self.rotated:
            each.sink.fill(each.key.secret)

    def _sink(self, name: str, root: Path, account: str | None) -> Sink:
        if name == "file":
            folder = root / "app" / (account or "")
            folder.mkdir(exist_ok=True)
            return FileSink(folder, self.kind.variable)
        if name == "command":
            return CommandSink(root / "vault")
        return StoreSink(self._store)

    def meet(self, weather: Weather, chance: random.Random) -> None:
        """Put a weather in force."""
        weather.begin(self.emulator, self._launcher, chance)

    def later(self, seconds: int) -> None:
        """Move the server's clock, and have what lags there pass."""
        self._ahead += seconds

    async def pause(self, seconds: float) -> None:
        """Let time pass."""
        await self._launcher.clock.sleep(seconds)

    async def rotate(self, *options: str, at: Point | None = None) -> Run:
        """Run the command, and check what must hold however it ended."""
        root = Path(self._root.name)
        first = self.rotated[0]
        key, sink = first.key, first.sink
        is_known = not isinstance(sink, CommandSink)
        place = (
            sink.to if key.account is None else sink.to.replace(f"/{key.account}/", "/{account}/")
        )
        to = ("--yes", "--to", place)
        command = [*self.kind.command(key, is_known=is_known), *to, *options]
        callers = {"another": self.emulator.admin_key, "held": sink.held(), "old": key.secret}
        environment = {
            **sink.environment,
            "PATH": "/usr/bin:/bin",
            "HOME": str(root / "home"),
            "OPENAI_ADMIN_KEY": callers[self.kind.caller] or "",
            "OPENAI_BASE_URL": self.emulator.base_url,
        }
        run = await self._launcher.run(command, environment, folder=root / "home", at=at)
        while self.emulator.in_flight:
            await asyncio.sleep(0.001)
        self._note(self._said(run))
        self._note(self._files())
        self._note(self._others())
        for each in self.rotated:
            self._note(each.sink.wrong())
            if not await self._accepted(each.sink.held()):
                self.wrong.append("the secret in the sink is not accepted")
        return run

    @property
    def started(self) -> int:
        """How many programs were started for the sinks."""
        return sum(each.sink.started for each in self.rotated)

    def check_overlap(self) -> None:
        """Check what must hold while both keys are to be valid."""
        records = self._records()
        if any(each.key.id not in records for each in self.rotated):
            self.wrong.append("the old key is gone before its time")

    def ended(self) -> None:
        """Check what must hold of a rotation that says that it has ended."""
        records = self._records()
        new = records.keys() - self._before.keys()
        for each in self.rotated:
            if each.key.id in records:
                self.wrong.append("the old key is still there")
            holds = self._holds(each.sink)
            if holds is None or holds not in new:
                self.wrong.append("the sink does not hold a new key")
            elif _whose(records[holds]) != _whose(self._before[each.key.id]):
                self.wrong.append("the sink holds a new key of somebody else")
            self._note(each.sink.left())
        if orphans := new - {self._holds(each.sink) for each in self.rotated}:
            self.wrong.append(f"{len(orphans)} other new keys are left")

    def _note(self, wrong: Iterator[str]) -> None:
        self.wrong.extend(wrong)

    def _seen(self) -> None:
        """At each request of the command: what the sink holds must be accepted now."""
        if any(self._holds(each.sink) is None for each in self.rotated):
            self.wrong.append("at a request, the sink does not hold a key that is accepted")

    def _holds(self, sink: Sink) -> str | None:
        """The id of the key in a sink, if it is one that is accepted."""
        try:
            keys, now = self.emulator.store.keys, self.emulator.store.now()
            return keys.authenticate(f"Bearer {sink.held()}", now=now).id
        except EmulatedError:
            return None

    async def _accepted(self, secret: str | None) -> bool:
        headers = {"Authorization": f"Bearer {secret}"}
        url = f"{self.emulator.base_url}{self.kind.probe}"
        async with self._session.get(url, headers=headers) as answer:
            return answer.status == 200

    def _said(self, run: Run) -> Iterator[str]:
        said = run.stdout + run.stderr
        if _SECRET.search(said):
            yield "a secret was printed"
        if "Traceback" in said:
            yield f"a traceback was printed: {said}"
        if "Warning" in said:
            yield f"a warning of Python was printed: {said}"

    def _files(self) -> Iterator[str]:
        root = Path(self._root.name)
        for path in (*(root / "home").rglob("*"), *(root / "app").rglob("*")):
            if not path.is_file():
                continue
            if (mode := path.stat().st_mode & 0o777) & 0o077:
                yield f"{path.relative_to(root)} has the mode {mode:o}"
            # What is to replace the sink's file stands beside it until it does.
            is_sink = path.is_relative_to(root / "app")
            if not is_sink and _SECRET.search(path.read_text("utf-8", "replace")):
                yield f"{path.relative_to(root)} has a secret in it"

    def _others(self) -> Iterator[str]:
        now = self._records()
        rotated = {each.key.id for each in self.rotated}
        for id, record in self._before.items():
            if id not in rotated and now.get(id) != record:
                yield f"the key {record['name']!r} is not as it was"

    def _records(self) -> Records:
        """All keys by id, without when they were last used."""
        store = self.emulator.store
        tables = (store.admin_api_keys, *store.project_api_keys.values())
        return {
            key["id"]: {name: value for name, value in key.items() if name != "last_used_at"}
            for table in tables
            for key in table
        }

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.emulator.admin_key}"}
        url = f"{self.emulator.base_url}{path}"
        async with self._session.post(url, headers=headers, json=body) as answer:
            answer.raise_for_status()
            created: dict[str, Any] = await answer.json()
            return created


def _whose(record: Mapping[str, Any]) -> Any:
    """The id of whoever has a key, of either kind."""
    owner = record["owner"]
    return owner.get(owner["type"], owner)["id"]
