"""Cursors that are repeated, missing, expired, or compared byte by byte."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import (
    ExpiredCursor,
    MissingCursor,
    RepeatedCursor,
    StrictCursor,
)
from openai_admin.emulator.faults.cursors import _set_cursor
from tests.emulator.faults.raw_client import THINGS, create, read

USAGE = "/organization/usage/completions?start_time=1780000000&limit=3"


async def test_a_cursor_is_repeated(whole: Emulator) -> None:
    whole.faults.add(RepeatedCursor())
    first = (await read(whole, USAGE)).json
    second = (await read(whole, f"{USAGE}&page={first['next_page']}")).json
    assert second["next_page"] == first["next_page"]
    assert second["has_more"] is True
    assert second["data"] != first["data"]


async def test_the_last_page_too_repeats_its_cursor(emulator: Emulator) -> None:
    ids = [(await create(emulator)).json["id"] for _ in range(2)]
    emulator.faults.add(RepeatedCursor())
    page = (await read(emulator, f"{THINGS}?after={ids[0]}")).json
    assert [thing["id"] for thing in page["data"]] == ids[1:]
    assert (page["has_more"], page["last_id"]) == (True, ids[0])


async def test_a_cursor_is_missing(whole: Emulator) -> None:
    whole.faults.add(MissingCursor())
    page = (await read(whole, USAGE)).json
    assert (page["has_more"], page["next_page"]) == (True, None)
    assert len(page["data"]) == 3


async def test_the_last_page_needs_no_cursor(emulator: Emulator) -> None:
    await create(emulator)
    due = (await read(emulator)).json
    emulator.faults.add(MissingCursor())
    assert (await read(emulator)).json == due


@pytest.mark.parametrize(
    ("envelope", "repeated", "missing"),
    [
        ({"data": [], "next": "n"}, {"data": [], "next": "c"}, {"data": [], "next": None}),
        ({"data": [{"id": "a"}]}, {"data": [{"id": "c"}]}, {"data": []}),
        ({"data": []}, {"data": []}, {"data": []}),
    ],
)
def test_each_kind_of_listing_has_its_cursor_elsewhere(
    envelope: dict[str, object], repeated: dict[str, object], missing: dict[str, object]
) -> None:
    _set_cursor(envelope, "c")
    assert envelope == repeated
    _set_cursor(envelope, None)
    assert envelope == missing


async def test_a_cursor_has_expired(whole: Emulator) -> None:
    whole.faults.add(ExpiredCursor())
    page = (await read(whole, USAGE)).json
    answer = await read(whole, f"{USAGE}&page={page['next_page']}")
    assert answer.status == 400
    assert answer.json["error"]["code"] == "invalid_cursor"
    assert answer.json["error"]["param"] == "page"


async def test_a_percent_encoded_cursor_is_refused_when_cursors_are_strict(
    whole: Emulator,
) -> None:
    cursor = (await read(whole, USAGE)).json["next_page"]
    assert cursor.endswith("=")
    encoded = f"{USAGE}&page={quote(cursor, safe='')}"
    assert (await read(whole, encoded)).status == 200
    whole.faults.add(StrictCursor())
    assert (await read(whole, f"{USAGE}&page={cursor}")).status == 200
    answer = await read(whole, encoded)
    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid_cursor")
