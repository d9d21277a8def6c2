"""A new key outlives the overlap, and one that has expired is not all that is left."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin import InvalidInputError, RotationError
from tests.workflows.rotation.conftest import Organization
from tests.workflows.rotation.places import Place

_HOUR = 3600


@pytest.mark.parametrize("overlap", [{}, {"overlap": 2 * _HOUR}, {"overlap": _HOUR}])
async def test_a_lifetime_within_the_overlap(
    overlap: dict[str, float], organization: Organization
) -> None:
    sent = len(organization.emulator.requests)
    with pytest.raises(InvalidInputError, match=r"after 1 h, and the overlap lasts (1 d|1 h|2 h):"):
        await organization.rotate(Place(organization.secret), expires_in_seconds=_HOUR, **overlap)
    assert len(organization.emulator.requests) == sent
    assert (
        await organization.rotate(Place(organization.secret), expires_in_seconds=_HOUR, finish=True)
    ).is_finished


async def test_a_lifetime_taken_over_within_the_overlap(organization: Organization) -> None:
    keys = organization.client.projects.service_accounts.api_keys
    made = await keys.create(
        organization.project, organization.account, name="short", expires_in_seconds=_HOUR
    )
    with pytest.raises(InvalidInputError, match=r"as long as the old one.*1 h.*--expires-in"):
        await organization.rotate(Place(made.value), overlap=2 * _HOUR)
    assert len(await organization.keys()) == 2


@pytest.mark.parametrize("readable", [True, False])
async def test_a_new_key_that_has_expired(readable: bool, organization: Organization) -> None:
    place = Place(organization.secret, readable=readable)
    arguments: dict[str, Any] = {"overlap": 60, "expires_in_seconds": _HOUR}
    first = await organization.rotate(place, **arguments)
    longer = await organization.rotate(place, overlap=2 * _HOUR)
    assert "stops working at" in longer.notes[-1]
    organization.clock.now += _HOUR + 5

    with pytest.raises(RotationError, match=rf"{first.new_key} expired at .*--abandon"):
        await organization.rotate(place, **arguments)
    assert organization.accepts(organization.secret)
    if readable:
        assert (await organization.rotate(place, abandon=True)).state == "abandoned"
        assert [key.id for key in await organization.keys()] == [organization.key]
