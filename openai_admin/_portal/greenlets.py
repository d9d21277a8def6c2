"""How an event loop runs where gevent has patched threads; eventlet's patching is refused."""

from __future__ import annotations

import asyncio
import os
import selectors
import sys
import threading
from typing import Any

from ..errors import ConfigurationError


def check_patching() -> None:
    """Refuse a process in which the blocking client's thread could not run.

    Raises:
        ConfigurationError: eventlet has patched it, or gevent only in part.
    """
    eventlet = sys.modules.get("eventlet.patcher")
    if eventlet is not None and eventlet.is_monkey_patched("thread"):
        raise ConfigurationError(
            "OpenAIAdmin does not run under eventlet's monkey-patching; use gevent, or threads."
        )
    if is_patched("threading") and not (is_patched("select") and is_patched("socket")):
        raise ConfigurationError(
            "gevent has patched threads, but not select and socket, without which OpenAIAdmin would"
            " stop every greenlet; call gevent.monkey.patch_all()."
        )


def is_patched(module: str) -> bool:
    """Whether gevent has patched a module of the standard library."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and monkey.is_module_patched(module)


def new_loop() -> asyncio.AbstractEventLoop:
    """An event loop for a thread, or for the greenlet that gevent makes of it."""
    return _loop_of_greenlet() if is_patched("threading") else asyncio.new_event_loop()


def _loop_of_greenlet() -> asyncio.AbstractEventLoop:
    """A loop that is the running one only while it does not wait.

    All greenlets share one system thread, and asyncio keeps the running loop by system thread:
    every other greenlet would seem to run in this loop, and Django, for one, would refuse it.
    """
    process = os.getpid()
    before: asyncio.AbstractEventLoop | None = None

    class Selector(selectors.DefaultSelector):  # made here: by now gevent has replaced its base
        def select(self, timeout: float | None = None) -> Any:
            nonlocal before
            asyncio._set_running_loop(before)
            events = super().select(timeout)
            before = asyncio._get_running_loop()  # of a greenlet that waits in a loop of its own
            if os.getpid() != process:
                # A fork copies greenlets, and this one must not read what the parent waits for.
                threading.Event().wait()
            asyncio._set_running_loop(loop)
            return events

    loop = asyncio.SelectorEventLoop(Selector())
    return loop
