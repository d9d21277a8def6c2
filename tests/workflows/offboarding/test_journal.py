"""The journal of an offboarding: cut off, repeated with evidence or without, finished, busy."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest

from openai_admin.emulator import Emulator
from openai_admin.errors import InvalidInputError, OffboardingError
from openai_admin.events import Event, RequestSent
from openai_admin.workflows.offboarding import OffboardingPlan
from openai_admin.workflows.offboarding.journal import JOURNALS
from openai_admin.workflows.offboarding.model import ActingKey, Holding, Person, Step
from openai_admin.workflows.offboarding.record import Entry, Run, merged
from openai_admin.workflows.offboarding.text import plan_lines, result_lines
from tests.workflows.offboarding.leaving import Org, add_person, client_of, made, of


@pytest.fixture
async def org(emulator: Emulator) -> AsyncIterator[Org]:
    async with client_of(emulator) as client:
        yield await made(emulator, client)


async def _cut_off(org: Org, who: str | OffboardingPlan, evidence: Path | None = None) -> None:
    """Offboard somebody, and cancel it at the request that comes after the membership's end."""
    is_next = False

    def watch(event: Event) -> None:
        nonlocal is_next
        if isinstance(event, RequestSent):
            if is_next:
                work.cancel()
            is_next = is_next or event.operation == "users.delete"

    async with client_of(org.emulator, on_event=watch) as client:
        work = asyncio.create_task(
            client.workflows.offboard(
                who,
                transfer_to=org.max if isinstance(who, str) else None,
                evidence=evidence,
            )
        )
        await asyncio.wait([work])
    assert work.cancelled()


@pytest.mark.parametrize(
    ("first", "second"), [(None, None), (None, "a.md"), ("a.json", None), ("a.md", "b.json")]
)
async def test_cut_off_after_the_last_step_it_ends_with_evidence_or_without(
    org: Org, first: str | None, second: str | None, tmp_path: Path
) -> None:
    whole = await org.client.workflows.plan_offboarding(org.lea, transfer_to=org.max)
    before = tmp_path / first if first else None
    await _cut_off(org, "lea@example.com", before)
    assert of(org.emulator, org.lea) == []

    path = tmp_path / second if second else None
    result = await org.client.workflows.offboard("lea@example.com", evidence=path)
    assert result.is_complete
    assert result.plan.steps == ()
    assert (result.before, {s.key for s in result.steps}) == (
        whole.holdings,
        {s.key for s in whole.steps},
    )
    if path is not None:
        text = path.read_text().split("```json\n")[-1].split("\n```")[0]
        (entry,) = json.loads(text)["entries"]
        assert len(entry["before"]) == len(whole.holdings)
        assert {step["outcome"] for step in entry["steps"]} <= {"done", "already gone"}
        assert len(entry["runs"]) == 2


async def test_a_plan_that_was_cut_off_is_carried_out_to_its_end(org: Org) -> None:
    plan = await org.client.workflows.plan_offboarding(org.lea, transfer_to=org.max)
    await _cut_off(org, plan)
    for _ in range(2):
        result = await org.client.workflows.offboard(plan)
        assert result.is_complete
        keys = [step.key for step in result.steps]
        assert sorted(keys, key=str) == sorted((step.key for step in plan.steps), key=str)


async def test_a_journal_is_its_owners_alone_and_has_no_secret(org: Org) -> None:
    await org.client.workflows.offboard(org.lea, transfer_to=org.max)
    (path,) = JOURNALS.paths()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert org.emulator.admin_key not in path.read_text()
    assert "emulated-" not in path.read_text()  # which every secret of the emulator has


async def test_a_finished_one_says_so_once_a_fresh_look_confirms_it(org: Org) -> None:
    offboard = org.client.workflows.offboard
    first = await offboard(org.lea, transfer_to=org.max)
    (path,) = JOURNALS.paths()
    lines = path.read_text()
    again = await offboard("Lea Roth")
    assert again.plan.finished_at == first.ended_at
    assert (again.is_complete, again.before) == (True, first.before)
    when = f"{first.ended_at:%Y-%m-%d %H:%M} UTC"
    told = f"already offboarded on {when}, in 12 steps"
    lines_told = list(result_lines(again))
    assert f"Lea Roth <lea@example.com>: {told}; nothing is left to do." in lines_told
    assert f"A{told[1:]}." in list(plan_lines(again.plan))
    assert path.read_text() == lines
    # A key that has come since begins another one.
    org.emulator.add_project_key(org.shared, owner_id=org.max, name="late")
    keys = org.emulator.store.project_api_keys[org.shared]
    late = next(key for key in keys if key["name"] == "late")
    user = {**late["owner"]["user"], "id": org.lea, "email": "lea@example.com"}
    keys.update(late["id"], {"owner": {**late["owner"], "user": user}})
    more = await offboard("lea@example.com")
    assert more.plan.finished_at is None
    assert more.plan.notes[0].startswith(f"They were offboarded already, on {when}: ")
    assert [held.name for held in more.before] == ["late"]
    assert [step.outcome for step in more.steps] == ["done"]
    assert (await offboard(org.lea)).steps == more.steps


async def test_evidence_says_that_it_is_finished_where_there_is_no_journal(
    org: Org, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    first = await org.client.workflows.offboard(org.lea, transfer_to=org.max, evidence=path)
    shutil.rmtree(JOURNALS.folder())
    again = await org.client.workflows.offboard("lea@example.com", evidence=path)
    assert again.plan.finished_at == first.ended_at
    assert next(result_lines(again)).startswith("Lea Roth <lea@example.com>: already offboarded on")
    # An invite that has come since is of the one whom the record knows by name.
    await org.client.invites.create(email="lea@example.com", role="reader", projects=[])
    more = await org.client.workflows.offboard("lea@example.com", evidence=path)
    assert (more.person.name, more.is_complete) == ("Lea Roth", True)
    assert "They were offboarded already" in more.plan.notes[0]


@pytest.mark.parametrize("is_cut_off", [False, True])
@pytest.mark.parametrize("name", [None, "a.json"])
async def test_who_has_the_address_by_now_is_not_taken_for_who_had_it(
    org: Org, name: str | None, *, is_cut_off: bool, tmp_path: Path
) -> None:
    path = tmp_path / name if name else None
    offboard = org.client.workflows.offboard
    if is_cut_off:
        await _cut_off(org, "lea@example.com", path)
    else:
        await offboard("lea@example.com", transfer_to=org.max, evidence=path)
    if path is not None:  # which guards as much as the journal
        shutil.rmtree(JOURNALS.folder())
    hired = add_person(org.emulator, "Lea Roth", "owner")
    # A key of the earlier membership, which the API lists as the address's.
    org.emulator.add_project_key(org.shared, owner_id=org.max, name="late")
    keys = org.emulator.store.project_api_keys[org.shared]
    late = next(key for key in keys if key["name"] == "late")
    user = {**late["owner"]["user"], "id": org.lea, "email": "lea@example.com"}
    keys.update(late["id"], {"owner": {**late["owner"], "user": user}})

    org.emulator.requests.clear()
    when = "not finished" if is_cut_off else r"finished on .* UTC"
    for who in ("LEA@example.com", "Lea Roth"):
        with pytest.raises(InvalidInputError) as raised:
            await offboard(who, evidence=path)
        assert re.search(f"{hired}.* now, .*{when}, was of .*{org.lea}.*pass", str(raised.value))
    assert {request.method for request in org.emulator.requests} == {"GET"}
    assert (await offboard(org.lea, evidence=path)).is_complete
    assert f"user {hired}" in of(org.emulator, hired)
    if path is not None:
        with pytest.raises(InvalidInputError, match=rf"somebody else, .*\({org.lea}\)"):
            await offboard(hired, evidence=path)
    assert (await offboard(hired)).is_complete
    assert of(org.emulator, hired) == []


async def test_journals_of_others_are_kept_apart(org: Org) -> None:
    offboard = org.client.workflows.offboard
    await offboard(org.lea, transfer_to=org.max)
    (path,) = JOURNALS.paths()
    text = path.read_text()
    organization = json.loads(text.splitlines()[0])["organization"]
    for known, other in (
        (organization, "org-other"),
        (org.emulator.base_url, "https://elsewhere.example.com/v1"),
    ):
        path.write_text(text.replace(json.dumps(known), json.dumps(other)))
        with pytest.raises(InvalidInputError, match="No member, key or invite is known"):
            await offboard("lea@example.com")
    path.write_text("not a journal\n")
    with pytest.raises(InvalidInputError, match=r"No member, .*is not a line of an offboarding's"):
        await offboard("lea@example.com")
    unrelated = await offboard("new@example.com")
    assert unrelated.is_complete
    assert "may be of an earlier run for them" in unrelated.plan.notes[-1]
    path.write_text("")
    lost = await org.client.workflows.plan_offboarding(org.lea)
    (told,) = lost.not_known  # its own
    assert f"{path} has no whole line" in told


async def test_two_at_once_do_not_offboard_one_person(org: Org) -> None:
    await _cut_off(org, org.lea)
    (path,) = JOURNALS.paths()
    org.emulator.requests.clear()
    with (
        JOURNALS.opened(path),
        pytest.raises(OffboardingError, match="Another process is offboarding with the journal"),
    ):
        await org.client.workflows.offboard("lea@example.com")
    assert {request.method for request in org.emulator.requests} == {"GET"}


def test_two_records_of_one_offboarding_go_together() -> None:
    begun = datetime(2026, 11, 1, tzinfo=UTC)
    acting = ActingKey(shown="sk-admin-…abcd")
    one, two, three = (Step(holding=Holding(kind="group", id=id)) for id in ("1", "2", "3"))
    done = [attrs.evolve(step, outcome="done", at=begun) for step in (one, two)]
    early = Entry(
        person=Person(id="user-1"),
        transfer_to=Person(id="user-2"),
        before=(one.holding, two.holding),
        steps=(done[0], two),
        runs=(Run(begun_at=begun, acting=acting),),
        notes=("a",),
    )
    late = Entry(
        person=Person(id="user-1"),
        before=(two.holding,),
        steps=(attrs.evolve(one, outcome="refused"), done[1], three),
        runs=(Run(begun_at=begun + timedelta(hours=1), acting=acting, ended_at=begun),),
        after=(),
        notes=("b",),
        leave_ownerless=True,
    )
    found = merged(early, late)
    assert found == merged(late, early)
    assert found is not None
    assert found.before == early.before
    assert found.steps == (*done, three)
    assert found.runs == (*early.runs, *late.runs)
    assert (found.notes, found.after, found.leave_ownerless) == (("a", "b"), (), True)
    assert found.transfer_to == early.transfer_to
    assert merged(None, late) is late
