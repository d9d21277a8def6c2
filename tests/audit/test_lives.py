"""The lives in which detections are scored: what they promise, and a small sample of the scores."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from benchmarks.audit.detections import score
from benchmarks.audit.life import Life, live
from benchmarks.audit.life.characters import CHARACTERS
from benchmarks.audit.life.incidents import PLANS
from benchmarks.audit.life.log import DAY
from openai_admin.audit.detections.rules import DETECTIONS
from openai_admin.audit.event import AuditEvent

PLANTED = (0, 9, 14)
"""A start-up, a shared office and a company that works by night."""
QUIET = (0, 7, 17)
"""A start-up, and two platform teams whose programs make and remove things each day."""


@pytest.fixture(scope="module", params=PLANTED)
def planted(request: pytest.FixtureRequest) -> Life:
    return live(request.param, planted=True)


@pytest.fixture(scope="module", params=QUIET)
def quiet(request: pytest.FixtureRequest) -> Life:
    return live(request.param, planted=False)


def test_incidents_of_each_detection_can_be_planted() -> None:
    assert set(PLANS) == {detection.key for detection in DETECTIONS}
    assert all(len(variants) >= 2 for variants in PLANS.values())


def test_a_life_has_an_incident_of_each_detection_that_the_organization_has_room_for(
    planted: Life,
) -> None:
    counts = Counter(incident.detection for incident in planted.incidents)
    assert len(counts) >= 18
    assert set(counts.values()) == {1}
    by_id = {event["id"]: event for event in planted.events}
    for incident in planted.incidents:
        last = by_id[incident.events[-1]]
        assert planted.begins <= last["effective_at"] < planted.ends
        assert abs(last["effective_at"] - incident.at) < DAY


def test_a_quiet_life_has_none(quiet: Life) -> None:
    assert quiet.incidents == ()
    assert quiet.ends - quiet.begins == 60 * DAY
    assert min(event["effective_at"] for event in quiet.events) < quiet.begins - 29 * DAY


def test_the_log_comes_in_order_but_for_what_is_late(quiet: Life) -> None:
    times = [event["effective_at"] for event in quiet.events]
    late = sum(after < before for before, after in pairwise(times))
    assert 0 < late < len(times) / 4
    assert len({event["id"] for event in quiet.events}) == len(times)


def test_events_are_understood(quiet: Life) -> None:
    events = [AuditEvent.of_raw(raw) for raw in quiet.events]
    assert all(event.id and event.type and event.at for event in events)
    logins = [event for event in events if event.type == "login.succeeded"]
    located = [event for event in logins if event.actor.origin.country]
    assert 0.9 < len(located) / len(logins) < 1
    assert all(event.actor.user_id for event in logins)


def test_the_same_seed_is_the_same_life() -> None:
    assert live(5, planted=True) == live(5, planted=True)
    assert live(5, planted=True) != live(6, planted=True)


def test_characters_come_in_turn() -> None:
    names = [live(seed, planted=False, days=1).character for seed in range(len(CHARACTERS))]
    assert names == [character.name for character in CHARACTERS]


def test_each_incident_of_the_sample_is_found_once(planted: Life) -> None:
    scored = score(planted)
    assert scored.missed == []
    assert scored.repeated == []
    assert scored.wrong == []
    assert scored.failures == ()


def test_a_quiet_sample_has_at_most_one_false_alarm_a_month(quiet: Life) -> None:
    scored = score(quiet)
    assert len(scored.false) <= 2
    assert scored.failures == ()


def test_what_is_not_found_is_missed(planted: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.audit.detections.DETECTIONS", ())
    scored = score(planted)
    assert scored.missed == list(planted.incidents)
    assert scored.false == ()
