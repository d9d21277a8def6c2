"""Owners and powerful roles: in any shape that the log has been seen to give them."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.audit.detections.model import Directory

from .stream import Raw, account_key, at, event, find, key_of, keys, session

ORGANIZATION = {"resource_type": "api.organization", "resource_id": "org-1"}
PROJECT = {"resource_type": "api.project", "resource_id": "proj_1"}
DIRECTORY = Directory(
    owner_roles=frozenset({"role_chiefs"}),
    powerful_roles={"role_chiefs": "do everything", "role_keys": "make keys"},
    emails={"user-eve": "eve@acme.test"},
)
OTHER = event("login.succeeded", {}, when=at(), by=session("bob"))


def assigned(role: str, where: dict[str, str], holder: str = "user-eve", **more: Any) -> Raw:
    payload = {"id": role, "principal_type": "user", "principal_id": holder, **where, **more}
    return event("role.assignment.created", payload, when=at(30))


OWNERS = {
    "by name": event("user.updated", {"id": "user-eve", "changes_requested": {"role": "owner"}}),
    "in capitals": event(
        "user.updated", {"id": "user-eve", "changes_requested": {"role": "Owner"}}
    ),
    "added as one": event("user.added", {"id": "user-eve", "data": {"role": "owner"}}),
    "with underscores": event(
        "user.updated", {"id": "user-eve", "changes_requested": {"role": "owner"}}, underscored=True
    ),
    "in a list": event(
        "user.updated", [{"id": "user-eve", "changes_requested": {"role": "owner"}}]
    ),
    "changes in a list": event(
        "user.updated", {"id": "user-eve", "changes_requested": [{"role": "owner"}]}
    ),
    "a list of fields": event(
        "user.updated",
        {
            "id": "user-eve",
            "changes_requested": [{"field": "role", "old": "reader", "new": "owner"}],
        },
    ),
    "before and after": event(
        "user.updated",
        {"id": "user-eve", "changes_requested": {"role": {"from": "reader", "to": "owner"}}},
    ),
    "data in a list": event("user.added", {"id": "user-eve", "data": [{"role": "owner"}]}),
    "role as an object": event(
        "user.updated", {"id": "user-eve", "changes_requested": {"role": {"name": "owner"}}}
    ),
    "roles as a list": event("user.updated", {"id": "user-eve", "data": {"roles": ["owner"]}}),
    "beside the changes": event("user.updated", {"id": "user-eve", "role": "owner"}),
    "by the role's id": event(
        "user.updated", {"id": "user-eve", "data": {"role_id": "role-api-organization-owner"}}
    ),
    "invited": event(
        "invite.sent", {"id": "inv-1", "data": {"email": "eve@acme.test", "role": "owner"}}
    ),
    "invited by the tenant": event(
        "tenant.user.invited", {"id": "inv-1", "email": "eve@acme.test", "role": "owner"}
    ),
    "assigned": assigned("role-api-organization-owner", ORGANIZATION),
    "assigned, other id": assigned("role-organization-owner", ORGANIZATION),
    "assigned, id of both": assigned("role-api-organization-owner:user-eve", ORGANIZATION),
    "assigned by name": assigned("ra_1", ORGANIZATION, role_name="owner"),
    "assigned, as the directory knows it": assigned("role_chiefs", ORGANIZATION),
    "assigned by the tenant": event(
        "tenant.role_assignment.created",
        {"principal_id": "user-eve", "role_id": "role-organization-owner"},
    ),
}


@pytest.mark.parametrize("raw", OWNERS.values(), ids=OWNERS)
def test_an_owner_is_found_in_any_shape(raw: Raw) -> None:
    (finding,) = find([OTHER, raw], DIRECTORY)
    assert finding.detection == "owner_granted"
    assert finding.severity == "high"
    assert "owner of the organization" in finding.summary
    assert finding.evidence[-1].id == raw["id"]
    assert finding.about in ("user-eve", "eve@acme.test")


def test_a_role_that_is_as_good_as_an_owner_is_named() -> None:
    (finding,) = find([OTHER, assigned("role_chiefs", ORGANIZATION)], DIRECTORY)
    assert finding.summary == (
        "ann@acme.test gave eve@acme.test (user-eve) the role role_chiefs, which can do all that "
        "an owner of the organization can."
    )


POWERFUL = {
    "as the directory knows it": assigned("role_keys", ORGANIZATION),
    "of a project, as the directory knows it": assigned("role_keys", PROJECT),
    "owner of a project": assigned("role-api-project-owner", PROJECT),
    "owner, by name, of a project": assigned("ra_1", PROJECT, data={"role": "owner"}),
    "to a group": event(
        "role.assignment.created",
        {"id": "role_keys", "principal_type": "group", "principal_id": "group-1", **ORGANIZATION},
    ),
    "given as the member's role": event(
        "user.updated", {"id": "user-eve", "changes_requested": {"role": "role_keys"}}
    ),
    "with its permissions": assigned("ra_1", ORGANIZATION, permissions=["api.management.write"]),
    "admin": event(
        "tenant.user.updated", {"id": "user-eve", "changes_requested": {"role": "admin"}}
    ),
}


@pytest.mark.parametrize("raw", POWERFUL.values(), ids=POWERFUL)
def test_a_powerful_role_is_found_in_any_shape(raw: Raw) -> None:
    found = find([OTHER, raw], DIRECTORY)
    assert keys(found) == ["powerful_role_granted"]


@pytest.mark.parametrize("permission", ["api.management.write", "*", "api.roles.write", "api.*"])
def test_what_a_role_can_do_is_learned_from_the_log(permission: str) -> None:
    made = event(
        "role.created",
        {"id": "role_x", "role_name": "Helpers", "permissions": [permission], **ORGANIZATION},
    )
    assert keys(find([made, assigned("role_x", ORGANIZATION)])) == ["powerful_role_granted"]
    assert keys(find([made, assigned("ra", ORGANIZATION, role_name="helpers")])) == [
        "powerful_role_granted"
    ]


def test_a_role_that_is_made_powerful_is_a_grant_to_those_who_have_it() -> None:
    made = event("role.created", {"id": "role_x", "permissions": ["api.usage.read"]})
    given = assigned("role_x", ORGANIZATION)
    added = {"permissions_added": ["api.management.write"], "permissions_removed": []}
    changed = event("role.updated", {"id": "role_x", "changes_requested": added})
    (finding,) = find([made, given, changed])
    assert (finding.detection, finding.about) == ("powerful_role_granted", "role_x")


QUIET = {
    "a reader": event("user.updated", {"id": "user-eve", "changes_requested": {"role": "reader"}}),
    "no longer an owner": event(
        "user.updated",
        {
            "id": "user-eve",
            "changes_requested": [{"field": "role", "old": "owner", "new": "reader"}],
        },
    ),
    "a product owner": assigned("ra_1", ORGANIZATION, role_name="Product owner"),
    "an id with the word": event("user.added", {"id": "user-owner", "data": {"role": "reader"}}),
    "a project's owner, as projects are staffed": event(
        "user.added", {"id": "user-eve", "data": {"role": "owner"}}, project="proj_1"
    ),
    "by the program that manages projects": event(
        "user.updated",
        {"id": "user-eve", "changes_requested": {"role": "owner"}},
        project="proj_1",
        by=key_of("ann"),
    ),
    "not a role": event("user.updated", {"id": "user-eve", "changes_requested": {"name": "owner"}}),
    "taken away": event(
        "role.assignment.deleted", {"id": "role_chiefs", "principal_id": "user-eve"}
    ),
    "nothing": event("user.updated"),
    "a text": event("user.updated", "user-eve"),
}


@pytest.mark.parametrize("raw", QUIET.values(), ids=QUIET)
def test_ordinary_life_is_not_told(raw: Raw) -> None:
    assert not find([OTHER, raw], DIRECTORY)


def test_whoever_made_the_organization_is_its_owner() -> None:
    by = session("ann")
    title = event("organization.updated", {"changes_requested": {"title": "Acme"}}, by=by)
    joined = event("user.added", {"id": "user-ann", "data": {"role": "owner"}}, by=by)
    assert not find([title, joined])


def test_somebody_who_makes_themselves_owner_of_a_project_is_told_of() -> None:
    payload = {"id": "user-eve", "data": {"role": "owner"}}
    own = event("user.added", payload, when=at(20), by=session("eve"), project="proj_1")
    assert keys(find([own])) == ["powerful_role_granted"]
    made = event("project.created", {"id": "proj_1"}, when=at(19), by=session("eve"))
    assert not find([made, own])


def test_an_invite_and_what_follows_from_it_are_one_finding() -> None:
    by = session("eve")
    data = {"email": "Eve@acme.test", "role": "owner"}
    raws = [
        event("invite.sent", {"id": "inv-1", "data": data}, when=at(1)),
        event("invite.accepted", {"id": "inv-1"}, when=at(3), by=by),
        event("user.added", {"id": "user-eve", "data": {"role": "owner"}}, when=at(3), by=by),
    ]
    assert keys(find([OTHER, *raws])) == ["owner_granted"]


def test_two_events_of_one_grant_are_one_finding_in_either_order() -> None:
    one = event(
        "user.updated", {"id": "user-eve", "changes_requested": {"role": "owner"}}, when=at(9)
    )
    two = assigned("role-organization-owner", ORGANIZATION)
    two["effective_at"] = at(9, minutes=1)
    assert keys(find([OTHER, one, two])) == ["owner_granted"]
    assert keys(find([OTHER, two, one])) == ["owner_granted"]


def test_a_second_grant_after_it_was_taken_away_is_told_again() -> None:
    def role(name: str, hours: float) -> Raw:
        payload = {"id": "user-eve", "changes_requested": {"role": name}}
        return event("user.updated", payload, when=at(9, hours))

    assert keys(find([OTHER, role("owner", 0), role("reader", 1), role("owner", 2)])) == [
        "owner_granted",
        "owner_granted",
    ]


def test_the_program_that_gives_roles_to_service_accounts_as_always_is_not_told() -> None:
    def given(role: str, days: float) -> Raw:
        payload = {"id": f"sa-{days}", "data": {"role": role}}
        return event(
            "service_account.created", payload, when=at(days), by=key_of("ann"), project="proj_1"
        )

    assert not find([given("member", 1), given("owner", 2), given("owner", 3)])


def test_an_account_is_made_owner_by_a_program_that_never_did() -> None:
    payload = {"id": "sa-1", "changes_requested": {"role": "owner"}}
    raw = event("service_account.updated", payload, by=account_key("sa-2"), project="proj_1")
    earlier = event("user.added", {"id": "user-bob", "data": {"role": "reader"}}, when=at(-30))
    (finding,) = find([earlier, raw])
    assert (finding.detection, finding.severity) == ("powerful_role_granted", "medium")
    assert not find([raw])  # on the first day, what programs do is learned


def test_names_are_said_where_they_are_known() -> None:
    (finding,) = find([OTHER, assigned("role_keys", ORGANIZATION)], DIRECTORY)
    assert finding.summary == (
        "ann@acme.test gave eve@acme.test (user-eve) the role role_keys, which can make keys, of "
        "the organization."
    )


def test_without_a_time_it_is_told_all_the_same() -> None:
    raw = event("user.updated", {"id": "user-eve", "data": {"role": "owner"}}, when=-1)
    (finding,) = find([OTHER, raw])
    assert finding.at is None


def test_a_role_of_which_the_log_tells_too_late_what_it_can_do() -> None:
    made = event(
        "role.created", {"id": "role_late", "permissions": ["api.management.write"]}, when=at(29)
    )
    gave = assigned("role_late", ORGANIZATION)
    (finding,) = find([OTHER, gave, made, made, gave], keys=["powerful_role_granted"])
    assert finding.about == "user-eve"
    assert [one.id for one in finding.evidence] == [made["id"], gave["id"]]
    harmless = event("role.created", {"id": "role_late", "permissions": ["api.usage.read"]})
    assert not find([OTHER, gave, harmless], keys=["powerful_role_granted"])
