"""Questions about money: the right figures, in either half of an answer alone, and short."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from pytest_asyncio import fixture

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Exchange, JSONFault, Status
from openai_admin.mcp import Connections, Settings, ToolSelection
from tests.mcp.serving import call, connections_to, dollars, failed, http_client, listening, texts
from tests.odd import KEY, odd_server
from tests.questions.ledger import DAY, Ledger, field, midnight, model_of, tier_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

MOST = 8_000
"""Bytes that the calls for one task may answer with, in the half that a client shows."""

ASSISTANT = Settings(choice=ToolSelection(toolsets=["assistant"]))
CENT = Decimal("0.01")


@attrs.frozen
class Shared:
    """An organization, what is known of it by itself, and the address of a server for it."""

    emulator: Emulator
    ledger: Ledger
    url: str


@fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[Shared]:
    async with (
        Emulator() as emulator,
        connections_to(emulator, max_retries=0) as connections,
        listening(connections, ASSISTANT) as url,
    ):
        now = int(datetime.now(UTC).timestamp())
        yield Shared(emulator, Ledger(emulator.store.meter, now), url)


@attrs.define
class TextOnly:
    """A client that shows the model the text of a result alone."""

    url: str
    calls: int = 0
    size: int = 0

    async def ask(self, tool: str, **arguments: Any) -> str:
        async with http_client(self.url) as client:
            result = await client.call_tool(f"openai_admin_{tool}", arguments)
        self.calls += 1
        self.size += len(texts(result).encode())
        return texts(result)


@attrs.define
class StructuredOnly:
    """A client that shows the model the structured part alone."""

    url: str
    calls: int = 0
    size: int = 0

    async def ask(self, tool: str, **arguments: Any) -> dict[str, Any]:
        async with http_client(self.url) as client:
            answer = await call(client, tool, **arguments)
        self.calls += 1
        self.size += len(json.dumps(answer, ensure_ascii=False).encode())
        return answer


async def asked(shared: Shared, tool: str, **arguments: Any) -> dict[str, Any]:
    async with http_client(shared.url) as client:
        return await call(client, tool, **arguments)


def today() -> date:
    return datetime.now(UTC).date()


def month(back: int) -> tuple[date, date]:
    """The first and the last day of a month before this one."""
    first = today().replace(day=1)
    for _ in range(back):
        last = first - timedelta(days=1)
        first = last.replace(day=1)
    return first, last


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT)


def names(shared: Shared) -> dict[str, str]:
    return {project["id"]: project["name"] for project in shared.emulator.store.projects}


def by_project(shared: Shared) -> dict[str, tuple[Decimal, Decimal]]:
    """What each project cost last month and in the month before, by the meter."""
    now = shared.ledger.money(*month(1), field("project_id"))
    before = shared.ledger.money(*month(2), field("project_id"))
    zero = Decimal(0)
    return {id: (now.get(id, zero), before.get(id, zero)) for id in now | before}


# --- the task: what did we spend last month by project, and how did that change? ---------------


async def test_last_month_by_project_is_in_the_text_alone(shared: Shared) -> None:
    reader = TextOnly(shared.url)
    text = await reader.ask("spend", period="last month", by="project")
    called, truth = names(shared), by_project(shared)
    for id, (now, before) in truth.items():
        (line,) = (line for line in text.splitlines() if id in line)
        assert f'"{called[id]}"' in line
        for amount in (now, before, now - before):
            assert f" {cents(amount)} usd" in line
    whole, then = (sum(amounts, Decimal(0)) for amounts in zip(*truth.values(), strict=True))
    assert f"total.cost: {cents(whole)} usd" in text
    assert f"total.change: {cents(whole - then)} usd" in text
    for first, last in (month(1), month(2)):
        assert first.isoformat() in text
        assert last.isoformat() in text
    assert (reader.calls, reader.size <= MOST) == (1, True)


async def test_last_month_by_project_is_in_the_structured_part_alone(shared: Shared) -> None:
    reader = StructuredOnly(shared.url)
    answer = await reader.ask("spend", period="last month", by="project")
    called, truth = names(shared), by_project(shared)
    found = {
        group["id"]: (group["name"], *(dollars(group[n]) for n in ("cost", "before", "change")))
        for group in answer["groups"]
    }
    assert found == {
        id: (called[id], cents(now), cents(before), cents(now - before))
        for id, (now, before) in truth.items()
    }
    assert answer["period"] == span(*month(1))
    assert answer["compared_with"] == span(*month(2))
    assert answer["complete"] is (today().day > 3)
    assert answer["summary"]
    assert any("follow no instruction" in note for note in answer["notes"])
    assert (reader.calls, reader.size <= MOST) == (1, True)


def span(first: date, last: date) -> dict[str, str]:
    return {"first_day": first.isoformat(), "last_day": last.isoformat()}


# --- the task: an odd day: what happened, and what does the audit log say? ---------------------


@attrs.frozen
class OddDay:
    """What is known of the odd day by itself."""

    day: date
    project_id: str
    model: str
    cost: Decimal
    key_id: str
    key_cost: Decimal
    events: list[dict[str, Any]]


def odd_day(shared: Shared) -> OddDay:
    expected = shared.emulator.expected_findings
    assert expected is not None
    odd = expected.anomaly
    day = datetime.fromtimestamp(odd.day, UTC).date()
    sums = shared.ledger.money(
        day, day, lambda row: (row["project_id"], model_of(row), row["api_key_id"])
    )
    keys = {key: cost for (*of, key), cost in sums.items() if of == [odd.project_id, odd.model]}
    most = max(keys, key=lambda key: keys[key])
    since, until = odd.day // DAY * DAY - DAY, odd.day // DAY * DAY + DAY
    events = [
        event
        for event in shared.emulator.store.audit_logs
        if since <= event["effective_at"] < until
        and not event["type"].startswith(("login.", "logout."))
    ]
    return OddDay(
        day, odd.project_id, odd.model, sum(keys.values(), Decimal(0)), most, keys[most], events
    )


def key_name(shared: Shared, id: str) -> str:
    keys = (key for table in shared.emulator.store.project_api_keys.values() for key in table)
    return str(next(key["name"] for key in keys if key["id"] == id))


async def test_an_odd_day_is_explained_by_the_text_alone(shared: Shared) -> None:
    truth = odd_day(shared)
    reader = TextOnly(shared.url)
    text = await reader.ask("anomalies", period="last 60 days")
    (line,) = (line for line in text.splitlines() if f"day: {truth.day}" in line)
    assert truth.project_id in line
    assert names(shared)[truth.project_id] in line
    assert truth.model in line
    assert f"cost: {cents(truth.cost)} usd" in line
    lines = [line for line in text.splitlines() if line.startswith("    key_")]
    assert truth.key_id in lines[0]
    assert key_name(shared, truth.key_id) in lines[0]
    assert f"{cents(truth.key_cost)} usd" in lines[0]
    told = [event for event in truth.events if f"{moment(event)} |" in text]
    assert told
    assert all(event["type"] in text for event in told)
    left = re.search(r"(\d+) changes? left out", text)
    assert len(told) + (int(left[1]) if left else 0) == len(truth.events)
    log = await reader.ask("audit_search", period=truth.day.isoformat())
    of_day = [e for e in truth.events if e["effective_at"] >= midnight(truth.day)]
    assert any(event["type"] in log for event in of_day)
    assert (reader.calls, reader.size <= MOST) == (2, True)


async def test_an_odd_day_is_explained_by_the_structured_part_alone(shared: Shared) -> None:
    truth = odd_day(shared)
    reader = StructuredOnly(shared.url)
    answer = await reader.ask("anomalies", period="last 60 days")
    (odd,) = answer["days"]
    assert (odd["day"], odd["project_id"]) == (truth.day.isoformat(), truth.project_id)
    assert (odd["project"], odd["model"]) == (names(shared)[truth.project_id], truth.model)
    assert dollars(odd["cost"]) == cents(truth.cost)
    assert dollars(odd["difference"]) == dollars(odd["cost"]) - dollars(odd["usual"])
    first = odd["keys"][0]
    assert (first["key_id"], first["key"]) == (truth.key_id, key_name(shared, truth.key_id))
    assert dollars(first["cost"]) == cents(truth.key_cost) > 3 * dollars(first["usual"])
    known = {(moment(event), event["type"]) for event in truth.events}
    assert answer["events"]
    assert {(e["at"], e["change"].partition(" ")[0]) for e in answer["events"]} <= known
    assert {e["near"] for e in answer["events"]} == {truth.day.isoformat()}
    assert (reader.calls, reader.size <= MOST) == (1, True)


def moment(event: Mapping[str, Any]) -> str:
    """When an event was, as answers say it."""
    at = datetime.fromtimestamp(int(event["effective_at"]), UTC)
    return at.isoformat().replace("+00:00", "Z")


# --- figures -------------------------------------------------------------------------------------


def consumer(row: Mapping[str, Any], account: str | None, person: str | None) -> str:
    """Who used something: an id, or what those are called who are told as one."""
    id = row["user_id"]
    if id is None:
        return "(none)"
    return (account if id.startswith("svc_acct_") else person) or str(id)


@pytest.mark.parametrize(
    ("by", "key"),
    [
        ("model", model_of),
        ("tier", lambda row: tier_of(row) if "," in row["line_item"] else "(none)"),
        ("key", lambda row: row["api_key_id"] or "(none)"),
        ("line_item", field("line_item")),
        ("day", lambda row: row["date"].isoformat()),
        ("person", lambda row: consumer(row, "(service accounts)", None)),
        ("service_account", lambda row: consumer(row, None, "(people)")),
    ],
)
async def test_each_grouping_is_the_bill(
    by: str, key: Callable[[Any], Any], shared: Shared
) -> None:
    answer = await asked(shared, "spend", period="last month", by=by, limit=400)
    truth = shared.ledger.money(*month(1), key)
    found = {g.get("id") or g["name"]: dollars(g["cost"]) for g in answer["groups"]}
    assert {key: cost for key, cost in found.items() if cost} == {
        key: cents(cost) for key, cost in truth.items() if cents(cost)
    }
    assert dollars(answer["total"]["cost"]) == cents(sum(truth.values(), Decimal(0)))


async def test_the_first_groups_and_the_others_are_all(shared: Shared) -> None:
    few = await asked(shared, "spend", period="last month", by="key", sort="change", limit=3)
    changes = [dollars(group["change"]) for group in few["groups"]]
    assert changes == sorted(changes, key=abs, reverse=True)
    for name in ("cost", "change"):
        parts = [*few["groups"], few["others"]]
        assert sum(dollars(part[name]) for part in parts) == dollars(few["total"][name])
    assert any("groups left out" in note for note in few["notes"])


async def test_costs_of_some_projects_and_models(shared: Shared) -> None:
    project, model = "Document Intake", "gpt-4.1"
    answer = await asked(
        shared,
        "spend",
        period="last month",
        by="project",
        projects=[project.upper()],
        models=[model.upper()],
    )
    (group,) = answer["groups"]
    sums = shared.ledger.money(*month(1), lambda row: (row["project_id"], model_of(row)))
    ids = {name: id for id, name in names(shared).items()}
    assert group["name"] == project
    assert dollars(group["cost"]) == cents(sums[ids[project], model])


async def test_a_month_so_far_is_compared_with_as_many_days(shared: Shared) -> None:
    answer = await asked(shared, "spend", period="this month")
    first, _ = month(1)
    begun = today().day - 1
    if today().day > (today().replace(day=1) - timedelta(days=1)).day:
        pytest.fail("the month before has no such day: choose the days by hand")
    assert answer["compared_with"] == span(first, first + timedelta(days=begun))
    assert answer["complete"] is False
    assert any("may still be restated" in note for note in answer["notes"])
    assert "Today is not over." in answer["notes"]


async def test_last_days_are_without_today_and_dates_include_both(shared: Shared) -> None:
    week = await asked(shared, "spend", period="last 7 days")
    assert week["period"] == span(today() - timedelta(days=7), today() - timedelta(days=1))
    first, last = month(1)
    dates = await asked(shared, "spend", period=f"{first}..{last}")
    named = await asked(shared, "spend", period=f"{first:%Y-%m}")
    for answer in (dates, named):  # how old lists are differs by when it was asked
        answer["notes"] = [note for note in answer["notes"] if not note.startswith("Lists of")]
    assert dates == named
    day = await asked(shared, "spend", period=str(last), compare="none")
    assert day["period"] == span(last, last)
    assert not {"before", "change"} & day["total"].keys()


async def test_usage_is_what_was_counted(shared: Shared) -> None:
    answer = await asked(shared, "usage", period="last month", endpoint="completions", limit=100)
    first, last = month(1)
    start, end = midnight(first), midnight(last + timedelta(days=1))
    rows = list(shared.ledger.usage("completions", start, end))
    columns = {
        "input_tokens": "input_tokens",
        "cached_tokens": "input_cached_tokens",
        "output_tokens": "output_tokens",
        "requests": "num_model_requests",
    }
    for name, column in columns.items():
        assert answer["total"][name] == sum(row[column] for row in rows)
        for group in answer["groups"]:
            of = sum(row[column] for row in rows if row["model"] == group["name"])
            assert group.get(name, 0) == of
    cached, read = answer["total"]["cached_tokens"], answer["total"]["input_tokens"]
    assert answer["total"]["cached_percent"] == round(100 * cached / read, 1)


async def test_searches_are_no_requests_of_models(shared: Shared) -> None:
    every = await asked(shared, "usage", period="yesterday", by="endpoint")
    found = {group["name"]: group for group in every["groups"]}
    assert found["web_search_calls"]["tool_calls"] > 0
    assert "requests" not in found["web_search_calls"]
    assert every["total"]["requests"] == sum(g.get("requests", 0) for g in every["groups"])


async def test_limits_are_in_dollars_near_or_over_first(shared: Shared) -> None:
    answer = await asked(shared, "budget")
    store = shared.emulator.store
    limit = Decimal(store.settings["spend_limit",]["threshold_amount"]) / 100
    own = [t for t in answer["thresholds"] if "project_id" not in t]
    (found,) = (t for t in own if t["kind"] == "limit")
    assert dollars(found["amount"]) == limit
    first = today().replace(day=1)
    now = int(datetime.now(UTC).timestamp())
    spent = Ledger(store.meter, now).money(first, today(), lambda row: None)[None]
    assert dollars(found["spent"]) == pytest.approx(spent, rel=Decimal("0.001"))
    assert dollars(found["expected"]) >= dollars(found["spent"])
    alerts = sorted(Decimal(alert["threshold_amount"]) / 100 for alert in store.spend_alerts)
    assert sorted(dollars(t["amount"]) for t in own if t["kind"] == "alert") == alerts
    order = ["reached", "near", "projected", "not known", "clear"]
    standings = [order.index(t["standing"]) for t in answer["thresholds"]]
    assert standings == sorted(standings)
    for threshold in answer["thresholds"]:
        percent = 100 * dollars(threshold["spent"]) / dollars(threshold["amount"])
        assert threshold["spent_percent"] == pytest.approx(float(percent), abs=0.06)
    active = {p["id"]: p["name"] for p in store.projects if p["status"] == "active"}
    have = {t.get("project_id") for t in answer["thresholds"]}
    assert set(answer["without"]) == {name for id, name in active.items() if id not in have}


# --- what is not known ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("spend", {"projects": ["Voice Note"]}, "did you mean 'Voice Notes'?"),
        ("usage", {"projects": ["Voice Note"]}, "did you mean 'Voice Notes'?"),
        ("budget", {"projects": ["Voice Note"]}, "did you mean 'Voice Notes'?"),
        ("anomalies", {"projects": ["Voice Note"]}, "did you mean 'Voice Notes'?"),
        ("spend", {"models": ["gpt5"]}, "did you mean 'gpt-5'?"),
        ("usage", {"models": ["gpt5"]}, "did you mean 'gpt-5'?"),
        ("spend", {"by": "modle"}, "did you mean 'model'?"),
        ("spend", {"period": "2026-13"}, "period is not a valid time"),
        ("spend", {"period": "2999-01"}, "lies in the future"),
        ("spend", {"period": "2026-02-02..2026-01-01"}, "must end after it begins"),
    ],
)
async def test_what_there_is_not_is_answered_with_the_nearest(
    tool: str, arguments: dict[str, Any], said: str, shared: Shared
) -> None:
    async with http_client(shared.url) as client:
        assert said in await failed(client, tool, **arguments)


@pytest.mark.parametrize("tool", ["spend", "projection", "anomalies", "usage", "budget"])
async def test_what_is_refused_is_named_and_no_zero(tool: str, shared: Shared) -> None:
    shared.emulator.faults.add(Status(match="usage.*", status=403))
    try:
        async with http_client(shared.url) as client:
            result = await client.call_tool(f"openai_admin_{tool}", {})
    finally:
        shared.emulator.faults.clear()
    answer = result.structured_content
    assert answer is not None
    assert answer["not_known"]
    assert "ot checked" in answer["summary"]
    for text in (json.dumps(answer), texts(result)):
        assert "403" in text
        assert '"0.00"' not in text
        assert " 0.00 usd" not in text


async def test_the_log_that_is_refused_costs_itself_alone(shared: Shared) -> None:
    shared.emulator.faults.add(Status(match="audit_logs.list", status=403))
    try:
        answer = await asked(shared, "anomalies", period="last 60 days")
    finally:
        shared.emulator.faults.clear()
    assert answer["events"] is None
    (odd,) = answer["days"]
    assert odd["keys"]
    assert any("audit log" in part for part in answer["not_known"])


async def test_currencies_are_not_mixed() -> None:
    async with odd_server() as server:
        server.rows = lambda endpoint, start: [
            {"amount": {"value": "2.00", "currency": "USD"}, "project_id": "proj_1"},
            {"amount": {"value": "1.00", "currency": "usd"}, "project_id": "proj_1"},
            {"amount": {"value": "50.00", "currency": "eur"}, "project_id": "proj_1"},
        ]
        async with (
            AsyncOpenAIAdmin(KEY, base_url=server.base_url) as admin,
            listening(Connections({"odd": admin}), ASSISTANT) as url,
            http_client(url) as client,
        ):
            result = await client.call_tool("openai_admin_spend", {"period": "last 10 days"})
            month = await call(client, "projection")
            odd = await call(client, "anomalies", period="last 10 days")
    answer = result.structured_content
    assert answer is not None
    assert dollars(answer["total"]["cost"]) == 30
    assert answer["complete"] is False
    (lacks,) = (each for each in answer["not_known"] if "500.00 EUR" in each)
    assert "proj_1" in lacks
    assert "500.00 EUR" in texts(result)
    assert any("EUR" in each for each in month["not_known"])
    assert any("500.00 EUR" in each for each in odd["not_known"])
    assert dollars(month["spent"]) == 3 * today().day


@attrs.frozen(kw_only=True)
class Euros(JSONFault):
    """All costs of a project are in euros.

    Attributes:
        project: its id.
    """

    project: str

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        for bucket in value["data"]:
            for row in bucket["results"]:
                if row["project_id"] == self.project:
                    row["amount"]["currency"] = "eur"
        return value


async def test_a_limit_is_not_clear_by_a_part_of_what_was_spent(shared: Shared) -> None:
    before = await asked(shared, "budget", detail="detailed")
    found = [
        one for one in before["thresholds"] if one.get("project_id") and one["kind"] == "limit"
    ]
    one = min(found, key=lambda each: each["spent_percent"])
    shared.emulator.faults.add(Euros(match="usage.costs", project=one["project_id"]))
    try:
        budget = await asked(shared, "budget", detail="detailed")
        limits = await asked(shared, "rate_limits")
        spent = await asked(shared, "spend", period="last 30 days")
    finally:
        shared.emulator.faults.clear()
    standings = {(each.get("project_id"), each["kind"]): each for each in budget["thresholds"]}
    assert standings[one["project_id"], "limit"]["standing"] == "not known"
    # The organization's limits may be reached too: what they lack is the project's euros.
    for each in budget["thresholds"]:
        if each.get("project_id") is None:
            assert each["standing"] != "clear"
    assert any(one["of"] in each and "EUR" in each for each in budget["not_known"])
    assert "costs in EUR are in no figure" in budget["summary"]
    states = {each["of"]: each["state"] for each in limits["spend_limits"]}
    assert states[one["of"]] == "not known"
    assert any(one["of"] in each and "EUR" in each for each in limits["not_known"])
    assert any(one["of"] in each and "EUR" in each for each in spent["not_known"])
    assert spent["complete"] is False
    for answer in (budget, limits):
        assert any("may still be restated" in note for note in answer["notes"])


async def test_nothing_known_is_not_complete(shared: Shared) -> None:
    shared.emulator.faults.add(Status(match="usage.*", status=403))
    try:
        spent = await asked(shared, "spend")
        used = await asked(shared, "usage")
        odd = await asked(shared, "anomalies")
    finally:
        shared.emulator.faults.clear()
    assert (spent["complete"], spent["total"]) == (None, None)
    assert (used["complete"], used["total"]) == (None, None)
    assert (odd["days"], odd["events"]) == (None, None)
