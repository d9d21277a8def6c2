"""What a file does not speak of decides as well who may be made less: it is read for that."""

from __future__ import annotations

import attrs
import msgspec
import pytest
from aiohttp import web

from openai_admin.emulator.faults import Exchange, Fault, MissingScope
from openai_admin.emulator.faults.raw import content
from openai_admin.errors import InvalidInputError
from openai_admin.organization.document.model import (
    Document,
    Group,
    Member,
    Person,
    Project,
    Protected,
    Role,
)
from openai_admin.organization.planning.model import Plan
from tests.organization.applying.plans import Org

OWNER = "role-api-organization-owner"
OF_PROJECT = "role-api-project-owner"


@attrs.frozen(kw_only=True)
class Unrecognized(Fault):
    """No admin key is the one in use."""

    async def apply(self, exchange: Exchange) -> web.Response:
        answer = await exchange.run()
        body = msgspec.json.decode(content(answer))
        if exchange.operation == "admin_api_keys.list":
            body["data"] = []
        return web.json_response(body, status=answer.status)


def _kinds(plan: Plan) -> list[str]:
    return [each.kind for each in plan.exceeded]


async def _team(org: Org, *members: str) -> str:
    id = (await org.client.groups.create(name="Team")).id
    for member in members:
        await org.client.groups.users.create(id, user_id=member)
    return id


async def test_whoever_owns_something_by_what_the_file_has_not_is_told_of(org: Org) -> None:
    client, olivia = org.client, org.emulator.store.first_owner()["email"]
    people = {olivia: Person(), "lea@example.com": Person()}
    without_max = Document(people=people, prune=("people",))
    assert _kinds(await client.organization.plan(without_max)) == []
    team = await _team(org, org.max)
    await client.projects.groups.create(org.project, group_id=team, role=OF_PROJECT)
    for wanted in (
        without_max,
        Document(groups={}, prune=("groups",)),
        Document(groups={"Team": Group(members=())}, prune=("groups.members",)),
    ):
        (exceeded,) = (await client.organization.plan(wanted)).exceeded
        assert (exceeded.kind, exceeded.reason) == (
            "owners",
            "1 ownership would be taken away: max@example.com of Search.",
        )
    # Where it cannot be read, it may be so.
    org.emulator.faults.add(MissingScope(match="projects.groups.list"))
    (exceeded,) = (await client.organization.plan(without_max)).exceeded
    assert exceeded.reason == (
        "Whether ownership would be taken away is not known: "
        "max@example.com of projects that were not read."
    )


async def test_a_plan_that_only_adds_reads_nothing_beside(org: Org) -> None:
    await org.client.organization.plan(Document(groups={"Staff": Group()}))
    assert [request.path for request in org.emulator.requests] == ["/v1/organization/groups"]


async def test_the_owner_of_the_key_keeps_the_group_by_which_they_manage(org: Org) -> None:
    client = org.client
    team = await _team(org, org.olivia)
    await client.groups.roles.create(team, role_id=OWNER)
    await client.users.update(org.olivia, role="reader")
    for wanted in (
        Document(groups={}, prune=("groups",)),
        Document(groups={"Team": Group(roles=())}, prune=("groups.roles",)),
    ):
        with pytest.raises(InvalidInputError, match="may manage the organization by nothing else"):
            await client.organization.apply(wanted, force=["owners"])


async def test_to_force_owners_does_not_force_that_it_may_be_the_own_key(org: Org) -> None:
    client = org.client
    org.emulator.faults.add(Unrecognized())
    wanted = Document(people={"lea@example.com": Person(role="reader")})
    plan = await client.organization.plan(wanted)
    assert _kinds(plan) == ["owners", "own_key"]
    assert "lea@example.com" in plan.exceeded[1].reason
    assert [each.kind for each in plan.not_known] == ["owner of the admin key in use"]
    with pytest.raises(InvalidInputError, match="--force own_key"):
        await client.organization.apply(wanted, force=["owners"])
    assert (await client.organization.apply(wanted, force=["owners", "own_key"])).is_complete


async def test_nothing_goes_by_which_something_protected_loses(org: Org) -> None:
    client = org.client
    team = await _team(org, org.max)
    role = await client.roles.create(role_name="Auditor", permissions=["api.audit_logs.read"])
    await client.groups.roles.create(team, role_id=role.id)
    await client.projects.groups.create(org.project, group_id=team, role=OF_PROJECT)
    max_, search = Protected(people=("max@example.com",)), Protected(projects=("Search",))
    for wanted, protect in (
        (Document(groups={"Team": Group(roles=())}), max_),
        (Document(roles={"Auditor": Role(permissions=("api.usage.read",))}), max_),
        (Document(projects={"Search": Project(groups={})}), max_),
        (Document(projects={"Search": Project(archived=True)}), max_),
        (Document(groups={}), search),
        (Document(groups={"Team": Group(roles=())}), Protected(roles=("Auditor",))),
    ):
        plan = await client.organization.plan(
            attrs.evolve(
                wanted, protect=protect, prune=("groups", "groups.roles", "projects.groups")
            )
        )
        assert (plan.steps, [each.kind for each in plan.untouched]) == ((), ["protected"])


async def test_who_stops_owning_a_project_waits_for_the_next_owner(org: Org) -> None:
    client, olivia = org.client, org.emulator.store.first_owner()["email"]
    team = await _team(org)
    less = {olivia: Member(role="member")}
    await client.projects.groups.create(org.project, group_id=team, role=OF_PROJECT)
    wanted = Document(
        groups={"Team": Group(members=("max@example.com",))},
        projects={"Search": Project(members=less)},
    )
    joined, lessened = (await client.organization.plan(wanted)).steps
    assert (lessened.needs, lessened.notes) == ((joined.id,), ())
    await client.groups.delete(team)
    wanted = Document(
        people={"new@example.com": Person(role="reader")},
        projects={"Search": Project(members={**less, "new@example.com": Member(role="owner")})},
    )
    invited, lessened = (await client.organization.plan(wanted)).steps
    assert lessened.needs == (invited.id,)
    assert lessened.notes == (
        "It leaves Search without an owner until new@example.com accepts an invite.",
    )
