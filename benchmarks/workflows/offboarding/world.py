"""An organization from which somebody is offboarded, and what must hold in the end."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

import aiohttp
import attrs
import openai

from openai_admin.emulator import Emulator
from tests.organizations import fill
from tests.snapshots import Changes, Entry, Snapshot, changes, listed, mentioning, stored

from ..killed import KilledAtRequest, Launcher, Point, Run
from .leaver import leaver, managed_alone, may_stay, theirs

_SECRET = re.compile(r"emulated-\w{8}")  # of every secret that the emulator makes


@attrs.frozen
class _Before:
    """The organization before anything was done."""

    stored: Snapshot
    accepted: Mapping[str, bool]
    archived: frozenset[str]


class World:
    """An organization of a seed, somebody who leaves it, and a folder for the command.

    Args:
        launcher: runs the commands.
        seed: which organization and who leaves.
    """

    def __init__(self, launcher: Launcher, seed: int) -> None:
        self._launcher = launcher
        clock = launcher.clock
        self.emulator = Emulator(
            state="empty",
            seed=seed,
            now=clock.since(time.time()),
            clock=clock,
            sleep=clock.sleep,
        )
        fill(self.emulator, seed)
        self._random = Random(f"offboarding/{seed}")
        store = self.emulator.store
        self.who = leaver(store, seed)
        others = [
            user
            for user in store.users
            if user["role"] == "owner" and user["id"] not in self.who.ids
        ]
        auditor = self._random.choice(others) if others else store.first_owner()
        # A key of somebody who stays, if an owner does, reads what became of the organization.
        self._auditor = store.issue_admin_key("auditor", auditor)[1]
        self.is_refused = (
            not others and (self.who.user or {}).get("role") == "owner" and not self.who.is_managed
        )
        self._options = self._chosen()
        self._start = self.emulator.snapshot()
        keys = store.keys
        self._caller = keys.authenticate(f"Bearer {self.emulator.admin_key}", now=store.now()).id
        self.taken = 0
        """How many things the last offboarding has taken away."""
        self.wrong: list[str] = []

    def _chosen(self) -> list[str]:
        """Options that decide whatever must be decided."""
        store, random = self.emulator.store, self._random
        options = ["--myself"] if store.first_owner()["id"] in self.who.ids else []
        self.recipient = None
        heirs = [user for user in store.users if user["id"] not in self.who.ids]
        if heirs and random.random() < 0.6:
            self.recipient = random.choice(heirs)["id"]
            options += ["--transfer-to", self.recipient]
        else:
            options += ["--leave-ownerless"]
        if random.random() < 0.5:
            options += ["--evidence", f"evidence.{random.choice(('md', 'json'))}"]
        return options

    async def __aenter__(self) -> Self:
        self._root = tempfile.TemporaryDirectory()
        await self.emulator.start()
        self._session = aiohttp.ClientSession()
        self._client = openai.AsyncOpenAI(
            admin_api_key=self._auditor, api_key=self._auditor, base_url=self.emulator.base_url
        )
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.close()
        await self._session.close()
        await self.emulator.stop()
        self._root.cleanup()

    async def begin(self) -> None:
        """Have everything as before the offboarding."""
        store = self.emulator.store
        self.emulator.faults.clear()
        self.emulator.restore(self._start)
        home = Path(self._root.name)
        for path in home.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.emulator.faults.add(KilledAtRequest(launcher=self._launcher))
        archived = frozenset(p["id"] for p in store.projects if p["status"] == "archived")
        self._before = _Before(stored(self.emulator), await self._accepted(), archived)
        self._alone = managed_alone(store, self.who)
        self.wrong = []

    async def offboard(self, at: Point | None = None) -> Run:
        """Run the command."""
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": self._root.name,
            "OPENAI_ADMIN_KEY": self.emulator.admin_key,
            "OPENAI_BASE_URL": self.emulator.base_url,
        }
        command = ["offboard", self.who.named, "--yes", "--format", "json", *self._options]
        run = await self._launcher.run(command, environment, folder=Path(self._root.name), at=at)
        while self.emulator.in_flight:
            await asyncio.sleep(0.001)
        said = run.stdout + run.stderr
        files = [path.read_text("utf-8", "replace") for path in self._files()]
        if any(_SECRET.search(text) for text in (said, *files)):
            self.wrong.append("a secret was shown")
        if any(path.stat().st_mode & 0o077 for path in self._files()):
            self.wrong.append("others can read what was written")
        if "Traceback" in said or "Warning" in said:
            self.wrong.append(f"a traceback or a warning was printed: {said}")
        return run

    def _files(self) -> list[Path]:
        return [path for path in Path(self._root.name).rglob("*") if path.is_file()]

    def is_over(self, run: Run) -> bool:
        """Whether a run says that nothing is left for it to do, or that it will do nothing."""
        if run.killed:
            return False
        if self.is_refused:
            return run.code == 2
        if self._has_no_key:
            return True
        result = _result(run)
        return result is not None and not (result["left"] or result["still_there"])

    @property
    def _has_no_key(self) -> bool:
        """Whether the key of the command, being theirs, is gone, so that it cannot say anything."""
        return ("accepted key", self._caller) not in stored(self.emulator)

    async def ended(self, run: Run) -> list[str]:
        """What does not hold once the command has said that it is done, or has refused."""
        wrong, self.wrong = self.wrong, []
        after = stored(self.emulator)
        differs = changes(self._before.stored, after)
        self.taken = len(differs.removed)
        if self.is_refused:
            if differs or run.code != 2 or "last owner" not in run.stderr:
                wrong.append(f"the last owner was not refused: {run.code} {run.stderr}")
            return wrong
        if not self.is_over(run):
            wrong.append(f"it does not say that it is done: {run.code} {run.stderr}")
        wrong += self._left(run, after)
        wrong += self._others(differs, after)
        for entry in mentioning(await listed(self._client), *self.who.ids, self.who.address):
            if not may_stay(self.emulator.store, entry, self.who, self._before.archived):
                wrong.append(f"the official client still finds {entry}")
        wrong += self._locked_out(await self._accepted())
        return wrong

    def _left(self, run: Run, after: Snapshot) -> Iterator[str]:
        result = _result(run)
        stays = set()
        if result is not None:
            stays = {held["id"] for held in result["plan"]["holdings"] if held["stays"]}
        for entry in theirs(after, self.who):
            if not may_stay(self.emulator.store, entry, self.who, self._before.archived):
                yield f"{entry} is left"
            elif entry[0] in ("users", "group_users") and stays and entry[1] not in stays:
                yield f"{entry} stays, and the plan did not say so"

    def _others(self, differs: Changes, after: Snapshot) -> Iterator[str]:
        own = theirs(self._before.stored, self.who)
        passed_on: set[Entry] = set()
        if self.recipient is not None:
            passed_on = {("project_users", project, self.recipient) for project in self._alone}
        yield from (f"{entry} was taken away besides" for entry in differs.removed.keys() - own)
        yield from (f"{entry} was added" for entry in differs.added.keys() - passed_on)
        for entry in differs.changed.keys() - passed_on:
            yield f"{entry} is not as it was: {differs.changed[entry]}"
        for entry in passed_on:
            if after.get(entry, {}).get("role") != "owner":
                yield f"{entry} was not made the owner"
        if not any(user["role"] == "owner" for user in self.emulator.store.users):
            yield "no owner is left"

    def _locked_out(self, accepted: Mapping[str, bool]) -> Iterator[str]:
        own = {
            id for kind, id, *_ in theirs(self._before.stored, self.who) if kind == "accepted key"
        }
        for id, before in self._before.accepted.items():
            if id in own and accepted[id]:
                yield f"the key {id} of theirs is still accepted"
            if id not in own and accepted[id] != before:
                yield f"the key {id} of somebody else is not accepted any more"

    async def _accepted(self) -> dict[str, bool]:
        """Whether each key there is or was is accepted, by a call of its own."""
        keys = self._start.state["keys"]
        paths = {True: "/organization/projects?limit=1", False: "/models"}
        found = {}
        for id, key in keys._by_id.items():
            headers = {"Authorization": f"Bearer {key.value}"}
            url = f"{self.emulator.base_url}{paths[key.admin]}"
            async with self._session.get(url, headers=headers) as answer:
                found[id] = answer.status == 200
        return found


def _result(run: Run) -> dict[str, Any] | None:
    """What a run says that it did; None for one that has failed before."""
    try:
        (result,) = json.loads(run.stdout)["results"]
    except (ValueError, KeyError):
        return None
    return dict(result)
