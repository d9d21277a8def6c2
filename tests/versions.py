"""Run the tests on every Python, and at the lowest versions: ``python -m tests.versions``.

Each run has a virtual environment of its own, made by uv with what `pyproject.toml` allows: the
newest versions, or the lowest of each requirement named there. ``--only`` picks runs; what follows
``--`` goes to pytest. An interpreter that is not on this machine is named, and its run is left out;
those of pyenv are found when ``PYENV_VERSION`` names them. A whole run on the newest declared
Python measures coverage too, and fails below the floor in `pyproject.toml`.

Exit codes: 0, every run that was made passed; 1, one failed, or none could be made.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

import attrs

ROOT = Path(__file__).parents[1]
# Looked for too; it is declared once the tests have passed on it.
NEXT = "3.14"
# What pytest is given for the whole suite.
WHOLE = ["-n", "2"]


@attrs.frozen
class Run:
    """One run of the tests.

    Attributes:
        python: the interpreter's version, such as ``3.12``.
        lowest: whether the lowest versions of the requirements are installed.
        measured: whether coverage is measured.
    """

    python: str
    lowest: bool = False
    measured: bool = False

    @property
    def name(self) -> str:
        """What the table and ``--only`` call it."""
        return f"{self.python}-lowest" if self.lowest else self.python


def runs() -> list[Run]:
    """The lowest versions of all on the oldest Python, and each that is declared, and the next."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [
        match[1]
        for classifier in project["classifiers"]
        if (match := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", classifier))
    ]
    *older, newest = found
    return [
        Run(found[0], lowest=True),
        *map(Run, older),
        Run(newest, measured=True),
        Run(NEXT),
    ]


def interpreter(version: str) -> str:
    """The path of an interpreter on this machine.

    Raises:
        LookupError: there is none, or it does not run.
    """
    found = _uv("python", "find", "--no-project", "--no-python-downloads", version)
    if found.returncode:
        raise LookupError(found.stderr.strip().partition("\n")[0].removeprefix("error: "))
    return found.stdout.strip()


def environment(run: Run, python: str, folder: Path) -> str:
    """The interpreter of a new virtual environment with the package and all it needs."""
    place = folder / run.name
    own = str(place / "bin" / "python")
    resolution = "lowest-direct" if run.lowest else "highest"
    _uv("venv", "-q", "--python", python, str(place), check=True)
    _uv(
        *("pip", "install", "-q", "--python", own, "--resolution", resolution),
        *("-e", f"{ROOT}[dev]"),
        check=True,
    )
    return own


def _uv(*arguments: str, check: bool = False) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "uv", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise SystemExit(f"{' '.join(command[2:])} failed:\n{done.stderr}")
    return done


def outcome(run: Run, folder: Path, arguments: Sequence[str]) -> str:
    """How the tests ended: pytest's last line, or why they were not run."""
    try:
        python = interpreter(run.python)
    except LookupError as why:
        return f"not run: {why}"
    own = environment(run, python, folder)
    print(f"== {run.name}", flush=True)
    measuring = ["--cov=openai_admin"] if run.measured and not arguments else []
    with subprocess.Popen(
        [own, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(arguments or WHOLE), *measuring],
        cwd=ROOT,
        # The default way of measuring doubles the time; this one needs Python 3.12.
        env={**os.environ, "COVERAGE_CORE": "sysmon"} if measuring else None,
        stdout=subprocess.PIPE,
        text=True,
    ) as tests:
        last = ""
        for line in tests.stdout or ():
            print(line, end="", flush=True)
            last = line.strip() or last
    return f"passed: {last}" if tests.returncode == 0 else f"failed: {last}"


def main() -> int:
    """Make the runs, and print how each ended."""
    _uv("--version", check=True)
    known = {run.name: run for run in runs()}
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", action="append", choices=known, help="make this run; repeatable")
    parser.add_argument("arguments", nargs="*", help="what pytest is given, after --")
    options = parser.parse_args()
    chosen = [known[name] for name in options.only or known]
    with tempfile.TemporaryDirectory() as folder:
        outcomes = {run.name: outcome(run, Path(folder), options.arguments) for run in chosen}
    for name, ended in outcomes.items():
        print(f"{name:<12} {ended}")
    made = [ended for ended in outcomes.values() if not ended.startswith("not run")]
    return 0 if made and all(ended.startswith("passed") for ended in made) else 1


if __name__ == "__main__":
    sys.exit(main())
