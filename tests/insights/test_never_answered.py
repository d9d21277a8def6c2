"""What is never answered is not known, as what is refused; in virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from benchmarks import virtual_time
from benchmarks.seams import SeededClient
from openai_admin._transport.connection import Timeout
from openai_admin.allocation import Allocation
from openai_admin.emulator import Emulator, Latency
from openai_admin.emulator.faults import Stall
from openai_admin.insights import Review, review
from openai_admin.insights.findings import FINDINGS
from openai_admin.report import to_markdown
from tests.insights.test_refused import BILL, BUDGETS, MONEY, OWNERS, RULES

LATE = 1_000  # seconds; far more than the client waits


async def _reviewed(fault: Any) -> Review:
    clock = asyncio.get_running_loop().time
    async with (
        Emulator(state="empty", clock=clock) as emulator,
        SeededClient(emulator, clock=clock, timeout=Timeout(attempt=5)) as client,
    ):
        emulator.faults.add(fault)
        client = client.with_options(max_retries=0)
        return await review(client, allocation=Allocation.from_text(RULES), budgets=BUDGETS)


@pytest.mark.parametrize(
    ("fault", "lost", "partial"),
    [
        (Latency(match="users.list", seconds=LATE), OWNERS | {"keys_of_former_members"}, set()),
        (Stall(match="usage.costs"), MONEY | {"thresholds"}, set()),
        (Latency(match="usage.embeddings", seconds=LATE), BILL, {"rate_limits"}),
    ],
    ids=["people", "costs, from the middle of the answer on", "one endpoint of usage"],
)
def test_what_is_never_answered_is_not_known(
    fault: Any, lost: frozenset[str], partial: frozenset[str]
) -> None:
    found = virtual_time.run(_reviewed(fault))
    assert {key for key in FINDINGS if getattr(found, key) is None} == lost
    assert {key for key in FINDINGS if found.left_out(key)} == partial
    for key in lost:
        (said,) = FINDINGS[key].sentences(found)
        assert said.startswith("Not checked: the API did not answer in time (")
    assert "the API did not answer in time" in to_markdown(found)
