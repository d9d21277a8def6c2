"""Findings as they are stated: texts that fill in, columns with names of their own, tones."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from openai_admin.insights import (
    FINDINGS,
    TOPICS,
    AnomalySearch,
    DailyCosts,
    Finding,
    KeyFinding,
    Named,
    Period,
    Threshold,
    project_month,
)
from openai_admin.insights.findings import days
from openai_admin.insights.findings.changes import anomaly_sentences, no_estimate
from openai_admin.insights.findings.shown import shown
from openai_admin.insights.naming import distinct

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize("key", FINDINGS)
def test_its_texts_name_only_thresholds_that_it_has(key: str) -> None:
    finding = FINDINGS[key]
    for text in (finding.heading, finding.said(0), finding.said(1), finding.advice):
        assert "{" not in text
    assert finding.heading
    assert finding.text is not None or finding.said(0).endswith(".")


@pytest.mark.parametrize("key", FINDINGS)
def test_its_columns_have_names_of_their_own(key: str) -> None:
    columns = FINDINGS[key].columns
    fields = [name for c in columns for name in (c.field, c.name_field) if name]
    assert len(fields) == len(set(fields))
    assert all(bool(c.name_field) == (c.kind in ("thing", "range")) for c in columns)


@pytest.mark.parametrize("key", FINDINGS)
def test_a_row_with_a_tone_has_a_column_that_shows_it(key: str) -> None:
    finding = FINDINGS[key]
    assert sum(column.judged for column in finding.columns) == (finding.tone is not None)


def test_each_is_in_one_place() -> None:
    keys = [finding.key for topic in TOPICS for finding in topic.findings]
    assert sorted(keys) == sorted(FINDINGS)
    links = [group.key for topic in TOPICS for group in topic.groups]
    assert len(links) == len(set(links))


def test_a_sentence_quotes_the_thresholds_that_were_used() -> None:
    stale: Finding[object] = FINDINGS["stale_keys"]
    assert stale.heading == "Keys not used for 90 days"
    assert stale.said(1) == "1 key not used for more than 90 days."
    assert stale.said(2, days=days(1)) == "2 keys not used for more than 1 day."
    assert str(Threshold(0.8, "part")) == "80%"


def test_an_object_is_shown_by_its_name_with_its_id_beside_it() -> None:
    names = {"p_1": "Search", "p_2": "Search", "p_3": "p_3"}
    things = [Named(id).among(names) for id in ("p_1", "p_2", "p_3", "p_4", None)]
    assert [str(thing) for thing in things] == ["Search", "Search", "p_3", "p_4", "(none)"]
    assert [thing.beside for thing in things] == ["p_1", "p_2", None, None, None]
    assert distinct(things) == ["Search (p_1)", "Search (p_2)", "p_3", "p_4", "(none)"]
    assert str(Named("k", "mine").among({"k": "other"})) == "mine"


def _key(last_used_at: datetime | None) -> KeyFinding:
    return KeyFinding(
        key_id="key_1",
        name=None,
        project_id=None,
        owner_id=None,
        owner_name=None,
        created_at=NOW,
        last_used_at=last_used_at,
        idle_days=3,
    )


@pytest.mark.parametrize(
    ("field", "used", "unused"),
    [
        ("key_id", "key_1", "key_1"),
        ("owner_id", "not known", "not known"),
        ("last_used_on", "2026-11-20", "never"),
        ("idle_days", "3", "3"),
    ],
)
def test_what_is_not_there_is_said_in_the_columns_own_words(
    field: str, used: str, unused: str
) -> None:
    column = next(c for c in FINDINGS["stale_keys"].columns if c.field == field)
    assert shown(column, _key(NOW), {}, None) == used
    assert shown(column, _key(None), {}, None) == unused


def test_a_sentence_about_one_row_reads_as_well_as_one_about_many() -> None:
    ending = FINDINGS["ending_certificates"]
    for number, said in ((1, "1 certificate"), (2, "2 certificates")):
        assert ending.said(number) == (
            f"{said} in use whose validity ends within 30 days or has already ended."
        )


@pytest.mark.parametrize(
    ("costs", "said"),
    [
        ({}, "There are no costs to estimate the month from."),
        ({date(2026, 11, 25): Decimal(5)}, "All costs are too recent to estimate the month from."),
    ],
)
def test_why_nothing_is_expected_of_a_month(costs: dict[date, Decimal], said: str) -> None:
    currency = "usd" if costs else None
    daily = DailyCosts(by=("project",), currency=currency, groups={("p",): costs} if costs else {})
    found = project_month(daily, now=datetime(2026, 11, 26, 12, tzinfo=UTC))
    assert found.expected is None
    assert no_estimate(found) == said


@pytest.mark.parametrize(
    ("judged", "too_short", "too_small", "said"),
    [
        (0, 0, 3, ("Nothing cost enough to be looked at.",)),
        (0, 1, 0, ("1 project and model with too little history to judge.",)),
        (
            1,
            2,
            485,
            (
                "No day cost far more or less than usual.",
                "1 project and model looked at.",
                "2 projects and models with too little history to judge.",
                "485 projects and models cost too little on every day to matter.",
            ),
        ),
    ],
)
def test_nothing_is_claimed_of_what_was_not_judged(
    judged: int, too_short: int, too_small: int, said: tuple[str, ...]
) -> None:
    search = AnomalySearch(
        by=("project", "model"),
        period=Period(date(2026, 10, 1), date(2026, 11, 1)),
        currency=None,
        found=(),
        judged=judged,
        too_short=too_short,
        too_small=too_small,
    )
    assert anomaly_sentences(search) == said
