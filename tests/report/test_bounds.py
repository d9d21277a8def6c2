"""What a report of a large organization shows, and that nothing is lost by what it leaves out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from benchmarks.scale.facts import facts
from openai_admin.cli.report_text import write_report
from openai_admin.insights import CostChange, Review, examine, known
from openai_admin.insights.costs import together
from openai_admin.insights.findings import FINDINGS, MOST
from openai_admin.insights.findings.top import top
from openai_admin.insights.text import money, percent
from openai_admin.mcp.insight.review import counts_of, fitting, rest_of
from openai_admin.mcp.insight.rows import row
from openai_admin.report import (
    CHARTS,
    Table,
    document,
    figures,
    to_html,
    to_markdown,
    write_tables,
)
from openai_admin.usage.money import add_up
from tests.report.chromium import chromium
from tests.report.drawn import boxes

_PROJECTS = 24
_KEYS = 4 * _PROJECTS


@pytest.fixture(scope="module")
def large() -> Review:
    return examine(facts(_PROJECTS))


def _tables(review: Review, *, full: bool = False) -> dict[str, Table]:
    parts = document(review, full=full).parts
    return {t.caption: t for p in parts for s in p.sections for t in s.tables if not t.folded}


@pytest.mark.parametrize(("rows", "shown", "others"), [(15, 15, 0), (16, 16, 0), (17, 15, 2)])
def test_one_row_stands_for_two_or_more(rows: int, shown: int, others: int) -> None:
    best = top(range(rows))
    assert (len(best.rows), len(best.others)) == (shown, others)
    assert [*best.rows, *best.others] == [*range(rows)]


def test_the_rest_adds_up_to_what_is_not_shown(large: Review) -> None:
    breakdown = known(large.by_project)
    shown = _tables(large)["Cost by project"]
    assert len(shown.rows) == MOST
    assert shown.rest is not None
    others = breakdown.groups[MOST:]
    cost = add_up(change.cost for change in others)
    assert shown.rest[0].text == f"The other {len(others)} projects"
    assert shown.rest[1].text == money(cost, "usd")
    assert shown.total is not None
    assert shown.total[1].text == money(breakdown.total.cost, "usd")
    rest = together(others)
    assert sum(change.cost for change in breakdown.groups[:MOST]) + rest.cost == (
        breakdown.total.cost
    )
    assert rest.change == sum(known(change.change) for change in others)


def test_the_rest_of_unlike_changes_is_not_known() -> None:
    known_one = CostChange(group=("a",), cost=Decimal(1), previous=Decimal(2), share=0.5)
    unknown = CostChange(group=("b",), cost=Decimal(1), previous=None, share=None)
    rest = together([known_one, unknown])
    assert rest.cost == 2
    assert [rest.previous, rest.share, rest.change] == [None, None, None]


def test_every_form_has_the_same_row_for_the_rest(large: Review) -> None:
    terminal = io.StringIO()
    write_report(large, terminal)
    forms = (to_markdown(large), terminal.getvalue(), to_html(large))
    rest = money(together(known(large.by_project).groups[MOST:]).cost, "usd")
    for text in forms:
        assert f"The other {_PROJECTS - MOST} projects" in text
        assert rest in text
        assert f"The other {_KEYS - MOST} keys" in text
        assert "Keys not used for 90 days, by idle time" in text
        assert "--full" in text


@pytest.mark.parametrize("key", ["by_project", "by_line_item", "movers"])
@pytest.mark.parametrize("shown", [2, 3, 5, 7])
def test_what_a_tool_shows_to_the_cent_adds_up(large: Review, key: str, shown: int) -> None:
    finding = FINDINGS[key]
    every = finding.rows(large)
    rest = rest_of(large, finding, shown)
    assert finding.together is not None
    whole = row(finding.columns, finding.together(every), {})
    assert rest is not None
    assert len(every) > shown
    for field in ("cost", "previous", "change"):
        rows = [row(finding.columns, each, {})[field] for each in every[:shown]]
        assert sum(map(_amount, [*rows, rest[field]])) == _amount(whole[field])


def _amount(money: Any) -> Decimal:
    return Decimal(money["amount"])


def test_many_findings_are_a_distribution_and_the_worst(large: Review) -> None:
    tables = _tables(large)
    ages = tables["Keys not used for 90 days, by idle time"]
    assert sum(int(row[1].text) for row in ages.rows) == _KEYS
    worst = tables["Keys not used for 90 days"].rows
    idle = [key.idle_days for key in known(large.stale_keys)]
    assert len(worst) == MOST
    assert [int(row[4].text) for row in worst] == idle[:MOST]
    counts = counts_of(large, FINDINGS["stale_keys"])["by_idle_days"]
    assert sum(each.count for each in counts) == _KEYS


def test_all_of_it_is_shown_where_that_is_asked_for(large: Review) -> None:
    tables = _tables(large, full=True)
    assert len(tables["Cost by project"].rows) == _PROJECTS
    assert len(tables["Keys not used for 90 days"].rows) == _KEYS
    assert not any(table.rest for table in tables.values())
    ids = {key.key_id for key in known(large.stale_keys)}
    text = to_markdown(large, full=True)
    assert {id for id in ids if id not in text} == set()


def test_the_files_have_all_rows_exactly(large: Review, tmp_path: Path) -> None:
    written = write_tables(large, tmp_path / "tables")
    assert {path.name for path in written} == {path.name for path in tmp_path.glob("tables/*")}
    with (tmp_path / "tables" / "by_project.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(Decimal(row["cost"]) for row in rows) == known(large.by_project).total.cost
    assert [row["name"] for row in rows] == [
        large.name(change.group[0]) for change in known(large.by_project).groups
    ]
    for made, change in zip(rows, known(large.by_project).groups, strict=True):
        assert float(made["share_percent"]) == pytest.approx(100 * (change.share or 0), abs=1e-4)
    with (tmp_path / "tables" / "movers.csv").open(newline="") as file:
        moved = sum(Decimal(each["change"]) for each in csv.DictReader(file))
    assert moved == known(large.by_project).total.change
    with (tmp_path / "tables" / "stale_keys.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == _KEYS
    assert json.loads((tmp_path / "tables" / "figures.json").read_text()) == json.loads(
        json.dumps(figures(large))
    )


def test_the_figures_of_the_page_say_what_they_leave_out(large: Review) -> None:
    some, whole = figures(large, full=False), figures(large)
    assert whole["left_out"] == {}
    assert some["left_out"]["stale_keys"] == _KEYS - MOST
    assert len(some["stale_keys"]) == MOST
    for made in (some, whole):
        assert sum(Decimal(row["cost"]) for row in made["daily"]) == Decimal(made["total"])
    assert {row["others"] for row in some["daily"] if "others" in row} == {_PROJECTS - MOST}


def test_a_chart_is_not_gray_for_its_greater_part(large: Review) -> None:
    breakdown = known(large.by_project)
    even = [
        attrs.evolve(change, cost=Decimal(100), share=1 / _PROJECTS) for change in breakdown.groups
    ]
    flat = attrs.evolve(
        large,
        by_project=attrs.evolve(
            breakdown,
            groups=tuple(even),
            total=attrs.evolve(breakdown.total, cost=Decimal(100 * _PROJECTS)),
        ),
    )
    assert len({box.kind for box in boxes(CHARTS["projects"](flat))}) == 8
    section = document(flat).parts[0].sections[0]
    others = _PROJECTS - 8
    assert any(
        f"the other {others} projects cost ${100 * others:,}.00" in text for text in section.text
    )
    assert percent(others / _PROJECTS) in " ".join(section.text)


async def test_the_page_fits_in_a_browser(large: Review, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(to_html(large), encoding="utf-8")
    assert page.stat().st_size <= 900_000
    async with chromium() as tab:
        await tab.open(page, width=390)
        assert tab.complaints == []
        assert await tab.value("document.documentElement.scrollWidth") == 390
        await tab.open(page)
        heights = await tab.value(
            '[...document.querySelectorAll(".spark path")].map((path) => path.getBBox().height)'
        )
        assert heights
        assert min(heights) > 1  # a line that goes up and down with the days


def test_a_tool_shows_as_many_rows_as_there_is_room_for(large: Review) -> None:
    def told(keys: Sequence[str], limit: int | None = None, **room: int) -> tuple[int, int]:
        answer = fitting(large, [FINDINGS[key] for key in keys], limit, **room)
        rows = len(answer.structured["findings"]["by_project"].get("rows", ()))
        return rows, len(json.dumps(answer.structured, default=str))

    few, every = ["by_project", "stale_keys"], list(FINDINGS)
    assert told(few, room=12_000)[0] == MOST
    assert told(every, 3)[0] == 3
    rows, length = told(every, 7)
    assert told(every, room=length) == (rows, length) == (7, length)
    assert told(every, room=length - 1)[0] == 6
    assert told(every, room=0)[0] == 0
