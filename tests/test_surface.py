"""Completeness: every operation is declared, documented, emulated and tested, or fails by name."""

from __future__ import annotations

import asyncio
import io
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal, is_typeddict

import attrs
import pytest

import openai_admin
from openai_admin import AsyncOpenAIAdmin, resources
from openai_admin._declare.effect import Effect
from openai_admin._declare.operation import OPERATIONS
from openai_admin.cli.app import root
from openai_admin.cli.lazy import LazyGroup
from openai_admin.cli.report_text import write_report
from openai_admin.emulator import Emulator, handlers
from openai_admin.emulator.routing import HANDLERS
from openai_admin.insights import Review, review
from openai_admin.insights.findings import FINDINGS
from openai_admin.mcp.catalog import ToolSelection, chosen_tools
from openai_admin.mcp.insight.review import found as found_by_mcp
from openai_admin.mcp.names import tool_name
from openai_admin.report import figures, to_html, to_markdown
from tests.contract import CONTRACT
from tests.contract_examples import EXAMPLES

resources.load()
handlers.load()

NAMES = sorted(OPERATIONS)
PUBLIC: list[str] = vars(openai_admin)["__all__"]
ROOT = Path(__file__).parent


@cache  # read once, for every operation looks for itself in all of them
def _tests() -> list[str]:
    return [path.read_text() for path in sorted((ROOT / "resources").rglob("test_*.py"))]


def _is_called(name: str) -> bool:
    """Whether the tests of some resource name this one, by its place in the tree, and the call."""
    resource, _, method = name.rpartition(".")
    place = re.compile(rf"\.{re.escape(resource)}\b")
    call = re.compile(rf"\.{method}\(|\"{method}\"")
    return any(place.search(text) and call.search(text) for text in _tests())


@cache  # likewise
def _tools() -> set[str]:
    """The operations that are tools of the MCP server."""
    tools = {tool_name(operation): name for name, operation in OPERATIONS.items()}
    offered = chosen_tools(ToolSelection(toolsets=("all",)))
    return {name for tool, name in tools.items() if tool in offered}


@cache  # likewise
def _commands() -> set[tuple[str, ...]]:
    """The words of every command."""

    def below(group: LazyGroup, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for name in group.commands:
            command = group.load(name)
            if isinstance(command, LazyGroup):
                yield from below(command, (*path, name))
            else:
                yield (*path, name)

    return set(below(root(), ()))


def _has_command(name: str) -> bool:
    return tuple(name.replace("_", "-").split(".")) in _commands()


def test_every_operation_of_the_contract_is_declared_and_no_other() -> None:
    assert set(OPERATIONS) == set(CONTRACT)


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_does(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation.summary.endswith(".")
    undocumented = [p for p, text in operation.parameter_docs.items() if not text]
    assert not undocumented


@pytest.mark.parametrize("name", NAMES)
def test_it_is_emulated(name: str) -> None:
    assert OPERATIONS[name] in [operation for operation, _ in HANDLERS.bound.values()]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_command(name: str) -> None:
    assert _has_command(name)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_tool_of_the_mcp_server(name: str) -> None:
    assert name in _tools()


@pytest.mark.parametrize("name", NAMES)
def test_it_is_called_in_a_test(name: str) -> None:
    assert _is_called(name)


@pytest.mark.parametrize("name", NAMES)
def test_its_effect_follows_from_its_method(name: str) -> None:
    operation = OPERATIONS[name]
    expected = {"GET": {Effect.READS}, "DELETE": {Effect.DESTROYS}}
    assert operation.effect in expected.get(operation.method, {Effect.CHANGES, Effect.DESTROYS})


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    bound = {operation.name for operation, _ in HANDLERS.bound.values()}
    table = {
        "declared": set(OPERATIONS) & set(CONTRACT),
        "in the emulator": bound & set(CONTRACT),
        # Each example is validated and round-tripped by test_contract_answers.
        "validated against the contract": set(EXAMPLES) & set(CONTRACT),
        "round-tripped": set(EXAMPLES) & set(CONTRACT),
        "a command": {name for name in CONTRACT if _has_command(name)},
        "an MCP tool": _tools() & set(CONTRACT),
        "called in tests": {name for name in CONTRACT if _is_called(name)},
    }
    with capsys.disabled():
        print("\n\nOperations of the Admin API")
        for what, names in table.items():
            print(f"  {what:<32} {len(names)} of {len(CONTRACT)}")
    assert all(names == set(CONTRACT) for names in table.values())


def test_the_exported_names_are_sorted_whole_and_alike_for_type_checkers() -> None:
    stub = (Path(openai_admin.__file__).with_suffix(".pyi")).read_text()
    typed = set(re.findall(r"\bas (\w+)", stub))
    assert sorted(PUBLIC) == PUBLIC
    assert set(PUBLIC) == typed
    for name in PUBLIC:
        assert getattr(openai_admin, name) is not None


def test_every_model_is_exported_and_no_helper() -> None:
    prefix = "openai_admin.resources."
    models = {
        name
        for module in [m for n, m in sys.modules.items() if n.startswith(prefix)]
        for name, value in vars(module).items()
        if isinstance(value, type)
        and attrs.has(value)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    }
    exported = {name: getattr(openai_admin, name) for name in PUBLIC}
    of_resources = {
        name
        for name, value in exported.items()
        if getattr(value, "__module__", "").startswith(prefix) and not is_typeddict(value)
    }
    assert of_resources == models


# --- findings ------------------------------------------------------------------------------

BACKGROUND = {"now", "period", "currency", "daily", "names", "missing"}
"""What a review knows beside its findings."""

REVIEWED = [field.name for field in attrs.fields(Review) if field.name not in BACKGROUND]


@cache  # a review takes a second
def _reviews() -> tuple[Review, Review]:
    """One of the demo organization, in which something of every kind is found; and an empty one."""

    async def of(state: Literal["demo", "empty"]) -> Review:
        async with (
            Emulator(state=state) as emulator,
            AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
        ):
            return await review(client)

    async def both() -> tuple[Review, Review]:
        return await of("demo"), await of("empty")

    return asyncio.run(both())


def _page(found: Review) -> str:
    """What a reader of the page sees: it without its scripts and its data."""
    return re.sub(r"<script.*?</script>", "", to_html(found), flags=re.DOTALL)


def _terminal(found: Review) -> str:
    file = io.StringIO()
    write_report(found, file)
    return file.getvalue()


def _answer(found: Review) -> str:
    """What the MCP server's review answers."""
    return str([found_by_mcp(found, finding, 100) for finding in FINDINGS.values()])


SURFACES = {
    "page": _page,
    "Markdown": to_markdown,
    "terminal": _terminal,
    "figures": lambda found: str(figures(found)),
    "MCP": _answer,
}


@cache
def _shown(surface: str) -> str:
    """How a surface looks where something of every kind was found."""
    return SURFACES[surface](_reviews()[0])


@pytest.mark.parametrize("field", REVIEWED)
def test_each_part_of_a_review_is_stated_as_a_finding(field: str) -> None:
    assert field in FINDINGS


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("field", REVIEWED)
def test_each_finding_is_shown(field: str, surface: str) -> None:
    """What shows a finding looks otherwise where nothing of its kind was found."""
    found, empty = _reviews()
    without = attrs.evolve(found, **{field: getattr(empty, field)})
    is_shown = _shown(surface) != SURFACES[surface](without)
    assert is_shown, f"{field} is not shown by: {surface}"
