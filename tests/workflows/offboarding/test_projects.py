"""Owners of projects: by the membership, by an assigned role and through a group."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import attrs
import pytest

from openai_admin._declare.resource import Async
from openai_admin._tree import AdminResources
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import MissingScope
from openai_admin.workflows.offboarding import OffboardingPlan, OffboardingResult, Step
from openai_admin.workflows.offboarding.run import Offboarding
from tests.workflows.offboarding.leaving import Org, client_of, made


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


def _ownerships(steps: Sequence[Step], wanted: bool) -> tuple[Step, ...]:
    return tuple(step for step in steps if (step.holding.kind == "ownership") is wanted)


async def _lead(org: Org, *people: str) -> str:
    """A role of the project Alone that makes owners, given to some as members; its id."""
    projects = org.client.projects
    role = await projects.roles.create(
        org.alone, role_name="Lead", permissions=["api.project.write"]
    )
    for person in people:
        if org.emulator.store.project_users[org.alone].find(person) is None:
            await projects.users.create(org.alone, user_id=person, role="member")
        await projects.users.roles.create(org.alone, person, role_id=role.id)
    return role.id


async def test_whoever_owns_by_a_role_alone_hands_over(org: Org) -> None:
    await _lead(org, org.lea)
    await org.client.projects.users.update(org.alone, org.lea, role="member")
    plan = await org.client.workflows.plan_offboarding(org.lea)
    assert 'is the only owner of Alone (by the role "Lead")' in " ".join(plan.undecided)
    plan = await org.client.workflows.plan_offboarding(org.lea, transfer_to=org.max)
    assert (await _done(org, plan)).is_complete
    assert org.emulator.store.project_users[org.alone].get(org.max)["role"] == "owner"


@pytest.mark.parametrize("role", ["owner", "member"])
@pytest.mark.parametrize("through", ["role", "group"])
async def test_nothing_is_handed_over_where_another_owns_by_a_role(
    org: Org, role: str, through: str
) -> None:
    projects = org.client.projects
    if through == "role":
        lead = await _lead(org, org.max)
    else:
        lead = await _lead(org)
        group = next(iter(org.emulator.store.groups))["id"]  # Lea and Max
        await projects.groups.create(org.alone, group_id=group, role="role-api-project-member")
        await projects.groups.roles.create(org.alone, group, role_id=lead)
    await projects.users.roles.create(org.alone, org.lea, role_id=lead)
    await projects.users.update(org.alone, org.lea, role=role)
    olivia = org.emulator.store.first_owner()["id"]
    for decided in ({}, {"transfer_to": olivia}):
        plan = await org.client.workflows.plan_offboarding(org.lea, **decided)
        assert plan.undecided == ()
        assert "ownership" not in [step.holding.kind for step in plan.steps]
    assert (await _done(org, plan)).is_complete
    assert org.emulator.store.project_users[org.alone].find(olivia) is None


@pytest.mark.parametrize("role", ["owner", "member"])
async def test_an_owner_by_a_role_is_looked_up_again_before_the_removal(
    org: Org, role: str
) -> None:
    projects = org.client.projects
    lead = await _lead(org, org.max, org.lea)
    await projects.users.update(org.alone, org.lea, role=role)
    plan = await org.client.workflows.plan_offboarding(org.lea)
    assert plan.undecided == ()
    await projects.users.roles.delete(org.alone, org.max, lead)
    result = await _done(org, plan)
    # Lea keeps what makes her its owner, and what that would end as well.
    held_back = [("project_membership", "held back"), ("membership", "held back")]
    assert _left(result) == [("project_role", "held back"), *held_back]
    assert {step.reason for step in result.left} == {
        "Alone has no other owner any more: make somebody its owner"
    }
    assert lead in [r["id"] for r in org.emulator.store.project_user_roles[org.alone, org.lea]]


async def test_nothing_is_handed_over_where_another_owner_is_found_just_before(org: Org) -> None:
    lead = await _lead(org, org.max)
    olivia = org.emulator.store.first_owner()["id"]
    org.emulator.faults.add(MissingScope(match="projects.users.roles.list"))
    plan = await org.client.workflows.plan_offboarding(org.lea, transfer_to=olivia)
    assert "ownership" in [step.holding.kind for step in plan.steps]  # there is doubt
    org.emulator.faults.clear()
    start = org.emulator.snapshot()
    result = await _done(org, plan)
    given = {step.holding.kind: (step.outcome, step.reason) for step in result.steps}
    assert given["ownership"] == ("already gone", "it has another owner")
    assert not result.left
    assert org.emulator.store.project_users[org.alone].find(olivia) is None
    # Whoever was found may not be one any more when the membership goes.
    org.emulator.restore(start)
    plan = attrs.evolve(plan, earlier=_ownerships(result.steps, True))
    plan = attrs.evolve(plan, steps=_ownerships(plan.steps, False))
    await org.client.projects.users.roles.delete(org.alone, org.max, lead)
    assert _left(await _done(org, plan)) == [
        ("project_membership", "held back"),
        ("membership", "held back"),
    ]


async def test_whether_others_own_by_a_role_may_not_be_known(org: Org) -> None:
    await _lead(org, org.max)
    org.emulator.faults.add(MissingScope(match="projects.users.roles.list"))
    plan = await org.client.workflows.plan_offboarding(org.lea)
    (told,) = plan.undecided
    assert told.startswith("Whether Alone has another owner is not known: pass --transfer-to")
    # By her membership she is not its owner; by a role she may be.
    await org.client.projects.users.update(org.alone, org.lea, role="member")
    plan = await org.client.workflows.plan_offboarding(org.lea)
    held_back = {(s.holding.kind, s.holding.project_id) for s in plan.steps if s.obstacle}
    assert held_back == {("project_membership", org.alone), ("membership", None)}
