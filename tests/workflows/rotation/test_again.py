"""The same command again: in another process, whose key may have been replaced meanwhile."""

from __future__ import annotations

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator.faults import NotYetVisible
from openai_admin.workflows.rotation.accounts import ServiceAccount
from openai_admin.workflows.rotation.keys import Listed
from tests.workflows.rotation.conftest import Organization
from tests.workflows.rotation.places import Place


class Killed(BaseException):  # nothing that the code catches
    """The process is gone."""


def _anew(organization: Organization, key: str | None = None) -> AsyncOpenAIAdmin:
    """Another client, which knows nothing of the server's clock."""
    emulator = organization.emulator
    return AsyncOpenAIAdmin(key or emulator.admin_key, base_url=emulator.base_url)


async def test_the_servers_clock_ends_an_overlap(organization: Organization) -> None:
    # By this machine's clock, the overlap ended long ago.
    secret = organization.emulator.add_key(name="ci")
    place, states = Place(secret), []
    planned = await organization.client.workflows.rotate_admin_key(
        "ci", to=place, plan=True, journal=organization.journal
    )
    assert planned.left[0] == "Make an admin key for the organization."
    for hours in (0, 1, 24):
        organization.clock.now += hours * 3600
        async with _anew(organization) as client:
            rotation = await client.workflows.rotate_admin_key(
                "ci", to=place, overlap=86_400, journal=organization.journal
            )
        states.append(rotation.state)

    assert states == ["overlap", "overlap", "finished"]


async def test_a_named_key_that_was_replaced_is_done(organization: Organization) -> None:
    place = Place(organization.secret, readable=False)
    first = await organization.rotate(place, key=organization.key, finish=True)
    again = await organization.rotate(place, key=organization.key, finish=True)

    assert (first.state, again.state, again.done) == ("finished", "finished", ())
    assert again.new_key == first.new_key
    assert len(await organization.keys()) == 1


async def test_the_own_key_may_be_one_that_is_left_over(organization: Organization) -> None:
    emulator = organization.emulator
    old = emulator.add_key(name="ci")
    place = Place(old, readable=False)
    moments = iter([False, True, True, False, False])  # dies after it has stored, then before

    def die() -> None:
        if next(moments):
            raise Killed

    place._event = die
    for _ in range(2):
        async with _anew(organization, place.secret) as client:
            with pytest.raises(Killed):
                await client.workflows.rotate_admin_key(
                    "ci", to=place, finish=True, journal=organization.journal
                )
    assert place.secret != old
    async with _anew(organization, place.secret) as client:
        rotation = await client.workflows.rotate_admin_key(
            "ci", to=place, finish=True, journal=organization.journal
        )

    assert rotation.state == "finished"
    names = [key["name"] for key in emulator.store.admin_api_keys]
    assert len(names) == 2  # the fixture's, and the new one
    assert organization.accepts(place.secret)


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_new_key_that_is_not_listed_yet_is_there(
    at_once: bool, organization: Organization
) -> None:
    # A place that cannot be read: by its journal, it was given the key.
    organization.emulator.faults.add(NotYetVisible(seconds=5, as_key=False))
    place = Place(organization.secret, readable=False)
    if not at_once:
        await organization.rotate(place)
    assert (await organization.rotate(place, finish=True)).is_finished
    assert organization.accepts(place.secret)
    assert not organization.accepts(organization.secret)


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize("is_old_listed", [True, False])
@pytest.mark.parametrize("seconds", [0, 5, 1000])
async def test_a_listing_that_lags_begins_no_second_rotation(
    seconds: int,
    is_old_listed: bool,
    readable: bool,
    organization: Organization,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if seconds:
        fault = NotYetVisible(seconds=seconds, as_key=False, by_id=seconds == 5)
        organization.emulator.faults.add(fault)
    place = Place(organization.secret, readable=readable)
    listed = ServiceAccount.listed
    old = (await listed(_account(organization))).find(organization.key)
    first = await organization.rotate(place, finish=True)
    secret = place.secret

    async def lagging(self: ServiceAccount) -> Listed:
        found = await listed(self)
        return Listed(keys=(*found.keys, old)) if is_old_listed and old else found

    monkeypatch.setattr(ServiceAccount, "listed", lagging)
    for wishes in ({}, {"finish": True}):
        again = await organization.rotate(place, **wishes)
        assert (again.state, again.new_key, again.done) == ("finished", first.new_key, ())
    skipped = await organization.rotate(place, older_than=86_400)
    assert (skipped.state, skipped.old_key) == ("skipped", first.new_key)
    assert place.secret == secret

    second = await organization.rotate(place, again=True, finish=True)
    assert (second.state, second.old_key) == ("finished", first.new_key)
    assert not any("Valid as before" in note for note in second.notes)


async def test_a_new_key_that_somebody_deleted_is_not_taken_for_unlisted(
    organization: Organization,
) -> None:
    place = Place(organization.secret)
    first = await organization.rotate(place, finish=True)
    await organization.client.projects.api_keys.delete(organization.project, first.new_key)
    second = await organization.rotate(place, finish=True)
    assert second.is_finished
    assert second.new_key != first.new_key
    assert organization.accepts(place.secret)


def _account(organization: Organization) -> ServiceAccount:
    return ServiceAccount(
        organization.client._caller,
        project=organization.project,
        account=organization.account,
        name="nightly",
    )
