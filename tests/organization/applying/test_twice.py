"""Nothing is made twice: not by another run while the API may not show it, nor beside others."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import attrs
import pytest
from aiohttp import web

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator.faults import (
    Drop,
    Exchange,
    Fault,
    MissingScope,
    NotYetVisible,
    UnseenAtFirst,
)
from openai_admin.errors import InvalidInputError
from openai_admin.organization.applying.creations import JOURNALS
from openai_admin.organization.planning.model import Plan
from tests.organization.applying.plans import Org, of, outcomes, plan, reasons, step

_LIMIT = {
    "project_id": of("project"),
    "threshold_amount": 100,
    "currency": "USD",
    "interval": "month",
}
FILE = """\
version: 1
projects:
  Nova:
    service_accounts: {ci: {role: member}}
"""


def _made(org: Org) -> Plan:
    """A plan that makes one thing of each kind that the API lets exist twice."""
    alert = {"currency": "USD", "interval": "month", "notification_channel": _channel()}
    account = {"name": "ci", "create_service_account_only": True}
    return plan(
        step("project", "projects.create", {"name": "Nova"}),
        step("group", "groups.create", {"name": "Staff"}),
        step("account", "projects.service_accounts.create", {"project_id": org.project, **account}),
        step(
            "alert",
            "projects.spend_alerts.create",
            {"project_id": org.project, "threshold_amount": 5000, **alert},
        ),
        made_at=_now(org),
    )


def _channel() -> dict[str, object]:
    return {"type": "email", "recipients": ["a@example.com"]}


def _now(org: Org) -> datetime:
    return datetime.fromtimestamp(org.emulator.store.now(), UTC)


def _pass(org: Org, monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """Let the server's clock go on."""
    now = org.emulator.store.now
    monkeypatch.setattr(org.emulator.store, "now", lambda: now() + seconds)


def _counts(org: Org) -> list[int]:
    store = org.emulator.store
    return [
        sum(each["name"] == "Nova" for each in store.projects),
        len(store.groups),
    ]


@pytest.mark.parametrize("kept", ["in memory", "in a journal"])
async def test_what_was_lost_and_is_not_shown_is_not_made_again(
    org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    journal = tmp_path / "journal.jsonl" if kept == "in a journal" else None
    faults = org.emulator.faults
    made = _made(org)
    for each in made.steps:
        faults.add(Drop(match=each.operation, after_effect=True))
    faults.add(UnseenAtFirst(match="*", looks=99))
    first = await org.apply(made, journal=journal)
    assert set(outcomes(first).values()) == {"not known"}, outcomes(first)
    assert first.until is not None
    assert f"it may appear until {first.until:%Y-%m-%d %H:%M} UTC" in reasons(first)["project"]
    sent = org.sent()
    base = org.emulator.base_url
    async with AsyncOpenAIAdmin(org.emulator.admin_key, base_url=base, max_retries=0) as other:
        client = other if journal else org.client
        again = await org.apply(_made(org), client, journal=journal)
        assert set(outcomes(again).values()) == {"not tried"}
        assert "an earlier run may have made it" in reasons(again)["group"]
        assert again.until == first.until
        assert org.sent() == sent
        # Once it is shown, it is there.
        faults.clear()
        found = await org.apply(_made(org), client, journal=journal)
        assert set(outcomes(found).values()) == {"already so"}, reasons(found)
    assert _counts(org) == [1, 1]
    if journal is not None:
        assert stat.S_IMODE(journal.stat().st_mode) == 0o600


async def test_what_does_not_appear_is_made_after_a_while(
    org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = tmp_path / "journal.jsonl"
    group = step("group", "groups.create", {"name": "Staff"})
    org.emulator.faults.add(Drop(match="groups.create", only=(1,)))
    first = await org.apply(plan(group, made_at=_now(org)), journal=journal)
    assert outcomes(first) == {"group": "not known"}
    _pass(org, monkeypatch, 400)
    again = await org.apply(plan(group, made_at=_now(org)), journal=journal)
    assert outcomes(again) == {"group": "done"}
    assert len(org.emulator.store.groups) == 1
    # What is of no interest any more does not stay.
    lines = [json.loads(line)["what"] for line in journal.read_text().splitlines()]
    assert lines == ["begun", "made"]


async def test_what_was_just_made_and_is_not_listed_yet_is_not_made_again(org: Org) -> None:
    group = step("group", "groups.create", {"name": "Staff"})
    org.emulator.faults.add(NotYetVisible(match="groups.*", seconds=60))
    assert (await org.apply(plan(group))).is_complete
    again = await org.apply(plan(group))
    assert outcomes(again) == {"group": "not tried"}
    assert "an earlier run made it as group" in reasons(again)["group"]
    assert len(org.emulator.store.groups) == 1
    # What was taken away may be made again.
    org.emulator.faults.clear()
    id = next(iter(org.emulator.store.groups))["id"]
    assert (await org.apply(plan(step("gone", "groups.delete", {"group_id": id})))).is_complete
    assert outcomes(await org.apply(plan(group))) == {"group": "done"}


async def test_an_invite_that_was_just_sent_can_be_changed(org: Org, tmp_path: Path) -> None:
    path = tmp_path / "org.yaml"
    for role in ("reader", "owner"):
        path.write_text(f"version: 1\npeople:\n  zed@example.com: {role}\n")
        applied = await org.client.organization.apply(path)
        assert applied.is_complete, reasons(applied)
    invites = [invite for invite in org.emulator.store.invites if invite["status"] == "pending"]
    assert [(invite["email"], invite["role"]) for invite in invites] == [
        ("zed@example.com", "owner")
    ]


async def test_what_somebody_made_since_the_plan_is_taken_for_it(org: Org) -> None:
    made = _made(org)
    old = attrs.evolve(made, made_at=_now(org) - timedelta(seconds=60))
    nova = await org.client.projects.create(name="Nova")
    await org.client.projects.spend_alerts.create(
        org.project,
        threshold_amount=5000,
        currency="USD",
        interval="month",
        notification_channel={"type": "email", "recipients": ["b@example.com"]},
    )
    applied = await org.apply(old)
    assert outcomes(applied) == {
        "project": "already so",
        "group": "done",
        "account": "done",
        "alert": "done",  # an alert for somebody else is another one
    }
    assert applied.steps[0].id == nova.id
    assert _counts(org) == [1, 1]


@attrs.frozen(kw_only=True)
class MadeBesides(Fault):
    """Somebody else makes the same at the same time."""

    make: Callable[[], Awaitable[object]]

    async def apply(self, exchange: Exchange) -> web.Response:
        answer = await exchange.run()
        await self.make()
        return answer


@attrs.frozen(kw_only=True)
class Taken(Fault):
    """Somebody else was first, and the API says that there is one already."""

    make: Callable[[], Awaitable[object]]

    async def apply(self, exchange: Exchange) -> web.Response:
        await self.make()
        error = {"message": "It exists already.", "type": "invalid_request_error", "code": None}
        return web.json_response({"error": error}, status=409)


async def test_what_the_api_says_is_taken_is_looked_for(org: Org) -> None:
    made = plan(
        step("project", "projects.create", {"name": "Nova"}),
        step("limit", "projects.spend_limit.update", _LIMIT, needs=["project"]),
        step("group", "groups.create", {"name": "Staff"}),
        made_at=_now(org),
    )

    async def nothing() -> None:
        pass

    async with AsyncOpenAIAdmin(org.emulator.admin_key, base_url=org.emulator.base_url) as other:
        make = partial(other.projects.create, name="Nova")
        org.emulator.faults.add(Taken(match="projects.create", only=(1,), make=make))
        org.emulator.faults.add(Taken(match="groups.create", make=nothing))
        applied = await org.apply(made)
    assert outcomes(applied) == {"project": "already so", "limit": "done", "group": "failed"}
    (nova,) = [each["id"] for each in org.emulator.store.projects if each["name"] == "Nova"]
    assert applied.steps[0].id == nova
    refused = "the API answered 409, “It exists already”"
    assert reasons(applied) == {"project": "it is there by now", "group": refused}
    # Where that cannot be looked up, it has failed.
    org.emulator.faults.add(MissingScope(match="groups.list"))
    (group,) = (await org.apply(plan(made.steps[2], made_at=_now(org)))).steps
    assert group.outcome == "failed"
    assert (group.reason or "").startswith(f"{refused}; looking it up: the key lacks")


async def test_one_made_at_the_same_time_is_told(org: Org, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    made = plan(
        step("group", "groups.create", {"name": "Staff"}),
        step("project", "projects.create", {"name": "Nova"}),
        made_at=_now(org),
    )
    async with AsyncOpenAIAdmin(org.emulator.admin_key, base_url=org.emulator.base_url) as other:
        make = partial(other.projects.create, name="Nova")
        org.emulator.faults.add(MadeBesides(match="projects.create", times=1, make=make))
        applied = await org.apply(made, log=log)
    assert outcomes(applied) == {"group": "done", "project": "not known"}
    outcomes_told = [json.loads(line)["outcome"] for line in log.read_text().splitlines()]
    assert outcomes_told == ["done", "done", "not known"]
    assert "somebody else has made proj" in reasons(applied)["project"]
    assert not applied.is_complete


async def test_two_runs_on_one_client_take_turns(org: Org, tmp_path: Path) -> None:
    path = tmp_path / "org.yaml"
    path.write_text(FILE)
    organization = org.client.organization
    both = await asyncio.gather(organization.apply(path), organization.apply(path))
    assert sorted(len(each.steps) for each in both) == [0, 3]
    assert _counts(org) == [1, 0]


async def test_two_processes_do_not_share_a_journal(org: Org, tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    made = plan(step("group", "groups.create", {"name": "Staff"}))
    with (
        JOURNALS.opened(journal),
        pytest.raises(InvalidInputError, match="Another process is applying with the journal"),
    ):
        await org.apply(made, journal=journal)
    journal.write_text('{"what": "begun", "thing": 5}\n')
    with pytest.raises(InvalidInputError, match="are not those of"):
        await org.apply(made, journal=journal)
    assert org.sent() == []
