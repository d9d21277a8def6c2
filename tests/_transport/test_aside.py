"""Work in a thread beside the event loop is waited for, however whoever waits is cancelled."""

from __future__ import annotations

import asyncio
import threading

import pytest

from openai_admin._transport.aside import Aside


async def test_a_cancelled_run_ends_with_its_work_and_gives_the_turn_back() -> None:
    aside = Aside()
    begun, may_end, done = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        may_end.wait()
        done.set()

    running = asyncio.create_task(aside.run(work))
    await asyncio.to_thread(begun.wait)
    running.cancel()
    await asyncio.sleep(0)
    assert not running.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert done.is_set()
    assert await aside.run(lambda: 1) == 1
