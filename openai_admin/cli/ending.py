"""How a command ends when it is stopped, and what it says of what it leaves in doubt."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import NoReturn

from .._causes import chain
from .terminal import paint, printable


class TerminatedError(BaseException):
    """SIGTERM ended a command, as Ctrl-C does: what was begun is cleared away."""


def terminate(*_: object) -> None:
    """What SIGTERM does while no event loop runs; another does nothing then.

    Raises:
        TerminatedError: always.
    """
    signal.signal(signal.SIGTERM, go_on)
    raise TerminatedError


def go_on(*_: object) -> None:
    """What SIGTERM does while a command ends by one already: who sent it may send it to its group
    as well. A function, since with `signal.SIG_IGN` Python complains of one that is just arriving.
    """


def clear_away_on_sigterm() -> None:
    """Let SIGTERM end the command in order, unless it is ignored or somebody else's."""
    main = threading.current_thread() is threading.main_thread()
    if main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, terminate)


def end_at_once_on_sigterm() -> None:
    """All is done: from here on, SIGTERM would only make the interpreter's end a traceback.

    Where one has ended the command already, the exit code stays, whatever comes now.
    """
    handler = signal.getsignal(signal.SIGTERM)
    if handler is terminate:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    elif handler is go_on:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def end_by_sigterm() -> NoReturn:
    """End the process by the signal, so that whoever sent it sees that; the first process of a
    container, which no signal of its own ends, by the exit code that shells have for it.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.raise_signal(signal.SIGTERM)
    os._exit(128 + signal.SIGTERM)


def say_notes(error: BaseException) -> None:
    """Say what an error leaves in doubt: its notes, and those of what led to it."""
    for link in chain(error):
        for note in getattr(link, "__notes__", ()):
            print(paint(printable(note), "31", sys.stderr), file=sys.stderr)
