"""Questions about people, keys, limits and the audit log: near names, refusals, going on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pytest_asyncio import fixture

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import FeatureOff
from openai_admin.mcp import Connections, Settings, ToolSelection
from openai_admin.mcp.assistant import Means
from openai_admin.mcp.insight import assistant_tools
from openai_admin.mcp.tool import Danger
from tests.mcp.serving import call, connections_to, failed, http_client, listening, texts

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("find", {"text": "ingrid"}),
    ("who_can", {}),
    ("who_can", {"project": "Data Platform"}),
    ("who_can", {"permission": "api.prompts.write"}),
    ("who_can", {"somebody": "marcus.okafor@example.com"}),
    ("stale_keys", {}),
    ("access_review", {"thorough": True}),
    ("certificates", {}),
    ("rate_limits", {}),
    ("audit_search", {}),
    ("audit_search", {"count_by": "type"}),
    ("detect", {}),
    ("whoami", {}),
)
SETTINGS = Settings(choice=ToolSelection(toolsets=["assistant"]))
OUTPUTS = {tool.name.removeprefix("openai_admin_"): tool.output for tool in assistant_tools()}


@fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[tuple[Emulator, str]]:
    async with (
        Emulator() as emulator,
        connections_to(emulator) as connections,
        listening(connections, SETTINGS) as url,
    ):
        yield emulator, url


async def asked(shared: tuple[Emulator, str], question: str, **arguments: Any) -> dict[str, Any]:
    async with http_client(shared[1]) as client:
        return await call(client, question, **arguments)


@pytest.mark.parametrize(("question", "arguments"), QUESTIONS)
async def test_each_half_is_short_and_as_described(
    question: str, arguments: dict[str, Any], shared: tuple[Emulator, str]
) -> None:
    async with http_client(shared[1]) as client:
        result = await client.call_tool(f"openai_admin_{question}", arguments)
    assert not result.is_error, texts(result)
    facts = result.structured_content
    assert facts is not None
    Draft202012Validator(OUTPUTS[question]).validate(facts)
    assert len(texts(result).encode()) <= 4_096
    assert len(json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()) <= 5_120


@pytest.mark.parametrize(
    ("question", "arguments", "near"),
    [
        ("rate_limits", {"project": "Mobil App"}, "'Mobile App'"),
        ("rate_limits", {"project": "Mobile App", "model": "gpt-5-nanno"}, "'gpt-5-nano'"),
        ("who_can", {"somebody": "Ingrid Solhem"}, "'Ingrid Solheim'"),
        ("who_can", {"project": "Data Plattform"}, "'Data Platform'"),
        ("audit_search", {"people": ["Ingrid Solhem"]}, "'Ingrid Solheim'"),
        ("audit_search", {"types": ["api_key.creatd"]}, "'api_key.created'"),
        ("audit_search", {"period": "last wek"}, "'last-week'"),
        ("find", {"text": "x", "kinds": ["persn"]}, "'person'"),
        ("who_can", {"permission": "api.prompt.write"}, "'api.prompts.write'"),
        ("who_can", {"somebody": "Priya"}, "'Priya Raghunathan'"),
        ("who_can", {"project": "Serch"}, "'Search Relevance'"),
    ],
)
async def test_unknown_names_are_answered_with_the_nearest(
    question: str, arguments: dict[str, Any], near: str, shared: tuple[Emulator, str]
) -> None:
    async with http_client(shared[1]) as client:
        told = await failed(client, question, **arguments)
    assert "did you mean" in told
    assert near in told


async def test_what_is_not_there_is_answered_with_what_is_perhaps_meant(
    shared: tuple[Emulator, str],
) -> None:
    found = await asked(shared, "find", text="Serch Relevance")
    assert (found["count"], found["is_near"]) == (0, True)
    assert found["things"][0]["name"] == "Search Relevance"
    found = await asked(shared, "find", text="no such thing at all")
    assert (found["count"], found["things"], found["not_known"]) == (0, [], [])
    assert found["summary"] == "Nothing was found."


async def test_the_secret_of_a_key_is_found_and_told_nowhere() -> None:
    async with (
        Emulator() as emulator,
        connections_to(emulator) as connections,
        listening(connections, SETTINGS) as url,
        http_client(url) as client,
    ):
        secret = emulator.admin_key
        result = await client.call_tool("openai_admin_find", {"text": secret})
        assert result.structured_content is not None
        (thing,) = result.structured_content["things"]
        assert (thing["kind"], thing["name"]) == ("admin_key", "Emulator")
        assert secret not in texts(result) + json.dumps(result.structured_content)


async def test_owners_are_found_whichever_way_they_own(shared: tuple[Emulator, str]) -> None:
    found = await asked(shared, "who_can")
    people = {held["id"] for held in found["held"] if held["kind"] == "person"}
    owners = {user["id"] for user in shared[0].store.users if user["role"] == "owner"}
    deputy = next(user for user in shared[0].store.users if user["name"] == "Sofia Papadopoulou")
    assert people == owners | {deputy["id"]}
    (by,) = (held["by"] for held in found["held"] if held["id"] == deputy["id"])
    assert by == ['role "Deputy"']


async def test_who_is_invited_as_an_owner_will_own() -> None:
    async with (
        Emulator() as emulator,
        connections_to(emulator) as connections,
        listening(connections, SETTINGS) as url,
        http_client(url) as client,
    ):
        now = emulator.store.now()
        for email, role in (("new@example.com", "owner"), ("less@example.com", "reader")):
            emulator.store.invites.add(
                {
                    "object": "organization.invite",
                    "id": emulator.store.new_id("invite"),
                    "email": email,
                    "role": role,
                    "status": "pending",
                    "created_at": now,
                    "expires_at": now + 86_400,
                    "accepted_at": None,
                    "projects": [],
                }
            )
        found = await call(client, "who_can")
        assert [invite["email"] for invite in found["invited"]] == ["new@example.com"]
        found = await call(client, "who_can", somebody="less@example.com")
        assert found["held"] == []
        assert [invite["role"] for invite in found["invited"]] == ["reader"]


async def test_the_audit_log_is_gone_through_to_its_end(shared: tuple[Emulator, str]) -> None:
    (ada,) = (u for u in shared[0].store.users if u["name"] == "Marcus Okafor")
    seen: dict[str, str] = {}
    period = "last 30 days"
    for _ in range(20):
        page = await asked(
            shared, "audit_search", people=[ada["id"]], period=period, detail="detailed", limit=10
        )
        assert seen.keys().isdisjoint(event["id"] for event in page["events"])
        seen |= {event["id"]: event["type"] for event in page["events"]}
        if "older" not in page:
            break
        period = page["older"]
    else:
        pytest.fail("it never ends")
    count = await asked(shared, "audit_search", people=[ada["id"]], count_by="type")
    numbers = {each["value"]: each["events"] for each in count["counts"]}
    assert len(seen) > 10
    assert numbers == {type: [*seen.values()].count(type) for type in seen.values()}


@pytest.mark.parametrize(
    ("question", "scopes", "field", "kind", "scope"),
    [
        ("certificates", ["api.management.read"], "certificates", "ertificates", "api.mtls.read"),
        ("stale_keys", ["api.usage.read"], "keys", "eys of projects", "api.management.read"),
        ("access_review", ["api.usage.read"], "inactive_owners", "eople", "api.management.read"),
        ("rate_limits", ["api.management.read"], "rate_limits", "ourly usage", "api.usage.read"),
        ("rate_limits", ["api.usage.read"], "rate_limits", "ate limits", "api.management.read"),
        ("audit_search", ["api.usage.read"], "events", "audit log", "api.audit_logs.read"),
        ("detect", ["api.management.read"], "suspicions", "audit log", "api.audit_logs.read"),
        ("who_can", ["api.usage.read"], "invited", "nvites", "api.management.read"),
        ("who_can", ["api.usage.read"], "held", "eople", "api.management.read"),
        ("find", ["api.usage.read"], "count", "eople", "api.management.read"),
        ("find", ["api.usage.read"], "things", "eople", "api.management.read"),
        ("anomalies", ["api.management.read"], "days", "osts", "api.usage.read"),
        ("anomalies", ["api.management.read"], "events", "osts", "api.usage.read"),
    ],
)
async def test_what_the_key_may_not_read_is_not_known(
    question: str,
    scopes: list[str],
    field: str,
    kind: str,
    scope: str,
    shared: tuple[Emulator, str],
) -> None:
    key = shared[0].add_key(scopes=scopes)
    async with (
        AsyncOpenAIAdmin(key, base_url=shared[0].base_url) as narrow,
        listening(Connections({"narrow": narrow}), SETTINGS) as url,
        http_client(url) as client,
    ):
        arguments = {"text": "ada"} if question == "find" else {}
        result = await client.call_tool(f"openai_admin_{question}", arguments)
    facts = result.structured_content
    assert facts is not None, texts(result)
    assert facts[field] is None
    told = [each for each in facts["not_known"] if kind in each and scope in each]
    assert told, facts["not_known"]
    assert scope in texts(result)


async def test_what_is_suspicious_is_found(shared: tuple[Emulator, str]) -> None:
    emulator = shared[0]
    assert emulator.expected_findings is not None
    found = await asked(shared, "detect", severity="low", detail="detailed")
    told = {id for each in found["suspicions"] for id in each["events"]}
    for incident in emulator.expected_findings.incidents:
        assert not told.isdisjoint(incident.events), incident
    severe = await asked(shared, "detect", severity="high", detail="detailed")
    assert {each["severity"] for each in severe["suspicions"]} <= {"high", "critical"}
    assert 0 < len(severe["suspicions"]) < len(found["suspicions"])


async def test_whoami_tells_what_the_server_was_started_with(
    shared: tuple[Emulator, str],
) -> None:
    settings = Settings(
        choice=ToolSelection(
            toolsets=["assistant"], read_only=True, means=Means(sinks={"prod": "file:/nowhere"})
        ),
        allowed=frozenset({Danger.REMOVES}),
    )
    async with (
        connections_to(shared[0], shared[0]) as connections,
        listening(connections, settings) as url,
        http_client(url) as client,
    ):
        found = await call(client, "whoami", PCID="demo2")
    assert found["organization"] == shared[0].store.organization["id"]
    assert (found["connection"], found["other_connections"]) == ("demo2", ["demo"])
    assert found["server"]["read_only"] is True
    assert found["server"]["done_without_asking"] == ["removes"]
    assert found["server"]["sinks"] == ["prod"]  # by their names alone
    assert "/nowhere" not in json.dumps(found)
    assert len(found["may_read"]) == 14
    assert found["may_not_read"] == []


async def test_limits_of_every_project_and_model_are_told(shared: tuple[Emulator, str]) -> None:
    store = shared[0].store
    for project in store.projects:
        if project["status"] == "active":
            answer = await asked(shared, "rate_limits", project=project["name"])
            assert answer["rate_limits"] is not None, project["name"]
    answer = await asked(shared, "rate_limits", project="Voice Notes")
    assert {"audio_speeches", "audio_transcriptions"} <= {*answer["use_of"]}
    (requests,) = (
        each
        for each in (await asked(shared, "rate_limits", model="whisper-1"))["rate_limits"]
        if each["project"] == "Voice Notes" and each["unit"] == "requests a minute"
    )
    assert requests["peak"] > 0


async def test_a_limit_that_nothing_was_counted_for_is_told(shared: tuple[Emulator, str]) -> None:
    answer = await asked(shared, "rate_limits", project="Mobile App", model="dall-e-3")
    (project,) = (each for each in shared[0].store.projects if each["name"] == "Mobile App")
    (limit,) = (
        each
        for each in shared[0].store.project_rate_limits[project["id"]]
        if each["model"] == "dall-e-3"
    )
    (requests,) = (u for u in answer["rate_limits"] if u["unit"] == "requests a minute")
    assert requests["limit"] == limit["max_requests_per_1_minute"]
    assert (requests["peak"], requests["headroom"], requests["used_percent"]) == (None,) * 3
    assert requests["state"] == "nothing counted"


async def test_messages_name_the_parameters_of_the_tool(shared: tuple[Emulator, str]) -> None:
    wrong: tuple[tuple[str, list[str]], ...] = (
        ("people", ["Nobody Atall"]),
        ("keys", ["no-such-key"]),
        ("projects", ["No such project"]),
        ("ips", ["not an address"]),
    )
    async with http_client(shared[1]) as client:
        for name, value in wrong:
            told = await failed(client, "audit_search", **{name: value})
            assert told.startswith((f"{name}:", f"{name} must")), told


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_an_audit_log_that_is_off_is_not_known(status: int) -> None:
    async with (
        Emulator() as emulator,
        connections_to(emulator) as connections,
        listening(connections, SETTINGS) as url,
        http_client(url) as client,
    ):
        emulator.faults.add(FeatureOff(match="audit_logs.list", status=status))
        found = await call(client, "detect")
        assert (found["suspicions"], found["events_looked_at"]) == (None, None)
        assert found["not_known"]
        found = await call(client, "audit_search")
        assert found["events"] is None
        assert found["not_known"]


async def test_a_permission_that_no_role_grants_is_refused(shared: tuple[Emulator, str]) -> None:
    async with http_client(shared[1]) as client:
        told = await failed(
            client, "who_can", permission="api.nonsense.write", project="Search Relevance"
        )
    assert told.startswith("permission: no role grants 'api.nonsense.write'")


async def test_a_permission_of_another_projects_role_is_known(shared: tuple[Emulator, str]) -> None:
    found = await asked(
        shared, "who_can", permission="api.prompts.write", project="Search Relevance"
    )
    assert (
        "No role there grants 'api.prompts.write'; the role \"Prompt editor\" of"
        ' "Developer Copilot" does.'
    ) in found["notes"]
    assert [each["role"] for each in found["invited"]] == []
