"""What a file does not speak of decides as well who may be made less: it is read for that."""

from __future__ import annotations

import re
from decimal import Decimal

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
    Settings,
)
from openai_admin.organization.planning.model import Plan
from openai_admin.resources.invites import InviteProjectParam
from tests.organization.applying.plans import Org

OWNER = "role-api-organization-owner"
_PRUNED = ("people", "groups", "groups.members", "groups.roles", "projects.groups")
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


async def test_what_is_protected_keeps_what_it_has_and_who_has_it(org: Org) -> None:
    client, olivia = org.client, org.emulator.store.first_owner()["email"]
    team = await _team(org, org.max)
    role = await client.roles.create(role_name="Auditor", permissions=["api.audit_logs.read"])
    await client.groups.roles.create(team, role_id=role.id)
    inner = await client.projects.roles.create(
        org.project, role_name="Editor", permissions=["api.files.write"]
    )
    await client.projects.groups.create(org.project, group_id=team, role=inner.id)
    max_, search = Protected(people=("max@example.com",)), Protected(projects=("Search",))
    auditor, editor = Protected(roles=("Auditor",)), Protected(roles=("Editor",))
    without_max = Document(people={olivia: Person(), "lea@example.com": Person()})
    members = [
        Document(groups={"Team": Group(members=each)}) for each in ((), ("lea@example.com",))
    ]
    for wanted, protect in (
        (Document(groups={"Team": Group(roles=())}), max_),
        (Document(groups={"Team": Group(roles=("Auditor", "owner"))}), max_),
        (Document(roles={"Auditor": Role(permissions=("api.usage.read",))}), max_),
        (Document(projects={"Search": Project(groups={})}), max_),
        (Document(projects={"Search": Project(archived=True)}), max_),
        *((each, search) for each in (without_max, Document(groups={}), *members)),
        *((each, auditor) for each in (without_max, Document(groups={}), *members)),
        *((each, editor) for each in (without_max, Document(groups={}), *members)),
        (Document(groups={"Team": Group(roles=())}), auditor),
        (Document(projects={"Search": Project(groups={})}), editor),
        (Document(projects={"Search": Project(archived=True)}), editor),
    ):
        plan = await client.organization.plan(attrs.evolve(wanted, protect=protect, prune=_PRUNED))
        assert plan.steps == (), (wanted, protect)
        assert {each.kind for each in plan.untouched} == {"protected"}
        (name,) = next(filter(None, attrs.astuple(protect)))
        assert all(each.reason.startswith((name, "`protect`")) for each in plan.untouched)
        assert plan.impossible == ()
        free = attrs.evolve(wanted, prune=_PRUNED)
        assert (await client.organization.plan(free)).steps != ()


@pytest.mark.parametrize(
    ("protect", "refused"),
    [
        (Protected(projects=("Search",)), "projects.groups.list"),
        (Protected(projects=("Search",)), "projects.list"),
        (Protected(roles=("Auditor",)), "groups.roles.list"),
        (Protected(roles=("Auditor",)), "roles.list"),
    ],
)
async def test_nobody_joins_or_leaves_a_group_of_which_it_was_not_read_what_it_has(
    org: Org, protect: Protected, refused: str
) -> None:
    await _team(org, org.max)
    await org.client.roles.create(role_name="Auditor", permissions=["api.audit_logs.read"])
    for members in ((), ("max@example.com", "lea@example.com")):
        wanted = Document(
            groups={"Team": Group(members=members)}, protect=protect, prune=("groups.members",)
        )
        org.emulator.faults.clear()
        assert len((await org.client.organization.plan(wanted)).steps) == 1
        org.emulator.faults.add(MissingScope(match=refused))
        plan = await org.client.organization.plan(wanted)
        assert plan.steps == ()
        assert {each.kind for each in plan.untouched} == {"not_known"}


async def test_an_invite_to_a_protected_project_stays(org: Org) -> None:
    granted: list[InviteProjectParam] = [{"id": org.project, "role": "member"}]
    await org.client.invites.create(email="new@example.com", role="reader", projects=granted)
    people = {each["email"]: Person() for each in org.emulator.store.users}
    gone = Document(people=people, prune=("people",))
    another = Document(people={"new@example.com": Person(role="owner")})
    for wanted in (gone, another):
        protect = Protected(projects=("Search",))
        plan = await org.client.organization.plan(attrs.evolve(wanted, protect=protect))
        assert plan.steps == ()
        kinds = [each.kind for each in plan.untouched if each.subject == "new@example.com"]
        assert kinds == ["protected"]
        assert (await org.client.organization.plan(wanted)).steps != ()


@pytest.mark.parametrize(
    ("kind", "wrong", "near", "listing"),
    [
        ("people", "maks@example.com", "max@example.com", "users.list"),
        ("groups", "Taem", "Team", "groups.list"),
        ("roles", "Auditors", "Auditor", "roles.list"),
        ("roles", "Editors", "Editor", "projects.roles.list"),
        ("projects", "Serch", "Search", "projects.list"),
        ("service_accounts", "ci-prd", "ci-prod", "projects.service_accounts.list"),
    ],
)
async def test_a_mistyped_name_under_protect_is_told_whatever_is_planned(
    org: Org, kind: str, wrong: str, near: str, listing: str
) -> None:
    client = org.client
    await _team(org)
    await client.roles.create(role_name="Auditor", permissions=["api.audit_logs.read"])
    permissions = ["api.files.write"]
    await client.projects.roles.create(org.project, role_name="Editor", permissions=permissions)
    await client.projects.service_accounts.create(
        org.project, name="ci-prod", create_service_account_only=True
    )
    settings = Settings(spend_limit=Decimal(500))
    wanted = Document(settings=settings, protect=Protected(**{kind: (wrong,)}))
    org.emulator.requests.clear()
    with pytest.raises(InvalidInputError, match=f"did you mean '{re.escape(near)}'"):
        await client.organization.apply(wanted)
    assert org.sent() == []
    org.emulator.faults.add(MissingScope(match=listing))
    plan = await client.organization.plan(wanted)
    assert plan.impossible == ()
    ((subject, told),) = [(e.subject, e.kind) for e in plan.untouched]
    assert (subject, told) == (wrong, "not_known")
    # A name that is right costs at most its listing, and is not spoken of.
    org.emulator.faults.clear()
    right = attrs.evolve(wanted, protect=Protected(**{kind: (near,)}))
    plan = await client.organization.plan(right)
    assert (plan.impossible, plan.untouched) == ((), ())


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


@pytest.mark.parametrize("is_removed", [True, False])
async def test_the_last_owner_who_has_accepted_stays_whatever_is_forced(
    org: Org, is_removed: bool
) -> None:
    client, olivia = org.client, org.emulator.store.first_owner()["email"]
    org.emulator.faults.add(Unrecognized())  # else the owner of the key would stay anyhow
    people = {
        "max@example.com": Person(),
        "new@example.com": Person(role="owner"),
        "lea@example.com": Person(role="reader"),
        olivia: Person(role="reader"),
    }
    if is_removed:
        del people["lea@example.com"], people[olivia]
    wanted = Document(people=people, prune=("people",))
    forced = ["owners", "own_key", "people"]
    with pytest.raises(InvalidInputError, match="would leave the organization without an owner"):
        await client.organization.apply(wanted, force=forced)
    assert org.sent() == []
    # Nor is anybody made less before somebody else surely is an owner.
    promoted = attrs.evolve(wanted, people={**people, "max@example.com": Person(role="owner")})
    org.emulator.faults.add(MissingScope(match="users.update"))
    applied = await client.organization.apply(promoted, force=forced)
    owners = {each["email"] for each in org.emulator.store.users if each["role"] == "owner"}
    assert owners == {olivia, "lea@example.com"}
    assert {each.outcome for each in applied.left} == {"failed", "not tried"}
