"""What was not read, or came in part or without its name, makes nothing of a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Fault, Nulls, Odd, Status
from openai_admin.organization.document.model import Document
from openai_admin.organization.sections import PRUNABLE
from tests.organization.observing.test_observing import client_of

SOME = ("Checkout Fraud Review", "Data Platform")
"""Projects of the demo organization that have something of every kind."""
LISTINGS = (
    "users",
    "users.roles",
    "invites",
    "groups",
    "groups.users",
    "groups.roles",
    "roles",
    "projects",
    "projects.users",
    "projects.users.roles",
    "projects.groups",
    "projects.groups.roles",
    "projects.roles",
    "projects.service_accounts",
    "projects.certificates",
    "certificates",
    "external_keys",
    "workload_identity_providers",
    "workload_identity_providers.federation_rules",
)
WRONG: Mapping[str, Callable[[str], Fault]] = {
    "refused": lambda match: Status(match=match, status=403, body={}),
    "unreadable": lambda match: Odd(match=match, names=("item_null",)),
    "first unreadable": lambda match: Odd(match=match, names=("item_null",), items=(1,)),
    "no names": lambda match: Nulls(match=match, fields=("name",)),
    "ids alone": lambda match: Nulls(match=match),
}


async def all_pruned(client: AsyncOpenAIAdmin) -> Document:
    """What there is as a file, which removes all that it does not have, but projects."""
    document = (await client.organization.pull()).document
    projects = {name: (document.projects or {})[name] for name in SOME}
    prune = tuple(section for section in PRUNABLE if section != "projects")
    return attrs.evolve(document, projects=projects, prune=prune)


async def wrongly_planned(emulator: Emulator, wrong: str) -> dict[str, object]:
    """What is planned, or cannot be done, of a file that is as it is, by the listing at fault."""
    found: dict[str, object] = {}
    async with client_of(emulator) as client:
        document = await all_pruned(client)
        healthy = await client.organization.plan(document)
        assert (healthy.steps, healthy.impossible, healthy.not_known) == ((), (), ())
        for listing in LISTINGS:
            emulator.faults.add(WRONG[wrong](f"{listing}.list"))
            plan = await client.organization.plan(document)
            emulator.faults.clear()
            steps = [(step.id, step.arguments, step.changes) for step in plan.steps]
            prevented = [(each.subject, each.reason) for each in plan.impossible]
            if steps or prevented:
                found[listing] = (steps, prevented)
    return found


@pytest.mark.parametrize("wrong", WRONG)
async def test_nothing_is_done_since_something_was_not_read(wrong: str, demo: Emulator) -> None:
    assert await wrongly_planned(demo, wrong) == {}
