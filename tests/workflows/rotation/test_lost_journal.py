"""A rotation whose journal is not there goes on by the names of the keys, or asks."""

from __future__ import annotations

import re
from typing import Any

import attrs
import pytest

from openai_admin import InvalidInputError, RotationError
from openai_admin.emulator.faults import Drop, NotYetVisible
from openai_admin.workflows.rotation.accounts import ServiceAccount
from openai_admin.workflows.rotation.keys import Listed
from openai_admin.workflows.rotation.model import Wishes
from openai_admin.workflows.rotation.several import All, admin_keys
from tests.workflows.rotation.conftest import Organization
from tests.workflows.rotation.places import Place

_CREATE = "projects.service_accounts.api_keys.create"


async def _ids(organization: Organization) -> set[str]:
    return {key.id for key in await organization.keys()}


async def test_each_run_with_another_journal(organization: Organization) -> None:
    place = Place(organization.secret)
    first = await organization.rotate(place, overlap=60)
    states = []
    for number in range(3):
        organization.clock.now += 25
        again = await organization.rotate(
            place, overlap=60, journal=organization.folder / f"other{number}"
        )
        states.append(again.state)
        assert (again.id, again.new_key) == (first.id, first.new_key)
        assert "journal was not there" in again.notes[0]

    assert states == ["overlap", "overlap", "finished"]
    assert await _ids(organization) == {first.new_key}
    assert organization.accepts(place.secret)
    # The first journal comes to its end as well.
    assert (await organization.rotate(place, overlap=60)).id == first.id
    assert (await organization.rotate(place, finish=True, again=True)).id != first.id


async def test_several_rotations_in_a_row(organization: Organization) -> None:
    place = Place(organization.secret)
    for number in range(3):
        begun = await organization.rotate(place, journal=organization.folder / f"a{number}")
        ended = await organization.rotate(
            place, finish=True, journal=organization.folder / f"b{number}"
        )
        assert (ended.state, ended.id) == ("finished", begun.id)
        assert await _ids(organization) == {ended.new_key}


async def test_a_new_key_that_the_place_does_not_hold_is_asked_about(
    organization: Organization,
) -> None:
    place = Place(organization.secret)
    first = await organization.rotate(place)
    place.secret = organization.secret  # as if cut off before it was put there
    other: dict[str, Any] = {"journal": organization.folder / "other", "finish": True}

    with pytest.raises(InvalidInputError, match=rf"{first.new_key}.*{organization.key}.*--key"):
        await organization.rotate(place, **other)
    assert len(await organization.keys()) == 2

    decided = await organization.rotate(place, key=organization.key, **other)
    assert decided.is_finished
    assert await _ids(organization) == {first.new_key, decided.new_key}
    assert first.new_key in decided.notes[-1]


async def test_a_place_that_cannot_be_read_is_asked_about(organization: Organization) -> None:
    secret = organization.emulator.add_key(name="ci")
    place = Place(secret, readable=False)
    rotate = organization.client.workflows.rotate_admin_key
    first = await rotate("ci", to=place, journal=organization.journal)
    with pytest.raises(InvalidInputError, match=rf"{first.new_key}.*delete whichever"):
        await rotate("ci", to=place, journal=organization.folder / "other")
    assert (await rotate("ci", to=place, finish=True, journal=organization.journal)).is_finished


async def test_a_lost_journal_of_a_place_that_cannot_be_read_ends_with_one_key_as_told(
    organization: Organization,
) -> None:
    place = Place(organization.secret, readable=False)
    first = await organization.rotate(place)
    other: dict[str, Any] = {"journal": organization.folder / "other", "finish": True}
    with pytest.raises(InvalidInputError) as raised:
        await organization.rotate(place, **other)
    told = rf"{first.new_key}.* was made to replace {organization.key}.*delete whichever"
    assert re.search(told, str(raised.value))
    await organization.client.projects.api_keys.delete(organization.project, organization.key)
    ended = await organization.rotate(place, **other)
    assert (ended.state, ended.old_key) == ("finished", first.new_key)
    assert await _ids(organization) == {ended.new_key}


async def test_an_admin_key_by_any_of_its_names(organization: Organization) -> None:
    secret = organization.emulator.add_key(name="ci")
    place = Place(secret)
    rotate = organization.client.workflows.rotate_admin_key
    tail = secret[-4:]
    first = await rotate(tail, to=place, journal=organization.journal)
    for named in (tail, secret, "ci", first.old_key or "", first.new_key or ""):
        for journal in (organization.journal, organization.folder / "other"):
            again = await rotate(named, to=place, journal=journal)
            assert (again.state, again.id) == ("overlap", first.id)
    with pytest.raises(InvalidInputError, match="another key"):
        await rotate("Emulator", to=place, journal=organization.folder / "third")
    with pytest.raises(InvalidInputError, match="another key"):
        await rotate("Emulator", to=place, journal=organization.journal)
    await rotate(tail, to=place, finish=True, journal=organization.journal)
    assert "already" in (await rotate(tail, to=place, journal=organization.journal)).notes[0]
    # A weekly job names it as it was called at first.
    second = await rotate("ci", to=place, again=True, journal=organization.journal)
    assert second.old_key == first.new_key
    assert (await rotate("ci", to=place, journal=organization.journal)).id == second.id


async def test_all_admin_keys_leave_out_what_a_rotation_made(organization: Organization) -> None:
    await organization.client.admin_api_keys.create(name="ci")
    folder = organization.folder
    every = All(template=f"file:{folder}/{{key}}.env", wishes=Wishes(journals=folder / "1"))
    caller = organization.client._caller
    first = await admin_keys(caller, every)
    again = await admin_keys(
        caller, All(template=every.template, wishes=Wishes(journals=folder / "2", older_than=1e6))
    )
    assert [each.error for each in (*first, *again)] == [None] * 4
    assert [each.rotation and each.rotation.id for each in again] == [
        each.rotation and each.rotation.id for each in first
    ]


async def test_other_keys_that_stay_are_named(organization: Organization) -> None:
    keys = organization.client.projects.service_accounts.api_keys
    other = await keys.create(organization.project, organization.account, name="second")
    result = await organization.rotate(Place(organization.secret), finish=True)
    assert f"another key of the service account nightly: {other.id}" in result.notes[-1]


async def test_a_journal_that_cannot_be_kept_is_one_sentence(organization: Organization) -> None:
    place = Place(organization.secret)
    (organization.folder / "file").write_text("")
    for path in (organization.folder, organization.folder / "file" / "journal"):
        for plan in (True, False):
            with pytest.raises(RotationError, match=r"^The journal .* --journal\.$"):
                await organization.rotate(place, journal=path, plan=plan)
    assert len(await organization.keys()) == 1


@pytest.mark.parametrize("readable", [True, False])
async def test_a_key_that_is_listed_late_is_deleted_later(
    readable: bool, organization: Organization
) -> None:
    emulator, place = organization.emulator, Place(organization.secret, readable=readable)
    lost = emulator.faults.add(Drop(match=_CREATE, after_effect=True, times=1))
    late = emulator.faults.add(NotYetVisible(seconds=200, as_key=False))
    first = await organization.rotate(place, finish=True)
    assert (first.state, first.is_finished) == ("unsettled", False)
    assert "was made is not known" in (first.not_known or "")
    assert not organization.accepts(organization.secret)
    again = await organization.rotate(place, finish=True)
    assert (again.state, again.not_known, again.due) == ("unsettled", first.not_known, first.due)
    planned = await organization.rotate(place, finish=True, plan=True)
    (doubtful,) = planned.left
    assert doubtful.endswith("once the API lists it.")
    for fault in (late, lost):
        emulator.faults.remove(fault)
    (orphan,) = await _ids(organization) - {first.new_key}

    repeated = await organization.rotate(place, finish=True)
    assert (repeated.state, repeated.not_known) == ("finished", None)
    assert f"Deleted {orphan}, which was left over." in repeated.done
    assert await _ids(organization) == {first.new_key}
    assert (await organization.rotate(place, finish=True)).done == ()


async def test_a_creation_that_is_never_listed_is_settled_in_time(
    organization: Organization,
) -> None:
    emulator, place = organization.emulator, Place(organization.secret)
    emulator.faults.add(Drop(match=_CREATE, times=1))
    late = emulator.faults.add(NotYetVisible(seconds=1000, as_key=False, by_id=False))
    first = await organization.rotate(place, finish=True)
    assert first.state == "unsettled"
    assert first.due is not None
    organization.clock.now = first.due.timestamp()
    repeated = await organization.rotate(place, finish=True)
    assert (repeated.state, repeated.not_known) == ("finished", None)
    assert "counts as never made" in " ".join(repeated.notes)
    emulator.faults.remove(late)
    assert await _ids(organization) == {first.new_key}


async def test_a_key_that_appears_after_it_counted_as_never_made_is_no_success(
    organization: Organization,
) -> None:
    emulator, place = organization.emulator, Place(organization.secret)
    lost = emulator.faults.add(Drop(match=_CREATE, after_effect=True, times=1))
    late = emulator.faults.add(NotYetVisible(seconds=1000, as_key=False, by_id=False))
    first = await organization.rotate(place, finish=True)
    assert first.due is not None
    organization.clock.now = first.due.timestamp()
    settled = await organization.rotate(place, finish=True)
    assert (settled.state, settled.not_known) == ("finished", None)
    for fault in (late, lost):
        emulator.faults.remove(fault)
    (orphan,) = await _ids(organization) - {first.new_key}

    for wishes in (
        {"finish": True},
        {"finish": True, "key": organization.key},
        {"older_than": 3600},
    ):
        repeated = await organization.rotate(place, **wishes)
        assert f"and still works: {orphan}" in (repeated.not_known or "")
        (left,) = repeated.left
        assert left.startswith(f"Delete {orphan}")
    again = await organization.rotate(place, again=True, finish=True)
    assert f"Deleted {orphan}, which was left over." in again.done
    assert await _ids(organization) == {again.new_key}


@pytest.mark.parametrize("is_named", [True, False])
async def test_giving_up_ends_once_nothing_is_in_doubt(
    is_named: bool, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = ServiceAccount.listed

    async def nameless(self: ServiceAccount) -> Listed:
        found = await listed(self)
        return Listed(keys=tuple(attrs.evolve(key, name=None) for key in found.keys))

    emulator, place = organization.emulator, Place(organization.secret)
    if is_named:
        emulator.faults.add(Drop(match=_CREATE, after_effect=True, times=1))
    else:
        monkeypatch.setattr(ServiceAccount, "listed", nameless)
    late = emulator.faults.add(NotYetVisible(seconds=1000, as_key=False))
    await organization.rotate(place)
    place.secret = organization.secret
    first = await organization.rotate(place, abandon=True)
    assert first.state == "unsettled"
    assert "is deleted is not known" in (first.not_known or "")
    emulator.faults.remove(late)
    given_up = await organization.rotate(place, abandon=True)
    assert (given_up.state, given_up.not_known) == ("abandoned", None)
    assert await _ids(organization) == {organization.key}


async def test_a_place_changed_between_two_runs_is_begun_with_anew(
    organization: Organization,
) -> None:
    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    place = Place(organization.secret, event=die)
    with pytest.raises(Killed):
        await organization.rotate(place, finish=True)
    place._event = lambda: None
    with organization.journal.open("r+b") as file:  # cut off before it was put there
        lines = file.readlines()[:-1]
        file.seek(0)
        file.truncate()
        file.writelines(lines)
    keys = organization.client.projects.service_accounts.api_keys
    other = await keys.create(organization.project, organization.account, name="other")
    place.secret = other.value

    with pytest.raises(RotationError, match=r"changed by somebody else.*begin with what"):
        await organization.rotate(place, finish=True)
    result = await organization.rotate(place, finish=True)
    assert result.old_key == other.id
    assert await _ids(organization) == {organization.key, result.new_key}


async def test_a_listing_that_lags_hides_no_rotation_under_way(organization: Organization) -> None:
    # As on a runner that keeps no files, into a place that cannot be read.
    place = Place(organization.secret, readable=False)
    organization.emulator.faults.add(NotYetVisible(seconds=40, as_key=False))
    keys = organization.client.projects.service_accounts.api_keys
    name = f"nightly (rotation 0123456789-1 for {organization.key[-8:]})"
    rival = await keys.create(organization.project, organization.account, name=name)
    with pytest.raises(RotationError, match=rf"{rival.id}.*has not ended.*was deleted again"):
        await organization.rotate(place)
    assert place.secret == organization.secret
    assert await _ids(organization) == {organization.key, rival.id}

    # Nor does this one hide itself: when it ends, it is listed.
    organization.clock.now += 60
    await organization.client.projects.api_keys.delete(organization.project, rival.id)
    first = await organization.rotate(place)
    assert first.new_key in await _ids(organization)
    with pytest.raises(InvalidInputError, match=rf"cannot be told.*{first.new_key}"):
        await organization.rotate(place, journal=organization.folder / "other")


async def test_a_key_that_is_listed_very_late_is_not_taken_for_gone(
    organization: Organization,
) -> None:
    place = Place(organization.secret, readable=False)
    late = organization.emulator.faults.add(NotYetVisible(seconds=200, as_key=False))
    first = await organization.rotate(place)
    assert "has not listed the new key" in first.notes[-1]
    for wishes in ({"finish": True}, {"finish": True, "again": True}):
        with pytest.raises(RotationError, match=r"is there is not known.*again after 20"):
            await organization.rotate(place, **wishes)
    with pytest.raises(RotationError, match=r"may hold the new key .* nothing was deleted"):
        await organization.rotate(place, abandon=True)
    assert organization.accepts(organization.secret)
    organization.emulator.faults.remove(late)
    assert (await organization.rotate(place, finish=True)).is_finished

    late = organization.emulator.faults.add(NotYetVisible(seconds=200, as_key=False))
    second = await organization.rotate(place, finish=True, again=True)
    assert second.is_finished
    repeated = await organization.rotate(place, finish=True)
    assert (repeated.state, repeated.new_key, repeated.done) == ("finished", second.new_key, ())
    with pytest.raises(RotationError, match=rf"old key {second.new_key} is deleted is not known"):
        await organization.rotate(place, finish=True, again=True)
    organization.emulator.faults.remove(late)
    third = await organization.rotate(place, finish=True)
    assert third.is_finished
    assert await _ids(organization) == {third.new_key}
    assert organization.accepts(place.secret)
