"""The organization's spend limit, on each client, over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.spend import spent_this_month
from openai_admin.errors import BadRequestError
from tests.conftest import Surface
from tests.resources.people import payloads, refused_unsent, told
from tests.resources.spending import LIMIT, MID_MONTH


@pytest.fixture
async def demo() -> AsyncIterator[Emulator]:
    """The demo organization in the middle of a month, so that it has spent something."""
    async with Emulator(state="demo", now=lambda: MID_MONTH) as emulator:
        yield emulator


async def test_the_life_of_a_limit(emulator: Emulator, surface: Surface) -> None:
    with pytest.raises(surface.errors.NotFoundError, match="no spend limit"):
        await surface.call(lambda c: c.spend_limit.retrieve())
    with pytest.raises(surface.errors.NotFoundError):
        await surface.call(lambda c: c.spend_limit.delete())
    first = await surface.call(lambda c: c.spend_limit.update(threshold_amount=1, **LIMIT))
    limit = await surface.call(lambda c: c.spend_limit.update(threshold_amount=250_000, **LIMIT))
    assert (first.threshold_amount, limit.threshold_amount) == (1, 250_000)
    assert limit == await surface.call(lambda c: c.spend_limit.retrieve())
    assert (limit.object, limit.currency, limit.interval) == (
        "organization.spend_limit",
        "USD",
        "month",
    )
    assert limit.enforcement.status == "inactive"
    if surface.ours:
        assert limit.threshold_dollars == Decimal(2500)
    gone = await surface.call(lambda c: c.spend_limit.delete())
    assert (gone.deleted, gone.object) == (True, "organization.spend_limit.deleted")
    with pytest.raises(surface.errors.NotFoundError):
        await surface.call(lambda c: c.spend_limit.retrieve())

    assert await told(surface) == ["organization.updated"] * 3
    changes = [p["changes_requested"] for p in payloads(emulator, "organization.updated")]
    amounts = [c["spend_limit"] and c["spend_limit"]["threshold_amount"] for c in changes]
    assert amounts == [1, 250_000, None]


async def test_a_limit_enforces_once_it_is_reached(demo: Emulator, demo_surface: Surface) -> None:
    limit = await demo_surface.call(lambda c: c.spend_limit.retrieve())
    assert (limit.threshold_amount, limit.enforcement.status) == (3_000_000, "inactive")
    spent = int(spent_this_month(demo.store) * 100)
    below = await demo_surface.call(
        lambda c: c.spend_limit.update(threshold_amount=spent // 2, **LIMIT)
    )
    assert below.enforcement.status == "enforcing"
    above = await demo_surface.call(
        lambda c: c.spend_limit.update(threshold_amount=spent * 2, **LIMIT)
    )
    assert above.enforcement.status == "inactive"


@pytest.mark.parametrize("amount", [0, -5, 1.5, "1", True, None])
async def test_amounts_that_are_none(emulator: Emulator, amount: Any) -> None:
    limit: Any = LIMIT
    await refused_unsent(emulator, lambda c: c.spend_limit.update(threshold_amount=amount, **limit))


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    limit: Any = LIMIT
    await refused_unsent(
        emulator,
        lambda c: c.spend_limit.update(threshold_amount=1, **{**limit, "currency": "usd"}),
        lambda c: c.spend_limit.update(threshold_amount=1, **{**limit, "interval": "year"}),
    )


@pytest.mark.parametrize("cents", [0, -1, 2**53])
async def test_what_the_emulator_refuses(emulator: Emulator, cents: int) -> None:
    await _refused(emulator, {"threshold_amount": cents, **LIMIT})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"threshold_amount": 1},
        {"threshold_amount": "1", **LIMIT},
        {"threshold_amount": 1, "currency": "EUR", "interval": "month"},
        {"threshold_amount": 1, "currency": "USD", "interval": "day"},
        {"threshold_amount": 1, "threshold": 1, **LIMIT},
    ],
)
async def test_bodies_that_are_none(emulator: Emulator, body: dict[str, Any]) -> None:
    await _refused(emulator, body)


async def _refused(emulator: Emulator, body: dict[str, Any]) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(BadRequestError):
            await client.request("POST", "/organization/spend_limit", body=body)
    assert not emulator.store.settings
    assert len(emulator.store.audit_logs) == 0
