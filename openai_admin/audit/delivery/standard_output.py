"""Standard output as a receiver, which may be a pipe whose reader is slow."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence

from .receiver import TAKEN, Answer, DeliveryError
from .records import Record

_CHUNK = 4096
"""Bytes that a pipe takes at once when it says that it has room (``PIPE_BUF``)."""


class StandardOutput:
    """Writes events to standard output, a line each.

    A batch counts as delivered when the system has taken it: what the reader of a pipe does with
    it is not known here.
    """

    name = "standard output"

    async def send(self, batch: Sequence[Record]) -> Answer:
        """Write a batch; while the reader of a pipe is slow, the event loop goes on.

        Raises:
            BrokenPipeError: its reader went away.
            DeliveryError: it cannot be written, as on a full disk.
        """
        data = b"".join(record.body + b"\n" for record in batch)
        try:
            descriptor = sys.stdout.fileno()
        except (OSError, ValueError):  # a stream in memory
            sys.stdout.write(data.decode("utf-8", "replace"))
            return TAKEN
        try:
            sys.stdout.flush()
            await _write(descriptor, memoryview(data))
        except BrokenPipeError:
            raise
        except OSError as error:
            why = error.strerror or error
            raise DeliveryError(f"Standard output cannot be written: {why}.") from None
        return TAKEN

    async def aclose(self) -> None:
        """Nothing is held."""


async def _write(descriptor: int, rest: memoryview) -> None:
    loop = asyncio.get_running_loop()
    may_write = asyncio.Event()
    try:
        loop.add_writer(descriptor, may_write.set)
    except (NotImplementedError, OSError, ValueError):  # a file, which is never slow
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        return
    try:
        while rest:
            await may_write.wait()
            may_write.clear()
            rest = rest[os.write(descriptor, rest[:_CHUNK]) :]
    finally:
        loop.remove_writer(descriptor)
