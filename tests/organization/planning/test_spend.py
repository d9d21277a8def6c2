"""Spend limits and alerts: dollars in the file, cents on the wire, alerts without names."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_admin.organization.document.model import Absent, Document, Project, Settings, SpendAlert
from openai_admin.organization.planning.spend_alerts import changes_of, paired

from .frame import PROJECT, calls, changes, impossible, planned, planned_in_project, untouched

_MONTH = {"currency": "USD", "interval": "month"}
_PRUNE = ("projects.spend_alerts",)


def _alert(amount: str, *emails: str, **more: str) -> SpendAlert:
    return SpendAlert(amount=Decimal(amount), emails=emails or ("a@example.com",), **more)


@pytest.mark.parametrize(
    ("wanted", "there", "operation", "cents"),
    [
        ("500", "none", "update", 50_000),
        ("1250.50", "500", "update", 125_050),
        ("none", "500", "delete", None),
        ("500", "500.00", None, None),
        ("none", "none", None, None),
    ],
)
def test_a_limit_is_set_changed_and_taken_away(
    wanted: str, there: str, operation: str | None, cents: int | None
) -> None:
    new, old = _dollars(wanted), _dollars(there)
    threshold = {} if cents is None else {**_MONTH, "threshold_amount": cents}
    in_project = planned_in_project(Project(spend_limit=new), Project(spend_limit=old))
    of_all = planned(
        Document(settings=Settings(spend_limit=new)), Document(settings=Settings(spend_limit=old))
    )
    if operation is None:
        assert calls(in_project) == calls(of_all) == []
    else:
        assert calls(in_project) == [
            (f"projects.spend_limit.{operation}", {"project_id": PROJECT, **threshold})
        ]
        assert calls(of_all) == [(f"spend_limit.{operation}", threshold)]


def _dollars(text: str) -> Decimal | Absent:
    return "none" if text == "none" else Decimal(text)


def test_a_fraction_of_a_cent_and_a_limit_of_nothing_are_refused() -> None:
    for amount in ("5.005", "0"):
        plan = planned_in_project(Project(spend_limit=Decimal(amount)), Project(spend_limit="none"))
        ((subject, reason),) = impossible(plan)
        assert subject == "spend limit"
        assert reason.startswith("threshold_amount must be")


def test_a_limit_that_could_not_be_read_is_not_changed() -> None:
    for new in (Decimal(5), "none"):
        plan = planned(
            Document(settings=Settings(spend_limit=_dollars(str(new)))),
            Document(settings=Settings()),
        )
        assert (calls(plan), untouched(plan)) == ([], [("settings.spend_limit", "not_known")])


def test_a_new_alert_is_made_with_all_that_the_file_says() -> None:
    wanted = _alert("99.90", "a@example.com", "b@example.com", subject_prefix="[spend]")
    plan = planned_in_project(Project(spend_alerts=(wanted,)), Project(spend_alerts=()))
    assert calls(plan) == [
        (
            "projects.spend_alerts.create",
            {
                "project_id": PROJECT,
                **_MONTH,
                "threshold_amount": 9_990,
                "notification_channel": {
                    "type": "email",
                    "recipients": ["a@example.com", "b@example.com"],
                    "subject_prefix": "[spend]",
                },
            },
        )
    ]


def test_a_change_keeps_what_the_file_does_not_say() -> None:
    there = _alert("100", "old@example.com", id="alert_1", subject_prefix="[spend]")
    plan = planned(
        Document(settings=Settings(spend_alerts=(_alert("100", "new@example.com"),))),
        Document(settings=Settings(spend_alerts=(there,))),
    )
    assert calls(plan) == [
        (
            "spend_alerts.update",
            {
                **_MONTH,
                "alert_id": "alert_1",
                "threshold_amount": 10_000,
                "notification_channel": {
                    "type": "email",
                    "recipients": ["new@example.com"],
                    "subject_prefix": "[spend]",
                },
            },
        )
    ]
    assert changes(plan) == [("emails", ("old@example.com",), ("new@example.com",))]


def test_addresses_are_the_same_in_any_order_and_letter_case() -> None:
    there = _alert("100", "a@example.com", "b@example.com", id="alert_1")
    wanted = _alert("100", "B@Example.com", "a@example.com")
    assert changes_of(wanted, there) == []


def test_a_prefix_is_taken_away_with_none() -> None:
    there = _alert("100", id="alert_1", subject_prefix="[spend]")
    plan = planned_in_project(
        Project(spend_alerts=(_alert("100", subject_prefix="none"),)),
        Project(spend_alerts=(there,)),
    )
    assert calls(plan)[0][1]["notification_channel"]["subject_prefix"] is None
    assert changes(plan) == [("subject_prefix", "[spend]", None)]


def test_another_amount_is_another_alert_unless_the_file_has_all() -> None:
    wanted, there = Project(spend_alerts=(_alert("200"),)), _alert("100", id="alert_1")
    left = planned_in_project(wanted, Project(spend_alerts=(there,)))
    assert [step.operation for step in left.steps] == ["projects.spend_alerts.create"]
    assert untouched(left) == [("100", "not_in_file")]
    whole = planned_in_project(wanted, Project(spend_alerts=(there,)), prune=_PRUNE)
    assert [step.operation for step in whole.steps] == ["projects.spend_alerts.update"]
    assert changes(whole) == [("amount", Decimal(100), Decimal(200))]


def test_what_is_left_over_is_removed_where_that_is_asked_for() -> None:
    there = (_alert("100", id="alert_1"), _alert("200", id="alert_2"))
    plan = planned_in_project(
        Project(spend_alerts=(_alert("200"),)), Project(spend_alerts=there), prune=_PRUNE
    )
    assert calls(plan) == [
        ("projects.spend_alerts.delete", {"project_id": PROJECT, "alert_id": "alert_1"})
    ]


def test_pins_and_addresses_that_are_missing_are_said() -> None:
    plan = planned_in_project(
        Project(spend_alerts=(_alert("100", id="alert_9"), SpendAlert(amount=Decimal(5)))),
        Project(spend_alerts=()),
    )
    assert calls(plan) == []
    assert impossible(plan) == [
        ("100", "No spend alert has the id 'alert_9'."),
        ("5", "A new spend alert needs at least one address under `emails`."),
    ]


def test_where_not_all_alerts_could_be_read_none_is_made() -> None:
    plan = planned_in_project(
        Project(spend_alerts=(_alert("100"),)),
        Project(spend_alerts=()),
        incomplete=[("projects.spend_alerts", PROJECT)],
    )
    assert (calls(plan), untouched(plan)) == ([], [("100", "not_known")])


_ALERTS = st.lists(
    st.tuples(st.sampled_from([1, 2, 3]), st.sampled_from(["a@example.com", "b@example.com"])),
    max_size=5,
)


@given(wanted=_ALERTS, there=_ALERTS, is_whole=st.booleans())
def test_each_alert_is_paired_at_most_once_and_as_well_as_can_be(
    wanted: list[tuple[int, str]], there: list[tuple[int, str]], is_whole: bool
) -> None:
    new = [SpendAlert(amount=Decimal(amount), emails=(email,)) for amount, email in wanted]
    old = [
        SpendAlert(id=f"alert_{number}", amount=Decimal(amount), emails=(email,))
        for number, (amount, email) in enumerate(there)
    ]
    found = paired(new, old, is_whole=is_whole)
    taken = [each.id for _, each in found.kept] + [each.id for each in found.left]
    assert sorted(filter(None, taken)) == sorted(filter(None, (each.id for each in old)))
    assert len(found.kept) + len(found.made) == len(new)
    if is_whole:
        assert not (found.made and found.left)
    equal = sum((_count(wanted) & _count(there)).values())
    assert sum(not changes_of(*pair) for pair in found.kept) == equal


def _count(alerts: list[tuple[int, str]]) -> Counter[tuple[int, str]]:
    return Counter(alerts)


def test_how_alerts_are_paired_does_not_depend_on_their_order() -> None:
    old = [_alert("100", id="alert_1"), _alert("200", id="alert_2"), _alert("300", id="alert_3")]
    wanted = [_alert("200"), _alert("250")]
    found = {
        frozenset((new.amount, each.id) for new, each in paired(wanted, some, is_whole=True).kept)
        for some in permutations(old)
    }
    assert found == {frozenset({(Decimal(200), "alert_2"), (Decimal(250), "alert_1")})}
