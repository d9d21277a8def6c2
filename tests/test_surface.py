"""Completeness: every operation is declared, documented, emulated and tested, or fails by name."""

from __future__ import annotations

import asyncio
import inspect
import io
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from inspect import ismodule
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest

import openai_admin
from openai_admin import AsyncOpenAIAdmin, AsyncPager, OpenAIAdmin, Pager, Response, resources
from openai_admin._declare.effect import Effect
from openai_admin._declare.methods import operation_of
from openai_admin._declare.operation import OPERATIONS
from openai_admin.allocation import Allocation
from openai_admin.cli.app import root
from openai_admin.cli.lazy import LazyGroup
from openai_admin.cli.report_text import write_report
from openai_admin.emulator import Emulator, handlers
from openai_admin.emulator.routing import HANDLERS
from openai_admin.insights import Review, review
from openai_admin.insights.budgets import Budget
from openai_admin.insights.findings import FINDINGS
from openai_admin.mcp.catalog import ToolSelection, chosen_tools
from openai_admin.mcp.insight.review import found as found_by_mcp
from openai_admin.mcp.names import tool_name
from openai_admin.report import figures, to_html, to_markdown
from tests import exports
from tests.contract import CONTRACT
from tests.contract_examples import EXAMPLES

resources.load()
handlers.load()

NAMES = sorted(OPERATIONS)
PUBLIC: list[str] = vars(openai_admin)["__all__"]
ROOT = Path(__file__).parent


@cache  # read once, since every operation searches all of them
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
    offered = chosen_tools(ToolSelection(toolsets=("all",), globs=("*",)))
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


ASYNC, BLOCKING = AsyncOpenAIAdmin("sk-admin-surface"), OpenAIAdmin("sk-admin-surface")


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_documented_method_of_both_clients(name: str) -> None:
    operation = OPERATIONS[name]
    for client in (ASYNC, BLOCKING):
        method = operation.of(client)
        assert inspect.ismethod(method)
        assert operation_of(method) is operation
        assert method == operation.of(client)
        assert list(inspect.signature(method).parameters) == list(operation.parameters)
        described = (inspect.getdoc(method) or "").partition("Args:\n")[2]
        for argument in operation.parameters:
            assert re.search(rf"^    {argument}: \S", described, re.MULTILINE)
        gives = inspect.signature(method).return_annotation
        if operation.paging:
            pager = AsyncPager if client is ASYNC else Pager
            assert gives == pager[operation.result]
        else:
            assert gives == operation.result
    awaited = inspect.iscoroutinefunction(operation.of(ASYNC))
    assert awaited is not bool(operation.paging)
    assert not inspect.iscoroutinefunction(operation.of(BLOCKING))


@pytest.mark.parametrize("name", NAMES)
def test_it_gives_its_response_on_both_clients(name: str) -> None:
    operation = OPERATIONS[name]
    for client in (ASYNC, BLOCKING):
        method = operation.of(client.with_response)
        assert operation_of(method) is operation
        assert list(inspect.signature(method).parameters) == list(operation.parameters)
        gives: Any = Response
        assert inspect.signature(method).return_annotation == gives[operation.answer]
        assert inspect.iscoroutinefunction(method) is (client is ASYNC)


GRANTS: dict[str, dict[str, Any]] = {
    "admin_api_keys.create": {},
    "fine_tuning.checkpoints.permissions.create": {},
    "groups.roles.create": {},
    "groups.users.create": {},
    "invites.create": {"projects": [{"id": "p", "role": "owner"}]},
    "projects.api_keys.update": {"scopes": ["all"]},
    "projects.groups.create": {},
    "projects.groups.roles.create": {},
    "projects.roles.update": {"permissions": []},
    "projects.service_accounts.api_keys.create": {},
    "projects.service_accounts.create": {},
    "projects.service_accounts.update": {"role": "owner"},
    "projects.users.create": {"role": "owner"},
    "projects.users.roles.create": {},
    "projects.users.update": {"role": "owner"},
    "roles.update": {"permissions": []},
    "users.roles.create": {},
    "users.update": {"role": "owner"},
    "workload_identity_providers.federation_rules.create": {},
    "workload_identity_providers.federation_rules.update": {"enabled": True},
    "workload_identity_providers.update": {"issuer": "https://example.org"},
}
"""What gives somebody power, with arguments that make it so."""


@pytest.mark.parametrize("name", NAMES)
def test_whether_it_grants_power(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation.grants(GRANTS.get(name, {"role": "member"})) is (name in GRANTS)
    if GRANTS.get(name):
        assert not operation.grants({"role": "member", "name": "x"})


@pytest.mark.parametrize("role", ["Owner", "owner ", "administrator"])
@pytest.mark.parametrize("name", ["users.update", "projects.users.create", "projects.users.update"])
def test_a_role_that_is_not_known_may_make_an_owner(name: str, role: str) -> None:
    assert OPERATIONS[name].grants({"role": role})
    assert not OPERATIONS[name].grants({"role": None})


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
    changes = set(Effect) - {Effect.READS}
    expected = {"GET": {Effect.READS}, "DELETE": {Effect.REMOVES}}
    assert operation.effect in expected.get(operation.method, changes)
    assert not operation.final or operation.effect is Effect.REMOVES


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


def test_the_exported_names_are_those_that_the_command_writes() -> None:
    """If this fails, ``python -m tests.exports`` fixes it."""
    names = exports.table()
    assert exports.FACE.read_text() == exports.face(names)
    assert exports.STUB.read_text() == exports.stub(names)
    submodules = {name for name in PUBLIC if ismodule(getattr(openai_admin, name))}
    assert {name for exported in names.values() for name in exported} == set(PUBLIC) - submodules
    for name in PUBLIC:
        assert getattr(openai_admin, name) is not None


# --- findings ------------------------------------------------------------------------------

BACKGROUND = {
    *(
        "now",
        "period",
        "scope",
        "only",
        "currency",
        "other_currencies",
        "daily",
        "names",
        "clock_difference",
    ),
    *("missing", "not_known", "unread", "_consequences"),
    "are_owners_asked",  # part of the sentence of inactive_owners: tests/directory/test_owners.py
}
"""What a review knows beside its findings."""

REVIEWED = [field.name for field in attrs.fields(Review) if field.name not in BACKGROUND]


@cache  # a review takes a second
def _reviews() -> tuple[Review, Review]:
    """One of the demo organization, in which something of every kind is found; and an empty one."""

    budgets = [Budget(name="all", limit=Decimal(20_000))]

    async def of(state: Literal["demo", "empty"]) -> Review:
        async with (
            Emulator(state=state) as emulator,
            AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
        ):
            rules = "[[rule]]\nproject = '*'\nteam = 'All'\n"
            allocation = Allocation.from_text(rules)
            return await review(client, allocation=allocation, budgets=budgets)

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


SURFACES: Mapping[str, Callable[[Review], str]] = {
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
