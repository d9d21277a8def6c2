"""The whole of a review as files: a CSV for each finding, and its figures as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .._files import replaced
from .._text.spreadsheet import guarded
from ..insights import Review
from ..insights.findings import FINDINGS, Column, Finding
from ..insights.findings.shown import thing
from .exact import plain
from .figures import figures

FIGURES = "figures.json"


def write_tables(review: Review, folder: Path) -> list[Path]:
    """Write every finding that has rows as ``KEY.csv``, and all figures as ``figures.json``.

    No text is a formula to a spreadsheet. Money is exact, days and times are ISO 8601, UTC, and
    what ends in ``_percent`` is in percent. Files of these names are replaced, each whole; the
    folder is made where it is not there.

    Args:
        review: what was found.
        folder: where to.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_written(folder / name, text) for name, text in _files(review)]


def to_csv(review: Review, finding: Finding[Any]) -> str:
    """All rows of a finding as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    rows = [_fields(finding.columns, row, review.names) for row in finding.rows(review)]
    writer.writerow(rows[0] if rows else ())
    writer.writerows(
        [guarded(each) if isinstance(each, str) else each for each in row.values()] for row in rows
    )
    return text.getvalue()


def _files(review: Review) -> Iterator[tuple[str, str]]:
    for key, finding in FINDINGS.items():
        if finding.rows(review):
            yield f"{key}.csv", to_csv(review, finding)
    yield FIGURES, json.dumps(figures(review), ensure_ascii=False, indent=1) + "\n"


def _written(path: Path, text: str) -> Path:
    with replaced(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")
    return path


def _fields(columns: Sequence[Column[Any]], row: Any, names: Mapping[str, str]) -> dict[str, Any]:
    """A row's values by the names of their fields."""
    made: dict[str, Any] = {}
    for column in columns:
        value: Any = thing(column, row, names) if column.kind == "thing" else column.value(row)
        if column.kind == "thing":
            made |= {column.field: value.id, column.name_field: value.name}
        elif column.kind == "range":
            low, high = value or (None, None)
            made |= {column.field: plain(low), column.name_field: plain(high)}
        elif column.kind == "things":
            made[column.field] = " ".join(str(each.id or each) for each in value)
        else:
            made[column.field] = plain(value, column.kind)
    return made
