"""Twelve questions, asked in three ways: every figure is the independent sum, to the last digit."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pytest_asyncio import fixture

from tests.questions.questions import QUESTIONS
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
