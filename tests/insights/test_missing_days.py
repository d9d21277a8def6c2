"""Days whose costs were refused are blank in every form, and in no change and no projection.

Every day costs 46 dollars, so that any change or other figure would be made of missing days.
"""

from __future__ import annotations

import io
import json
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import attrs
import pytest

from openai_admin.cli.report_text import write_report
from openai_admin.directory.not_known import told
from openai_admin.errors import APIConnectionError
from openai_admin.insights import Facts, NotKnown, Period, Review, daily_costs, examine, known
from openai_admin.insights.daily import days_of
from openai_admin.insights.findings import FINDINGS
from openai_admin.insights.periods import midnight
from openai_admin.mcp.insight.rows import not_looked_at
from openai_admin.report import CHARTS, document, figures, to_html, to_markdown
from openai_admin.report.document import Cell, Tile
from openai_admin.report.sparkline import sparkline
from openai_admin.resources.projects.spend_alerts import ProjectSpendAlert
from openai_admin.usage.plan import Window
from openai_admin.usage.table import UsageTable
from openai_admin.usage.told import MissingWindow

from ..report.drawn import boxes
from ..report.drawn import said as texts
from .made import costs, usage

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
PERIOD = Period(date(2026, 10, 27), date(2026, 11, 26))
ALL = Period(date(2026, 8, 20), date(2026, 11, 27))
PARTS = (("alpha", "gpt-5, input", "26.00"), ("beta", "gpt-5-mini, input", "20.00"))


def table(lost: Collection[date], *, first: date = ALL.start) -> UsageTable:
    """Costs of every day from one on but those that are lost."""
    days = [day for day in days_of(Period(first, ALL.end)) if day not in lost]
    made = costs(
        {"day": day, "amount": amount, "project_id": project, "line_item": item}
        for day in days
        for project, item, amount in PARTS
    )
    start = {day: int(midnight(day).timestamp()) for day in lost}
    gaps = [
        MissingWindow("costs", Window(at, at + 86_400, 1), APIConnectionError("gone"))
        for at in start.values()
    ]
    return UsageTable(made.columns, dimensions=made.dimensions, metrics=made.metrics, missing=gaps)


def reviewed(lost: Collection[date] = (), *, first: date = ALL.start) -> Review:
    """A review in which nothing but costs is known, and not all of these."""
    return reviewed_of(table(lost, first=first))


def reviewed_of(spent: UsageTable) -> Review:
    """A review of costs alone."""
    nothing = usage(
        {"endpoint": "completions", "start_time": NOW, "model": None, "project_id": None}
        for _ in range(1)
    ).only([])
    alert = ProjectSpendAlert(id="alert", threshold_amount=5_000_00)
    return examine(
        Facts(
            now=NOW,
            period=PERIOD,
            costs=spent,
            consumer_costs=spent,
            month_costs=spent,
            usage=nothing,
            hours=nothing,
            minutes=None,
            projects=(),
            users=(),
            keys={},
            admin_keys=(),
            invites=(),
            certificates=(),
            project_certificates={},
            rate_limits={},
            thresholds={"alpha": [alert]},
            last_seen={},
            not_known=tuple(
                NotKnown(
                    kind="costs",
                    reason="the API answered 400, “too far back”",
                    status=400,
                    window=str(gap.window),
                )
                for gap in spent.missing
            ),
        )
    )


def tile(review: Review, target: str) -> Tile:
    (found,) = [tile for tile in document(review).tiles if tile.target == target]
    return found


def said(review: Review, finding: str) -> str:
    return " ".join(FINDINGS[finding].sentences(review))


def days_before(day: date, number: int) -> list[date]:
    return [day - timedelta(days=i + 1) for i in range(number)]


BAD = date(2026, 11, 13)
TEN = days_before(date(2026, 11, 6), 10)
"""The first ten days of the period."""


def test_a_lost_day_is_none_in_the_series_of_days() -> None:
    daily = daily_costs(table([BAD]), "project")
    around = Period(BAD - timedelta(days=1), BAD + timedelta(days=2))
    assert daily.series(("alpha",), around) == [Decimal(26), None, Decimal(26)]
    assert daily.series(("nobody",), around) == [Decimal(0), None, Decimal(0)]
    assert daily.missing(PERIOD) == 1


@pytest.mark.parametrize("lost", [[BAD], TEN], ids=["one day", "ten days"])
def test_a_lost_day_of_the_period_is_in_no_figure(lost: list[date]) -> None:
    review = reviewed(lost)
    spent = f"${46 * (30 - len(lost)):,}.00"
    shown = tile(review, "projects")
    assert shown.value == f"at least {spent}"
    assert "%" not in shown.note
    assert f"costs of {len(lost)} day" in shown.note
    assert said(review, "by_project").startswith(f"At least {spent} in all")
    assert {c.change for c in known(review.by_project).groups} == {None}
    assert review.movers is None
    assert "costs of 2026-1" in said(review, "movers")
    made = json.loads(json.dumps(figures(review)))
    assert (made["days_missing"], made["movers"]) == (len(lost), None)
    blank = [row for row in made["daily"] if row["cost"] is None]
    assert {(row["day"], row["project_id"]) for row in blank} == {
        (str(day), project) for day in lost for project, *_ in PARTS
    }
    assert {row["cost"] for row in made["daily"]} == {None, "26", "20"}


@pytest.mark.parametrize("lost", [[BAD], TEN], ids=["one day", "ten days"])
def test_a_lost_day_is_blank_in_tables_charts_and_sparklines(lost: list[date]) -> None:
    review = reviewed(lost)
    written = io.StringIO()
    write_report(review, written)
    for text in (to_markdown(review), written.getvalue(), to_html(review)):
        assert "$0.00" not in text
        assert "▁" not in text.replace("▁▂▃▄▅▆▇█", "")
    (section,) = [s for p in document(review).parts for s in p.sections if s.key == "projects"]
    colored, by_day = section.tables
    rows = {row[0].text: row[1:] for row in by_day.rows}
    for day in days_of(PERIOD):
        assert (rows[str(day)] == (Cell("not known"),) * 2) is (day in lost)
    for row in (*colored.rows, known(colored.total)):
        (series,) = [cell.series for cell in row if cell.series]
        assert [value is None for value in series] == [day in lost for day in days_of(PERIOD)]
    drawn, days = CHARTS["projects"](review), list(days_of(PERIOD))
    assert {days[box.place] for box in boxes(drawn)} == {*days} - {*lost}
    assert [day for day, text in zip(days, texts(drawn), strict=True) if "not known" in text] == (
        sorted(lost)
    )


def test_a_sparkline_has_nothing_where_a_value_is_not_known() -> None:
    assert sparkline((1.0, None, 0.0)) == "█\N{NO-BREAK SPACE}▁"
    assert sparkline((None, None)) == "\N{NO-BREAK SPACE}" * 2
    assert sparkline((1.0, None, None, None), width=2) == "█\N{NO-BREAK SPACE}"


def test_a_month_that_lacks_a_day_is_not_projected() -> None:
    review = reviewed([BAD])
    assert known(review.projection).expected is None
    shown = tile(review, "projection")
    assert (shown.value, "$" in shown.note) == ("not known", False)
    assert "costs of 1 day are missing" in shown.note
    assert "t least $1,150.00 so far in November 2026" in said(review, "projection")
    assert "should cost" not in said(review, "projection")
    made = figures(review)["projection"]
    assert (made["expected"], made["low"], made["high"], made["days_missing"]) == (
        *(None, None, None),
        1,
    )
    drawn = CHARTS["projection"](review)
    assert (drawn.description, "not known" in drawn.body) == ("not known", True)
    (threshold,) = known(review.thresholds)
    assert threshold.standing == "not known"
    assert "Whether 1 of 1 spend limit or alert is near is not known" in said(review, "thresholds")
    assert review.near_thresholds == ()


def test_half_of_the_period_before_is_no_measure() -> None:
    review = reviewed(days_before(date(2026, 10, 12), 40))
    assert tile(review, "projects").value == "$1,380.00"
    assert "the period before is not known" in tile(review, "projects").note
    assert known(review.by_project).total.previous is None
    made = figures(review)
    assert (made["previous_total"], made["movers"]) == (None, None)
    assert known(review.projection).expected == Decimal("1380.00")
    assert "+100" not in to_markdown(review)


def test_days_before_both_periods_change_nothing_about_them() -> None:
    review = reviewed(days_before(date(2026, 9, 1), 12))
    assert known(review.by_project).total.change == 0
    assert review.movers is not None


def test_a_bill_without_a_day_is_not_held_against_the_usage_of_all() -> None:
    assert reviewed([BAD]).reconciliation is None
    assert reviewed(days_before(date(2026, 9, 1), 12)).reconciliation is not None


@pytest.mark.parametrize("refused", [True, False], ids=["refused", "young"])
def test_days_are_not_called_usual_where_too_few_are_known(refused: bool) -> None:
    first = date(2026, 11, 8)
    lost = days_before(first, (first - ALL.start).days) if refused else []
    review = reviewed(lost, first=first)
    assert review.anomalies is figures(review)["anomalies"] is None
    assert tile(review, "anomalies").value == "not known"
    reason = "too far back" if refused else "there is too little history"
    assert reason in tile(review, "anomalies").note
    assert bool(review.not_known) is refused


def test_a_lost_period_is_named_once() -> None:
    review = reviewed([*days_of(PERIOD)])
    assert [(part.kind, part.window) for part in review.not_known] == [("costs", None)]
    assert "costs of" not in said(review, "by_project")


def test_what_was_not_asked_for_is_not_known() -> None:
    review = attrs.evolve(reviewed(), only=frozenset({"by_project"}))
    assert review.why_not_known("by_project") == ()
    assert said(review, "stale_keys").startswith("Not checked: it was not asked for")


def test_the_report_says_where_the_servers_clock_is_days_away() -> None:
    told = "The server's clock is 6 d ahead of this machine's"
    for seconds, is_told in ((6 * 86_400 - 1, True), (1800, False), (None, False)):
        review = attrs.evolve(reviewed(), clock_difference=seconds)
        assert any(note.startswith(told) for note in document(review).notes) is is_told
        assert figures(review)["clock_difference"] == seconds


def test_only_texts_are_shortened() -> None:
    parts = reviewed([date(2026, 10, day) for day in range(1, 20, 2)]).not_known
    every = [f"costs of 2026-10-{day:02}" for day in range(1, 20, 2)]
    (complete,) = told(parts, {}, most=None)
    assert all(each in complete for each in every)
    (short,) = not_looked_at(parts)
    assert "and 7 more" in short
