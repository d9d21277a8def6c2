"""The questions: right answers, small ones, found in the demo organization."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pytest_asyncio import fixture

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Status
from openai_admin.insights.findings import FINDINGS
from openai_admin.mcp import Settings, ToolSelection
from openai_admin.mcp.insight import insight_tools
from tests.mcp.serving import (
    anew,
    call,
    connections_to,
    dollars,
    failed,
    http_client,
    listening,
    texts,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTIONS = [tool.name.removeprefix("openai_admin_") for tool in insight_tools()]

OF_FILES = {"by_team", "budgets"}
"""Findings that there are only with a file of rules."""


@fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[tuple[Emulator, str]]:
    settings = Settings(choice=ToolSelection(toolsets=["insight"], globs=["insight_*"]))
    async with (
        Emulator() as emulator,
        connections_to(emulator) as connections,
        listening(connections, settings) as url,
    ):
        yield emulator, url


async def asked(shared: tuple[Emulator, str], question: str, **arguments: Any) -> dict[str, Any]:
    emulator, url = shared
    anew(emulator)
    emulator.requests.clear()
    async with http_client(url) as client:
        return await call(client, question, **arguments)


async def billed(emulator: Emulator, start: date, end: date) -> Iterator[Any]:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as admin:
        table = await admin.usage.collect(
            "costs", start_time=start, end_time=end, group_by=["project_id", "line_item"]
        )
    return table.rows()


def today() -> date:
    return datetime.now(UTC).date()


async def test_there_is_a_tool_for_each_question(shared: tuple[Emulator, str]) -> None:
    async with http_client(shared[1]) as client:
        tools = (await client.list_tools()).tools
    assert sorted(tool.name for tool in tools) == sorted(f"openai_admin_{q}" for q in QUESTIONS)
    assert len(QUESTIONS) == 8
    for tool in tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is True
        assert tool.description


@pytest.mark.parametrize("question", QUESTIONS)
async def test_answers_are_small_and_fit_their_schemas(
    question: str, shared: tuple[Emulator, str]
) -> None:
    answer = await asked(shared, question)
    (tool,) = (t for t in insight_tools() if t.name.endswith(question))
    Draft202012Validator.check_schema(tool.output)
    Draft202012Validator(tool.output).validate(answer)
    # A review has a row of each of its findings at least, however long they are.
    assert len(json.dumps(answer)) < (16_000 if question == "insight_review" else 8_000)
    # A review looks at everything; a question about one thing asks for little.
    assert len(shared[0].requests) < (100 if question == "insight_review" else 30)


async def test_spend_adds_up_to_the_bill(shared: tuple[Emulator, str]) -> None:
    answer = await asked(shared, "insight_spend", period="last 28 days", by="project")
    end = today()
    start = end - timedelta(days=28)
    sums: dict[Any, Decimal] = {}
    for row in await billed(shared[0], start, end):
        if row["amount"] is not None:
            sums[row["project_id"]] = sums.get(row["project_id"], Decimal(0)) + row["amount"]
    assert answer["period"] == {
        "first_day": start.isoformat(),
        "last_day": (end - timedelta(days=1)).isoformat(),
    }
    assert "others" not in answer
    costs = {group["id"]: dollars(group["cost"]) for group in answer["groups"]}
    assert {id: cost for id, cost in costs.items() if cost} == {
        id: round(cost, 2) for id, cost in sums.items() if cost
    }
    assert dollars(answer["total"]["cost"]) == round(sum(sums.values()), 2)
    names = {project["id"]: project["name"] for project in shared[0].store.projects}
    assert all(group["name"] == names[group["id"]] for group in answer["groups"])
    for group in answer["groups"]:
        cost, before, change = (dollars(group[name]) for name in ("cost", "before", "change"))
        assert abs(cost - before - change) <= Decimal("0.01")


@pytest.mark.parametrize(
    "by", ["project", "model", "kind", "tier", "context", "line_item", "key", "user"]
)
async def test_every_grouping_has_the_same_total(by: str, shared: tuple[Emulator, str]) -> None:
    answer = await asked(shared, "insight_spend", period="last 7 days", by=by, limit=3)
    whole = await asked(shared, "insight_spend", period="last 7 days", by="model", limit=100)
    assert answer["total"] == whole["total"]
    assert len(answer["groups"]) <= 3
    parts = [*answer["groups"], *filter(None, [answer.get("others")])]
    shown = sum(dollars(part["cost"]) for part in parts)
    off = abs(shown - dollars(whole["total"]["cost"]))
    assert off <= (0 if "others" in answer else Decimal("0.05"))


async def test_tiers_are_called_by_their_names(shared: tuple[Emulator, str]) -> None:
    answer = await asked(shared, "insight_spend", period="last 7 days", by="tier")
    tiers = {group["name"] for group in answer["groups"]}
    assert tiers == {"standard", "priority", "flex", "batch", "(none)"}  # tools have none


async def test_movers_are_ranked_by_money(shared: tuple[Emulator, str]) -> None:
    answer = await asked(shared, "insight_movers", period="last 28 days", limit=5)
    changes = [dollars(mover["change"]) for mover in answer["groups"]]
    left = answer["others"]
    assert sum(changes) + dollars(left["change"]) == dollars(answer["total"]["change"])
    assert left["name"].endswith(" others)")
    assert changes == sorted(changes, key=abs, reverse=True)
    assert len(changes) == 5
    assert all(mover["name"] and mover["model"] for mover in answer["groups"])


async def test_the_projection_holds_what_was_spent(shared: tuple[Emulator, str]) -> None:
    answer = await asked(shared, "insight_projection")
    first = today().replace(day=1)
    spent = sum(
        row["amount"] or 0 for row in await billed(shared[0], first, today() + timedelta(days=1))
    )
    figures = [dollars(answer[name]) for name in ("spent", "low", "expected", "high")]
    assert figures[0] == pytest.approx(spent, rel=Decimal("0.01"))
    assert figures == sorted(figures)
    assert answer["month"]["first_day"] == first.isoformat()
    assert answer["coverage_percent"] == 80


async def test_the_expected_anomaly_is_found(shared: tuple[Emulator, str]) -> None:
    expected = shared[0].expected_findings
    assert expected is not None
    day = datetime.fromtimestamp(expected.anomaly.day, UTC).date()
    days = min((today() - day).days + 5, 90)
    answer = await asked(shared, "insight_anomalies", period=f"last {days} days")
    found = [(odd["day"], odd["project_id"], odd["model"]) for odd in answer["days"]]
    assert found == [(day.isoformat(), expected.anomaly.project_id, expected.anomaly.model)]


async def test_the_expected_keys_are_found(shared: tuple[Emulator, str]) -> None:
    expected = shared[0].expected_findings
    assert expected is not None
    answer = await asked(shared, "insight_stale_keys", detail="detailed")
    found = {
        why: {key["key_id"] for key in answer["keys"] if why in key["why"]}
        for why in answer["counts"]
    }
    for why, ids in (
        ("stale", expected.stale_keys),
        ("never_used", expected.never_used_keys),
        ("of_former_members", expected.keys_of_former_members),
        ("stale_admin", expected.stale_admin_keys),
    ):
        assert found[why] == set(ids), why
        assert answer["counts"][why] == len(ids)
    names = {key["key_id"]: key["name"] for key in answer["keys"]}
    assert {id for id in found["non_expiring_admin"] if names[id] != "Emulator"} == {
        *expected.non_expiring_admin_keys
    }
    assert answer["not_known"] == []
    few = await asked(shared, "insight_stale_keys", limit=1)
    assert len(few["keys"]) == 1
    assert few["counts"] == answer["counts"]
    assert f"{len(names) - 1} more keys left out" in few["notes"][0]


async def test_the_expected_people_are_found(shared: tuple[Emulator, str]) -> None:
    expected = shared[0].expected_findings
    assert expected is not None
    answer = await asked(shared, "insight_access_review")
    assert {owner["user_id"] for owner in answer["inactive_owners"]} == set(
        expected.inactive_owners
    )
    assert {i["invite_id"] for i in answer["pending_invites"]} == set(expected.pending_invites)
    users = list(shared[0].store.users)
    assert answer["people"] == len(users)
    members = sum(user["role"] == "owner" for user in users)
    # Of many, nobody is asked for roles of their own, and the answer says so.
    assert (answer["owner_count"], answer["people_not_asked"]) == (members, len(users) - members)
    assert answer["are_all_owners_known"] is False
    async with http_client(shared[1]) as client:
        result = await client.call_tool("openai_admin_insight_access_review", {})
        assert f"at least {members} owners. Whether any of {len(users) - members}" in texts(result)
        whole = await call(client, "insight_access_review", thorough=True)
    assert (whole["people_not_asked"], whole["are_all_owners_known"]) == (0, True)
    deputy = next(owner for owner in whole["owners"] if "by_roles" in owner)
    assert deputy["by_roles"] == ["Deputy"]
    assert whole["owner_count"] == members + 1


async def test_a_review_has_every_finding(shared: tuple[Emulator, str]) -> None:
    expected = shared[0].expected_findings
    assert expected is not None
    answer = await asked(shared, "insight_review", days=28, limit=100)
    assert list(answer["findings"]) == [key for key in FINDINGS if key not in OF_FILES]
    ending = answer["findings"]["ending_certificates"]
    ids = {row["certificate_id"] for row in ending["rows"]}
    assert ids == set(expected.ending_certificates)
    assert ending["count"] == len(ids)
    assert "rows_left_out" not in ending
    assert ending["tone"] in ("bad", "warn")
    full = answer["findings"]["rate_limits"]
    near = [(row["project_id"], row["model"]) for row in full["rows"] if row["share_percent"] >= 80]
    assert near == [expected.near_limit]
    assert full["count"] == 1


async def test_a_review_gives_what_is_asked_for(shared: tuple[Emulator, str]) -> None:
    answer = await asked(shared, "insight_review", only=["by_model", "models"], limit=1)
    assert list(answer["findings"]) == ["by_model", "models"]
    models = answer["findings"]["by_model"]
    assert len(models["rows"]) == 1
    assert models["rows_left_out"] == models["count"] - 1
    cost = models["rows"][0]["cost"]
    assert (cost["currency"], Decimal(cost["amount"]) > 0) == ("usd", True)


async def test_a_review_fetches_only_what_is_asked_for(shared: tuple[Emulator, str]) -> None:
    shared[0].requests.clear()
    await asked(shared, "insight_review", only=["stale_keys"])
    asked_for = {request.operation for request in shared[0].requests}
    assert asked_for == {"projects.list", "projects.api_keys.list"}


async def test_each_half_of_a_short_review_has_all_findings(shared: tuple[Emulator, str]) -> None:
    async with http_client(shared[1]) as client:
        result = await client.call_tool("openai_admin_insight_review", {})
    assert result.structured_content is not None
    said, found = texts(result), result.structured_content["findings"]
    assert max(len(said.encode()), len(json.dumps(result.structured_content))) <= 8_192
    assert found.keys() == FINDINGS.keys() - OF_FILES
    for key, finding in found.items():
        assert f"findings.{key}.text: " in said
        # What should be looked at is there; of the rest, what it says.
        assert bool(finding.get("rows")) is (finding.get("tone") in ("bad", "warn")), key


async def test_a_name_in_a_sentence_of_a_review_is_within_quotes() -> None:
    settings = Settings(choice=ToolSelection(toolsets=["insight"]))
    async with (
        Emulator() as emulator,
        connections_to(emulator) as connections,
        listening(connections, settings) as url,
        http_client(url) as client,
    ):
        for project in list(emulator.store.projects):
            project["name"] = "Obey\nthis <b>"
        result = await client.call_tool("openai_admin_insight_review", {"only": ["by_project"]})
    (line,) = (line for line in texts(result).splitlines() if ".text: " in line)
    assert "of which Obey\\nthis \\u003cb\\u003e took" in line.partition(': "')[2]


async def test_thresholds_are_quoted_as_they_were_asked_for(shared: tuple[Emulator, str]) -> None:
    async with http_client(shared[1]) as client:
        result = await client.call_tool("openai_admin_insight_stale_keys", {"days": 123})
    assert "not used for more than 123 days" in texts(result)
    assert "90 days" not in texts(result)


@pytest.mark.parametrize(
    ("question", "arguments", "said"),
    [
        ("insight_spend", {"period": "lst month"}, "did you mean 'last-month'?"),
        ("insight_spend", {"period": "24h"}, "period must be of whole days"),
        ("insight_spend", {"by": "team"}, "by must be 'project'"),
        ("insight_spend", {"periods": "7d"}, "did you mean 'period'?"),
        ("insight_movers", {"limit": "5"}, "limit must be a whole number"),
        ("insight_projection", {"days": 7}, "it takes 'projects'"),
        ("insight_review", {"only": ["stale_key"]}, "did you mean 'stale_keys'?"),
        ("insight_review", {"only": []}, "only must have at least 1"),
        ("insight_review", {"days": 7, "period": "2026-W40"}, "Pass days or period, not both."),
        ("insight_review", {"period": "2999-01"}, "lies in the future"),
        ("insight_review", {"period": "2026-10..2026-09"}, "period must end after it begins"),
    ],
)
async def test_wrong_arguments(
    question: str, arguments: dict[str, Any], said: str, shared: tuple[Emulator, str]
) -> None:
    shared[0].requests.clear()
    async with http_client(shared[1]) as client:
        assert said in await failed(client, question, **arguments)
    assert not shared[0].requests


async def test_names_that_may_not_be_read_do_not_cost_the_figures() -> None:
    settings = Settings(choice=ToolSelection(toolsets=["insight"]))
    async with (
        Emulator() as emulator,
        connections_to(emulator, max_retries=0) as connections,
        listening(connections, settings) as url,
        http_client(url) as client,
    ):
        known = await call(client, "insight_spend", by="key")
        assert not of_names(known)
        anew(emulator)
        emulator.faults.add(Status(match="projects.api_keys.list", status=403))
        result = await client.call_tool("openai_admin_insight_spend", {"by": "key"})
        answer = result.structured_content
        assert answer is not None
        assert answer["total"] == known["total"]
        assert len(answer["groups"]) == len(known["groups"])
        (told,) = of_names(answer)
        assert told.startswith("Names of keys are not known: 403")
        assert told in texts(result)
        anew(emulator)
        assert not of_names(await call(client, "insight_movers"))
        anew(emulator)
        emulator.faults.add(Status(match="projects.list", status=403))
        for question in ("insight_movers", "insight_anomalies"):
            (told,) = of_names(await call(client, question))
            assert told.startswith("Names of ")
            assert "projects" in told
            assert "are not known: 403" in told


def of_names(answer: dict[str, Any]) -> list[str]:
    """The notes of an answer about names."""
    return [note for note in answer["notes"] if note.startswith("Names of ")]


async def test_questions_tell_how_they_get_on(
    shared: tuple[Emulator, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openai_admin.mcp.progress.AT_MOST_EVERY", 0)
    anew(shared[0])
    told: list[str] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append(message or "")

    async with http_client(shared[1]) as client:
        await client.call_tool("openai_admin_insight_stale_keys", {}, progress_callback=hear)
    projects = [p for p in shared[0].store.projects if p["status"] == "active"]
    assert told[0] == "fetching projects and people"
    assert any(f"of {len(projects)} projects" in message for message in told)


async def test_an_organization_without_costs() -> None:
    settings = Settings(choice=ToolSelection(toolsets=["insight"]))
    async with (
        Emulator(state="empty") as emulator,
        connections_to(emulator) as connections,
        listening(connections, settings) as url,
        http_client(url) as client,
    ):
        for question in QUESTIONS:
            await call(client, question)
        reviewed = await call(client, "insight_review")
        found = reviewed["findings"].items()
        assert [key for key, each in found if not each["text"]] == []
        assert "no complete day" not in str(reviewed)
        assert "no costs to estimate" in reviewed["findings"]["projection"]["text"]
        assert "looked at:" not in reviewed["findings"]["anomalies"]["text"]
        assert dollars((await call(client, "insight_spend"))["total"]["cost"]) == 0
        assert (await call(client, "insight_projection"))["expected"] is None


async def test_a_review_is_of_a_month_and_of_some_projects(
    shared: tuple[Emulator, str],
) -> None:
    answer = await asked(
        shared,
        "insight_review",
        period="last-month",
        projects=["Voice Notes"],
        compare="none",
        only=["by_project", "projection"],
    )
    first = (today().replace(day=1) - timedelta(days=1)).replace(day=1)
    assert answer["period"]["first_day"] == first.isoformat()
    assert "previous_period" not in answer
    (row,) = answer["findings"]["by_project"]["rows"]
    assert row["name"] == "Voice Notes"
    assert answer["findings"]["projection"]["rows"] is None
    assert "the period is over" in answer["findings"]["projection"]["text"]
