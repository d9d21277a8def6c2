"""Asking the person at the terminal.

A thread waits for the line, so that the event loop goes on and acts on Ctrl-C at once, however
close to the prompt it comes.
"""

from __future__ import annotations

import asyncio
import getpass
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

import typer

_MOST_PASTED = 100_000  # characters
_ANSWERS = {"y": True, "yes": True, "n": False, "no": False, "": False}


async def confirm(question: str) -> bool:
    """Ask a question until the answer is yes or no; an empty answer means no.

    Raises:
        typer.Abort: the input ended.
    """
    while True:
        answer = await _answer(f"{question} [y/N]: ")
        agreed = _ANSWERS.get(answer.strip().lower())
        if agreed is not None:
            return agreed
        print("Answer y or n.", file=sys.stderr)


async def hidden(text: str) -> str:
    """Ask for a line that is not shown while it is typed.

    Raises:
        typer.Abort: the input ended.
    """
    if sys.platform == "win32":
        answer = getpass.getpass(f"{text}: ")  # Ctrl-C is a key there, not a signal
    else:
        with _not_echoed():
            answer = await _answer(f"{text}: ")
            print(file=sys.stderr)  # the end of the line was not shown either
    return answer


async def read_line() -> str:
    """The next line of standard input with its end; empty at the end of the input.

    Raises:
        OSError: standard input cannot be read.
    """
    return await _read(lambda file: file.readline())


async def read_all() -> str:
    """Standard input to its end, though not more than what somebody may have pasted.

    Raises:
        OSError: standard input cannot be read.
    """
    return await _read(lambda file: file.read(_MOST_PASTED))


async def _read(way: Callable[[IO[str]], str]) -> str:
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()
    source = sys.stdin.fileno()

    def read() -> None:
        try:
            # A file of its own: the interpreter's end would wait for the lock of `sys.stdin`.
            with open(source, encoding="utf-8", errors="replace", closefd=False) as file:
                found: str | OSError = way(file)
        except OSError as exc:
            found = exc
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(settle, found)

    def settle(found: str | OSError) -> None:
        if line.cancelled():
            return
        if isinstance(found, OSError):
            line.set_exception(found)
        else:
            line.set_result(found)

    # A daemon, which nobody waits for: after Ctrl-C its line may never come.
    threading.Thread(target=read, name="standard input", daemon=True).start()
    return await line


async def _answer(prompt: str) -> str:
    print(prompt, end="", file=sys.stderr, flush=True)
    try:
        line = await read_line()
    except asyncio.CancelledError:  # Ctrl-C
        print(file=sys.stderr)
        raise
    if not line:
        raise typer.Abort
    return line.rstrip("\r\n")


if sys.platform != "win32":

    @contextmanager
    def _not_echoed() -> Iterator[None]:
        """Do not show what is typed; at the end show it again, also if a signal is the end."""
        import termios

        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
        silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]

        def hide(*_: Any) -> None:
            termios.tcsetattr(terminal, termios.TCSAFLUSH, silent)

        def show() -> None:
            with suppress(termios.error):  # the terminal is gone
                termios.tcsetattr(terminal, termios.TCSAFLUSH, before)

        def end(number: int, _: Any) -> None:
            show()
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

        # After Ctrl-Z and `fg` the shell may have left the terminal as it has it itself.
        wanted = {
            signal.SIGTERM: end,
            signal.SIGHUP: end,
            signal.SIGQUIT: end,
            signal.SIGCONT: hide,
        }
        ours = {n: f for n, f in wanted.items() if signal.getsignal(n) is signal.SIG_DFL}
        try:
            for number, handler in ours.items():
                signal.signal(number, handler)
            hide()
            yield
        finally:
            show()
            for number in ours:
                signal.signal(number, signal.SIG_DFL)
