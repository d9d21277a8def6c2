"""Findings in words: who, where, Markdown, and a message for Slack."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from openai_admin.audit.detections.detecting import Detected
from openai_admin.audit.detections.model import Finding, Hit
from openai_admin.audit.detections.naming import with_names
from openai_admin.audit.detections.showing import (
    kinds,
    plain,
    scope_of,
    summary_of,
    to_markdown,
    where,
    who,
)
from openai_admin.audit.detections.slack import to_slack
from openai_admin.audit.event import AuditEvent
from tests.audit.detections.examples import BUSY, PROJECT_ARCHIVED, event


def finding(*events: AuditEvent, **changes: Any) -> Finding:
    """A finding with this evidence."""
    hit = Hit(about="proj_1", summary="It was archived.", evidence=events or (event(),))
    return attrs.evolve(Finding.of(PROJECT_ARCHIVED, hit), **changes)


def detected(*findings: Finding, **changes: Any) -> Detected:
    """The result of a run."""
    return Detected(
        **{
            "since": datetime(2026, 10, 1, tzinfo=UTC),
            "until": datetime(2026, 10, 31, tzinfo=UTC),
            "learned_since": datetime(2026, 9, 1, tzinfo=UTC),
            "learned_from": 4210,
            "events": 1,
            "findings": findings,
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (event(), "jo@acme.example"),
        (event(email=None), "Jo"),
        (event(email=None, user="user-2"), "user-2"),
        (event(key="key_1"), "jo@acme.example, by the key CI"),
        (event(key="key_2", email=None, user=None), "the key key_2"),
        (AuditEvent.of_raw({"actor": "system"}), "system"),
        (AuditEvent.of_raw({}), ""),
    ],
)
def test_who_did_it(one: AuditEvent, told: str) -> None:
    assert who(finding(one), {"user-1": "Jo", "key_1": "CI"}) == told


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (event(), "203.0.113.7 (NL)"),
        (event(country=None), "203.0.113.7"),
        (event(ip=None), "NL"),
        (event(ip=None, country=None), ""),
    ],
)
def test_where_it_came_from(one: AuditEvent, told: str) -> None:
    assert where(finding(one)) == told


def test_a_summary_has_names_beside_ids_that_stand_alone() -> None:
    names = {"proj_1": "Search", "user-1": "Jo", "key_1": "CI"}
    text = "jo@acme.example (user-1) gave proj_1 (with key key_1) to user-9."
    told = with_names(finding(summary=text), names).summary
    assert told == (
        "jo@acme.example (user-1) gave Search (proj_1) (with key CI (key_1)) to user-9."
    )
    assert with_names(finding(summary=told), names).summary == told


def test_json_has_the_events_as_they_came() -> None:
    odd = AuditEvent.of_raw({"id": 7, "type": "x", "new": [1]}, why_odd="its id is a number")
    row = json.loads(json.dumps(plain(finding(odd, at=None), {})))
    assert row["evidence"] == [{"id": 7, "type": "x", "new": [1]}]
    assert row["at"] is None
    assert row["detection"] == "project_archived"
    assert row["id"].startswith("finding-")
    assert row["techniques"][0]["address"] == "https://attack.mitre.org/techniques/T1485/"


def test_each_kind_comes_once_the_worst_first() -> None:
    low = Finding.of(BUSY, Hit(about="x", summary="x", evidence=(event(),)))
    assert [each.detection for each in kinds([low, finding(), low])] == [
        "project_archived",
        "busy",
    ]


def test_what_was_looked_at_and_learned_from_is_said() -> None:
    assert scope_of(detected(odd_events=1)) == (
        "Looked at 1 event from 2026-10-01 00:00:00 to 2026-10-31 00:00:00 UTC, 1 of them not as"
        " the API describes; learned from 4,210 events of the 30 days before."
    )
    assert scope_of(detected(learned_since=datetime(2026, 10, 1, tzinfo=UTC))).endswith(
        "; learned from nothing before."
    )


def test_the_summary_says_how_bad_the_worst_is() -> None:
    low = finding(severity="low")
    assert summary_of(detected(), []) == "Nothing was found."
    assert summary_of(detected(not_known=("x",)), []) == "Nothing was found so far."
    assert summary_of(detected(findings=(low,)), []) == (
        "Nothing as severe as asked for was found; 1 less severe thing is not told."
    )
    assert summary_of(detected(findings=(low, low), not_known=("x",)), []) == (
        "Nothing as severe as asked for was found so far; 2 less severe things are not told."
    )
    high = finding(severity="high", about="user-9")
    assert summary_of(detected(findings=(low, high)), [high]) == (
        "Found 1 thing to look at, of severity high; 1 less severe thing is not told."
    )
    assert summary_of(detected(), [low]) == "Found 1 thing to look at, of severity low."
    assert summary_of(detected(), [low, finding(), low]) == (
        "Found 3 things to look at, 1 of severity high."
    )


def test_markdown_shows_names_as_they_are() -> None:
    text = to_markdown(
        detected(notes=("A note.",), not_known=("roles: the key lacks it",)),
        [finding(summary="<b>@all</b> | [x](http://evil.example)")],
    )
    assert "<b>" not in text
    assert "http://" not in text
    assert "## Project archived" in text
    assert "**What to do:** Ask who archived it; unarchive it." in text
    assert "- roles: the key lacks it" in text


def test_a_message_for_slack_mentions_nobody_and_stays_within_its_limits() -> None:
    many = [finding(event(id=str(number)), summary="<!channel> " * 400) for number in range(60)]
    message = to_slack("60 findings", many, {}, ["x"] * 20)
    assert len(message["blocks"]) <= 50
    text = json.dumps(message)
    assert "<!channel>" not in text
    assert "40 more are left out here." in text
    for block in message["blocks"]:
        assert len(block.get("text", {}).get("text", "")) <= 3000
