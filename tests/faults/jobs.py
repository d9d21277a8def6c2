"""One operation of each kind: how it is called, what is right, and whether it took effect."""

from __future__ import annotations

import abc
from typing import Any

from openai_admin.emulator import Emulator
from tests.faults.clients import Client

_DAY = 86_400


class Job(abc.ABC):
    """One operation on the demo organization."""

    operation: str
    repeatable = True
    reads = True

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.store = emulator.store
        self.projects = [p for p in self.store.projects if p["status"] == "active"]

    @abc.abstractmethod
    async def run(self, client: Client, *, read: float = 30) -> Any:
        """Call it."""

    @abc.abstractmethod
    def check(self, result: Any) -> None:
        """See that the result is the right one."""

    def effects(self) -> int:
        """How many times it took effect, as the store shows it."""
        return 0

    @property
    def sent(self) -> int:
        """How many requests of it arrived."""
        return sum(request.operation == self.operation for request in self.emulator.requests)


class Read(Job):
    operation = "projects.retrieve"

    async def run(self, client: Client, *, read: float = 30) -> Any:
        return await client.call(lambda c: c.projects.retrieve(self.projects[0]["id"]), read=read)

    def check(self, result: Any) -> None:
        assert result.id == self.projects[0]["id"]


class Listing(Job):
    operation = "projects.list"

    async def run(self, client: Client, *, read: float = 30) -> Any:
        return await client.items(lambda c: c.projects.list(limit=3), read=read)

    def check(self, result: Any) -> None:
        assert len(self.projects) > 9
        assert [project.id for project in result] == [p["id"] for p in self.projects]


class Create(Job):
    operation = "projects.create"
    repeatable = False
    reads = False

    async def run(self, client: Client, *, read: float = 30) -> Any:
        return await client.call(lambda c: c.projects.create(name="Doubtful"), read=read)

    def check(self, result: Any) -> None:
        assert self.store.projects.get(result.id)["name"] == "Doubtful"
        assert self.effects() == 1

    def effects(self) -> int:
        return sum(project["name"] == "Doubtful" for project in self.store.projects)


class Change(Job):
    operation = "projects.update"
    reads = False

    async def run(self, client: Client, *, read: float = 30) -> Any:
        id = self.projects[0]["id"]
        return await client.call(lambda c: c.projects.update(id, name="Renamed"), read=read)

    def check(self, result: Any) -> None:
        assert result.id == self.projects[0]["id"]
        assert self.effects() == 1

    def effects(self) -> int:
        return int(self.store.projects.get(self.projects[0]["id"])["name"] == "Renamed")


class Delete(Job):
    operation = "groups.delete"
    reads = False

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(emulator)
        self.group = next(iter(self.store.groups))["id"]

    async def run(self, client: Client, *, read: float = 30) -> Any:
        return await client.call(lambda c: c.groups.delete(self.group), read=read)

    def check(self, result: Any) -> None:
        # What the last answer says: it was deleted, or it is gone.
        said = True if self.emulator.requests[-1].status == 200 else None
        assert (result.id, result.deleted) == (self.group, said)
        assert self.effects() == 1

    def effects(self) -> int:
        return int(self.group not in self.store.groups)


class UsagePage(Job):
    operation = "usage.costs"

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(emulator)
        self.start = emulator.store.now() // _DAY * _DAY - 9 * _DAY

    async def run(self, client: Client, *, read: float = 30) -> Any:
        return await client.call(
            lambda c: c.usage.costs(start_time=self.start, end_time=self.start + 8 * _DAY, limit=3),
            read=read,
        )

    def check(self, result: Any) -> None:
        starts = [int(bucket.start_time.timestamp()) for bucket in result.data]
        assert starts == [self.start + day * _DAY for day in range(3)]
        assert all(bucket.results for bucket in result.data)
        assert result.has_more


class UsageListing(UsagePage):
    """All buckets of eight days, three on each page."""

    async def run(self, client: Client, *, read: float = 30) -> Any:
        return await client.items(
            lambda c: c.usage.costs(start_time=self.start, end_time=self.start + 8 * _DAY, limit=3),
            read=read,
        )

    def check(self, result: Any) -> None:
        starts = [int(bucket.start_time.timestamp()) for bucket in result]
        assert starts == [self.start + day * _DAY for day in range(8)]


JOBS = (Read, Listing, Create, Change, Delete, UsagePage)
