"""What a sink is: a place that holds one secret, from which programs take it."""

from __future__ import annotations

import re
from typing import Protocol, runtime_checkable

from ...errors import SinkError

_USUAL = re.compile(r"[A-Za-z0-9_.~+/=:@%-]{1,4096}")  # what no file's syntax takes for more


class Sink(Protocol):
    """A place for one secret.

    Its ``str()`` names it to people and in a rotation's journal: the same for the same place,
    without any secret. A class without a ``__str__`` of its own is named by its name.
    """

    async def get(self) -> str | None:
        """The secret that it holds now; ``None`` where it holds none, or cannot be read back.

        Raises:
            SinkError: it cannot be read, or could not be written either.
        """
        ...

    async def put(self, secret: str) -> None:
        """Make it hold a secret, whole or not at all; again the same is no harm.

        Raises:
            SinkError: it does not hold it; `SinkError.in_doubt` says where that is not certain.
        """
        ...


@runtime_checkable
class StagedSink(Sink, Protocol):
    """A place that can hold the next secret beside the present one, until it has been tested."""

    async def staged(self) -> str | None:
        """The secret that waits to be promoted; ``None`` where none does."""
        ...

    async def stage(self, secret: str) -> None:
        """Let a secret wait beside the present one, in place of any other that waits.

        Raises:
            SinkError: it does not wait there.
        """
        ...

    async def promote(self) -> None:
        """Make the one that waits the present one; nothing to do where none waits.

        Raises:
            SinkError: the present one is as it was.
        """
        ...


async def check(sink: Sink) -> str | None:
    """Make sure, as far as can be known, that a sink will take a secret; what it holds now.

    To be called before a key is created, so that none is created for a sink that surely fails.

    Raises:
        SinkError: it would fail.
    """
    return await sink.get()


def name_of(sink: Sink) -> str:
    """A sink as people and a journal name it."""
    return type(sink).__name__ if type(sink).__str__ is object.__str__ else str(sink)


def checked(secret: str) -> str:
    """A secret that any sink can take as it is.

    Raises:
        SinkError: it has other characters than keys have, or more than 4096.
    """
    if not _USUAL.fullmatch(secret):
        raise SinkError(
            "The secret cannot be stored: a key is made of at most 4096 letters, digits and"
            " characters of '_.~+/=:@%-'."
        )
    return secret
