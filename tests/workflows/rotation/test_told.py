"""What is said of a rotation beside what is done: once, and only what is so."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from openai_admin import InvalidInputError
from openai_admin.workflows.rotation.journal import JOURNALS
from openai_admin.workflows.rotation.keys import Key, Listed, replaced_key
from tests.workflows.rotation.conftest import Organization
from tests.workflows.rotation.places import Place

_YEAR = 365 * 86_400


async def test_an_admin_key_of_more_than_a_year_is_refused(organization: Organization) -> None:
    sent = len(organization.emulator.requests)
    rotate = organization.client.workflows.rotate_admin_key
    with pytest.raises(InvalidInputError, match="at most 365 d, not 366 d"):
        await rotate("Emulator", to=Place(), expires_in_seconds=_YEAR + 86_400)
    with pytest.raises(InvalidInputError, match="an empty text names none"):
        await rotate("", to=Place())
    assert len(organization.emulator.requests) == sent


async def test_any_name_of_a_key_goes_on_with_its_rotation(organization: Organization) -> None:
    secret = organization.emulator.add_key(name="ci")
    place = Place(secret)
    rotate = organization.client.workflows.rotate_admin_key
    first = await rotate("ci", to=place, journal=organization.journal)
    assert place.secret is not None
    for tail in (secret[-4:], place.secret[-4:]):
        again = await rotate(tail, to=place, journal=organization.journal)
        assert (again.id, again.state) == (first.id, "overlap")


async def test_what_stays_valid_and_what_ends_early_is_told(organization: Organization) -> None:
    place = Place(organization.secret)
    planned = await organization.rotate(place, key="none", plan=True)
    assert "is replaced there only: it stays valid" in planned.notes[0]
    made = await organization.client.projects.service_accounts.api_keys.create(
        organization.project, organization.account, name="short", expires_in_seconds=3600
    )
    planned = await organization.rotate(
        Place(made.value), overlap=7 * 86_400, expires_in_seconds=30 * 86_400, plan=True
    )
    assert f"{made.id} expires at" in planned.notes[-1]


def test_a_key_that_is_not_shown_may_be_the_one_in_the_sink() -> None:
    listed = Listed(keys=(Key(id="key_1"), Key(id="key_2", redacted="sk-...abcd")))
    with pytest.raises(InvalidInputError, match="cannot be told, as not all of them are shown"):
        replaced_key(listed, held="sk-other", named=None, whose="ci")


async def test_a_last_use_that_is_no_longer_shown_is_not_unused(organization: Organization) -> None:
    records = organization.emulator.store.project_api_keys[organization.project]
    records.update(organization.key, {"last_used_at": int(organization.clock.now) - 60})
    place = Place(organization.secret)
    first = await organization.rotate(place, overlap=3600, until_unused=True)
    records.update(organization.key, {"last_used_at": None})
    organization.clock.now += 7200
    waits = await organization.rotate(place, overlap=3600, until_unused=True)
    assert (first.state, waits.state) == ("overlap", "overlap")
    assert "no longer shows it" in (waits.not_known or "")
    assert organization.accepts(organization.secret)


async def test_the_times_of_a_journal_never_run_backwards(organization: Organization) -> None:
    await organization.rotate(Place(organization.secret), finish=True)
    lines = organization.journal.read_text().splitlines()
    times = [datetime.fromisoformat(json.loads(line)["at"]) for line in lines]
    assert times == sorted(times)
    with pytest.raises(ValueError, match="no"), JOURNALS.opened(organization.folder / "new"):
        raise ValueError("no")
    assert not (organization.folder / "new").exists()
