"""A sign of life every few seconds, for people and for probes."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import attrs

from ..._files import replaced
from .buffer import Buffer
from .line_file import checked_file
from .status import Status
from .threads import done


@attrs.frozen(kw_only=True)
class Heartbeat:
    """How a delivery gives signs of life: a JSON object every few seconds.

    Attributes:
        seconds: how often.
        file: where it is written, whole each time, and removed at the end; by default each is a
            line on standard error.
        sleep: waits.

    Raises:
        InvalidInputError: the file is a folder, or in a folder that is not there.
    """

    seconds: float
    file: Path | None = None
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep

    def __attrs_post_init__(self) -> None:
        if self.file is not None:
            checked_file(self.file)

    async def beat(self, status: Status, buffer: Buffer) -> None:
        """Give signs of life, endlessly."""
        try:
            while True:
                await self.give(status, len(buffer))
                await self.sleep(self.seconds)
        finally:
            if self.file is not None:
                with suppress(OSError):
                    self.file.unlink()

    async def give(self, status: Status, waiting: int) -> None:
        """Give one; where it cannot be written, the delivery goes on, and a probe sees that."""
        text = json.dumps(status.line(waiting)) + "\n"
        if self.file is None:
            print(text, end="", file=sys.stderr, flush=True)
            return
        with suppress(OSError):
            await done(_replace, self.file, text)


def _replace(file: Path, text: str) -> None:
    with replaced(file) as temporary:
        temporary.write_text(text, encoding="utf-8")
