"""Every operation as a command, on the demo organization."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openai_admin._declare.operation import OPERATIONS
from openai_admin._declare.resource import part
from openai_admin._tree import AdminResources
from openai_admin.cli.app import RESOURCES, root
from openai_admin.cli.confirm import may_ask
from openai_admin.cli.lazy import LazyGroup
from openai_admin.cli.secrets import has_secret
from openai_admin.resources import load
from tests.contract_examples import EXAMPLES
from tests.contract_world import World

from .conftest import invoke

load()
NAMES = sorted(OPERATIONS)


def words(name: str) -> list[str]:
    """An operation's command."""
    return name.replace("_", "-").split(".")


def written(name: str, arguments: dict[str, Any]) -> list[str]:
    """Arguments as one writes them on a command line."""
    places, options = [], []
    for key, value in arguments.items():
        if OPERATIONS[name].parameters[key].place == "path":
            places.append(str(value))
        elif name.startswith("usage.") and key == "limit":
            continue  # a usage command asks for a range, and pages by itself
        else:
            options += option(f"--{key.replace('_', '-')}", value)
    return [*options, "--", *places] if places else options


def option(flag: str, value: Any) -> list[str]:
    """One option with its value."""
    if isinstance(value, bool):
        return [flag if value else flag.replace("--", "--no-", 1)]
    if value is None:
        return [flag, "null"]
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return [flag, ",".join(value)]
    if isinstance(value, dict | list):
        return [flag, json.dumps(value)]
    return [flag, str(value)]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", NAMES)
async def test_command(
    name: str, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", world.emulator.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", world.emulator.admin_key)
    before = world.emulator.snapshot()
    operation = OPERATIONS[name]
    arguments = await EXAMPLES[name](world)
    line = [*words(name), "--format", "json"]
    if may_ask(operation):
        line.append("--yes")
    if name == "usage.costs":
        line.append("--whole-days")
    secret = tmp_path / "secret"
    if has_secret(operation):
        line += ["--secret-file", str(secret)]
    world.emulator.requests.clear()
    outcome = await invoke(*line, *written(name, arguments))
    received = list(world.emulator.requests)
    world.emulator.restore(before)

    assert outcome.code == 0, outcome.err
    assert {r.operation for r in received} == {name}
    assert {r.status for r in received} == {200}
    shown = outcome.json
    if operation.paging:
        assert shown, "the demo organization has some of everything"
        assert all(isinstance(item, dict) for item in shown)
    else:
        assert shown
    if has_secret(operation):
        value = secret.read_text().strip()
        assert value.startswith("sk-")
        assert value not in outcome.out + outcome.err


def test_first_level_is_the_tree() -> None:
    tree = {
        name.replace("_", "-"): value.__doc__
        for name, value in vars(AdminResources).items()
        if isinstance(value, part)
    }
    assert {name.partition(".")[0].replace("_", "-") for name in OPERATIONS} == tree.keys()
    assert dict(RESOURCES) == tree


def test_every_operation_has_a_command() -> None:
    def below(group: LazyGroup, path: tuple[str, ...]) -> set[tuple[str, ...]]:
        found: set[tuple[str, ...]] = set()
        for name in group.commands:
            command = group.load(name)
            here = (*path, name)
            found |= below(command, here) if isinstance(command, LazyGroup) else {here}
        return found

    commands = below(root(), ())
    operations = {tuple(words(name)) for name in NAMES}
    assert operations <= commands
    assert {c for c in commands - operations if c[0] in RESOURCES} == {
        ("audit-logs", "export"),
        ("audit-logs", "search"),
        ("audit-logs", "tail"),
        ("usage", "all"),
    }
