"""Series of a large organization: bounded, with exact sums, whatever is asked of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from openai_admin._wire.models import Unreadable
from openai_admin.insights.projection import project_month
from openai_admin.integrations.prometheus import families as f
from openai_admin.integrations.prometheus.exposition import metrics
from openai_admin.integrations.prometheus.figures import Figure
from openai_admin.integrations.prometheus.folding import Key
from openai_admin.integrations.prometheus.limits import Limits
from openai_admin.integrations.prometheus.minutes import Minutes, minute_figures
from openai_admin.integrations.prometheus.series import MAX_SERIES, SeriesMaker, about_figures
from openai_admin.integrations.prometheus.spend import spend_figures
from openai_admin.resources.certificates import Certificate, CertificateDetails
from openai_admin.resources.projects.rate_limits import ProjectRateLimit
from openai_admin.usage.asked import Asked
from openai_admin.usage.plan import Window
from openai_admin.usage.table import UsageTable
from openai_admin.usage.told import MissingWindow, UnreadableUsage
from openai_admin.usage.totalled import Coverage
from tests.insights.made import costs, usage

NOW = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
_PROJECTS = [f"proj_{n}" for n in range(500)]
_MODELS = [f"gpt-{n}" for n in range(5)]


def _limit(model: str) -> ProjectRateLimit:
    return ProjectRateLimit(
        id=f"rl-{model}", model=model, max_requests_per_1_minute=100, max_tokens_per_1_minute=10_000
    )


def _large() -> dict[str, Figure[Any]]:
    """Figures of an organization of 500 projects that uses all there is."""
    spend = {
        (project, model, tier, "usd", f"team {n % 9}"): Decimal(n + 1) / 7
        for n, project in enumerate(_PROJECTS)
        for model in _MODELS
        for tier in ("standard", "batch")
    }
    tokens: dict[Key, int] = {
        (project, model, kind): 5
        for project in _PROJECTS
        for model in _MODELS
        for kind in ("input", "output")
    }
    requests: dict[Key, int] = {(project, model): 3 for project in _PROJECTS for model in _MODELS}
    minutes = usage(
        width=timedelta(minutes=1),
        rows=(
            {
                "endpoint": "completions",
                "start_time": NOW - timedelta(minutes=3),
                "project_id": project,
                "model": "gpt-1",
                "input_tokens": 9,
                "output_tokens": 1,
                "num_model_requests": n,
            }
            for n, project in enumerate(_PROJECTS)
        ),
    )
    limits = Limits(
        rates={project: [_limit("gpt-1")] for project in _PROJECTS},
        spend=dict.fromkeys(_PROJECTS, Decimal(100)),
        alerts={(project, f"alert_{n}"): Decimal(50) for project in _PROJECTS for n in range(3)},
    )
    certificates = [
        Certificate(id=f"cert_{n}", certificate_details=CertificateDetails(expires_at=NOW))
        for n in range(50)
    ]
    month = project_month(
        costs({"day": NOW.date() - timedelta(n), "amount": "5"} for n in range(60)), now=NOW
    )
    values: dict[str, Any] = {
        "spend_day": spend,
        "spend_month": spend,
        "forecast": (month,),
        **{f"usage_{e}": Minutes(0.0, tokens, requests) for e in f.USAGE_ENDPOINTS},
        "minutes": minutes,
        "rate_limits": None,
        "limits": limits,
        "spend_limits": limits,
        "certificates": certificates,
        **dict.fromkeys(f.COUNTED_FINDINGS, 7),
        "names": {project: f"Project {project}" for project in _PROJECTS},
    }
    return {name: Figure(value, NOW.timestamp()) for name, value in values.items()}


def test_an_organization_of_500_projects_is_within_the_bound() -> None:
    figures = _large()
    maker = SeriesMaker(teams=True)
    series = {
        **maker.make(figures),
        **about_figures(
            figures, intervals=dict.fromkeys(f.FIGURES.values(), 1), exposed=[*f.FIGURES]
        ),
    }
    found = [sample for metric in metrics(series, teams=True) for sample in metric.samples]
    assert len({(s.name, *sorted(s.labels.items())) for s in found}) == len(found)
    assert MAX_SERIES / 2 < len(found) <= MAX_SERIES - 150  # beside answers and refreshes

    amounts = figures["spend_month"].value
    total = float(sum(amounts.values()))
    for family in (f.SPEND_DAY, f.SPEND_MONTH, f.PROJECT_SPEND_DAY, f.PROJECT_SPEND_MONTH):
        assert sum(series[family].values()) == pytest.approx(total, rel=1e-12)
    by_team: dict[str, float] = {}
    for key, value in series[f.SPEND_MONTH].items():
        by_team[key[-1]] = by_team.get(key[-1], 0) + value
    assert by_team.keys() == {f"team {n}" for n in range(9)}
    team = float(sum(amount for key, amount in amounts.items() if key[-1] == "team 3"))
    assert by_team["team 3"] == pytest.approx(team, rel=1e-12)
    assert ("proj_499", "Project proj_499", "usd") in series[f.PROJECT_SPEND_MONTH]
    assert ("other", "other", "usd") in series[f.PROJECT_SPEND_MONTH]
    assert sum(series[f.WINDOW_REQUESTS].values()) == 3 * 500 * 5 * len(f.USAGE_ENDPOINTS)
    # Shares cannot be added up: 'other' has the highest.
    use = {
        key[0]: share for key, share in series[f.RATE_LIMIT_USED].items() if key[-1] == "requests"
    }
    assert use["proj_499"] == 4.99
    assert 0 < use["other"] < 4.99
    assert "other" not in {key[0] for key in series[f.RATE_LIMIT]}


def _minute(n: int, endpoint: str = "completions", tokens: int = 10) -> dict[str, Any]:
    start = NOW.replace(second=0) - timedelta(minutes=n)
    return {
        "endpoint": endpoint,
        "start_time": start,
        "project_id": None,
        "model": "gpt-5",
        "input_tokens": tokens,
        "input_cached_tokens": 4,
        "output_tokens": 1,
        "num_model_requests": 1,
    }


def _minutes(*rows: dict[str, Any], missing: tuple[MissingWindow, ...] = ()) -> UsageTable:
    table = usage(rows, width=timedelta(minutes=1))
    table.asked = Asked(NOW - timedelta(minutes=30), NOW, True)
    table.missing = list(missing)
    return table


def test_minutes_that_the_api_gives_late_are_not_counted_as_nothing() -> None:
    # Nothing of the last seven minutes has been counted: the window ends before the newest.
    found = minute_figures(_minutes(*(_minute(n) for n in range(8, 20)), _minute(7, tokens=99)))
    figure = found["usage_completions"]
    assert figure.as_of == (NOW.replace(second=0) - timedelta(minutes=7)).timestamp()
    assert figure.value.requests == {("none", "gpt-5"): 5}
    assert figure.value.tokens == {
        ("none", "gpt-5", "input"): 30,
        ("none", "gpt-5", "cached_input"): 20,
        ("none", "gpt-5", "output"): 5,
    }
    # Of the others nothing was counted at all, which may be late as well.
    assert found.keys() == {"usage_completions", "minutes"}
    assert len(found["minutes"].value) == 5  # rate limits are held against the same minutes
    # A window that is not whole is not known.
    assert minute_figures(_minutes(_minute(28))) == {}
    start = int((NOW - timedelta(minutes=10)).timestamp())
    lost = MissingWindow("completions", Window(start, start + 60, 1), ValueError("x"))
    table = _minutes(*(_minute(n) for n in range(20)), missing=(lost,))
    assert "usage_completions" in minute_figures(table)  # the window is newer
    table = _minutes(*(_minute(n) for n in range(8, 20)), missing=(lost,))
    assert minute_figures(table) == {}
    # Nor is one whose sums would be too low.
    table = _minutes(*(_minute(n) for n in range(5, 20)))
    for field, known in ((None, False), ("input_tokens", False), ("model", True)):
        table.unreadable = [_unread("completions", start, 60, field)]
        found = minute_figures(table)
        assert ("usage_completions" in found) is known
        assert not any(figure.complete for figure in found.values())


def _unread(endpoint: str, start: int, seconds: int, field: str | None) -> UnreadableUsage:
    part = Unreadable(raw=b"{}", reason="x", path=("data", 0, "results", 0), field=field)
    return UnreadableUsage(endpoint, Window(start, start + seconds, 1), part)


def _table(rows: list[dict[str, Any]], *, last: int = 20, missing: int | None = None) -> UsageTable:
    table = costs(rows)
    days = [datetime(2026, 11, n, tzinfo=UTC) for n in range(1, last + 1)]
    table._coverage = [Coverage("costs", (), (), [(day, day + timedelta(days=1)) for day in days])]
    if missing is not None:
        start = int(datetime(2026, 11, missing, tzinfo=UTC).timestamp())
        table.missing = [MissingWindow("costs", Window(start, start + 86400, 1), ValueError("x"))]
    return table


def test_what_is_known_of_spend() -> None:
    rows = [
        {"day": NOW.date() - timedelta(n), "amount": f"1.{n}", "line_item": "batch | gpt-5, Input"}
        for n in range(30)  # some of the month before
    ]
    key = ("none", "gpt-5", "batch", "usd")
    found = spend_figures(_table(rows), now=NOW)
    assert found["spend_day"].value == {key: Decimal("1.0")}
    assert found["spend_month"].value == {key: sum(Decimal(f"1.{n}") for n in range(20))}
    assert found["spend_day"].ends == datetime(2026, 11, 21, tzinfo=UTC).timestamp()
    # Today has not come yet: that is not 0, and the month is as of yesterday's end.
    late = spend_figures(_table(rows[1:], last=19), now=NOW)
    assert late.keys() == {"spend_month"}
    assert late["spend_month"].as_of == datetime(2026, 11, 20, tzinfo=UTC).timestamp()
    # A sum without a day is wrong, and today is right without another day.
    assert spend_figures(_table(rows, missing=9), now=NOW).keys() == {"spend_day"}
    assert spend_figures(_table(rows, missing=20), now=NOW).keys() == set()
    # So is a sum without an amount that cannot be read, on its own day and in the month alone.
    for day, field, known in (
        (9, "amount", {"spend_day": True}),
        (20, None, {}),
        (9, "line_item", {"spend_day": True, "spend_month": False}),
        (20, "line_item", {"spend_day": False, "spend_month": False}),
    ):
        table = _table(rows)
        start = int(datetime(2026, 11, day, tzinfo=UTC).timestamp())
        table.unreadable = [_unread("costs", start, 86_400, field)]
        found = spend_figures(table, now=NOW)
        assert {name: figure.complete for name, figure in found.items()} == known
    # A day on which nothing was billed yet costs 0 of what the month has.
    nothing = spend_figures(_table(rows[1:]), now=NOW)
    assert nothing["spend_day"].value == {key: Decimal(0)}


def test_series_of_nothing() -> None:
    assert SeriesMaker().make({}) == {
        f.WINDOW_END: {},
        f.WINDOW_TOKENS: {},
        f.WINDOW_REQUESTS: {},
        f.FINDINGS: {},
        f.WINDOW_DURATION: {(): 300.0},
        f.FOLDED: {(f.WINDOW_TOKENS.full_name,): 0, (f.WINDOW_REQUESTS.full_name,): 0},
    }
