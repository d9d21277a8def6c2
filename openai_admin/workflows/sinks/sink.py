"""What a sink is: a place that holds one secret, from which programs take it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar, runtime_checkable

import anyio

from ...errors import SinkError
from .masking import masked

_USUAL = re.compile(r"[A-Za-z0-9_.~+/=:@%-]{1,4096}")  # what no file's syntax takes for more


_Result = TypeVar("_Result")
_Kept = TypeVar("_Kept", bound="Sink")


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
        """Make it hold a secret, whole or not at all; the same again does no harm.

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


def guarded(sink: Sink) -> Sink:
    """A user's sink, of which every error is a `SinkError` that does not show the secret."""
    return _GuardedStages(sink) if isinstance(sink, StagedSink) else _Guarded(sink)


class _Guarded(Generic[_Kept]):
    def __init__(self, sink: _Kept) -> None:
        self._sink = sink
        self._secret = ""  # that it was given last, which a later error may have in it

    def __str__(self) -> str:
        return name_of(self._sink)

    async def get(self) -> str | None:
        return await self._guard(self._sink.get())

    async def put(self, secret: str) -> None:
        self._secret = secret
        await self._guard(self._sink.put(secret), in_doubt=True)

    async def _guard(self, call: Awaitable[_Result], *, in_doubt: bool = False) -> _Result:
        try:
            return await call
        except SinkError as exc:
            why, in_doubt = str(exc), exc.in_doubt
        except Exception as exc:  # noqa: BLE001 - whatever somebody else's sink raises
            why = f"{self} failed: {str(exc).rstrip('.') or type(exc).__name__}."
        raise SinkError(masked(why, self._secret), in_doubt=in_doubt)


class _GuardedStages(_Guarded[StagedSink]):
    async def staged(self) -> str | None:
        return await self._guard(self._sink.staged())

    async def stage(self, secret: str) -> None:
        self._secret = secret
        await self._guard(self._sink.stage(secret))

    async def promote(self) -> None:
        await self._guard(self._sink.promote(), in_doubt=True)


def name_of(sink: Sink) -> str:
    """A sink as people and a journal name it."""
    return type(sink).__name__ if type(sink).__str__ is object.__str__ else str(sink)


@contextmanager
def told_when_cut_off(sink: Sink) -> Iterator[None]:
    """Say of a change that is cancelled that nobody knows what came of it."""
    try:
        yield
    except (anyio.get_cancelled_exc_class(), KeyboardInterrupt) as exc:
        exc.add_note(f"Whether {sink} has stored the new secret is not known.")
        raise


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
