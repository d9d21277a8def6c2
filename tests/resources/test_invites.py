"""Invites, and what they grant once they are accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import EmulatedError, Emulator
from openai_admin.errors import BadRequestError
from tests.conftest import Surface
from tests.resources.people import (
    HOSTILE_IDS,
    add_project,
    add_users,
    each_is,
    ids,
    payloads,
    refused_unsent,
    told,
)

WEEK = 7 * 86_400


@pytest.fixture
def later(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Moves the emulator's clock, which stands still otherwise."""
    now = [1_790_000_000]
    monkeypatch.setattr(emulator.store, "now", lambda: now[0])

    def move(seconds: int) -> None:
        now[0] += seconds

    return move


async def test_the_life_of_an_invite(emulator: Emulator, surface: Surface) -> None:
    first, second = add_project(emulator, "One"), add_project(emulator, "Two")
    invite = await surface.call(
        lambda c: c.invites.create(
            email="Ada.Lovelace@example.com",
            role="reader",
            projects=[{"id": first, "role": "owner"}, {"id": second, "role": "member"}],
        )
    )
    assert (invite.email, invite.role, invite.status) == (
        "Ada.Lovelace@example.com",
        "reader",
        "pending",
    )
    assert invite.accepted_at is None
    sent = surface.seconds(invite.created_at)
    assert sent is not None
    assert surface.seconds(invite.expires_at) == sent + WEEK
    assert await surface.items(lambda c: c.users.list(emails=["ada.lovelace@example.com"])) == []

    user = emulator.accept_invite(invite.id)
    assert user["email"] == "Ada.Lovelace@example.com"
    (member,) = await surface.items(lambda c: c.users.list(emails=["ada.lovelace@example.com"]))
    assert (member.id, member.name, member.role) == (user["id"], "Ada Lovelace", "reader")
    assert [(p.id, p.role) for p in member.projects.data] == [
        (first, "owner"),
        (second, "member"),
    ]
    accepted = await surface.call(lambda c: c.invites.retrieve(invite.id))
    assert accepted.status == "accepted"
    assert surface.seconds(accepted.accepted_at) == user["added_at"]

    with pytest.raises(surface.errors.BadRequestError, match="accepted"):
        await surface.call(lambda c: c.invites.delete(invite.id))
    assert ids(await surface.items(lambda c: c.invites.list())) == [invite.id]
    assert await told(surface) == ["invite.sent", "invite.accepted", *["user.added"] * 3]
    assert payloads(emulator, "invite.sent") == [
        {"id": invite.id, "data": {"email": "Ada.Lovelace@example.com", "role": "reader"}}
    ]
    actor = next(e["actor"] for e in emulator.store.audit_logs if e["type"] == "invite.accepted")
    assert actor["session"]["user"] == {"id": user["id"], "email": "Ada.Lovelace@example.com"}


async def test_invites_are_listed_and_taken_back(emulator: Emulator, surface: Surface) -> None:
    async def invite(number: int) -> str:
        sent = await surface.call(
            lambda c: c.invites.create(email=f"u{number}@example.com", role="owner", projects=[])
        )
        return str(sent.id)

    invites = [await invite(number) for number in range(5)]
    assert ids(await surface.items(lambda c: c.invites.list(limit=2))) == invites
    answer = await surface.call(lambda c: c.invites.delete(invites[1]))
    assert (answer.id, answer.deleted) == (invites[1], True)
    # The id stays a cursor, so that no listing breaks off.
    after = await surface.items(lambda c: c.invites.list(limit=1, after=invites[1]))
    assert ids(after) == invites[2:]
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.invites.retrieve(invites[1]),
        lambda c: c.invites.delete(invites[1]),
    )
    with pytest.raises(EmulatedError, match="No invite"):
        emulator.accept_invite(invites[1])
    assert (await told(surface))[-1] == "invite.deleted"


async def test_without_projects_it_is_the_default_one(emulator: Emulator, surface: Surface) -> None:
    default = add_project(emulator)
    add_project(emulator, "Another")
    legacy = await surface.call(lambda c: c.invites.create(email="a@example.com", role="reader"))
    assert [(p.id, p.role) for p in legacy.projects] == [(default, "member")]
    none = await surface.call(
        lambda c: c.invites.create(email="b@example.com", role="reader", projects=[])
    )
    assert none.projects == []
    emulator.accept_invite(none.id)
    assert await surface.items(lambda c: c.projects.users.list(default)) == []


async def test_invites_expire(
    emulator: Emulator, surface: Surface, later: Callable[[int], None]
) -> None:
    def create(c: Any) -> Any:
        return c.invites.create(email="a@example.com", role="owner", projects=[])

    invite = await surface.call(create)
    later(WEEK - 1)
    assert (await surface.call(lambda c: c.invites.retrieve(invite.id))).status == "pending"
    later(1)
    assert (await surface.call(lambda c: c.invites.retrieve(invite.id))).status == "expired"
    (listed,) = await surface.items(lambda c: c.invites.list())
    assert listed.status == "expired"
    with pytest.raises(EmulatedError, match="expired"):
        emulator.accept_invite(invite.id)
    # The same person can be invited again, and the old invite cleared away.
    again = await surface.call(create)
    await surface.call(lambda c: c.invites.delete(invite.id))
    assert emulator.accept_invite(again.id)["role"] == "owner"


async def test_nobody_is_invited_twice(emulator: Emulator, surface: Surface) -> None:
    add_users(emulator, 1)
    invite = await surface.call(
        lambda c: c.invites.create(email="new@example.com", role="reader", projects=[])
    )
    await each_is(
        surface,
        surface.errors.ConflictError,
        lambda c: c.invites.create(email="User.0@example.com", role="owner"),
        lambda c: c.invites.create(email="NEW@example.com", role="owner"),
    )
    emulator.accept_invite(invite.id)
    with pytest.raises(EmulatedError, match="accepted"):
        emulator.accept_invite(invite.id)
    with pytest.raises(surface.errors.ConflictError):
        await surface.call(lambda c: c.invites.create(email="new@example.com", role="owner"))
    assert len(emulator.store.invites) == 1
    assert len(emulator.store.users) == 3


async def test_what_went_away_is_not_granted(emulator: Emulator, surface: Surface) -> None:
    kept, archived = add_project(emulator, "Kept"), add_project(emulator, "Archived")
    invite = await surface.call(
        lambda c: c.invites.create(
            email="a@example.com",
            role="reader",
            projects=[{"id": archived, "role": "owner"}, {"id": kept, "role": "member"}],
        )
    )
    await surface.call(lambda c: c.projects.archive(archived))
    user = emulator.accept_invite(invite.id)
    assert ids(await surface.items(lambda c: c.projects.users.list(kept))) == [user["id"]]
    assert len(emulator.store.project_users[archived]) == 0


async def test_projects_that_cannot_be_granted(emulator: Emulator, surface: Surface) -> None:
    project_id, archived = add_project(emulator), add_project(emulator, "Old")
    await surface.call(lambda c: c.projects.archive(archived))

    def create(*projects: dict[str, str]) -> Callable[[Any], Any]:
        return lambda c: c.invites.create(
            email="a@example.com", role="reader", projects=list(projects)
        )

    good = {"id": project_id, "role": "member"}
    await each_is(
        surface,
        surface.errors.BadRequestError,
        create(good, {"id": archived, "role": "member"}),
        create(good, {"id": project_id, "role": "owner"}),
    )
    await each_is(
        surface,
        surface.errors.NotFoundError,
        create(good, {"id": "proj_none", "role": "member"}),
        create(good, {"id": "../" + project_id, "role": "member"}),
    )
    assert len(emulator.store.invites) == 0
    assert "invite.sent" not in await told(surface)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "a@example.com"},
        {"email": "a@example.com", "role": "admin"},
        {"email": "", "role": "reader"},
        {"email": "nobody", "role": "reader"},
        {"email": "a@b@c", "role": "reader"},
        {"email": "a@example.com\r\nBcc: b@example.com", "role": "reader"},
        {"email": "a" * 100_000 + "@example.com", "role": "reader"},
        {"email": "a@example.com", "role": "reader", "projects": ["proj_a"]},
        {"email": "a@example.com", "role": "reader", "projects": [{"id": "proj_a"}]},
        {"email": "a@example.com", "role": "reader", "projects": [{"id": 1, "role": "member"}]},
        {"email": "a@example.com", "role": "reader", "projects": [{"id": "p", "role": "boss"}]},
        {"email": "a@example.com", "role": "reader", "surprise": True},
    ],
)
async def test_what_the_api_refuses(emulator: Emulator, body: dict[str, Any]) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(BadRequestError) as caught:
            await client.request("POST", "/organization/invites", body=body)
    assert caught.value.param or caught.value.code
    assert len(emulator.store.invites) == 0
    assert len(emulator.store.audit_logs) == 0


@pytest.mark.parametrize("invite_id", HOSTILE_IDS)
async def test_ids_that_name_nothing(surface: Surface, invite_id: str) -> None:
    await each_is(
        surface,
        surface.errors.NotFoundError,
        lambda c: c.invites.retrieve(invite_id),
        lambda c: c.invites.delete(invite_id),
    )


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    def create(**arguments: Any) -> Callable[[AsyncOpenAIAdmin], Any]:
        given: dict[str, Any] = {"email": "a@example.com", "role": "reader", **arguments}
        return lambda c: c.invites.create(**given)

    await refused_unsent(
        emulator,
        create(email=""),
        create(email="nobody"),
        create(email="a@b@c"),
        create(email="a b@example.com"),
        create(email="a@example.com\r\nBcc: b@example.com"),
        create(email=None),
        create(role="admin"),
        create(role=None),
        create(projects="proj_a"),
        create(projects=["proj_a"]),
        create(projects=[{"id": "proj_a"}]),
        create(projects=[{"id": "", "role": "member"}]),
        create(projects=[{"id": "proj_a", "role": "reader"}]),
        create(projects=[{"id": "proj_a", "role": "member", "until": 1}]),
        lambda c: c.invites.list(limit=0),
        lambda c: c.invites.list(limit=101),
        lambda c: c.invites.retrieve(""),
        lambda c: c.invites.delete(".."),
    )
