"""Which hosted tools a project may use, on each client, over a real socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openai_admin.emulator import Emulator
from tests.conftest import Surface
from tests.resources.people import add_project, payloads, refused_unsent, told
from tests.resources.projects.settings import hold_body_rules, hold_project_rules

TOOLS = ("code_interpreter", "file_search", "image_generation", "mcp", "web_search")


def enabled(permissions: Any) -> dict[str, bool]:
    """Whether each tool may be used."""
    return {tool: getattr(permissions, tool).enabled for tool in TOOLS}


async def test_allow_and_forbid(emulator: Emulator, surface: Surface) -> None:
    project_id = add_project(emulator)
    before = await surface.call(lambda c: c.projects.hosted_tool_permissions.retrieve(project_id))
    assert enabled(before) == dict.fromkeys(TOOLS, True)

    changed = await surface.call(
        lambda c: c.projects.hosted_tool_permissions.update(
            project_id, mcp={"enabled": False}, web_search={"enabled": False}, file_search=None
        )
    )
    assert enabled(changed) == {**dict.fromkeys(TOOLS, True), "mcp": False, "web_search": False}
    changed = await surface.call(
        lambda c: c.projects.hosted_tool_permissions.update(project_id, mcp={"enabled": True})
    )
    assert enabled(changed) == {**dict.fromkeys(TOOLS, True), "web_search": False}
    after = await surface.call(lambda c: c.projects.hosted_tool_permissions.retrieve(project_id))
    assert after == changed

    assert await told(surface) == ["project.updated", "project.updated"]
    (_, last) = payloads(emulator, "project.updated")
    assert last["changes_requested"]["hosted_tool_permissions"]["web_search"] == {"enabled": False}


def update(project_id: str, given: dict[str, Any]) -> Callable[[Any], Any]:
    """The call that sets these tools."""
    return lambda c: c.projects.hosted_tool_permissions.update(project_id, **given)


async def test_nothing_given_changes_nothing(emulator: Emulator, surface: Surface) -> None:
    project_id = add_project(emulator)
    nothing: tuple[dict[str, Any], ...] = ({}, {"mcp": None})
    for given in nothing:
        same = await surface.call(update(project_id, given))
        assert enabled(same) == dict.fromkeys(TOOLS, True)
    assert await told(surface) == []


async def test_rules_of_projects(emulator: Emulator, surface: Surface) -> None:
    await hold_project_rules(
        emulator,
        surface,
        lambda c, project: c.projects.hosted_tool_permissions.retrieve(project),
        lambda c, project: c.projects.hosted_tool_permissions.update(
            project, mcp={"enabled": False}
        ),
    )


async def test_refused_before_sending(emulator: Emulator) -> None:
    wrong: tuple[Any, ...] = (True, "on", 1, {}, {"enabled": "yes"}, {"enabled": None}, {"on": 1})
    await refused_unsent(
        emulator,
        *(lambda c, w=w: c.projects.hosted_tool_permissions.update("proj", mcp=w) for w in wrong),
        lambda c: c.projects.hosted_tool_permissions.retrieve(".."),
    )


async def test_the_emulator_checks_for_itself(emulator: Emulator) -> None:
    await hold_body_rules(
        emulator,
        "hosted_tool_permissions",
        {"mcp": True},
        {"mcp": {}},
        {"mcp": {"enabled": "yes"}},
        {"mcp": {"enabled": None}},
        {"mcp": {"enabled": True, "more": 1}},
        {"web_search": {"enabled": False}, "mcp": {"enabled": 1}},
        {"browser": {"enabled": True}},
        [],
    )
