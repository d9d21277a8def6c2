"""Forks: a child process begins anew with what only its parent may go on using."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
import warnings
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Protocol

# Seconds that a fork waits for imports of other threads, and they for it.
_MOST_WAIT = 5.0

# What asyncio and anyio import at a first call, and the loop policy that asyncio makes there, are
# made here, ahead: a fork of another thread meanwhile would leave their locks locked in the child.
# And an import in the portal's thread would wait for a module that the thread which waits for the
# portal is importing.
for _name in ("anyio._backends._asyncio", "concurrent.futures.thread", "encodings.idna"):
    import_module(_name)
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.14 has another name for it
    asyncio.get_event_loop_policy()


class Inherited(Protocol):
    """What has threads, locks or connections that a fork copies and does not take along."""

    def begin_anew(self) -> None:
        """In the child: forget them, without a lock and without touching a connection."""
        ...


_first_process = os.getpid()
# Global: what is alive in this process.
_inherited: weakref.WeakSet[Any] = weakref.WeakSet()
# Global: what of the parent was given up in this child, see `abandon`.
_abandoned: list[object] = []
# Global: the threads that are in `importing`, each as often as it is, and those that fork.
_importing: list[int] = []
_forking: list[int] = []


def is_forked() -> bool:
    """Whether this process was forked off another one that has this package loaded."""
    return os.getpid() != _first_process


def begins_anew(thing: Inherited) -> None:
    """Have something told in each child that is forked while it is alive."""
    _inherited.add(thing)


def abandon(thing: object) -> None:
    """Keep something of the parent's to the end of this child, so that nothing tidies it up.

    A connection that is collected is taken out of the epoll that both processes share, and the
    parent would wait for its answer in vain.
    """
    _abandoned.append(thing)


@contextmanager
def importing() -> Iterator[None]:
    """Around an import that a call makes: no other thread forks meanwhile.

    A lock on a module that is being imported stays locked in the child, for good.
    """
    own = threading.get_ident()
    end = time.monotonic() + _MOST_WAIT
    while own not in _importing:
        _importing.append(own)  # before it looks, as who forks does
        if set(_forking) <= {own} or time.monotonic() > end:
            break
        _importing.remove(own)
        time.sleep(0.001)
    else:
        _importing.append(own)
    try:
        yield
    finally:
        _importing.remove(own)


def _wait_for_imports() -> None:
    """Let other threads end their imports of this package, and what these import of others."""
    _forking.append(threading.get_ident())
    end = time.monotonic() + _MOST_WAIT
    while _others_import() and time.monotonic() < end:
        time.sleep(0.001)


def _others_import() -> bool:
    own = threading.get_ident()
    if not set(_importing) <= {own}:
        return True
    # Private, but the only sign of a user's import: a module has its lock before it is among
    # sys.modules.
    locks: dict[str, Any] = sys.modules["_frozen_importlib"]._module_locks
    return any(
        lock is not None and lock.owner != own
        for name, lock in [(name, reference()) for name, reference in list(locks.items())]
        if name.partition(".")[0] == __package__
    )


def _end_of_fork() -> None:
    _forking.remove(threading.get_ident())


def _begin_anew() -> None:
    own = threading.get_ident()
    _importing[:] = [thread for thread in _importing if thread == own]
    _forking.clear()
    for thing in list(_inherited):
        thing.begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_wait_for_imports, after_in_parent=_end_of_fork, after_in_child=_begin_anew
    )
