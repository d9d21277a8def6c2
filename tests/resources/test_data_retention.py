"""The organization's data retention, on each client, over a real socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import BadRequestError
from openai_admin.resources.data_retention import RetentionType
from tests.conftest import Surface
from tests.resources.people import payloads, refused_unsent, told

WRONG: tuple[Any, ...] = ("", "none", "organization_default", "x" * 100_000, "零", "\x00", None, 7)


def update(kind: str) -> Callable[[Any], Any]:
    """The call that sets this kind of retention."""
    return lambda c: c.data_retention.update(retention_type=kind)


async def test_read_and_set(emulator: Emulator, surface: Surface) -> None:
    before = await surface.call(lambda c: c.data_retention.retrieve())
    assert (before.object, before.type) == (
        "organization.data_retention",
        "modified_abuse_monitoring",
    )
    for kind in get_args(RetentionType):
        changed = await surface.call(update(kind))
        assert changed.type == kind
        assert (await surface.call(lambda c: c.data_retention.retrieve())).type == kind

    assert await told(surface) == ["organization.updated"] * len(get_args(RetentionType))
    assert payloads(emulator, "organization.updated")[-1] == {
        "id": emulator.store.organization["id"],
        "changes_requested": {"data_retention": {"type": kind}},
    }


async def test_projects_keep_theirs(surface: Surface) -> None:
    project = await surface.call(lambda c: c.projects.create(name="Robots"))
    await surface.call(lambda c: c.data_retention.update(retention_type="zero_data_retention"))
    retention = await surface.call(lambda c: c.projects.data_retention.retrieve(project.id))
    assert retention.type == "organization_default"


async def test_refused_before_sending(emulator: Emulator) -> None:
    await refused_unsent(
        emulator, *(lambda c, w=w: c.data_retention.update(retention_type=w) for w in WRONG)
    )
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        missing: Any = client.data_retention.update
        with pytest.raises(TypeError, match="retention_type"):
            missing()


@pytest.mark.parametrize(
    "body", [{}, {"retention_type": "none"}, {"retention_type": None}, {"type": "none"}, []]
)
async def test_the_emulator_checks_for_itself(emulator: Emulator, body: Any) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(BadRequestError):
            await client.request("POST", "/organization/data_retention", body=body)
        assert (await client.data_retention.retrieve()).type == "modified_abuse_monitoring"
    assert not len(emulator.store.audit_logs)
