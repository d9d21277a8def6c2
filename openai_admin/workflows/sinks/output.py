"""The end of what a program prints, without the secret that it was given."""

from __future__ import annotations

import os
from typing import Self

from ..._text.visible import visible
from .masking import masked

_MOST = 4096  # bytes that are kept
_ROOM = 4 * 4096  # bytes before those, in which a secret can begin that ends in them


class Tail:
    """A pipe that a program writes to, of which the last few kilobytes are kept.

    Attributes:
        end: the descriptor to write to.
    """

    def __init__(self) -> None:
        self._source, self.end = os.pipe()
        os.set_blocking(self._source, False)
        self._kept = bytearray()
        self._length = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._source)
        os.close(self.end)

    def read(self) -> None:
        """Take what there is by now."""
        for _ in range(16):  # at most a megabyte, lest somebody who writes on and on holds us
            try:
                piece = os.read(self._source, 65536)
            except BlockingIOError:
                return
            if not piece:
                return
            self._length += len(piece)
            self._kept = (self._kept + piece)[-_MOST - _ROOM :]

    def lines(self, secret: str) -> list[str]:
        """The lines that were kept, with the secret shortened, after a line on those that were not.

        Args:
            secret: what is not to be seen; see `masked`.
        """
        text = self._kept.decode(errors="replace")
        text = masked(text, secret)
        left_out = self._length > _MOST + _ROOM or len(text) > _MOST
        if left_out:  # a part of the secret may be all that was kept of it, at the beginning
            text = text[-_MOST:].partition("\n")[2] or text[-_MOST:]
        lines = [visible(line) for line in text.splitlines() if line.strip()]
        return ["… (what was printed before is not shown)", *lines] if left_out else lines
