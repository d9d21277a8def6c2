"""How near projects come to their rate limits, spend limits and alerts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_admin import (
    Enforcement,
    NotificationChannel,
    OrganizationSpendAlert,
    ProjectRateLimit,
    ProjectSpendLimit,
    SpendAlert,
    SpendLimit,
)
from openai_admin.errors import InvalidInputError
from openai_admin.insights import (
    near_rate_limits,
    near_thresholds,
    rate_limit_use,
    spend_thresholds,
)
from tests.insights.made import costs, usage

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _minute(at: int, requests: int, tokens: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "endpoint": "completions",
        "start_time": NOON + at * MINUTE,
        "project_id": "proj_1",
        "model": "gpt-5",
        "batch": False,
        "input_tokens": tokens,
        "output_tokens": 0,
        "num_model_requests": requests,
        **more,
    }


def _limit(model: str, **limits: Any) -> ProjectRateLimit:
    return ProjectRateLimit(id=f"rl-{model}", model=model, **limits)


LIMITS = {
    "proj_1": [
        _limit("gpt-5", max_requests_per_1_minute=100, max_tokens_per_1_minute=10_000),
        _limit("gpt-5-mini", max_requests_per_1_minute=50),
    ]
}


def test_the_busiest_minute_of_each_limit() -> None:
    rows = [
        _minute(0, 40, 9500),
        _minute(1, 60, 500),
        _minute(2, 30, 100),
        # Snapshots and endpoints count together: 60 + 25 in the minute 1.
        _minute(1, 25, 200, model="gpt-5-2025-08-07", endpoint="decisions"),
        _minute(1, 10, model="gpt-5-mini"),
        # Batch jobs have a limit of their own, by the day.
        _minute(1, 5000, 500_000, batch=True),
        # No limit is known of these.
        _minute(1, 500, model="gpt-9"),
        _minute(1, 500, project_id="proj_2"),
        _minute(1, 500, project_id=None),
        _minute(1, 500, model=None),
    ]
    found = rate_limit_use(usage(rows, width=MINUTE), LIMITS)
    assert [(u.model, u.metric, u.peak, u.limit, u.share, u.peak_at) for u in found] == [
        ("gpt-5", "tokens", 9500, 10_000, 0.95, NOON),
        ("gpt-5", "requests", 85, 100, 0.85, NOON + MINUTE),
        ("gpt-5-mini", "requests", 10, 50, 0.2, NOON + MINUTE),
    ]
    assert near_rate_limits(usage(rows, width=MINUTE), LIMITS) == found[:2]
    assert near_rate_limits(usage(rows, width=MINUTE), LIMITS, near=0.9) == found[:1]


def test_wider_buckets_are_averages() -> None:
    (found,) = rate_limit_use(usage([_minute(0, 3000)], width=timedelta(hours=1)), LIMITS)
    assert (found.peak, found.share) == (50, 0.5)


def test_a_limit_of_a_snapshot_is_its_own() -> None:
    limits = {"proj_1": [*LIMITS["proj_1"], _limit("gpt-5-0801", max_requests_per_1_minute=10)]}
    found = rate_limit_use(usage([_minute(0, 9, model="gpt-5-0801")], width=MINUTE), limits)
    assert [(u.model, u.limit) for u in found] == [("gpt-5-0801", 10)]


def test_images_have_a_limit_too() -> None:
    limits = {"proj_1": [_limit("dall-e-3", max_images_per_1_minute=20)]}
    row = _minute(0, 12, model="dall-e-3", endpoint="images", images=18)
    (found,) = rate_limit_use(usage([row], width=MINUTE), limits)
    assert (found.metric, found.share) == ("images", 0.9)


def test_usage_must_be_grouped_by_project_and_model() -> None:
    row = {k: v for k, v in _minute(0, 1).items() if k != "model"}
    with pytest.raises(InvalidInputError, match="'model'"):
        rate_limit_use(usage([row], width=MINUTE), LIMITS)


def _project_limit(dollars: int) -> ProjectSpendLimit:
    return ProjectSpendLimit(
        threshold_amount=dollars * 100, enforcement=Enforcement(status="inactive")
    )


def _alert(dollars: int) -> OrganizationSpendAlert:
    return OrganizationSpendAlert(
        id=f"alert-{dollars}",
        threshold_amount=dollars * 100,
        notification_channel=NotificationChannel(recipients=["finops@example.com"]),
    )


def test_where_each_threshold_stands() -> None:
    # proj_1 costs 10 a day and proj_2 5, since eight weeks ago: on November 20 at noon, with
    # nothing yet for today, they have cost 190 and 95 of an expected 300 and 150.
    rows = [
        {
            "day": date(2026, 9, 1) + timedelta(days=i),
            "project_id": project,
            "amount": amount,
        }
        for i in range(80)
        for project, amount in (("proj_1", "10"), ("proj_2", "5"))
    ]
    thresholds: dict[str | None, list[SpendLimit | SpendAlert]] = {
        None: [_alert(285), _alert(350), _alert(400), _alert(460)],
        "proj_1": [_project_limit(301)],
        "proj_2": [_project_limit(150)],
        "proj_3": [_project_limit(100)],
        "proj_4": [],
    }
    found = spend_thresholds(costs(rows), thresholds, now=NOON)
    facts: list[tuple[Any, ...]] = [
        (t.project_id, t.kind, t.amount, t.spent, t.standing) for t in found
    ]
    assert facts == [
        (None, "alert", 285, 285, "reached"),
        (None, "alert", 350, 285, "near"),  # 81 %
        (None, "alert", 400, 285, "projected"),  # 450 expected
        ("proj_2", "limit", 150, 95, "projected"),
        ("proj_1", "limit", 301, 190, "clear"),
        (None, "alert", 460, 285, "clear"),
        ("proj_3", "limit", 100, 0, "clear"),
    ]
    assert near_thresholds(found) == found[:4]
    assert found[1].share == pytest.approx(285 / 350)
    closer = spend_thresholds(costs(rows), thresholds, now=NOON, near=0.6)
    assert [t.standing for t in closer][2:5] == ["near", "near", "near"]  # 71, 63.3 and 63.1 %


@pytest.mark.parametrize("currency", ["EUR", None])
def test_what_costs_in_another_currency_is_no_all_clear(currency: str | None) -> None:
    day = date(2026, 11, 3)
    rows = [
        {"day": day, "project_id": "proj_1", "amount": "10", "currency": "usd"},
        {"day": day, "project_id": "proj_2", "amount": "10", "currency": "usd"},
        {"day": day, "project_id": "proj_2", "amount": "90", "currency": currency},
        # Last month's have no part in this month's.
        {"day": date(2026, 10, 3), "project_id": "proj_1", "amount": "9", "currency": currency},
    ]
    thresholds: dict[str | None, list[Any]] = {
        None: [_alert(100)],
        "proj_1": [_project_limit(50)],
        "proj_2": [_project_limit(50), _project_limit(9)],
    }
    found = spend_thresholds(costs(rows), thresholds, now=NOON)
    standings = {(each.project_id, int(each.amount)): each.standing for each in found}
    assert standings == {
        ("proj_1", 50): "clear",
        ("proj_2", 50): "not known",
        ("proj_2", 9): "reached",
        (None, 100): "not known",
    }
    others = ((currency and currency.lower(), Decimal(90)),)
    assert {each.other_costs for each in found if each.project_id != "proj_1"} == {others}


def test_a_threshold_of_nothing_is_reached() -> None:
    (found,) = spend_thresholds(costs([]), {None: [_alert(0)]}, now=NOON)
    assert (found.share, found.standing) == (1.0, "reached")
    assert found.amount == Decimal(0)


def test_thresholds_are_compared_with_costs_by_project() -> None:
    with pytest.raises(InvalidInputError, match="group_by 'project_id'"):
        spend_thresholds(costs([], without=["project_id"]), {}, now=NOON)
    for near in (0.0, 1.1):
        with pytest.raises(InvalidInputError, match="near"):
            spend_thresholds(costs([]), {}, now=NOON, near=near)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 90), st.booleans())), st.randoms())
def test_the_order_of_rows_does_not_matter(
    drawn: list[tuple[int, int, bool]], random: Random
) -> None:
    rows = [_minute(at, requests, requests * 100, batch=batch) for at, requests, batch in drawn]
    rows.append(_minute(0, 1, 1))
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = (rate_limit_use(usage(r, width=MINUTE), LIMITS) for r in (rows, shuffled))
    assert one == other
