"""The policy of the page, over the JSON of plans for an organization in the emulator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

import openai_admin.organization
from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.organization.document.model import (
    ALL,
    Document,
    Group,
    Member,
    Person,
    Project,
    ProjectGroup,
    Role,
    SpendAlert,
)
from tests.organization.plan_policy import POLICY, denied

_MANAGES = ("api.management.read", "api.management.write")


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[AsyncOpenAIAdmin]:
    """An organization with a reader, a role, a group that has it, and three projects."""
    alert = SpendAlert(amount=Decimal(100), emails=("finance@example.com",))
    project = Project(members={"owner@example.com": Member(role="member")}, spend_alerts=(alert,))
    there = Document(
        people={"ana@example.com": Person(role="reader")},
        roles={"Deputy": Role(permissions=_MANAGES)},
        groups={"Ops": Group(roles=("Deputy",))},
        projects=dict.fromkeys(("Core", "Data", "Web"), project),
    )
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        await client.organization.apply(there)
        (invite,) = emulator.store.invites
        emulator.accept_invite(invite["id"])
        yield client


@pytest.mark.parametrize(
    "document",
    [
        Document(people={"ana@example.com": Person(role="owner")}),
        Document(people={"new@example.com": Person(role="owner")}),
        Document(
            people={"new@example.com": Person(role="reader")},
            projects={"Core": Project(members={"new@example.com": Member(role="owner")})},
        ),
        Document(projects={"Core": Project(members={"ana@example.com": Member(role="owner")})}),
        Document(projects={"Core": Project(members={"owner@example.com": Member(role="owner")})}),
        Document(people={"ana@example.com": Person(roles=("Deputy",))}),
        Document(groups={"Ops": Group(members=("ana@example.com",))}),
        Document(projects={"Core": Project(groups={"Ops": ProjectGroup(roles=("owner",))})}),
        Document(
            roles={"Second": Role(permissions=_MANAGES)},
            people={"ana@example.com": Person(roles=("Second",))},
        ),
    ],
)
async def test_whatever_makes_an_owner_is_denied(
    client: AsyncOpenAIAdmin, document: Document
) -> None:
    plan = await client.organization.plan(document)
    assert plan.impossible == ()
    assert [reason for reason in denied(plan) if reason.endswith("makes an owner")]


async def test_many_removals_and_an_archived_project_are_denied(client: AsyncOpenAIAdmin) -> None:
    nothing = Project(members={}, spend_alerts=())
    projects = dict.fromkeys(("Core", "Data", "Web"), nothing)
    document = Document(projects=projects, prune=("projects.members", "projects.spend_alerts"))
    plan = await client.organization.plan(document)
    assert denied(plan) == ["6 things would be removed, of which 5 may be"]

    plan = await client.organization.plan(Document(projects={"Core": Project(archived=True)}))
    assert denied(plan) == ["Core would be archived, which cannot be undone"]


async def test_what_does_none_of_it_passes(client: AsyncOpenAIAdmin) -> None:
    pulled = await client.organization.pull()
    document = attrs.evolve(
        pulled.document,
        prune=(ALL,),
        roles={
            "Deputy": Role(permissions=_MANAGES),
            "Auditor": Role(permissions=("api.usage.read",)),
        },
        projects={
            **(pulled.document.projects or {}),
            "Core": Project(members={"ana@example.com": Member(role="member")}, spend_limit=None),
        },
    )
    plan = await client.organization.plan(document)
    assert {step.operation for step in plan.steps} >= {"roles.create", "projects.users.create"}
    assert denied(plan) == []


def test_the_page_shows_the_policy() -> None:
    page = Path(openai_admin.organization.__path__[0], "README.md").read_text(encoding="utf-8")
    assert f"```rego\n{POLICY.read_text(encoding='utf-8')}```" in page


async def test_removals_are_counted_one_by_one(client: AsyncOpenAIAdmin) -> None:
    certificates = tuple(f"cert_{number}" for number in range(6))
    plan = await client.organization.plan(Document(projects={"Core": Project(archived=True)}))
    step = attrs.evolve(
        plan.steps[0],
        operation="projects.certificates.deactivate",
        arguments={"project_id": "proj_1", "certificate_ids": certificates},
    )
    assert denied(attrs.evolve(plan, steps=(step,))) == [
        "6 things would be removed, of which 5 may be"
    ]
