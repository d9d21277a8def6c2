"""A file that names people: one on each line, or a CSV file with a column of addresses."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from .errors import CommandError

_HEADERS = ("email", "id")
_DELIMITERS = ",;\t"


def people_of(path: Path) -> list[str]:
    """The people whom a file names, each once, in its order.

    Empty lines and those that begin with ``#`` mean nothing. The first line may name columns, as
    CSV does: ``email`` is the one that counts, else ``id``. Between columns is a comma, a semicolon
    or a tab. The path ``-`` stands for standard input.

    Raises:
        CommandError: it cannot be read, names nobody, or has columns without names.
    """
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not a text file in UTF-8.") from None
    except OSError as exc:
        raise CommandError(f"{path} cannot be read: {exc.strerror or exc}.") from exc
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    delimiter = max(_DELIMITERS, key=lambda each: lines[0].count(each)) if lines else ","
    read = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    rows = [[cell.strip() for cell in row] for row in read]
    header = [cell.casefold() for cell in rows[0]] if rows else []
    column = next((header.index(name) for name in _HEADERS if name in header), None)
    if column is not None:
        found = [row[column] for row in rows[1:] if len(row) > column]
    elif any(len(row) > 1 for row in rows):
        raise CommandError(f"{path} has several columns, and its first line does not name 'email'.")
    else:
        found = [cell for row in rows for cell in row]
    people = _once([text for text in found if text])
    if not people:
        raise CommandError(f"{path} names nobody.")
    return people


def _once(texts: Sequence[str]) -> list[str]:
    return list({text.casefold(): text for text in reversed(texts)}.values())[::-1]
