"""Which answers are odd, how much of them, and how that is written."""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatchcase
from typing import Any

import pytest

from openai_admin import resources
from openai_admin._declare.operation import OPERATIONS
from openai_admin.emulator import Emulator, parse_fault
from openai_admin.emulator.faults import ODD_ANSWERS, Odd, described
from openai_admin.errors import InvalidInputError
from tests.emulator.faults.raw_client import read

resources.load()

LOGS = "/organization/audit_logs?limit=100"


@pytest.mark.parametrize("name", ODD_ANSWERS)
def test_every_odd_answer_can_be_written_for_operations_there_are(name: str) -> None:
    odd = ODD_ANSWERS[name]
    for glob in odd.operations:
        assert [operation for operation in OPERATIONS if fnmatchcase(operation, glob)]
    assert parse_fault(f"odd:*:{name}") == Odd(names=(name,))
    assert odd.summary.endswith(".")
    assert sum(f":{name}:" in line and odd.summary in line for line in described()) == 1


def test_it_is_written_with_names_and_options() -> None:
    text = "odd:audit_logs.list:payload_list,actor_text,share=0.01,items=2+3,times=5"
    assert parse_fault(text) == Odd(
        match="audit_logs.list",
        names=("payload_list", "actor_text"),
        share=0.01,
        items=(2, 3),
        times=5,
    )
    assert parse_fault("odd") == Odd()
    assert parse_fault("odd:users.list") == Odd(match="users.list")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("odd::nope", "The fault 'odd' has no option 'nope': give amount_exponent, .* or error"),
        (
            "odd:invites.list:nested",
            "'odd' of invites.list has no option 'nested': give invited_at",
        ),
        ("odd::share", "share of the fault 'odd' must be given a value"),
        ("odd::share=2", "is not valid: 'share' must be <= 1"),
        ("odd::items=0", "is not valid: 'items' must be >= 1"),
    ],
)
def test_what_cannot_be_is_explained(text: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        parse_fault(text)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="no odd answer 'nope'"):
        Odd(names=("nope",))


def test_a_glob_that_cannot_be_odd_in_that_way_is_refused(whole: Emulator) -> None:
    with pytest.raises(InvalidInputError, match=r"No operation that 'users\.\*' matches"):
        whole.faults.add(parse_fault("odd:users.*:invited_at"))


async def _events(emulator: Emulator) -> list[Any]:
    events: list[Any] = (await read(emulator, LOGS)).json["data"]
    assert len(events) == 100
    return events


async def test_a_share_of_the_items_is_odd_the_same_for_the_same_seed(whole: Emulator) -> None:
    seen = []
    for _ in range(2):
        whole.faults.add(parse_fault("odd:audit_logs.list:actor_text,share=0.1"))
        odd = [e["actor"] == "system" for _ in range(10) for e in await _events(whole)]
        whole.faults.clear()
        seen.append(odd)
    assert seen[0] == seen[1]
    assert 60 <= sum(seen[0]) <= 140


async def test_of_several_one_is_drawn_for_each_answer(whole: Emulator) -> None:
    whole.faults.add(parse_fault("odd:audit_logs.list:actor_text,actor_null"))
    pages: Counter[str] = Counter()
    for _ in range(20):
        kinds = {str(event["actor"]) for event in await _events(whole)}
        assert len(kinds) == 1
        pages.update(kinds)
    assert pages.keys() == {"system", "None"}


async def test_without_a_name_it_is_any_that_the_operation_can_give(whole: Emulator) -> None:
    due = (await read(whole, "/organization/users?limit=3")).body
    whole.faults.add(Odd())
    bodies = {(await read(whole, "/organization/users?limit=3")).body for _ in range(60)}
    assert len(bodies) > 10
    assert due not in bodies


async def test_an_operation_that_cannot_give_it_is_left_alone(whole: Emulator) -> None:
    due = (await read(whole, "/organization/users?limit=3")).body
    whole.faults.add(Odd(names=("invited_at",)))
    assert (await read(whole, "/organization/users?limit=3")).body == due


async def test_what_is_odd_twice_stays_an_answer(whole: Emulator) -> None:
    for names in (("nested",), ("item_null",), ("data_null",)):
        whole.faults.add(Odd(match="users.list", names=names))
    answer = await read(whole, "/organization/users?limit=3")
    assert (answer.status, answer.json["data"]) == (200, None)
