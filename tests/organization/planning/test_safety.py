"""A plan locks nobody out, is refused where it removes much, and says what grants power."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from openai_admin._declare.operation import OPERATIONS
from openai_admin.organization.document.model import (
    Document,
    Group,
    Member,
    Person,
    Project,
    ProjectGroup,
    Protected,
    Role,
    ServiceAccount,
)
from openai_admin.organization.planning.making import plan
from openai_admin.organization.planning.model import Plan, Step
from openai_admin.organization.planning.order import ordered
from openai_admin.organization.planning.steps import Draft
from openai_admin.organization.sections import SECTIONS
from openai_admin.organization.state import State
from tests.organization.planning.frame import impossible

OWNER_ID = "role-api-organization-owner"
ANA = Person(id="user-ana", role="owner", roles=())
BOB = Person(id="user-bob", role="reader", roles=())
CHO = Person(id="user-cho", role="owner", roles=())
CORE = Project(id="proj_core", name="Core", members={}, groups={}, roles={}, service_accounts={})
AS_OWNER = ", with which they can make themselves an owner"
MANAGE = ("api.management.write",)


def _planned(
    wanted: Document, there: Document, acting: str | None = "user-ana", **more: Any
) -> Plan:
    state = State(
        document=there,
        sections=frozenset(SECTIONS),
        acting_user=acting,
        role_ids={(None, "owner"): OWNER_ID},
    )
    return plan(wanted, attrs.evolve(state, **more))


def _people(**people: Person) -> dict[str, Person]:
    return {f"{name}@acme.com": person for name, person in people.items()}


def _kinds(planned: Plan) -> list[str]:
    return [exceeded.kind for exceeded in planned.exceeded]


# Never locked out


def test_the_last_owner_stays() -> None:
    there = Document(people=_people(ana=BOB, cho=CHO))
    for wanted in (
        Document(people=_people(cho=Person(role="reader"))),
        Document(people=_people(ana=Person()), prune=("people",)),
        # Who is invited as an owner is none yet.
        Document(people=_people(cho=Person(role="reader"), new=Person(role="owner"))),
    ):
        planned = _planned(wanted, there, acting="user-bob")
        ((label, reason),) = impossible(planned)
        assert label == "cho@acme.com"
        assert reason.startswith("It would leave the organization without an owner")


def test_who_stops_being_the_last_owner_waits_for_the_next() -> None:
    there = Document(people=_people(bob=BOB, cho=CHO))
    wanted = Document(people=_people(cho=Person(role="reader"), bob=Person(role="owner")))
    planned = _planned(wanted, there, acting="user-x")
    made, lessened = planned.steps
    assert (made.subject, lessened.subject) == ("bob@acme.com", "cho@acme.com")
    assert lessened.needs == (made.id,)
    assert (planned.impossible, _kinds(planned)) == ((), ["owners"])


def test_the_owner_of_the_key_in_use_stays_a_member_and_an_owner() -> None:
    there = Document(people=_people(ana=ANA, cho=CHO))
    for wanted in (
        Document(people=_people(ana=Person(role="reader"))),
        Document(people=_people(cho=Person()), prune=("people",)),
    ):
        ((label, reason),) = impossible(_planned(wanted, there))
        assert label == "ana@acme.com"
        assert reason.startswith("The admin key in use is theirs")


@pytest.mark.parametrize(
    "wanted",
    [
        Document(people=_people(bob=Person(roles=())), prune=("people.roles",)),
        Document(roles={"Deputy": Role(permissions=("api.files.read",))}),
        Document(roles={}, prune=("roles",)),
    ],
)
def test_who_may_manage_by_a_role_alone_keeps_it(wanted: Document) -> None:
    deputy = Role(id="role_1", name="Deputy", permissions=MANAGE)
    people = _people(bob=attrs.evolve(BOB, roles=("Deputy",)), cho=CHO)
    there = Document(people=people, roles={"Deputy": deputy}, groups={})
    planned = _planned(wanted, there, acting="user-bob")
    assert any("by nothing else" in reason for _, reason in impossible(planned))
    assert _planned(wanted, there, acting="user-cho").impossible == ()


def test_who_is_made_an_owner_first_need_not_keep_the_role() -> None:
    deputy = Role(id="role_1", name="Deputy", permissions=MANAGE)
    people = _people(bob=attrs.evolve(BOB, roles=("Deputy",)), cho=CHO)
    there = Document(people=people, roles={"Deputy": deputy}, groups={})
    wanted = Document(people=_people(bob=Person(role="owner")), roles={}, prune=("roles",))
    planned = _planned(wanted, there, acting="user-bob")
    assert planned.impossible == ()
    promoted, removed = planned.steps
    assert (promoted.operation, removed.operation) == ("users.update", "roles.delete")
    assert promoted.id in removed.needs


@pytest.mark.parametrize(
    "wanted",
    [
        Document(groups={"Ops": Group(members=())}, prune=("groups.members",)),
        Document(groups={"Ops": Group(roles=())}, prune=("groups.roles",)),
        Document(groups={}, prune=("groups",)),
    ],
)
@pytest.mark.parametrize("are_roles_read", [True, False])
def test_who_may_manage_by_a_group_alone_keeps_it(wanted: Document, are_roles_read: bool) -> None:
    ops = Group(id="group_1", members=("bob@acme.com",), roles=("owner",))
    if not are_roles_read:
        ops = attrs.evolve(ops, roles=None)
    there = Document(people=_people(bob=BOB, cho=CHO), groups={"Ops": ops}, roles={})
    planned = _planned(wanted, there, acting="user-bob")
    is_done = bool(planned.steps)
    assert any("by nothing else" in reason for _, reason in impossible(planned)) == is_done


def test_a_project_is_not_without_an_owner_between_two() -> None:
    core = attrs.evolve(CORE, members={"cho@acme.com": Member(role="owner", roles=())})
    there = Document(people=_people(ana=ANA, bob=BOB, cho=CHO), projects={"Core": core})
    for members, is_gone in (
        ({"bob@acme.com": Member(role="owner")}, True),
        ({"bob@acme.com": Member(role="owner"), "cho@acme.com": Member(role="viewer")}, False),
    ):
        wanted = Document(projects={"Core": Project(members=members)}, prune=("projects.members",))
        planned = _planned(wanted, there)
        made, lessened = planned.steps
        assert (made.operation, made.arguments["role"]) == ("projects.users.create", "owner")
        assert lessened.operation == f"projects.users.{'delete' if is_gone else 'update'}"
        assert made.id in lessened.needs
    people = Document(
        people=_people(ana=Person(), bob=Person()),
        projects={"Core": Project(members={"bob@acme.com": Member(role="owner")})},
        prune=("people",),
    )
    made, removed = _planned(people, there).steps
    assert removed.operation == "users.delete"
    assert made.id in removed.needs
    alone = attrs.evolve(people, projects={"Core": Project(members={})})
    assert "It leaves Core without an owner." in _planned(alone, there).steps[-1].notes


def test_what_would_leave_a_protected_owner_with_less_is_kept_out() -> None:
    ops = Group(id="group_1", members=("bob@acme.com",), roles=("owner",))
    there = Document(people=_people(ana=ANA, bob=BOB), groups={"Ops": ops}, roles={})
    wanted = Document(
        groups={"Ops": Group(roles=())},
        prune=("groups.roles",),
        protect=Protected(people=("bob@acme.com",)),
    )
    planned = _planned(wanted, there)
    assert planned.steps == ()
    assert [(u.subject, u.kind) for u in planned.untouched] == [("Ops", "protected")]


def test_what_may_be_protected_is_not_removed_unread() -> None:
    there = Document(
        people=_people(ana=ANA, bob=BOB),
        groups={"Ops": Group(id="group_1")},
        roles={"Deputy": Role(id="role_1", permissions=MANAGE)},
        projects={"Core": Project(id="proj_core")},
    )
    wanted = Document(groups={}, roles={}, projects={}, prune=("groups", "roles", "projects"))
    assert len(_planned(wanted, there).steps) == 3
    protect = Protected(people=("bob@acme.com",), service_accounts=("ci",))
    planned = _planned(attrs.evolve(wanted, protect=protect), there)
    assert planned.steps == ()
    assert {u.kind for u in planned.untouched} == {"not_known"}


def test_nothing_goes_that_may_be_in_what_is_protected() -> None:
    there = Document(
        people=_people(ana=ANA, bob=BOB),
        groups={"Ops": Group(id="group_1", members=())},
        projects={"Core": Project(id="proj_core"), "Old": Project(id="proj_old")},
    )
    wanted = Document(people=_people(ana=ANA), groups={}, projects={"Core": Project()})
    for prune, protect in (
        (("people", "groups"), Protected(projects=("Core",))),
        (("projects",), Protected(people=("bob@acme.com",))),
        (("projects",), Protected(groups=("Ops",))),
    ):
        asked = attrs.evolve(wanted, prune=prune)
        assert len(_planned(asked, there).steps) == len(prune)
        planned = _planned(attrs.evolve(asked, protect=protect), there)
        assert planned.steps == ()
        assert {u.kind for u in planned.untouched if u.kind != "not_in_file"} == {"not_known"}
    asked = Document(people=_people(ana=ANA), prune=("people",))
    for protect in (Protected(projects=("Core",)), Protected(groups=("Ops",))):
        there = Document(people=_people(ana=ANA, bob=BOB))  # of the rest nothing was read
        assert _planned(attrs.evolve(asked, protect=protect), there).steps == ()


# Thresholds


@pytest.mark.parametrize(
    ("total", "kept", "is_exceeded"),
    [(10, 7, False), (9, 6, True), (2, 0, False), (3, 0, True), (100, 70, False), (100, 69, True)],
)
def test_more_than_thirty_percent_and_at_least_three_are_a_threshold(
    total: int, kept: int, is_exceeded: bool
) -> None:
    groups = {f"G{n}": Group(id=f"group_{n}", members=(), roles=()) for n in range(total)}
    wanted = Document(groups=dict.fromkeys([*groups][:kept], Group()), prune=("groups",))
    planned = _planned(wanted, Document(groups=groups, projects={}))
    assert len(planned.steps) == total - kept
    assert _kinds(planned) == (["groups"] if is_exceeded else [])
    if is_exceeded:
        assert planned.exceeded[0].reason == (f"{total - kept} of {total} groups would be removed.")


def test_roles_of_members_do_not_hide_members_in_the_share() -> None:
    roles = {f"R{n}": Role(id=f"role_{n}", permissions=()) for n in range(30)}
    member = Member(role="member", roles=(*roles,))
    people = {f"p{n}@acme.com": Person(id=f"user-{n}", role="reader", roles=()) for n in range(3)}
    core = attrs.evolve(CORE, roles=roles, members=dict.fromkeys(people, member))
    there = Document(people=people, projects={"Core": core})
    wanted = Document(projects={"Core": Project(members={})}, prune=("projects.members",))
    assert _kinds(_planned(wanted, there)) == ["projects.members"]


def test_any_owner_who_goes_or_is_made_less_is_a_threshold() -> None:
    members = {"bob@acme.com": Member(role="owner", roles=()), "ana@acme.com": Member(role="owner")}
    accounts = {"ci": ServiceAccount(id="svc_1", name="ci", role="owner")}
    core = attrs.evolve(CORE, members=members, service_accounts=accounts)
    there = Document(people=_people(ana=ANA, bob=BOB, cho=CHO), projects={"Core": core})
    for wanted, who in (
        (Document(people=_people(cho=Person(role="reader"))), "cho@acme.com of the organization"),
        (
            Document(projects={"Core": Project(members={"bob@acme.com": Member(role="member")})}),
            "bob@acme.com of Core",
        ),
        (
            Document(
                projects={"Core": Project(service_accounts={"ci": ServiceAccount(role="member")})}
            ),
            "ci of Core",
        ),
    ):
        (exceeded,) = _planned(wanted, there).exceeded
        assert (exceeded.kind, who in exceeded.reason) == ("owners", True)


def test_a_role_that_makes_owners_is_told_of_though_nobody_read_who_has_it() -> None:
    there = Document(roles={"Deputy": Role(id="role_1", permissions=MANAGE)})
    planned = _planned(Document(roles={}, prune=("roles",)), there, acting=None)
    owners, own_key = planned.exceeded
    assert owners.kind == "owners"
    assert "whoever has the role Deputy of the organization" in owners.reason
    # To take ownership away is one thing, to lock oneself out is another.
    assert own_key.kind == "own_key"
    assert "Whose admin key is in use is not known" in own_key.reason
    assert "whoever has the role Deputy" in own_key.reason


def test_who_stays_an_owner_otherwise_is_not_told_of_as_lost() -> None:
    deputy = Role(id="role_1", name="Deputy", permissions=MANAGE)
    people = _people(ana=attrs.evolve(ANA, roles=("Deputy",)), cho=CHO)
    there = Document(people=people, roles={"Deputy": deputy}, groups={})
    wanted = Document(people=_people(ana=Person(roles=())), prune=("people.roles",))
    assert _planned(wanted, there).exceeded == ()


# What grants power


def test_what_grants_power_is_said_in_words() -> None:
    roles = {"Deputy": Role(id="role_1", name="Deputy", permissions=MANAGE)}
    ops = Group(id="group_1", members=(), roles=())
    there = Document(
        people=_people(ana=ANA, bob=BOB),
        groups={"Ops": ops},
        roles={**roles, "Reader": Role(id="role_2", name="Reader", permissions=())},
        projects={"Core": CORE},
    )
    wanted = Document(
        people=_people(bob=Person(role="owner", roles=("Reader",))),
        groups={"Ops": Group(members=("bob@acme.com",), roles=("Deputy",))},
        roles={"Reader": Role(permissions=("api.files.read",))},
        projects={
            "Core": Project(
                members={"bob@acme.com": Member(role="owner")},
                groups={"Ops": ProjectGroup(roles=("owner",))},
                service_accounts={"ci": ServiceAccount()},
            )
        },
    )
    planned = _planned(wanted, there, role_ids={("proj_core", "owner"): "role-api-project-owner"})
    assert [step.power for step in planned.steps] == [
        "gives everybody with the role Reader api.files.read",
        "makes bob@acme.com an owner of the organization",
        "gives bob@acme.com the role Reader in the organization",
        "gives bob@acme.com what the group Ops may do",
        f"gives everybody in Ops the role Deputy in the organization{AS_OWNER}",
        "makes the service account ci in Core, for which keys can be made",
        "makes bob@acme.com an owner of Core",
        f"gives everybody in Ops the role owner in Core{AS_OWNER}",
    ]
    for step in planned.steps:
        assert OPERATIONS[step.operation].grants(step.arguments)


def test_who_joins_a_group_is_told_of_what_it_owns_or_may_own() -> None:
    owning = attrs.evolve(CORE, groups={"Ops": ProjectGroup(roles=("owner",))})
    wanted = Document(groups={"Ops": Group(members=("bob@acme.com",))})
    for roles, projects, told in (
        ((), {"Core": owning}, ", which makes them an owner of Core"),
        (None, {}, ", which was not read and may make them an owner"),
        ((), {"Core": Project(id="proj_core")}, ", which was not read and may make them an owner"),
        ((), {}, ""),
    ):
        there = Document(
            people=_people(ana=ANA, bob=BOB),
            groups={"Ops": Group(id="group_1", members=(), roles=roles)},
            projects=projects,
        )
        (step,) = _planned(
            wanted, there, role_ids={("proj_core", "owner"): "role-api-project-owner"}
        ).steps
        assert step.power == f"gives bob@acme.com what the group Ops may do{told}"


# Order


def _draft(id: str, *needs: str) -> Draft:
    step = Step(
        id=id, section="groups", action="change", subject=id, operation="groups.update", needs=needs
    )
    return Draft(step=step, timing="add")


def test_steps_that_need_each_other_in_a_circle_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"circle: a, b$"):
        ordered([_draft("a", "b"), _draft("b", "a"), _draft("c")], ())


def test_steps_stay_in_their_order_where_nothing_else_decides() -> None:
    drafts = [_draft("c"), _draft("a", "b"), _draft("b"), _draft("d")]
    assert [step.id for step in ordered(drafts, ())] == ["c", "b", "a", "d"]
