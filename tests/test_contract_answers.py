"""The emulator's answer to each operation, against the contract and through the models."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import aiohttp
import jsonschema
import pytest
import pytest_asyncio

from openai_admin._wire.codec import decode, to_dict
from openai_admin.emulator import Emulator
from openai_admin.emulator.table import Scoped, Table
from tests.contract import (
    CONTRACT,
    NAMES,
    Schema,
    compare,
    missing_fields,
    resolve,
    unknown_fields,
)
from tests.contract_examples import EXAMPLES
from tests.contract_world import World

# One emulator for all these tests, since making the demo organization takes longer than most.
pytestmark = pytest.mark.asyncio(loop_scope="module")
fixture = partial(pytest_asyncio.fixture, loop_scope="module")

WRONG: tuple[Any, ...] = (
    "no such choice",
    -1,
    10**12,
    1.5,
    True,
    None,
    [],
    ["x"] * 11,
    [1],
    [None],
    {},
    {"type": "none"},
)
HOSTILE_TEXTS = (
    "",
    " ",
    "x" * 100_000,
    "имя 名前 اسم 🔑",
    "\0",
    "\x1b[2J",
    "line\nbreak",
    "../../etc/passwd",
    "'; DROP TABLE users; --",
    '<b>&"</b>',
)

ENVELOPES: dict[str | None, set[str]] = {
    "ConversationCursorPage": {"object", "data", "first_id", "last_id", "has_more"},
    "CursorPage": {"object", "data", "has_more"},
    "NextCursorPage": {"object", "data", "has_more", "next"},
    "Page": {"object", "data"},
}

EVENTS = {
    "admin_api_keys.create": "api_key.created",
    "admin_api_keys.delete": "api_key.deleted",
    "certificates.activate": "certificates.activated",
    "certificates.create": "certificate.created",
    "certificates.deactivate": "certificates.deactivated",
    "certificates.delete": "certificate.deleted",
    "certificates.update": "certificate.updated",
    "external_keys.create": "external_key.registered",
    "external_keys.delete": "external_key.removed",
    "external_storage.create": "external_storage.registered",
    "external_storage.delete": "external_storage.removed",
    "fine_tuning.checkpoints.permissions.create": "checkpoint.permission.created",
    "fine_tuning.checkpoints.permissions.delete": "checkpoint.permission.deleted",
    "groups.create": "group.created",
    "groups.delete": "group.deleted",
    "groups.roles.create": "role.assignment.created",
    "groups.roles.delete": "role.assignment.deleted",
    "groups.update": "group.updated",
    "invites.create": "invite.sent",
    "invites.delete": "invite.deleted",
    "projects.api_keys.delete": "api_key.deleted",
    "projects.api_keys.update": "api_key.updated",
    "projects.archive": "project.archived",
    "projects.certificates.activate": "certificates.activated",
    "projects.certificates.deactivate": "certificates.deactivated",
    "projects.create": "project.created",
    "projects.groups.create": "role.assignment.created",
    "projects.groups.delete": "role.assignment.deleted",
    "projects.groups.roles.create": "role.assignment.created",
    "projects.groups.roles.delete": "role.assignment.deleted",
    "projects.rate_limits.update": "rate_limit.updated",
    "projects.roles.create": "role.created",
    "projects.roles.delete": "role.deleted",
    "projects.roles.update": "role.updated",
    "projects.service_accounts.api_keys.create": "api_key.created",
    "projects.service_accounts.create": "service_account.created",
    "projects.service_accounts.delete": "service_account.deleted",
    "projects.service_accounts.update": "service_account.updated",
    "projects.update": "project.updated",
    "projects.users.create": "user.added",
    "projects.users.delete": "user.deleted",
    "projects.users.roles.create": "role.assignment.created",
    "projects.users.roles.delete": "role.assignment.deleted",
    "projects.users.update": "user.updated",
    "roles.create": "role.created",
    "roles.delete": "role.deleted",
    "roles.update": "role.updated",
    "users.delete": "user.deleted",
    "users.roles.create": "role.assignment.created",
    "users.roles.delete": "role.assignment.deleted",
    "users.update": "user.updated",
    "workload_identity_providers.create": "workload_identity_provider.created",
    "workload_identity_providers.delete": "workload_identity_provider.deleted",
    "workload_identity_providers.federation_rules.create": (
        "workload_identity_provider_mapping.created"
    ),
    "workload_identity_providers.federation_rules.delete": (
        "workload_identity_provider_mapping.deleted"
    ),
    "workload_identity_providers.federation_rules.update": (
        "workload_identity_provider_mapping.updated"
    ),
    "workload_identity_providers.update": "workload_identity_provider.updated",
}
"""What each change writes into the audit log. The contract has no event type for the others:
data retention, spend alerts and limits, permissions, service tiers, membership of groups."""


@fixture(scope="module")
async def shared() -> AsyncIterator[World]:
    async with Emulator(state="demo") as emulator, aiohttp.ClientSession() as session:
        yield World(emulator, session)


@fixture
async def world(shared: World) -> World:
    """The demo organization as it was created."""
    shared.emulator.reset()
    return shared


@pytest.mark.parametrize("name", NAMES)
async def test_answer(name: str, world: World) -> None:
    raw = await world.send(name, await EXAMPLES[name](world))
    answer = json.loads(raw)
    items = _items(name, answer)
    assert items
    for item in items:
        validate(item, CONTRACT[name].response)
        if name != "audit_logs.list":  # an event has one payload of all that there are
            assert not list(missing_fields(item, CONTRACT[name].response, CONTRACT[name].response))
    _hold_round_trip(name, raw)


@pytest.mark.parametrize(
    ("name", "without"),
    [
        *((n, "") for n in NAMES if n.startswith("usage.") and n != "usage.costs"),
        ("usage.costs", "user_id"),
        ("usage.costs", "project_id"),
    ],
)
async def test_usage_with_every_field(name: str, without: str, world: World) -> None:
    """Grouped by all that there is, so that no field of a result is null throughout.

    Costs cannot be grouped by people and by projects together.
    """
    schema = CONTRACT[name].query["group_by"]
    if "anyOf" in schema:
        (schema,) = (s for s in schema["anyOf"] if s["type"] == "array")
    items: Schema = schema["items"]
    arguments = await EXAMPLES[name](world)
    fields = items.get("enum", [items.get("const")])
    group_by = [field for field in fields if field != without]
    raw = await world.send(name, {**arguments, "group_by": group_by})
    answer = json.loads(raw)
    validate(answer, CONTRACT[name].response)
    results = [result for bucket in answer["data"] for result in bucket["results"]]
    assert results
    _hold_round_trip(name, raw)


@pytest.mark.parametrize(
    "name", [n for n in NAMES if CONTRACT[n].query.get("limit", {}).get("minimum") == 0]
)
async def test_a_page_may_be_asked_for_without_items(name: str, world: World) -> None:
    arguments = await EXAMPLES[name](world)
    answer = json.loads(await world.send(name, {**arguments, "limit": 0}))
    assert answer["data"] == []


@pytest.mark.parametrize("name", sorted(EVENTS))
async def test_change_is_in_the_audit_log(name: str, world: World) -> None:
    arguments = await EXAMPLES[name](world)
    log = world.emulator.store.audit_logs
    before = {event["id"] for event in log}
    await world.send(name, arguments)

    raw = await world.send("audit_logs.list", {"limit": 100})
    events = [event for event in json.loads(raw)["data"] if event["id"] not in before]
    assert EVENTS[name] in {event["type"] for event in events}
    for event in events:
        validate(event, CONTRACT["audit_logs.list"].response)
        assert event["actor"]["type"] == "api_key"
        _hold_known_payload(event)
    _hold_round_trip("audit_logs.list", raw)


@pytest.mark.parametrize("name", [n for n in NAMES if CONTRACT[n].path_params])
async def test_unknown_ids_are_not_found_and_change_nothing(name: str, world: World) -> None:
    contract = CONTRACT[name]
    arguments = await EXAMPLES[name](world)
    before = _state(world)
    for parameter in contract.path_params:
        for id in ("none", "../users", "a b?c=d#e", "имя", "x" * 2000, "new\nline\0"):
            status, answer = await _tried(world, name, {**arguments, parameter: id})
            assert status == 404, (parameter, id, answer)
            _hold_error(answer)
    assert _state(world) == before


@pytest.mark.parametrize("name", [n for n in NAMES if CONTRACT[n].body])
async def test_bad_bodies_are_refused_and_change_nothing(name: str, world: World) -> None:
    """What no client of ours would send: bodies that the contract does not allow."""
    contract = CONTRACT[name]
    arguments = await EXAMPLES[name](world)
    before = _state(world)
    for parameter, schema in contract.body.items():
        validator = jsonschema.Draft202012Validator(schema)
        for value in WRONG:
            if validator.is_valid(value):
                continue
            body = {k: v for k, v in arguments.items() if k in contract.body} | {parameter: value}
            ids = {k: v for k, v in arguments.items() if k in contract.path_params}
            status, answer = await _tried(world, name, ids, body=body)
            assert status == 400, (parameter, value, answer)
            _hold_error(answer)
    for parameter in contract.required:
        body = {k: v for k, v in arguments.items() if k in contract.body and k != parameter}
        ids = {k: v for k, v in arguments.items() if k in contract.path_params}
        status, answer = await _tried(world, name, ids, body=body)
        assert (status, answer["error"]["param"]) == (400, parameter)
    assert _state(world) == before


@pytest.mark.parametrize("name", [n for n in NAMES if CONTRACT[n].body])
async def test_hostile_texts_do_no_harm(name: str, world: World) -> None:
    """Texts that the contract allows are taken whole or refused whole, and never fail inside."""
    contract = CONTRACT[name]
    for parameter, schema in contract.body.items():
        if not jsonschema.Draft202012Validator(schema).is_valid("text"):
            continue
        for value in HOSTILE_TEXTS:
            world.emulator.reset()
            arguments = await EXAMPLES[name](world)
            before = _state(world)
            ids = {k: v for k, v in arguments.items() if k in contract.path_params}
            body = {k: v for k, v in arguments.items() if k in contract.body} | {parameter: value}
            status, answer = await _tried(world, name, ids, body=body)
            if status != 200:
                assert 400 <= status < 500, (parameter, value[:50], answer)
                _hold_error(answer)
                assert _state(world) == before


async def test_every_event_of_the_demo_organization(world: World) -> None:
    after: str | None = None
    types: set[str] = set()
    while True:
        raw = await world.send("audit_logs.list", {"limit": 100, "after": after})
        page = json.loads(raw)
        for event in page["data"]:
            validate(event, CONTRACT["audit_logs.list"].response)
            _hold_known_payload(event)
            types.add(event["type"])
        _hold_round_trip("audit_logs.list", raw)
        if not page["has_more"]:
            break
        after = page["last_id"]
    assert len(types) > 10


def _hold_known_payload(event: dict[str, Any]) -> None:
    """Check that a payload has no field that the contract does not name."""
    schema = CONTRACT["audit_logs.list"].response
    (payload,) = (
        s for s in schema["properties"][event["type"]]["anyOf"] if s.get("type") != "null"
    )
    known = resolve(payload, schema).get("properties")
    if known is not None:
        assert set(event[event["type"]]) <= set(known), event


async def _tried(
    world: World, name: str, arguments: dict[str, Any], *, body: Any = None
) -> tuple[int, Any]:
    status, raw = await world.try_to_send(name, arguments, body=body)
    return status, json.loads(raw)


def _hold_error(answer: Any) -> None:
    """Check that an error has the API's shape."""
    assert set(answer) == {"error"}
    assert set(answer["error"]) == {"message", "type", "param", "code"}
    assert answer["error"]["message"]


def _state(world: World) -> dict[str, Any]:
    """Everything that the organization has, but for when admin keys and their owners' keys were
    last used."""
    state: dict[str, Any] = {}
    for name, value in vars(world.emulator.store).items():
        if isinstance(value, Table):
            state[name] = list(value)
        elif isinstance(value, Scoped):
            state[name] = {scope: list(table) for scope, table in value.items() if len(table)}
        elif isinstance(value, dict):
            state[name] = dict(value)
    del state["admin_api_keys"]
    state["users"] = [
        {name: value for name, value in user.items() if name != "api_key_last_used_at"}
        for user in state["users"]
    ]
    return state


def _items(name: str, answer: Any) -> list[Any]:
    """What the contract describes: each item of a listing, otherwise the whole answer."""
    kind = CONTRACT[name].page
    if name == "admin_api_keys.list":
        # The public description has both ids, of which the official client reads neither.
        kind = "ConversationCursorPage"
    if kind is None:
        return [answer]
    assert set(answer) == ENVELOPES[kind]
    data: list[Any] = answer["data"]
    if kind == "ConversationCursorPage":
        assert (answer["first_id"], answer["last_id"]) == (data[0]["id"], data[-1]["id"])
    return data


def validate(value: Any, schema: Schema) -> None:
    """Check a value against a schema; of several faults, the deepest one is reported."""
    error = jsonschema.exceptions.best_match(
        jsonschema.Draft202012Validator(schema).iter_errors(value)
    )
    assert error is None, f"{error.json_path}: {error.message}"


def _hold_round_trip(name: str, raw: bytes) -> None:
    decoded = decode(raw, CONTRACT[name].operation.answer)
    compare(json.loads(raw), to_dict(decoded, secrets=True))
    # The API has no event for settings; the emulator records them as changes to their owner.
    assert not [f for f in unknown_fields(decoded) if ".changes_requested." not in f]
