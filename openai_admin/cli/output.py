"""Results written as a table, JSON, CSV, Parquet or a workbook, page after page as they come."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol, Self

from .._declare.arguments import one_of, suggest
from .._extras import require
from .._files import replaced
from .._text.visible import json_text
from .._wire.codec import to_dict
from ..errors import InvalidInputError
from ..usage import export
from ..usage.money import MONEY, is_rounded
from .csv_text import CSVWriter
from .errors import CommandError
from .fields import plain_cell, value_at
from .file_names import named
from .options import CsvDialect, FormatName
from .output_file import check_target, opened, reported
from .sheets import Workbook
from .table import TableWriter
from .terminal import is_terminal, printable

Wire = Callable[[Any], dict[str, Any]]
"""Returns an item as it is in JSON."""

_SUFFIXES: Mapping[str, FormatName] = {
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".csv": "csv",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
    ".txt": "table",
}
# The formats that are not text, with the module and the extra that each needs.
_BINARY: Mapping[FormatName, tuple[str, str, str]] = {
    "parquet": ("Parquet is not text", "pyarrow", "arrow"),
    "xlsx": ("A workbook is not text", "xlsxwriter", "excel"),
}


class Output(NamedTuple):
    """How and where a command writes, as its options say."""

    format: FormatName | None = None
    columns: Sequence[str] = ()
    out: Path | None = None
    force: bool = False
    csv_dialect: CsvDialect | None = None

    @classmethod
    def of(
        cls,
        written: Mapping[str, Any],
        *,
        days: tuple[date, date] | None = None,
        projects: Sequence[str] = (),
    ) -> Self:
        """The output from a command's options.

        Args:
            written: the options.
            days: the days that it is of, for the file's name (see `file_names.named`).
            projects: likewise the projects.

        Raises:
            CommandError: a word in braces in the file's name means nothing.
        """
        given = {name: written[name] for name in cls._fields}
        out = named(written["out"], days=days, projects=projects)
        return cls(**given | {"columns": written["columns"] or (), "out": out})

    def check(self, names: Sequence[str], *, raw: bool = False) -> None:
        """Refuse what cannot be done, before anything is asked of the API.

        Args:
            names: the fields that there are.
            raw: whether what is written is an answer of the API, which has a raw form.

        Raises:
            CommandError: there is no raw form, a file exists, its ending names no format, a column
                is unknown, a format that is not text has no file to go to, or a dialect of CSV has
                no CSV.
        """
        if self.chosen() == "raw" and not raw:
            raise CommandError(
                "--format raw is an answer of the API as it came, and this is made by openai-admin:"
                " use json."
            )
        self._check_ending()
        check_target(self.out, force=self.force)
        for name in self.named():
            first = name.partition(".")[0]
            if first not in names:
                raise CommandError(
                    f"--columns: there is no field {first!r}; there are {one_of(list(names))}"
                    f"{suggest(first, list(names))}"
                )
        if self.csv_dialect is not None and self.chosen() != "csv":
            raise CommandError("--csv-dialect is for CSV: pass --format csv, or name a .csv file.")
        if self.chosen() in _BINARY:
            what, module, extra = _BINARY[self.chosen()]
            require(module, extra=extra)
            if self.out is None:
                raise CommandError(f"{what}: name a file with --out.")

    def _check_ending(self) -> None:
        ending = self.out.suffix if self.out is not None and self.format is None else ""
        if ending and ending.lower() not in _SUFFIXES:
            raise CommandError(
                f"--out: the ending {ending!r} does not stand for a format: it must be"
                f" {one_of(list(_SUFFIXES))}, or pass --format."
            )

    def named(self) -> list[str]:
        """The columns asked for."""
        return [n.strip() for text in self.columns for n in text.split(",") if n.strip()]

    def wire(self, *, secrets: bool = False) -> Wire:
        """How models are written as JSON: with times in ISO 8601 and decimals as exact text.

        ``raw`` is what came, for programs that know the API: Unix seconds, and fields that could
        not be read in their places.

        Args:
            secrets: whether one-time secrets are written too.
        """
        return partial(to_dict, mode="wire" if self.chosen() == "raw" else "json", secrets=secrets)

    def chosen(self) -> FormatName:
        """The format: as asked for, else by the file's name, else by where it goes."""
        if self.format is not None:
            return self.format
        if self.out is not None:
            return _SUFFIXES.get(self.out.suffix.lower(), "json")
        return "table" if is_terminal(sys.stdout) else "json"


class Writer(Protocol):
    """Writes items."""

    def page(self, items: Sequence[Any]) -> None:
        """Write some items of a list."""
        ...

    def record(self, item: Any) -> None:
        """Write a single item."""
        ...

    def end(self) -> None:
        """Write what ends a list."""
        ...


class _Counting:
    """Counts the rows that a writer is given."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._rows: int | None = None

    def page(self, items: Sequence[Any]) -> None:
        self._rows = (self._rows or 0) + len(items)
        self._writer.page(items)

    def record(self, item: Any) -> None:
        self._writer.record(item)

    def end(self) -> None:
        self._rows = self._rows or 0
        self._writer.end()

    def told(self, out: Path) -> str:
        """What was written where."""
        if self._rows is None:
            return f"Wrote {out}."
        return f"Wrote {self._rows:,} {'row' if self._rows == 1 else 'rows'} to {out}."


@contextmanager
def writing(
    output: Output,
    names: Sequence[str],
    wire: Wire,
    *,
    zeros: bool = True,
    counts: Collection[str] = (),
    lines: bool = False,
    foremost: str | None = None,
) -> Iterator[Writer]:
    """A writer for items with these fields, in the format and to the place asked for.

    What a file was given is said on standard error, once it is complete.

    Args:
        output: what was asked for.
        names: the fields.
        wire: returns an item as it is in JSON.
        zeros: whether a table shows columns that have nothing but zeros.
        counts: the fields that are numbers, which Parquet says even where there is none; they are
            what a table is about.
        lines: whether JSON is a line for each item, as of a list that does not end.
        foremost: the field that a table shows whatever room there is.
    """
    with _writer(
        output, names, wire, zeros=zeros, counts=counts, lines=lines, foremost=foremost
    ) as writer:
        counting = _Counting(writer)
        yield counting
    if output.out is not None:
        print(printable(counting.told(output.out)), file=sys.stderr)


@contextmanager
def _writer(
    output: Output,
    names: Sequence[str],
    wire: Wire,
    *,
    zeros: bool,
    counts: Collection[str],
    lines: bool,
    foremost: str | None,
) -> Iterator[Writer]:
    named = output.named()
    chosen = output.chosen()
    if chosen in _BINARY and output.out is not None:
        with reported(str(output.out)), replaced(output.out) as path:
            fields = named or names
            made = Workbook(path, fields) if chosen == "xlsx" else _Parquet(path, fields, counts)
            yield made
            made.save()
        return
    with opened(output.out, force=output.force) as file:
        if chosen == "csv":
            yield CSVWriter(file, named or names, output.csv_dialect or "plain")
        elif chosen == "table":
            yield TableWriter(file, named, names, zeros=zeros, measures=counts, foremost=foremost)
        else:
            yield _JSON(file, named, wire, lines=lines or chosen == "ndjson")


class _JSON:
    def __init__(self, file: IO[str], named: Sequence[str], wire: Wire, *, lines: bool) -> None:
        self._file = file
        self._named = named
        self._wire = wire
        self._lines = lines
        self._count = 0

    def page(self, items: Sequence[Any]) -> None:
        for item in items:
            text = json_text(self._picked(item))
            if self._lines:
                self._file.write(text + "\n")
            else:
                self._file.write((",\n " if self._count else "[\n ") + text)
            self._count += 1
        self._file.flush()

    def record(self, item: Any) -> None:
        indent = None if self._lines else 2
        self._file.write(json_text(self._picked(item), indent=indent) + "\n")

    def end(self) -> None:
        if not self._lines:
            self._file.write("\n]\n" if self._count else "[]\n")

    def _picked(self, item: Any) -> dict[str, Any]:
        whole = self._wire(item)
        return {n: value_at(whole, n) for n in self._named} if self._named else whole


class _Parquet:
    def __init__(self, path: Path, names: Sequence[str], counts: Collection[str]) -> None:
        self._path = path
        self._counts = counts
        self._columns: dict[str, list[Any]] = {name: [] for name in names}

    def page(self, items: Sequence[Any]) -> None:
        for name, column in self._columns.items():
            column.extend(_scalar(value_at(item, name)) for item in items)

    def record(self, item: Any) -> None:
        self.page([item])

    def end(self) -> None:
        pass

    def save(self) -> None:
        try:
            export.write_parquet(self._columns, self._path, metrics=self._counts)
        except InvalidInputError as exc:  # it is the API that gave what no column holds
            raise CommandError(str(exc), code=1) from None
        if any(is_rounded(value) for column in self._columns.values() for value in column):
            print(
                f"Parquet holds {MONEY[1]} decimals: numbers that have more are rounded.",
                file=sys.stderr,
            )


def _scalar(value: Any) -> Any:
    """A value that a Parquet column can have as it is; nested ones as JSON."""
    if value is None or isinstance(value, str | int | float | Decimal | datetime):
        return value
    return plain_cell(value)
