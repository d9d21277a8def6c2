"""Everything that a person holds is taken away, in order, once, and recorded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import MissingScope, Status
from openai_admin.errors import InvalidInputError
from openai_admin.events import Event, RequestSent
from openai_admin.workflows.offboarding import OffboardingPlan
from openai_admin.workflows.offboarding.text import plan_lines, result_lines
from tests.workflows.offboarding.leaving import Org, add_person, client_of, made, of


@pytest.fixture
async def org(emulator: Emulator) -> AsyncIterator[Org]:
    async with client_of(emulator) as client:
        yield await made(emulator, client)


def _kinds(plan: OffboardingPlan) -> list[str]:
    return [step.holding.kind for step in plan.steps]


async def test_everything_goes_keys_first_and_the_membership_last(org: Org) -> None:
    plan = await org.client.workflows.plan_offboarding("Lea Roth", transfer_to="max@example.com")
    assert {request.method for request in org.emulator.requests} == {"GET"}
    # Five listings, two for each of two projects, one of a group, roles, and the audit log; and the
    # groups of the project that nobody else owns by the membership.
    assert len(org.emulator.requests) == 5 + 2 * 2 + 1 + 3 + 1 + 1
    assert _kinds(plan) == [
        "admin_key",
        *["project_key"] * 2,
        "invite",
        "owner_role",
        "ownership",
        "project_role",
        *["project_membership"] * 2,
        "group",
        "organization_role",
        "membership",
    ]
    assert (plan.undecided, plan.not_known, plan.stays) == ((), (), ())
    before = of(org.emulator, org.max), len(org.emulator.store.invites)
    result = await org.client.workflows.offboard(plan)
    assert result.is_complete, list(result_lines(result))
    assert [step.outcome for step in result.steps] == ["done"] * len(plan.steps)
    assert (of(org.emulator, org.lea), result.after) == ([], ())
    owner = org.emulator.store.project_users[org.alone].get(org.max)
    assert owner["role"] == "owner"
    # Of others nothing has gone.
    after = [held for held in of(org.emulator, org.max) if held != f"project {org.alone}"]
    assert (after, len(org.emulator.store.invites)) == (before[0], before[1] - 1)


async def test_a_plan_says_what_will_happen(org: Org) -> None:
    plan = await org.client.workflows.plan_offboarding(org.lea)
    text = "\n".join(plan_lines(plan))
    assert text.startswith(f"Offboarding Lea Roth <lea@example.com> ({org.lea}), owner of org-")
    for words in (
        "1. Delete 1 admin key, which stops working at once",
        '- "notebook" (sk-proj-',
        "in Shared, ",
        "Withdraw 1 open invite, by which they could come back",
        "Make them a reader, so that they are not an owner meanwhile",
        "- Alone, as owner",
        "Remove them from the organization",
        "Shared (etl). To replace one: openai-admin rotate service-account etl --project Shared",
        "Lea Roth <lea@example.com> is the only owner of Alone: pass --transfer-to PERSON",
    ):
        assert words in text, words
    with pytest.raises(InvalidInputError, match="is the only owner of Alone"):
        await org.client.workflows.offboard(plan)
    assert {request.method for request in org.emulator.requests} == {"GET"}
    left = await org.client.workflows.plan_offboarding(org.lea, leave_ownerless=True)
    assert not left.undecided
    assert any(note.startswith("Without an owner of its own: Alone") for note in left.notes)


async def test_cut_off_at_any_change_it_goes_on(
    org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = org.emulator.snapshot()
    whole = await org.client.workflows.plan_offboarding(org.lea, transfer_to=org.max)
    begin = len(org.emulator.requests)  # what comes before changes nothing
    for last in range(begin, begin + 100):
        org.emulator.restore(start)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / f"{last}"))
        path = tmp_path / f"{last}.md"
        if await _cut_off(org, path, after=last):
            break
        result = await org.client.workflows.offboard(org.lea, transfer_to=org.max, evidence=path)
        assert result.is_complete, (last, list(result_lines(result)))
        assert of(org.emulator, org.lea) == [], last
        assert result.before == whole.holdings, last
        assert {step.key for step in result.steps} == {step.key for step in whole.steps}, last
        assert path.stat().st_mode & 0o777 == 0o600
    assert last > begin + len(whole.steps)


async def _cut_off(org: Org, path: Path, *, after: int) -> bool:
    """Offboard Lea, but cancel it after so many requests; whether it came to its end before."""
    sent = 0

    def count(event: Event) -> None:
        nonlocal sent
        sent += isinstance(event, RequestSent)
        if sent == after:
            work.cancel()

    async with client_of(org.emulator, on_event=count) as client:
        work = asyncio.create_task(
            client.workflows.offboard(org.lea, transfer_to=org.max, evidence=path)
        )
        await asyncio.wait([work])
    if work.cancelled():
        return False
    assert work.result().is_complete
    return True


async def test_evidence_has_the_whole_and_is_of_one_person(org: Org, tmp_path: Path) -> None:
    path = tmp_path / "lea.md"
    result = await org.client.workflows.offboard(org.lea, leave_ownerless=True, evidence=path)
    text = path.read_text(encoding="utf-8")
    record = json.loads(text.split("```json\n")[1].split("\n```")[0])
    (entry,) = record["entries"]
    assert len(entry["before"]) == len(result.before) == 10
    assert entry["after"] == []
    assert [step["outcome"] for step in entry["steps"]] == ["done"] * 11
    assert [run["acting"]["owner"] for run in entry["runs"]] == ["Olivia Owner"]
    for words in (r"# Offboarding: Lea Roth \<lea@example.com\>", "### After: 0 held"):
        assert words in text
    assert org.emulator.admin_key not in text
    again = await org.client.workflows.offboard(org.lea, evidence=path)
    assert again.is_complete
    assert again.before == result.before
    with pytest.raises(InvalidInputError, match="is evidence of somebody else, Lea Roth"):
        await org.client.workflows.offboard(org.max, evidence=path)
    path.write_text("# Notes\n")
    with pytest.raises(InvalidInputError, match="is not the evidence of an offboarding"):
        await org.client.workflows.offboard(org.max, evidence=path)
    assert path.read_text() == "# Notes\n"
    with pytest.raises(InvalidInputError, match=r"must end in \.md or \.json"):
        await org.client.workflows.offboard(org.max, evidence=tmp_path / "lea.txt")


async def test_a_refusal_costs_itself_and_is_told(org: Org) -> None:
    org.emulator.faults.add(Status(match="projects.api_keys.delete", status=500, only=(1,)))
    org.emulator.faults.add(Status(match="groups.list", status=403))
    org.emulator.faults.add(MissingScope(match="audit_logs.*"))
    result = await org.client.workflows.offboard(org.lea, transfer_to=org.max)
    (left,) = result.left
    assert (left.holding.kind, left.holding.name, left.outcome) == (
        "project_key",
        "laptop",
        "refused",
    )
    assert not result.is_complete
    told = "; ".join(result.not_known)
    assert "groups" in told
    assert "the audit log" in told
    assert not any(held.startswith("user ") for held in of(org.emulator, org.lea))
    # Somebody who is not a member any more is known by what is left.
    org.emulator.faults.clear()
    again = await org.client.workflows.offboard("lea@example.com")
    assert [step.holding.name for step in again.plan.steps] == ["laptop"]
    assert {step.key for step in again.steps} == {step.key for step in result.steps}
    assert again.is_complete
    assert of(org.emulator, org.lea) == []


async def test_what_is_gone_or_whose_answer_is_lost_counts_as_done(org: Org) -> None:
    plan = await org.client.workflows.plan_offboarding(org.lea, transfer_to=org.max)
    await org.client.projects.users.delete(org.shared, org.lea)
    org.emulator.faults.add(Status(match="*.delete", status=502, body="<html>", after_effect=True))
    result = await org.client.workflows.offboard(plan)
    assert result.is_complete, list(result_lines(result))
    outcomes = {step.key[::2]: step.outcome for step in result.steps}
    assert outcomes["project_membership", org.shared] in ("already gone", "done")
    assert of(org.emulator, org.lea) == []


async def test_a_project_that_gets_no_owner_keeps_the_person(org: Org) -> None:
    org.emulator.faults.add(Status(match="projects.users.create", status=500))
    result = await org.client.workflows.offboard(org.lea, transfer_to=org.max)
    assert [(step.holding.kind, step.outcome) for step in result.left] == [
        ("ownership", "refused"),
        ("project_membership", "held back"),
        ("membership", "held back"),
    ]
    assert [h.kind for h in result.after or ()] == ["project_membership", "membership"]


async def test_nobody_is_locked_out(org: Org) -> None:
    olivia = org.emulator.store.first_owner()["id"]
    with pytest.raises(InvalidInputError, match=r"is Olivia Owner .*'s own: pass --myself"):
        await org.client.workflows.offboard(olivia, leave_ownerless=True)
    lea = await org.client.workflows.plan_offboarding(org.lea, leave_ownerless=True)
    await org.client.workflows.offboard(lea)
    with pytest.raises(InvalidInputError, match="is the last owner of the organization"):
        await org.client.workflows.offboard(olivia, leave_ownerless=True, myself=True)
    with pytest.raises(InvalidInputError, match="can take nothing over"):
        await org.client.workflows.offboard(org.max, transfer_to=org.max)
    org.emulator.faults.add(Status(match="users.list", status=500))
    unknown = await org.client.workflows.plan_offboarding("max@example.com")
    assert not unknown.undecided
    assert any("people" in text for text in unknown.not_known)


async def test_one_may_offboard_oneself(org: Org, tmp_path: Path) -> None:
    olivia = org.emulator.store.first_owner()["id"]
    result = await org.client.workflows.offboard(
        olivia, transfer_to=org.lea, myself=True, evidence=tmp_path / "me.json"
    )
    assert result.is_complete, list(result_lines(result))
    assert [step.holding.kind for step in result.steps][-2:] == ["membership", "admin_key"]
    assert "owner_role" not in [step.holding.kind for step in result.steps]
    assert not any(str(olivia) in user["id"] for user in org.emulator.store.users)
    assert org.emulator.admin_key not in str(result)


async def test_a_key_in_use_that_is_not_recognized_goes_last_and_leaves_doubt(org: Org) -> None:
    store = org.emulator.store
    olivia = store.first_owner()
    store.issue_admin_key("second", olivia)
    for key in list(store.admin_api_keys):
        store.admin_api_keys.update(key["id"], {"redacted_value": "sk-admin-****zzzz"})
    with pytest.raises(InvalidInputError, match="is not known: pass --myself if it may be"):
        await org.client.workflows.offboard(olivia["id"], transfer_to=org.lea)
    result = await org.client.workflows.offboard(olivia["id"], transfer_to=org.lea, myself=True)
    outcomes = [(step.holding.kind, step.outcome) for step in result.steps[-3:]]
    assert outcomes == [("membership", "done"), ("admin_key", "done"), ("admin_key", "not known")]
    assert not result.is_complete


async def test_what_an_identity_provider_manages_is_left_to_it(org: Org) -> None:
    store = org.emulator.store
    store.users.update(org.lea, {"is_scim_managed": True})
    store.groups.update(next(iter(store.groups))["id"], {"is_scim_managed": True})
    result = await org.client.workflows.offboard(org.lea, transfer_to=org.max)
    assert not result.left, list(result_lines(result))
    assert [held.kind for held in result.access_kept] == ["group", "membership"]
    assert not result.is_complete
    assert store.users.get(org.lea)["role"] == "owner"
    assert not [held for held in of(org.emulator, org.lea) if "key" in held or "invite" in held]


async def test_names_are_told_apart(org: Org) -> None:
    client, workflows = org.client, org.client.workflows
    add_person(org.emulator, "Max Muster", email="other@example.com")
    with pytest.raises(InvalidInputError, match=r"names 2: .*max@example.com.*other@example"):
        await workflows.plan_offboarding("max muster")
    with pytest.raises(InvalidInputError, match=r"did you mean 'max@example\.com'"):
        await workflows.plan_offboarding("maxx@example.com")
    with pytest.raises(InvalidInputError, match="'etl' is a service account and not a person"):
        await workflows.plan_offboarding("etl")
    add_person(org.emulator, "etl")
    with pytest.raises(InvalidInputError, match=r"'etl' names 2: user-.*service account in Shared"):
        await workflows.plan_offboarding("etl")
    invited = await workflows.offboard("NEW@example.com")
    assert [step.holding.kind for step in invited.steps] == ["invite"]
    gone = add_person(org.emulator, "Gone Soon")
    await client.users.delete(gone)
    nothing = await workflows.offboard(gone)
    assert (nothing.steps, nothing.is_complete) == ((), True)
    with pytest.raises(InvalidInputError, match="No member, key or invite is known"):
        await workflows.plan_offboarding("user-unknown")
