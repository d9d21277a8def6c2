"""Print every figure of speed and memory: ``python -m benchmarks.compare`` (``--out``: as JSON)."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

import attrs

from . import blocking, fan_out, hung, imports, page, reads, stream, usage_reads
from .clients import Clients
from .measure import Figure, machine, verdict, write
from .server import running


async def _figures(rounds: int) -> list[Figure]:
    with running() as server:
        async with Clients(server.base_url) as clients:
            figures = [
                *await page.figures(server, clients, rounds=rounds),
                *await reads.figures(server, clients, rounds=rounds),
                *await usage_reads.figures(server, clients, rounds=rounds),
            ]
        figures += await fan_out.figures(server, rounds=rounds)
        figures += await hung.figures(server, rounds=rounds)
        server.set()
        figures += await asyncio.to_thread(blocking.figures, server, rounds=rounds)
        figures += await stream.figures(server)
    return figures + imports.figures(rounds=rounds)


def main() -> int:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="runs of each work")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    options = parser.parse_args()
    figures = asyncio.run(_figures(options.rounds))
    print(machine())
    print(f"{'work':<44} {'against':<28} {'ours':>10} {'theirs':>10} {'ratio':>7} {'bound':>7}")
    for figure in figures:
        mark = verdict(figure.met)
        bound = "" if figure.bound is None else f"{figure.bound:.3f}"
        print(
            f"{figure.work:<44} {figure.against:<28} {figure.ours:>7.2f} {figure.unit:<2}"
            f" {figure.theirs:>7.2f} {figure.unit:<2} {figure.ratio:>7.3f} {bound:>7} {mark}"
        )
    if options.out:
        rows = [attrs.asdict(f) | {"ratio": f.ratio, "met": f.met} for f in figures]
        write(options.out, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
