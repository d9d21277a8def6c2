"""Delivery of the audit log, while the command is killed and its receiver fails at random."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from .trial import To, say, tried

_ALL: tuple[To, ...] = ("hec", "hec-ack", "file")


async def _run(to: Sequence[To], failures: int, seed: int, seconds: float | None) -> int:
    wrong = 0
    for each in to:
        outcome = await tried(each, failures=failures, seed=seed, seconds=seconds)
        say(each, outcome)
        wrong += not outcome.is_right
    return 1 if wrong else 0


def run(argv: Sequence[str]) -> int:
    """Deliver, let things fail, and judge; 1 if anything was lost, torn or invented."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit delivery")
    parser.add_argument("--to", choices=_ALL, action="append", help="all unless told otherwise")
    parser.add_argument("--failures", type=int, default=30)
    parser.add_argument("--minutes", type=float, help="in place of a number of failures")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    seconds = None if options.minutes is None else options.minutes * 60
    return asyncio.run(_run(options.to or _ALL, options.failures, options.seed, seconds))
