"""Odd rows, buckets and pages of usage on every surface: sums are right, or say that they are not.

``pytest -s tests/world/test_sums.py`` prints the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Odd
from openai_admin.usage.endpoints import endpoints
from tests.emulator.faults.raw_client import read
from tests.world.sums import COSTS, DAYS, TOKENS, Question, summed
from tests.world.surfaces import SURFACES
from tests.world.table import Table

AMOUNTS: list[tuple[str, str | None]] = [
    ("amount_exponent", "0"),
    ("amount_negative_zero", "0"),
    ("amount_decimals", None),
    ("amount_text", None),
    ("amount_small", "0.0000001"),
    ("amount_thousands", "1000"),
    ("amount_number", "0.0000001"),
    ("amount_credit", "-12.5"),
    ("currency_capitals", None),
    ("currency_absent", None),
    ("quantity_decimal", None),
    ("quantity_null", None),
    ("quantity_unit_null", None),
    ("row_names", None),
    ("line_item_tier", None),
    ("line_item_commas", None),
]
"""Odd rows of costs that are read, each with the amount that it then has; None for its own."""

UNREADABLE: list[tuple[Question, str]] = [
    (COSTS, "amount_huge"),
    (COSTS, "amount_word"),
    (COSTS, "item_text"),
    (COSTS, "item_null"),
    (COSTS, "item_list"),
    (TOKENS, "count_text"),
    (TOKENS, "count_list"),
    (TOKENS, "item_null"),
]
"""What cannot be read, so that a sum over it is too small and must say so."""

NOTHING: list[tuple[Question, str]] = [
    (COSTS, "amount_null"),
    (TOKENS, "count_null"),
    (TOKENS, "count_absent"),
]
"""Counts and amounts that are none, and count as 0."""

EXACT: list[tuple[str, dict[str, Any]]] = [
    ("iso_times", {}),
    ("iso_times_without_zone", {}),
    ("result", {}),
    ("empty_pages", {"times": 40}),
    ("repeated_bucket", {}),
    ("doubled_bucket", {}),
    ("outside_bucket", {}),
    ("split_bucket", {}),
    ("reordered_buckets", {}),
    ("has_more_absent", {}),
    ("short_answer", {"times": 1}),
]
"""Odd buckets and pages that lose nothing, each with when it comes."""

TOLD: list[tuple[str, dict[str, Any]]] = [
    ("bucket_gap", {}),
    ("short_answer", {}),
    ("data_null", {"times": 1}),
    ("data_null", {}),
    ("error", {}),
]
"""Pages that lack something: the sum is right all the same, or says that it is not."""


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[Table]:
    """How each case went; printed at the end."""
    made = Table("odd rows, buckets and pages of usage", SURFACES)
    yield made
    made.print()


async def _due(org: Emulator, question: Question, surface: str = "") -> list[Decimal]:
    """The field of all rows as they come without a fault, by the socket.

    The export groups by all that there is; the others by what is asked for.
    """
    start, end = question.window(org)
    path = "costs" if question is COSTS else f"usage/{question.endpoint}"
    query = f"start_time={start}&end_time={end}&limit={DAYS}"
    groups = [question.group_by]
    if surface == "export":
        groups = list(endpoints()[question.endpoint].groups)
    query += f"&group_by={','.join(groups)}"
    page = (await read(org, f"/organization/{path}?{query}")).json
    assert len(page["data"]) == DAYS
    return [question.value(row) for bucket in page["data"] for row in bucket["results"]]


def _odd(question: Question, name: str, **schedule: Any) -> Odd:
    return Odd(match=f"usage.{question.endpoint}", names=(name,), **schedule)


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(("name", "worth"), AMOUNTS, ids=[name for name, _ in AMOUNTS])
async def test_odd_rows_add_up(
    org: Emulator, table: Table, tmp_path: Path, surface: str, name: str, worth: str | None
) -> None:
    with table.tried(f"costs:{name}", surface):
        due = await _due(org, COSTS, surface)
        expected = sum(due, Decimal(0))
        if worth is not None:
            expected += 2 * Decimal(worth) - due[0] - due[1]
        for number in range(2 if surface in ("async", "blocking") else 1):
            # Each way asks once; the first answer of each is odd.
            pages = (DAYS + 1) // 2
            org.faults.add(_odd(COSTS, name, items=(1, 2), only=(1 + number * pages,)))
        for answer in await summed(surface, org, COSTS, tmp_path):
            assert answer.value == expected, answer.error


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(("question", "name"), NOTHING, ids=[name for _, name in NOTHING])
async def test_what_is_none_counts_as_nothing(
    org: Emulator, table: Table, tmp_path: Path, surface: str, question: Question, name: str
) -> None:
    with table.tried(f"{question.endpoint}:{name}", surface):
        org.faults.add(_odd(question, name))
        for answer in await summed(surface, org, question, tmp_path):
            assert answer.value == 0


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(
    ("question", "name"), UNREADABLE, ids=[f"{q.endpoint}:{name}" for q, name in UNREADABLE]
)
async def test_what_cannot_be_read_is_told(
    org: Emulator, table: Table, tmp_path: Path, surface: str, question: Question, name: str
) -> None:
    with table.tried(f"{question.endpoint}:{name}", surface):
        due = sum(await _due(org, question), Decimal(0))
        org.faults.add(_odd(question, name, items=(1,)))
        for answer in await summed(surface, org, question, tmp_path):
            assert answer.is_told
            assert 0 < answer.value < due  # nothing that can be read is lost with it


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(("name", "schedule"), EXACT, ids=[name for name, _ in EXACT])
async def test_odd_buckets_add_up(
    org: Emulator,
    table: Table,
    tmp_path: Path,
    surface: str,
    name: str,
    schedule: dict[str, Any],
) -> None:
    with table.tried(f"costs:{name}", surface):
        due = sum(await _due(org, COSTS), Decimal(0))
        org.requests.clear()
        org.faults.add(_odd(COSTS, name, **schedule))
        answers = await summed(surface, org, COSTS, tmp_path)
        assert [answer.value for answer in answers] == [due] * len(answers)
        assert len(org.requests) <= 20


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize(
    ("name", "schedule"), TOLD, ids=[f"{name}-{len(schedule)}" for name, schedule in TOLD]
)
async def test_what_is_lacking_is_told(
    org: Emulator,
    table: Table,
    tmp_path: Path,
    surface: str,
    name: str,
    schedule: dict[str, Any],
) -> None:
    with table.tried(f"costs:{name}{' once' if schedule else ''}", surface):
        due = sum(await _due(org, COSTS), Decimal(0))
        org.faults.add(_odd(COSTS, name, **schedule))
        for answer in await summed(surface, org, COSTS, tmp_path):
            assert answer.value == due or answer.is_told
            assert answer.value.is_nan() or answer.value <= due
