"""The demo organization's audit log: whole, in order, and true to its tables."""

from __future__ import annotations

from collections import Counter

import pytest

from openai_admin.emulator.demo import ExpectedFindings, populate
from openai_admin.emulator.metering.shape import DAY
from openai_admin.emulator.store import Store
from openai_admin.emulator.table import Record

NOW = 1_795_512_345


class Log:
    """The audit log of a demo organization, without what is planted (see test_demo_incidents)."""

    def __init__(self, seed: int) -> None:
        self.store = Store(seed=seed, now=lambda: NOW)
        self.expected_findings: ExpectedFindings = populate(self.store)
        apart = set(self.expected_findings.told_apart)
        self.events = [event for event in self.store.audit_logs if event["id"] not in apart]

    def of(self, event_type: str) -> list[Record]:
        """The payloads of one type, oldest first."""
        return [event[event_type] for event in self.events if event["type"] == event_type]


@pytest.fixture(scope="module", params=[0, 1, 2])
def log(request: pytest.FixtureRequest) -> Log:
    return Log(request.param)


def actor_id(event: Record) -> str:
    """The user who acted, in a browser or by a key."""
    actor = event["actor"]
    id: str = actor[actor["type"]]["user"]["id"]
    return id


def test_a_few_thousand_events_over_thirteen_months(log: Log) -> None:
    moments = [event["effective_at"] for event in log.events]
    assert 2000 < len(moments) < 6000
    assert moments == sorted(moments)
    assert moments[0] < NOW - 395 * DAY
    assert NOW - 4 * DAY < moments[-1] <= NOW
    # No month without events.
    assert len({(NOW - moment) // (30 * DAY) for moment in moments}) >= 13


def test_it_records_many_kinds_of_events(log: Log) -> None:
    counts = Counter(event["type"] for event in log.events)
    assert len(counts) >= 30
    assert counts["login.succeeded"] > 1000
    assert counts["login.failed"] > 10
    actors = Counter(event["actor"]["type"] for event in log.events)
    assert actors["session"] > actors["api_key"] > 10


def test_everything_that_exists_was_created(log: Log) -> None:
    store = log.store
    projects = {payload["id"] for payload in log.of("project.created")}
    assert projects == {project["id"] for project in store.projects}
    archived = {payload["id"] for payload in log.of("project.archived")}
    assert archived == {p["id"] for p in store.projects if p["status"] == "archived"}
    made = {payload["id"] for payload in log.of("api_key.created")}
    keys = {key["id"] for table in store.project_api_keys.values() for key in table}
    keys |= {key["id"] for key in store.admin_api_keys}
    assert made == keys | set(log.expected_findings.deleted_keys)
    assert {p["id"] for p in log.of("api_key.deleted")} == set(log.expected_findings.deleted_keys)
    sent = {payload["id"] for payload in log.of("invite.sent")}
    assert sent >= {invite["id"] for invite in store.invites}
    withdrawn = {payload["id"] for payload in log.of("invite.deleted")}
    assert withdrawn == sent - {invite["id"] for invite in store.invites}
    joined = {payload["id"] for payload in log.of("user.added")}
    assert joined >= {user["id"] for user in store.users}
    left = {payload["id"] for payload in log.of("user.deleted")}
    assert left == set(log.expected_findings.former_members)
    assert {p["id"] for p in log.of("certificate.created")} == {c["id"] for c in store.certificates}
    assert {p["id"] for p in log.of("group.created")} == {g["id"] for g in store.groups}
    settings = [(name, ids[0]) for (name, *ids) in store.settings if ids and name != "spend_limit"]
    told = [
        (name, payload["id"])
        for payload in log.of("project.updated")
        for name in payload["changes_requested"]
    ]
    assert sorted(told) == sorted(settings)


def test_nobody_acts_before_coming_or_after_leaving(log: Log) -> None:
    came = {user["id"]: user["added_at"] for user in log.store.users}
    left = {
        event["user.deleted"]["id"]: event["effective_at"]
        for event in log.events
        if event["type"] == "user.deleted"
    }
    for event in log.events:
        assert event["effective_at"] >= came.get(actor_id(event), 0), event
        assert event["effective_at"] <= left.get(actor_id(event), NOW), event


def test_projects_appear_only_while_they_exist(log: Log) -> None:
    for event in log.events:
        if "project" in event:
            project = log.store.projects.get(event["project"]["id"])
            assert event["effective_at"] >= project["created_at"], event
            assert event["effective_at"] <= (project["archived_at"] or NOW), event
            assert event["project"]["name"] == project["name"]


def test_inactive_owners_are_inactive(log: Log) -> None:
    latest: dict[str, int] = {}
    for event in log.events:
        latest[actor_id(event)] = event["effective_at"]
    owners = [user["id"] for user in log.store.users if user["role"] == "owner"]
    inactive = tuple(id for id in owners if latest[id] < NOW - 90 * DAY)
    assert inactive == log.expected_findings.inactive_owners
    members = [user["id"] for user in log.store.users if user["role"] != "owner"]
    assert min(latest[id] for id in members) > NOW - 60 * DAY


def test_people_work_on_workdays(log: Log) -> None:
    by_weekday = Counter(
        (event["effective_at"] // DAY + 3) % 7  # Unix time began on a Thursday
        for event in log.events
        if event["type"] == "login.succeeded"
    )
    assert by_weekday[5] + by_weekday[6] == 0
    assert min(by_weekday[day] for day in range(5)) > 100


def test_the_same_seed_gives_the_same_log() -> None:
    assert Log(7).events == Log(7).events
    assert Log(7).events != Log(8).events
