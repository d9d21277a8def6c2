"""The page in a browser: it draws, asks for nothing, and says what the API says."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.insights import Review, known, review
from openai_admin.insights.findings import FINDINGS
from openai_admin.insights.not_known import NotKnown
from openai_admin.report import to_html
from openai_admin.report.groups import PALETTE
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


async def test_its_charts_have_marks_and_nothing_is_asked_of_the_network(
    tab: Tab, found: Review, tmp_path: Path
) -> None:
    page = _written(found, tmp_path)
    await tab.open(page)
    assert tab.complaints == []
    assert tab.requests == [page.as_uri()]

    async def marks(chart: str, selector: str) -> int:
        places = f'[data-chart="{chart}"] svg {selector}'
        return int(await tab.value(f"document.querySelectorAll('{places}').length"))

    days, projects = found.period.days, len(known(found.by_project).groups)
    colored = min(projects, len(PALETTE))
    assert await marks("projects", ".mark-rect.role-mark path") == days * colored
    assert await _stack(tab, colored)
    assert await marks("models", ".mark-rect.role-mark path") == days * len(PALETTE)
    assert await marks("projects", ".mark-symbol path") == len(known(found.anomalies).found) == 1
    assert await marks("movers", ".mark-rect.role-mark path") == len(
        FINDINGS["movers"].top(found).rows
    )
    so_far = found.now.day
    assert await marks("projection", ".mark-symbol path") == so_far + 1
    labels = await tab.value(
        '[...document.querySelectorAll(".chart")].map((s) => s.getAttribute("aria-label"))'
    )
    assert len(labels) == 4
    assert all(labels)


async def _stack(tab: Tab, colored: int) -> bool:
    """Whether the bars of the first day stand one on another, down to the axis."""
    boxes = await tab.value(
        """[...document.querySelectorAll('[data-chart="projects"] .mark-rect.role-mark path')]
        .map((bar) => bar.getBBox()).map((box) => [box.x, box.y, box.y + box.height])"""
    )
    left = min(x for x, _, _ in boxes)
    first = sorted((top, bottom) for x, top, bottom in boxes if abs(x - left) < 1)
    assert len(first) == colored
    return all(abs(upper[1] - lower[0]) < 0.1 for upper, lower in itertools.pairwise(first))


async def test_a_tooltip_says_what_a_bar_is(tab: Tab, found: Review, tmp_path: Path) -> None:
    await tab.open(_written(found, tmp_path))
    place = await tab.value(
        """(() => {
          const bar = document.querySelector('[data-chart="projects"] .mark-rect.role-mark path');
          bar.scrollIntoView({ block: "center" });
          const box = bar.getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2];
        })()"""
    )
    for _ in range(2):  # the first move enters, the second is over the bar
        await tab.send("Input.dispatchMouseEvent", type="mouseMoved", x=place[0], y=place[1])
    text = await tab.value('document.getElementById("vg-tooltip-element").textContent')
    assert f"Day{found.period.start}" in text
    assert "Project" in text
    assert "Cost$" in text


@pytest.mark.parametrize("dark", [False, True])
async def test_it_fits_a_phone_in_light_and_dark(
    tab: Tab, found: Review, tmp_path: Path, dark: bool
) -> None:
    await tab.open(_written(found, tmp_path), width=390, dark=dark)
    assert await tab.value("document.documentElement.scrollWidth") == 390
    charts = '[...document.querySelectorAll(".chart svg")].map((s) => s.clientWidth)'
    assert all(300 < width <= 390 for width in await tab.value(charts))
    ink = await tab.value("getComputedStyle(document.body).color")
    paper = await tab.value("getComputedStyle(document.body).backgroundColor")
    label = await tab.value('getComputedStyle(document.querySelector(".role-axis text")).fill')
    assert _contrast(ink, paper) >= 7
    assert _contrast(label, paper) >= 4.5
    assert (_luminance(paper) < 0.05) == dark
    for color in PALETTE:
        assert _contrast(color, paper) >= 3


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
