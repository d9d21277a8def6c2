"""Plans that were made side by side: one changes what the other says of its steps."""

from __future__ import annotations

import pytest

from openai_admin.errors import InvalidInputError
from openai_admin.organization.document.model import Document, Member, Project
from tests.organization.applying.plans import Org


def _lessening(address: str) -> Document:
    return Document(projects={"Search": Project(members={address: Member(role="member")})})


async def test_two_plans_do_not_leave_a_project_without_an_owner_unsaid(org: Org) -> None:
    client = org.client
    await client.projects.users.update(org.project, org.max, role="owner")
    olivia = org.emulator.store.first_owner()["email"]
    plans = [
        await client.organization.plan(_lessening(address))
        for address in (olivia, "max@example.com")
    ]
    assert [step.notes for plan in plans for step in plan.steps] == [(), ()]
    first, second = plans
    assert (await client.organization.apply(first, force=["owners"])).is_complete
    with pytest.raises(InvalidInputError, match="would do something else than it says"):
        await client.organization.apply(second, force=["owners"])
    now = await client.organization.plan(_lessening("max@example.com"))
    assert now.steps[0].notes == ("It leaves Search without an owner.",)
