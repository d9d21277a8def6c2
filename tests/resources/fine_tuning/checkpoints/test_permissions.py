"""Which projects may use a checkpoint, on each client, over a real socket."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.emulator import Emulator
from openai_admin.errors import InvalidInputError
from tests.conftest import AsyncSurface, Surface
from tests.resources.people import HOSTILE_IDS, add_project, ids, payloads, told

CHECKPOINT = "ft:gpt-4o-mini-2024-07-18:acme:support:B7R9VjQd"
STEP = f"{CHECKPOINT}:ckpt-step-2000"


async def share(surface: Surface, checkpoint: str, *project_ids: str) -> list[Any]:
    """Let projects use a checkpoint, and return their permissions."""
    made = await surface.call(
        lambda c: c.fine_tuning.checkpoints.permissions.create(
            checkpoint, project_ids=list(project_ids)
        )
    )
    return list(made.data)


async def listed(surface: Surface, checkpoint: str = CHECKPOINT, **query: Any) -> list[str]:
    """The ids of the permissions of a checkpoint."""
    return ids(
        await surface.items(
            lambda c: c.fine_tuning.checkpoints.permissions.list(checkpoint, **query)
        )
    )


async def test_the_life_of_a_permission(emulator: Emulator, surface: Surface) -> None:
    one, two = add_project(emulator, "One"), add_project(emulator, "Two")
    first, second = await share(surface, CHECKPOINT, one, two)
    assert [first.project_id, second.project_id] == [one, two]
    assert first.object == "checkpoint.permission"
    assert surface.seconds(first.created_at)
    # Who may use it already keeps the permission.
    assert await share(surface, CHECKPOINT, two) == [second]

    gone = await surface.call(
        lambda c: c.fine_tuning.checkpoints.permissions.delete(
            fine_tuned_model_checkpoint=CHECKPOINT, permission_id=first.id
        )
    )
    assert (gone.id, gone.deleted, gone.object) == (first.id, True, "checkpoint.permission")
    assert await listed(surface) == [second.id]
    with pytest.raises(surface.errors.NotFoundError):
        await surface.call(
            lambda c: c.fine_tuning.checkpoints.permissions.delete(
                fine_tuned_model_checkpoint=CHECKPOINT, permission_id=first.id
            )
        )
    created = "checkpoint.permission.created"
    assert await told(surface) == [created, created, "checkpoint.permission.deleted"]
    data = {"project_id": one, "fine_tuned_model_checkpoint": CHECKPOINT}
    assert payloads(emulator, created)[0] == {"id": first.id, "data": data}


async def test_pages(emulator: Emulator, surface: Surface) -> None:
    projects = [add_project(emulator, f"P{number}") for number in range(12)]
    made = ids(await share(surface, CHECKPOINT, *projects))
    assert await listed(surface) == made[::-1]
    assert await listed(surface, limit=5, order="ascending") == made
    assert await listed(surface, limit=5, order="descending") == made[::-1]
    assert await listed(surface, project_id=projects[3]) == [made[3]]
    assert await listed(surface, STEP) == []


async def test_a_page_has_ten_unless_told_otherwise(emulator: Emulator, surface: Surface) -> None:
    await share(surface, CHECKPOINT, *(add_project(emulator) for _ in range(11)))
    page = await surface.call(lambda c: c.fine_tuning.checkpoints.permissions.list(CHECKPOINT))
    assert (len(page.data), page.has_more) == (10, True)


async def test_all_projects_are_let_or_none(emulator: Emulator, surface: Surface) -> None:
    project, archived = add_project(emulator), add_project(emulator, "Old")
    await surface.call(lambda c: c.projects.archive(archived))
    with pytest.raises(surface.errors.NotFoundError):
        await share(surface, CHECKPOINT, project, "proj_none")
    with pytest.raises(surface.errors.BadRequestError, match="archived"):
        await share(surface, CHECKPOINT, project, archived)
    assert await listed(surface) == []


@pytest.mark.parametrize("checkpoint", ["gpt-5", "ft:gpt-5", *HOSTILE_IDS])
async def test_what_is_not_a_checkpoint(
    emulator: Emulator, surface: Surface, checkpoint: str
) -> None:
    with pytest.raises(surface.errors.NotFoundError):
        await listed(surface, checkpoint)
    with pytest.raises(surface.errors.NotFoundError):
        await share(surface, checkpoint, add_project(emulator))


async def test_an_order_of_another_endpoint_is_not_sent(emulator: Emulator) -> None:
    surface = AsyncSurface(emulator)
    with pytest.raises(InvalidInputError, match="order must be 'ascending' or 'descending'"):
        await listed(surface, order="asc")
    await surface.close()
    assert not emulator.requests
