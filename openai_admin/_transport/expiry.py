"""What nobody will finish any more: the requests of event loops and processes that have ended."""

from __future__ import annotations

import asyncio
import os
import weakref
from typing import Protocol

Loop = asyncio.AbstractEventLoop


class Forgetting(Protocol):
    """What can go on without the requests that it knows of."""

    def forget_requests(self) -> None:
        """Forget them: they are another process's."""


def has_ended(loop: Loop | None) -> bool:
    """Whether nothing runs in an event loop: it was stopped or closed, or its thread has ended."""
    return loop is not None and not loop.is_running()


# Global, as forks are the process's.
_forgetting: weakref.WeakSet[Forgetting] = weakref.WeakSet()


def forgets_in_children(owner: Forgetting) -> None:
    """Let something forget its requests in each child that is forked from this process."""
    _forgetting.add(owner)


def _forget() -> None:
    for owner in list(_forgetting):
        owner.forget_requests()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget)
