"""Whether DuckDB counts the same in OCSF and in ECS as in the events as they came."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.audit._counted import counted, differences
from benchmarks.audit._events import events


def run(argv: Sequence[str]) -> int:
    """Write, count, print, and say what differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit duckdb")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        counts = counted(events(options.events, seed=options.seed), Path(folder))
        sizes = {path.stem: path.stat().st_size for path in sorted(Path(folder).iterdir())}
    for format, found in counts.items():
        megabytes = sizes[format] / 1e6
        print(f"{format:<6}{found.total():>10,} events{len(found):>10,} groups{megabytes:>8.1f} MB")
    missed = differences(counts)
    if any(found.total() != options.events for found in counts.values()):
        missed.append("not every event is counted")
    print("\nmissed:\n" + "\n".join(missed[:20]) if missed else "\nall counts are equal")
    return 1 if missed else 0
