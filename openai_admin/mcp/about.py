"""What the server that carries a call out was started with, for the tools that tell it."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar

import attrs


@attrs.frozen(kw_only=True)
class About:
    """How the server was started, and which connection a call is made on.

    Attributes:
        connection: the connection of the current call; ``None`` outside of one.
        connections: the names of all.
        read_only: whether no tool that changes anything is offered.
        allowed: what is done without asking: dangers, as ``--allow`` takes them.
        sinks: the names of the places that new keys can be put into.
        brings_key: whether each request brings the key that it acts with.
    """

    connection: str | None = None
    connections: Sequence[str] = ()
    read_only: bool = False
    allowed: Sequence[str] = ()
    sinks: Sequence[str] = ()
    brings_key: bool = False

    def on(self, connection: str) -> About:
        """The same for a call on a connection."""
        return attrs.evolve(self, connection=connection)


_current: ContextVar[About | None] = ContextVar("about", default=None)


def set_about(about: About) -> None:
    """Say what holds for the current call, which runs in a context of its own."""
    _current.set(about)


def about() -> About:
    """What holds for the current call."""
    return _current.get() or About()
