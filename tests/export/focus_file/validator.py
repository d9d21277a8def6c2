"""The validator of the FinOps Foundation, held to bills of five seeds: ``python -m tests.export.\
focus_file.validator``.

It is focus-validator 2.2 or later in a virtual environment of its own, for it needs Python 3.12 and
an older pyarrow. The environment's interpreter is named by ``FOCUS_VALIDATOR_PYTHON``::

    python3.12 -m venv /tmp/validator
    /tmp/validator/bin/pip install 'focus-validator>=2.2' 'pyarrow<22'
    FOCUS_VALIDATOR_PYTHON=/tmp/validator/bin/python python -m tests.export.focus_file.validator

Exit codes: 0, no check failed that can be met; 1, one did.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import attrs

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.export import Previous, focus
from openai_admin.insights import month_of
from openai_admin.insights.periods import midnight
from tests.export.focus_file.biller import OCTOBER, Biller, line, odd_bill

VARIABLE = "FOCUS_VALIDATOR_PYTHON"
RULES = "1.2.0.1"

APPLICABLE = (
    "MULTIPLE_PRICING_CATEGORIES_SUPPORTED",
    "SUB_ACCOUNT_SUPPORTED",
    "TAGGING_SUPPORTED",
    "UNIT_PRICING_SUPPORTED",
    "USAGE_MEASUREMENT_SUPPORTED",
)
"""What the API is able to, as the rules call it; rules for other abilities are passed over."""

CANNOT_BE_MET = frozenset({"InvoiceId-C-005-C"})
"""``InvoiceId`` must not be null where there is an invoice; of whether there is one, the validator
knows nothing, so that it demands this of all rows, and by InvoiceId-C-004-C the contrary."""

SEEDS = range(1, 6)


@attrs.frozen
class Verdict:
    """What the validator said.

    Attributes:
        passed: how many checks.
        skipped: how many do not apply.
        failed: those that failed, or could not be made.
    """

    passed: int
    skipped: int
    failed: frozenset[str]

    def __str__(self) -> str:
        names = ", ".join(sorted(self.failed)) or "none"
        return f"{self.passed} passed, {self.skipped} skipped, {len(self.failed)} failed ({names})"


def interpreter() -> str | None:
    """The interpreter that has the validator; ``None`` where none is named."""
    return os.environ.get(VARIABLE)


def verdict(python: str, file: Path) -> Verdict:
    """What the validator says of a file.

    Args:
        python: the interpreter that has it.
        file: a FOCUS file.
    """
    where = (
        "import focus_validator, pathlib; print(pathlib.Path(focus_validator.__file__).parents[1])"
    )
    told = subprocess.run([python, "-c", where], capture_output=True, text=True, check=True)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        done = subprocess.run(
            [
                *(python, "-m", "focus_validator.main", "--block-download"),
                *("--data-file", str(file.absolute()), "--validate-version", RULES),
                *("--applicability-criteria", ",".join(APPLICABLE)),
                *("--output-type", "unittest", "--output-destination", str(report)),
            ],
            cwd=told.stdout.strip(),  # it looks for its own files there
            capture_output=True,
            text=True,
            check=False,
        )
        if not report.exists():
            raise RuntimeError(f"The validator wrote nothing:\n{done.stdout}{done.stderr}")
        return _read(report)


def _read(report: Path) -> Verdict:
    """The verdict in a report; the validator ends with 0 whatever it says."""
    results: dict[str, str] = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = case.get("name", "").partition(" :: ")[0]
        results[name] = case[0].tag if len(case) else "passed"
    kinds = list(results.values())
    failed = {name for name, kind in results.items() if kind in ("failure", "error")}
    return Verdict(kinds.count("passed"), kinds.count("skipped"), frozenset(failed))


async def _bills(folder: Path) -> AsyncIterator[Path]:
    """A month of the demo organization of each seed, a bill with odd amounts, in both
    forms, and its corrections."""
    month = month_of(datetime.now(UTC)).before()
    for seed in SEEDS:
        file = folder / f"seed-{seed}.{'csv' if seed % 2 else 'parquet'}"
        async with (
            Emulator(seed=seed) as emulator,
            AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
        ):
            await focus(client, file, period=month)
        yield file
    async with Biller(odd_bill()) as biller, biller.client() as client:
        for file in (folder / "odd.csv", folder / "odd.parquet"):
            await focus(client, file, period=OCTOBER)
            yield file
        biller.lines[OCTOBER.start].append(line("1", "gpt-5, late", quantity=2, unit="tokens"))
        file, november = folder / "corrections.csv", month_of(midnight(OCTOBER.end))
        previous = Previous.read(folder / "odd.csv")
        await focus(client, file, period=november, previous=previous)
        yield file


async def _main(python: str) -> int:
    code = 0
    with tempfile.TemporaryDirectory() as folder:
        async for file in _bills(Path(folder)):
            found = await asyncio.to_thread(verdict, python, file)
            print(f"{file.name}: {found}", flush=True)
            code = code or int(not found.failed <= CANNOT_BE_MET or not found.passed)
    return code


if __name__ == "__main__":
    named = interpreter()
    if named is None:
        sys.exit(f"{VARIABLE} names no interpreter that has focus-validator.")
    sys.exit(asyncio.run(_main(named)))
