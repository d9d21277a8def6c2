"""Groups, roles and projects: found by pin or name, made, renamed, removed, archived."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from openai_admin.organization.document.model import (
    Document,
    Group,
    Member,
    Person,
    Project,
    ProjectGroup,
    Protected,
    Role,
)
from openai_admin.organization.planning.making import plan
from openai_admin.organization.planning.model import From, Plan
from openai_admin.organization.sections import SECTIONS
from openai_admin.organization.state import State
from tests.organization.planning.frame import calls, impossible

READ = ("api.files.read",)
WRITE = ("api.files.read", "api.files.write")
ANA = Person(id="user-ana", role="owner", roles=())
CORE = Project(id="proj_core", name="Core", residency="GLOBAL", members={}, groups={}, roles={})


def _planned(wanted: Document, there: Document, **more: Any) -> Plan:
    state = State(
        document=there,
        sections=frozenset(SECTIONS),
        acting_user="user-ana",
        role_ids={(None, "owner"): "role-api-organization-owner"},
    )
    return plan(wanted, attrs.evolve(state, **more))


def _groups(**groups: Group) -> Document:
    return Document(groups=groups)


def _group(id: str, name: str | None = None) -> Group:
    return Group(id=id, name=name, members=(), roles=())


def test_a_pin_renames_and_a_name_alone_makes() -> None:
    there = _groups(Core=_group("group_1", "Core"))
    pinned = _planned(_groups(Kernel=Group(id="group_1")), there)
    assert calls(pinned) == [("groups.update", {"group_id": "group_1", "name": "Kernel"})]
    assert pinned.steps[0].notes == ("It was called 'Core'; its members and roles stay.",)

    made = _planned(_groups(Kernel=Group()), there)
    assert calls(made) == [("groups.create", {"name": "Kernel"})]
    assert [(u.subject, u.kind) for u in made.untouched] == [("Core", "not_in_file")]


def test_a_pin_that_gives_a_name_twice_is_told_so() -> None:
    there = _groups(Core=_group("group_1", "Core"), Data=_group("group_2", "Data"))
    (step,) = _planned(_groups(Data=Group(id="group_1")), there).steps
    assert step.notes[1:] == (
        "Another group is called 'Data' already (group_2): is the pin right?",
    )
    other = attrs.evolve(CORE, id="proj_data", name="Data")
    there = Document(projects={"Core": CORE, "Data": other})
    (step,) = _planned(Document(projects={"Data": Project(id="proj_core")}), there).steps
    assert step.notes[1:] == (
        "Another project is called 'Data' already (proj_data): is the pin right?",
    )
    swapped = {"Data": Project(id="proj_core"), "Core": Project(id="proj_data")}
    for step in _planned(Document(projects=swapped), there).steps:
        assert len(step.notes) == 1


def test_what_is_new_may_be_what_is_like_it() -> None:
    there = _groups(Core=attrs.evolve(_group("group_1"), members=("ana@example.com",)))
    there = attrs.evolve(there, people={"ana@example.com": ANA})

    def notes(**wanted: Group) -> list[str]:
        made = _planned(_groups(**wanted), there)
        return [note for step in made.steps for note in step.notes]

    shared = Group(members=("ana@example.com",))
    for (note,) in (notes(Cores=Group()), notes(Kernel=shared)):
        assert "'Core'" in note
        assert "`id: group_1`" in note
    assert notes(Kernel=Group()) == []
    assert notes(Kernel=shared, Data=Group()) == []  # either may be it
    assert notes(Core=Group(), Cores=Group()) == []


def test_a_name_that_several_have_is_refused_and_a_pin_tells_them_apart() -> None:
    there = Document(
        groups={
            "Core (group_1)": _group("group_1", "Core"),
            "Core (group_2)": _group("group_2", "Core"),
        }
    )
    refused = _planned(attrs.evolve(_groups(Core=Group()), prune=("groups",)), there)
    assert impossible(refused) == [
        ("Core", "Two groups are called 'Core': pin one with `id:` (group_1, group_2).")
    ]
    assert refused.steps == ()
    wanted = Document(groups={"First": Group(id="group_1", name="Core")}, prune=("groups",))
    assert calls(_planned(wanted, there)) == [("groups.delete", {"group_id": "group_2"})]


def test_two_things_of_the_file_have_not_one_name() -> None:
    wanted = Document(groups={"First": Group(name="Core"), "Core": Group()})
    for there in (_groups(), _groups(Core=_group("group_1"))):
        ((label, reason),) = impossible(_planned(wanted, there))
        assert (label, reason.partition(":")[0]) == (
            "Core",
            "'First' in the file has the name 'Core' as well",
        )


def test_a_pin_to_nothing_is_refused() -> None:
    planned = _planned(_groups(Core=Group(id="group_9")), _groups(Core=_group("group_1")))
    ((label, reason),) = impossible(planned)
    assert label == "Core"
    assert reason.startswith("There is no group with the id 'group_9'")


def test_groups_of_an_identity_provider_are_read_only_and_may_be_given_roles() -> None:
    there = Document(
        people={"ana@acme.com": ANA},
        groups={"Staff": _group("group_1")},
        roles={"Auditors": Role(id="role_1", permissions=READ)},
    )
    wanted = Document(
        groups={"All": Group(id="group_1", members=("ana@acme.com",), roles=("Auditors",))}
    )
    planned = _planned(wanted, there, scim_groups=frozenset({"group_1"}))
    assert calls(planned) == [("groups.roles.create", {"group_id": "group_1", "role_id": "role_1"})]
    assert [u.kind for u in planned.untouched] == ["scim", "scim"]


def test_roles_swap_no_names_but_take_those_that_become_free() -> None:
    there = Document(
        roles={
            "A": Role(id="role_a", name="A", permissions=READ),
            "B": Role(id="role_b", name="B", permissions=READ),
        }
    )
    chain = Document(roles={"B": Role(id="role_a"), "C": Role(id="role_b")})
    assert calls(_planned(chain, there)) == [
        ("roles.update", {"role_id": "role_b", "role_name": "C"}),
        ("roles.update", {"role_id": "role_a", "role_name": "B"}),
    ]
    swap = Document(roles={"B": Role(id="role_a"), "A": Role(id="role_b")})
    ((_, reason),) = impossible(_planned(swap, there))
    assert reason.startswith("Roles cannot swap names at once")
    twice = Document(roles={"A": Role(id="role_a", name="C"), "C": Role(id="role_b")})
    assert impossible(_planned(twice, there)) == [
        ("C", "'A' in the file takes the name 'C' as well.")
    ]
    taken = Document(roles={"B": Role(id="role_a")})
    assert impossible(_planned(taken, there)) == [
        ("B", "There is another role 'B': take another name.")
    ]
    freed = _planned(attrs.evolve(taken, prune=("roles",)), there)
    assert calls(freed) == [
        ("roles.delete", {"role_id": "role_b"}),
        ("roles.update", {"role_id": "role_a", "role_name": "B"}),
    ]


def test_permissions_are_one_value_in_whichever_order() -> None:
    there = Document(roles={"A": Role(id="role_a", name="A", permissions=WRITE)})
    same = Document(roles={"A": Role(permissions=WRITE[::-1])})
    assert _planned(same, there).steps == ()
    less = _planned(Document(roles={"A": Role(permissions=READ)}), there)
    assert calls(less) == [("roles.update", {"role_id": "role_a", "permissions": READ})]


@pytest.mark.parametrize("of_project", [False, True])
def test_openais_own_roles_are_neither_made_nor_assigned_as_others(of_project: bool) -> None:
    there = Document(people={"ana@acme.com": ANA}, roles={}, projects={"Core": CORE})
    roles = {"owner": Role(permissions=READ)}
    if of_project:
        wanted = Document(projects={"Core": Project(roles=roles)})
    else:
        wanted = Document(roles=roles)
    assert impossible(_planned(wanted, there)) == [("owner", "'owner' is a role of OpenAI's own.")]
    assigned = Document(people={"ana@acme.com": Person(roles=("owner",))})
    assert impossible(_planned(assigned, there)) == [
        (
            "ana@acme.com",
            "'owner' is a role that comes with membership: write `role: owner` instead.",
        )
    ]


def test_a_role_goes_after_it_is_taken_from_all_and_says_who_had_it() -> None:
    there = Document(
        people={"ana@acme.com": attrs.evolve(ANA, roles=("Old",))},
        groups={"Team": Group(id="group_1", members=(), roles=("Old",))},
        roles={"Old": Role(id="role_old", permissions=READ)},
    )
    wanted = Document(
        people={"ana@acme.com": Person(roles=("New",))},
        groups={"Team": Group()},
        roles={"New": Role(permissions=READ)},
        prune=("roles", "people.roles"),
    )
    planned = _planned(wanted, there)
    made, given, taken, removed = planned.steps
    assert [step.operation for step in planned.steps] == [
        "roles.create",
        "users.roles.create",
        "users.roles.delete",
        "roles.delete",
    ]
    assert given.arguments == {"user_id": "user-ana", "role_id": From(step=made.id)}
    assert removed.needs == (taken.id,)
    assert removed.notes == ("1 person and 1 group lose it.",)


def test_what_the_file_refers_to_must_be_there_and_stay() -> None:
    there = Document(groups={}, roles={"Old": Role(id="role_old", permissions=READ)})
    there = attrs.evolve(there, projects={"Core": CORE}, people={"ana@acme.com": ANA})
    wanted = Document(
        people={"ana@acme.com": Person(roles=("Old",))},
        roles={},
        projects={"Core": Project(groups={"Tema": ProjectGroup(roles=("member",))})},
        groups={"Team": Group()},
        prune=("roles",),
    )
    assert impossible(_planned(wanted, there)) == [
        ("ana@acme.com", "The role 'Old' is removed, as it is not in the file: add it there."),
        ("Tema", "There is no group 'Tema'; did you mean 'Team'?"),
    ]


def test_everything_in_a_new_project_waits_for_it() -> None:
    there = Document(people={"ana@acme.com": ANA}, groups={"Team": _group("group_1")}, projects={})
    wanted = Document(
        projects={
            "Search": Project(
                residency="EU_STORAGE_PROCESSING",
                members={"ana@acme.com": Member(role="owner", roles=("Writers",))},
                groups={"Team": ProjectGroup(roles=("viewer", "Writers"))},
                roles={"Writers": Role(permissions=WRITE)},
            )
        }
    )
    planned = _planned(wanted, there)
    assert calls(planned)[0] == (
        "projects.create",
        {"name": "Search", "residency": "EU_STORAGE_PROCESSING"},
    )
    project = From(step=planned.steps[0].id)
    assert len(planned.steps) == 6
    for step in planned.steps[1:]:
        assert step.arguments["project_id"] == project
        assert project.step in step.needs
    (member,) = (s for s in planned.steps if s.operation == "projects.users.roles.create")
    (role,) = (s for s in planned.steps if s.operation == "projects.roles.create")
    assert member.arguments["role_id"] == From(step=role.id)


def test_a_group_has_access_to_a_project_with_a_role() -> None:
    there = Document(groups={"Team": _group("group_1")}, projects={"Core": CORE})
    wanted = Document(projects={"Core": Project(groups={"Team": ProjectGroup()})})
    ((label, reason),) = impossible(_planned(wanted, there))
    assert label == "Team"
    assert "with a role" in reason


def test_a_project_that_is_archived_is_not_brought_back_and_not_made_anew() -> None:
    there = Document(projects={"Core": CORE})
    archived = {"proj_old": "Old"}
    for project in (Project(), Project(id="proj_old")):
        planned = _planned(Document(projects={"Old": project}), there, archived=archived)
        ((label, reason),) = impossible(planned)
        assert label == "Old"
        assert reason.startswith("It is archived, which cannot be undone")
        assert planned.steps == ()
    asked = Document(projects={"Old": Project(archived=True)})
    planned = _planned(asked, there, archived=archived)
    assert (planned.steps, planned.impossible) == ((), ())


def test_a_project_is_archived_where_that_is_asked_for_or_pruned() -> None:
    there = Document(projects={"Core": CORE})
    for wanted in (
        Document(projects={"Core": Project(archived=True, members={})}),
        Document(projects={}, prune=("projects",)),
    ):
        planned = _planned(wanted, there)
        assert calls(planned) == [("projects.archive", {"project_id": "proj_core"})]
        assert planned.steps[0].is_final
        assert [exceeded.kind for exceeded in planned.exceeded] == ["projects"]
    protected = Document(projects={}, prune=("all",), protect=Protected(projects=("Core",)))
    assert _planned(protected, there).steps == ()


def test_the_project_that_an_organization_begins_with_is_not_archived() -> None:
    there = Document(projects={"Default project": attrs.evolve(CORE, name=None)})
    pruned = Document(projects={}, prune=("projects",))
    for wanted in (Document(projects={"Default project": Project(archived=True)}), pruned):
        planned = _planned(wanted, there)
        assert (planned.steps, planned.exceeded) == ((), ())
        ((subject, reason),) = impossible(planned)
        assert subject == "Default project"
        assert reason.endswith("keep it in the file, without `archived`.")
    protect = Protected(projects=("Default project",))
    kept = _planned(attrs.evolve(pruned, protect=protect), there)
    assert [each.kind for each in kept.untouched] == ["protected"]

    another = attrs.evolve(CORE, id="proj_other", name="default project")
    two = {"A": attrs.evolve(CORE, name="Default project"), "B": another}
    assert len(_planned(pruned, Document(projects=two)).steps) == 2


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (Project(residency="EU_STORAGE_PROCESSING"), "Its residency is GLOBAL and is fixed"),
        (Project(geography="EU"), "Its residency is GLOBAL and is fixed"),
        (Project(residency="GLOBAL"), None),
    ],
)
def test_where_data_stays_is_fixed_when_a_project_is_made(
    wanted: Project, reason: str | None
) -> None:
    planned = _planned(Document(projects={"Core": wanted}), Document(projects={"Core": CORE}))
    assert planned.steps == ()
    found = [text for _, text in impossible(planned)]
    assert [text.startswith(reason or "-") for text in found] == [True] * (reason is not None)


def test_only_the_projects_that_are_asked_for_are_planned() -> None:
    there = Document(projects={"Core": CORE, "Old": attrs.evolve(CORE, id="proj_o", name="Old")})
    wanted = Document(
        projects={"Core": Project(id="proj_core", name="Kernel"), "Search": Project()},
        prune=("projects",),
    )
    state = State(document=there, sections=frozenset(SECTIONS))
    assert [step.subject for step in plan(wanted, state, projects=["Search"]).steps] == ["Search"]
    assert [step.subject for step in plan(wanted, state, projects=["Kernel"]).steps] == ["Core"]


def test_what_could_not_be_read_is_not_taken_for_absent() -> None:
    wanted = Document(
        groups={"Team": Group(id="group_1", members=(), roles=())},
        projects={
            "Core": Project(id="proj_core", groups={"Team": ProjectGroup(roles=("viewer",))})
        },
        prune=("all",),
    )
    there = Document(people={"ana@acme.com": ANA})
    for sections in (SECTIONS, ("groups.members", "groups.roles", "projects.groups")):
        planned = _planned(wanted, there, sections=frozenset(sections))
        assert (planned.steps, planned.impossible) == ((), ())
        assert {u.kind for u in planned.untouched} == {"not_known"}
        told = {u.section for u in planned.untouched}
        assert told >= {"groups.members", "groups.roles", "projects"}
    in_part = _planned(wanted, attrs.evolve(there, projects={"Core": CORE}))
    assert ("projects.groups", "not_known") in {(u.section, u.kind) for u in in_part.untouched}
