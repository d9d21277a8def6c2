"""What a question says: in which organization, to whom and what it is, and what it gives whom."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import AsyncIterator, Mapping
from typing import Any

import attrs
import pytest
from pytest_asyncio import fixture

from openai_admin import AsyncOpenAIAdmin
from openai_admin._declare.effect import Effect
from openai_admin._text.visible import spelled_out
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Status
from openai_admin.mcp import Connections, Danger, Settings, ToolSelection
from openai_admin.mcp.consent.asking import asking_of
from openai_admin.mcp.operations import all_tools
from openai_admin.mcp.tool import Answer, Asking, Tool
from tests.mcp.serving import call, changes, code_in, connections_to, failed, http_client, listening

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOOLS = {tool.operation.name: tool for tool in all_tools() if tool.operation is not None}
MONTHLY = {"currency": "USD", "interval": "month"}
EVERYTHING = frozenset(Danger)
LATE_IN_THE_MONTH = 1_795_600_000  # 2026-11-25


@attrs.frozen
class Organization:
    """An organization with some of everything."""

    emulator: Emulator
    connections: Connections
    admin: AsyncOpenAIAdmin
    url: str
    ids: Mapping[str, str]

    async def asks(self, operation: str, **arguments: Any) -> Asking | None:
        """What a call is asked about; nothing is changed by asking."""
        self.emulator.requests.clear()
        asking = await asking_of(TOOLS[operation], self.admin, "acme", arguments)
        assert changes(self.emulator) == []
        return asking

    async def question(self, operation: str, **arguments: Any) -> str:
        """The text of the question before a call."""
        asking = await self.asks(operation, **arguments)
        assert asking is not None
        return asking.text


@fixture(loop_scope="module", scope="module")
async def acme() -> AsyncIterator[Organization]:
    settings = Settings(choice=ToolSelection(toolsets=["all"]))
    async with (
        Emulator(now=lambda: LATE_IN_THE_MONTH) as emulator,
        connections_to(emulator, max_retries=0) as connections,
        listening(connections, settings) as url,
    ):
        admin = connections.client("demo")
        users = [u async for u in admin.users.list(limit=100)]
        reader = next(u for u in users if u.role == "reader")
        owner = next(u for u in users if u.role == "owner")
        project = await admin.projects.create(name="Checkout")
        group = await admin.groups.create(name="Night Shift")
        role = await admin.roles.create(
            role_name="Helper", permissions=["api.usage.read", "api.management.write"]
        )
        account = await admin.projects.service_accounts.create(project.id, name="robot")
        await admin.projects.users.create(project.id, user_id=reader.id, role="owner")
        ids = {
            "named": (await admin.projects.create(name="Named")).id,
            "reader": reader.id,
            "owner": owner.id,
            "project": project.id,
            "group": group.id,
            "role": role.id,
            "account": account.id,
            "reader_name": str(reader.email),
            "owner_name": str(owner.email),
        }
        yield Organization(emulator, connections, admin, url, ids)


async def test_who_is_made_an_owner(acme: Organization) -> None:
    ids = acme.ids
    asking = await acme.asks("users.update", user_id=ids["reader"], role="owner")
    assert asking is not None
    assert asking.dangers == {Danger.GRANTS}
    whom = f'"{ids["reader_name"]}" ({ids["reader"]})'
    assert asking.text.startswith(f"Modify user in acme: user_id {whom}; role ")
    assert f"It makes {whom} an owner of the organization." in asking.text


async def test_an_invite_with_a_powerful_role_in_a_project(acme: Organization) -> None:
    projects = [{"id": acme.ids["project"], "role": "owner"}]
    given = {"email": "new@example.com", "role": "reader"}
    text = await acme.question("invites.create", **given, projects=projects)
    where = f'"Checkout" ({acme.ids["project"]})'
    assert f'It makes "new@example.com" an owner of the project {where}.' in text
    harmless = [{"id": acme.ids["project"], "role": "member"}]
    assert await acme.asks("invites.create", **given, projects=harmless) is None
    assert not acme.emulator.requests


async def test_what_a_role_gives_to_whom(acme: Organization) -> None:
    ids = acme.ids
    text = await acme.question("groups.roles.create", group_id=ids["group"], role_id=ids["role"])
    everybody = f'everybody in the group "Night Shift" ({ids["group"]})'
    role = f'the role "Helper" ({ids["role"]})'
    assert f"It gives {everybody} {role} in the organization, which permits" in text
    assert 'permits "api.management.write", "api.usage.read"' in text  # the most powerful first
    assert "make themselves an owner" in text
    text = await acme.question("users.roles.create", user_id=ids["reader"], role_id=ids["role"])
    assert f'It gives "{ids["reader_name"]}"' in text


async def test_what_the_group_may_do_that_somebody_joins(acme: Organization) -> None:
    group = await acme.admin.groups.create(name="Day Shift")
    join = {"group_id": group.id, "user_id": acme.ids["reader"]}
    assert "no role in the organization" in await acme.question("groups.users.create", **join)
    await acme.admin.groups.roles.create(group.id, role_id=acme.ids["role"])
    text = await acme.question("groups.users.create", **join)
    assert '"Day Shift"' in text
    assert acme.ids["reader_name"] in text
    assert 'the group\'s roles ("Helper"), with which they can make themselves an owner' in text
    acme.emulator.faults.add(Status(status=403, match="groups.roles.list"))
    try:
        assert "could not be read" in await acme.question("groups.users.create", **join)
    finally:
        acme.emulator.faults.clear()


async def test_permissions_are_held_against_those_that_there_are(acme: Organization) -> None:
    now = ["api.usage.read", "api.management.write"]
    text = await acme.question(
        "roles.update", role_id=acme.ids["role"], permissions=[*now, "api.mtls.write"]
    )
    assert 'Whoever has the role gets "api.mtls.write".' in text
    assert "It gives" not in text
    assert "loses" not in text
    fewer = ["api.usage.read"]
    text = await acme.question("roles.update", role_id=acme.ids["role"], permissions=fewer)
    assert 'Whoever has the role loses "api.management.write".' in text
    assert "gets" not in text


async def test_what_null_takes_away(acme: Organization) -> None:
    person = {"user_id": acme.ids["owner"]}
    for field in ("role", "role_id"):
        asking = await acme.asks("users.update", **person, **{field: None})
        assert asking is not None
        assert asking.dangers == {Danger.REMOVES}
        assert f"It takes {field} away" in asking.text
    project = {"project_id": acme.ids["project"]}
    asking = await acme.asks("projects.update", **project, external_key_id=None)
    assert asking is not None
    assert "takes external_key_id away" in asking.text
    assert await acme.asks("projects.update", **project, name="Checkout") is None
    text = await acme.question(
        "projects.hosted_tool_permissions.update", **project, web_search=None
    )
    assert 'not be used any more: "web_search"' in text


async def test_an_admin_key_and_the_key_of_an_account(acme: Organization) -> None:
    text = await acme.question("admin_api_keys.create", name="backup")
    assert 'name "backup"' in text
    assert "manage the whole organization" in text
    where = {"project_id": acme.ids["project"], "service_account_id": acme.ids["account"]}
    text = await acme.question("projects.service_accounts.api_keys.create", **where)
    assert '"Checkout"' in text
    assert '"robot"' in text


async def test_a_role_that_is_taken_away(acme: Organization) -> None:
    ids = acme.ids
    where = {"project_id": ids["project"], "user_id": ids["reader"]}
    asking = await acme.asks("projects.users.update", **where, role="member")
    assert asking is not None
    assert asking.dangers == {Danger.REMOVES}
    assert "takes ownership away" in asking.text
    assert await acme.asks("users.update", user_id=ids["reader"], role="reader") is None


async def test_the_last_owner_and_the_last_key() -> None:
    async with (
        Emulator(state="empty") as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as admin,
    ):
        (owner,) = (await admin.users.list()).data
        (key,) = (await admin.admin_api_keys.list()).data
        for operation, arguments, said in (
            ("users.delete", {"user_id": owner.id}, "last owner"),
            ("users.update", {"user_id": owner.id, "role": "reader"}, "last owner"),
            ("admin_api_keys.delete", {"key_id": key.id}, "last admin key"),
        ):
            asking = await asking_of(TOOLS[operation], admin, "acme", arguments)
            assert asking is not None
            assert asking.dangers == {Danger.REMOVES, Danger.LOCKS_OUT}
            assert said in asking.text
            # Removing is allowed, locking out is not.
            allowed = {Danger.REMOVES}
            assert await asking_of(TOOLS[operation], admin, "acme", arguments, allowed) is not None
        assert changes(emulator) == []


async def test_a_limit_below_what_was_spent(acme: Organization) -> None:
    asking = await acme.asks("spend_limit.update", threshold_amount=100, **MONTHLY)
    assert asking is not None
    assert asking.dangers == {Danger.LOCKS_OUT}
    assert "was spent this month already" in asking.text
    assert "$1.00" in asking.text
    high = 10**12
    assert await acme.asks("spend_limit.update", threshold_amount=high, **MONTHLY) is None


async def test_what_was_spent_and_cannot_be_read_is_told(acme: Organization) -> None:
    acme.emulator.faults.add(Status(status=403, match="usage.costs"))
    try:
        text = await acme.question(
            "projects.spend_limit.update",
            project_id=acme.ids["project"],
            threshold_amount=10**9,
            **MONTHLY,
        )
    finally:
        acme.emulator.faults.clear()
    assert "What was spent this month could not be read" in text


async def test_a_rate_limit_that_is_cut_by_more_than_half(acme: Organization) -> None:
    project = acme.ids["project"]
    limit = (await acme.admin.projects.rate_limits.list(project)).data[0]
    before = limit.max_requests_per_1_minute
    assert before is not None
    where = {"project_id": project, "rate_limit_id": limit.id}
    update = "projects.rate_limits.update"
    for after in (before // 2 - 1, 1, 0):
        asking = await acme.asks(update, **where, max_requests_per_1_minute=after)
        assert asking is not None
        assert asking.dangers == {Danger.LOCKS_OUT}
        assert f"falls from {before:,} to {after:,}." in asking.text
        assert '"Checkout"' in asking.text
    for after in (before // 2 + 1, before, before * 2):
        assert await acme.asks(update, **where, max_requests_per_1_minute=after) is None
    unknown = {"project_id": project, "rate_limit_id": "rl-unlisted"}
    text = await acme.question(update, **unknown, max_requests_per_1_minute=1)
    assert "is not known" in text


async def test_a_rate_limit_that_is_cut_in_small_steps(acme: Organization) -> None:
    project = await acme.admin.projects.create(name="Steps")
    limit = (await acme.admin.projects.rate_limits.list(project.id)).data[0]
    before = limit.max_requests_per_1_minute
    assert before is not None
    where: dict[str, Any] = {"project_id": project.id, "rate_limit_id": limit.id}
    update = "projects.rate_limits.update"
    once, twice = before * 6 // 10, before * 4 // 10
    assert await acme.asks(update, **where, max_requests_per_1_minute=once) is None
    await acme.admin.projects.rate_limits.update(
        project.id, limit.id, max_requests_per_1_minute=once
    )
    text = await acme.question(update, **where, max_requests_per_1_minute=twice)
    assert f"falls from {once:,} to {twice:,}, and was {before:,} within the last hour." in text
    assert await acme.asks(update, **where, max_requests_per_1_minute=once + 1) is None


async def test_a_spend_limit_that_is_cut_in_small_steps(acme: Organization) -> None:
    project = await acme.admin.projects.create(name="Steps of spend")
    limits, update = acme.admin.projects.spend_limit, "projects.spend_limit.update"
    await limits.update(project.id, threshold_amount=100_000, currency="USD", interval="month")
    given: dict[str, Any] = {"project_id": project.id, **MONTHLY}
    assert await acme.asks(update, **given, threshold_amount=60_000) is None
    await limits.update(project.id, threshold_amount=60_000, currency="USD", interval="month")
    text = await acme.question(update, **given, threshold_amount=40_000)
    assert "from $600.00 to $400.00 a month, and was $1,000.00 within the last hour." in text


async def test_what_programs_use_and_then_may_not(acme: Organization) -> None:
    project = {"project_id": acme.ids["project"]}
    models = "projects.model_permissions.update"
    text = await acme.question(models, **project, mode="allow_list", model_ids=["gpt-5"])
    assert "every other model" in text
    text = await acme.question(models, **project, mode="deny_list", model_ids=["gpt-5"])
    assert 'not be used any more: "gpt-5"' in text
    tools = "projects.hosted_tool_permissions.update"
    off, on = {"enabled": False}, {"enabled": True}
    text = await acme.question(tools, **project, web_search=off, mcp=on)
    assert 'not be used any more: "web_search".' in text
    assert await acme.asks(tools, project_id=acme.ids["project"], mcp=on) is None
    tiers = "projects.service_tier_settings.update"
    assert await acme.asks(tiers, project_id=acme.ids["project"], enabled_tiers="all") is None
    assert "service tier" in await acme.question(tiers, **project, enabled_tiers=["flex"])


async def test_what_is_allowed_is_neither_asked_nor_looked_at(acme: Organization) -> None:
    project = acme.ids["project"]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("projects.archive", {"project_id": project}),
        ("users.update", {"user_id": acme.ids["reader"], "role": "owner"}),
        ("spend_limit.update", {"threshold_amount": 1, **MONTHLY}),
    ]
    for operation, arguments in calls:
        acme.emulator.requests.clear()
        tool = TOOLS[operation]
        assert await asking_of(tool, acme.admin, "acme", arguments, EVERYTHING) is None
        assert not acme.emulator.requests


async def test_names_that_cannot_be_read_leave_the_ids(acme: Organization) -> None:
    acme.emulator.faults.add(Status(status=500, match="projects.retrieve"))
    try:
        text = await acme.question("projects.archive", project_id=acme.ids["project"])
    finally:
        acme.emulator.faults.clear()
    assert acme.ids["project"] in text
    assert "Checkout" not in text


HIDDEN = {
    "right to left": "\u202e",
    "isolate": "\u2066",
    "zero width": "\u200b",
    "joiner": "\u200d",
    "tag": "\U000e0041",
    "selector": "\ufe0f",
    "further selector": "\U000e0100",
    "filler": "\u3164",
    "soft hyphen": "\u00ad",
    "line": "\u2028",
    "newline": "\n",
    "escape": "\x1b",
    "no-break space": "\u00a0",
    "private use": "\ue000",
    "byte order": "\ufeff",
}


@pytest.mark.parametrize("kind", HIDDEN)
async def test_what_cannot_be_seen_is_spelled_out(kind: str, acme: Organization) -> None:
    """In the names that are read, in what is passed, and in the name of the connection."""
    character = HIDDEN[kind]
    name, role = f"Spared{character}Doomed", f"owner{character}"
    project = acme.emulator.store.projects.get(acme.ids["named"])
    project["name"] = name  # whatever the API itself refuses
    for operation, arguments in (
        ("projects.archive", {"project_id": project["id"]}),
        ("admin_api_keys.create", {"name": name}),
        ("projects.users.create", {"project_id": project["id"], "role": role, "email": "a@b.c"}),
    ):
        asking = await asking_of(TOOLS[operation], acme.admin, name, arguments)
        assert asking is not None
        assert "Doomed" in asking.text
        assert f"Spared{character}" not in asking.text
        assert not any(map(is_hidden, asking.text))


def is_hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}


async def test_names_that_people_have_are_left_as_they_are() -> None:
    for name in ("Zoë Müller-Łuk", "佐藤 花子", "عمر", "अमित", "O'Neil & Söhne", "🚀 Launch"):
        assert spelled_out(name) == name
    assert spelled_out("a\ud800b") == "a\\ud800b"


async def test_a_question_is_bounded_and_says_what_it_leaves_out(acme: Organization) -> None:
    permissions = [f"api.thing{number}.read" for number in range(500)]
    text = await acme.question(
        "roles.update", role_id=acme.ids["role"], permissions=[*permissions, "api.management.write"]
    )
    assert len(text) < 4_100
    assert "and 481 more" in text
    assert '"api.management.write"' in text  # last of what was passed, first of what is shown
    long = await acme.question("admin_api_keys.create", name="n" * 10_000)
    assert len(long) < 1_000
    assert "…" in long


# --- tools of our own ----------------------------------------------------------------------


def own_tool(asking: Asking | None) -> Tool:
    async def run(client: AsyncOpenAIAdmin, arguments: Mapping[str, Any]) -> Answer:
        raise AssertionError("nothing is carried out by asking")

    async def ask(client: AsyncOpenAIAdmin, arguments: Mapping[str, Any]) -> Asking | None:
        return asking

    return Tool(
        name="openai_admin_offboard",
        title="Offboard a person",
        description="",
        arguments=(),
        output={},
        effect=Effect.REMOVES,
        repeatable=True,
        check=lambda _: None,
        run=run,
        dangers=frozenset({Danger.REMOVES}),
        ask=ask,
    )


async def test_a_tool_of_our_own_goes_the_same_way(acme: Organization) -> None:
    tool = own_tool(Asking("Two steps:\n- a\u202e\n- b", frozenset({Danger.REMOVES})))
    asking = await asking_of(tool, acme.admin, "acme", {})
    assert asking is not None
    assert asking.text == "Offboard a person in acme. Two steps:\n- a\\u202e\n- b"
    assert await asking_of(tool, acme.admin, "acme", {}, {Danger.REMOVES}) is None
    assert await asking_of(own_tool(None), acme.admin, "acme", {}) is None


# --- on a server ---------------------------------------------------------------------------


async def test_an_operation_called_by_name_is_asked_about_as_by_its_tool(
    acme: Organization,
) -> None:
    project = acme.ids["project"]
    passed = json.dumps({"project_id": project, "mode": "deny_list", "model_ids": ["x"]})
    update = {"operation": "projects.model_permissions.update", "arguments": passed}
    acme.emulator.requests.clear()
    async with http_client(acme.url) as client:
        said = await failed(client, "call_operation", **update)
        assert said.startswith("Modify model permissions in demo: project_id"), said
        assert changes(acme.emulator) == []
        code = code_in(said)
        other = update | {"arguments": passed.replace("deny", "allow")}
        said = await failed(client, "call_operation", **other, confirm=code)
        assert "other arguments (mode)" in said
        assert changes(acme.emulator) == []
        await call(client, "call_operation", **update, confirm=code)
    assert changes(acme.emulator) == ["projects.model_permissions.update"]


async def test_with_seed_names_there_is_no_code(acme: Organization) -> None:
    settings = Settings(
        choice=ToolSelection(toolsets=["seed"], seed_names=True),
    )
    project = acme.ids["project"]
    acme.emulator.requests.clear()
    async with listening(acme.connections, settings) as url, http_client(url) as client:
        said = await failed(client, "archive_project", project_id=project)
        assert '"Checkout"' in said
        assert "--allow removes" in said
        assert "elicitation" in said
        assert "confirm:" not in said
        for confirm in (True, "AAAAAAAA"):
            said = await failed(client, "archive_project", project_id=project, confirm=confirm)
            assert "no parameter 'confirm'" in said
    assert changes(acme.emulator) == []


async def test_what_is_allowed_by_effect_is_done(acme: Organization) -> None:
    allowed = frozenset({Danger.REMOVES})
    settings = Settings(choice=ToolSelection(toolsets=["all"]), allowed=allowed)
    admin = acme.admin
    doomed = await admin.projects.create(name="Doomed")
    async with listening(acme.connections, settings) as url, http_client(url) as client:
        await call(client, "archive_project", project_id=doomed.id)
        said = await failed(client, "create_admin_api_key", name="x")
        assert "Nothing was changed yet" in said
