"""Which service tiers a project uses, on each client, over a real socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openai_admin.emulator import Emulator
from tests.conftest import Surface
from tests.resources.people import add_project, payloads, refused_unsent, told
from tests.resources.projects.settings import hold_body_rules, hold_project_rules


def enable(project_id: str, tiers: list[str] | str) -> Callable[[Any], Any]:
    """The call that enables these tiers."""
    return lambda c: c.projects.service_tier_settings.update(project_id, enabled_tiers=tiers)


async def test_read_and_set(emulator: Emulator, surface: Surface) -> None:
    project_id = add_project(emulator)
    before = await surface.call(lambda c: c.projects.service_tier_settings.retrieve(project_id))
    assert (before.object, before.default, before.enabled_tiers) == (
        "project.service_tier_settings",
        "standard",
        "all",
    )
    changed = await surface.call(
        lambda c: c.projects.service_tier_settings.update(project_id, default="fast")
    )
    assert (changed.default, changed.enabled_tiers) == ("fast", "all")
    choices: tuple[list[str] | str, ...] = (["flex", "ultrafast"], [], "all")
    for tiers in choices:
        changed = await surface.call(enable(project_id, tiers))
        assert (changed.default, changed.enabled_tiers) == ("fast", tiers)
    after = await surface.call(lambda c: c.projects.service_tier_settings.retrieve(project_id))
    assert after == changed

    assert await told(surface) == ["project.updated"] * 4
    assert payloads(emulator, "project.updated")[1]["changes_requested"] == {
        "service_tier_settings": {"default": "fast", "enabled_tiers": ["flex", "ultrafast"]}
    }


async def test_nothing_given_changes_nothing(emulator: Emulator, surface: Surface) -> None:
    project_id = add_project(emulator)
    same = await surface.call(lambda c: c.projects.service_tier_settings.update(project_id))
    assert (same.default, same.enabled_tiers) == ("standard", "all")
    assert await told(surface) == []


async def test_rules_of_projects(emulator: Emulator, surface: Surface) -> None:
    await hold_project_rules(
        emulator,
        surface,
        lambda c, project: c.projects.service_tier_settings.retrieve(project),
        lambda c, project: c.projects.service_tier_settings.update(project, default="scale"),
    )


async def test_refused_before_sending(emulator: Emulator) -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {"default": "flex"},
        {"default": ""},
        {"default": None},
        {"enabled_tiers": "flex"},
        {"enabled_tiers": ["scale"]},
        {"enabled_tiers": [None]},
        {"enabled_tiers": {"flex": True}},
        {"enabled_tiers": None},
        {"default": "x" * 100_000},
    )
    await refused_unsent(
        emulator,
        *(lambda c, w=w: c.projects.service_tier_settings.update("proj", **w) for w in wrong),
        lambda c: c.projects.service_tier_settings.retrieve(""),
    )


async def test_the_emulator_checks_for_itself(emulator: Emulator) -> None:
    await hold_body_rules(
        emulator,
        "service_tier_settings",
        {"default": "flex"},
        {"default": None},
        {"enabled_tiers": "flex"},
        {"enabled_tiers": ["scale"]},
        {"enabled_tiers": [1]},
        {"default": "fast", "enabled_tiers": None},
        {"tier": "fast"},
    )
