"""An organization with a service account whose key a place holds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.resources.projects.api_keys import ProjectAPIKey


@attrs.define
class Clock:
    """Unix seconds, which only pauses move."""

    now: float = 1_790_000_000.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@attrs.frozen
class Organization:
    """The emulator, a client, and a service account with one key.

    Attributes:
        secret: the account's key.
        clock: the emulator's; the client's pauses move it.
    """

    emulator: Emulator
    client: AsyncOpenAIAdmin
    project: str
    account: str
    key: str
    secret: str
    folder: Path
    clock: Clock

    @property
    def journal(self) -> Path:
        """The journal of most tests."""
        return self.folder / "journal"

    async def keys(self) -> Sequence[ProjectAPIKey]:
        """The account's keys."""
        listing = self.client.projects.api_keys.list(self.project, owner_project_access="any")
        return [key async for key in listing if key.owner and key.owner.service_account]

    def accepts(self, secret: str | None) -> bool:
        """Whether the API accepts a key now."""
        return secret in self.emulator.store.keys._by_value

    async def rotate(self, to: Any, **arguments: Any) -> Any:
        """Rotate the account's key with the journal of most tests."""
        return await self.client.workflows.rotate_service_account(
            self.account, project=self.project, to=to, **{"journal": self.journal, **arguments}
        )


@pytest.fixture
async def organization(tmp_path: Path) -> AsyncIterator[Organization]:
    clock = Clock()
    async with (
        Emulator(state="empty", now=lambda: int(clock.now), clock=lambda: clock.now) as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
    ):
        client._caller.session._plain_sleep = clock.sleep
        project = await client.projects.create(name="Search")
        made = await client.projects.service_accounts.create(project.id, name="nightly")
        assert made.api_key is not None
        yield Organization(
            emulator,
            client,
            project.id,
            made.id,
            made.api_key.id,
            made.api_key.value,
            tmp_path,
            clock,
        )
