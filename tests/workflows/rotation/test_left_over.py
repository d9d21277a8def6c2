"""What a run that was cut off has left: every key that is deleted is named before and after."""

from __future__ import annotations

import re

import pytest

from tests.workflows.rotation.conftest import Organization
from tests.workflows.rotation.places import Place, StagedPlace


class Killed(BaseException):  # nothing that the code catches
    """The process is gone."""


def _cut_off_at(number: int) -> Place:
    """A place that cannot be read, and whose run ends at one of the points that it passes."""
    passed: list[None] = []

    def event() -> None:
        passed.append(None)
        if len(passed) == number:
            raise Killed

    return Place(readable=False, event=event)


async def _made(organization: Organization) -> str:
    """The key that is there beside the old one."""
    (id,) = [key.id for key in await organization.keys() if key.id != organization.key]
    return id


def _keys_in(sentences: tuple[str, ...]) -> set[str]:
    """The ids of the keys whose deletion sentences tell."""
    told = " ".join(each for each in sentences if each.startswith("Delete"))
    return set(re.findall(r"key_\w+", told))


@pytest.mark.parametrize("point", [1, 2])  # before and after the place has the secret
async def test_every_key_that_is_deleted_is_named_before_and_after(
    point: int, organization: Organization
) -> None:
    place = _cut_off_at(point)
    with pytest.raises(Killed):
        await organization.rotate(place)
    left = await _made(organization)
    planned = await organization.rotate(place, plan=True)
    assert planned.new_key is None  # another one is made
    assert planned.left_over == (left,)
    assert _keys_in(planned.left) == {left, organization.key}
    assert any("cut off" in note and left in note and "not known" in note for note in planned.notes)
    set_now = await organization.rotate(place)
    assert set_now.new_key not in (left, organization.key)
    assert set_now.left_over == (left,)
    assert _keys_in(set_now.left) == {left, organization.key}
    before = {key.id for key in await organization.keys()}
    ends = await organization.rotate(place, finish=True, plan=True)
    assert _keys_in(ends.left) == {left, organization.key}
    ended = await organization.rotate(place, finish=True)
    gone = before - {key.id for key in await organization.keys()}
    assert gone == _keys_in(ended.done) == _keys_in(ends.left)
    assert ended.left_over == ()


async def test_a_key_that_waits_in_its_place_is_not_made_again(organization: Organization) -> None:
    def event() -> None:
        if place.next_secret is not None:
            raise Killed

    place = StagedPlace(organization.secret, event=event)
    with pytest.raises(Killed):
        await organization.rotate(place)
    made = await _made(organization)
    planned = await organization.rotate(place, plan=True)
    assert planned.new_key == made
    assert planned.left_over == ()
    assert not any(each.startswith("Make") for each in planned.left)
    assert planned.left[0].startswith(f"Test {made}")


async def test_an_abandoned_rotation_names_what_it_deletes(organization: Organization) -> None:
    place = Place(organization.secret)
    await organization.rotate(place)
    made = await _made(organization)
    place.secret = organization.secret
    planned = await organization.rotate(place, abandon=True, plan=True)
    assert planned.left == (f"Delete {made}, which this rotation made.",)
    ended = await organization.rotate(place, abandon=True)
    assert _keys_in(ended.done) == {made}
