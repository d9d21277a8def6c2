"""Exceptions: what they accept, and what they do not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from ipaddress import ip_network
from typing import Any

import attrs
import pytest

from openai_admin.audit.detections.detecting import expired
from openai_admin.audit.detections.exceptions import AcceptedRisk
from openai_admin.audit.detections.model import Directory, Finding, Hit
from openai_admin.audit.detections.settings import Settings
from openai_admin.audit.detections.watching import Watch
from openai_admin.audit.event import AuditEvent
from tests.audit.detections.examples import EXAMPLES, PROJECT_ARCHIVED, event

DAY = datetime.fromtimestamp(1_790_000_000, UTC).date()
DIRECTORY = Directory(
    emails={"user-1": "Jo@Acme.example"},
    names={"proj_1": "Search", "key_1": "CI", "svc_acct_1": "deployer"},
)


def risk(**given: Any) -> AcceptedRisk:
    """An exception for archived projects, which ends on the day of the event."""
    return AcceptedRisk(
        **{
            "detections": frozenset({"project_archived"}),
            "reason": "Migration.",
            "until": DAY,
            **given,
        }
    )


def finding(*events: AuditEvent, about: str = "proj_1") -> Finding:
    """A finding with this evidence."""
    return Finding.of(
        PROJECT_ARCHIVED, Hit(about=about, summary="It was.", evidence=events or (event(),))
    )


@pytest.mark.parametrize(
    "given",
    [
        {"persons": frozenset({"user-1"})},
        {"persons": frozenset({"JO@acme.example"})},
        {"projects": frozenset({"proj_1"})},
        {"projects": frozenset({"search"})},
        {"networks": frozenset({ip_network("203.0.113.7")})},
        {"networks": frozenset({ip_network("198.51.100.0/24"), ip_network("203.0.113.0/24")})},
        {"countries": frozenset({"NL"})},
        {"persons": frozenset({"user-1"}), "countries": frozenset({"NL", "DE"})},
    ],
)
def test_it_covers_what_it_names(given: dict[str, Any]) -> None:
    assert risk(**given).covers(finding(), DIRECTORY)


@pytest.mark.parametrize(
    "given",
    [
        {"persons": frozenset({"user-2"})},
        {"projects": frozenset({"proj_2"})},
        {"keys": frozenset({"key_1"})},
        {"networks": frozenset({ip_network("203.0.113.8")})},
        {"networks": frozenset({ip_network("2001:db8::/32")})},
        {"countries": frozenset({"DE"})},
        {"persons": frozenset({"user-1"}), "countries": frozenset({"DE"})},
        {"persons": frozenset({"user-1"}), "detections": frozenset({"busy"})},
    ],
)
def test_it_covers_nothing_else(given: dict[str, Any]) -> None:
    assert not risk(**given).covers(finding(), DIRECTORY)


@pytest.mark.parametrize("key", ["key_1", "ci"])
def test_a_key_is_that_which_acted_or_that_which_it_is_about(key: str) -> None:
    one = risk(keys=frozenset({key}))
    assert one.covers(finding(event(key="key_1")), DIRECTORY)
    assert one.covers(finding(event(), about="key_1"), DIRECTORY)
    assert one.covers(finding(event("api_key.created", target="key_1")), DIRECTORY)
    assert not one.covers(finding(event(key="key_2")), DIRECTORY)


def test_a_service_account_is_named_among_the_persons() -> None:
    one = risk(persons=frozenset({"deployer"}))
    assert one.covers(finding(about="svc_acct_1"), DIRECTORY)
    assert not one.covers(finding(about="svc_acct_2"), DIRECTORY)


def test_each_event_of_the_evidence_must_come_from_the_network() -> None:
    office = risk(networks=frozenset({ip_network("203.0.113.0/24")}))
    there, elsewhere = event(id="1"), event(id="2", ip="192.0.2.1")
    assert office.covers(finding(there, event(id="2", ip="203.0.113.9")), DIRECTORY)
    assert not office.covers(finding(elsewhere, there), DIRECTORY)
    assert not office.covers(finding(there, elsewhere), DIRECTORY)
    assert not office.covers(finding(there, event(id="2", ip=None)), DIRECTORY)
    assert not office.covers(finding(event(ip="not an address")), DIRECTORY)


def test_an_address_of_version_4_in_one_of_version_6_is_the_same() -> None:
    office = risk(networks=frozenset({ip_network("203.0.113.0/24")}))
    assert office.covers(finding(event(ip="::ffff:203.0.113.7")), DIRECTORY)


def test_its_last_day_counts_whole_and_none_after_it() -> None:
    last = datetime(2026, 10, 1, 23, 59, 59, tzinfo=UTC).timestamp()
    until = risk(until=date(2026, 10, 1), persons=frozenset({"user-1"}))
    assert until.covers(finding(event(at=last)), DIRECTORY)
    assert not until.covers(finding(event(at=last + 1)), DIRECTORY)


def test_what_has_no_time_is_never_covered() -> None:
    assert not risk(persons=frozenset({"user-1"})).covers(finding(event(at=None)), DIRECTORY)


def test_what_is_accepted_is_told_with_the_reason() -> None:
    settings = Settings(exceptions=(risk(persons=frozenset({"user-1"})),))
    (found,) = Watch(EXAMPLES, settings=settings).feed(event())
    assert found.accepted == f"Migration (until {DAY})"


def test_one_that_has_ended_is_told() -> None:
    settings = Settings(exceptions=(risk(until=date(2026, 10, 1)),))
    assert expired(settings, datetime(2026, 10, 1, 23, tzinfo=UTC)) == []
    assert expired(settings, datetime(2026, 10, 2, tzinfo=UTC)) == [
        "The exception “Migration.” ended on 2026-10-01: it covers nothing later."
    ]


def test_the_first_that_covers_says_why() -> None:
    first = risk(persons=frozenset({"user-2"}), reason="Not this")
    second = risk(countries=frozenset({"NL"}), reason="This")
    settings = Settings(exceptions=(first, second))
    (found,) = Watch(EXAMPLES, settings=settings).feed(event())
    assert found.accepted == f"This (until {DAY})"
    other = attrs.evolve(found, detection="busy")
    assert settings.judged(other, DIRECTORY).accepted is None
