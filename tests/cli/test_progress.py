"""What is said of long waits where no terminal shows them, in virtual time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from benchmarks import virtual_time
from openai_admin.cli.progress import Progress, WaitNotice
from openai_admin.events import Paused, RequestSent

HELD, PACED = "held after a 429", "paced to {} requests a minute"


def paused(seconds: float, reason: str = HELD, call: int = 1) -> Paused:
    return Paused(
        call=call,
        operation="usage.costs",
        endpoint="GET /organization/costs",
        seconds=seconds,
        reason=reason,
    )


def sent(call: int = 1) -> RequestSent:
    return RequestSent(
        call=call,
        operation="usage.costs",
        method="GET",
        endpoint="GET /organization/costs",
        attempt=1,
        base_url="https://api.openai.com/v1",
        target="/organization/costs",
    )


@pytest.fixture
def lines(
    capsys: pytest.CaptureFixture[str],
) -> Callable[[Callable[[WaitNotice], Coroutine[Any, Any, None]]], list[str]]:
    """What a notice says while something happens."""

    def said(happens: Callable[[WaitNotice], Coroutine[Any, Any, None]]) -> list[str]:
        async def scenario() -> None:
            notice = WaitNotice("Fetching costs")
            await happens(notice)
            notice.end()

        virtual_time.run(scenario())
        text = re.sub(r" for GET /organization/costs \((.*)\)\.", r" (\1)", capsys.readouterr().err)
        return [line.removeprefix("Fetching costs: waiting ") for line in text.splitlines()]

    return said


def test_each_long_wait_is_told_and_a_short_one_is_not(lines: Any) -> None:
    async def happens(notice: WaitNotice) -> None:
        for seconds in (7, 3, 7):
            notice.show_wait(paused(seconds))
            await asyncio.sleep(seconds)
            notice.show_wait(sent())

    assert lines(happens) == [f"another 2 s ({HELD})"] * 2


def test_a_wait_that_goes_on_is_told_again_with_what_is_left(lines: Any) -> None:
    async def happens(notice: WaitNotice) -> None:
        notice.show_wait(paused(95))
        for call in range(2, 40):  # others pass meanwhile
            notice.show_wait(paused(1, call=call))
            await asyncio.sleep(1)
            notice.show_wait(sent(call))

    left = ("1 min 30 s", "1 min 15 s", "1 min")
    assert lines(happens) == [f"another {each} ({HELD})" for each in left]


def test_a_change_of_what_is_waited_for_is_told_and_another_number_is_not(lines: Any) -> None:
    async def happens(notice: WaitNotice) -> None:
        notice.show_wait(paused(60))
        await asyncio.sleep(6)
        for pace in (8.1, 8.2, 8.3, 8.4):
            notice.show_wait(paused(60, PACED.format(pace)))
            await asyncio.sleep(2)

    told = [f"another 55 s ({HELD})", f"another 59 s ({PACED.format(8.3)})"]
    assert lines(happens) == told


async def test_what_ends_first_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    async with Progress("Fetching costs") as progress:
        progress.show_wait(paused(600))
    assert capsys.readouterr().err == ""
