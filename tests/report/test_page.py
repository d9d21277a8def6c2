"""The page in a browser: it draws, asks for nothing, and says what the API says."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.directory.not_known import NotKnown
from openai_admin.emulator import Emulator
from openai_admin.insights import Period, Review, known, review
from openai_admin.insights.findings import FINDINGS
from openai_admin.insights.text import money
from openai_admin.report import CHARTS, to_html
from openai_admin.report.colors import OTHERS
from openai_admin.report.cube import cube
from openai_admin.report.drawing import Level, Range, line
from openai_admin.resources.usage import ByCost
from openai_admin.usage.line_items import LineItem
from tests.report.chromium import Tab, chromium

HOSTILE = (
    "<img src=x onerror=\"document.title='owned'\">",
    "</script><script>document.title='owned'</script>",
    "a\u202egnp.exe & \"quotes\" 'too'",
    "{{ 7 * 7 }}{% for %}</bdi></td>\"'",
)


@pytest.fixture
async def tab() -> AsyncIterator[Tab]:
    async with chromium() as tab:
        yield tab


def _written(found: Review, folder: Path) -> Path:
    page = folder / "report.html"
    page.write_text(to_html(found), encoding="utf-8")
    return page


async def _api_costs(client: AsyncOpenAIAdmin, found: Review, by: ByCost) -> dict[str, Decimal]:
    """What the API says of the period, asked anew."""
    period = found.period
    table = await client.usage.collect(
        "costs",
        start_time=datetime.combine(period.start, time(), UTC),
        end_time=datetime.combine(period.end, time(), UTC),
        group_by=[by],
    )
    totals = table.totals(by=by)
    return dict(zip(totals[by], totals["amount"], strict=True))


async def _shown_costs(tab: Tab, section: str) -> dict[str, str]:
    """The first two columns of a section's first table, with the id where there is one."""
    rows = await tab.value(
        f"""[...document.querySelectorAll("#{section} table")[0].querySelectorAll("tbody tr")]
        .map((row) => [
          (row.cells[0].querySelector(".id") ?? row.cells[0]).textContent,
          row.cells[1].textContent,
        ])"""
    )
    return dict(rows)


async def test_its_sums_are_the_apis(
    tab: Tab, found: Review, client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    await tab.open(_written(found, tmp_path))
    by_project = await _api_costs(client, found, "project_id")
    by_item = await _api_costs(client, found, "line_item")
    by_model: dict[str, Decimal] = {}
    for item, amount in by_item.items():
        model = LineItem.parse(item).model or item
        by_model[model] = by_model.get(model, Decimal(0)) + amount
    total = sum(by_project.values())

    assert await _shown_costs(tab, "projects") == {
        id: f"${amount:,.2f}" for id, amount in by_project.items()
    }
    assert await _shown_costs(tab, "models") == {
        name: f"${amount:,.2f}" for name, amount in by_model.items()
    }
    foot = await tab.value('document.querySelector("#projects tfoot td").textContent')
    tile = await tab.value('document.querySelector(".tiles .value").textContent')
    assert foot == tile == f"${total:,.2f}"

    figures: Any = await tab.value('JSON.parse(document.getElementById("figures").textContent)')
    assert Decimal(figures["total"]) == total
    assert {p["id"]: Decimal(p["cost"]) for p in figures["projects"]} == by_project
    assert {m["id"]: Decimal(m["cost"]) for m in figures["models"]} == by_model
    daily: dict[str, Decimal] = {}
    for row in figures["daily"]:
        daily[row["project_id"]] = daily.get(row["project_id"], Decimal(0)) + Decimal(row["cost"])
    assert daily == by_project


@pytest.mark.parametrize("scripts", [True, False])
async def test_its_charts_are_drawn_and_nothing_is_asked_of_the_network(
    tab: Tab, found: Review, tmp_path: Path, scripts: bool
) -> None:
    page = _written(found, tmp_path)
    await tab.open(page, scripts=scripts)
    assert tab.complaints == []
    assert tab.requests == [page.as_uri()]

    async def drawn(chart: str, selector: str) -> int:
        places = f'[data-chart="{chart}"] > .chart > svg {selector}'
        return int(await tab.value(f"document.querySelectorAll('{places}').length"))

    days, projects = found.period.days, len(known(found.by_project).groups)
    colored = min(projects, OTHERS + 1)
    assert await drawn("projects", ".bars rect") == days * colored
    assert await _stack(tab, colored)
    assert await drawn("models", ".bars rect") == days * (OTHERS + 1)
    assert await drawn("projects", ".marks path") == len(known(found.anomalies).found) == 1
    assert await drawn("movers", ".rows rect") == len(FINDINGS["movers"].top(found).rows)
    assert await drawn("projection", "circle") == found.now.day + 1
    assert await drawn("months", ".bars rect") == len(known(found.months))
    assert await drawn("hours", ".heat rect") == 7 * 24
    labels = await tab.value(
        """[...document.querySelectorAll(".chart > svg")].map((svg) =>
          document.getElementById(svg.getAttribute("aria-labelledby")).textContent)"""
    )
    assert len(labels) == len(CHARTS)
    assert all(labels)
    assert await tab.value('document.querySelectorAll("select").length') == 2 * scripts


async def _stack(tab: Tab, colored: int) -> bool:
    """Whether the bars of the first day stand one on another, down to the axis."""
    drawn = await tab.value(
        """[...document.querySelectorAll('[data-chart="projects"] .bars rect')]
        .map((bar) => bar.getBBox()).map((box) => [box.x, box.y, box.y + box.height])"""
    )
    left = min(x for x, _, _ in drawn)
    first = sorted((top, bottom) for x, top, bottom in drawn if abs(x - left) < 1)
    assert len(first) == colored
    return all(abs(upper[1] - lower[0]) < 0.1 for upper, lower in itertools.pairwise(first))


async def test_a_bar_says_what_its_day_cost(tab: Tab, found: Review, tmp_path: Path) -> None:
    await tab.open(_written(found, tmp_path))
    tip = 'document.getElementById("tip").hidden ? "" : document.getElementById("tip").textContent'
    place = await tab.value(
        """(() => {
          const bar = document.querySelector('[data-chart="projects"] .hits rect');
          bar.scrollIntoView({ block: "center", behavior: "instant" });
          const box = bar.getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2];
        })()"""
    )
    await tab.send("Input.dispatchMouseEvent", type="mouseMoved", x=place[0], y=place[1])
    first = Period(found.period.start, found.period.start + timedelta(days=1))
    daily = known(found.daily).regrouped("project")
    costs = {group[0]: daily.cost(group, first) for group in daily.groups}
    text = await tab.value(tip)
    assert text.startswith(f"{found.period.start}: {money(sum(costs.values(), Decimal(0)), 'usd')}")
    largest = max(costs, key=lambda group: costs[group])
    assert text.split("\n")[1] == f"{found.name(largest)}: {money(costs[largest], 'usd')}"
    # By keyboard likewise.
    await tab.value("""document.querySelector('[data-chart="projects"] svg').focus()""")
    for key, day in (("ArrowRight", 0), ("ArrowRight", 1), ("ArrowLeft", 0)):
        await tab.send("Input.dispatchKeyEvent", type="keyDown", key=key)
        assert (await tab.value(tip)).startswith(str(found.period.start + timedelta(days=day)))
    await tab.send("Input.dispatchKeyEvent", type="keyDown", key="Escape")
    assert await tab.value(tip) == ""


async def test_what_is_filtered_adds_up_to_what_the_api_says(
    tab: Tab, found: Review, client: AsyncOpenAIAdmin, tmp_path: Path
) -> None:
    await tab.open(_written(found, tmp_path))
    inside = """document.querySelector("main").innerHTML
      .replace(/ hidden=""/g, "").replace(/>\\s+</g, "><")"""
    whole = await tab.value(inside)
    period = found.period
    project = known(found.by_project).groups[2].group[0]
    model = known(found.by_model).groups[1].group[0]
    table = await client.usage.collect(
        "costs",
        start_time=datetime.combine(period.start, time(), UTC),
        end_time=datetime.combine(period.end, time(), UTC),
        group_by=["project_id", "line_item"],
    )
    pairs: dict[tuple[str | None, str | None], Decimal] = {}
    for row in table.rows():
        pair = row["project_id"], LineItem.parse(row["line_item"]).model or row["line_item"]
        pairs[pair] = pairs.get(pair, Decimal(0)) + row["amount"]

    async def choose(project: str, model: str) -> Any:
        return await tab.value(
            f"""(() => {{
              const pick = (select, text) => {{
                select.value = [...select.options].find((o) => o.text === text).value;
                select.dispatchEvent(new Event("change"));
              }};
              const [projects, models] = document.querySelectorAll("select");
              pick(projects, {json.dumps(project)});
              pick(models, {json.dumps(model)});
              const table = (key) => document.querySelector(`#${{key}} table`);
              const rows = (key) => [...table(key).tBodies[0].rows]
                .filter((row) => !row.hidden)
                .map((row) => [row.cells[0].dataset.key, row.cells[1].dataset.v]);
              const sums = [...document.querySelectorAll("main tfoot")].slice(0, 2)
                .map((foot) => foot.rows[0].cells[1].dataset.v);
              return {{
                projects: Object.fromEntries(rows("projects")),
                models: Object.fromEntries(rows("models")),
                sums,
                tile: document.querySelector(".tiles .value").textContent,
                note: document.querySelector(".tiles .note").textContent,
                scopes: [...document.querySelectorAll(".scope:not([hidden])")].length,
                said: document.querySelector("#projects .scope").textContent,
              }};
            }})()"""
        )

    def held(kind: int, of: Sequence[str | None]) -> dict[str | None, Decimal]:
        sums: dict[str | None, Decimal] = {}
        for pair, amount in pairs.items():
            if amount and all(want in (None, part) for want, part in zip(of, pair, strict=True)):
                sums[pair[kind]] = sums.get(pair[kind], Decimal(0)) + amount
        return sums

    everything = "all projects", "all models"
    for of in ((project, None), (None, model), (project, model)):
        if not (total := sum(held(0, of).values(), Decimal(0))):
            continue
        names = [
            found.name(part) if part else every for part, every in zip(of, everything, strict=True)
        ]
        shown = await choose(*names)
        for kind, key in enumerate(("projects", "models")):
            costs = {id: Decimal(v) for id, v in shown[key].items() if Decimal(v)}
            assert costs == held(kind, of)
        assert {Decimal(each) for each in shown["sums"]} == {total}
        assert shown["tile"] == money(total, "usd")
        what = " and ".join(found.name(part) for part in of if part)
        assert shown["note"].startswith(f"{what} alone")
        assert shown["said"] == f"Filtered: {what} alone cost {money(total, 'usd')}."
        assert shown["scopes"] == await tab.value(
            'document.querySelectorAll("main section").length'
        )
    await choose(*everything)
    assert await tab.value(inside) == whole
    assert tab.complaints == []


async def test_a_table_is_sorted_and_written_as_csv(
    tab: Tab, found: Review, tmp_path: Path
) -> None:
    first, second, third = (group.group[0] for group in known(found.by_project).groups[:3])
    assert first is not None
    assert second is not None
    assert third is not None
    names = {**found.names, first: '=HYPERLINK("x")', second: "a,b"}
    del names[third]  # as one that was deleted
    await tab.open(_written(attrs.evolve(found, names=names), tmp_path))
    text = await tab.value(
        """(async () => {
          const made = [];
          URL.createObjectURL = (blob) => { made.push(blob); return "blob:none"; };
          HTMLAnchorElement.prototype.click = () => {};
          document.querySelector("#projects .csv").click();
          return made[0].text();
        })()"""
    )
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    by_id = {row["Project id"]: row for row in rows}
    assert by_id[first]["Project"] == '\'=HYPERLINK("x")'
    assert by_id[second]["Project"] == "a,b"
    assert by_id[third]["Project"] == third
    assert not [heading for heading in rows[0] if heading.count("%") > 1]
    for group in known(found.by_project).groups:
        assert Decimal(by_id[str(group.group[0])]["Cost (USD)"]) == group.cost
    order = await tab.value(
        """(() => {
          const table = document.querySelector("#projects table");
          const cells = () =>
            [...table.tBodies[0].rows].map((row) => Number(row.cells[1].dataset.v));
          const button = table.tHead.rows[0].cells[1].querySelector("[role=button]");
          button.click();
          const down = [cells(), button.parentNode.ariaSort];
          button.click();
          return [down, [cells(), button.parentNode.ariaSort]];
        })()"""
    )
    costs = [float(group.cost) for group in known(found.by_project).groups]
    assert order == [
        [sorted(costs, reverse=True), "descending"],
        [sorted(costs), "ascending"],
    ]


@pytest.mark.parametrize("dark", [False, True])
async def test_it_fits_every_width_in_light_and_dark(
    tab: Tab, found: Review, tmp_path: Path, dark: bool
) -> None:
    page = _written(found, tmp_path)
    await tab.open(page, dark=dark)
    for width in (1280, 800, 390):
        await tab.resize(width)
        assert await tab.value("document.documentElement.scrollWidth") <= width
        cut = """[...document.querySelectorAll(".chart > svg")].flatMap((svg) => {
          const edge = document.documentElement.clientWidth;
          return [...svg.querySelectorAll("text, .bars, .rows, .heat")]
            .filter((each) => each.getClientRects().length)
            .filter((each) => {
              const box = each.getBoundingClientRect();
              return box.left < 0 || box.right > edge + 0.5;
            }).map((each) => each.outerHTML.slice(0, 200));
        })"""
        assert await tab.value(cut) == []
    paper = await tab.value("getComputedStyle(document.body).backgroundColor")
    card = await tab.value('getComputedStyle(document.querySelector(".tiles a")).backgroundColor')
    assert (_luminance(paper) < 0.05) == dark
    style = "getComputedStyle(document.querySelector('{}')).{}"
    assert _contrast(await tab.value(style.format("body", "color")), paper) >= 7
    for selector in (".axis text", ".labels text", ".rows text", ".direct", ".level text"):
        ink = await tab.value(style.format(f".chart {selector}", "fill"))
        assert _contrast(ink, paper) >= 4.5, selector
    for selector in ("header p", ".id", "thead th", "summary", ".legend", ".csv", "tbody .bad"):
        ink = await tab.value(style.format(selector, "color"))
        assert _contrast(ink, paper) >= 4.5, selector
    for selector in (".tiles .label", ".tiles .note", ".tiles .bad", "#filter label"):
        ink = await tab.value(style.format(selector, "color"))
        assert _contrast(ink, card) >= 4.5, selector
    for number in range(OTHERS):
        swatch = await tab.value(style.format(f"#projects .swatch.b{number}", "backgroundColor"))
        assert _contrast(swatch, paper) >= 3, number
    for kind in ("input", "cached", "output", "only"):
        swatch = await tab.value(style.format(f".swatch.{kind}", "backgroundColor"))
        assert _contrast(swatch, paper) >= 3, kind
    # Focus is seen, and nothing moves for those who asked for that.
    await tab.send(
        "Emulation.setEmulatedMedia",
        features=[{"name": "prefers-reduced-motion", "value": "reduce"}],
    )
    assert await tab.value("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


async def test_it_is_small(found: Review, emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        nothing = await review(client)
    assert len(to_html(nothing).encode()) <= 60_000
    assert len(to_html(found).encode()) <= 600_000


@pytest.mark.parametrize("above", [0, 9, 15, 25])
def test_no_rule_goes_through_what_is_expected(above: int) -> None:
    end = Range(expected=1000, low=None, high=None, said="")
    amount = 1000 + above * 1500 / 236  # so many pixels above the point
    drawn = line(
        [0, 500],
        labels=["1", "2", "3"],
        said=["", ""],
        worded=lambda amount, _: f"{amount:.0f}",
        end=end,
        levels=[Level(amount, "an alert"), Level(1500, "another")],
    )
    root = ElementTree.fromstring(f"<svg>{drawn}</svg>")
    (written,) = (float(each.get("y", "")) for each in root.findall("text"))
    for rule in root.findall("g[@class='level']/line"):
        assert not written - 9 <= float(rule.get("y1", "")) <= written


async def test_long_reasons_fit_a_phone(tab: Tab, found: Review, tmp_path: Path) -> None:
    reason = f"the key lacks `{'api.a_scope_of_some_length.' * 3}read`"
    kinds = ("people", "invites", "certificates", "rate limits of projects", "spend alerts")
    refused = tuple(NotKnown(kind=kind, reason=reason) for kind in kinds)
    page = _written(attrs.evolve(found, not_known=refused), tmp_path)
    await tab.open(page, width=390)
    assert "not checked" in await tab.value('document.querySelector(".tiles").textContent')
    assert await tab.value("document.documentElement.scrollWidth") == 390


async def test_it_prints_light_and_whole(tab: Tab, found: Review, tmp_path: Path) -> None:
    await tab.open(_written(found, tmp_path), width=718, dark=True, media="print")
    paper = await tab.value("getComputedStyle(document.body).backgroundColor")
    assert _luminance(paper) == 1
    assert await tab.value("document.documentElement.scrollWidth") <= 718  # A4


async def test_money_is_in_sight_whatever_the_names(
    tab: Tab, found: Review, tmp_path: Path
) -> None:
    names = {id: f"{n:03}" + "N" * 197 for n, id in enumerate(found.names)}
    outside = """(() => {
      document.querySelectorAll("details").forEach((each) => { each.open = true; });
      const cells = [...document.querySelectorAll("tbody .number, tfoot .number")]
        .filter((cell) => cell.getClientRects().length);
      return [cells.length, cells.filter((cell) => {
        const inside = document.createRange();
        inside.selectNodeContents(cell);
        const right = Math.max(...[cell, inside].map((b) => b.getBoundingClientRect().right));
        return right > cell.closest(".scroll").getBoundingClientRect().right + 0.5
          || right > document.documentElement.clientWidth;
      }).map((cell) => cell.textContent)];
    })()"""
    page = _written(found, tmp_path)
    await tab.open(page, width=390)
    assert (await tab.value(outside))[1] == []
    page = _written(attrs.evolve(found, names=names), tmp_path)
    await tab.open(page, width=695, media="print")
    assert (await tab.value(outside))[1] == []
    assert await tab.value("document.documentElement.scrollWidth") <= 695
    await tab.open(page, width=800)
    assert (await tab.value(outside))[1] == []
    await tab.resize(390)
    cells, cut = await tab.value(outside)
    assert cells > 100
    assert cut == []
    # A row that is a block is still a row to those who listen, and its values have headings.
    heading = """getComputedStyle(
      document.querySelector("#projects tbody td"), "::before").content"""
    assert await tab.value(heading) == '"Cost"'
    tree = await tab.send("Accessibility.getFullAXTree")
    roles = {node["role"]["value"] for node in tree["nodes"]}
    assert {"table", "row", "rowheader", "cell"} <= roles


def test_what_the_filter_adds_up_has_all_decimals(found: Review) -> None:
    daily = known(found.daily)
    group, costs = next(iter(daily.groups.items()))
    credit = Decimal("-1.234567890123456789012345678901")
    longer = {**costs, found.period.start: credit}
    changed = attrs.evolve(daily, groups={**daily.groups, group: longer})
    made = cube(attrs.evolve(found, daily=changed))
    assert made is not None
    total = sum(int(amount) for pair in made["pairs"] for amount in pair[3])
    truth = changed.total().cost((), found.period)
    assert Fraction(total, 10 ** made["digits"]) == Fraction(truth)
    assert Fraction(truth) % Fraction(1, 10**18)


async def test_names_are_text_whatever_they_are(
    tab: Tab, client: AsyncOpenAIAdmin, demo: Emulator, tmp_path: Path
) -> None:
    projects = [p async for p in client.projects.list()]
    for project, name in zip(projects, HOSTILE, strict=False):
        demo.store.projects.get(project.id)["name"] = name
    page = _written(await review(client), tmp_path)
    await tab.open(page)
    shown = await tab.value('[...document.querySelectorAll("bdi")].map((b) => b.textContent)')
    assert {name.replace("\u202e", "\\u202e") for name in HOSTILE} <= set(shown)
    assert await tab.value("document.images.length") == 0
    assert await tab.value("document.title") != "owned"
    assert tab.complaints == []
    assert tab.requests == [page.as_uri()]


async def test_an_organization_without_costs_has_a_page(
    tab: Tab, emulator: Emulator, tmp_path: Path
) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        page = _written(await review(client), tmp_path)
    await tab.open(page)
    assert tab.complaints == []
    assert "There were no costs" in await tab.value("document.body.textContent")


def _channels(color: str) -> list[float]:
    if color.startswith("#"):
        return [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [float(part) / 255 for part in color[color.index("(") + 1 : -1].split(",")[:3]]


def _luminance(color: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)
