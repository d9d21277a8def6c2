"""A plan for a large organization: what it takes beside the reads."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

DESCRIPTION = "a plan for 500 projects and 2,000 people"
_MOST_SECONDS = 10.0
_MOST_MEGABYTES = 300.0
_TOP = Path(__file__).parents[3]


def measure(sample: int | None) -> list[str]:
    """Pull, edit, plan, print; what is missed. There is one organization, whatever the sample."""
    serving = subprocess.Popen(
        [sys.executable, "-m", f"{__name__}.served"],
        cwd=_TOP,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert serving.stdin is not None
    assert serving.stdout is not None
    try:
        address, key = (serving.stdout.readline().strip() for _ in range(2))
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder, "org.yaml"))
            command = [sys.executable, "-m", f"{__name__}.planned", address, key, path]
            subprocess.run(command, cwd=_TOP, check=True, capture_output=True)
            run = subprocess.run(command, cwd=_TOP, check=True, capture_output=True, text=True)
    finally:
        serving.stdin.close()
        serving.wait()
    figures: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    for name, value in figures.items():
        print(f"{name:<20}{value:>16,.2f}".rstrip("0").rstrip("."))
    beside = figures["the file, s"] + figures["the plan, s"]
    missed = []
    if beside > _MOST_SECONDS:
        missed.append(f"{beside:.1f} s of CPU beside the reads, over {_MOST_SECONDS:g}")
    if figures["peak, MB"] > _MOST_MEGABYTES:
        missed.append(f"a peak of {figures['peak, MB']:.0f} MB, over {_MOST_MEGABYTES:g}")
    return missed
