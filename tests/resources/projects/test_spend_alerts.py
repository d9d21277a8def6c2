"""Spend alerts of a project, on each client, over a real socket."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.emulator import Emulator
from tests.conftest import Surface
from tests.resources.people import HOSTILE_IDS, add_project, payloads, refused_unsent
from tests.resources.spending import ALERT, CHANNEL, add_alert, add_alerts, walk_both_ways


def alerts(client: Any) -> Any:
    return client.projects.spend_alerts


async def test_the_life_of_an_alert(emulator: Emulator, surface: Surface) -> None:
    project = add_project(emulator, "Web")
    made = await surface.call(
        lambda c: c.projects.spend_alerts.create(project, threshold_amount=50_000, **ALERT)
    )
    assert (made.threshold_amount, made.object) == (50_000, "project.spend_alert")
    changed = await surface.call(
        lambda c: c.projects.spend_alerts.update(
            project_id=project, alert_id=made.id, threshold_amount=75_000, **ALERT
        )
    )
    assert changed.threshold_amount == 75_000
    again = await surface.call(
        lambda c: c.projects.spend_alerts.retrieve(project_id=project, alert_id=made.id)
    )
    assert again == changed
    gone = await surface.call(
        lambda c: c.projects.spend_alerts.delete(project_id=project, alert_id=made.id)
    )
    assert (gone.id, gone.deleted, gone.object) == (made.id, True, "project.spend_alert.deleted")
    assert await surface.items(lambda c: c.projects.spend_alerts.list(project)) == []

    log = await surface.items(lambda c: c.audit_logs.list(project_ids=[project]))
    assert [(e.type, e.project.id) for e in log] == [("project.updated", project)] * 3
    assert {p["id"] for p in payloads(emulator, "project.updated")} == {project}


async def test_paging_both_ways(emulator: Emulator, surface: Surface) -> None:
    project = add_project(emulator)
    ids = await add_alerts(surface, alerts, project, count=5)
    await walk_both_ways(
        surface, lambda c, **kwargs: c.projects.spend_alerts.list(project, **kwargs), ids
    )


async def test_each_scope_for_itself(emulator: Emulator, surface: Surface) -> None:
    one, other = add_project(emulator, "One"), add_project(emulator, "Other")
    id = await add_alert(surface, alerts, one, cents=100)
    assert await surface.items(lambda c: c.projects.spend_alerts.list(other)) == []
    assert await surface.items(lambda c: c.spend_alerts.list()) == []
    for call in (
        lambda c: c.projects.spend_alerts.retrieve(project_id=other, alert_id=id),
        lambda c: c.projects.spend_alerts.update(
            project_id=other, alert_id=id, threshold_amount=1, **ALERT
        ),
        lambda c: c.projects.spend_alerts.delete(project_id=other, alert_id=id),
        lambda c: c.spend_alerts.retrieve(id),
    ):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(call)


async def test_unknown_projects(surface: Surface) -> None:
    for call in (
        lambda c: c.projects.spend_alerts.list("proj_none"),
        lambda c: c.projects.spend_alerts.create("proj_none", threshold_amount=1, **ALERT),
        lambda c: c.projects.spend_alerts.delete(project_id="proj_none", alert_id="alert_1"),
    ):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(call)


@pytest.mark.parametrize("id", HOSTILE_IDS)
async def test_ids_that_name_nothing(emulator: Emulator, surface: Surface, id: str) -> None:
    project = add_project(emulator)
    for call in (
        lambda c: c.projects.spend_alerts.retrieve(project_id=id, alert_id=id),
        lambda c: c.projects.spend_alerts.retrieve(project_id=project, alert_id=id),
    ):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(call)


async def test_archived_projects_refuse(emulator: Emulator, surface: Surface) -> None:
    project = add_project(emulator)
    id = await add_alert(surface, alerts, project, cents=100)
    await surface.call(lambda c: c.projects.archive(project))
    for call in (
        lambda c: c.projects.spend_alerts.create(project, threshold_amount=1, **ALERT),
        lambda c: c.projects.spend_alerts.update(
            project_id=project, alert_id=id, threshold_amount=1, **ALERT
        ),
        lambda c: c.projects.spend_alerts.delete(project_id=project, alert_id=id),
    ):
        with pytest.raises(surface.errors.BadRequestError, match="archived"):
            await surface.call(call)
    with pytest.raises(surface.errors.BadRequestError, match="archived"):
        await surface.items(lambda c: c.projects.spend_alerts.list(project))
    left = emulator.store.project_spend_alerts[project]
    assert [(alert["id"], alert["threshold_amount"]) for alert in left] == [(id, 100)]


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    alert: Any = ALERT
    channel: Any = {**CHANNEL, "type": "sms"}
    await refused_unsent(
        emulator,
        lambda c: c.projects.spend_alerts.create("proj_1", threshold_amount=-1, **alert),
        lambda c: c.projects.spend_alerts.create("", threshold_amount=1, **alert),
        lambda c: c.projects.spend_alerts.update("proj_1", "", threshold_amount=1, **alert),
        lambda c: c.projects.spend_alerts.update(
            "proj_1", "a", threshold_amount=1, **{**alert, "notification_channel": channel}
        ),
        lambda c: c.projects.spend_alerts.retrieve("proj_1", ".."),
        lambda c: c.projects.spend_alerts.delete("..", "alert_1"),
        lambda c: c.projects.spend_alerts.list("proj_1", limit=101),
    )
