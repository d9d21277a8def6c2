"""The exporter on the demo organization: what is known, what is not, and what it asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from openai_admin import AsyncOpenAIAdmin
from openai_admin.allocation import Allocation
from openai_admin.emulator import Drop, Emulator, Latency, Status
from openai_admin.emulator.faults import MissingScope, Odd
from openai_admin.errors import InvalidInputError
from openai_admin.insights.budgets import Budget, BudgetScope
from openai_admin.integrations import prometheus
from openai_admin.integrations.prometheus import (
    FAMILIES,
    FIGURES,
    INTERVALS,
    Answers,
    Exporter,
    Refresh,
)
from openai_admin.integrations.prometheus.pace import pause

NOON = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
_PAGE = Path(prometheus.__file__).parent.parent / "README.md"

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


class StoppedError(Exception):
    """The test has seen enough."""


class Organization:
    """The demo organization with an exporter, and a clock that both go by."""

    def __init__(self) -> None:
        self.now = NOON.timestamp()
        self.released = asyncio.Event()
        self.emulator = Emulator(now=lambda: int(self.now), sleep=self._hang)
        self.answers = Answers()
        self.client = AsyncOpenAIAdmin(self.emulator.admin_key)

    async def _hang(self, _: float) -> None:
        await self.released.wait()

    def exporter(self, *only: str, **settings: Any) -> Exporter:
        chosen = {"clock": lambda: self.now, **settings}
        return Exporter(self.client, only=only or None, answers=self.answers, **chosen)


@pytest.fixture
async def organization() -> AsyncIterator[Organization]:
    made = Organization()
    async with (
        made.emulator as emulator,
        AsyncOpenAIAdmin(
            emulator.admin_key, base_url=emulator.base_url, max_retries=0, on_event=made.answers
        ) as client,
    ):
        made.client = client
        yield made
        made.released.set()


def samples(exporter: Exporter) -> Samples:
    """What is scraped, read as Prometheus reads it; no series comes twice."""
    found: Samples = {}
    text = exporter.exposition.text.plain.decode()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in found
            found[key] = sample.value
    return found


def of(found: Samples, name: str, **labels: str) -> dict[frozenset[tuple[str, str]], float]:
    """The series of a family that have some labels."""
    wanted = frozenset(labels.items())
    full = f"openai_admin_{name}"
    return {key: value for (of, key), value in found.items() if of == full and wanted <= key}


def one(found: Samples, name: str, **labels: str) -> float:
    (value,) = of(found, name, **labels).values()
    return value


async def test_everything_of_the_demo_is_known(organization: Organization) -> None:
    exporter = organization.exporter(budgets=[Budget(name="all", limit=Decimal(99))], guard=True)
    registry = CollectorRegistry()
    registry.register(exporter)
    await exporter.refresh()
    assert exporter.not_known == []
    found = samples(exporter)
    assert {name for name, _ in found} <= {family.full_name for family in FAMILIES}
    assert set(of(found, "figure_known").values()) == {1.0}
    assert len(of(found, "figure_known")) == len(FIGURES) > 15

    # Sums are those of the library's own tables.
    costs = await organization.client.usage.collect(
        "costs", start_time="2026-11-01", group_by=["project_id", "model", "tier"]
    )
    month = of(found, "spend_month_to_date")
    total = float(costs.totals()["amount"][0])
    assert sum(month.values()) == pytest.approx(total, rel=1e-12)
    projects = of(found, "project_spend_month_to_date")
    assert sum(projects.values()) == pytest.approx(total, rel=1e-12)
    today = sum(
        float(row["amount"])
        for row in costs.totals("date").rows()
        if str(row["date"]) == "2026-11-20"
    )
    assert sum(of(found, "spend_day_to_date").values()) == pytest.approx(today, rel=1e-12)
    assert of(found, "spend_day_to_date").keys() == month.keys()
    low, expected, high = (
        one(found, "spend_month_forecast", estimate=estimate)
        for estimate in ("low", "expected", "high")
    )
    assert total < low < expected < high
    assert one(found, "spend_limit_used_ratio", project_id="organization") == pytest.approx(
        total / one(found, "spend_limit", project_id="organization")
    )

    # A minute is complete once a later one has something.
    end = one(found, "usage_window_end_timestamp_seconds", endpoint="completions")
    assert end == NOON.timestamp() // 60 * 60
    assert one(found, "figure_timestamp_seconds", figure="usage_completions") == end
    minutes = await organization.client.usage.collect(
        "completions", start_time=int(end) - 300, end_time=int(end), bucket_width="1m"
    )
    counted = minutes.totals()
    tokens = of(found, "usage_window_tokens", endpoint="completions")
    assert sum(tokens.values()) == counted["input_tokens"][0] + counted["output_tokens"][0]
    requests = of(found, "usage_window_requests", endpoint="completions")
    assert sum(requests.values()) == counted["num_model_requests"][0]

    review = await organization.client.insights.review()
    assert one(found, "findings", finding="stale_keys") == len(review.stale_keys or ())
    assert one(found, "findings", finding="pending_invites") == len(review.pending_invites or ())

    # A registry of an application has the same, and asks nothing; neither does a scrape.
    before = len(organization.emulator.requests)
    collected = {sample.name for metric in registry.collect() for sample in metric.samples}
    assert collected == {name for name, _ in found}
    assert len(organization.emulator.requests) == before


async def test_the_page_has_what_is_declared() -> None:
    page = _PAGE.read_text(encoding="utf-8")
    for family in FAMILIES:
        labels = ", ".join(f"`{label}`" for label in family.labels) or "none"
        team = ", `team`*" if family.by_team else ""
        line = f"| `{family.full_name}` | {family.kind} | {labels}{team} | {family.help} |"
        assert line in page
    for word in (*FIGURES, *INTERVALS):
        assert f"`{word}`" in page


async def test_what_is_refused_stays_as_it_was_until_it_is_over(
    organization: Organization, caplog: pytest.LogCaptureFixture
) -> None:
    exporter = organization.exporter("spend", "names")
    await exporter.refresh()
    first = samples(exporter)
    organization.emulator.faults.add(Status(match="usage.costs", status=500))
    organization.now += 3600
    await exporter.refresh()
    later = samples(exporter)
    assert of(later, "spend_month_to_date") == of(first, "spend_month_to_date") != {}
    assert one(later, "refresh_success", refresh="spend") == 0
    assert one(later, "refresh_success", refresh="names") == 1
    assert one(later, "figure_timestamp_seconds", figure="spend_day") // 1 == NOON.timestamp()
    assert one(later, "api_answers_total", endpoint="/organization/costs", status="500") > 0
    assert caplog.text.count("The refresh of spend failed") == 1

    organization.now += 12 * 3600  # the next day: what today costs is not known
    await exporter.refresh()
    tomorrow = samples(exporter)
    assert of(tomorrow, "spend_day_to_date") == {}
    assert of(tomorrow, "figure_timestamp_seconds", figure="spend_day") == {}
    assert one(tomorrow, "figure_known", figure="spend_day") == 0
    assert one(tomorrow, "figure_known", figure="spend_month") == 1
    assert caplog.text.count("The refresh of spend failed") == 1

    organization.emulator.faults.clear()
    await exporter.refresh()
    assert one(samples(exporter), "figure_known", figure="spend_day") == 1
    assert "The refresh of spend succeeds again." in caplog.text


async def test_what_is_over_is_left_out_though_no_refresh_ends(organization: Organization) -> None:
    exporter = organization.exporter("spend")
    await exporter.refresh()
    asked = len(organization.emulator.requests)
    organization.now += 12 * 3600
    [_ async for _ in organization.client.projects.list()]  # its answer tells the server's time
    collected = {sample.name for metric in exporter.collect() for sample in metric.samples}
    assert "openai_admin_spend_day_to_date" not in collected
    found = samples(exporter)
    assert of(found, "spend_day_to_date") == of(found, "project_spend_day_to_date") == {}
    assert one(found, "figure_known", figure="spend_day") == 0
    assert of(found, "spend_month_to_date") != {}
    assert (await exporter.scrape()).text.plain == exporter.exposition.text.plain
    organization.now += 10 * 86_400
    [_ async for _ in organization.client.projects.list()]
    assert b"openai_admin_spend_" not in (await exporter.scrape()).text.plain
    assert len(organization.emulator.requests) == asked + 2


async def test_a_budget_of_which_a_part_is_not_known_may_be_passed(
    organization: Organization,
) -> None:
    budgets = [Budget(name=str(limit), limit=Decimal(limit)) for limit in (1, 10**6)]
    organization.emulator.faults.add(Odd(match="usage.costs", names=("amount_null",), items=(50,)))
    exporter = organization.exporter("budgets", budgets=budgets)
    await exporter.refresh()
    found = samples(exporter)
    assert one(found, "budget_passed", budget="1") == one(found, "budget_known", budget="1") == 1
    assert one(found, "budget_spent_at_least", budget="1") > 1000
    assert of(found, "budget_spent") == of(found, "budget_passed", budget="1000000") == {}
    assert one(found, "budget_known", budget="1000000") == 0


async def test_a_name_that_changes_leaves_no_series_behind(organization: Organization) -> None:
    exporter = organization.exporter("spend", "names")
    await exporter.refresh()
    before = of(samples(exporter), "project_spend_month_to_date")
    (project, *_) = [p async for p in organization.client.projects.list() if p.name != "x"]
    await organization.client.projects.update(project.id, name='Új "név"')
    await exporter.refresh()
    after = of(samples(exporter), "project_spend_month_to_date")
    assert len(after) == len(before)
    names = {dict(key)["project"] for key in after}
    assert project.name not in names
    assert 'Új "név"' in names


_RULES = """
[[rule]]
project = "Data Platform"
team = "data"

[[rule]]
project = ["Voice *", "Document Intake"]
shares = [{ team = "apps", weight = 2 }, { team = "data", weight = 1 }]
"""


async def test_teams(organization: Organization) -> None:
    exporter = organization.exporter("spend", allocation=Allocation.from_text(_RULES))
    await exporter.refresh()
    found = samples(exporter)
    months = of(found, "spend_month_to_date")
    assert {dict(key)["team"] for key in months} == {"data", "apps", "unallocated"}
    assert one(found, "figure_complete", figure="spend_month") == 1
    projects = of(found, "project_spend_month_to_date")
    assert sum(months.values()) == pytest.approx(sum(projects.values()), rel=1e-12)
    shared = sum(of(found, "spend_month_to_date", project="Voice Notes", team="apps").values())
    whole = sum(of(found, "project_spend_month_to_date", project="Voice Notes").values())
    assert shared == pytest.approx(whole * 2 / 3, rel=1e-12)

    # While names cannot be looked up, what they decide is not allocated, and that is told.
    organization.emulator.faults.add(MissingScope(match="projects.list"))
    exporter = organization.exporter("spend", allocation=Allocation.from_text(_RULES))
    await exporter.refresh()
    found = samples(exporter)
    assert one(found, "figure_complete", figure="spend_month") == 0
    months = of(found, "spend_month_to_date")
    assert sum(months.values()) == pytest.approx(sum(projects.values()), rel=1e-12)
    with pytest.raises(InvalidInputError, match="gives nothing to a team"):
        organization.exporter(
            allocation=Allocation.from_text('[[rule]]\nproject = "x"\ncost_center = "1"')
        )


async def test_budgets(organization: Organization) -> None:
    scope = BudgetScope(projects=("Voice *",))
    budgets = [
        Budget(name="all", limit=Decimal(100)),
        Budget(name="day", limit=Decimal(10_000), period="day"),
        Budget(name="voice", limit=Decimal(10_000), scope=scope, on="forecast"),
        Budget(name="data", limit=Decimal(9), scope=BudgetScope(allocated={"team": ("data",)})),
    ]
    exporter = organization.exporter(
        "budgets", "spend", "names", budgets=budgets, allocation=Allocation.from_text(_RULES)
    )
    assert set(exporter.not_known) == {"budgets", "spend_day", "spend_month"}
    await exporter.refresh()
    found = samples(exporter)
    assert {name: one(found, f"budget_{name}", budget="all") for name in ("known", "passed")} == {
        "known": 1,
        "passed": 1,
    }
    assert one(found, "budget_limit", budget="all", period="month", currency="usd") == 100
    total = sum(of(found, "project_spend_month_to_date").values())
    assert one(found, "budget_spent", budget="all") == pytest.approx(total, rel=1e-12)
    voice = one(found, "project_spend_month_to_date", project="Voice Notes")
    assert one(found, "budget_spent", budget="voice") == pytest.approx(voice, rel=1e-12)
    assert one(found, "budget_forecast", budget="voice", estimate="expected") > voice
    assert 0 <= one(found, "budget_overrun_probability_ratio", budget="voice") < 0.5
    assert one(found, "budget_passed", budget="voice") == 0
    assert one(found, "budget_passed", budget="data") == 1

    # Costs are not answered any more: when the day is over, so is what is known of its budget, and
    # of no other.
    organization.emulator.faults.add(Status(match="usage.costs", status=500))
    organization.now += 86_400
    await exporter.refresh()
    found = samples(exporter)
    assert {budget: one(found, "budget_known", budget=budget) for budget in ("all", "day")} == {
        "all": 1,
        "day": 0,
    }
    assert one(found, "budget_limit", budget="day") == 10_000
    assert of(found, "budget_passed", budget="day") == of(found, "budget_spent", budget="day") == {}
    assert one(found, "budget_passed", budget="all") == 1
    assert one(found, "figure_known", figure="budgets") == 1
    assert one(found, "figure_complete", figure="budgets") == 0
    organization.now += 14 * 86_400  # the month's turn
    [_ async for _ in organization.client.projects.list()]  # its answer tells the server's time
    found = samples(exporter)
    assert set(of(found, "budget_known").values()) == {0}
    assert of(found, "budget_passed") == of(found, "budget_spent_at_least") == {}
    assert one(found, "figure_known", figure="budgets") == 0

    with pytest.raises(InvalidInputError, match="Two budgets are called 'all'"):
        organization.exporter(budgets=[budgets[0], budgets[0]])


async def test_what_a_key_may_not_read_has_no_series(
    organization: Organization, caplog: pytest.LogCaptureFixture
) -> None:
    organization.emulator.faults.add(MissingScope(match="projects.api_keys.list"))
    exporter = organization.exporter("access", "usage")
    await exporter.refresh()
    found = samples(exporter)
    assert of(found, "findings", finding="stale_keys") == {}
    assert one(found, "figure_known", figure="stale_keys") == 0
    assert one(found, "figure_known", figure="pending_invites") == 1
    await exporter.refresh()
    assert caplog.text.count("The refresh of access lacks keys of projects: the key lacks") == 1
    # Limits were not asked for, so that nothing is said of them.
    assert of(found, "figure_known", figure="spend_limits") == {}
    assert of(found, "rate_limit_used_ratio") == {}


@pytest.mark.parametrize("seconds", [-7200, 3600])
async def test_the_servers_clock_decides(organization: Organization, seconds: float) -> None:
    exporter = organization.exporter("usage", clock=lambda: organization.now + seconds)
    await exporter.refresh()
    end = one(samples(exporter), "usage_window_end_timestamp_seconds", endpoint="completions")
    assert end == NOON.timestamp() // 60 * 60


async def test_one_that_hangs_holds_no_other(organization: Organization) -> None:
    organization.emulator.faults.add(Latency(match="usage.costs", seconds=3600))
    slept: list[float] = []
    two = asyncio.Event()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            two.set()
        await asyncio.Event().wait()

    exporter = organization.exporter("spend", "names", "usage", sleep=sleep)
    running = asyncio.create_task(exporter.run())
    await two.wait()
    assert sorted(slept) == [INTERVALS["usage"], INTERVALS["names"]]
    assert not exporter.is_ready
    assert one(samples(exporter), "figure_known", figure="spend_day") == 0
    assert one(samples(exporter), "up") == 1
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_what_failed_is_tried_again_soon(organization: Organization) -> None:
    organization.emulator.faults.add(Drop(match="projects.list", times=1))
    slept: list[float] = []
    up: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        found = samples(exporter)
        up.append(one(found, "up"))
        failed = of(found, "api_failures_total", endpoint="/organization/projects")
        assert failed == {
            frozenset({("endpoint", "/organization/projects"), ("error", "APIConnectionError")}): 1
        }
        if len(slept) == 2:
            raise StoppedError

    exporter = organization.exporter("names", sleep=sleep)
    with pytest.raises(StoppedError):
        await exporter.run()
    assert slept == [300, INTERVALS["names"]]
    assert up == [0, 1]


async def test_what_lacks_a_part_is_tried_again_ever_later(organization: Organization) -> None:
    organization.emulator.faults.add(MissingScope(match="projects.api_keys.list"))
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        found = samples(exporter)
        assert one(found, "refresh_success", refresh="access") == one(found, "up") == 1
        assert one(found, "refresh_complete", refresh="access") == float(len(slept) == 4)
        refused = of(found, "api_refused", status="403")
        if len(slept) == 4:
            assert refused == {}
            raise StoppedError
        (count,) = refused.values()
        assert count > 1  # a path for each project
        if len(slept) == 3:
            organization.emulator.faults.clear()

    exporter = organization.exporter("access", sleep=sleep)
    with pytest.raises(StoppedError):
        await exporter.run()
    assert slept == [300, 600, 1200, INTERVALS["access"]]


async def test_a_refresh_begins_when_what_it_found_is_over(organization: Organization) -> None:
    organization.now = datetime(2026, 11, 30, 23, 58, 30, tzinfo=UTC).timestamp()
    slept: dict[float, None] = {}

    async def sleep(seconds: float) -> None:
        slept[seconds // 30 * 30] = None
        if len(slept) == 2:
            raise StoppedError
        await asyncio.Event().wait()

    budgets = [Budget(name="all", limit=Decimal(1))]
    exporter = organization.exporter("budgets", "names", budgets=budgets, sleep=sleep)
    with pytest.raises(StoppedError):
        await exporter.run()
    assert slept.keys() == {90, INTERVALS["names"]}


async def test_whether_the_api_answers(organization: Organization) -> None:
    faults = organization.emulator.faults
    exporter = organization.exporter("spend", "names", intervals={"names": 60})
    faults.add(MissingScope(match="usage.costs"))
    await exporter.refresh()
    assert one(samples(exporter), "up") == 1  # a refusal is an answer
    faults.clear()
    faults.add(Status(match="usage.costs", status=500))
    organization.now += 60
    await exporter.refresh()
    assert one(samples(exporter), "refresh_success", refresh="spend") == 0
    assert one(samples(exporter), "up") == 1  # others are answered
    faults.add(Drop(match="projects.list"))
    organization.now += 300
    await exporter.refresh()
    assert one(samples(exporter), "up") == 0


def _in_part(seconds: int) -> Refresh:
    return Refresh(0, seconds, lacks=("keys",), in_part=1)


def test_what_takes_long_is_not_begun_again_at_once() -> None:
    assert pause(_in_part(10), interval=21_600, ends=(), now=0) == 300
    assert pause(_in_part(3600), interval=21_600, ends=(), now=0) == 3600
    assert pause(_in_part(3600), interval=60, ends=[-5], now=0) == 60


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"only": ["costs"]}, "There is no refresh 'costs'; there are 'usage',"),
        ({"only": []}, "only must not be empty"),
        ({"max_series": 100}, "max_series must be 600 or more, not 100"),
        ({"intervals": {"spend": 1}}, "The interval of spend must be 10 s or more, not 1."),
        ({"intervals": {"cost": 60}}, "There is no refresh 'cost'"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInputError, match=told):
        Exporter(AsyncOpenAIAdmin("sk-admin-x"), **settings)
