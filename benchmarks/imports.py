"""What importing costs in a fresh interpreter, from bytecode, as an installed package has it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

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
    with tempfile.TemporaryDirectory() as bytecode:
        for what in modules.values():
            _import(what, bytecode)
        for _ in range(rounds):
            for name, what in modules.items():
                times[name].append(_import(what, bytecode))
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


def _import(what: str, bytecode: str) -> float:
    """The seconds of an import, with a folder for bytecode; the first one there compiles."""
    # Where the environment forbids to write bytecode, each run would compile all sources anew.
    settings = {"PYTHONPYCACHEPREFIX": bytecode, "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", _TIMED.format(what)]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | settings
    )
    return float(ran.stdout)
