"""A project's data retention, on each client, over a real socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from openai_admin.emulator import Emulator
from openai_admin.resources.projects.data_retention import ProjectRetentionType
from tests.conftest import Surface
from tests.resources.people import add_project, payloads, refused_unsent, told
from tests.resources.projects.settings import hold_body_rules, hold_project_rules

WRONG: tuple[Any, ...] = ("", "default", "x" * 100_000, "零", "\x00", None, 7)


def update(project_id: str, kind: str) -> Callable[[Any], Any]:
    """The call that sets this kind of retention."""
    return lambda c: c.projects.data_retention.update(project_id, retention_type=kind)


async def test_read_and_set(emulator: Emulator, surface: Surface) -> None:
    project_id, other_id = add_project(emulator), add_project(emulator, "Other")
    before = await surface.call(lambda c: c.projects.data_retention.retrieve(project_id))
    assert (before.object, before.type) == ("project.data_retention", "organization_default")
    for kind in get_args(ProjectRetentionType):
        changed = await surface.call(update(project_id, kind))
        assert changed.type == kind
        now = await surface.call(lambda c: c.projects.data_retention.retrieve(project_id))
        assert now.type == kind
    other = await surface.call(lambda c: c.projects.data_retention.retrieve(other_id))
    assert other.type == "organization_default"

    assert await told(surface) == ["project.updated"] * len(get_args(ProjectRetentionType))
    assert payloads(emulator, "project.updated")[1] == {
        "id": project_id,
        "changes_requested": {"data_retention": {"type": "none"}},
    }


async def test_rules_of_projects(emulator: Emulator, surface: Surface) -> None:
    await hold_project_rules(
        emulator,
        surface,
        lambda c, project: c.projects.data_retention.retrieve(project),
        lambda c, project: c.projects.data_retention.update(project, retention_type="none"),
    )


async def test_refused_before_sending(emulator: Emulator) -> None:
    await refused_unsent(
        emulator,
        *(lambda c, w=w: c.projects.data_retention.update("proj", retention_type=w) for w in WRONG),
        lambda c: c.projects.data_retention.retrieve(""),
        lambda c: c.projects.data_retention.retrieve(".."),
    )


async def test_the_emulator_checks_for_itself(emulator: Emulator) -> None:
    bodies: tuple[Any, ...] = (
        {},
        {"retention_type": "all"},
        {"retention_type": None},
        {"type": "none"},
        [],
    )
    await hold_body_rules(emulator, "data_retention", *bodies)
