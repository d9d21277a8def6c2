"""What importing costs, each in a fresh interpreter."""

from __future__ import annotations

import statistics
import subprocess
import sys

from .measure import Figure

_TIMED = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"
_CLIENT = "openai_admin; openai_admin.AsyncOpenAIAdmin"


def figures(*, rounds: int) -> list[Figure]:
    """The figures of imports."""
    modules = {
        "ours": "openai_admin",
        "client": _CLIENT,
        "official": "openai",
        "base": "aiohttp, cattrs, anyio",
    }
    times: dict[str, list[float]] = {name: [] for name in modules}
    for _ in range(rounds):
        for name, what in modules.items():
            times[name].append(_import(what))
    ms = {name: statistics.median(values) * 1e3 for name, values in times.items()}
    return [
        Figure("import openai_admin", "import openai", ms["ours"], ms["official"], "ms", 1 / 3),
        Figure(
            "the same, with the client loaded", "import openai", ms["client"], ms["official"], "ms"
        ),
        Figure(
            "the same, above aiohttp, cattrs, anyio",
            "60 ms",
            ms["client"] - ms["base"],
            60,
            "ms",
            1.0,
        ),
    ]


def _import(what: str) -> float:
    command = [sys.executable, "-c", _TIMED.format(what)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
