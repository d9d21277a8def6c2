"""Service accounts: made without a key, and never told from others by anything but their name."""

from __future__ import annotations

from openai_admin.organization.document.model import (
    Document,
    FederationRule,
    IdentityProvider,
    Project,
    Protected,
    ServiceAccount,
)
from openai_admin.organization.planning.model import From

from .frame import PROJECT, calls, changes, impossible, planned, planned_in_project, untouched

_PRUNE = ("projects.service_accounts",)


def _in(**accounts: ServiceAccount) -> Project:
    return Project(service_accounts=accounts)


def test_one_that_is_missing_is_made_without_a_key_and_then_given_its_role() -> None:
    plan = planned_in_project(_in(ci=ServiceAccount(role="member")), _in())
    made, given = plan.steps
    assert calls(plan) == [
        (
            "projects.service_accounts.create",
            {"project_id": PROJECT, "name": "ci", "create_service_account_only": True},
        ),
        (
            "projects.service_accounts.update",
            {"project_id": PROJECT, "service_account_id": From(step=made.id), "role": "member"},
        ),
    ]
    assert given.needs == (made.id,)


def test_one_that_is_as_the_file_says_is_left_alone() -> None:
    there = _in(ci=ServiceAccount(id="svc_1", role="owner"))
    for account in (ServiceAccount(role="owner"), ServiceAccount()):
        assert calls(planned_in_project(_in(ci=account), there)) == []


def test_a_pin_renames_and_a_role_changes_in_one_call() -> None:
    plan = planned_in_project(
        _in(build=ServiceAccount(id="svc_1", role="owner")),
        _in(ci=ServiceAccount(id="svc_1")),
    )
    assert calls(plan) == [
        (
            "projects.service_accounts.update",
            {
                "project_id": PROJECT,
                "service_account_id": "svc_1",
                "name": "build",
                "role": "owner",
            },
        )
    ]
    assert changes(plan) == [("name", "ci", "build"), ("role", None, "owner")]


def test_one_that_is_not_in_the_file_is_removed_only_where_that_is_asked_for() -> None:
    there = _in(ci=ServiceAccount(id="svc_1", role="member"))
    left = planned_in_project(_in(), there)
    assert (calls(left), untouched(left)) == ([], [("ci", "not_in_file")])
    removed = planned_in_project(_in(), there, prune=_PRUNE)
    assert calls(removed) == [
        (
            "projects.service_accounts.delete",
            {"project_id": PROJECT, "service_account_id": "svc_1"},
        )
    ]


def test_what_could_not_be_read_is_neither_made_nor_removed() -> None:
    plan = planned_in_project(_in(ci=ServiceAccount()), Project(), prune=_PRUNE)
    assert (calls(plan), untouched(plan)) == ([], [("Core", "not_known")])


def test_one_that_is_protected_stays() -> None:
    there = Project(id=PROJECT, service_accounts={"ci": ServiceAccount(id="svc_1")})
    plan = planned(
        Document(
            projects={"Core": _in()},
            prune=_PRUNE,
            protect=Protected(service_accounts=("ci",)),
        ),
        Document(projects={"Core": there}),
    )
    assert (calls(plan), untouched(plan)) == ([], [("ci", "protected")])


def test_two_of_one_name_are_told_apart_by_their_ids_alone() -> None:
    there = Project(
        service_accounts={
            "ci (svc_1)": ServiceAccount(id="svc_1", name="ci"),
            "ci (svc_2)": ServiceAccount(id="svc_2", name="ci"),
        }
    )
    plan = planned_in_project(_in(ci=ServiceAccount(role="owner")), there, prune=_PRUNE)
    assert calls(plan) == []
    assert impossible(plan) == [
        ("ci", "Two service accounts are called 'ci': pin one with `id:` (svc_1, svc_2).")
    ]


def test_rules_that_stand_for_one_that_is_removed_are_said() -> None:
    there = Project(id=PROJECT, service_accounts={"ci": ServiceAccount(id="svc_1")})
    rule = FederationRule(project="Core", service_account="ci", attributes={"a": "b"})
    provider = IdentityProvider(issuer="https://example.com", audience="a", rules={"main": rule})
    plan = planned(
        Document(projects={"Core": _in()}, prune=_PRUNE),
        Document(projects={"Core": there}, identity_providers={"GitHub": provider}),
    )
    assert plan.steps[0].notes == (
        "Its keys stop working at once.",
        "The federation rules that stand for it stop working, too: main.",
    )


def test_one_whose_name_another_is_given_by_a_pin_is_told_from_it_by_its_id() -> None:
    there = _in(ci=ServiceAccount(id="svc_1"), old=ServiceAccount(id="svc_2"))
    plan = planned_in_project(_in(ci=ServiceAccount(id="svc_2")), there, prune=_PRUNE)
    assert [(step.subject, step.changes[0].old) for step in plan.steps] == [
        ("ci", "old"),
        ("ci (svc_1)", "ci"),
    ]
