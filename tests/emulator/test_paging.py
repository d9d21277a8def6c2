"""Paging through long listings that change meanwhile: nothing that stays is lost or repeated."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin._wire.models import Page
from openai_admin.emulator import Emulator, Snapshot
from tests.resources.people import add_project, add_users

USERS, PROJECTS, EVENTS, GROUPS = 5_000, 2_000, 100_000, 1_500
SEEDS = (1, 2, 3)


@attrs.frozen
class Organization:
    """A large organization, and the ids of what it has, oldest first."""

    emulator: Emulator
    snapshot: Snapshot
    users: list[str]
    projects: list[str]
    groups: list[str]
    events: list[str]


@pytest.fixture(scope="module")
def built() -> Organization:
    """The organization before any test; building it takes longer than most of the listings."""
    emulator = Emulator(state="empty")
    users = [str(user["id"]) for user in emulator.store.users] + add_users(emulator, USERS - 1)
    projects = [add_project(emulator, f"Project {number}") for number in range(PROJECTS)]
    groups, events = add_groups(emulator), add_events(emulator)
    return Organization(emulator, emulator.snapshot(), users, projects, groups, events)


@pytest.fixture
async def large(built: Organization) -> AsyncIterator[Organization]:
    """The organization as it was built, listening."""
    built.emulator.restore(built.snapshot)
    async with built.emulator:
        yield built


@pytest.fixture
async def client(large: Organization) -> AsyncIterator[AsyncOpenAIAdmin]:
    emulator = large.emulator
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        yield client


def add_groups(emulator: Emulator) -> list[str]:
    store = emulator.store
    return [
        store.groups.add(
            {
                "id": store.new_id("group"),
                "name": f"Group {number}",
                "created_at": store.now(),
                "group_type": "group",
                "is_scim_managed": False,
            }
        )["id"]
        for number in range(GROUPS)
    ]


def add_events(emulator: Emulator) -> list[str]:
    store = emulator.store
    actor = {"type": "session", "session": {"user": {"id": "user-a", "email": "a@example.com"}}}
    start = store.now() - EVENTS
    return [
        store.audit("login.succeeded", {}, actor=actor, effective_at=start + number)["id"]
        for number in range(EVENTS)
    ]


class Listed:
    """The entries of a listing in its order, as they were before paging began, and which are gone.

    Entries to remove are chosen around the cursor: anywhere before it, anywhere after it, the
    one that it names, and the one that would come next.
    """

    def __init__(self, ids: list[str], seed: int) -> None:
        self.ids = ids
        self.random = random.Random(seed)
        self._gone: set[str] = set()
        self._positions = {id: position for position, id in enumerate(ids)}

    def to_remove(self, page: Page[Any]) -> Iterator[str]:
        """One id of each kind, as far as one is left."""
        known = [self._positions[e.id] for e in page.data if e.id in self._positions]
        cursor = known[-1] if known else len(self.ids) - 1
        chosen = (
            self.random.randint(0, cursor),
            self.random.randint(cursor, len(self.ids) - 1),
            cursor,
            min(cursor + 1, len(self.ids) - 1),
        )
        for position in self.random.sample(chosen, 2):
            id = self.ids[position]
            if id not in self._gone:
                self._gone.add(id)
                yield id

    def stayed(self) -> list[str]:
        """What was there throughout, in order."""
        return [id for id in self.ids if id not in self._gone]


async def walk(
    pages: AsyncIterator[Page[Any]], change: Callable[[Page[Any]], Awaitable[None]]
) -> list[str]:
    """The ids that a listing yields, while something changes after each page."""
    seen: list[str] = []
    async for page in pages:
        seen.extend(entry.id for entry in page.data)
        await change(page)
    return seen


def check(seen: list[str], listed: Listed, *, least_gone: int) -> None:
    """Hold what was seen against what was there throughout."""
    stayed = listed.stayed()
    assert len(listed.ids) - len(stayed) >= least_gone, "the listing was hardly disturbed"
    assert len(seen) == len(set(seen)), "something came twice"
    kept = set(stayed)
    assert [id for id in seen if id in kept] == stayed


@pytest.mark.parametrize("seed", SEEDS)
async def test_users(large: Organization, client: AsyncOpenAIAdmin, seed: int) -> None:
    # The first is the owner, who must stay.
    listed = Listed(large.users[1:], seed)
    joined: list[str] = []

    async def change(page: Page[Any]) -> None:
        for user_id in listed.to_remove(page):
            await client.users.delete(user_id)
        address = f"late.{len(joined)}@example.com"
        invite = await client.invites.create(email=address, role="reader", projects=[])
        joined.append(large.emulator.accept_invite(invite.id)["id"])
        if listed.random.random() < 0.3:
            await client.users.delete(joined[-1])

    seen = await walk(client.users.list(limit=100).pages(), change)
    check(seen, listed, least_gone=60)
    assert len(joined) >= USERS // 100


@pytest.mark.parametrize("seed", SEEDS)
async def test_projects(large: Organization, client: AsyncOpenAIAdmin, seed: int) -> None:
    listed = Listed(large.projects, seed)

    async def change(page: Page[Any]) -> None:
        # Nothing deletes a project; an archived one is no longer listed.
        for project_id in listed.to_remove(page):
            await client.projects.archive(project_id)
        project = await client.projects.create(name="Late")
        if listed.random.random() < 0.5:
            await client.projects.archive(project.id)

    seen = await walk(client.projects.list(limit=100).pages(), change)
    check(seen, listed, least_gone=25)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("seed", SEEDS)
async def test_groups(large: Organization, client: AsyncOpenAIAdmin, seed: int, order: Any) -> None:
    listed = Listed(large.groups if order == "asc" else large.groups[::-1], seed)

    async def change(page: Page[Any]) -> None:
        for group_id in listed.to_remove(page):
            await client.groups.delete(group_id)
        await client.groups.create(name="Late")

    seen = await walk(client.groups.list(limit=100, order=order).pages(), change)
    check(seen, listed, least_gone=15)


async def test_audit_log(large: Organization, client: AsyncOpenAIAdmin) -> None:
    listed = Listed(large.events[::-1], seed=1)

    async def change(page: Page[Any]) -> None:
        # No call removes an event, so the log loses some as if their retention had ended.
        for event_id in listed.to_remove(page):
            large.emulator.store.audit_logs.remove(event_id)
        if listed.random.random() < 0.2:
            await client.groups.create(name="This is logged")

    seen = await walk(client.audit_logs.list(limit=100).pages(), change)
    check(seen, listed, least_gone=1_000)
    assert len(large.emulator.store.audit_logs) > len(listed.stayed())


async def test_audit_log_towards_what_is_new(large: Organization, client: AsyncOpenAIAdmin) -> None:
    known = large.events[-5_001]
    # Each page has its newest first; the listing as a whole goes from the old to the new.
    listed = Listed(large.events[-5_000:], seed=2)

    seen: list[str] = []
    made = 0
    async for page in client.audit_logs.list(limit=100, before=known).pages():
        oldest_first = Page(data=page.data[::-1])
        seen.extend(event.id for event in oldest_first.data)
        for event_id in listed.to_remove(oldest_first):
            large.emulator.store.audit_logs.remove(event_id)
        await client.groups.create(name="This is logged")
        made += 1
    check(seen, listed, least_gone=50)
    # What was logged on the way comes at its end, except what the last page was too late for.
    late = [e["id"] for e in large.emulator.store.audit_logs if e["type"] == "group.created"]
    assert [id for id in seen if id in late] == late[: made - 1]
