"""Detections over a stream: what each is given, and that what it says comes once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from openai_admin.audit.detections import watching
from openai_admin.audit.detections.model import Context, Detection, Directory, Hit
from openai_admin.audit.detections.settings import DetectionSettings, Settings
from openai_admin.audit.detections.watching import Watch
from openai_admin.audit.event import AuditEvent
from tests.audit.detections.examples import BUSY, EXAMPLES, PROJECT_ARCHIVED, event


def seeing(seen: list[AuditEvent], *types: str) -> Detection[None]:
    """A detection that notes what it is given."""

    def look(event: AuditEvent, state: None, context: Context) -> Iterator[Hit]:
        seen.append(event)
        return iter(())

    return attrs.evolve(
        PROJECT_ARCHIVED, key="seeing", look=look, types=frozenset(types) if types else None
    )


def failing(detection: Detection[Any], at: str) -> Detection[Any]:
    """A detection that fails at one event, half way."""

    def look(event: AuditEvent, state: Any, context: Context) -> Iterator[Hit]:
        yield from detection.look(event, state, context)
        if event.id == at:
            raise KeyError("actor")

    return attrs.evolve(detection, look=look)


def test_a_detection_is_given_its_types_in_the_order_in_which_events_are_fed() -> None:
    some: list[AuditEvent] = []
    all_: list[AuditEvent] = []
    watch = Watch([seeing(some, "project.archived", "role.created"), seeing(all_)])
    fed = [
        event("role.created", id="1", at=10),
        event("user.added", id="2", at=20),
        event("project.archived", id="3", at=None),
        event("role.created", id="4", at=5),  # it came late
        AuditEvent.of_raw("not an event at all", why_odd="it is text"),
    ]
    for each in fed:
        watch.feed(each)
    assert [each.id for each in some] == ["1", "3", "4"]
    assert all_ == fed


def test_a_finding_is_what_the_detection_says_with_its_event() -> None:
    (found,) = Watch(EXAMPLES).feed(event())
    assert found.detection == "project_archived"
    assert found.severity == "high"
    assert found.at is not None
    assert found.at.timestamp() == 1_790_000_000
    assert found.about == "proj_1"
    assert found.summary == "The project proj_1 was archived."
    assert found.why == PROJECT_ARCHIVED.why
    assert found.evidence == (event(),)
    assert found.accepted is None


def test_the_same_finding_comes_once_and_has_the_same_id_in_another_run() -> None:
    watch = Watch([PROJECT_ARCHIVED])
    (first,) = watch.feed(event())
    assert watch.feed(event()) == ()
    (other,) = watch.feed(event(id="audit_log-2"))
    (again,) = Watch([PROJECT_ARCHIVED]).feed(event())
    assert first.id == again.id != other.id


def test_what_was_told_before_is_not_told_again() -> None:
    (first,) = Watch([PROJECT_ARCHIVED]).feed(event())
    assert Watch([PROJECT_ARCHIVED], told=[first.id]).feed(event()) == ()


def test_what_is_kept_of_findings_is_bounded(monkeypatch: Any) -> None:
    monkeypatch.setattr(watching, "MOST_REMEMBERED", 2)
    watch = Watch([PROJECT_ARCHIVED])
    for id in "123":
        assert watch.feed(event(id=id))
    assert not watch.feed(event(id="3"))
    assert not watch.feed(event(id="2"))
    assert watch.feed(event(id="1"))  # the oldest is forgotten, and told again


def test_a_detection_that_fails_costs_itself_and_goes_on_with_the_next_event() -> None:
    watch = Watch([failing(PROJECT_ARCHIVED, at="bad"), attrs.evolve(PROJECT_ARCHIVED, key="b")])
    assert [each.detection for each in watch.feed(event(id="bad"))] == ["b"]
    assert [each.detection for each in watch.feed(event(id="good"))] == ["project_archived", "b"]
    watch.feed(event(id="bad"))
    (failure,) = watch.failures
    assert failure.events == 2
    assert str(failure) == (
        "project_archived could not look at 2 events, the first (bad): KeyError: 'actor'"
    )


def test_a_hit_without_evidence_is_a_failure_too() -> None:
    def look(event: AuditEvent, state: None, context: Context) -> Iterator[Hit]:
        yield Hit(about="x", summary="x", evidence=())

    watch = Watch([attrs.evolve(PROJECT_ARCHIVED, look=look)])
    assert watch.feed(event()) == ()
    assert [each.detection for each in watch.failures] == ["project_archived"]


def test_settings_change_thresholds_and_severity_and_switch_off() -> None:
    settings = Settings(
        detections={
            "busy": DetectionSettings(severity="critical", thresholds={"events": 2}),
            "project_archived": DetectionSettings(enabled=False),
        }
    )
    watch = Watch(EXAMPLES, settings=settings)
    assert watch.detections == [BUSY]
    found = [each for id in "123" for each in watch.feed(event(id=id))]
    assert [(each.severity, each.summary) for each in found] == [
        ("critical", "user-1 did 2 things.")
    ]


def test_what_becomes_known_of_the_organization_is_used_from_then_on() -> None:
    watch = Watch([PROJECT_ARCHIVED], Directory(names={"proj_1": "Old"}))
    assert watch.feed(event(id="1"))[0].summary == "The project Old was archived."
    watch.know(Directory(names={"proj_1": "New"}))
    assert watch.feed(event(id="2"))[0].summary == "The project New was archived."


def test_an_id_that_is_no_unicode_costs_nothing() -> None:
    (found,) = Watch([PROJECT_ARCHIVED]).feed(event(id="audit_log-\ud800", target="proj_\udfff"))
    assert found.about == "proj_\udfff"
    assert found.id.startswith("finding-")
