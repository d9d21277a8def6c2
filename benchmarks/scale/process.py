"""One measurement in a fresh process: ``python -m benchmarks.scale.process MODULE NAME WHO SCALE``.

The process prints its figures as JSON in its last line.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from .line import Line
from .measuring import Figures, Measuring

_TOP = Path(__file__).parents[2]
_LONGEST = 600


class FailedError(Exception):
    """A measurement came to no figures; the text says why."""


def measured(module: str, line: Line, who: str, scale: int) -> Figures:
    """The figures of a line's `work` or `peer` at a scale, measured in a process made for it."""
    arguments = [module, line.name, who, str(scale)]
    command = [sys.executable, "-m", __name__, *arguments]
    try:
        run = subprocess.run(
            command, cwd=_TOP, stdout=subprocess.PIPE, text=True, timeout=_LONGEST, check=True
        )
    except subprocess.SubprocessError as error:
        raise FailedError(f"{line.name}, {who}, ×{scale}: {error}") from None
    figures: Figures = json.loads(run.stdout.splitlines()[-1])
    return figures


def main() -> None:
    """Measure, print."""
    module, name, who, scale = sys.argv[1:]
    line = next(line for line in import_module(module).LINES if line.name == name)
    work, measuring = getattr(line, who), Measuring(int(scale))
    if inspect.iscoroutinefunction(work):
        asyncio.run(work(measuring, int(scale)))
    else:
        work(measuring, int(scale))
    print(json.dumps(measuring.figures))


if __name__ == "__main__":
    main()
