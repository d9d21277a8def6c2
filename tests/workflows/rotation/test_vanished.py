"""A rotation whose account or project is gone comes to an end."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin import InvalidInputError
from openai_admin.workflows.rotation.kept import last_of
from tests.workflows.rotation.conftest import Organization
from tests.workflows.rotation.places import Place


@pytest.mark.parametrize("gone", ["account", "project"])
@pytest.mark.parametrize("by_name", [True, False])
async def test_it_is_over(gone: str, by_name: bool, organization: Organization) -> None:
    client, place = organization.client, Place(organization.secret)
    named = ("nightly", "Search") if by_name else (organization.account, organization.project)

    async def rotate(*, account: str = named[0], **arguments: Any) -> str:
        result = await client.workflows.rotate_service_account(
            account, project=named[1], to=place, journal=organization.journal, **arguments
        )
        if result.state == "abandoned":
            assert "its keys went with it" in result.notes[0]
        return result.state

    assert await rotate() == "overlap"
    with pytest.raises(InvalidInputError):
        await rotate(account="other")  # the one of the journal is still there
    if gone == "account":
        await client.projects.service_accounts.delete(organization.project, organization.account)
    else:
        await client.projects.archive(organization.project)

    assert await rotate(plan=True) == "planned"
    assert await rotate(abandon=not by_name) == "abandoned"
    last = last_of(organization.journal)
    assert last is not None
    assert not last.is_open
