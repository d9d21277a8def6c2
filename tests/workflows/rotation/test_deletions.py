"""A deletion counts once it is confirmed, and only for a key that nobody else has put anywhere."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin import RotationError, SinkError
from openai_admin.workflows.rotation.accounts import ServiceAccount
from tests.workflows.rotation.conftest import Organization
from tests.workflows.rotation.places import Place


@pytest.mark.parametrize("said", [False, None])
async def test_a_deletion_that_did_nothing(
    said: bool | None, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, delete = Place(organization.secret), ServiceAccount.delete

    async def answered(self: ServiceAccount, id: str) -> bool | None:
        return said

    monkeypatch.setattr(ServiceAccount, "delete", answered)
    with pytest.raises(RotationError, match=rf"{organization.key} may still be there.*again"):
        await organization.rotate(place, finish=True)
    other = Place(organization.secret)
    other.failure = SinkError("The disk is full.")
    with pytest.raises(RotationError, match=r"valid as before, but: The key .* may still be there"):
        await organization.rotate(
            other,
            finish=True,
            key=organization.key,
            journal=organization.folder / "other",
        )
    monkeypatch.setattr(ServiceAccount, "delete", delete)
    result = await organization.rotate(place, finish=True)
    assert result.done[-1] == f"Deleted the old key {organization.key}."
    assert not organization.accepts(organization.secret)


async def test_two_at_once_from_two_machines(organization: Organization) -> None:
    place = Place(organization.secret)
    later: list[Any] = []

    def other_was_faster() -> None:
        later.append(place.secret)
        place.secret = "sk-svcacct-somebody-elses"

    get = place.get
    looks = iter([None, other_was_faster])

    async def looked() -> str | None:
        act = next(looks, None)
        if act is not None:
            act()
        return await get()

    place.get = looked  # type: ignore[method-assign]
    with pytest.raises(RotationError, match=r"somebody else.*was deleted again"):
        await organization.rotate(place, finish=True)
    assert later == [organization.secret]
    assert place.secret == "sk-svcacct-somebody-elses"
    assert [key.id for key in await organization.keys()] == [organization.key]


async def test_the_place_is_read_before_the_old_key_goes(organization: Organization) -> None:
    place = Place(organization.secret)

    def faster() -> None:
        if place.secret != organization.secret:
            place._event = lambda: None
            stolen.append(place.secret)

    stolen: list[str | None] = []
    place._event = faster
    get = place.get

    async def looked() -> str | None:
        held = await get()
        if len(stolen) == 1:
            stolen.append(held)
            return held  # read back as it was put
        return "sk-svcacct-somebody-elses" if stolen else held

    place.get = looked  # type: ignore[method-assign]
    with pytest.raises(RotationError, match=r"does not hold the new key .* any more"):
        await organization.rotate(place, finish=True)
    assert organization.accepts(organization.secret)


async def test_an_old_key_that_is_gone_already(organization: Organization) -> None:
    place = Place(organization.secret)
    await organization.rotate(place)
    await organization.client.projects.api_keys.delete(organization.project, organization.key)
    result = await organization.rotate(place, finish=True)
    assert result.is_finished
    assert result.done == ()
    assert "was gone already" in result.notes[-1]
