"""The event loop that a call runs in; without one, what to do instead."""

from __future__ import annotations

import asyncio
import sys

from .._forks import is_forked
from ..errors import OpenAIAdminError

Loop = asyncio.AbstractEventLoop


def running_loop() -> asyncio.AbstractEventLoop:
    """The running event loop.

    Raises:
        OpenAIAdminError: none of asyncio's runs.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise OpenAIAdminError(_remedy()) from None


def has_ended(loop: Loop | None) -> bool:
    """Whether nothing runs in a loop: it was stopped or closed, or its thread has ended."""
    return loop is not None and not loop.is_running()


def _remedy() -> str:
    if _in_trio():
        return (
            "AsyncOpenAIAdmin needs asyncio and does not run under trio; use the blocking client"
            " in a thread: await trio.to_thread.run_sync(OpenAIAdmin().projects.list)."
        )
    fork = ", which does not outlive a fork" if is_forked() else ""
    return (
        f"AsyncOpenAIAdmin needs a running asyncio event loop{fork}; await its calls in a coroutine"
        " that asyncio.run() runs, or use OpenAIAdmin, which blocks."
    )


def _in_trio() -> bool:
    trio = sys.modules.get("trio")
    if trio is None:
        return False
    try:
        trio.lowlevel.current_task()
    except RuntimeError:
        return False
    return True
