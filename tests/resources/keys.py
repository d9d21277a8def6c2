"""What the tests of keys do with a key's value."""

from __future__ import annotations

import aiohttp

from openai_admin.emulator import Emulator


async def status_of_a_call_with(emulator: Emulator, key: str) -> int:
    """403 while a project's key is in force, since it is not an admin key, and then 401."""
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{emulator.base_url}/organization/projects", headers=headers) as response,
    ):
        return response.status
