"""What is said of long waits where no terminal shows them."""

from __future__ import annotations

import asyncio
import re

import pytest

from openai_admin.cli.progress import Progress, WaitNotice
from openai_admin.events import Paused, RequestSent


def paused(seconds: float, reason: str = "rate limit") -> Paused:
    return Paused(
        call=1,
        operation="usage.costs",
        endpoint="GET /organization/costs",
        seconds=seconds,
        reason=reason,
    )


async def test_a_long_wait_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    notice = WaitNotice("Fetching costs", patience=0.0)
    for _ in range(3):
        notice.show_wait(paused(600))
        await asyncio.sleep(0.01)
    notice.end()
    line = r"Fetching costs: waiting \d+ s for GET /organization/costs \(rate limit\)\.\n"
    assert re.fullmatch(line, capsys.readouterr().err)


async def test_a_wait_that_is_over_is_not_told_but_a_later_one_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    notice = WaitNotice("Fetching costs", patience=0.0)
    notice.show_wait(paused(600))
    notice.show_wait(
        RequestSent(
            call=1,
            operation="usage.costs",
            method="GET",
            endpoint="GET /organization/costs",
            attempt=1,
        )
    )
    await asyncio.sleep(0.01)
    assert capsys.readouterr().err == ""
    notice.show_wait(paused(600))
    await asyncio.sleep(0.01)
    assert capsys.readouterr().err.startswith("Fetching costs: waiting ")
    notice.end()


async def test_what_is_told_is_the_newest(capsys: pytest.CaptureFixture[str]) -> None:
    notice = WaitNotice("Fetching costs", patience=0.0)
    notice.show_wait(paused(2, "paced to 8 requests a minute"))
    notice.show_wait(paused(500, "held after a 429"))
    await asyncio.sleep(0.01)
    notice.end()
    line = r".*: waiting (500|499) s for GET /organization/costs \(held after a 429\)\.\n"
    assert re.fullmatch(line, capsys.readouterr().err)


async def test_what_ends_first_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    async with Progress("Fetching costs") as progress:
        progress.show_wait(paused(600))
    assert capsys.readouterr().err == ""
