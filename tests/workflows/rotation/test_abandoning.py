"""A rotation given up leaves the old key, and never a place without a key that works."""

from __future__ import annotations

import pytest

from openai_admin import RotationError
from openai_admin.emulator.faults import NotYetVisible, Status
from tests.workflows.rotation.conftest import Organization
from tests.workflows.rotation.places import Place


async def test_a_new_key_that_is_in_use_is_not_given_up(organization: Organization) -> None:
    place = Place(organization.secret)
    first = await organization.rotate(place)
    before = organization.journal.read_bytes()
    for plan in (True, False):
        with pytest.raises(
            RotationError, match=rf"holds the new key {first.new_key}.*{organization.key} back"
        ):
            await organization.rotate(place, abandon=True, plan=plan)
    assert organization.journal.read_bytes() == before
    assert len(await organization.keys()) == 2

    place.secret = organization.secret
    given_up = await organization.rotate(place, abandon=True)
    assert (given_up.state, given_up.done) == ("abandoned", (f"Deleted {first.new_key}.",))
    assert [key.id for key in await organization.keys()] == [organization.key]


async def test_nor_one_that_may_be_in_use(organization: Organization) -> None:
    place = Place(organization.secret, readable=False)
    first = await organization.rotate(place)
    with pytest.raises(RotationError, match=rf"cannot be read.*delete {first.new_key}"):
        await organization.rotate(place, abandon=True)
    assert len(await organization.keys()) == 2

    place.secret = organization.secret
    assert first.new_key is not None
    await organization.client.projects.api_keys.delete(organization.project, first.new_key)
    assert (await organization.rotate(place, abandon=True)).state == "abandoned"
    assert organization.accepts(place.secret)


async def test_one_that_does_not_work_is(organization: Organization) -> None:
    place = Place(organization.secret)
    await organization.rotate(place)
    fault = organization.emulator.faults.add(Status(status=401, match="models.list"))
    with pytest.raises(RotationError, match=r"does not accept the key.*--abandon"):
        await organization.rotate(place, finish=True)
    given_up = await organization.rotate(place, abandon=True)
    organization.emulator.faults.remove(fault)
    assert given_up.state == "abandoned"
    assert "no longer works" in given_up.notes[-1]
    assert [key.id for key in await organization.keys()] == [organization.key]
    assert (await organization.rotate(place, finish=True)).is_finished
    assert organization.accepts(place.secret)


async def test_nor_one_whose_old_key_is_gone(organization: Organization) -> None:
    place = Place(organization.secret)
    await organization.rotate(place)
    await organization.client.projects.api_keys.delete(organization.project, organization.key)
    place.secret = organization.secret
    with pytest.raises(RotationError, match=rf"{organization.key} does not exist any more"):
        await organization.rotate(place, abandon=True)
    assert len(await organization.keys()) == 1


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize("seconds", [5, 1000])  # a listing that lags, and one that is stale
@pytest.mark.parametrize("kind", ["service_account", "admin_key"])
async def test_nor_one_that_is_not_listed_yet(
    kind: str, seconds: int, readable: bool, organization: Organization
) -> None:
    emulator, workflows = organization.emulator, organization.client.workflows
    is_admin = kind == "admin_key"
    place = Place(
        emulator.add_key(name="ci") if is_admin else organization.secret, readable=readable
    )
    by_id = seconds == 5
    emulator.faults.add(NotYetVisible(seconds=seconds, as_key=False, by_id=by_id))

    async def rotate(abandon: bool = False) -> None:
        if is_admin:
            await workflows.rotate_admin_key(
                "ci", to=place, abandon=abandon, journal=organization.journal
            )
        else:
            await organization.rotate(place, abandon=abandon)

    await rotate()
    with pytest.raises(RotationError, match=r"holds? the new key .*nothing was deleted"):
        await rotate(abandon=True)
    assert organization.accepts(place.secret)
