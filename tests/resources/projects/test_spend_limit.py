"""A project's spend limit, on each client, over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from openai_admin.emulator import Emulator
from openai_admin.emulator.spend import spent_this_month
from tests.conftest import Surface
from tests.resources.people import HOSTILE_IDS, add_project, payloads, refused_unsent
from tests.resources.spending import LIMIT, MID_MONTH


@pytest.fixture
async def demo() -> AsyncIterator[Emulator]:
    """The demo organization in the middle of a month, so that it has spent something."""
    async with Emulator(state="demo", now=lambda: MID_MONTH) as emulator:
        yield emulator


async def test_the_life_of_a_limit(emulator: Emulator, surface: Surface) -> None:
    one, other = add_project(emulator, "One"), add_project(emulator, "Other")
    with pytest.raises(surface.errors.NotFoundError, match="no spend limit"):
        await surface.call(lambda c: c.projects.spend_limit.retrieve(one))
    limit = await surface.call(
        lambda c: c.projects.spend_limit.update(one, threshold_amount=9_900, **LIMIT)
    )
    assert (limit.threshold_amount, limit.object) == (9_900, "project.spend_limit")
    assert limit.enforcement.status == "inactive"
    assert limit == await surface.call(lambda c: c.projects.spend_limit.retrieve(one))
    for elsewhere in (
        lambda c: c.projects.spend_limit.retrieve(other),
        lambda c: c.projects.spend_limit.delete(other),
        lambda c: c.spend_limit.retrieve(),
    ):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(elsewhere)
    gone = await surface.call(lambda c: c.projects.spend_limit.delete(one))
    assert (gone.deleted, gone.object) == (True, "project.spend_limit.deleted")
    with pytest.raises(surface.errors.NotFoundError):
        await surface.call(lambda c: c.projects.spend_limit.retrieve(one))

    log = await surface.items(lambda c: c.audit_logs.list(project_ids=[one]))
    assert [(e.type, e.project.id) for e in log] == [("project.updated", one)] * 2
    changes = [p["changes_requested"]["spend_limit"] for p in payloads(emulator, "project.updated")]
    assert [change and change["threshold_amount"] for change in changes] == [9_900, None]


async def test_archived_projects_refuse(emulator: Emulator, surface: Surface) -> None:
    project = add_project(emulator)
    await surface.call(
        lambda c: c.projects.spend_limit.update(project, threshold_amount=7, **LIMIT)
    )
    await surface.call(lambda c: c.projects.archive(project))
    for call in (
        lambda c: c.projects.spend_limit.update(project, threshold_amount=8, **LIMIT),
        lambda c: c.projects.spend_limit.delete(project),
        lambda c: c.projects.spend_limit.retrieve(project),
    ):
        with pytest.raises(surface.errors.BadRequestError, match="archived"):
            await surface.call(call)
    assert emulator.store.settings["spend_limit", project]["threshold_amount"] == 7


@pytest.mark.parametrize("project", ["proj_none", *HOSTILE_IDS])
async def test_unknown_projects(emulator: Emulator, surface: Surface, project: str) -> None:
    for call in (
        lambda c: c.projects.spend_limit.retrieve(project),
        lambda c: c.projects.spend_limit.update(project, threshold_amount=1, **LIMIT),
        lambda c: c.projects.spend_limit.delete(project),
    ):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(call)
    assert not emulator.store.settings


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    limit: Any = LIMIT
    await refused_unsent(
        emulator,
        lambda c: c.projects.spend_limit.update("proj_1", threshold_amount=0, **limit),
        lambda c: c.projects.spend_limit.update("", threshold_amount=1, **limit),
        lambda c: c.projects.spend_limit.retrieve("."),
        lambda c: c.projects.spend_limit.delete(".."),
    )


async def test_a_limit_enforces_on_its_own_project(demo: Emulator, demo_surface: Surface) -> None:
    projects = await demo_surface.items(lambda c: c.projects.list(limit=100))
    voice = next(p for p in projects if p.name == "Voice Notes")
    spent = int(spent_this_month(demo.store, voice.id) * 100)
    # More than the project spent, less than the organization did.
    limit = await demo_surface.call(
        lambda c: c.projects.spend_limit.update(voice.id, threshold_amount=spent * 2, **LIMIT)
    )
    assert limit.enforcement.status == "inactive"
    limit = await demo_surface.call(
        lambda c: c.projects.spend_limit.update(voice.id, threshold_amount=spent // 2, **LIMIT)
    )
    assert limit.enforcement.status == "enforcing"
