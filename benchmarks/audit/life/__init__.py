"""The life of an organization as its audit log tells it: raw events, and what is to be found.

It is written from what a security engineer would call an incident, without looking at how the
detections look for them. All of it comes from a seed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from .lives import Life, live

__all__ = ["Life", "live", "run"]


def run(argv: Sequence[str]) -> int:
    """Print the events of a life, a line for each, to be looked at."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.audit life", description="Print the events of a life."
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--planted", action="store_true", help="with incidents, which come first")
    options = parser.parse_args(argv)
    told = live(options.seed, planted=options.planted, days=options.days)
    for incident in told.incidents:
        print(f"# {incident}")
    for event in told.events:
        print(json.dumps(event))
    return 0
