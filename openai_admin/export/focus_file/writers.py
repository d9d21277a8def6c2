"""The forms of a FOCUS file: CSV and Parquet, written some rows at a time."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from decimal import Decimal
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import IO, Any, Literal, Protocol

from ..._extras import require
from ..._files import replaced
from ..._text.spreadsheet import BOM, guarded
from ..._wire.codec import plain
from ..._wire.scalars import digits
from ...errors import InvalidInputError
from ...insights.periods import Period
from ...usage.columns import SLICE
from ...usage.export import arrow_array
from ...usage.money import MONEY
from ...version import __version__
from .charges import Row
from .columns import FOCUS_COLUMNS, FOCUS_VERSION, FocusType

FocusFormat = Literal["csv", "parquet"]

CsvDialect = Literal["plain", "excel"]
"""CSV as it is, or for spreadsheets: with a byte order mark, and no text that is a formula."""

_ENDINGS: Mapping[str, FocusFormat] = {".csv": "csv", ".csv.gz": "csv", ".parquet": "parquet"}

_ROW_GROUP = 65_536

PERIOD = b"openai_admin.days"
"""Where the metadata of Parquet say which days a file is of: the first one, and the end."""

Out = str | PathLike[str] | IO[str]
"""A path, or an open text file for CSV."""


class Writer(Protocol):
    """What takes the rows of a file."""

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows."""
        ...

    def flush(self) -> None:
        """Have nothing waiting."""
        ...


def format_of(path: str | PathLike[str]) -> FocusFormat:
    """The form of a file, by how its name ends.

    Raises:
        InvalidInputError: it says nothing of it.
        ConfigurationError: it is Parquet, and pyarrow is not installed.
    """
    name = Path(path).name.lower()
    for ending, form in _ENDINGS.items():
        if name.endswith(ending):
            if form == "parquet":
                require("pyarrow.parquet", extra="arrow")
            return form
    raise InvalidInputError(
        f"A FOCUS file ends in .csv, .csv.gz or .parquet; {Path(path)} does not."
    )


@contextmanager
def writing(out: Out, period: Period, dialect: CsvDialect | None = None) -> Iterator[Writer]:
    """A writer to a file, which appears under its name once all of it is written.

    Args:
        out: the file.
        period: the days that it is of.
        dialect: how CSV is written; ``None`` is ``plain``.

    Raises:
        InvalidInputError: its name does not say what form it has, or it is Parquet, which has no
            dialects.
    """
    if not isinstance(out, str | PathLike):
        yield _Csv(out, dialect)
        return
    path = Path(out)
    form = format_of(path)
    if dialect is not None and form != "csv":
        raise InvalidInputError(f"csv_dialect is for CSV, and {path} is not a CSV file.")
    is_file = not path.exists() or path.is_file()
    place: AbstractContextManager[Path] = replaced(path) if is_file else nullcontext(path)
    with place as target, target.open("wb") as file:
        if form == "parquet":
            with _parquet(file, period) as writer:
                yield writer
        elif path.name.lower().endswith(".gz"):
            # Without a time and a name, so that two files of the same rows are the same.
            with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed, _text(packed) as text:
                yield _Csv(text, dialect)
        else:
            with _text(file) as text:
                yield _Csv(text, dialect)


def _text(file: Any) -> IO[str]:
    return io.TextIOWrapper(file, encoding="utf-8", newline="")


class _Csv:
    def __init__(self, file: IO[str], dialect: CsvDialect | None) -> None:
        guards = dialect == "excel"
        self._texts = {**_TEXTS, "text": _guarded} if guards else _TEXTS
        self._writer = csv.writer(file, lineterminator="\r\n" if guards else "\n")
        if guards:
            file.write(BOM)
        self._writer.writerow([column.name for column in FOCUS_COLUMNS])

    def write(self, rows: Sequence[Row]) -> None:
        columns = zip(*rows, strict=True)
        texts = [
            map(self._texts[column.type], values)
            for column, values in zip(FOCUS_COLUMNS, columns, strict=True)
        ]
        self._writer.writerows(zip(*texts, strict=True))

    def flush(self) -> None:
        """Nothing is: the file has all rows."""


def _same(value: Any) -> Any:
    return value


def _guarded(text: str | None) -> str | None:
    return None if text is None else guarded(text)


@lru_cache(maxsize=4096)  # every row of a day has the same times
def _time(value: Any) -> Any:
    return plain(value)


def _decimal(number: Decimal | None) -> str | None:
    """A number that is taken for a decimal by whoever guesses types, where all are whole too."""
    if number is None:
        return None
    text = digits(number)
    return text if "." in text else f"{text}.0"


_TEXTS: Mapping[FocusType, Callable[[Any], Any]] = {
    "text": _same,
    "json": _same,
    "decimal": _decimal,
    "time": _time,
    "flag": lambda value: "true" if value else "false",
}


class _Parquet:
    """Gathers rows to groups of a size that readers like, column by column, in few bytes."""

    def __init__(self, writer: Any, schema: Any) -> None:
        self._writer = writer
        self._schema = schema
        self._arrow = require("pyarrow", extra="arrow")
        self._columns: list[list[Any]] = [[] for _ in schema]
        self._waiting: list[Any] = []

    def write(self, rows: Sequence[Row]) -> None:
        for column, values in zip(self._columns, zip(*rows, strict=True), strict=True):
            column.extend(values)
        if len(self._columns[0]) >= SLICE:
            self._pack()
        if sum(len(table) for table in self._waiting) >= _ROW_GROUP:
            self.flush()

    def _pack(self) -> None:
        arrays = []
        for field, column in zip(self._schema, self._columns, strict=True):
            arrays.append(arrow_array(field.name, column, field.type))
            column.clear()
        self._waiting.append(self._arrow.Table.from_arrays(arrays, schema=self._schema))

    def flush(self) -> None:
        """Write what is waiting as a group."""
        if self._columns[0]:
            self._pack()
        if self._waiting:
            self._writer.write_table(self._arrow.concat_tables(self._waiting))
            self._waiting.clear()


@contextmanager
def _parquet(file: Any, period: Period) -> Iterator[Writer]:
    pa = require("pyarrow", extra="arrow")
    parquet = require("pyarrow.parquet", extra="arrow")
    types: Mapping[FocusType, Any] = {
        "text": pa.string(),
        "json": pa.string(),
        "decimal": pa.decimal128(*MONEY),
        "time": pa.timestamp("us", tz="UTC"),
        "flag": pa.bool_(),
    }
    schema = pa.schema(
        [pa.field(c.name, types[c.type], nullable=c.nullable) for c in FOCUS_COLUMNS],
        metadata={
            "FocusVersion": FOCUS_VERSION,
            "DataGenerator": f"openai-admin {__version__}",
            PERIOD: f"{period.start}/{period.end}",
        },
    )
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        made = _Parquet(writer, schema)
        yield made
