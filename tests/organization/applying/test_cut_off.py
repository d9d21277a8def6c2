"""Cut off at random requests with answers lost: run again, it comes to the same, and no further."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin._declare.resource import Async
from openai_admin._tree import AdminResources
from openai_admin.emulator.faults import Drop, Status
from openai_admin.organization.applying.run import apply
from openai_admin.organization.document.model import (
    Document,
    Group,
    Member,
    Person,
    Project,
    ProjectGroup,
    Role,
    ServiceAccount,
    Settings,
)
from openai_admin.organization.preparing import prepare
from tests.organization.applying.plans import HASTY, Org

WANTED = Document(
    prune=("projects.members", "groups"),
    people={
        "new@example.com": Person(role="reader"),
        "max@example.com": Person(role="reader", roles=("Auditor",)),
    },
    groups={f"Group {n}": Group(members=("lea@example.com",)) for n in range(3)},
    roles={"Auditor": Role(permissions=("api.audit_logs.read",))},
    projects={
        "Search": Project(
            members={"lea@example.com": Member(role="owner")}, spend_limit=Decimal(5)
        ),
        **{
            f"Project {n}": Project(
                members={
                    "lea@example.com": Member(role="owner"),
                    "max@example.com": Member(role="member", roles=("Lead",)),
                },
                roles={"Lead": Role(permissions=("api.model.read",))},
                groups={"Group 1": ProjectGroup(roles=("Lead",))},
                service_accounts={"ci": ServiceAccount(role="member")},
                spend_limit=Decimal(100 + n),
                hosted_tools={"web_search": False},
            )
            for n in range(2)
        },
    },
    settings=Settings(spend_limit=Decimal(9000)),
)


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_lost_and_wherever_it_is_cut_off(org: Org, seed: int) -> None:
    rng = random.Random(seed)
    store, faults = org.emulator.store, org.emulator.faults
    old = await org.client.groups.create(name="Old")
    shown: set[str] = set()
    for attempt in range(12):
        faults.clear()
        if attempt < 6:
            for fault in (
                Drop(rate=0.1, after_effect=True),
                Drop(rate=0.05),
                Status(status=500, rate=0.05),
            ):
                faults.add(fault)
        after = rng.randrange(3, 40) if attempt < 6 else 10_000
        if await _once(org, after, shown):
            break
    else:
        pytest.fail("It never came to its end.")
    removed = [each.removeprefix("DELETE ") for each in org.sent("DELETE")]
    assert {path.rpartition("/")[2] for path in removed} <= shown
    assert old.id in shown
    names = sorted(project["name"] for project in store.projects)
    assert names == ["Project 0", "Project 1", "Search"]
    assert sorted(group["name"] for group in store.groups) == ["Group 0", "Group 1", "Group 2"]
    assert [invite["email"] for invite in store.invites] == ["new@example.com"]
    assert {user["id"] for user in store.users if user["role"] == "owner"} == {org.lea, org.olivia}


async def _once(org: Org, after: int, shown: set[str]) -> bool:
    """Plan and apply, cut off after so many requests; whether there was nothing to do any more."""
    begun = len(org.emulator.requests)

    async def work(client: AsyncOpenAIAdmin) -> bool:
        tree = AdminResources[Async](client._caller)
        prepared = await prepare(tree, WANTED)
        plan = prepared.plan
        assert not plan.impossible
        for step in plan.steps:
            if step.action == "remove":
                shown.update(str(each) for each in step.arguments.values())
        force = {each.kind for each in plan.exceeded}
        applied = await apply(tree, plan, patience=HASTY, force=force)
        assert len(applied.steps) == len(plan.steps)
        return not (plan.steps or plan.not_known)

    async with AsyncOpenAIAdmin(
        org.emulator.admin_key, base_url=org.emulator.base_url, max_retries=0
    ) as client:
        task = asyncio.create_task(work(client))
        while not task.done() and len(org.emulator.requests) - begun < after:
            await asyncio.sleep(0.001)
        task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            return False
