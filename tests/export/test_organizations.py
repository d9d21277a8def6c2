"""Whose a dataset is, and which of its days are settled."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin, InvalidInputError
from openai_admin.emulator import Emulator
from openai_admin.export import export
from tests.cli.conftest import invoke
from tests.export.conftest import NOW, Clock
from tests.export.datasets import query, source
from tests.odd import KEY, odd_server


def _contents(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


async def test_a_key_of_another_organization_changes_nothing(
    client: AsyncOpenAIAdmin, organization: Emulator, tmp_path: Path
) -> None:
    arguments: dict[str, Any] = {"now": NOW, "endpoints": ["costs", "users"]}
    await export(client, tmp_path, since=NOW - timedelta(days=5), **arguments)
    before = _contents(tmp_path)
    async with (
        Emulator(seed=5, now=Clock()) as other,
        AsyncOpenAIAdmin(other.admin_key, base_url=other.base_url) as stranger,
    ):
        ids = organization.store.organization["id"], other.store.organization["id"]
        sentence = f"has data of the organization {ids[0]}, and the key belongs to {ids[1]}"
        with pytest.raises(InvalidInputError, match=sentence):
            await export(stranger, tmp_path, since=NOW - timedelta(days=9), **arguments)
    assert _contents(tmp_path) == before


async def test_rows_of_costs_name_it_where_no_header_does(tmp_path: Path) -> None:
    """As behind a proxy that drops headers."""
    arguments: dict[str, Any] = {"since": date(2026, 11, 1), "now": NOW, "endpoints": "costs"}
    async with (
        odd_server() as server,
        AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client,
    ):
        server.rows = lambda endpoint, start: [{"organization_id": "org-one"}]
        await export(client, tmp_path, **arguments)
        server.rows = lambda endpoint, start: [{"organization_id": "org-two"}]
        with pytest.raises(InvalidInputError, match="belongs to org-two"):
            await export(client, tmp_path, **arguments)
    rows = f"SELECT DISTINCT organization_id FROM {source(tmp_path, 'costs')}"
    assert query(rows) == [("org-one",)]


async def test_rows_say_whether_their_day_is_settled(
    client: AsyncOpenAIAdmin, clock: Clock, tmp_path: Path
) -> None:
    rows = f"FROM {source(tmp_path, 'costs')}"
    for first in (date(2026, 11, 21), date(2026, 11, 25)):
        await export(client, tmp_path, since=date(2026, 11, 15), now=clock.now, endpoints="costs")
        assert query(f"SELECT min(date) {rows} WHERE NOT complete") == [(first,)]
        assert query(f"SELECT max(date) {rows} WHERE complete") == [(first - timedelta(days=1),)]
        clock.pass_days(4)
    assert "`complete`: false while" in (tmp_path / "README.md").read_text()


async def test_the_command_says_that_it_took_whole_days(tmp_path: Path) -> None:
    last = datetime.now(UTC).date() - timedelta(days=5)
    first = last - timedelta(days=2)
    line = ("export", str(tmp_path / "out"), "--demo", "--endpoints", "costs", "--since")
    done = await invoke(*line, f"{first}T12:00Z", "--until", f"{last}T12:00Z")
    assert f"The range was widened to whole days: {first} to {last} (UTC).\n" in done.err
    done = await invoke(*line, str(first), "--until", str(last))
    assert "widened" not in done.err
