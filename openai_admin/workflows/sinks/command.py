"""``command:…``: a program, or several connected by pipes, that takes the secret as its input."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import anyio
import attrs

from ..._text.durations import duration
from ...errors import SinkError
from .output import Tail
from .pipeline import pipeline
from .sink import checked, told_when_cut_off

_TIMEOUT = 120.0  # s
_LOOK = 0.02  # s, between two looks at the programs
_GRACE = 3.0  # s, from asking a program to end until it is killed
_AFTER_CTRL_C = 1.0  # s, in which one may end by itself, since a terminal's Ctrl-C reaches it too
_SIGNALS_OF_SHELLS = range(129, 193)  # the exit codes of a shell whose program a signal ended
_MOST_SAID = 300  # characters of a program's last line in an error


def _show(line: str) -> None:
    print(line, file=sys.stderr)


class CommandSink:
    """A program that stores what it reads from its standard input, such as ``gh secret set``.

    The secret is all of its input, without a newline at the end. It is in no argument and no
    environment variable, and is removed from what the program prints.

    Args:
        command: the command line; quotes and pipes are understood, and nothing else of a shell's
            syntax. Every program that a pipe connects has to succeed.
        timeout: seconds after which it is stopped.
        show: takes each line that the programs have printed, once they have ended; by default it
            goes to standard error. Of very much, only the end.

    Raises:
        InvalidInputError: `command` cannot be read.
    """

    def __init__(
        self, command: str, *, timeout: float = _TIMEOUT, show: Callable[[str], None] = _show
    ) -> None:
        self._commands = pipeline(command)
        self._timeout = timeout
        self._show = show

    def __str__(self) -> str:
        """Without the arguments: there may be a secret of another kind among them."""
        return "command:" + " | ".join(
            f"{words[0]} …" if words[1:] else words[0] for words in self._commands
        )

    async def get(self) -> str | None:
        for program, *_ in self._commands:
            _check(program)
        return None

    async def put(self, secret: str) -> None:
        await self.get()
        with _running(checked(secret)) as programs:
            try:
                with told_when_cut_off(self), anyio.move_on_after(self._timeout) as limit:
                    programs.start(self._commands)
                    await programs.ended()
            except anyio.get_cancelled_exc_class():
                with anyio.move_on_after(_AFTER_CTRL_C, shield=True):
                    await programs.ended()
                raise
            finally:
                with anyio.CancelScope(shield=True):
                    await programs.stop()
                for line in programs.lines():
                    self._show(line)
            if limit.cancelled_caught:
                raise SinkError(
                    f"{self} did not end within {duration(self._timeout)} and was stopped; whether"
                    " it has stored the new secret is not known.",
                    in_doubt=True,
                )
            programs.check()


def _check(program: str) -> None:
    if shutil.which(program) is not None:
        return
    if os.sep in program and Path(program).exists():
        raise SinkError(f"The command {program} is not a program that you may run.")
    where = "" if os.sep in program else " on the PATH"
    raise SinkError(f"The command {program} was not found{where}.")


@attrs.frozen
class _Program:
    name: str
    process: subprocess.Popen[bytes]
    errors: Tail


class _Programs:
    """The programs of a pipe at work on a secret.

    Args:
        secret: the secret.
        source: the pipe that has it, open to be read.
        resources: what is closed at the end.
    """

    def __init__(self, secret: str, source: int, resources: ExitStack) -> None:
        self._secret = secret
        self._source = source
        self._resources = resources
        self._output = resources.enter_context(Tail())
        self._programs: list[_Program] = []

    def start(self, commands: Sequence[Sequence[str]]) -> None:
        """Start them, each with what the one before prints as its input."""
        for words in commands:
            before = self._programs[-1].process.stdout if self._programs else None
            errors = self._resources.enter_context(Tail())
            try:
                process = subprocess.Popen(  # noqa: S603 - the user's own command
                    words,
                    stdin=before or self._source,
                    stdout=self._output.end if words is commands[-1] else subprocess.PIPE,
                    stderr=errors.end,
                )
            except OSError as exc:
                raise SinkError(
                    f"The command {words[0]} cannot be run: {exc.strerror or exc}.",
                    in_doubt=bool(self._programs),
                ) from None
            finally:
                if before:
                    before.close()
            self._programs.append(_Program(words[0], process, errors))

    async def ended(self) -> None:
        """Wait until all have ended; what they leave in the background is not waited for."""
        while self._run():
            self._read()
            await anyio.sleep(_LOOK)
        self._read()

    async def stop(self) -> None:
        """End those that still run."""
        for program in self._programs:
            program.process.terminate()  # nothing happens to one that has ended
        with anyio.move_on_after(_GRACE):
            await self.ended()
        for program in self._programs:
            program.process.kill()
            program.process.wait()
            if program.process.stdout:
                program.process.stdout.close()
        self._read()

    def lines(self) -> list[str]:
        """What they have printed, the last one's output first."""
        tails = [self._output, *(program.errors for program in self._programs)]
        return [line for tail in tails for line in tail.lines(self._secret)]

    def check(self) -> None:
        """Make sure that all have succeeded, and have read the secret.

        Raises:
            SinkError: one has not.
        """
        failed = [program for program in self._programs if program.process.returncode]
        cut_off = -signal.SIGPIPE  # it is seldom the cause, but what another's end led to
        for program in sorted(failed, key=lambda p: p.process.returncode == cut_off):
            raise self._failure(program)
        if not self._is_read():
            raise SinkError(
                f"The command {self._programs[0].name} succeeded without reading the secret from"
                " its standard input, so it cannot have stored it."
            )

    def _failure(self, program: _Program) -> SinkError:
        code = program.process.returncode
        is_ended = code < 0 or code in _SIGNALS_OF_SHELLS
        how = f"was ended by signal {abs(code) % 128}" if is_ended else f"failed (exit code {code})"
        said = program.errors.lines(self._secret)[-1:]
        why = f": {said[0][:_MOST_SAID].rstrip('.')}" if said else ""
        error = f"The command {program.name} {how}{why}."
        if not is_ended and self._is_read():
            error += (
                " It may have stored what it read before it failed: look at what is there now, or"
                " run the same command again."
            )
        return SinkError(error, in_doubt=is_ended)

    def _is_read(self) -> bool:
        """Whether the secret was read, all of it."""
        os.set_blocking(self._source, False)
        try:
            return not os.read(self._source, 1)
        except BlockingIOError:  # another process has the other end
            return True

    def _run(self) -> bool:
        return any(program.process.poll() is None for program in self._programs)

    def _read(self) -> None:
        for tail in (self._output, *(program.errors for program in self._programs)):
            tail.read()


@contextmanager
def _running(secret: str) -> Iterator[_Programs]:
    """Programs that are about to get a secret."""
    with ExitStack() as resources:
        # A pipe that has it already: no program can keep us from writing; and what it has not read
        # is still there. A socket pair, which asyncio would use, is not opened by /dev/stdin.
        source, end = os.pipe()
        resources.callback(os.close, source)
        try:
            os.write(end, secret.encode())
        finally:
            os.close(end)
        yield _Programs(secret, source, resources)
