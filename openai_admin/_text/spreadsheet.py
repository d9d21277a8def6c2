"""Texts that spreadsheets leave as they are: none of them is a formula."""

from __future__ import annotations

import re

BOM = "\ufeff"
"""What CSV for Excel begins with: without it, Excel takes it for the machine's old code page."""

# What spreadsheets take for the beginning of a formula; the wide forms, where the locale has them.
# Behind apostrophes it is not one; it gets another so that a guarded text can be told from it.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NEGATIVE = re.compile(r"-\d+(\.\d+)?")


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe before what could be one.

    A plain negative number stays a number.
    """
    return f"'{text}" if _is_formula(text) else text


def unguarded(text: str) -> str:
    """The text that was guarded."""
    return text[1:] if text.startswith("'") and _is_formula(text[1:]) else text


def _is_formula(text: str) -> bool:
    return bool(_FORMULA.match(text)) and not _NEGATIVE.fullmatch(text)
