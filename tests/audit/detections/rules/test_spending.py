"""Limits of what may be spent and how fast: raised, removed, multiplied."""

from __future__ import annotations

from typing import Any

import pytest

from .stream import Raw, at, event, find, keys


def limit(cents: int | None) -> Any:
    if cents is None:
        return {"spend_limit": None}
    return {"spend_limit": {"threshold_amount": cents, "currency": "USD", "interval": "month"}}


def spend(changes: Any, days: float = 0, project: str | None = None) -> Raw:
    type = "organization.updated" if project is None else "project.updated"
    payload = {"id": project or "org-1", "changes_requested": changes}
    return event(type, payload, when=at(days), project=project)


@pytest.mark.parametrize("project", [None, "proj_1"])
@pytest.mark.parametrize(
    ("before", "after"), [(10_000, 100_000), (10_000, 15_000), (10_000, None), (None, None)]
)
def test_a_limit_that_is_raised_or_removed(before: Any, after: Any, project: str | None) -> None:
    raws = [spend(limit(before), 1, project)] if before else []
    (finding,) = find([*raws, spend(limit(after), 9, project)])
    assert (finding.detection, finding.severity) == ("spend_limit_raised", "high")
    assert ("removed the spend limit" in finding.summary) == (after is None)


def test_amounts_are_said_in_dollars() -> None:
    def told(*limits: Any, project: str | None = None) -> str:
        (finding,) = find([spend(each, days, project) for days, each in enumerate(limits)])
        return finding.summary.removeprefix("ann@acme.test ")

    assert told(limit(3_000_000), limit(60_000_000)) == (
        "raised the spend limit of the organization from $30,000 to $600,000."
    )
    assert told(limit(1_050), limit(1_000_000), project="proj_1") == (
        "raised the spend limit of project Proj_1 (proj_1) from $10.50 to $10,000."
    )
    assert told(limit(3_000_000), limit(None)) == (
        "removed the spend limit of the organization, which was $30,000."
    )
    assert told(limit(None)) == "removed the spend limit of the organization."
    budgets = ({"budget": {"limit_usd": amount}} for amount in (3, 9))
    assert told(*budgets) == "raised the budget of the organization from $3 to $9."
    unknown = ({"monthly_budget": amount} for amount in (3, 9))
    assert told(*unknown) == "raised the monthly budget of the organization from 3 to 9."


@pytest.mark.parametrize(
    ("type", "payload"),
    [
        ("tenant.billing.overage_limit.updated", {"id": "t-1", "limit": None}),
        ("tenant.usage_limit.workspace.updated", {"id": "w", "new_limit": 9, "old_limit": 3}),
        ("tenant.usage_limit.user.updated", [{"id": "u", "limit": "unlimited"}]),
        ("organization.updated", {"changes_requested": {"monthly_budget": "removed"}}),
        ("organization.updated", {"spend_limit": {"amount": 9, "previous_amount": 3}}),
        ("organization.updated", {"changes_requested": {"spend_limit": {"from": 3, "to": 9}}}),
        (
            "organization.updated",
            {"changes_requested": [{"field": "spend_limit", "old": 3, "new": 9}]},
        ),
        ("organization.updated", {"changes_requested": [{"spend_limit": None}]}),
    ],
)
def test_limits_in_other_shapes(type: str, payload: Any) -> None:
    for raw in (event(type, payload), event(type, payload, underscored=True)):
        assert keys(find([raw])) == ["spend_limit_raised"]


@pytest.mark.parametrize(
    ("type", "make"),
    [
        ("tenant.billing.overage_limit.updated", lambda n: {"changes_requested": {"limit": n}}),
        ("tenant.billing.overage_limit.updated", lambda n: {"data": {"amount": {"value": str(n)}}}),
        ("organization.updated", lambda n: {"changes_requested": {"settings": {"hard_limit": n}}}),
        ("organization.updated", lambda n: {"changes_requested": {"max_monthly_spend": n}}),
    ],
)
def test_limits_in_other_shapes_that_were_told_before(type: str, make: Any) -> None:
    (finding,) = find([event(type, make(3)), event(type, make(9), when=at(1))])
    assert finding.detection == "spend_limit_raised"


@pytest.mark.parametrize(
    "raws",
    [
        [spend(limit(10_000))],
        [spend(limit(10_000), 1, "proj_1")],
        [spend({"spend_limit": {"threshold_amount": "-0E-6176"}})],
        [spend(limit(10_000), 1), spend(limit(0), 9)],
        [spend(limit(10_000), 1), spend(limit(5_000), 9)],
        [spend(limit(10_000), 1), spend(limit(12_000), 9)],
        [spend(limit(10_000), 1), spend(limit(10_000), 9)],
    ],
    ids=[
        "the first",
        "a project's first",
        "nothing",
        "lowered to nothing",
        "lowered",
        "raised a little",
        "as it was",
    ],
)
def test_a_limit_that_is_set_lowered_or_hardly_raised(raws: list[Raw]) -> None:
    assert not find(raws)


def test_a_limit_after_there_was_none_is_not_told() -> None:
    assert len(find([spend(limit(None), 1), spend(limit(10_000), 9)])) == 1


@pytest.mark.parametrize(
    "raw",
    [
        spend({"spend_alert": {"threshold_amount": 10_000}}),
        spend({"title": "Limits"}),
        event("tenant.billing.alerts.updated", {"limit": 9}),
        event("tenant.usage_limit.user.updated", {"id": "u", "limit": 3, "old_limit": 9}),
    ],
)
def test_what_raises_no_limit(raw: Raw) -> None:
    assert not find([raw])


def rate(values: Any, days: float, project: str = "proj_1", id: str = "rl-gpt-5") -> Raw:
    payload = {"id": id, "changes_requested": values}
    return event("rate_limit.updated", payload, when=at(days), project=project)


TOKENS = "max_tokens_per_1_minute"


@pytest.mark.parametrize("after", [30_000, 100_000, "100000", 100_000.0])
def test_a_rate_limit_that_is_multiplied(after: Any) -> None:
    (finding,) = find([rate({TOKENS: 10_000}, 1), rate({TOKENS: after}, 9)])
    assert (finding.detection, finding.about) == ("rate_limit_multiplied", "rl-gpt-5")
    assert finding.learned == "The highest that the log told of this limit before was 10,000."


def test_several_values_that_are_multiplied_at_once_are_one_finding() -> None:
    names = (TOKENS, "max_requests_per_1_minute", "batch_1_day_max_input_tokens")
    raws = [rate(dict.fromkeys(names, 10), 1), rate(dict.fromkeys(names, 1_000), 9)]
    assert keys(find(raws)) == ["rate_limit_multiplied"]


@pytest.mark.parametrize(
    "values",
    [(10_000,), (10_000, 12_000), (10_000, 8_000), (10_000, 1_000, 10_000), (10_000, None)],
)
def test_a_rate_limit_that_is_set_lowered_restored_or_raised_a_little(values: Any) -> None:
    assert not find([rate({TOKENS: value}, days) for days, value in enumerate(values)])


def test_limits_of_other_projects_models_and_kinds_are_others() -> None:
    first = rate({TOKENS: 10}, 1)
    others = [
        rate({TOKENS: 10_000}, 2, project="proj_2"),
        rate({TOKENS: 10_000}, 2, id="rl-gpt-5-mini"),
        rate({"max_requests_per_1_minute": 10_000}, 2),
    ]
    assert not find([first, *others])


def test_it_is_told_again_after_it_was_put_back() -> None:
    raws = [rate({TOKENS: value}, days) for days, value in enumerate((10, 1_000, 10, 1_000))]
    assert len(find(raws)) == 2


def test_a_rate_limit_that_is_given_up_where_it_was_known() -> None:
    gone = event("rate_limit.deleted", {"id": "rl-gpt-5"}, when=at(9), project="proj_1")
    (finding,) = find([rate({TOKENS: 10}, 1), gone])
    assert (finding.detection, finding.severity) == ("rate_limit_multiplied", "low")
    assert not find([gone])
