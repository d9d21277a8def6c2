"""Measure all lines, or those that are named, print the table, and say what is missed."""

from __future__ import annotations

import argparse
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from math import isnan
from pathlib import Path
from typing import Any

from .. import scale
from ..measure import machine, write
from .line import CPU, SCALES, WORK, Line, Outcome, grown
from .measuring import Figures
from .process import FailedError, measured

_WIDTH = 50


def _lines() -> Iterator[tuple[str, Line]]:
    """Every line of this folder with the name of its module."""
    for module in sorted(
        m.name for m in pkgutil.iter_modules(scale.__path__, f"{scale.__name__}.")
    ):
        if not module.endswith(".__main__"):
            for line in getattr(import_module(module), "LINES", ()):
                yield module, line


def _outcome(module: str, line: Line, rounds: int) -> Outcome:
    """What comes of a line; of each measurement, the round that took the least CPU."""
    runs: dict[tuple[str, int], list[Figures]] = {}
    for _ in range(rounds):
        for times in SCALES:
            for who in ("work", "peer") if line.peer else ("work",):
                runs.setdefault((who, times), []).append(measured(module, line, who, times))
    best = {key: min(figures, key=lambda f: f[CPU]) for key, figures in runs.items()}
    ours, peer = (
        {times: figures for (who, times), figures in best.items() if who == wanted}
        for wanted in ("work", "peer")
    )
    return Outcome(ours, peer)


def _show(line: Line, outcome: Outcome) -> None:
    print(f"\n{line.name}: {line.what}")
    scales = "".join(f"{f'×{times}':>12}" for times in SCALES)
    print(f"{'':<{_WIDTH}}{scales}{'to work':>10}")
    for whose, figures in (("", outcome.ours), ("peer: ", outcome.peer)):
        for name in next(iter(figures.values()), {}):
            known = [figures[times][name] for times in SCALES]
            values = "".join(f"{'-' if isnan(v) else f'{v:,.4g}':>12}" for v in known)
            grows = name != WORK and not any(map(isnan, known))
            growth = f"{grown(name, figures):>10.2f}" if grows else ""
            print(f"  {whose + name:<{_WIDTH - 2}}{values}{growth}")
    for bound in line.bounds:
        sign = "≥" if bound.least else "≤"
        mark = "PASS" if bound.met(outcome) else "missed"
        print(f"  {bound.what:<{_WIDTH}}{bound.of(outcome):>10.4g} {sign} {bound.limit:g}  {mark}")


def _written(figures: Mapping[int, Figures]) -> dict[int, dict[str, float | None]]:
    """Figures as JSON has them: null where a figure was not measured at a scale."""
    return {
        scale: {name: None if isnan(value) else value for name, value in found.items()}
        for scale, found in figures.items()
    }


def main() -> int:
    """Run, print, write."""
    known = {line.name: (module, line) for module, line in _lines()}
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each measurement")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    options = parser.parse_args()
    if unknown := set(options.names) - set(known):
        parser.error(f"no line is named {', '.join(sorted(unknown))}")

    print(machine())
    rows: list[dict[str, Any]] = []
    missed: list[str] = []
    for name in options.names or known:
        module, line = known[name]
        try:
            outcome = _outcome(module, line, options.rounds)
        except FailedError as error:
            print(f"\n{name}: {error}")
            missed.append(name)
            continue
        _show(line, outcome)
        missed += [f"{name}: {bound.what}" for bound in line.bounds if not bound.met(outcome)]
        rows.append(
            {
                "line": name,
                "work": _written(outcome.ours),
                "peer": _written(outcome.peer),
                "bounds": [
                    {
                        "what": bound.what,
                        "limit": bound.limit,
                        "is": bound.of(outcome),
                        "met": bound.met(outcome),
                    }
                    for bound in line.bounds
                ],
            }
        )
    if options.out:
        write(options.out, rows)
    print("\nmissed: " + "; ".join(missed) if missed else "\nall bounds are kept")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
