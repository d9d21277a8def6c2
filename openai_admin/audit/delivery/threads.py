"""Work of the disk beside the event loop, which is never left half done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


async def done(work: Callable[..., object], *arguments: Any) -> None:
    """Do some work in a thread; where the caller is cancelled, it is done to its end all the same,
    so that nobody closes a file under it.
    """
    task = asyncio.create_task(asyncio.to_thread(work, *arguments))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
