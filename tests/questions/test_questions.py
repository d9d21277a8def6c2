"""Twelve questions, asked in three ways: every figure is the independent sum, to the last digit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pytest_asyncio import fixture

from openai_admin.emulator.faults import Status
from tests.mcp.serving import dollars
from tests.questions.questions import DAYS, QUESTIONS
from tests.questions.world import QUIET, World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")

SURFACES = ("cli", "python", "mcp")


@fixture(loop_scope="module", scope="module")
async def org() -> AsyncIterator[World]:
    async with world() as made:
        yield made


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("name", QUESTIONS)
async def test_every_surface_answers_the_independent_sum(
    org: World, name: str, surface: str
) -> None:
    question = QUESTIONS[name]
    truth = question.truth(org)
    assert truth
    answer = await getattr(question, surface)(org)
    assert not question.differs(surface, answer, truth), (answer, truth)


async def test_quiet_days_are_those_on_which_nothing_was_used(org: World) -> None:
    assert [*QUESTIONS["quiet days"].truth(org)] == [day.isoformat() for day in QUIET]


async def test_a_tool_says_what_is_so_far_and_what_an_estimate(org: World) -> None:
    to_date = await org.tool("totals", every="date", limit=3)
    assert to_date.structured["complete"] is False
    assert "So far: days from 2026-11-21 (UTC) on may still be restated." in to_date.text
    assert [row["complete"] for row in to_date.structured["rows"]] == [True] * 3
    assert to_date.structured["rows_left_out"] == 21
    shown = sum(dollars(row["amount"]) for row in to_date.structured["rows"])
    left_out = dollars(to_date.structured["left_out"]["amount"])
    assert shown + left_out == dollars(to_date.structured["total"]["amount"])
    recent = await org.tool("spend", period=f"last {DAYS} days")
    assert recent.structured["complete"] is False
    assert "So far: days from 2026-11-21 (UTC) on" in recent.text
    before = await org.tool("totals", period="last-month", tz="America/New_York")
    assert (before.structured["complete"], before.structured["estimated"]) == (True, True)
    assert "2026-10-01 to 2026-10-31 (America/New_York): about $11," in before.text
    assert "So far" not in before.text
    assert "Not looked at" not in before.text
    assert before.structured["notes"][0].partition(":")[0] == (
        "Costs by days of America/New_York are estimates"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"period": "24h"}, "period must be of whole days, such as 2026-10"),
        ({"period": "2026-13"}, "period is not a valid time: '2026-13'"),
        ({"period": "2026-10..2026-09"}, "the end of period must be after period"),
        ({"tz": "America/NewYork"}, "did you mean 'America/New_York'"),
        ({"projects": ["Voice Note"]}, "no project has the name 'Voice Note'; did you mean"),
        ({"group_by": ["size"]}, "none of these endpoints has 'size'"),
    ],
)
async def test_a_tool_refuses_what_it_cannot_add_up(
    org: World, arguments: dict[str, Any], message: str
) -> None:
    assert message in await org.refusal("totals", **arguments)


async def test_a_tool_does_not_take_what_is_refused_for_nothing(org: World) -> None:
    org.emulator.faults.add(Status(match="usage.costs", status=403))
    try:
        refused = await org.tool("totals", period="2026-08", group_by=["project_id"])
    finally:
        org.emulator.faults.clear()
    assert refused.structured["total"]["amount"] is None
    assert (refused.structured["rows"], refused.structured["complete"]) == ([], False)
    assert "2026-08-01 to 2026-08-31 (UTC): not known." in refused.text
    assert "Not looked at: costs: " in refused.text
