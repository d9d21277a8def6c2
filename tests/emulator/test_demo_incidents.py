"""What is planted in the demo organization's audit log: coherent, and gone without a trace."""

from __future__ import annotations

from collections import defaultdict

import pytest

from openai_admin.audit.detections.rules import DETECTIONS
from openai_admin.emulator.demo import ExpectedFindings, populate
from openai_admin.emulator.metering.shape import DAY
from openai_admin.emulator.store import Store
from openai_admin.emulator.table import Record

NOW = 1_795_512_345


class Demo:
    """A demo organization with its log."""

    def __init__(self, seed: int, now: int) -> None:
        self.now = now
        self.store = Store(seed=seed, now=lambda: now)
        self.expected: ExpectedFindings = populate(self.store)
        self.events: list[Record] = list(self.store.audit_logs)
        self.by_id = {event["id"]: event for event in self.events}
        self.apart = [self.by_id[id] for id in self.expected.told_apart]

    def of(self, event_type: str) -> list[Record]:
        """The payloads of a type among what is planted, the oldest first."""
        events = sorted(self.apart, key=lambda event: event["effective_at"])
        return [event[event_type] for event in events if event["type"] == event_type]


@pytest.fixture(scope="module", params=[(0, NOW), (3, NOW + 2 * DAY), (5, NOW + 5 * DAY + 40_000)])
def demo(request: pytest.FixtureRequest) -> Demo:
    return Demo(*request.param)


def test_there_is_one_incident_for_each_detection_in_the_last_month(demo: Demo) -> None:
    incidents = demo.expected.incidents
    assert sorted(i.detection for i in incidents) == sorted(d.key for d in DETECTIONS)
    for incident in incidents:
        last = demo.by_id[incident.events[-1]]
        assert demo.now - 30 * DAY < last["effective_at"] <= demo.now
        assert incident.at <= last["effective_at"] <= incident.at + 600
    planted = {id for incident in incidents for id in incident.events}
    assert planted.isdisjoint(demo.expected.near_misses)
    assert len(demo.expected.near_misses) > 20
    assert set(demo.expected.near_misses) <= set(demo.expected.told_apart)


def test_it_is_told_in_order_and_ended_by_now(demo: Demo) -> None:
    moments = [event["effective_at"] for event in demo.events]
    assert moments == sorted(moments)
    assert moments[-1] <= demo.now
    assert len(demo.by_id) == len(demo.events)


def test_what_is_made_is_removed_again(demo: Demo) -> None:
    for noun in ("api_key", "service_account", "workload_identity_provider_mapping"):
        made = {payload["id"] for payload in demo.of(f"{noun}.created")}
        assert made == {payload["id"] for payload in demo.of(f"{noun}.deleted")}
    sent = {payload["id"] for payload in demo.of("invite.sent")}
    assert sent == {payload["id"] for payload in demo.of("invite.deleted")}
    registered = [payload["id"] for payload in demo.of("external_storage.registered")]
    assert registered == [payload["id"] for payload in demo.of("external_storage.removed")]
    given = [payload["principal_id"] for payload in demo.of("role.assignment.created")]
    taken = [payload["principal_id"] for payload in demo.of("role.assignment.deleted")]
    assert sorted(given) == sorted(taken)


def test_what_is_changed_is_as_it_is_now(demo: Demo) -> None:
    store = demo.store
    roles = {p["id"]: p["changes_requested"]["role"] for p in demo.of("user.updated")}
    assert roles == {id: store.users.get(id)["role"] for id in roles}
    assert demo.of("ip_allowlist.updated")[-1]["allowed_ips"] == [
        "203.0.113.0/24",
        "198.51.100.0/24",
    ]
    limits = {
        (event["project"]["id"], event["rate_limit.updated"]["id"]): event["rate_limit.updated"]
        for event in demo.events
        if event["type"] == "rate_limit.updated" and event["id"] in demo.expected.told_apart
    }
    assert len(limits) > 5
    for (project, id), payload in limits.items():
        own = store.project_rate_limits[project].get(id)
        assert payload["changes_requested"].items() <= own.items()
    spend = {
        p["id"]: p["changes_requested"]["spend_limit"]
        for p in demo.of("project.updated")
        if "spend_limit" in p["changes_requested"]
    }
    assert spend == {id: store.settings["spend_limit", id] for id in spend}
    whole = [p["changes_requested"] for p in demo.of("organization.updated")]
    assert [c["spend_limit"] for c in whole if "spend_limit" in c][-1] == store.settings[
        "spend_limit",
    ]
    assert [*demo.of("scim.disabled"), *demo.of("scim.enabled")]
    assert demo.of("certificates.activated") == demo.of("certificates.deactivated")


def test_logins_come_from_somewhere_and_with_the_persons_own_computer(demo: Demo) -> None:
    computers: dict[str, set[str]] = defaultdict(set)
    networks: dict[str, set[str]] = defaultdict(set)
    apart = set(demo.expected.told_apart)
    for event in demo.events:
        if event["actor"]["type"] != "session" or event["id"] in apart:
            continue
        session = event["actor"]["session"]
        person, details = session["user"]["id"], session["ip_address_details"]
        computers[person].add(f"{session['ja4']} {session['user_agent'].partition(')')[0][:20]}")
        networks[person].add(details["asn"])
        assert details["country"] in ("NL", "DE", "SG")
        assert float(details["latitude"])
        assert session["ja3"]
    assert {len(used) for used in computers.values()} == {1}
    assert {len(used) for used in networks.values()} == {1, 2}  # two is of who travelled
    assert len({next(iter(used)) for used in networks.values()}) >= 2
