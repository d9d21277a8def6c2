"""Debian's promtool, where it is installed, and what it has accepted."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
SHIPPED = HERE.parents[2] / "openai_admin" / "integrations" / "prometheus"
RULES = SHIPPED / "alerts.yml"
DASHBOARD = SHIPPED / "dashboard.json"
SAMPLES = HERE / "samples.txt"
RULE_TESTS = sorted(HERE.glob("*_test.yml"))

_ACCEPTED = HERE / "accepted.json"


def installed() -> str | None:
    """The path of promtool: what ``PROMTOOL`` names, or else what is found."""
    return os.environ.get("PROMTOOL") or shutil.which("promtool")


def run(arguments: Sequence[str | Path], *, text: str | None = None) -> str:
    """What promtool says when it accepts something; an assertion with its words where not."""
    tool = installed()
    assert tool is not None, "promtool is not installed (Debian: the package prometheus)"
    done = subprocess.run([tool, *arguments], input=text, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def digest(*parts: Path | str) -> str:
    """What stands for the contents of files and for texts."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part.read_bytes() if isinstance(part, Path) else part.encode())
    return found.hexdigest()


def check(what: str, given: str, accept: Sequence[tuple[Sequence[str | Path], str | None]]) -> None:
    """Have promtool look at something; without it, compare with what it has accepted.

    Args:
        what: a name for it.
        given: the digest of all that promtool looks at.
        accept: what promtool is run with, arguments and standard input, and has to accept.
    """
    recorded = json.loads(_ACCEPTED.read_text(encoding="utf-8"))
    if installed() is not None:
        for arguments, text in accept:
            run(arguments, text=text)
        if os.environ.get("UPDATE_SNAPSHOTS"):
            recorded[what] = given
            told = json.dumps(dict(sorted(recorded.items())), indent=2)
            _ACCEPTED.write_text(f"{told}\n", encoding="utf-8")
    assert recorded.get(what) == given, (
        f"promtool has not looked at the {what} as they are now: run this test with"
        " UPDATE_SNAPSHOTS=1 where promtool is installed"
    )
