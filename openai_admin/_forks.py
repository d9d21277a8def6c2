"""Forks: a child process begins anew with what only its parent may go on using."""

from __future__ import annotations

import os
import sys
import time
import weakref
from typing import Any, Protocol

# Seconds that a fork waits for imports of other threads.
_MOST_WAIT = 5.0


class Inherited(Protocol):
    """What has threads, locks or connections that a fork copies and does not take along."""

    def begin_anew(self) -> None:
        """In the child: forget them, without a lock and without touching a connection."""
        ...


# Global: what is alive in this process.
_inherited: weakref.WeakSet[Any] = weakref.WeakSet()
# Global: what of the parent was given up in this child, see `abandon`.
_abandoned: list[object] = []


def begins_anew(thing: Inherited) -> None:
    """Have something told in each child that is forked while it is alive."""
    _inherited.add(thing)


def abandon(thing: object) -> None:
    """Keep something of the parent's to the end of this child, so that nothing tidies it up.

    A connection that is collected is taken out of the epoll that both processes share, and the
    parent would wait for its answer in vain.
    """
    _abandoned.append(thing)


def _wait_for_imports() -> None:
    """Let other threads end their imports of this package.

    A lock on a module that is being imported stays locked in the child, for good.
    """
    end = time.monotonic() + _MOST_WAIT
    while _imports() and time.monotonic() < end:
        time.sleep(0.001)


def _imports() -> bool:
    return any(
        # Private, but the only sign of it: importlib's own locks look at it too.
        getattr(getattr(module, "__spec__", None), "_initializing", False)
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] == __package__
    )


def _begin_anew() -> None:
    for thing in list(_inherited):
        thing.begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_wait_for_imports, after_in_child=_begin_anew)
