"""What the tests of a project's settings share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import BadRequestError
from tests.conftest import Surface
from tests.resources.people import HOSTILE_IDS, add_project, each_is

Call = Callable[[Any, str], Any]
"""A call of a client for the project of this id."""


async def hold_project_rules(
    emulator: Emulator, surface: Surface, read: Call, *changes: Call
) -> None:
    """No project, no setting; an archived project refuses to be read and to be changed."""
    errors = surface.errors
    for hostile in HOSTILE_IDS:
        calls = [
            lambda c, call=call, hostile=hostile: call(c, hostile) for call in (read, *changes)
        ]
        await each_is(surface, errors.NotFoundError, *calls)

    project_id = add_project(emulator)
    await surface.call(lambda c: read(c, project_id))
    await surface.call(lambda c: c.projects.archive(project_id))
    told = len(emulator.store.audit_logs)
    archived = [lambda c, call=call: call(c, project_id) for call in (read, *changes)]
    await each_is(surface, errors.BadRequestError, *archived, match="archived")
    assert len(emulator.store.audit_logs) == told


async def hold_body_rules(emulator: Emulator, setting: str, *bodies: Any) -> None:
    """The emulator refuses each of these bodies by itself, and leaves everything as it was."""
    project_id = add_project(emulator)
    path = f"/organization/projects/{project_id}/{setting}"
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        before = await client.request("GET", path)
        for body in bodies:
            with pytest.raises(BadRequestError):
                await client.request("POST", path, body=body)
        assert await client.request("GET", path) == before
    assert not len(emulator.store.audit_logs)
