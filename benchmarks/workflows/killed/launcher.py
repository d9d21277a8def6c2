"""Running commands in processes that can be killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import attrs

from .orders import Order
from .points import WHENS, Place, Point, When
from .speed import Clock

_TOP = Path(__file__).parents[3]
_LONGEST = 60.0  # s that a command may take


@attrs.frozen(kw_only=True)
class Run:
    """How a command ended.

    Attributes:
        code: its exit code, negative where a signal ended it.
        stdout: what it has printed.
        stderr: likewise.
        writes: the calls by which it wrote files, where it came to its end.
        requests: how many requests it made, by place.
    """

    code: int
    stdout: str
    stderr: str
    writes: tuple[str, ...]
    requests: Mapping[Place, int]

    @property
    def killed(self) -> bool:
        """Whether it was killed."""
        return self.code == -signal.SIGKILL

    def points(self, *, started: int = 0) -> Iterator[Point]:
        """Every point at which it could have been killed, if it came to its end.

        Args:
            started: how many programs it started that can kill it.
        """
        numbers = {**self.requests, "write": len(self.writes), "command": started}
        for place, whens in WHENS.items():
            for number in range(1, numbers.get(place, 0) + 1):
                for when in whens:
                    if when != "torn" or self.writes[number - 1] == "write":
                        yield Point(place, number, when)


def _started_by(pid: int) -> bool:
    """Whether a program runs that was started by the command with this process id."""
    mark = f"VICTIM={pid}\0".encode()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark in path.read_bytes():
                return True
    return False


class Launcher:
    """Runs one command at a time, and kills it where it is asked to.

    Args:
        speed: how many seconds of the command pass in one.
        program: the module whose ``main(arguments)`` is the command.
    """

    def __init__(self, speed: float = 1.0, program: str = "openai_admin.__main__") -> None:
        self.clock = Clock(speed)
        self._program = program
        self._at: Point | None = None
        self._pid: asyncio.Future[int] | None = None
        self._seen: dict[Place, int] = {}

    async def __aenter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", f"{__package__}.forked", str(self.clock.speed), self._program),
            cwd=_TOP,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        await self.kill()
        self._process.stdin.close()
        await self._process.wait()
        self._folder.cleanup()

    async def run(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        folder: Path,
        at: Point | None = None,
    ) -> Run:
        """Run a command to its end, or to the point at which it is killed.

        Args:
            arguments: those of ``openai-admin``.
            environment: the whole of it.
            folder: the folder it runs in.
            at: where it is killed, if it comes there.
        """
        outputs = {name: Path(self._folder.name, name) for name in ("stdout", "stderr", "notes")}
        for path in outputs.values():
            path.unlink(missing_ok=True)
        paths = {name: str(path) for name, path in outputs.items()}
        self._at, self._seen = at, {}
        self._pid = asyncio.get_running_loop().create_future()
        self._send(
            Order(
                arguments=list(arguments),
                environment=dict(environment),
                folder=str(folder),
                at=attrs.astuple(at) if at else None,
                stdout=paths["stdout"],
                stderr=paths["stderr"],
                notes=paths["notes"],
            )
        )
        try:
            async with asyncio.timeout(_LONGEST):
                self._pid.set_result(pid := (await self._reply())["pid"])
                code = (await self._reply())["status"]
                while _started_by(pid):  # a program that outlives the command
                    await asyncio.sleep(0.005)
        except TimeoutError:
            await self.kill()
            await self._reply()
            raise TimeoutError(f"{' '.join(arguments)} took over {_LONGEST:g} s.") from None
        finally:
            self._pid = None
        return self._ended(code, outputs)

    def _ended(self, code: int, outputs: Mapping[str, Path]) -> Run:
        notes: dict[str, Any] = json.loads(outputs["notes"].read_bytes() or b"{}")
        if modules := notes.get("modules"):  # so that the next one need not load them
            self._send({"load": modules})
        return Run(
            code=code,
            stdout=outputs["stdout"].read_text("utf-8"),
            stderr=outputs["stderr"].read_text("utf-8"),
            writes=tuple(notes.get("writes", ())),
            requests=dict(self._seen),
        )

    @property
    def running(self) -> bool:
        """Whether a command is running."""
        return self._pid is not None

    def reached(self, place: Place) -> When | None:
        """Count that the command came to a place, and say when it is to be killed there."""
        self._seen[place] = number = self._seen.get(place, 0) + 1
        at = self._at
        return at.when if at is not None and (at.place, at.number) == (place, number) else None

    async def kill(self) -> None:
        """Kill the command that is running."""
        if self._pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(await self._pid, signal.SIGKILL)

    def _send(self, order: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")

    async def _reply(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        reply: dict[str, Any] = json.loads(await self._process.stdout.readline())
        return reply
