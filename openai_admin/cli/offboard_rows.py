"""What ``openai-admin offboard`` shows: lines for people, rows and JSON for programs."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING, Any

from .columns import Column, TextTable
from .csv_text import CSVWriter
from .options import CsvDialect
from .terminal import printable, screen_width

if TYPE_CHECKING:
    from ..workflows.offboarding.model import OffboardingResult, Person, Step

_BEGIN = re.compile(r" *(?:- |\d+\. )?")
_NARROW = 40
"""Columns of a screen below which lines are left as they are."""


def write_lines(lines: Iterable[str], file: IO[str]) -> None:
    """Write lines, those that are too long for the screen in several, under their first word."""
    width = screen_width(file)
    for line in lines:
        begin = _BEGIN.match(line)
        indent = " " * len(begin[0]) if begin is not None else ""
        parts = [line]
        if width is not None and len(line) > width > _NARROW:
            parts = textwrap.wrap(
                line,
                width,
                subsequent_indent=indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
        print(*map(printable, parts), sep="\n", file=file)


_FIELDS = ("kind", "id", "name", "project_id", "project_name", "role", "redacted_value")
_NAMES = ("person", *_FIELDS, "outcome", "reason", "at")


def write_rows(steps: Iterable[tuple[Person, Sequence[Step]]], dialect: CsvDialect) -> None:
    """Write a row of CSV for each step."""
    writer = CSVWriter(sys.stdout, _NAMES, dialect)
    for person, of_person in steps:
        who = person.email or person.id
        writer.page(
            [
                {"person": who, "outcome": step.outcome, "reason": step.reason}
                | {"at": step.at.isoformat() if step.at is not None else None}
                | {name: getattr(step.holding, name) for name in _FIELDS}
                for step in of_person
            ]
        )
    writer.end()


def as_json(result: OffboardingResult) -> dict[str, Any]:
    """A result with what follows from it."""
    from .._wire.codec import to_dict

    known: dict[str, Any] = to_dict(result, mode="json")
    derived = {
        "is_complete": result.is_complete,
        "left": to_dict(result.left, mode="json"),
        "still_there": to_dict(result.still_there, mode="json"),
    }
    return derived | known


_SUMMARY = [
    Column("person", lambda result: str(result.person)),
    Column("steps", lambda result: str(len(result.steps))),
    Column("done", lambda result: str(sum(step.is_over for step in result.steps))),
    Column("left", lambda result: str(len(result.left) + len(result.still_there))),
    Column("stays", lambda result: str(len(result.stays))),
    Column("not known", lambda result: str(len(result.not_known))),
]


def write_summary(results: Sequence[OffboardingResult]) -> None:
    """Write a table with a row for each person."""
    TextTable(sys.stdout, _SUMMARY).page(results)
