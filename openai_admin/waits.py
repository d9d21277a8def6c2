"""Telling what is waited for: a hook for the whole process, and a line in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable

import attrs

_log = logging.getLogger("openai_admin")


@attrs.frozen
class Wait:
    """A request waits for its endpoint's pace.

    Attributes:
        endpoint: the method and path template.
        seconds: how long it is expected to wait.
        reason: why, in words.
    """

    endpoint: str
    seconds: float
    reason: str


# Global: a hook for the whole process is what a progress line or a metric wants.
_hooks: list[Callable[[Wait], None]] = []


def on_wait(hook: Callable[[Wait], None]) -> Callable[[], None]:
    """Call a function whenever a request of this process begins to wait for a rate limit.

    It is called in the event loop's thread and should return at once. What it raises is logged.

    Returns:
        A function that takes the hook away again.
    """
    _hooks.append(hook)

    def remove() -> None:
        if hook in _hooks:
            _hooks.remove(hook)

    return remove


def announce(wait: Wait, *, log: bool) -> None:
    """Tell the hooks of a wait, and the log at INFO."""
    if log:
        _log.info("%s waits %.1f s: %s", wait.endpoint, wait.seconds, wait.reason)
    for hook in _hooks[:]:
        try:
            hook(wait)
        except Exception:  # noqa: BLE001 - of the caller's own, whatever it is
            _log.exception("A hook of on_wait failed")
