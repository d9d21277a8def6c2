"""Answers whose JSON is cut, of another shape, or has unexpected contents."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import (
    CutJSON,
    Nulls,
    OtherShape,
    StringAmounts,
    UnknownEvents,
    UnknownFields,
    UnknownValues,
)
from tests.emulator.faults.raw_client import THINGS, create, read

COSTS = "/organization/costs?start_time=1790000000&limit=3&group_by=line_item"


async def test_json_is_cut(emulator: Emulator) -> None:
    await create(emulator)
    due = await read(emulator)
    emulator.faults.add(CutJSON())
    answer = await read(emulator)
    assert answer.body == due.body[: len(due.body) // 2]
    assert answer.headers["content-length"] == str(len(answer.body))
    with pytest.raises(msgspec.DecodeError):
        _ = answer.json


@pytest.mark.parametrize(
    ("shape", "kind"), [("array", list), ("text", str), ("null", type(None)), ("object", dict)]
)
async def test_json_of_another_shape(emulator: Emulator, shape: Any, kind: type) -> None:
    due = await read(emulator)
    emulator.faults.add(OtherShape(shape=shape))
    answer = await read(emulator)
    assert answer.status == 200
    assert isinstance(answer.json, kind)
    assert answer.json != due.json


async def test_errors_keep_their_shape(emulator: Emulator) -> None:
    emulator.faults.add(OtherShape())
    answer = await read(emulator, f"{THINGS}/none")
    assert (answer.status, answer.json["error"]["code"]) == (404, "not_found")


def _amounts(body: bytes) -> list[Any]:
    page = json.loads(body, parse_float=Decimal)
    return [row["amount"]["value"] for bucket in page["data"] for row in bucket["results"]]


async def test_amounts_are_texts_with_all_their_digits(whole: Emulator) -> None:
    numbers = _amounts((await read(whole, COSTS)).body)
    whole.faults.add(StringAmounts())
    texts = _amounts((await read(whole, COSTS)).body)
    assert len(numbers) > 10
    assert not any(isinstance(number, str) for number in numbers)
    assert texts == [str(number) for number in numbers]


async def test_numbers_keep_their_digits_when_something_else_is_changed(whole: Emulator) -> None:
    numbers = _amounts((await read(whole, COSTS)).body)
    whole.faults.add(UnknownFields())
    assert _amounts((await read(whole, COSTS)).body) == numbers


async def test_what_may_be_missing_is_null(whole: Emulator) -> None:
    due = (await read(whole, "/organization/projects?limit=2")).json
    whole.faults.add(Nulls())
    answer = (await read(whole, "/organization/projects?limit=2")).json
    assert {k: v for k, v in answer.items() if k != "data"} == {
        k: v for k, v in due.items() if k != "data"
    }
    for item, was in zip(answer["data"], due["data"], strict=True):
        kept = {name for name, value in item.items() if value is not None}
        assert kept == {"id", "object", "created_at"}
        assert item.keys() == was.keys()
        assert item["id"] == was["id"]


async def test_named_members_are_null(whole: Emulator) -> None:
    whole.faults.add(Nulls(fields=("amount",)))
    page = (await read(whole, COSTS)).json
    rows = [row for bucket in page["data"] for row in bucket["results"]]
    assert all(row["amount"] is None and row["line_item"] for row in rows)


async def test_every_object_has_an_unknown_field(whole: Emulator) -> None:
    whole.faults.add(UnknownFields())
    page = (await read(whole, COSTS)).json
    row = page["data"][0]["results"][0]
    for found in (page, page["data"][0], row, row["amount"]):
        assert found["emulator_unknown"]["nested"] == [1, None, {"deep": True}]


async def test_choices_have_unknown_values(whole: Emulator) -> None:
    whole.faults.add(UnknownValues(match="projects.*"))
    whole.faults.add(UnknownValues(match="usage.*", fields=("object",)))
    projects = (await read(whole, "/organization/projects")).json
    assert {project["status"] for project in projects["data"]} == {"emulator_unknown"}
    assert projects["object"] == "list"
    assert (await read(whole, COSTS)).json["object"] == "emulator_unknown"


def _event(number: int) -> dict[str, Any]:
    payload = {"id": f"proj_{number}"}
    return {
        "id": f"audit_log-{number}",
        "type": "project.created",
        "effective_at": 1_790_000_000 + number,
        "project.created": payload,
    }


async def test_audit_events_are_of_unknown_types(emulator: Emulator) -> None:
    for number in range(40):
        emulator.store.project_users["proj_1"].add(_event(number))
    emulator.faults.add(UnknownEvents(share=0.5))
    events = (await read(emulator, f"{THINGS}?limit=40")).json["data"]
    changed = [event for event in events if event["type"] == "emulator_unknown.happened"]
    assert 10 <= len(changed) <= 30
    for number, event in enumerate(events):
        assert event[event["type"]] == {"id": f"proj_{number}"}
        assert ("project.created" in event) == (event not in changed)


async def test_other_objects_are_not_audit_events(emulator: Emulator) -> None:
    await create(emulator)
    due = (await read(emulator)).json
    emulator.faults.add(UnknownEvents())
    assert (await read(emulator)).json == due


def test_an_unknown_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        OtherShape(shape="circle")  # type: ignore[arg-type]
