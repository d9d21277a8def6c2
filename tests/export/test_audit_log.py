"""The audit log exported: every event on its day, also one that does not say when it happened."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Exchange, JSONFault
from openai_admin.export import export
from tests.export.conftest import NOW
from tests.export.datasets import query, source

SINCE = NOW - timedelta(days=20)


@attrs.frozen(kw_only=True)
class Damaged(JSONFault):
    """Some of the events are odd in one way: every so manieth one, by the log's order.

    Attributes:
        ids: the events.
        how: what their fields become; `None` for a field that is not there.
    """

    ids: frozenset[str]
    how: dict[str, Any]

    def change(self, value: dict[str, Any], exchange: Exchange) -> Any:
        for event in value["data"]:
            if event["id"] in self.ids:
                event.update(self.how)
                for name in [name for name, how in self.how.items() if how is None]:
                    del event[name]
        return value


@pytest.mark.parametrize("step", [1, 3, 7])
@pytest.mark.parametrize(
    "how", [{"effective_at": None}, {"effective_at": "soon"}, {"effective_at": 2}]
)
async def test_an_event_of_unknown_time_is_on_its_day(
    client: AsyncOpenAIAdmin,
    organization: Emulator,
    tmp_path: Path,
    how: dict[str, Any],
    step: int,
) -> None:
    days = {
        event["id"]: str(datetime.fromtimestamp(event["effective_at"], NOW.tzinfo).date())
        for event in organization.store.audit_logs
        if event["effective_at"] >= SINCE.replace(hour=0, minute=0).timestamp()
    }
    assert len(set(days.values())) > 5
    ids = frozenset(list(days)[::step])
    organization.faults.add(Damaged(match="audit_logs.list", ids=ids, how=how))
    await export(client, tmp_path, since=SINCE, now=NOW, endpoints=["audit_logs"])
    sql = f"SELECT id, CAST(date AS VARCHAR) FROM {source(tmp_path, 'audit_logs')}"
    assert dict(query(sql)) == days


async def test_what_cannot_be_read_is_kept_as_it_came(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    events = [e for e in organization.store.audit_logs if e["effective_at"] >= SINCE.timestamp()]
    ids = frozenset(event["id"] for event in events[::10])
    organization.faults.add(Damaged(match="audit_logs.list", ids=ids, how={"id": ["odd"]}))
    await export(client, tmp_path, since=SINCE, now=NOW, endpoints=["audit_logs"])
    kept = query(f"SELECT unreadable FROM {source(tmp_path, 'audit_logs')} WHERE id IS NULL")
    raw = sorted(json.loads(text)["effective_at"] for (text,) in kept)
    assert raw == sorted(event["effective_at"] for event in events[::10])
