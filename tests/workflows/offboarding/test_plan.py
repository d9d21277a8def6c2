"""A plan made of facts: what the emulator's organization does not have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from openai_admin import (
    AdminAPIKey,
    AdminAPIKeyOwner,
    Invite,
    OrganizationUser,
    Project,
    ProjectAPIKey,
    ProjectAPIKeyOwner,
    ProjectAPIKeyOwnerUser,
    ProjectUser,
)
from openai_admin.workflows.offboarding.facts import Facts, listed_again
from openai_admin.workflows.offboarding.holders import unattributed
from openai_admin.workflows.offboarding.model import ActingKey, OffboardingPlan, Person
from openai_admin.workflows.offboarding.people import People
from openai_admin.workflows.offboarding.plan import Choices, made_plan
from openai_admin.workflows.offboarding.snapshot import Snapshot
from openai_admin.workflows.offboarding.traces import Traces

ACTING = ActingKey(shown="sk-admin-…abcd", ids=("key_me",), owner_ids=("user-me",), owner="Me")
ME = OrganizationUser(id="user-me", email="me@example.com", name="Me", role="owner")
ADA = OrganizationUser(id="user-ada", email="Ada@example.com", name="Ada", role="owner")


def _key(id: str, owner: str | None, email: str | None = None) -> ProjectAPIKey:
    user = None if owner is None else ProjectAPIKeyOwnerUser(id=owner, email=email)
    return ProjectAPIKey(id=id, owner=ProjectAPIKeyOwner(type="user", user=user))


def _snapshot(**changed: Any) -> Snapshot:
    empty: dict[str, Any] = {
        "users": [ME, ADA],
        "projects": {},
        "members": {},
        "keys": {},
        "admin_keys": [],
        "invites": [],
        "groups": {},
        "group_users": {},
        "unlisted": (),
        "lacks_people": False,
        "not_known": (),
    }
    return Snapshot(**(empty | changed))


def _plan(
    snapshot: Snapshot,
    who: str,
    *,
    acting: ActingKey = ACTING,
    leaving: Sequence[str] = (),
    inherited: tuple[str, ...] = (),
    **chosen: Any,
) -> OffboardingPlan:
    person = People.of(snapshot).only(who)
    assert person is not None
    facts = Facts(
        person=person,
        holdings=tuple(listed_again(snapshot, person)),
        traces=Traces(),
        not_known=(),
        inherited=inherited,
    )
    return made_plan(
        facts, snapshot, acting, Choices(**chosen), organization="org-1", leaving=leaving
    )


def test_a_key_of_an_archived_project_stays_and_is_named() -> None:
    projects = {
        "proj_a": Project(id="proj_a", name="Attic", status="archived"),
        "proj_b": Project(id="proj_b", name="Base", status="active"),
    }
    keys = {"proj_a": [_key("key_a", "user-ada")], "proj_b": [_key("key_b", "user-ada")]}
    plan = _plan(_snapshot(projects=projects, keys=keys), "Ada")
    assert [step.holding.id for step in plan.steps if "key" in step.holding.kind] == ["key_b"]
    (held,) = plan.stays
    assert (held.id, held.project_name) == ("key_a", "Attic")
    assert held.stays == "the project is archived: the key does not work, and cannot be deleted"


def test_keys_of_an_earlier_membership_are_found_with_the_present_one() -> None:
    keys = {"proj_b": [_key("key_1", "user-old", "ADA@EXAMPLE.COM"), _key("key_2", "user-ada")]}
    snapshot = _snapshot(keys=keys, projects={"proj_b": Project(id="proj_b", name="Base")})
    for who in ("ada@example.com", "user-ada"):
        plan = _plan(snapshot, who)
        assert plan.person.ids == {"user-ada", "user-old"}
        assert [step.holding.id for step in plan.steps][:2] == ["key_1", "key_2"]
    # Whoever names the earlier one means that alone.
    old = _plan(snapshot, "user-old")
    assert [step.holding.id for step in old.steps] == ["key_1"]


def test_what_has_no_owner_or_address_is_not_taken_for_nothing() -> None:
    snapshot = _snapshot(
        projects={"proj_b": Project(id="proj_b", name="Base")},
        keys={"proj_b": [_key("key_1", None), ProjectAPIKey(id="key_2", name="two")]},
        admin_keys=[
            AdminAPIKey(id="key_3", redacted_value="sk-admin-…3333"),
            AdminAPIKey(id="key_4", owner=AdminAPIKeyOwner(type="service_account")),
            AdminAPIKey(id="key_5", redacted_value="sk-proj-…5555"),
        ],
        invites=[Invite(id="invite-1", status="pending"), Invite(id="invite-2", status="expired")],
    )
    assert list(unattributed(snapshot)) == [
        "whose the admin key key_3, sk-admin-…3333 is: the API names no owner",
        "whose the project key key_1 in Base is: the API names no owner",
        'whose the project key "two" (key_2) in Base is: the API names no owner',
        "to whom the open invite invite-1 is: the API names no address",
    ]


def test_what_any_listing_says_of_an_id_and_an_address_goes_together() -> None:
    bare = OrganizationUser(id="user-ada", name="Ada", role="reader")
    snapshot = _snapshot(
        users=[ME, bare],
        projects={"proj_b": Project(id="proj_b", name="Base")},
        keys={
            "proj_b": [
                _key("key_1", "user-ada", "ada@example.com"),
                # The API tells no id of this one's owner.
                ProjectAPIKey(
                    id="key_2",
                    owner=ProjectAPIKeyOwner(
                        type="user", extra={"user": {"id": None, "email": "ADA@example.com"}}
                    ),
                ),
                _key("key_3", "user-me", "me@example.com"),
            ]
        },
        admin_keys=[
            AdminAPIKey(
                id="key_4",
                redacted_value="sk-admin-…4444",
                owner=AdminAPIKeyOwner(type="user", extra={"email": "ada@example.com"}),
            )
        ],
        invites=[Invite(id="invite-1", email="Ada@Example.com", status="pending")],
    )
    for who in ("user-ada", "ada@example.com", "Ada"):
        plan = _plan(snapshot, who)
        assert (plan.person.is_member, plan.person.email) == (True, "ada@example.com")
        assert {step.holding.id for step in plan.steps} == {"key_1", "key_2", "key_4", "invite-1"}


def test_a_project_key_among_the_admin_keys_is_deleted_once() -> None:
    owner = AdminAPIKeyOwner(id="user-ada", type="user")
    listed = [
        AdminAPIKey(id="key_1", owner=owner, redacted_value="sk-proj-…1111"),
        AdminAPIKey(id="key_2", owner=owner, redacted_value="sk-admin-…2222"),
        AdminAPIKey(id="key_3", owner=owner),
    ]
    snapshot = _snapshot(admin_keys=listed, keys={"proj_b": [_key("key_1", "user-ada")]})
    steps = [(step.holding.kind, step.holding.id) for step in _plan(snapshot, "Ada").steps]
    assert steps[:3] == [
        ("admin_key", "key_2"),
        ("admin_key", "key_3"),
        ("project_key", "key_1"),
    ]


def test_what_may_be_the_key_in_use_is_deleted_last() -> None:
    owner = AdminAPIKeyOwner(id="user-ada", type="user")
    listed = [AdminAPIKey(id=f"key_{n}", owner=owner) for n in (1, 2)]
    snapshot = _snapshot(admin_keys=listed)
    for acting, first, last in (
        (ACTING, ["key_1", "key_2"], "user-ada"),
        (ActingKey(shown="…", ids=("key_1",), owner_ids=("user-ada",)), ["key_2"], "key_1"),
        (ActingKey(shown="…"), [], "key_2"),
    ):
        steps = _plan(snapshot, "Ada", acting=acting, myself=True).steps
        ids = [step.holding.id for step in steps]
        assert (ids[: len(first)], ids[-1]) == (first, last)


@pytest.mark.parametrize(
    ("snapshot", "acting", "chosen", "sentence"),
    [
        (_snapshot(users=[ADA]), ACTING, {}, "is the last owner of the organization"),
        (
            _snapshot(users=[ADA], lacks_people=True),
            ACTING,
            {},
            "pass --allow-unknown-owners to go on",
        ),
        (_snapshot(users=[ADA], lacks_people=True), ACTING, {"allow_unknown_owners": True}, ""),
        (
            _snapshot(),
            ActingKey(shown="sk-admin-…abcd"),
            {},
            "Whose the admin key is that is used (sk-admin-…abcd) is not known",
        ),
        (_snapshot(), ActingKey(shown="sk-admin-…abcd"), {"myself": True}, ""),
        (
            _snapshot(),
            ActingKey(shown="…abcd", ids=("key_1", "key_2"), owner_ids=("user-me", "user-ada")),
            {},
            "The admin key that is used (…abcd) may be Ada <Ada@example.com>'s own",
        ),
        (_snapshot(), ACTING, {}, ""),
    ],
)
def test_doubt_wants_a_decision(
    snapshot: Snapshot, acting: ActingKey, chosen: dict[str, Any], sentence: str
) -> None:
    undecided = _plan(snapshot, "Ada", acting=acting, **chosen).undecided
    assert len(undecided) == bool(sentence)
    assert sentence in " ".join(undecided)


def test_owners_who_leave_together_leave_a_project_without_one() -> None:
    owners = [ProjectUser(id=id, role="owner") for id in ("user-ada", "user-me")]
    projects = {"proj_b": Project(id="proj_b", name="Base")}
    snapshot = _snapshot(projects=projects, members={"proj_b": owners})
    assert not _plan(snapshot, "Ada").undecided
    together = _plan(snapshot, "Ada", leaving=("user-ada", "user-me")).undecided
    assert "Ada <Ada@example.com> and all other owners of Base leave together: pass" in together[-1]


def test_roles_that_stay_with_a_group_are_told() -> None:
    plan = _plan(_snapshot(), "Ada", inherited=('"Auditor" in the organization through "All"',))
    assert any("until it removes them: the role" in note for note in plan.notes)


def test_one_person_is_recognized_by_an_id_else_by_the_address() -> None:
    ada = Person(id="user-ada", email="ada@example.com")
    assert ada.is_same(Person(id="user-new", former_ids=("user-ada",)))
    assert ada.is_same(Person(email="ADA@example.com"))
    assert not ada.is_same(Person(id="user-other", email="ada@example.com"))
    assert not Person(email="a@x.com").is_same(Person())
