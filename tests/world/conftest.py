"""The demo organization for the cases of the world, and the environment of the command line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from openai_admin import resources
from openai_admin.emulator import Emulator

resources.load()


@pytest.fixture(scope="package")
def made() -> Emulator:
    """One demo organization for all cases, with more users than fit on a page."""
    emulator = Emulator(costs_by_project_and_user=True)
    template = next(iter(emulator.store.users))
    for number in range(220):
        id = f"user-{number:024}"
        email = f"{number}@example.com"
        emulator.store.users.add({**template, "id": id, "role": "reader", "email": email})
    return emulator


@pytest.fixture
async def org(
    made: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Emulator]:
    """The organization as it was made, which command lines call as well."""
    before = made.snapshot()
    async with made:
        monkeypatch.setenv("OPENAI_BASE_URL", made.base_url)
        monkeypatch.setenv("OPENAI_ADMIN_KEY", made.admin_key)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
        yield made
    made.restore(before)
    made.faults.clear()
    made.requests.clear()
