"""Nothing that somebody has is told as lost, or passed over."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs

from openai_admin import AdminAPIKey, AsyncOpenAIAdmin
from openai_admin._wire.structure import structure
from openai_admin.directory.not_known import NotKnown
from openai_admin.emulator import Emulator, Status
from openai_admin.insights.access import Access, access_diff, made
from openai_admin.insights.access.facts import (
    Assignment,
    Facts,
    GroupFact,
    KeyFact,
    Person,
    ProjectFact,
    ProjectMember,
    RoleFact,
    ServiceAccountFact,
)
from openai_admin.insights.access.reviewing import review_rows

_OWNER = "role-api-organization-owner"
_PROJECTS = ("Lab", "Shop")
_FACTS = Facts(
    taken_at=datetime(2026, 11, 27, tzinfo=UTC),
    people=(Person(id="ann", name="Ann", role="owner"), Person(id="bob", name="Bob", role="none")),
    roles=(
        RoleFact(
            id=_OWNER, name="owner", permissions=("api.management.write",), is_predefined=True
        ),
        *(
            RoleFact(
                id="role-api-project-owner",
                name="owner",
                project_id=id,
                permissions=("api.project.write",),
                is_predefined=True,
            )
            for id in _PROJECTS
        ),
    ),
    projects=tuple(ProjectFact(id=id, name=id) for id in _PROJECTS),
    members=tuple(
        ProjectMember(project_id="Shop", user_id=id, role="owner") for id in ("ann", "bob")
    ),
    keys=(KeyFact(id="key", project_id="Shop", owner_type="user", owner_id="bob"),),
)


def _changes(before: Facts, after: Facts) -> set[tuple[str, str, str | None, str | None]]:
    return {
        (each.change, each.holding.id, each.holding.permission, each.holding.project_id)
        for each in access_diff(Access(before), Access(after)).changes
    }


def test_what_an_owner_has_in_projects_is_compared() -> None:
    # Ann owns the organization: her membership of a project makes no difference.
    without = attrs.evolve(_FACTS, members=_FACTS.members[1:])
    assert _changes(_FACTS, without) == set()
    # Bob, who owned Shop, owns the organization: what is new is what he had nowhere.
    bob = attrs.evolve(_FACTS.people[1], role="owner")
    promoted = attrs.evolve(_FACTS, people=(_FACTS.people[0], bob), members=())
    assert _changes(_FACTS, promoted) == {
        ("granted", "bob", "api.management.write", None),
        ("granted", "bob", "api.project.write", "Lab"),
        ("granted", "key", "api.management.write", "Shop"),
    }


def test_what_a_key_may_do_is_not_known_once_its_owner_has_left_the_project() -> None:
    (key,) = _FACTS.keys
    inactive = attrs.evolve(key, owner_access="inactive")
    left = attrs.evolve(_FACTS, members=_FACTS.members[:1], keys=(inactive,))
    (found,) = (one for one in Access(left).of("key").holdings if one.kind == "key")
    assert found.permission is None
    assert "Bob, who has left Shop" in found.why[0]
    assert ("not known", "key", "api.project.write", "Shop") in _changes(_FACTS, left)
    (row,) = (one for one in review_rows(Access(left)) if one.id == "key")
    assert row.kind == "key of a former member"
    unowned = attrs.evolve(_FACTS, keys=(attrs.evolve(key, owner_id=None),))
    assert [r.kind for r in review_rows(Access(unowned)) if r.id == "key"] == ["key in doubt"]


def test_a_group_of_whose_users_nothing_is_known_is_named_with_its_roles() -> None:
    facts = attrs.evolve(
        _FACTS,
        groups=(GroupFact(id="g", name="Ops"),),
        assignments=(Assignment(principal_type="group", principal_id="g", role_id=_OWNER),),
        not_known=(NotKnown(kind="members of groups", reason="the API answered 404"),),
    )
    access = Access(facts)
    assert access.lacks[1:] == (
        "Whoever is in the group Ops has its roles besides: owner in the organization.",
    )
    assert [row.notes for row in review_rows(access) if row.kind == "not looked at"] == [
        (text,) for text in access.lacks
    ]


def test_what_was_not_read_is_told_where_it_can_touch_the_answer() -> None:
    def lacks(kind: str, project: str | None, *somebody: str) -> list[bool]:
        part = NotKnown(kind=kind, reason="the key lacks a scope", project_id=project)
        people = tuple(attrs.evolve(p, email=f"{p.id}@example.com") for p in _FACTS.people)
        account = ServiceAccountFact(id="svc", project_id="Shop", name="etl", role="member")
        facts = attrs.evolve(_FACTS, people=people, service_accounts=(account,), not_known=(part,))
        return [bool(Access(facts).of(one).lacks) for one in somebody]

    # By the one id, or the address of a member, each is certain, and a key gives its owner nothing.
    certain = ("bob", "bob@example.com", "key", "svc")
    assert not any(lacks("admin keys", None, *certain))
    assert not any(lacks("keys of projects", "Lab", *certain))
    assert not any(lacks("service accounts", "Lab", "key", "svc"))
    # A name may be another's as well; and these give something.
    assert all(lacks("keys of projects", "Lab", "Bob", "etl"))
    assert all(lacks("service accounts", "Shop", "bob", "key", "svc"))
    assert all(lacks("groups", None, *certain))
    assert all(lacks("roles of groups", "group_1", *certain))
    assert all(lacks("roles of projects", "Shop", *certain))


async def test_owners_by_groups_and_who_is_in_a_project_alone_are_found(demo: Emulator) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        project = (await client.projects.list()).data[0]
        member = next(iter(demo.store.project_users[project.id]))
        group = await client.groups.create(name="Owners")
        await client.groups.roles.create(group.id, role_id=_OWNER)
        reader = next(u for u in demo.store.users if u["role"] != "owner")
        await client.groups.users.create(group.id, user_id=reader["id"])
        # The group's role grants nothing of projects by itself, but it makes owners.
        found = await client.insights.access(permission="api.project.write")
        places = {
            one.project_id
            for one in found.who_can("api.project.write").holdings
            if one.id == reader["id"]
        }
        assert places == {one.id for one in found.facts.projects}
        left = {"id": "user-left", "name": "Left", "email": "left@example.com", "role": "owner"}
        demo.store.project_users[project.id].add({**member, **left})
        alone = await client.insights.access(somebody="left@example.com")
        held = {(one.permission, one.project_id) for one in alone.of("user-left").holdings}
        assert ("api.project.write", project.id) in held
        # Without roles of its own an organization finds none of a member's: membership remains.
        demo.faults.add(Status(match="projects.users.roles.list", status=404))
        found = await client.insights.access(somebody=member["id"], project=project.id)
        answer = found.of(member["id"], project.id)
        assert any(one.project_id == project.id and one.permission for one in answer.holdings)
        assert answer.lacks


def test_an_owner_is_not_denied_of_whom_nobody_asked() -> None:
    facts = attrs.evolve(_FACTS, members=(), assumed_in=(None,))
    (told,) = Access(facts).who_can("owner").lacks
    assert "--thorough" in told
    rows = {row.id: row for row in review_rows(Access(facts))}
    assert [rows[id].is_owner for id in ("ann", "bob")] == [True, None]
    assert rows[""].kind == "not looked at"
    assert rows[""].notes == (told,)
    # Likewise of a project, in which somebody is listed as less than an owner.
    member = ProjectMember(project_id="Shop", user_id="bob", role="member")
    facts = attrs.evolve(_FACTS, members=(member,), assumed_in=("Shop",))
    assert Access(facts).who_can("owner").is_known
    assert not Access(facts).who_can("owner", "Lab").lacks
    (told,) = Access(facts).who_can("owner", "Shop").lacks
    assert [row.notes for row in review_rows(Access(facts)) if not row.id] == [(told,)]


def test_who_is_listed_as_an_owner_is_one_where_roles_cannot_be_read() -> None:
    refused = (
        NotKnown(kind="roles", reason="the API answered 403"),
        NotKnown(kind="roles of projects", reason="the API answered 403", project_id="Shop"),
    )
    facts = attrs.evolve(_FACTS, roles=(), not_known=refused)
    answer = Access(facts).who_can("owner")
    assert [(one.id, one.permission) for one in answer.holdings] == [("ann", "owner")]
    assert answer.holdings[0].why == ("is an owner of the organization",)
    assert not answer.is_known  # others may be, by roles
    rows = {row.id: row for row in review_rows(Access(facts))}
    assert [rows[id].is_owner for id in ("ann", "bob")] == [True, None]
    of_shop = Access(facts).who_can("owner", "Shop").holdings
    assert {(one.id, one.permission, one.project_id) for one in of_shop} == {
        ("ann", "owner", None),
        ("ann", "owner", "Shop"),
        ("bob", "owner", "Shop"),
        ("key", "owner", "Shop"),
    }


def test_only_what_a_role_nobody_was_asked_for_could_give_is_in_doubt() -> None:
    """Who is listed as less than an owner may have been given OpenAI's own roles as well."""
    member = RoleFact(
        id="role-api-project-member",
        name="member",
        project_id="Shop",
        permissions=("api.project.read",),
        is_predefined=True,
    )
    facts = attrs.evolve(
        _FACTS,
        roles=(*_FACTS.roles, member),
        members=(ProjectMember(project_id="Shop", user_id="bob", role="member"),),
        assumed_in=("Shop",),
    )
    access = Access(facts)
    (told,) = access.who_can("api.project.write").lacks
    assert told.startswith("In Shop, ")
    assert "--thorough" in told
    for asked in (
        access.who_can("api.project.write", "Lab"),
        access.who_can("api.project.read"),  # which each member has anyway
        access.who_can("api.management.write"),  # which no role of a project grants
        access.of("ann"),  # who owns the organization
    ):
        assert asked.is_known, asked
    for asked in (access.of("bob"), access.of("key"), access.of("bob", "Shop")):
        assert asked.lacks == (told,)
    assert access.of("bob", "Lab").is_known
    # Nothing is in force that a disabled account was given.
    disabled = attrs.evolve(facts.people[1], enabled=False)
    blocked = attrs.evolve(facts, people=(facts.people[0], disabled), keys=())
    assert Access(blocked).who_can("api.project.write").is_known
    # The organization's role of owners gives what the owners of its projects have.
    everywhere = Access(attrs.evolve(facts, assumed_in=(None,)))
    (told,) = everywhere.who_can("api.project.write", "Lab").lacks
    assert told.startswith("In the organization, ")


def test_what_cannot_touch_an_answer_does_not_leave_it_in_doubt() -> None:
    refused = (
        NotKnown(kind="invites", reason="the API answered 403"),
        NotKnown(kind="keys of projects", reason="the API answered 500", project_id="Lab"),
    )
    access = Access(attrs.evolve(_FACTS, not_known=refused))
    assert access.who_can("api.project.write", "Shop").is_known
    assert access.of("bob", "Shop").is_known
    (told,) = access.who_can("api.project.write").lacks
    assert "keys of projects (Lab)" in told
    assert "invites" not in told
    assert len(access.lacks) == 2  # a review has both


def test_a_comparison_says_where_nobody_was_asked_for_roles() -> None:
    owner = Assignment(
        principal_type="user", principal_id="bob", role_id=_OWNER, is_predefined=True
    )
    asked = attrs.evolve(_FACTS, assignments=(owner,))
    unasked = attrs.evolve(_FACTS, assumed_in=(None,))
    # Bob's role was seen at the one moment, and not asked for at the other.
    assert {change for change, id, *_ in _changes(asked, unasked) if id == "bob"} == {"not known"}
    assert {change for change, id, *_ in _changes(unasked, asked) if id == "bob"} == {"not known"}
    found = access_diff(Access(unasked), Access(unasked))
    assert not found.changes
    (told,) = found.lacks
    assert told.startswith("At both moments, in the organization, ")
    # Who was made an owner by membership was.
    promoted = attrs.evolve(
        unasked, people=(_FACTS.people[0], attrs.evolve(_FACTS.people[1], role="owner"))
    )
    assert ("granted", "bob", "api.management.write", None) in _changes(unasked, promoted)


def test_moments_that_may_be_of_two_organizations_are_told() -> None:
    named = attrs.evolve(_FACTS, organization_id="org-1")
    assert not access_diff(Access(_FACTS), Access(named)).lacks  # both have the same projects
    other = attrs.evolve(
        _FACTS,
        projects=(ProjectFact(id="Elsewhere"),),
        keys=(),
        members=(),
    )
    for before in (_FACTS, named):
        (told,) = access_diff(Access(before), Access(other)).lacks
        assert "of the same organization" in told


def test_a_key_whose_expiry_cannot_be_read_is_not_told_to_last() -> None:
    value: dict[str, object] = {"redacted_value": "sk-admin-...abc"}
    listed = [
        structure({"id": id, **value, **expiry}, AdminAPIKey)
        for id, expiry in (("odd", {"expires_at": "soon"}), ("never", {"expires_at": None}))
    ]
    facts = attrs.evolve(_FACTS, admin_keys=made.admin_keys(listed, ()))
    notes = {row.id: row.notes[0] for row in review_rows(Access(facts)) if row.kind == "admin key"}
    assert notes == {"odd": "whether it expires is not known", "never": "never expires"}
