"""Texts that a spreadsheet would take for a formula."""

from __future__ import annotations

import re

# What spreadsheets take for the beginning of a formula; the wide forms, where the locale has them.
_FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NEGATIVE = re.compile(r"-\d+(\.\d+)?")


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe before what could be one.

    A plain negative number stays a number.
    """
    return f"'{text}" if _FORMULA.match(text) and not _NEGATIVE.fullmatch(text) else text
