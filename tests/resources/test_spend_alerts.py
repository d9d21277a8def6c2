"""Spend alerts of the organization, on each client, over a real socket."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from openai_admin.emulator import Emulator
from tests.conftest import Surface
from tests.resources.people import HOSTILE_IDS, payloads, refused_unsent, told
from tests.resources.spending import (
    ALERT,
    BAD_CHANNELS,
    BAD_RECIPIENTS,
    CHANNEL,
    add_alert,
    add_alerts,
    walk_both_ways,
)


def alerts(client: Any) -> Any:
    return client.spend_alerts


async def test_the_life_of_an_alert(emulator: Emulator, surface: Surface) -> None:
    channel = {**CHANNEL, "subject_prefix": "[支出]"}
    made = await surface.call(
        lambda c: c.spend_alerts.create(
            threshold_amount=50_000, **{**ALERT, "notification_channel": channel}
        )
    )
    assert (made.threshold_amount, made.currency, made.interval) == (50_000, "USD", "month")
    assert made.object == "organization.spend_alert"
    assert made.notification_channel.recipients == CHANNEL["recipients"]
    assert made.notification_channel.subject_prefix == "[支出]"
    if surface.ours:
        assert made.threshold_dollars == Decimal(500)

    changed = await surface.call(
        lambda c: c.spend_alerts.update(made.id, threshold_amount=0, **ALERT)
    )
    assert (changed.id, changed.threshold_amount) == (made.id, 0)
    # The settings are replaced, not merged.
    assert changed.notification_channel.subject_prefix is None
    again = await surface.call(lambda c: c.spend_alerts.retrieve(made.id))
    assert again == changed

    gone = await surface.call(lambda c: c.spend_alerts.delete(made.id))
    assert (gone.id, gone.deleted) == (made.id, True)
    for call in (
        lambda c: c.spend_alerts.retrieve(made.id),
        lambda c: c.spend_alerts.update(made.id, threshold_amount=1, **ALERT),
        lambda c: c.spend_alerts.delete(made.id),
    ):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(call)
    assert await surface.items(lambda c: c.spend_alerts.list()) == []

    assert await told(surface) == ["organization.updated"] * 3
    changes = [p["changes_requested"] for p in payloads(emulator, "organization.updated")]
    assert [c["spend_alert"].get("threshold_amount") for c in changes] == [50_000, 0, None]


async def test_paging_both_ways(surface: Surface) -> None:
    ids = await add_alerts(surface, alerts, count=5)
    await walk_both_ways(surface, lambda c, **kwargs: c.spend_alerts.list(**kwargs), ids)


async def test_a_cursor_outlives_its_alert(surface: Surface) -> None:
    ids = await add_alerts(surface, alerts, count=4)
    await surface.call(lambda c: c.spend_alerts.delete(ids[1]))
    rest = await surface.items(lambda c: c.spend_alerts.list(after=ids[1], limit=1))
    assert [alert.id for alert in rest] == ids[2:]
    with pytest.raises(surface.errors.BadRequestError, match="after"):
        await surface.items(lambda c: c.spend_alerts.list(after="alert_none"))


async def test_a_page_of_none(surface: Surface) -> None:
    await add_alert(surface, alerts, cents=1)
    page = await surface.call(lambda c: c.spend_alerts.list(limit=0))
    assert page.data == []


@pytest.mark.parametrize("recipient", BAD_RECIPIENTS)
async def test_recipients_that_are_none(
    emulator: Emulator, surface: Surface, recipient: str
) -> None:
    channel = {"type": "email", "recipients": ["a@example.com", recipient]}
    bad = {**ALERT, "notification_channel": channel}
    with pytest.raises(surface.errors.BadRequestError, match=r"recipients\[1\]"):
        await surface.call(lambda c: c.spend_alerts.create(threshold_amount=1, **bad))
    assert len(emulator.store.spend_alerts) == len(emulator.store.audit_logs) == 0


@pytest.mark.parametrize("prefix", ["x" * 100_000, "a\r\nBcc: c@example.com", "\x00"])
async def test_subjects_that_are_none(emulator: Emulator, surface: Surface, prefix: str) -> None:
    id = await add_alert(surface, alerts, cents=1)
    bad = {**ALERT, "notification_channel": {**CHANNEL, "subject_prefix": prefix}}
    with pytest.raises(surface.errors.BadRequestError, match="subject_prefix"):
        await surface.call(lambda c: c.spend_alerts.update(id, threshold_amount=2, **bad))
    assert [alert["threshold_amount"] for alert in emulator.store.spend_alerts] == [1]


@pytest.mark.parametrize("id", HOSTILE_IDS)
async def test_ids_that_name_nothing(surface: Surface, id: str) -> None:
    for call in (
        lambda c: c.spend_alerts.retrieve(id),
        lambda c: c.spend_alerts.update(id, threshold_amount=1, **ALERT),
        lambda c: c.spend_alerts.delete(id),
    ):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(call)


@pytest.mark.parametrize("channel", BAD_CHANNELS)
async def test_channels_that_are_none(
    emulator: Emulator, surface: Surface, channel: dict[str, Any]
) -> None:
    bad: Any = {**ALERT, "notification_channel": channel}
    await refused_unsent(
        emulator,
        lambda c: c.spend_alerts.create(threshold_amount=1, **bad),
        lambda c: c.spend_alerts.update("alert_1", threshold_amount=1, **bad),
    )
    if not surface.ours:  # it sends what it is given, and the emulator refuses it
        with pytest.raises(surface.errors.BadRequestError) as caught:
            await surface.call(lambda c: c.spend_alerts.create(threshold_amount=1, **bad))
        assert caught.value.param.startswith("notification_channel")
    assert len(emulator.store.spend_alerts) == 0


@pytest.mark.parametrize("amount", [-1, "1", 1.5, True, None])
async def test_amounts_that_are_none(emulator: Emulator, amount: Any) -> None:
    alert: Any = ALERT
    await refused_unsent(
        emulator,
        lambda c: c.spend_alerts.create(threshold_amount=amount, **alert),
        lambda c: c.spend_alerts.update("alert_1", threshold_amount=amount, **alert),
    )


async def test_what_the_client_refuses(emulator: Emulator) -> None:
    alert: Any = ALERT
    bad: Any = "dollars"
    await refused_unsent(
        emulator,
        lambda c: c.spend_alerts.create(threshold_amount=1, **{**alert, "currency": "EUR"}),
        lambda c: c.spend_alerts.create(threshold_amount=1, **{**alert, "interval": "day"}),
        lambda c: c.spend_alerts.update("", threshold_amount=1, **alert),
        lambda c: c.spend_alerts.retrieve(".."),
        lambda c: c.spend_alerts.delete("."),
        lambda c: c.spend_alerts.list(limit=-1),
        lambda c: c.spend_alerts.list(limit=101),
        lambda c: c.spend_alerts.list(order=bad),
    )


async def test_amounts_beyond_exact_numbers(emulator: Emulator, surface: Surface) -> None:
    with pytest.raises(surface.errors.BadRequestError, match="threshold_amount"):
        await add_alert(surface, alerts, cents=2**53)
    assert len(emulator.store.spend_alerts) == 0


async def test_demo_alerts(demo_surface: Surface) -> None:
    listed = await demo_surface.items(lambda c: c.spend_alerts.list(limit=2))
    assert [alert.threshold_amount for alert in listed] == [1_500_000, 2_000_000, 2_500_000]
