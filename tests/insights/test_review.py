"""A review of the demo organization over the real client finds what is expected, and no more."""

from __future__ import annotations

import copy
import json
import pickle
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from inspect import cleandoc
from types import FunctionType
from typing import Any

import anyio
import attrs
import pytest
from pydantic import TypeAdapter

import openai_admin.insights
from openai_admin import AsyncOpenAIAdmin, json_default
from openai_admin.emulator import Emulator, Status
from openai_admin.emulator.demo import ExpectedFindings
from openai_admin.emulator.faults import ProjectFails
from openai_admin.emulator.faults.fault import Exchange
from openai_admin.emulator.faults.payloads import JSONFault
from openai_admin.errors import APIConnectionError, AuthenticationError, InvalidInputError
from openai_admin.insights import Review, examine, fetch_facts, known, month_of, review, whole_days

DAY = 86_400
_ACCOUNTS = "projects.service_accounts.list"
MOMENTS = [
    (0, datetime(2026, 11, 20, 14, 40, tzinfo=UTC)),
    (1, datetime(2026, 11, 15, 23, 59, tzinfo=UTC)),  # a Sunday, almost over
    (5, datetime(2026, 9, 1, 0, 1, tzinfo=UTC)),  # the first minute of a month
    (77, datetime(2026, 10, 11, 4, 0, tzinfo=UTC)),
    (2026, datetime(2026, 3, 31, 17, 5, tzinfo=UTC)),
]


@asynccontextmanager
async def _demo(seed: int, now: datetime) -> AsyncIterator[tuple[Emulator, AsyncOpenAIAdmin]]:
    seconds = int(now.timestamp())
    async with (
        Emulator(state="demo", seed=seed, now=lambda: seconds) as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
    ):
        yield emulator, client


_REVIEWED: dict[int, tuple[Emulator, Review]] = {}  # by seed; a demo takes a second to fill


async def _reviewed(seed: int, now: datetime) -> tuple[Emulator, Review]:
    """A demo organization and its review over four weeks, made once for all tests."""
    if seed not in _REVIEWED:
        async with _demo(seed, now) as (emulator, client):
            _REVIEWED[seed] = emulator, await review(client, days=28, now=now)
    return _REVIEWED[seed]


async def test_a_review_travels() -> None:
    _, found = await _reviewed(*MOMENTS[0])
    assert pickle.loads(pickle.dumps(found)) == found == copy.deepcopy(found)
    assert hash(found) == hash(copy.deepcopy(found))
    written = json.loads(json.dumps(found, default=json_default))
    assert written == vars(found)
    adapter = TypeAdapter(Review)
    assert json.loads(adapter.dump_json(found)) == written
    assert adapter.validate_python(found) is found
    assert adapter.json_schema()["properties"].keys() == written.keys()


def _spent(emulator: Emulator, days: range, *, now: datetime) -> Decimal:
    """What the organization's meter says that these days cost; days are counted from 1970."""
    rows = emulator.store.meter.costs(days, now=int(now.timestamp()))
    return sum((row["amount"]["value"] for day in rows for row in day), Decimal(0))


def _expected_findings(emulator: Emulator) -> ExpectedFindings:
    assert emulator.expected_findings is not None
    return emulator.expected_findings


@pytest.mark.parametrize(("seed", "now"), MOMENTS)
async def test_everything_expected_is_found_and_nothing_else(seed: int, now: datetime) -> None:
    emulator, found = await _reviewed(seed, now)
    expected = _expected_findings(emulator)
    assert found.missing == ()
    assert [(a.group, a.day) for a in known(found.anomalies).found] == [
        (
            (expected.anomaly.project_id, expected.anomaly.model),
            datetime.fromtimestamp(expected.anomaly.day, UTC).date(),
        )
    ]
    (anomaly,) = known(found.anomalies).found
    assert anomaly.cost / anomaly.expected == pytest.approx(expected.anomaly.factor, rel=0.2)
    assert anomaly.low < anomaly.expected < anomaly.high < anomaly.cost
    assert {k.key_id for k in known(found.stale_keys)} == set(expected.stale_keys)
    assert {k.key_id for k in known(found.never_used_keys)} == set(expected.never_used_keys)
    assert {k.key_id for k in known(found.keys_of_former_members)} == set(
        expected.keys_of_former_members
    )
    assert {k.owner_id for k in known(found.keys_of_former_members)} == set(expected.former_members)
    assert {k.key_id for k in known(found.stale_admin_keys)} == set(expected.stale_admin_keys)
    lasting = {k.key_id for k in known(found.non_expiring_admin_keys) if k.name != "Emulator"}
    assert lasting == set(expected.non_expiring_admin_keys)
    assert {o.user_id for o in known(found.inactive_owners)} == set(expected.inactive_owners)
    assert {i.invite_id for i in known(found.pending_invites)} == set(expected.pending_invites)
    ending = {c.certificate_id for c in known(found.ending_certificates)}
    assert ending == set(expected.ending_certificates)
    (near,) = known(found.near_rate_limits)
    assert ((near.project_id, near.model), near.metric) == (expected.near_limit, "requests")
    assert 0.85 < near.share <= 0.94  # the demo says 93 %, in the busiest minute of all


@pytest.mark.parametrize(("seed", "now"), MOMENTS)
async def test_spend_thresholds_stand_where_the_month_ends(seed: int, now: datetime) -> None:
    emulator, found = await _reviewed(seed, now)
    assert len(known(found.thresholds)) == 9
    first = int(now.timestamp()) // DAY + 1 - now.day
    days = range(first, first + month_of(now).days)
    for each in known(found.thresholds):
        filters = {} if each.project_id is None else {"project_id": [each.project_id]}
        spent, truth = (
            sum(
                row["amount"]["value"]
                for day in emulator.store.meter.costs(days, filters=filters, now=at)
                for row in day
            )
            for at in (int(now.timestamp()), int(now.timestamp()) + 40 * DAY)
        )
        assert each.spent == spent
        if spent >= each.amount * Decimal("0.8"):
            assert each.standing == ("reached" if spent >= each.amount else "near")
        elif abs(truth / each.amount - 1) > Decimal("0.03"):  # else it is too close to call
            assert each.standing == ("projected" if truth > each.amount else "clear")
    near = [(t.project_id, t.amount) for t in known(found.near_thresholds)]
    assert (None, Decimal(15_000)) in near  # which every month of the demo reaches


@pytest.mark.parametrize(("seed", "now"), MOMENTS)
async def test_the_bill_is_explained_by_usage_to_the_token(seed: int, now: datetime) -> None:
    _, found = await _reviewed(seed, now)
    assert known(found.reconciliation).disagreeing == ()
    tools = {item.line_item for item in known(found.reconciliation).items if item.share is None}
    assert tools == {
        "web search tool calls",
        "file search tool calls",
        "code interpreter sessions",
        "vector storage",
    }
    assert all(
        item.share == 1 for item in known(found.reconciliation).items if item.share is not None
    )
    total = known(found.by_project).total.cost
    assert known(found.reconciliation).cost == total
    bill = known(found.reconciliation)
    explained = known(bill.explained) + bill.not_comparable
    assert abs(explained - total) < Decimal("0.01")


@pytest.mark.parametrize(("seed", "now"), MOMENTS)
async def test_every_breakdown_adds_up_to_what_the_organization_spent(
    seed: int, now: datetime
) -> None:
    emulator, found = await _reviewed(seed, now)
    today = int(now.timestamp()) // DAY
    for breakdown in (
        known(found.by_project),
        known(found.by_model),
        known(found.by_line_item),
        known(found.by_key),
        known(found.by_user),
    ):
        assert breakdown.total.cost == _spent(emulator, range(today - 28, today), now=now)
        before = range(today - 56, today - 28)
        assert breakdown.total.previous == _spent(emulator, before, now=now)
        assert sum(g.cost for g in breakdown.groups) == breakdown.total.cost
    month = range(today + 1 - now.day, today + 1)
    assert known(found.projection).spent == _spent(emulator, month, now=now)
    assert known(found.movers)
    names = {found.name(g.group[0]) for g in known(found.by_project).groups}
    assert names == {
        *("Developer Copilot", "Document Intake", "Customer Support Assistant", "Voice Notes"),
        *("Search Relevance", "Checkout Fraud Review", "Marketing Studio", "Data Platform"),
        *("Mobile App", "Default project"),
    }
    assert found.name(None) == "-"
    assert found.name("key_unknown") == "key_unknown"


async def test_the_projections_range_holds_what_the_months_come_to() -> None:
    # The demo's streams go on after its present: the meter, asked later, knows the truth.
    held = 0
    # Two months before the first of them there were costs by key, which the review asks for.
    moments = [datetime(2026, 3 + i % 9, 2 + 2 * i, 9, tzinfo=UTC) for i in range(12)]
    for seed, now in enumerate(moments):
        async with _demo(seed, now) as (emulator, client):
            found = known((await review(client, now=now)).projection)
        month = month_of(now)
        first = (month.start - date(1970, 1, 1)).days
        days = range(first, first + month.days)
        truth = _spent(emulator, days, now=now + timedelta(days=40))
        assert found.expected is not None
        assert found.low is not None
        assert found.high is not None
        assert abs(found.expected / truth - 1) < Decimal("0.03")
        assert (found.high - found.low) / truth < Decimal("0.15")
        held += found.low <= truth <= found.high
    assert held >= 8  # of 12, where 9.6 are to be expected


async def test_it_takes_few_requests() -> None:
    seed, now = MOMENTS[0]
    async with _demo(seed, now) as (emulator, client):
        emulator.requests.clear()
        await review(client, now=now)
        counts = Counter(request.operation for request in emulator.requests)
    # Ten active projects; completions by the day, by the hour, and one day of one project's
    # minutes; certificates of projects since one that nobody uses ended lately.
    assert counts == {
        "usage.costs": 3,
        "usage.completions": 3,
        "usage.decisions": 2,
        "usage.embeddings": 2,
        "usage.images": 2,
        "usage.audio_speeches": 1,
        "usage.audio_transcriptions": 1,
        "projects.list": 1,
        "users.list": 1,
        "admin_api_keys.list": 1,
        "invites.list": 1,
        "certificates.list": 1,
        "groups.list": 1,
        "groups.roles.list": 5,  # of five groups, none of which makes owners
        "roles.list": 1,
        "users.roles.list": 6,  # of members who were not seen lately, for there is a Deputy
        "spend_limit.retrieve": 1,
        "spend_alerts.list": 1,
        "audit_logs.list": 2,  # one around the unusual day
        "projects.api_keys.list": 10,
        "projects.rate_limits.list": 10,
        "projects.spend_limit.retrieve": 10,
        "projects.spend_alerts.list": 10,
        "projects.certificates.list": 10,
    }


async def test_an_empty_organization_has_nothing_to_find(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        found = await review(client)
    assert found.currency == "usd"
    assert not known(found.by_project).groups
    assert not known(found.movers)
    assert not known(found.anomalies).found
    assert not known(found.models)
    assert known(found.projection).expected is None
    findings: tuple[object, ...] = (
        *(found.stale_keys, found.never_used_keys, found.keys_of_former_members),
        *(found.stale_admin_keys, found.inactive_owners, found.pending_invites),
        *(found.ending_certificates, found.thresholds, found.rate_limits),
    )
    assert findings == ((),) * 9
    assert found.missing == ()


async def test_what_the_key_may_not_read_is_named_and_the_rest_is_found() -> None:
    seed, now = MOMENTS[0]
    async with _demo(seed, now) as (emulator, client):
        for operation in (
            "admin_api_keys.list",
            "invites.list",
            "certificates.list",
            "audit_logs.list",
            "spend_limit.retrieve",
            "projects.rate_limits.list",
        ):
            emulator.faults.add(Status(status=403, match=operation))
        found = await review(client, now=now)
    expected = _expected_findings(emulator)
    assert [part.kind for part in found.not_known] == [
        "admin keys",
        "certificates",
        "invites",
        "rate limits of projects",
        "spend limits",
        "the audit log",
        "the audit log around unusual days",
    ]
    assert all(part.is_whole and part.status == 403 for part in found.not_known)
    assert found.why_not_known("rate_limits")
    assert found.left_out("thresholds")
    assert not found.why_not_known("thresholds")
    assert found.pending_invites is None
    assert found.ending_certificates is None
    assert found.rate_limits is None
    assert {k.key_id for k in known(found.stale_keys)} == set(expected.stale_keys)
    assert len(known(found.anomalies).found) == 1


async def test_service_accounts_are_named_without_their_keys() -> None:
    """By the owners of keys where these may be read; else they are listed, once a project."""
    seed, now = MOMENTS[0]
    async with _demo(seed, now) as (emulator, client):
        named = await review(client, now=now)
        used = {change.group[0] for change in known(named.by_user).groups}
        accounts = {id for id in used if id is not None and id.startswith("svc_acct_")}
        assert accounts
        assert not [r for r in emulator.requests if r.operation == _ACCOUNTS]
        emulator.faults.add(Status(status=403, match="projects.api_keys.list"))
        emulator.requests.clear()
        found = await review(client, now=now)
        asked = [r.path for r in emulator.requests if r.operation == _ACCOUNTS]
        assert [part.kind for part in found.not_known] == ["keys of projects"]
        assert {id: found.names[id] for id in accounts} == {id: named.names[id] for id in accounts}
        assert 0 < len(asked) == len(set(asked))
        emulator.faults.add(Status(status=403, match=_ACCOUNTS))
        refused = await review(client, now=now)
    assert refused.missing == ("names of service accounts",)
    assert known(refused.by_user) == known(found.by_user)
    assert not accounts & refused.names.keys()


class _NamedRows(JSONFault):
    """Rows of costs name their project."""

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        for row in (row for bucket in value["data"] for row in bucket["results"]):
            if row.get("project_id") is not None:
                row["project_name"] = f"once {row['project_id']}"
        return value


async def test_the_names_in_rows_go_first() -> None:
    seed, now = MOMENTS[0]
    async with _demo(seed, now) as (emulator, client):
        emulator.faults.add(_NamedRows(match="usage.costs"))
        found = await review(client, now=now)
    ids = [change.group[0] for change in known(found.by_project).groups]
    assert [found.name(id) for id in ids] == [f"once {id}" for id in ids]


async def test_only_a_wrong_key_is_raised() -> None:
    seed, now = MOMENTS[0]
    async with _demo(seed, now) as (emulator, _):
        wrong = AsyncOpenAIAdmin("sk-admin-wrong", base_url=emulator.base_url)
        async with wrong:
            with pytest.raises(AuthenticationError):
                await review(wrong, now=now)


async def test_a_401_beside_answers_is_a_refusal() -> None:
    seed, now = MOMENTS[0]
    async with _demo(seed, now) as (emulator, client):
        for part in ("projects.list", "usage.embeddings"):
            emulator.faults.add(Status(match=part, status=401, body={"error": "Unauthorized"}))
        found = await review(client, now=now)
    assert known(found.by_model).groups
    not_known = {(part.kind, part.endpoint, part.status) for part in found.not_known}
    assert {("projects", None, 401), ("usage", "embeddings", 401)} <= not_known


async def test_no_connection_at_all_is_raised() -> None:
    async with AsyncOpenAIAdmin("sk-admin-1", base_url="http://127.0.0.1:9/v1") as client:
        with pytest.raises(APIConnectionError):
            await review(client.with_options(max_retries=0))


async def test_a_review_that_is_cancelled_leaves_the_client_usable() -> None:
    seed, now = MOMENTS[0]
    async with _demo(seed, now) as (emulator, client):
        async with anyio.create_task_group() as group:
            group.start_soon(partial(review, client, now=now))
            while len(emulator.requests) < 5:
                await anyio.sleep(0)
            group.cancel_scope.cancel()
        assert len(emulator.requests) < 60  # it had not come to its end
        assert len((await client.projects.list(limit=100)).data) == 10


async def test_an_event_in_the_audit_log_is_a_sign_of_activity() -> None:
    seed, now = MOMENTS[0]
    async with _demo(seed, now) as (emulator, client):
        (inactive,) = _expected_findings(emulator).inactive_owners
        user = {"id": inactive, "email": "inactive@example.com"}
        actor = {"type": "session", "session": {"user": user, "ip_address": "203.0.113.9"}}
        at = now - timedelta(days=3)
        emulator.store.audit("login.succeeded", {}, actor=actor, effective_at=int(at.timestamp()))
        facts = await fetch_facts(client, now=now)
    assert facts.last_seen[inactive] == at
    assert examine(facts).inactive_owners == ()


async def test_arguments_are_checked_before_anything_is_sent(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(InvalidInputError, match="at least 1"):
            await review(client, days=0)
        with pytest.raises(InvalidInputError, match="only must not be empty"):
            await review(client, only=[])
        with pytest.raises(InvalidInputError, match="time zone"):
            await review(client, now=datetime(2026, 11, 1))  # noqa: DTZ001 - what is refused
    assert not emulator.requests


async def test_periods_of_any_length() -> None:
    seed, now = MOMENTS[0]
    async with _demo(seed, now) as (emulator, client):
        short = await review(client, days=1, now=now)
        emulator.requests.clear()
        long = await review(client, days=100, now=now)
        costs = sum(request.operation == "usage.costs" for request in emulator.requests)
    assert short.period == whole_days(1, now=now)
    assert known(short.anomalies).found == ()
    assert known(short.projection) == known(long.projection)
    assert len(known(long.anomalies).found) == 1
    assert costs == 5  # 200 days are two pages each, and months have one


def test_every_public_name_is_exported_and_documented() -> None:
    names = openai_admin.insights.__all__
    assert len(names) == len(set(names))
    for name in names:
        thing = getattr(openai_admin.insights, name)
        if isinstance(thing, type | FunctionType):
            assert thing.__doc__, name


def test_a_review_says_what_each_part_of_it_is() -> None:
    documented = cleandoc(Review.__doc__ or "")
    for field in Review.__annotations__:
        assert f"\n    {field}: " in documented, field


@attrs.frozen(kw_only=True)
class ProjectKeysAmong(JSONFault):
    """Keys of a project are listed among the admin keys, with an old use and a service account.

    Attributes:
        keys: their ids, each with its redacted value.
    """

    keys: Mapping[str, str | None]

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        owner = {"type": "service_account", "id": "svc_acct_1", "name": "robot"}
        for id, redacted_value in self.keys.items():
            key = {**value["data"][-1], "id": id, "redacted_value": redacted_value, "owner": owner}
            value["data"].insert(0, {**key, "created_at": 0, "last_used_at": 0})
        return value


async def test_projects_keys_among_the_admin_keys_are_not_found() -> None:
    seed, now = MOMENTS[0]
    async with _demo(seed, now) as (emulator, client):
        project = (await client.projects.list()).data[0].id
        of_project = (await client.projects.api_keys.list(project)).data[0].id
        keys = {"key_p": "sk-svcacct-...abc", of_project: None, "key_a": None, "key_b": None}
        emulator.faults.add(ProjectKeysAmong(match="admin_api_keys.list", keys=keys))
        whole = await review(client, now=now)
        refused = (await client.projects.list()).data[1].id
        emulator.faults.add(ProjectFails(project=refused, status=403))
        found = await review(client, now=now)
    expected = _expected_findings(emulator)
    # What is none of the keys of all projects is an admin key.
    of_organization = {*expected.stale_admin_keys, "key_a", "key_b"}
    assert {k.key_id for k in known(whole.stale_admin_keys)} == of_organization
    assert whole.missing == ()
    assert {k.key_id for k in known(found.stale_admin_keys)} == set(expected.stale_admin_keys)
    assert set(found.missing) == {
        "2 keys listed as admin keys that may be a project's",
        "names of service accounts",  # of the project that is refused
    }
