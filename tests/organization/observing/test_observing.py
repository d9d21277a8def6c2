"""What there is, as it is read: all of it, in few requests, around what is refused or odd."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random

import attrs
import msgspec
import pytest
from aiohttp import web

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import (
    Exchange,
    Fault,
    FeatureOff,
    MissingScope,
    Odd,
    ProjectFails,
)
from openai_admin.emulator.faults.raw import content
from openai_admin.errors import AuthenticationError, InvalidInputError
from openai_admin.organization.observing.forecast import Progress
from openai_admin.organization.state import State
from tests.insights.access_reading import held
from tests.organizations import FEW, organization

from .stored import OBSERVED, observed, through_groups


def client_of(emulator: Emulator) -> AsyncOpenAIAdmin:
    """A client that does not try again, so that what fails is refused at once."""
    return AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url, max_retries=0)


@pytest.mark.parametrize("seed", range(1, 9))
async def test_it_is_what_there_is(seed: int) -> None:
    async with organization(seed) as emulator, client_of(emulator) as client:
        state = await client.organization.observe()
        store = emulator.store
        there, seen = {one for one in held(store) if one[0] in OBSERVED}, observed(state)
        assert seen <= there
        # Of a role that comes through a group the API does not say that it was given directly too.
        assert there - seen <= through_groups(state)
        assert state.not_known == ()
        assert state.incomplete == frozenset()
        assert state.acting_user == store.first_owner()["id"]
        assert state.document.organization == store.organization["id"]
        archived = {p["id"] for p in store.projects if p["status"] == "archived"}
        assert state.archived.keys() == archived
        assert state.scim_people == {u["id"] for u in store.users if u.get("is_scim_managed")}
        active = {
            (certificate["name"], project["id"])
            for project in store.projects
            if project["id"] not in archived
            for certificate in store.certificates
            if certificate["id"] in store.project_certificates[project["id"]]
        }
        projects = (state.document.projects or {}).values()
        assert active == {(name, p.id) for p in projects for name in p.certificates or ()}


@attrs.frozen(kw_only=True)
class Shuffled(Fault):
    """Listings of one page come in another order."""

    async def apply(self, exchange: Exchange) -> web.Response:
        answer = await exchange.run()
        body = msgspec.json.decode(content(answer))
        if isinstance(body.get("data"), list) and not body.get("has_more"):
            exchange.random.shuffle(body["data"])
        return web.json_response(body, status=answer.status)


async def test_it_is_the_same_in_whatever_order_the_api_lists() -> None:
    async with organization(3) as emulator, client_of(emulator) as client:
        plain = await client.organization.observe()
        emulator.faults.add(Shuffled())
        shuffled = await client.organization.observe()
        assert shuffled.document == plain.document
        assert str(shuffled.document) == str(plain.document)  # mappings have an order


async def test_it_reads_no_more_than_it_needs(demo: Emulator) -> None:
    async with client_of(demo) as client:

        async def requests(*sections: str, projects: list[str] | None = None) -> Counter[str]:
            demo.requests.clear()
            await client.organization.observe(sections=sections, projects=projects)
            return Counter(request.operation for request in demo.requests)

        limits = await requests("projects.rate_limits", projects=["Voice Notes"])
        assert limits == {"projects.list": 1, "projects.rate_limits.list": 1}
        assert await requests("settings.data_retention") == {"data_retention.retrieve": 1}
        people = await requests("people")
        assert people == {"users.list": 1, "invites.list": 1, "admin_api_keys.list": 1}
        # Roles besides the membership's are asked for where a project has roles of its own alone.
        members = await requests("projects.members")
        own = [p for p in demo.store.projects if len(list(demo.store.project_roles[p["id"]])) > 3]
        assert 0 < len(own) < members["projects.users.list"]
        assert members["projects.users.roles.list"] == sum(
            len(demo.store.project_users[project["id"]]) for project in own
        )


async def test_roles_of_people_are_asked_for_only_where_there_are_other_roles(
    emulator: Emulator,
) -> None:
    async with client_of(emulator) as client:
        state = await client.organization.observe(sections=["people", "people.roles"])
        assert [p.roles for p in (state.document.people or {}).values()] == [()]
        await client.roles.create(role_name="Auditor", permissions=["api.audit_logs.read"])
        (role,) = [r async for r in client.roles.list() if r.name == "Auditor"]
        (user,) = [u async for u in client.users.list()]
        await client.users.roles.create(user.id, role_id=role.id)
        state = await client.organization.observe(sections=["people", "people.roles"])
        assert [p.roles for p in (state.document.people or {}).values()] == [("Auditor",)]


async def test_a_project_that_fails_costs_itself(demo: Emulator) -> None:
    async with client_of(demo) as client:
        whole = await client.organization.observe()
        failing = str((whole.document.projects or {})["Voice Notes"].id)
        demo.faults.add(ProjectFails(project=failing))
        state = await client.organization.observe()
    assert {part.project_id for part in state.not_known} == {failing}
    projects = {**(state.document.projects or {})}
    lost = projects.pop("Voice Notes")
    assert lost.id == failing
    assert {lost.members, lost.roles, lost.spend_limit, lost.models} == {None}  # never empty
    expected = dict(whole.document.projects or {})
    del expected["Voice Notes"]
    assert projects == expected
    assert state.document.people == whole.document.people


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_feature_that_is_off_is_not_known(status: int, demo: Emulator) -> None:
    demo.faults.add(FeatureOff(match="certificates.*", status=status))
    demo.faults.add(FeatureOff(match="projects.model_permissions.*", status=status))
    async with client_of(demo) as client:
        state = await client.organization.observe()
    assert {part.kind for part in state.not_known} == {"certificates", "models of projects"}
    assert state.document.certificates is None
    assert {project.models for project in (state.document.projects or {}).values()} == {None}
    assert all(project.members for project in (state.document.projects or {}).values())


async def test_without_a_scope_everything_is_not_known_and_a_wrong_key_is_raised(
    demo: Emulator,
) -> None:
    demo.faults.add(MissingScope(match="projects.list"))
    async with client_of(demo) as client:
        state = await client.organization.observe(sections=["people", "projects.members"])
    assert state.document.projects is None
    assert state.document.people
    assert {part.kind for part in state.not_known} == {"projects", "members of projects"} | {
        "roles of projects"
    }
    demo.faults.clear()
    async with AsyncOpenAIAdmin("sk-admin-wrong", base_url=demo.base_url) as client:
        with pytest.raises(AuthenticationError):
            await client.organization.observe()


@attrs.frozen(kw_only=True)
class Meanwhile(Fault):
    """Before the first answer somebody else makes changes."""

    changes: list[Callable[[], Awaitable[None]]]
    lock: asyncio.Lock = attrs.field(factory=asyncio.Lock)

    async def apply(self, exchange: Exchange) -> web.Response:
        async with self.lock:
            while self.changes:
                await self.changes.pop()()
        return await exchange.run()


async def test_what_is_archived_or_removed_meanwhile_is_left_out(demo: Emulator) -> None:
    async with client_of(demo) as client, client_of(demo) as other_client:
        before = await client.organization.observe()
        projects, groups = before.document.projects or {}, before.document.groups or {}
        people = before.document.people or {}
        label, project = next(iter(projects.items()))
        other, group = next(each for each in groups.items() if each[1].id not in before.scim_groups)
        gone = next(
            label
            for label, person in people.items()
            if person.id and person.id != before.acting_user
        )

        async def change() -> None:
            await other_client.projects.archive(str(project.id))
            await other_client.groups.delete(str(group.id))
            await other_client.users.delete(str(people[gone].id))

        demo.faults.add(Meanwhile(match="*.*.*", changes=[change]))
        state = await client.organization.observe()
    assert state.not_known == ()
    assert label not in (state.document.projects or {})
    assert state.archived[str(project.id)] == label
    assert other not in (state.document.groups or {})
    assert gone not in (state.document.people or {})


async def test_odd_answers_cost_themselves(demo: Emulator) -> None:
    async with client_of(demo) as client:
        plain = await client.organization.observe()
        for name in ("nested", "flat", "title", "invited_at"):
            demo.faults.add(Odd(names=(name,)))
            odd = await client.organization.observe(sections=["people", "projects"])
            assert odd.document.people
            assert odd.document.people.keys() == (plain.document.people or {}).keys(), name
            assert (odd.document.projects or {}).keys() == (plain.document.projects or {}).keys()
            assert odd.not_known == ()
            demo.faults.clear()
        demo.faults.add(Odd(names=("user_nulls",)))
        odd = await client.organization.observe(sections=["people"])
        people = odd.document.people or {}
        assert {label for label, p in people.items() if p.id} == {
            p.id for p in (plain.document.people or {}).values() if p.id
        }
        assert "the API does not say" in odd.not_known[0].reason
        demo.faults.clear()
        demo.faults.add(Odd(names=("email_null",)))
        odd = await client.organization.observe(sections=["people"])
        assert odd.invites == {}
        assert {part.kind for part in odd.not_known} == {"addresses of invites"}


async def test_software_is_not_people(demo: Emulator) -> None:
    store = demo.store
    bot = next(user for user in store.users if user["role"] == "reader")
    store.users.update(bot["id"], {"is_service_account": True})
    async with client_of(demo) as client:
        state = await client.organization.observe(
            sections=["people", "groups.members", "projects.members"]
        )
    assert bot["id"] not in {p.id for p in (state.document.people or {}).values()}
    assert bot["id"] not in state.addresses
    places = [g.members or () for g in (state.document.groups or {}).values()]
    places += [tuple(p.members or {}) for p in (state.document.projects or {}).values()]
    assert not any(bot["email"] in members for members in places)
    assert any(places)


async def test_unreadable_people_leave_the_list_incomplete(demo: Emulator) -> None:
    @attrs.frozen(kw_only=True)
    class Broken(Fault):
        """The first item of a listing is not an object."""

        async def apply(self, exchange: Exchange) -> web.Response:
            body = msgspec.json.decode(content(await exchange.run()))
            return web.json_response({**body, "data": ["?", *body["data"][1:]]})

    demo.faults.add(Broken(match="users.list", times=1))
    async with client_of(demo) as client:
        state = await client.organization.observe(sections=["people"])
    assert state.incomplete == {("people", None)}
    assert [part.kind for part in state.not_known] == ["people"]
    assert len(state.document.people or {}) > 30


async def test_how_long_it_takes_is_foretold(demo: Emulator) -> None:
    told: list[Progress] = []
    async with client_of(demo) as client:
        demo.requests.clear()
        await client.organization.observe(on_progress=told.append)
    forecasts = [progress.forecast for progress in told if not progress.done]
    assert forecasts[0].by_endpoint["/organization/users/{user_id}/roles"] == 40
    assert forecasts[0].slowest.total_seconds() == 40 / 8 * 60
    sent = len(demo.requests)
    assert sent * 0.8 < sum(forecast.requests for forecast in forecasts) <= sent
    assert told[-1].done == told[-1].forecast.requests


async def test_only_the_projects_that_are_named() -> None:
    async with organization(5, size=FEW) as emulator, client_of(emulator) as client:
        state: State = await client.organization.observe()
        names = [*(state.document.projects or {})]
        chosen = Random(1).choice(names)
        one = await client.organization.observe(projects=[chosen])
        assert one.read_into == {(state.document.projects or {})[chosen].id}
        assert (one.document.projects or {})[chosen] == (state.document.projects or {})[chosen]
        with pytest.raises(InvalidInputError, match="There is no project 'Nowhere'"):
            await client.organization.observe(projects=["Nowhere"])
        with pytest.raises(InvalidInputError, match=r"did you mean 'projects.members'\?"):
            await client.organization.observe(sections=["projects.member"])


@attrs.frozen(kw_only=True)
class Nameless(Fault):
    """The listing of the organization's users says no addresses."""

    async def apply(self, exchange: Exchange) -> web.Response:
        answer = await exchange.run()
        body = msgspec.json.decode(content(answer))
        if exchange.operation == "users.list":
            body["data"] = [user | {"email": None, "user": None} for user in body["data"]]
        return web.json_response(body, status=answer.status)


async def test_addresses_are_taken_from_whichever_listing_says_them() -> None:
    async with organization(3) as emulator, client_of(emulator) as client:
        before = await client.organization.observe()
        emulator.faults.add(Nameless())
        state = await client.organization.observe()
        assert state.addresses == before.addresses
        alone = await client.organization.observe(sections=["people"])
        assert alone.addresses == {}
        unnamed = {f"address of {user['id']}" for user in emulator.store.users}
        assert {part.kind for part in alone.not_known} == unnamed
        assert ("people", None) in alone.incomplete


async def test_who_has_which_role_is_asked_where_not_all_roles_were_read(
    emulator: Emulator,
) -> None:
    async with client_of(emulator) as client:
        owner = emulator.store.first_owner()["id"]
        role = await client.roles.create(role_name="Deputy", permissions=["api.management.write"])
        await client.users.roles.create(owner, role_id=role.id)
        emulator.faults.add(Odd(match="roles.list", names=("item_null",)))
        state = await client.organization.observe()
        (person,) = (state.document.people or {}).values()
        assert person.roles == ("Deputy",)
