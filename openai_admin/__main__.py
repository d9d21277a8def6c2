"""The console script ``openai-admin``, also ``python -m openai_admin``."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

STOPPED = 130
"""The exit code after Ctrl-C, as shells have it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: by default those of the process.

    Returns:
        The exit code: 0, 1 for a failure, 2 for wrong usage, 130 after Ctrl-C.
    """
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:  # while modules are imported
        code = STOPPED
    finally:
        _end_at_once_on_ctrl_c()
    if code == STOPPED and sys.stderr is not None:
        with suppress(OSError):  # nobody reads it any longer
            print("Stopped.", file=sys.stderr)
    return code


def _run(arguments: Sequence[str]) -> int:
    from ._extras import install, missing  # here, so that Ctrl-C meanwhile is caught

    if lacking := missing("typer", "rich", "platformdirs", "tomlkit"):
        print(install("The command line", *lacking, extra="cli"), file=sys.stderr)
        return 2
    from .cli.app import run

    return run(arguments)


def _end_at_once_on_ctrl_c() -> None:
    """All is done: from here on, Ctrl-C would only make the interpreter's end a traceback."""
    is_ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # it may be ignored
    if is_ours and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(main())
