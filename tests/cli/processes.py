"""The command line in a separate process, with pipes or with a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parent.parent.parent
COMMAND = [sys.executable, "-m", "openai_admin"]
_LONG = 60.0  # seconds until a test gives up on a process; nothing is measured by it


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with changes, without what would make it another terminal."""
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    return {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm", **changes}


def completed(
    *arguments: str, env: Mapping[str, str], stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command line to its end, its three streams being pipes."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(env),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=_LONG,
        check=False,
    )


class Terminal:
    """A command line on its own terminal."""

    def __init__(self, *arguments: str, env: Mapping[str, str]) -> None:
        self.screen = ""
        self._master, slave = pty.openpty()
        self._process = subprocess.Popen(
            [*COMMAND, *arguments],
            env=environment(env),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(slave)

    def wait_for(self, text: str) -> None:
        """Read until a text is on the screen."""
        end = time.monotonic() + _LONG
        while text not in self.screen:
            assert time.monotonic() < end, f"{text!r} did not come: {self.screen!r}"
            assert self._read(), f"it ended without {text!r}: {self.screen!r}"

    def wait_for_hidden_input(self) -> None:
        """Wait until what is typed is not echoed; what is typed before would be thrown away."""
        end = time.monotonic() + _LONG
        while self.is_echoing:
            assert time.monotonic() < end, f"it still echoes: {self.screen!r}"
            time.sleep(0.01)

    def enter(self, text: str) -> None:
        """Type something."""
        os.write(self._master, text.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.enter("\x03")

    def signal(self, number: int) -> None:
        """Send the process a signal."""
        self._process.send_signal(number)

    def echo(self, on: bool) -> None:
        """Show what is typed, or do not, as a shell does that has the terminal meanwhile."""
        mode = termios.tcgetattr(self._master)
        mode[3] = mode[3] | termios.ECHO if on else mode[3] & ~termios.ECHO
        termios.tcsetattr(self._master, termios.TCSANOW, mode)

    @property
    def is_echoing(self) -> bool:
        """Whether what is typed is shown."""
        return bool(termios.tcgetattr(self._master)[3] & termios.ECHO)

    def code(self) -> int:
        """Wait for the end; the exit code."""
        while self._read():
            pass
        return self._process.wait(_LONG)

    def _read(self) -> bool:
        if not select.select([self._master], [], [], _LONG)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # how Linux says that nobody holds the other end any longer
            return False
        self.screen += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        os.close(self._master)


def _take_terminal() -> None:
    """Make the terminal the controlling one of the process, so that Ctrl-C reaches it.

    The signals of a terminal are as a shell sets them for a program in the foreground, however the
    tests themselves were started (``nohup``, ``&``).
    """
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
