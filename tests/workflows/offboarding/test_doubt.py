"""What an answer says and is not so, what is not known, and owners who leave at the same time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from openai_admin._declare.resource import Async
from openai_admin._tree import AdminResources
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import MissingScope, Nulls, Status
from openai_admin.errors import InvalidInputError
from openai_admin.workflows.offboarding import OffboardingPlan, OffboardingResult
from openai_admin.workflows.offboarding.preparing import Asked, prepare
from openai_admin.workflows.offboarding.run import Offboarding, run_all
from openai_admin.workflows.offboarding.text import plan_lines, result_lines
from tests.workflows.offboarding.leaving import Org, add_person, client_of, made, of


@pytest.fixture
async def org(emulator: Emulator) -> AsyncIterator[Org]:
    async with client_of(emulator) as client:
        yield await made(emulator, client)


async def _done(org: Org, plan: OffboardingPlan) -> OffboardingResult:
    """Carry a plan out without pauses."""
    client = AdminResources[Async](org.client._caller)
    return await Offboarding(client=client, plan=plan, pauses=()).run()


def _left(result: OffboardingResult) -> list[tuple[str, str]]:
    return [(step.holding.kind, step.outcome) for step in result.left]


def _owners(org: Org) -> list[str]:
    return [user["id"] for user in org.emulator.store.users if user["role"] == "owner"]


async def test_who_is_missing_in_the_list_of_members_is_asked_for(org: Org) -> None:
    org.emulator.faults.add(Nulls(match="users.list", fields=("email",)))
    plan = await org.client.workflows.plan_offboarding("lea@example.com", transfer_to=org.max)
    assert (plan.person.id, plan.person.is_member) == (org.lea, True)
    assert "invite" in [step.holding.kind for step in plan.steps]
    org.emulator.faults.clear()
    org.emulator.faults.add(MissingScope(match="users.list"))
    plan = await org.client.workflows.plan_offboarding("lea@example.com", transfer_to=org.max)
    assert plan.person.is_member is True
    assert plan.steps[-1].holding.kind == "membership"
    assert "pass --allow-unknown-owners" in " ".join(plan.undecided)
    org.emulator.faults.add(MissingScope(match="users.retrieve"))
    plan = await org.client.workflows.plan_offboarding("lea@example.com", leave_ownerless=True)
    assert plan.person.is_member is None
    assert any(text.startswith("whether Lea Roth") for text in plan.not_known)


async def test_one_of_two_last_owners_who_leave_at_once_stays_an_owner(org: Org) -> None:
    olivia = org.emulator.store.first_owner()["id"]
    tom = add_person(org.emulator, "Tom Last", "owner")
    plans = [
        await org.client.workflows.plan_offboarding(who, leave_ownerless=True)
        for who in (org.lea, tom)
    ]
    # Meanwhile whoever was to stay is no owner any more.
    org.emulator.store.users.update(olivia, {"role": "reader"})
    results = await asyncio.gather(*(_done(org, plan) for plan in plans))
    assert len(_owners(org)) >= 1
    assert not all(result.is_complete for result in results)


async def test_an_old_plan_does_not_take_the_last_owner(org: Org) -> None:
    olivia = org.emulator.store.first_owner()["id"]
    plan = await org.client.workflows.plan_offboarding(org.lea, leave_ownerless=True)
    org.emulator.store.users.update(olivia, {"role": "reader"})
    result = await _done(org, plan)
    assert _left(result) == [("owner_role", "held back"), ("membership", "held back")]
    assert "make somebody else an owner first" in (result.left[0].reason or "")
    assert _owners(org) == [org.lea]


async def test_an_owner_through_a_group_counts(org: Org) -> None:
    client, store = org.client, org.emulator.store
    olivia = store.first_owner()["id"]
    group = next(iter(store.groups))["id"]
    role = await client.roles.create(role_name="All", permissions=["api.management.write"])
    await client.groups.roles.create(group, role_id=role.id)
    # Lea and Max own the organization through the group, and nobody by a role of their own.
    store.users.update(olivia, {"role": "reader"})
    store.users.update(org.lea, {"role": "reader"})
    plan = await client.workflows.plan_offboarding(org.lea, leave_ownerless=True)
    assert (plan.undecided, plan.owners) == ((), (org.max,))
    # The API wants an owner by the own role where there was one.
    store.users.update(org.lea, {"role": "owner"})
    with pytest.raises(InvalidInputError, match=r"last owner .* through a group .* do not count"):
        await client.workflows.offboard(org.lea, leave_ownerless=True)
    store.users.update(org.lea, {"role": "reader"})
    await client.groups.users.delete(group, org.max)
    with pytest.raises(InvalidInputError, match="is the last owner of the organization"):
        await client.workflows.offboard(org.lea, leave_ownerless=True)
    org.emulator.faults.add(MissingScope(match="groups.roles.list"))
    for user in store.users:
        store.users.update(user["id"], {"role": None})
    with pytest.raises(InvalidInputError, match="pass --allow-unknown-owners"):
        await client.workflows.offboard(org.lea, leave_ownerless=True)


async def test_projects_of_which_the_only_owner_is_not_known_keep_the_person(org: Org) -> None:
    org.emulator.faults.add(Status(match="projects.users.list", status=500))
    # As a member of one of them the person can be asked for, and is not its owner.
    plan = await org.client.workflows.plan_offboarding(org.lea)
    held_back = {(s.holding.kind, s.holding.project_id) for s in plan.steps if s.obstacle}
    assert held_back == {("project_membership", org.alone), ("membership", None)}
    result = await _done(org, plan)
    assert _left(result) == [("project_membership", "held back"), ("membership", "held back")]
    left = await org.client.workflows.plan_offboarding(org.lea, leave_ownerless=True)
    assert not any(step.obstacle for step in left.steps)


async def test_an_owner_of_a_project_by_a_role_is_its_owner(org: Org) -> None:
    role = await org.client.projects.roles.create(
        org.alone, role_name="Lead", permissions=["api.project.write"]
    )
    await org.client.projects.users.roles.create(org.alone, org.lea, role_id=role.id)
    await org.client.projects.users.update(org.alone, org.lea, role="member")
    plan = await org.client.workflows.plan_offboarding(org.lea)
    assert 'is the only owner of Alone (by the role "Lead")' in " ".join(plan.undecided)


@pytest.mark.parametrize("role", ["member", "owner"])
async def test_an_ownership_that_was_not_applied_keeps_the_person(org: Org, role: str) -> None:
    answer = {"object": "organization.project.user", "id": org.max, "role": role}
    org.emulator.faults.add(Status(match="projects.users.create", status=200, body=answer))
    plan = await org.client.workflows.plan_offboarding(org.lea, transfer_to=org.max)
    assert _left(await _done(org, plan)) == [
        ("ownership", "refused"),
        ("project_membership", "held back"),
        ("membership", "held back"),
    ]


async def test_a_deletion_that_was_not_one_is_left(org: Org) -> None:
    answer = {"object": "organization.project.api_key.deleted", "id": "key_1", "deleted": False}
    org.emulator.faults.add(Status(match="projects.api_keys.delete", status=200, body=answer))
    plan = await org.client.workflows.plan_offboarding(org.lea, leave_ownerless=True)
    result = await _done(org, plan)
    assert _left(result) == [("project_key", "refused")] * 2, result.left
    # One that was told, and did not come, is doubted.
    org.emulator.faults.clear()
    again = await org.client.workflows.plan_offboarding(org.lea)
    (held, _) = [step.holding for step in again.steps]
    answer |= {"id": held.id, "deleted": True}
    org.emulator.faults.add(
        Status(match="projects.api_keys.delete", status=200, body=answer, only=(1,))
    )
    result = await _done(org, again)
    assert _left(result) == [("project_key", "not known")]
    assert "still there when looked for" in (result.left[0].reason or "")


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ({"error": {"message": "x", "code": "invalid_api_key"}}, "already gone"),
        ({"error": {"message": "Incorrect API key provided: sk-…", "code": None}}, "already gone"),
        ({"error": {"message": "You have insufficient permissions.", "code": None}}, "not known"),
        ({"error": "Unauthorized"}, "not known"),
        ("<html>Unauthorized</html>", "not known"),
    ],
)
async def test_a_401_proves_that_the_key_is_gone_only_where_it_says_so(
    org: Org, body: Any, outcome: str
) -> None:
    olivia = org.emulator.store.first_owner()["id"]
    plan = await org.client.workflows.plan_offboarding(olivia, transfer_to=org.lea, myself=True)
    org.emulator.faults.add(Status(match="admin_api_keys.delete", status=401, body=body))
    result = await _done(org, plan)
    assert result.steps[-1].holding.kind == "admin_key"
    assert result.steps[-1].outcome == outcome
    assert result.is_complete == (outcome == "already gone")


async def test_evidence_keeps_what_any_run_said(
    org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lea.json"
    workflows = org.client.workflows
    await workflows.offboard(org.lea, leave_ownerless=True, evidence=path)
    await workflows.offboard(org.lea, evidence=path)
    (entry,) = json.loads(path.read_text())["entries"]
    assert entry["leave_ownerless"] is True
    assert any(note.startswith("Without an owner of its own: Alone") for note in entry["notes"])
    # Somebody who was only invited is known by the evidence and the journal alone.
    path = tmp_path / "new.md"
    path.touch()
    for elsewhere in ("state", "other"):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / elsewhere))
        result = await workflows.offboard("new@example.com", evidence=path)
        assert result.is_complete
        assert [step.holding.kind for step in result.steps] == ["invite"]
    with pytest.raises(InvalidInputError, match="pass its file with --evidence"):
        await workflows.offboard("new@example.com")
    assert of(org.emulator, org.lea) == []


async def test_whose_key_is_used_comes_last(org: Org) -> None:
    olivia = org.emulator.store.first_owner()["id"]
    asked = Asked(people=(olivia, org.max), transfer_to=org.lea, myself=True)
    prepared = await prepare(AdminResources[Async](org.client._caller), asked)
    assert [plan.person.id for plan in prepared.plans] == [org.max, olivia]


@pytest.mark.parametrize("redacted", [None, "sk-admin-***", "..."])
async def test_a_key_that_may_be_in_use_waits_for_everybody(org: Org, redacted: str | None) -> None:
    store = org.emulator.store
    olivia = store.first_owner()["id"]
    (own, of_lea) = [key["id"] for key in store.admin_api_keys]
    shown = org.emulator.admin_key[-4:] if redacted == "..." else ""
    # Of the key in use one character is shown, or none; of Lea's there are four others.
    store.admin_api_keys.update(own, {"redacted_value": redacted and redacted + shown[-1:]})
    add_person(org.emulator, "Tom Stays", "owner")
    asked = Asked(people=(olivia, org.lea, org.max), leave_ownerless=True, myself=True)
    client = AdminResources[Async](org.client._caller)
    prepared = await prepare(client, asked)
    assert prepared.plans[0].acting.ids == (own,)
    assert not prepared.plans[0].acting.is_known
    works = [Offboarding(client=client, plan=plan, pauses=()) for plan in prepared.plans]
    results = await run_all(works)
    assert [result.person.id for result in results] == [org.lea, org.max, olivia]
    assert [result.is_complete for result in results] == [True] * 3
    changes = [r.path for r in org.emulator.requests if r.method == "DELETE"]
    assert changes[-1].endswith(own)
    assert changes[0].endswith(of_lea)


async def test_where_several_may_own_the_key_in_use_all_their_keys_come_last(org: Org) -> None:
    store = org.emulator.store
    olivia = store.first_owner()["id"]
    keys = [key["id"] for key in store.admin_api_keys]
    for id in keys:
        store.admin_api_keys.update(id, {"redacted_value": None})
    add_person(org.emulator, "Tom Stays", "owner")
    asked = Asked(people=(olivia, org.lea, org.max), leave_ownerless=True, myself=True)
    client = AdminResources[Async](org.client._caller)
    plans = (await prepare(client, asked)).plans
    assert plans[0].person.id == org.max
    assert not any(s.holding.kind == "owner_role" for plan in plans for s in plan.steps)
    await run_all([Offboarding(client=client, plan=plan, pauses=()) for plan in plans])
    changes = [r.path for r in org.emulator.requests if r.method == "DELETE"]
    first = min(place for place, path in enumerate(changes) if path.rsplit("/", 1)[-1] in keys)
    # Only one person's key, and the other's membership and key, come after the first of them.
    assert len(changes) - first <= 3


@pytest.mark.parametrize("place", ["project", "group"])
async def test_what_is_new_in_a_new_project_or_group_is_found(org: Org, place: str) -> None:
    client = org.client
    plan = await client.workflows.plan_offboarding(org.lea, leave_ownerless=True)
    if place == "project":
        new = (await client.projects.create(name="New")).id
        org.emulator.add_project_key(new, owner_id=org.lea, name="sneaky")
    else:
        new = (await client.groups.create(name="New")).id
        org.emulator.faults.add(Status(match="users.delete", status=403))
        await client.groups.users.create(new, user_id=org.lea)
    result = await _done(org, plan)
    assert not result.is_complete
    (held,) = result.still_there
    assert new in (held.project_id, held.id)


async def test_an_old_plan_does_not_take_whom_it_would_not_take_now(org: Org) -> None:
    store, plan_of = org.emulator.store, org.client.workflows.plan_offboarding
    olivia = store.first_owner()["id"]
    await org.client.projects.users.create(org.shared, user_id=org.max, role="owner")
    plan = await plan_of(org.max)
    assert not plan.may_be_owner
    start = org.emulator.snapshot()
    # A reader was made the only owner of the organization.
    for id, role in ((org.max, "owner"), (olivia, "reader"), (org.lea, "reader")):
        store.users.update(id, {"role": role})
    result = await _done(org, plan)
    assert _left(result) == [("membership", "held back")]
    assert _owners(org) == [org.max]
    # Somebody came to be managed by an identity provider.
    org.emulator.restore(start)
    org.emulator.store.users.update(org.max, {"is_scim_managed": True})
    result = await _done(org, plan)
    assert _left(result) == [("membership", "held back")]
    assert "identity provider" in (result.left[0].reason or "")
    # The other owner of a project is its owner no more.
    for by_now in ("member", None, "chief"):
        org.emulator.restore(start)
        org.emulator.store.project_users[org.shared].update(olivia, {"role": by_now})
        result = await _done(org, plan)
        assert _left(result) == [("project_membership", "held back"), ("membership", "held back")]
        words = "has no other owner any more" if by_now == "member" else "is not known"
        assert words in (result.left[0].reason or "")
        assert org.emulator.store.project_users[org.shared].find(org.max) is not None


@pytest.mark.parametrize("role", [None, "chief"])
async def test_a_role_in_a_project_that_is_not_known_may_be_its_owners(
    org: Org, role: str | None
) -> None:
    members = org.emulator.store.project_users
    members[org.alone].update(org.lea, {"role": role})
    members[org.shared].update(org.lea, {"role": role})  # which has another owner
    plan = await org.client.workflows.plan_offboarding(org.lea)
    held_back = {(s.holding.kind, s.holding.project_id) for s in plan.steps if s.obstacle}
    assert held_back == {("project_membership", org.alone), ("membership", None)}
    # The person is its owner; whether somebody else is, is not known.
    members[org.alone].update(org.lea, {"role": "owner"})
    await org.client.projects.users.create(org.alone, user_id=org.max, role="member")
    members[org.alone].update(org.max, {"role": role})
    plan = await org.client.workflows.plan_offboarding(org.lea)
    (told,) = plan.undecided
    assert told.startswith("Whether Alone has another owner is not known: pass --transfer-to")
    left = await org.client.workflows.plan_offboarding(org.lea, leave_ownerless=True)
    assert not any(note.startswith("Without an owner") for note in left.notes)


async def test_members_of_projects_that_cannot_be_read_keep_the_person(org: Org) -> None:
    org.emulator.faults.add(Nulls(match="projects.users.*", fields=("id",)))
    plan = await org.client.workflows.plan_offboarding(org.lea)
    assert [s.holding.kind for s in plan.steps if s.obstacle] == ["membership"]
    assert not plan.undecided


async def test_a_plan_has_one_order_whatever_that_of_the_api_is(org: Org) -> None:
    for name in ("zeta", "Beta", "alpha", "Beta"):
        org.emulator.add_project_key(org.shared, owner_id=org.lea, name=name)
        group = await org.client.groups.create(name=name)
        await org.client.groups.users.create(group.id, user_id=org.lea)
        project = await org.client.projects.create(name=name)
        await org.client.projects.users.create(project.id, user_id=org.lea, role="owner")
    plan = await org.client.workflows.plan_offboarding(org.lea, transfer_to=org.max)
    for kind in ("project_key", "ownership", "project_membership", "group"):
        held = [step.holding for step in plan.steps if step.holding.kind == kind]
        names = [((h.name or h.project_name or "").lower(), h.project_id, h.id) for h in held]
        if kind in ("project_key", "group"):
            names = [(name, None, id) for name, _, id in names]
        assert len(names) >= 5
        assert names == sorted(names), kind


async def test_nothing_is_said_to_be_held_only_where_all_was_looked_at(org: Org) -> None:
    gone = add_person(org.emulator, "Gone Soon")
    await org.client.users.delete(gone)
    plan = await org.client.workflows.plan_offboarding(gone)
    assert (plan.is_empty, plan.not_known) == (True, ())
    assert "There is nothing to do" in "\n".join(plan_lines(plan))
    refused = ("users", "projects", "invites", "admin_api_keys", "groups", "roles")
    for match in refused:
        org.emulator.faults.add(MissingScope(match=f"{match}.*"))
    plan = await org.client.workflows.plan_offboarding(gone)
    assert (plan.steps, plan.is_empty) == ((), None)
    assert plan.person.is_member is None
    told = "\n".join(plan_lines(plan))
    assert "nothing to do" not in told
    assert "Not everything could be looked at" in told
    for what in ("people", "projects", "admin keys", "invites", "groups"):
        assert what in " ".join(plan.not_known)
    assert "`api.management.read`" in " ".join(plan.not_known)
    (line, *_) = result_lines(await org.client.workflows.offboard(gone))
    assert "there was nothing to do" not in line
