"""Fields that days are not grouped by, since the API refused them: told, and asked for again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio

from openai_admin.export import Summary, export
from tests.export.conftest import NOW
from tests.export.datasets import query, source
from tests.usage.refusing import RefusingServer, by

SINCE = NOW.date() - timedelta(days=12)
FLOOR = NOW.date() - timedelta(days=6)
RECENT = 4  # days that the API may restate
DAYS = 13


def _before_the_floor(field: str) -> Any:
    message = f"{field} is not supported for this range"
    since = int(datetime(FLOOR.year, FLOOR.month, FLOOR.day, tzinfo=NOW.tzinfo).timestamp())
    return by(field, message, since=since, param="group_by")


def _always(field: str) -> Any:
    return by(field, f"{field} cannot be grouped by.", param="group_by")


@pytest_asyncio.fixture
async def server() -> AsyncIterator[RefusingServer]:
    async with RefusingServer() as server:
        yield server


async def _exported(
    server: RefusingServer, out: Path, endpoint: str = "costs", **arguments: Any
) -> Summary:
    server.asked.clear()
    async with server.client() as client:
        return await export(
            client, out, endpoints=endpoint, **{"since": SINCE, "now": NOW, **arguments}
        )


def _days_with(out: Path, field: str, endpoint: str = "costs") -> list[date]:
    sql = f"SELECT date FROM {source(out, endpoint)} WHERE {field} IS NOT NULL ORDER BY date"
    return [day for (day,) in query(sql)]


async def test_days_that_lack_a_field_are_told_and_gained_once_it_is_given(
    server: RefusingServer, tmp_path: Path
) -> None:
    server.rules = [_before_the_floor("api_key_id")]
    done = await _exported(server, tmp_path)
    (told,) = done.lost
    assert told.startswith(f"Costs are not grouped by api_key_id before {FLOOR}: ")

    again = await _exported(server, tmp_path)
    assert again.lost == again.adapted == done.lost
    assert (again.written, again.kept) == (RECENT, DAYS - RECENT)
    recent, newest = server.asked
    assert recent.buckets == RECENT
    assert (newest.buckets, newest.end) == (1, _seconds(FLOOR))
    assert _days_with(tmp_path, "api_key_id")[0] == FLOOR

    server.rules = []
    gained = await _exported(server, tmp_path)
    assert (gained.lost, gained.adapted, gained.missing) == ((), (), ())
    assert (gained.written, gained.kept) == (RECENT + 6, DAYS - RECENT - 6)
    assert len(_days_with(tmp_path, "api_key_id")) == DAYS
    await _exported(server, tmp_path)
    assert len(server.asked) == 1


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=NOW.tzinfo).timestamp())


async def test_the_people_of_costs_are_no_loss_and_cost_one_request(
    server: RefusingServer, tmp_path: Path
) -> None:
    """Not every organization has them beside projects."""
    settled = FLOOR - timedelta(days=1)
    server.rules = [_always("user_id")]
    await _exported(server, tmp_path, until=settled)
    again = await _exported(server, tmp_path, until=settled)
    assert (again.lost, len(again.adapted), len(server.asked)) == ((), 1, 1)
    await _exported(server, tmp_path)  # what is refused of recent days is known of older ones
    assert all(asked.end > _seconds(settled) for asked in server.asked)
    server.rules = []
    assert (await _exported(server, tmp_path)).written == DAYS
    assert len(_days_with(tmp_path, "user_id")) == DAYS


async def test_of_several_fields_those_that_are_given_are_gained(
    server: RefusingServer, tmp_path: Path
) -> None:
    server.rules = [_before_the_floor("user_id"), _before_the_floor("model")]
    assert len((await _exported(server, tmp_path, "embeddings")).lost) == 2
    del server.rules[1]
    done = await _exported(server, tmp_path, "embeddings")
    assert done.written == RECENT + 6
    (told,) = done.lost
    assert "user_id" in told
    assert len(_days_with(tmp_path, "model", "embeddings")) == DAYS
    assert _days_with(tmp_path, "user_id", "embeddings")[0] == FLOOR


async def test_a_day_is_not_replaced_by_one_with_fewer_fields(
    server: RefusingServer, tmp_path: Path
) -> None:
    await _exported(server, tmp_path)
    server.rules = [_always("api_key_id")]
    tomorrow = NOW + timedelta(days=1)
    done = await _exported(server, tmp_path, now=tomorrow)
    (kept,) = done.missing
    first, last = NOW.date() - timedelta(days=RECENT - 1), NOW.date()
    assert kept.startswith(
        f"costs of {first} to {last}: the API refuses to group by api_key_id now"
    )
    assert len(done.lost) == 1
    assert (done.written, done.kept) == (1, DAYS - RECENT)
    assert len(_days_with(tmp_path, "api_key_id")) == DAYS
    server.rules = []
    assert (await _exported(server, tmp_path, now=tomorrow)).missing == ()
    assert len(_days_with(tmp_path, "api_key_id")) == DAYS + 1
