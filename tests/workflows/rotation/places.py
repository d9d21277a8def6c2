"""Places for a secret that tests can look into, whether or not a rotation can."""

from __future__ import annotations

from collections.abc import Callable

from openai_admin.errors import SinkError


def _nothing() -> None:
    pass


class Place:
    """A sink in memory.

    Attributes:
        secret: what it holds.
        failure: what `put` raises instead of storing.
    """

    def __init__(
        self,
        secret: str | None = None,
        *,
        readable: bool = True,
        event: Callable[[], None] | None = None,
    ) -> None:
        self.secret = secret
        self.failure: SinkError | None = None
        self._readable = readable
        self._event = event or _nothing

    def __str__(self) -> str:
        return "memory"

    async def get(self) -> str | None:
        return self.secret if self._readable else None

    async def put(self, secret: str) -> None:
        self._event()
        if self.failure is not None:
            raise self.failure
        self.secret = secret
        self._event()


class StagedPlace(Place):
    """A sink in memory that holds the next secret as well."""

    next_secret: str | None = None

    async def staged(self) -> str | None:
        return self.next_secret

    async def stage(self, secret: str) -> None:
        self._event()
        if self.failure is not None:
            raise self.failure
        self.next_secret = secret
        self._event()

    async def promote(self) -> None:
        self._event()
        if self.next_secret is not None:
            self.secret, self.next_secret = self.next_secret, None
        self._event()
