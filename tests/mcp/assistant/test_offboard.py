"""The job of offboarding somebody: planned, agreed to, done; by one half of the results."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from openai_admin import NotFoundError
from openai_admin.emulator.faults import MissingScope
from tests.mcp.assistant.conftest import Served, serving
from tests.mcp.assistant.halves import HALVES, Half, Model
from tests.mcp.serving import MODERN, Answers, http_client
from tests.mcp.test_patience import Held

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOFIA = "sofia.papadopoulou@example.com"


async def holds(served: Served, person_id: str) -> list[str]:
    """The ids of the keys, and of the projects, that somebody has."""
    found: list[str] = []
    async for project in served.admin.projects.list(limit=100):
        keys = served.admin.projects.api_keys.list(
            project.id, limit=100, owner_project_access="any"
        )
        found += [
            key.id
            async for key in keys
            if key.owner and key.owner.user and key.owner.user.id == person_id
        ]
        members = served.admin.projects.users.list(project.id, limit=100)
        found += [project.id async for member in members if member.id == person_id]
    found += [
        key.id
        async for key in served.admin.admin_api_keys.list(limit=100)
        if key.owner and key.owner.id == person_id
    ]
    return found


async def id_of(served: Served, address: str) -> str:
    (user,) = (await served.admin.users.list(emails=[address])).data
    return user.id


@pytest.mark.parametrize("half", HALVES)
async def test_a_person_is_offboarded_in_three_calls(fresh: Served, half: Half) -> None:
    sofia = await id_of(fresh, SOFIA)
    before = await holds(fresh, sofia)
    assert len(before) == 7  # four keys and an admin key, two projects
    async with http_client(fresh.url) as client:
        model = Model(client, half)
        first = await model.call("offboard", person=SOFIA)
        # Nobody but the user can say who takes over the project that she alone owns.
        assert "only owner of Checkout Fraud Review" in first
        assert "transfer_to" in first
        assert "leave_ownerless" in first
        planned = await model.call("offboard", person=SOFIA, transfer_to="Priya Raghunathan")
        assert await holds(fresh, sofia) == before
        for id in before:
            assert id in planned or id.startswith("proj_")
        assert "Checkout Fraud Review" in planned
        assert "Customer Support Assistant" in planned
        assert "All Staff" in planned
        assert "identity provider" in planned
        assert "svc_acct_" in planned
        assert "fraud-prod" in planned
        done = await model.call("offboard", do=model.plan)
    assert not model.failed
    assert "14 of 14 steps done" in done
    assert "\\u003c" not in planned + done
    model.check_task()
    assert await holds(fresh, sofia) == []
    with pytest.raises(NotFoundError):
        await fresh.admin.users.retrieve(sofia)
    owners = [
        user.email
        async for project in fresh.admin.projects.list(limit=100)
        if project.name == "Checkout Fraud Review"
        async for user in fresh.admin.projects.users.list(project.id)
        if user.role == "owner"
    ]
    assert owners == ["priya.raghunathan@example.com"]


async def test_a_plan_is_good_once_and_for_what_it_was_made_with(demo: Served) -> None:
    hannah, grace = "hannah.weiss@example.com", "grace.kim@example.com"
    async with http_client(demo.url) as client:
        model = Model(client, "structured")
        await model.call("offboard", person=hannah, accept=["leave_ownerless"])
        plan = model.plan
        told = await model.call("offboard", person=grace, do=plan)
        assert model.failed
        assert "was made with 'hannah.weiss@example.com'" in told
        told = await model.call("offboard", do="plan-0123456789ab")
        assert model.failed
        assert "there is no plan 'plan-0123456789ab'" in told
        await model.call("offboard", do=plan)
        assert not model.failed
        told = await model.call("offboard", do=plan)
        assert model.failed
        assert "was begun already" in told
        # Another plan says that it is over, and there is nothing to agree to.
        again = json.loads(await model.call("offboard", person=hannah))
    assert again["state"] == "nothing_to_do"
    assert "do" not in again
    assert "They were offboarded on" in again["summary"]
    await id_of(demo, grace)


async def test_a_plan_is_not_carried_out_once_things_have_changed(demo: Served) -> None:
    freja = await id_of(demo, "freja.nielsen@example.com")
    async with http_client(demo.url) as client:
        model = Model(client, "structured")
        planned = await model.call("offboard", person=freja, accept=["leave_ownerless"])
        assert "<" not in planned
        assert json.loads(planned)["person"].endswith(" (freja.nielsen@example.com)")
        first = model.plan
        (project,) = [
            p.id async for p in demo.admin.projects.list(limit=100) if p.name == "Voice Notes"
        ]
        members = demo.admin.projects.users.list(project, limit=100)
        if freja in [member.id async for member in members]:
            await demo.admin.projects.users.delete(project, freja)
        else:
            await demo.admin.projects.users.create(project, user_id=freja, role="member")
        before = await holds(demo, freja)
        changed = json.loads(await model.call("offboard", do=model.plan))
        assert changed["state"] == "changed"
        assert changed["summary"].startswith("Nothing was done: things have changed")
        told = await model.call("offboard", do=first)
        assert model.failed
        assert "was not carried out" in told
        assert "begun" not in told
        assert await holds(demo, freja) == before
        # It shows the plan as things are now, which can be carried out.
        done = json.loads(await model.call("offboard", do=changed["do"]))
    assert done["state"] == "done"
    assert await holds(demo, freja) == []


async def test_unknown_people_are_answered_with_the_nearest(demo: Served) -> None:
    async with http_client(demo.url) as client:
        model = Model(client, "text")
        told = await model.call("offboard", person="sofia.papadopulou@example.com")
        assert model.failed
        assert f"did you mean '{SOFIA}'" in told
        assert "--" not in told  # options of the command line are none of a tool's
        told = await model.call("offboard", person=SOFIA, transfer_to="Prya Raghunathan")
        assert model.failed
        assert "did you mean 'Priya Raghunathan'" in told
        assert told.startswith("transfer_to: ")
        assert "--" not in told
        told = await model.call("offboard")
        assert model.failed
        assert told.startswith("person must name who leaves")
        told = await model.call("offboard", person="support-prod")
        assert model.failed
        assert "is a service account and not a person" in told


async def test_people_of_one_name_are_listed(demo: Served) -> None:
    mei = await id_of(demo, "mei.chen@example.com")
    other = await id_of(demo, "grace.kim@example.com")
    demo.emulator.store.users.get(other)["name"] = "Mei Chen"
    async with http_client(demo.url) as client:
        model = Model(client, "text")
        told = await model.call("offboard", person="Mei Chen")
    assert model.failed
    assert f"{mei} (mei.chen@example.com)" in told
    assert f"{other} (grace.kim@example.com)" in told


async def test_a_plan_is_good_only_in_its_session(demo: Served) -> None:
    leaver = "elif.celik@example.com"
    async with http_client(demo.url) as client, http_client(demo.url) as other:
        model, stranger = Model(client, "text"), Model(other, "text")
        await model.call("offboard", person=leaver, accept=["leave_ownerless"])
        told = await stranger.call("offboard", do=model.plan)
        assert stranger.failed
        assert "there is no plan" in told
    await id_of(demo, leaver)


@pytest.mark.parametrize("mode", ["legacy", MODERN])
async def test_a_person_who_can_be_asked_sees_the_plan(demo: Served, mode: str) -> None:
    sofia = await id_of(demo, SOFIA)
    person = Answers("decline")
    async with http_client(demo.url, mode, person=person) as client:
        model = Model(client, "text")
        await model.call("offboard", person=SOFIA, accept=["leave_ownerless"])
        assert person.questions == []  # planning asks nothing
        before = await holds(demo, sofia)
        told = await model.call("offboard", do=model.plan)
    assert model.failed
    assert "did not agree" in told
    (question,) = person.questions
    assert "Offboarding Sofia Papadopoulou" in question
    assert '"fraud-export"' in question
    assert "Remove them from the organization" in question
    assert await holds(demo, sofia) == before


async def test_what_takes_long_goes_on_and_is_not_begun_twice(demo: Served, tmp_path: Path) -> None:
    gate = asyncio.Event()
    leaver = await id_of(demo, "peter.jansen@example.com")
    async with (
        serving(tmp_path, demo.emulator, patience=2) as served,
        http_client(served.url) as client,
    ):
        model = Model(client, "text")
        await model.call_to_end("offboard", person=leaver, accept=["leave_ownerless"])
        plan = model.plan
        demo.emulator.faults.add(Held(match="users.delete", gate=gate, times=1))
        demo.emulator.requests.clear()
        await model.call("offboard", do=plan)
        assert model.failed  # it is not done, and says how to go on
        gate.set()
        told = await model.call_to_end("offboard", do=plan)
    assert not model.failed
    assert "Offboarding" in told
    removals = [r.path for r in demo.emulator.requests if r.method == "DELETE"]
    assert len(set(removals)) == len(removals) > 0
    with pytest.raises(NotFoundError):
        await demo.admin.users.retrieve(leaver)


async def test_what_may_not_be_read_is_no_nothing(fresh: Served) -> None:
    yuki = "yuki.tanaka@example.com"  # an owner, by the audit log alone
    for match in ("users", "projects", "invites", "admin_api_keys", "groups", "roles"):
        fresh.emulator.faults.add(MissingScope(match=f"{match}.*"))
    async with http_client(fresh.url) as client:
        model = Model(client, "structured")
        told = json.loads(await model.call("offboard", person=yuki))
        assert told["state"] == "not_known"
        assert "not everything could be read" in told["summary"]
        lacks = " ".join(told["not_known"])
        for what in ("people", "projects", "admin keys", "keys of projects", "invites", "groups"):
            assert what in lacks
        assert "`api.management.read`" in lacks
        fresh.emulator.faults.add(MissingScope(match="audit_logs.*"))
        refusal = await model.call("offboard", person=yuki)
    assert model.failed
    assert "Not all could be looked through" in refusal
    assert "people" in refusal
