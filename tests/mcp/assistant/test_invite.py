"""The job of inviting people: to projects by name, and nobody twice."""

from __future__ import annotations

import json
from itertools import count

import pytest

from openai_admin.emulator.faults import Status
from openai_admin.resources.invites import Invite
from tests.mcp.assistant.conftest import Served
from tests.mcp.assistant.halves import HALVES, Half, Model
from tests.mcp.serving import Answers, http_client

pytestmark = pytest.mark.asyncio(loop_scope="module")

_NUMBERS = count()
MEMBER = "grace.kim@example.com"


def strangers() -> tuple[str, str]:
    """The addresses of two people whom nobody knows: the tests share an organization."""
    number = next(_NUMBERS)
    return f"ada{number}@example.com", f"ben{number}@example.com"


async def invites_of(served: Served, address: str) -> list[Invite]:
    return [
        invite
        async for invite in served.admin.invites.list(limit=100)
        if invite.email == address and invite.status == "pending"
    ]


async def project_id(served: Served, name: str) -> str:
    (id,) = [p.id async for p in served.admin.projects.list(limit=100) if p.name == name]
    return id


@pytest.mark.parametrize("half", HALVES)
async def test_somebody_is_invited_with_a_project_role_in_one_call(
    demo: Served, half: Half
) -> None:
    email = f"{half}@example.com"
    async with http_client(demo.url) as client:
        model = Model(client, half)
        told = await model.call(
            "invite", emails=[email], projects=[{"project": "voice notes", "role": "member"}]
        )
    assert not model.failed
    model.check_task()
    (invite,) = await invites_of(demo, email)
    assert invite.projects is not None
    (project,) = invite.projects
    assert (invite.role, project.role) == ("reader", "member")
    assert project.id == await project_id(demo, "Voice Notes")
    assert email in told
    assert invite.id in told
    assert "Voice Notes" in told
    assert "invited" in told


async def test_who_is_there_already_is_told_and_not_invited(demo: Served) -> None:
    ada, ben = strangers()
    await demo.admin.invites.create(email=ben, role="owner", projects=[])
    async with http_client(demo.url) as client:
        model = Model(client, "structured")
        emails = [MEMBER.upper(), ben, ada, ada.upper()]
        told = json.loads(await model.call("invite", emails=emails, projects=[]))
    assert [row["outcome"] for row in told["people"]] == [
        "already_member",
        "already_invited",
        "invited",
    ]
    assert told["people"][1]["role"] == "owner"  # of the invite that is open, not the one asked for
    assert len(await invites_of(demo, ben)) == 1
    assert await invites_of(demo, MEMBER) == []


async def test_names_are_looked_up_before_anything_is_sent(demo: Served) -> None:
    ada, ben = strangers()
    async with http_client(demo.url) as client:
        model = Model(client, "text")
        for name, why in (
            ("Voice Note", "did you mean 'Voice Notes'"),
            ("Chatbot Pilot", "is archived"),
        ):
            entry = {"project": name, "role": "member"}
            told = await model.call("invite", emails=[ada, ben], projects=[entry])
            assert model.failed
            assert why in told
        told = await model.call("invite", emails=[ada, "nobody"])
        assert model.failed
        assert "not 'nobody'" in told
        told = await model.call("invite", emails=[ada], role="admin")
        assert model.failed
        assert "'reader' or 'owner'" in told
        entries = [{"project": name, "role": "member"} for name in ("Voice Notes", "voice notes")]
        told = await model.call("invite", emails=[ada], projects=entries)
        assert model.failed
        assert "named twice" in told
    assert await invites_of(demo, ada) == []


@pytest.mark.parametrize(
    "power",
    [{"role": "owner"}, {"projects": [{"project": "Voice Notes", "role": "owner"}]}],
    ids=["organization", "project"],
)
async def test_nobody_becomes_an_owner_unasked(demo: Served, power: dict[str, object]) -> None:
    ada, _ = strangers()
    no, yes = Answers("decline"), Answers("accept")
    async with http_client(demo.url, person=no) as client:
        model = Model(client, "text")
        await model.call("invite", emails=[ada, MEMBER], **power)
        assert model.failed
    assert await invites_of(demo, ada) == []
    (question,) = no.questions
    assert ada in question
    assert "owner" in question
    assert MEMBER not in question  # who is there already is not invited
    async with http_client(demo.url, person=yes) as client:
        await Model(client, "text").call("invite", emails=[ada], **power)
    assert len(await invites_of(demo, ada)) == 1


async def test_a_client_that_cannot_ask_needs_a_code(demo: Served) -> None:
    ada, ben = strangers()
    async with http_client(demo.url) as client:
        model = Model(client, "text")
        told = await model.call("invite", emails=[ada], role="owner")
        assert model.failed
        assert ada in told
        assert await invites_of(demo, ada) == []
        code = model.code
        await model.call("invite", emails=[ben], role="owner", confirm=code)
        assert model.failed
        assert await invites_of(demo, ben) == []
        await model.call("invite", emails=[ada], role="owner", confirm=code)
        assert not model.failed
    model.check_task()
    (invite,) = await invites_of(demo, ada)
    assert invite.role == "owner"


async def test_an_address_that_is_refused_costs_itself(demo: Served) -> None:
    ada, ben = strangers()
    demo.emulator.faults.add(Status(match="invites.create", status=500, times=1))
    async with http_client(demo.url) as client:
        model = Model(client, "structured")
        told = json.loads(await model.call("invite", emails=[ada, ben], projects=[]))
    outcomes = {row["email"]: row["outcome"] for row in told["people"]}
    assert outcomes[ada] in ("failed", "not_known")
    assert outcomes[ben] == "invited"
    assert await invites_of(demo, ada) == []
    assert len(await invites_of(demo, ben)) == 1


async def test_what_could_not_be_looked_up_is_told(demo: Served) -> None:
    ada, _ = strangers()
    demo.emulator.faults.add(Status(match="users.list", status=403, times=1))
    async with http_client(demo.url) as client:
        model = Model(client, "text")
        told = await model.call("invite", emails=[ada], projects=[])
    assert "Who is there already could not be looked up wholly: people" in told
    assert len(await invites_of(demo, ada)) == 1
