"""A rotation whose journal is not there goes on by the names of the keys, or asks."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin import InvalidInputError, RotationError
from openai_admin.emulator.faults import Drop, NotYetVisible
from openai_admin.workflows.rotation.model import Wishes
from openai_admin.workflows.rotation.several import All, admin_keys
from tests.workflows.rotation.conftest import Organization
from tests.workflows.rotation.places import Place


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


async def test_a_key_that_is_listed_late_is_deleted_later(organization: Organization) -> None:
    emulator, place = organization.emulator, Place(organization.secret)
    create = "projects.service_accounts.api_keys.create"
    lost = emulator.faults.add(Drop(match=create, after_effect=True, times=1))
    late = emulator.faults.add(NotYetVisible(seconds=45, as_key=False))
    first = await organization.rotate(place, finish=True)
    for fault in (late, lost):
        emulator.faults.remove(fault)
    assert "was made is not known" in first.notes[-1]
    organization.clock.now += 60
    (orphan,) = await _ids(organization) - {first.new_key}

    repeated = await organization.rotate(place, finish=True)
    assert orphan in repeated.notes[-1]
    second = await organization.rotate(place, finish=True, again=True)
    assert f"Deleted {orphan}, which was left over." in second.done
    assert await _ids(organization) == {second.new_key}


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
