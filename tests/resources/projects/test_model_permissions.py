"""Which models a project may use, on each client, over a real socket."""

from __future__ import annotations

from typing import Any

from openai_admin.emulator import Emulator
from tests.conftest import Surface
from tests.resources.people import HOSTILE_TEXTS, add_project, payloads, refused_unsent, told
from tests.resources.projects.settings import hold_body_rules, hold_project_rules


def listed(surface: Surface, permissions: Any) -> list[str]:
    """The listed models, which the official client names differently."""
    models: list[str] = permissions.model_ids if surface.ours else permissions.api_model_ids
    return models


async def test_from_every_model_and_back(emulator: Emulator, surface: Surface) -> None:
    project_id = add_project(emulator)
    before = await surface.call(lambda c: c.projects.model_permissions.retrieve(project_id))
    assert (before.object, before.mode, listed(surface, before)) == (
        "project.model_permissions",
        "deny_list",
        [],
    )
    models = ["gpt-5-mini", "gpt-5-nano", *HOSTILE_TEXTS]
    changed = await surface.call(
        lambda c: c.projects.model_permissions.update(
            project_id, mode="allow_list", model_ids=models
        )
    )
    assert (changed.mode, listed(surface, changed)) == ("allow_list", models)
    assert await surface.call(lambda c: c.projects.model_permissions.retrieve(project_id)) == (
        changed
    )
    # What is set replaces all that was.
    changed = await surface.call(
        lambda c: c.projects.model_permissions.update(
            project_id, mode="deny_list", model_ids=["gpt-5", "gpt-5"]
        )
    )
    assert (changed.mode, listed(surface, changed)) == ("deny_list", ["gpt-5"])
    for _ in range(2):
        gone = await surface.call(lambda c: c.projects.model_permissions.delete(project_id))
        assert (gone.deleted, gone.object) == (True, "project.model_permissions.deleted")
        after = await surface.call(lambda c: c.projects.model_permissions.retrieve(project_id))
        assert after == before

    assert set(await told(surface)) == {"project.updated"}
    values = [
        p["changes_requested"]["model_permissions"] for p in payloads(emulator, "project.updated")
    ]
    assert values[1:3] == [
        {"mode": "deny_list", "model_ids": ["gpt-5"]},
        {"mode": "deny_list", "model_ids": []},
    ]
    assert len(values) == 3  # a second removal changes nothing, and is not recorded


async def test_rules_of_projects(emulator: Emulator, surface: Surface) -> None:
    await hold_project_rules(
        emulator,
        surface,
        lambda c, project: c.projects.model_permissions.retrieve(project),
        lambda c, project: c.projects.model_permissions.update(
            project, mode="allow_list", model_ids=["gpt-5"]
        ),
        lambda c, project: c.projects.model_permissions.delete(project),
    )


async def test_refused_before_sending(emulator: Emulator) -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {"mode": "any", "model_ids": []},
        {"mode": None, "model_ids": []},
        {"mode": "x" * 100_000, "model_ids": []},
        {"mode": "allow_list", "model_ids": "gpt-5"},
        {"mode": "allow_list", "model_ids": [""]},
        {"mode": "allow_list", "model_ids": [7]},
        {"mode": "allow_list", "model_ids": ["\ud800"]},
        {"mode": "allow_list", "model_ids": None},
    )
    await refused_unsent(
        emulator,
        *(lambda c, w=w: c.projects.model_permissions.update("proj", **w) for w in wrong),
        lambda c: c.projects.model_permissions.delete("."),
        lambda c: c.projects.model_permissions.retrieve(""),
    )


async def test_the_emulator_checks_for_itself(emulator: Emulator) -> None:
    await hold_body_rules(
        emulator,
        "model_permissions",
        {},
        {"mode": "allow_list"},
        {"model_ids": []},
        {"mode": "none", "model_ids": []},
        {"mode": "allow_list", "model_ids": "gpt-5"},
        {"mode": "allow_list", "model_ids": ["gpt-5", ""]},
        {"mode": "allow_list", "model_ids": ["gpt-5", " "]},
        {"mode": "allow_list", "model_ids": ["gpt\n5"]},
        {"mode": "allow_list", "model_ids": [None]},
        {"mode": "allow_list", "model_ids": [], "models": []},
    )
