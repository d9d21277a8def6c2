"""The FinOps Foundation's validator finds nothing in a file that could be otherwise."""

from __future__ import annotations

import asyncio

from tests.export.focus_file.conftest import Written
from tests.export.focus_file.facts import check
from tests.export.focus_file.files import rows_of
from tests.export.focus_file.validator import CANNOT_BE_MET, interpreter, verdict


async def test_no_check_fails_that_can_be_met(demo_bill: Written, odd: Written) -> None:
    """Where the validator is not installed, what was recorded of its rules stands in for it."""
    python = interpreter()
    if python is None:
        for bill in (demo_bill, odd):
            check(rows_of(bill.csv))
        return
    files = (demo_bill.csv, odd.parquet)
    for found in await asyncio.gather(*(asyncio.to_thread(verdict, python, f) for f in files)):
        assert found.failed == CANNOT_BE_MET, found
        assert found.passed >= 200, found
