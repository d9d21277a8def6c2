"""Keys that are listed, made and deleted with odd answers: nothing else is ever deleted."""

from __future__ import annotations

import attrs
import pytest

from openai_admin import OpenAIAdminError
from openai_admin.emulator.faults import Drop, Odd
from openai_admin.emulator.faults.odd_answers import ODD_ANSWERS
from openai_admin.workflows.rotation.accounts import ServiceAccount
from openai_admin.workflows.rotation.keys import Listed
from tests.workflows.rotation.conftest import Organization
from tests.workflows.rotation.places import Place

_OF_ACCOUNTS = (
    "projects.api_keys.list",
    "projects.api_keys.delete",
    "projects.service_accounts.api_keys.create",
)
_OF_ADMINS = ("admin_api_keys.list", "admin_api_keys.create", "admin_api_keys.delete")


def _odd(operations: tuple[str, ...]) -> list[tuple[str, str]]:
    """Each odd answer of each operation."""
    return [(n, o) for o in operations for n, odd in ODD_ANSWERS.items() if odd.concerns(o)]


async def test_of_service_accounts(organization: Organization) -> None:
    accounts = organization.client.projects.service_accounts
    finished = 0
    for name, operation in _odd(_OF_ACCOUNTS):
        made = await accounts.create(organization.project, name="ci")
        assert made.api_key is not None
        place = Place(made.api_key.value)
        fault = organization.emulator.faults.add(Odd(match=operation, names=(name,)))
        before = set(organization.emulator.store.project_api_keys[organization.project].ids)
        try:
            result = await organization.client.workflows.rotate_service_account(
                made.id,
                project=organization.project,
                to=place,
                finish=True,
                journal=organization.folder / f"{name}.{operation}",
            )
        except OpenAIAdminError:
            result = None
        organization.emulator.faults.remove(fault)
        after = set(organization.emulator.store.project_api_keys[organization.project].ids)
        assert before - after <= {made.api_key.id}
        assert organization.accepts(place.secret)
        if result is not None and result.is_finished:
            finished += 1
            assert (before - after, after - before) == ({made.api_key.id}, {result.new_key}), name
        await accounts.delete(organization.project, made.id)
    assert finished > 15


async def test_of_admin_keys(organization: Organization) -> None:
    keys = organization.client.admin_api_keys
    finished = 0
    for name, operation in _odd(_OF_ADMINS):
        made = await keys.create(name="mine")
        place = Place(made.value)
        fault = organization.emulator.faults.add(Odd(match=operation, names=(name,)))
        before = set(organization.emulator.store.admin_api_keys.ids)
        try:
            result = await organization.client.workflows.rotate_admin_key(
                made.id, to=place, finish=True, journal=organization.folder / f"{name}.{operation}"
            )
        except OpenAIAdminError:
            result = None
        organization.emulator.faults.remove(fault)
        after = set(organization.emulator.store.admin_api_keys.ids)
        assert before - after <= {made.id}
        assert organization.accepts(place.secret)
        if result is not None and result.is_finished:
            finished += 1
            assert (before - after, after - before) == ({made.id}, {result.new_key})
    assert finished > 15


@pytest.mark.parametrize("odd", ["no name", "not readable"])
async def test_a_lost_creation_among_keys_that_cannot_be_told(
    odd: str, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed, place = ServiceAccount.listed, Place(organization.secret)

    async def answered(self: ServiceAccount) -> Listed:
        found = await listed(self)
        if odd == "no name":
            return Listed(keys=tuple(attrs.evolve(key, name=None) for key in found.keys))
        kept = tuple(key for key in found.keys if "-1 for" not in (key.name or ""))
        return Listed(keys=kept, unreadable=len(found.keys) - len(kept))

    monkeypatch.setattr(ServiceAccount, "listed", answered)
    create = "projects.service_accounts.api_keys.create"
    organization.emulator.faults.add(Drop(match=create, after_effect=True, times=1))
    first = await organization.rotate(place, finish=True, key=organization.key)
    assert first.state == "unsettled"
    assert first.due is not None
    organization.clock.now = first.due.timestamp()
    again = await organization.rotate(place, finish=True)
    assert (again.state, len(await organization.keys())) == ("unsettled", 2)
    assert "look for it by hand, and delete the journal" in (again.not_known or "")
    monkeypatch.setattr(ServiceAccount, "listed", listed)
    assert (await organization.rotate(place, finish=True)).is_finished
    assert len(await organization.keys()) == 1
