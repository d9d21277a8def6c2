"""People and invites: who comes, who goes, and what waits until an invite is accepted."""

from __future__ import annotations

from typing import Any

import attrs

from openai_admin.organization.document.model import (
    Document,
    Group,
    Member,
    Person,
    Project,
    Protected,
)
from openai_admin.organization.planning.making import plan
from openai_admin.organization.planning.model import From, Plan
from openai_admin.organization.sections import SECTIONS
from openai_admin.organization.state import State
from tests.organization.planning.frame import calls, granted_in, impossible, untouched

ANA = Person(id="user-ana", role="owner", roles=())
BOB = Person(id="user-bob", role="reader", roles=())
PEOPLE = {"ana@acme.com": ANA, "bob@acme.com": BOB}
CORE = Project(id="proj_core", name="Core", members={}, groups={}, roles={})


def _planned(wanted: Document, there: Document, **more: Any) -> Plan:
    state = State(
        document=there,
        sections=frozenset(SECTIONS),
        acting_user="user-ana",
        granted=granted_in(there),
    )
    return plan(wanted, attrs.evolve(state, **more))


def _people(**people: Person) -> dict[str, Person]:
    return {f"{name}@acme.com": person for name, person in people.items()}


def test_somebody_who_is_not_a_member_is_invited_with_their_projects() -> None:
    wanted = Document(
        people=_people(ana=Person(), bob=Person(), new=Person(role="owner")),
        projects={
            "Core": Project(members={"new@acme.com": Member(role="member")}),
            "Search": Project(members={"New@acme.com": Member(role="owner")}),
            "Data": Project(members={"new@acme.com": Member(role="viewer")}),
        },
    )
    data = attrs.evolve(CORE, id="proj_data", name="Data")
    there = Document(people=PEOPLE, projects={"Core": CORE, "Data": data})
    planned = _planned(wanted, there)
    (search,) = (step for step in planned.steps if step.operation == "projects.create")
    (invite,) = (step for step in planned.steps if step.operation == "invites.create")
    assert invite.arguments == {
        "email": "new@acme.com",
        "role": "owner",
        "projects": [
            {"id": "proj_core", "role": "member"},
            {"id": From(step=search.id), "role": "owner"},
        ],
    }
    assert invite.needs == (search.id,)
    assert invite.power == "invites new@acme.com as an owner of the organization and Search"
    assert invite.notes == ("Once it is accepted, the next plan goes on: viewer in Data.",)
    assert len(planned.steps) == 2
    assert [(u.kind, u.project) for u in planned.untouched] == [("invited", "Data")]


def test_an_invite_always_says_its_projects_as_the_api_would_grant_the_default_one() -> None:
    planned = _planned(Document(people=_people(new=Person())), Document(people=PEOPLE))
    assert calls(planned) == [
        ("invites.create", {"email": "new@acme.com", "role": "reader", "projects": []})
    ]


def test_an_invite_says_that_projects_were_left_out() -> None:
    wanted = Document(
        people=_people(new=Person()),
        projects={"Core": Project(members={"new@acme.com": Member(role="member")})},
    )
    (step,) = _planned(wanted, Document(people=PEOPLE), sections=frozenset({"people"})).steps
    assert step.arguments["projects"] == []
    assert step.notes == (
        "Not all projects that have them are planned now: it goes without those.",
    )


def test_a_pending_invite_counts_and_is_sent_again_only_where_it_differs() -> None:
    core = attrs.evolve(CORE, members={"new@acme.com": Member(role="member")})
    there = Document(people={**PEOPLE, "new@acme.com": Person(role="reader")})
    there = attrs.evolve(there, projects={"Core": core})
    invites = {"new@acme.com": "invite-1"}
    same = Document(
        people=_people(new=Person(role="reader")),
        projects={"Core": Project(members={"new@acme.com": Member(role="member")})},
    )
    assert _planned(same, there, invites=invites).steps == ()

    other = attrs.evolve(
        same, projects={"Core": Project(members={"new@acme.com": Member(role="owner")})}
    )
    planned = _planned(other, there, invites=invites)
    withdrawn, sent = planned.steps
    assert [step.action for step in planned.steps] == ["change", "change"]
    assert (withdrawn.operation, dict(withdrawn.arguments)) == (
        "invites.delete",
        {"invite_id": "invite-1"},
    )
    assert sent.needs == (withdrawn.id,)
    assert sent.arguments["projects"] == [{"id": "proj_core", "role": "owner"}]
    assert planned.exceeded == ()


def test_what_an_invite_grants_already_stays_whatever_another_one_could_grant() -> None:
    core = attrs.evolve(CORE, members={"new@acme.com": Member(role="viewer")})
    there = Document(
        people={**PEOPLE, **_people(new=Person(role="reader"))}, projects={"Core": core}
    )
    invites = {"new@acme.com": "invite-1"}
    for member in (Member(role="viewer"), Member()):
        same = Document(
            people=_people(new=Person()),
            projects={"Core": Project(members={"new@acme.com": member})},
        )
        planned = _planned(same, there, invites=invites)
        assert planned.steps == ()
        assert {each.kind for each in planned.untouched} == {"not_in_file"}
        owner = attrs.evolve(same, people=_people(new=Person(role="owner")))
        planned = _planned(owner, there, invites=invites)
        assert planned.steps == ()
        (left,) = (each for each in planned.untouched if each.kind != "not_in_file")
        assert (left.subject, left.kind) == ("new@acme.com", "invited")
        assert left.reason.startswith(
            "their invite grants Core: viewer, which another one could not"
        )
    more = Document(
        people=_people(new=Person()),
        projects={"Core": Project(members={"new@acme.com": Member(role="owner")})},
    )
    withdrawn, sent = calls(_planned(more, there, invites=invites))
    assert withdrawn == ("invites.delete", {"invite_id": "invite-1"})
    assert sent[1]["projects"] == [{"id": "proj_core", "role": "owner"}]


def test_an_invite_is_left_where_not_all_people_were_read() -> None:
    core = attrs.evolve(CORE, members={"new@acme.com": Member(role="member")})
    there = Document(
        people={**PEOPLE, **_people(new=Person(role="reader"))}, projects={"Core": core}
    )
    wanted = Document(
        people=_people(new=Person(role="reader")),
        projects={"Core": Project(members={"new@acme.com": Member(role="owner")})},
    )
    invites = {"new@acme.com": "invite-1"}
    assert len(_planned(wanted, there, invites=invites).steps) == 2
    incomplete = frozenset({("people", None)})
    planned = _planned(wanted, there, invites=invites, incomplete=incomplete)
    assert planned.steps == ()
    assert ("new@acme.com", "not_known") in untouched(planned)


def test_an_invite_keeps_projects_that_the_file_does_not_speak_of() -> None:
    core = attrs.evolve(CORE, members={"new@acme.com": Member(role="member")})
    there = Document(
        people={**PEOPLE, "new@acme.com": Person(role="reader")}, projects={"Core": core}
    )
    wanted = Document(people=_people(new=Person(role="owner")))
    planned = _planned(wanted, there, invites={"new@acme.com": "invite-1"})
    assert planned.steps[1].arguments["role"] == "owner"
    assert planned.steps[1].arguments["projects"] == [{"id": "proj_core", "role": "member"}]


def test_an_invite_is_not_sent_again_for_a_project_that_is_archived() -> None:
    core = attrs.evolve(CORE, members={"new@acme.com": Member(role="member")})
    people = {**PEOPLE, "new@acme.com": Person(role="reader")}
    wanted = Document(people=_people(new=Person()), projects={}, prune=("projects",))
    there = Document(people=people, projects={"Core": core})
    planned = _planned(wanted, there, invites={"new@acme.com": "invite-1"})
    assert [operation for operation, _ in calls(planned)] == ["projects.archive"]


def test_who_is_not_in_the_file_goes_only_where_people_are_pruned() -> None:
    wanted = Document(people=_people(ana=Person()))
    there = Document(people={**PEOPLE, "new@acme.com": Person(role="reader")})
    left = _planned(wanted, there, invites={"new@acme.com": "invite-1"})
    assert left.steps == ()
    assert [(u.subject, u.kind) for u in left.untouched] == [
        ("bob@acme.com", "not_in_file"),
        ("new@acme.com", "not_in_file"),
    ]
    pruned = attrs.evolve(wanted, prune=("people",))
    planned = _planned(pruned, there, invites={"new@acme.com": "invite-1"})
    assert calls(planned) == [
        ("users.delete", {"user_id": "user-bob"}),
        ("invites.delete", {"invite_id": "invite-1"}),
    ]
    (note,) = planned.steps[0].notes
    assert "`openai-admin offboard bob@acme.com`" in note
    assert planned.steps[0].is_final


def test_an_open_invite_of_a_member_who_goes_is_withdrawn_as_well() -> None:
    wanted = Document(people=_people(ana=Person()), prune=("people",))
    planned = _planned(wanted, Document(people=PEOPLE), invites={"bob@acme.com": "invite-1"})
    removed, withdrawn = planned.steps
    assert calls(planned) == [
        ("users.delete", {"user_id": "user-bob"}),
        ("invites.delete", {"invite_id": "invite-1"}),
    ]
    assert withdrawn.needs == (removed.id,)


def test_addresses_are_the_same_whatever_their_letter_case() -> None:
    wanted = Document(
        people={"ANA@acme.com": Person(role="owner"), "Bob@ACME.com": Person(role="reader")},
        groups={"Team": Group(members=("BOB@acme.com",))},
        projects={"Core": Project(members={"boB@acme.com": Member(role="viewer")})},
        prune=("all",),
    )
    core = attrs.evolve(CORE, members={"bob@acme.com": Member(role="viewer", roles=())})
    group = Group(id="group_1", members=("bob@acme.com",), roles=())
    there = Document(people=PEOPLE, groups={"Team": group}, projects={"Core": core}, roles={})
    planned = _planned(wanted, there)
    assert (planned.steps, planned.impossible) == ((), ())


def test_two_labels_of_one_person_are_refused() -> None:
    wanted = Document(people={"ana@acme.com": Person(), "Ana@acme.com": Person()})
    planned = _planned(wanted, Document(people=PEOPLE))
    assert impossible(planned) == [
        ("Ana@acme.com", "It is the same person as 'ana@acme.com': leave one of them.")
    ]


def test_an_address_is_not_changed_by_a_pin() -> None:
    wanted = Document(people={"robert@acme.com": Person(id="user-bob")})
    ((label, reason),) = impossible(_planned(wanted, Document(people=PEOPLE)))
    assert label == "robert@acme.com"
    assert reason.startswith("The address of user-bob is bob@acme.com")


def test_somebody_without_an_address_is_known_by_their_id() -> None:
    there = Document(
        people={**PEOPLE, "user-Xy": Person(id="user-Xy", role="reader", roles=())},
        groups={"Team": Group(id="group_1", members=("user-Xy",), roles=())},
    )
    wanted = Document(
        people={"user-Xy": Person(role="owner"), "user-y": Person(role="reader")},
        groups={"Team": Group(members=("user-Xy",))},
        prune=("groups.members",),
    )
    planned = _planned(wanted, there)
    assert calls(planned) == [("users.update", {"user_id": "user-Xy", "role": "owner"})]
    assert impossible(planned) == [
        ("user-y", "'user-y' is not a member, and only an address can be invited.")
    ]


def test_who_is_a_member_nowhere_is_not_added_to_a_group_or_project() -> None:
    wanted = Document(
        groups={"Team": Group(members=("bbo@acme.com",))},
        projects={"Core": Project(members={"nobody@else.org": Member(role="member")})},
    )
    there = Document(
        people=PEOPLE,
        groups={"Team": Group(id="group_1", members=(), roles=())},
        projects={"Core": CORE},
    )
    near, unknown = impossible(_planned(wanted, there))
    assert near == (
        "Team",
        "'bbo@acme.com' is not a member of the organization; did you mean 'bob@acme.com'?",
    )
    assert unknown[0] == "nobody@else.org"
    assert unknown[1].endswith("add them to `people`, which invites them.")


def test_whom_an_identity_provider_manages_stays_as_they_are() -> None:
    wanted = Document(people=_people(ana=Person(), bob=Person(role="owner")))
    planned = _planned(wanted, Document(people=PEOPLE), scim_people=frozenset({"user-bob"}))
    assert planned.steps == ()
    assert [(u.subject, u.kind) for u in planned.untouched] == [("bob@acme.com", "scim")]
    gone = Document(people=_people(ana=Person()), prune=("people",))
    assert _planned(gone, Document(people=PEOPLE), scim_people=frozenset({"user-bob"})).steps == ()


def test_who_is_protected_is_neither_changed_nor_removed_nor_taken_from_anything() -> None:
    wanted = Document(
        people=_people(ana=Person()),
        groups={"Team": Group(members=("ana@acme.com",))},
        projects={"Core": Project(members={})},
        prune=("all",),
        protect=Protected(people=("BOB@acme.com",)),
    )
    core = attrs.evolve(CORE, members={"bob@acme.com": Member(role="owner", roles=())})
    team = Group(id="group_1", members=("bob@acme.com", "ana@acme.com"), roles=())
    there = Document(people=PEOPLE, groups={"Team": team}, projects={"Core": core}, roles={})
    planned = _planned(wanted, there)
    assert planned.steps == ()
    assert [(u.section, u.kind) for u in planned.untouched] == [
        ("people", "protected"),
        ("groups.members", "protected"),
        ("projects.members", "protected"),
    ]


def test_who_is_pinned_and_protected_by_an_id_stays() -> None:
    there = Document(people={"ana@acme.com": attrs.evolve(ANA, id="user-AnA"), "bob@acme.com": BOB})
    wanted = Document(
        people={"ana@acme.com": Person(id="user-AnA", role="reader")},
        protect=Protected(people=("user-AnA",)),
    )
    planned = _planned(wanted, there)
    assert (planned.steps, planned.impossible) == ((), ())
    assert planned.untouched[0].kind == "protected"


def test_a_name_under_protect_that_stands_for_nothing_is_refused() -> None:
    wanted = Document(people=PEOPLE, protect=Protected(people=("anna@acme.com",)))
    ((label, reason),) = impossible(_planned(wanted, Document(people=PEOPLE)))
    assert label == "anna@acme.com"
    assert reason.endswith("did you mean 'ana@acme.com'?")


def test_nothing_is_planned_of_people_who_could_not_be_read() -> None:
    wanted = Document(people=_people(ana=Person(), new=Person()), prune=("all",))
    unread = _planned(wanted, Document())
    assert unread.steps == ()
    assert [u.kind for u in unread.untouched] == ["not_known"]
    in_part = _planned(
        wanted, Document(people=_people(ana=ANA)), incomplete=frozenset({("people", None)})
    )
    assert in_part.steps == ()
    assert [(u.subject, u.kind) for u in in_part.untouched] == [("new@acme.com", "not_known")]


def test_invites_do_not_hide_how_many_members_would_be_removed() -> None:
    members = {f"m{n}@acme.com": Person(id=f"user-{n}", role="reader") for n in range(11)}
    invited = {f"i{n}@acme.com": Person(role="reader") for n in range(3)}
    there = Document(people={"ana@acme.com": ANA, **members, **invited})
    kept = {label: Person() for label in [*members][4:]} | dict.fromkeys(invited, Person())
    wanted = Document(people={"ana@acme.com": Person(), **kept}, prune=("people",))
    (reason,) = (e.reason for e in _planned(wanted, there).exceeded if e.kind == "people")
    assert reason == "4 of 12 members would be removed."


def test_who_shares_an_address_is_to_be_pinned() -> None:
    twin = attrs.evolve(BOB, id="user-bob-2")
    people = {"ana@acme.com": ANA, "bob@acme.com (user-bob)": BOB}
    there = Document(
        people={**people, "bob@acme.com (user-bob-2)": twin}, projects={"Core": CORE}, groups={}
    )
    addresses = dict.fromkeys(("user-bob", "user-bob-2"), "bob@acme.com")
    members = {"Core": Project(members={"Bob@acme.com": Member(role="member")})}
    wanted = Document(
        people=_people(ana=Person(), bob=Person(role="owner", roles=())),
        projects=members,
        prune=("people",),
    )
    planned = _planned(wanted, there, addresses=addresses)
    assert planned.steps == ()
    reasons = {reason for _, reason in impossible(planned)}
    assert all("with `id:` (user-bob, user-bob-2)." in reason for reason in reasons)
    pinned = attrs.evolve(wanted, people=_people(ana=Person(), bob=Person(id="user-bob-2")))
    pinned = attrs.evolve(
        pinned, projects={"Core": Project(members={"bob@acme.com": Member(role="member")})}
    )
    planned = _planned(pinned, there, addresses=addresses)
    assert impossible(planned) == []
    assert [arguments.get("user_id") for _, arguments in calls(planned)] == [
        "user-bob-2",
        "user-bob",
    ]
