"""Markdown, images, figures and the terminal: the same things said in other forms."""

from __future__ import annotations

import html
import io
import itertools
import json
import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import attrs
import pytest
from jinja2 import UndefinedError

from openai_admin import AsyncOpenAIAdmin, InvalidInputError
from openai_admin._text.markdown import escape
from openai_admin.cli.report_text import write_report
from openai_admin.emulator import Emulator
from openai_admin.insights import CostBreakdown, Period, Review, cost_by, known, review
from openai_admin.insights.budgets import Budget, BudgetScope, BudgetStatus
from openai_admin.insights.daily import days_of
from openai_admin.insights.findings import FINDINGS
from openai_admin.insights.text import money, signed_percent
from openai_admin.report import CHARTS, document, figures, to_html, to_markdown, to_png, to_svg
from openai_admin.report.charts import DRAWN
from openai_admin.report.csv_files import to_csv
from openai_admin.report.heading import spent_in
from openai_admin.report.page import _template
from openai_admin.report.sparkline import sparkline
from tests.report.drawn import boxes, marks, said, tree, zero


def _expected_findings(demo: Emulator) -> set[str]:
    assert demo.expected_findings is not None
    expected = demo.expected_findings
    return {
        *expected.stale_keys,
        *expected.never_used_keys,
        *expected.keys_of_former_members,
        *expected.stale_admin_keys,
        *expected.non_expiring_admin_keys,
        *expected.inactive_owners,
        *expected.pending_invites,
        *expected.ending_certificates,
    }


def test_every_form_names_all_expected_findings(found: Review, demo: Emulator) -> None:
    terminal = io.StringIO()
    write_report(found, terminal)
    for text in (to_markdown(found), terminal.getvalue(), json.dumps(figures(found))):
        assert {id for id in _expected_findings(demo) if id not in text} == set()


def test_every_form_says_what_a_table_alone_is_of(found: Review) -> None:
    of_keys = ("stale_keys", "never_used_keys", "keys_of_former_members", "stale_admin_keys")
    alone: dict[str, Any] = dict.fromkeys(of_keys, ())
    changed = attrs.evolve(found, **alone)
    terminal = io.StringIO()
    write_report(changed, terminal)
    caption = FINDINGS["non_expiring_admin_keys"].heading
    assert f"**{caption}**" in to_markdown(changed)
    assert re.search(rf"^ *{caption} *$", terminal.getvalue(), re.MULTILINE)
    assert f"<caption>{caption}</caption>" in to_html(changed)
    owners = FINDINGS["inactive_owners"].heading  # which the title says already
    assert f"**{owners}**" not in to_markdown(changed)


def test_every_form_has_the_total_and_each_project(found: Review) -> None:
    terminal = io.StringIO()
    write_report(found, terminal)
    for text in (to_markdown(found), terminal.getvalue()):
        assert money(known(found.by_project).total.cost, "usd") in text
        for group in known(found.by_project).groups:
            assert found.name(group.group[0]) in text
            assert money(group.cost, "usd") in text


def _younger(costs: CostBreakdown | None, first: date) -> CostBreakdown:
    """Costs as they are where there was nothing before a day."""
    breakdown = known(costs)
    groups = [attrs.evolve(group, nothing_before=first) for group in breakdown.groups]
    total = attrs.evolve(breakdown.total, nothing_before=first)
    return attrs.evolve(breakdown, total=total, groups=tuple(groups))


def test_every_form_says_why_no_change_is_stated(found: Review) -> None:
    first = found.period.start
    names = ("by_project", "by_model", "by_line_item", "by_key", "by_user")
    younger: dict[str, Any] = {name: _younger(getattr(found, name), first) for name in names}
    changed = attrs.evolve(found, movers=(), months=(), **younger)
    terminal = io.StringIO()
    write_report(changed, terminal)
    for text in (to_markdown(changed), terminal.getvalue()):
        assert f"nothing before {first}" in text
        assert not re.search(r"[+\N{MINUS SIGN}]\d[\d.,]*%", text)
    assert figures(changed)["nothing_before"] == first.isoformat()


def test_every_form_tells_reached_limits_from_near_ones_and_has_their_unit(found: Review) -> None:
    first, second, *_ = known(found.rate_limits)
    uses = (
        attrs.evolve(first, metric="images", peak=first.limit),
        attrs.evolve(second, metric="tokens", peak=second.limit * 0.9),
    )
    changed = attrs.evolve(found, rate_limits=uses)
    terminal = io.StringIO()
    write_report(changed, terminal)
    for text in (to_markdown(changed), terminal.getvalue()):
        assert "2 rate limits (1 reached, 1 near)" in text
        assert "images a minute" in text
        assert "tokens a minute" in text
        assert f"from {known(found.projection).fitted_days} days" in text


def test_the_rows_of_each_table_fit_its_columns(found: Review) -> None:
    tables = [t for p in document(found).parts for s in p.sections for t in s.tables]
    assert tables
    for table in tables:
        assert {len(row) for row in table.rows} <= {len(table.columns)}
        assert table.total is None or len(table.total) == len(table.columns)


def test_findings_lead_somewhere(found: Review) -> None:
    report = document(found)
    keys = [section.key for part in report.parts for section in part.sections]
    assert len(keys) == len(set(keys))
    assert {tile.target for tile in report.tiles} <= set(keys)


@pytest.mark.parametrize("name", CHARTS)
def test_each_chart_is_an_image(found: Review, name: str) -> None:
    svg = ElementTree.fromstring(to_svg(found, name))
    text = "".join(svg.itertext())
    assert DRAWN[name].heading in text
    drawn = [e for e in svg.iter() if e.tag.endswith(("rect", "circle"))]
    assert len(drawn) >= {"months": 6, "hours": 168}.get(
        name, len(FINDINGS["movers"].top(found).rows)
    )
    assert to_png(found, name).startswith(b"\x89PNG\r\n")


def test_an_unknown_chart_is_named_with_the_nearest(found: Review) -> None:
    with pytest.raises(InvalidInputError, match=r"no chart 'project'.*did you mean 'projects'"):
        to_svg(found, "project")


def test_a_name_is_not_markdown() -> None:
    assert escape("a|b `c` <i>*d*</i> [e](f) @all\n# g") == (
        r"a\|b \`c\` &lt;i&gt;\*d\*&lt;/i&gt; \[e\](f) &#64;&#8288;all \# g"
    )
    assert "://" not in escape("https://example.com www.example.com")


TURNING = "a\u202eb\u2066c\x1bd"


def test_a_name_turns_nothing_in_markdown(found: Review) -> None:
    hostile = attrs.evolve(found, names=dict.fromkeys(found.names, TURNING))
    text = to_markdown(hostile)
    assert r"a\\u202eb\\u2066c\\u001bd" in text
    assert {c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf")} == set()


@pytest.mark.parametrize("name", ["projects", "movers"])
def test_a_name_turns_nothing_in_a_chart(name: str, found: Review) -> None:
    hostile = attrs.evolve(found, names=dict.fromkeys(found.names, TURNING))
    svg = to_svg(hostile, name)
    assert r"a\u202eb\u2066c\u001bd" in "".join(ElementTree.fromstring(svg).itertext())
    assert {c for c in svg if c != "\n" and unicodedata.category(c) in ("Cc", "Cf")} == set()
    assert "\\\\u202e" in to_html(hostile)  # a JSON text of the page's own filter


def test_a_name_is_neither_markup_nor_template(found: Review) -> None:
    name = '</script><b title="x">\'{{ 7 * 7 }}{% raw %}'
    hostile = attrs.evolve(found, names=dict.fromkeys(found.names, name))
    page = to_html(hostile)
    assert page.count(name) == 0
    assert page.count("</script>") == to_html(found).count("</script>")
    assert html.escape(name).replace("&quot;", "&#34;").replace("&#x27;", "&#39;") in page


def test_what_the_template_does_not_know_is_an_error(found: Review) -> None:
    with pytest.raises(UndefinedError, match="'policy' is undefined"):
        _template().render(report=document(found))


def test_a_name_does_nothing_to_a_terminal(found: Review) -> None:
    id = known(found.by_project).groups[0].group[0]
    assert id is not None
    hostile = attrs.evolve(found, names={**found.names, id: "\x1b[2Jx\u202ey [bold]z[/bold]"})
    terminal = io.StringIO()
    write_report(hostile, terminal)
    assert "\x1b" not in terminal.getvalue()
    assert "\u202e" not in terminal.getvalue()
    assert "[bold]z[/bold]" in terminal.getvalue()


def test_a_terminal_that_knows_only_ascii_is_served(found: Review) -> None:
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="ascii")
    write_report(found, terminal)
    terminal.flush()
    assert money(known(found.by_project).total.cost, "usd").encode() in raw.getvalue()


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234.565", "usd", "$1,234.56"),
        ("-0.5", "usd", "\N{MINUS SIGN}$0.50"),
        ("0.001", "usd", "<$0.01"),
        ("0", "usd", "$0.00"),
        ("-12", None, "\N{MINUS SIGN}12.00"),
        ("12", "eur", "12.00 EUR"),
    ],
)
def test_money_is_written_to_the_cent(amount: str, currency: str | None, text: str) -> None:
    assert money(Decimal(amount), currency) == text


def test_changes_have_signs() -> None:
    assert [signed_percent(v) for v in (0.5, -0.25, None)] == [
        "+50.0%",
        "\N{MINUS SIGN}25.0%",
        "",
    ]


def test_a_sparkline_is_as_high_as_its_values() -> None:
    assert sparkline((0, 1, 2, 7)) == "▁▂▃█"
    assert sparkline((0.0, 0.0)) == "▁▁"
    assert sparkline(()) == ""
    assert len(sparkline(tuple(range(90)), 30)) == 30


@pytest.mark.parametrize("name", ["projects", "models"])
async def test_bars_stand_on_one_another_up_to_what_a_day_cost(found: Review, name: str) -> None:
    drawn = CHARTS[name](found)
    totals = known(found.daily).total()
    costs = [
        float(totals.cost((), Period(each, each + timedelta(days=1))))
        for each in days_of(found.period)
    ]
    for place, cost in enumerate(costs):
        ends = [(box.bottom, box.top) for box in boxes(drawn) if box.place == place]
        assert ends[0][0] == zero(drawn)
        assert all(abs(low[1] - high[0]) < 0.02 for low, high in itertools.pairwise(ends))
        scale = (zero(drawn) - min(box.top for box in boxes(drawn))) / max(costs)
        assert zero(drawn) - ends[-1][1] == pytest.approx(cost * scale, abs=0.02)
        assert money(Decimal(repr(cost)), "usd") in said(drawn)[place].split("\n")[0]


async def test_a_long_period_is_drawn_by_weeks(client: AsyncOpenAIAdmin) -> None:
    found = await review(client, days=172)  # with those before, what the API has
    drawn = CHARTS["projects"](found)
    assert len({box.place for box in boxes(drawn)}) == 25  # four days and 24 weeks
    sums = [Decimal(re.sub(r".*: \$|,", "", text.split("\n")[0])) for text in said(drawn)]
    assert sum(sums) == pytest.approx(known(found.by_project).total.cost, abs=Decimal("0.13"))
    (mark,) = marks(drawn)
    assert mark.startswith(str(known(found.anomalies).found[0].day))


def test_budgets_and_limits_are_drawn_into_the_month(found: Review) -> None:
    month = known(found.projection).month
    everything = BudgetStatus(
        budget=Budget(name="all", limit=Decimal(20_000)), period=month, spent=Decimal(1)
    )
    of_one = attrs.evolve(
        everything,
        budget=Budget(name="one", limit=Decimal(100), scope=BudgetScope(projects=("Search",))),
    )
    scope = attrs.evolve(found.scope, has_budgets=True)
    given = attrs.evolve(found, budgets=(everything, of_one), scope=scope)
    words = [str(line.findtext("text")) for line in tree(CHARTS["projection"](given)).iterfind("g")]
    levels = [text for text in words if " at $" in text]
    assert "alert, budget all at $20,000.00" in levels  # the demo has an alert there as well
    assert not [text for text in levels if "one" in text]


def test_credits_go_downwards_and_other_currencies_have_their_names(found: Review) -> None:
    project = known(found.by_project).groups[0].group[0]
    groups = {
        group: {day: -cost if group[0] == project else cost for day, cost in costs.items()}
        for group, costs in known(found.daily).groups.items()
    }
    daily = attrs.evolve(known(found.daily), currency="eur", groups=groups)
    grouped = daily.regrouped("project")
    credited = attrs.evolve(
        found,
        currency="eur",
        daily=daily,
        by_project=cost_by(grouped, period=found.period),
    )
    drawn = CHARTS["projects"](credited)
    bars = boxes(drawn)
    assert min(b.top for b in bars) < zero(drawn) < max(b.bottom for b in bars)
    assert "500 EUR" in drawn.body
    assert "EUR" in to_markdown(credited)
    assert to_svg(credited).startswith("<svg")


def test_no_name_is_a_formula_in_a_table(found: Review) -> None:
    names = dict.fromkeys(found.names, '=HYPERLINK("http://evil")')
    made = to_csv(attrs.evolve(found, names=names), FINDINGS["by_project"])
    assert "\"'=HYPERLINK(" in made
    assert not re.search(r'(^|,)"?[=+@]', made, re.MULTILINE)


def test_a_period_is_named_by_its_dates(found: Review) -> None:
    for start, end, label in (
        ("2026-10-17", "2026-10-18", "Spent on 2026-10-17"),
        ("2026-07-01", "2026-10-01", "Spent in Q3 2026"),
        ("2025-01-01", "2026-01-01", "Spent in 2025"),
        ("2026-08-01", "2026-11-01", "Spent in 92 days"),
    ):
        period = Period(date.fromisoformat(start), date.fromisoformat(end))
        assert spent_in(attrs.evolve(found, period=period)) == label
