"""What files that were delivered before say, to be corrected by a later one."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import chain
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Self, cast

import attrs

from ..._extras import require
from ..._text.spreadsheet import BOM, unguarded
from ...errors import InvalidInputError
from ...insights.periods import Period
from ...usage.columns import SLICE
from .charges import CORRECTION, billing_period
from .quantities import UNKNOWN, Quantity
from .skus import Category
from .stated import Key, Stated, Statements
from .writers import PERIOD, format_of

_READ = (
    "BilledCost",
    "BillingAccountId",
    "BillingCurrency",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargePeriodStart",
    "ConsumedQuantity",
    "ConsumedUnit",
    "SubAccountId",
    "SubAccountName",
    "Tags",
    "x_api_key_id",
    "x_line_item",
    "x_user_id",
)
_DETAILS = {"x_api_key_id": "api_key_id", "x_user_id": "user_id"}


@attrs.frozen
class Previous:
    """Files that were delivered before, read.

    Attributes:
        months: the billing periods that they are of, each with the charges that they state for its
            days, corrections among them.
        accounts: who they bill.
        details: the fields that all of them keep charges apart by, beside project and line item.
        names: what their projects were called.
        rounded: whether amounts are rounded to 18 decimals, as Parquet has them.
        has_tags: whether charges are allocated.
    """

    months: Mapping[Period, Mapping[date, Statements]]
    accounts: frozenset[str]
    details: frozenset[str]
    names: Mapping[str, str]
    rounded: bool
    has_tags: bool

    @classmethod
    def read(cls, *paths: str | PathLike[str]) -> Self:
        """Read files; those of one billing period and its later corrections may be several.

        A file states the billing periods of its rows; Parquet says by itself which those are, and
        so states one without a row as well. Corrections of other months count where another of the
        files states those.

        Raises:
            InvalidInputError: a file is not a FOCUS file of this library, a row of it cannot be
                read, nothing says of which month it is, or two files state the same charges; the
                sentence says which.
            OSError: a file cannot be opened.
        """
        stated: dict[date, Statements] = {}
        ordinary: set[Period] = set()
        once = _Once()
        accounts: set[str] = set()
        names: dict[str, str] = {}
        details: list[set[str]] = []
        has_tags = False
        for number, path in enumerate(paths):
            found: set[str] = set()
            periods = set(_said(path))
            for row in _rows(path):
                key = row.key()
                periods.add(billing_period(row.day("BillingPeriodStart")))
                if (of_day := stated.get(key.day)) is None:
                    of_day = stated[key.day] = Statements()
                of_day.add(key, row.stated())
                if account := row.text("BillingAccountId"):
                    accounts.add(account)
                has_tags = has_tags or key.tags is not None
                if row.text("ChargeClass") != CORRECTION:
                    once.add(key, number, fspath(path))
                    found |= {name for column, name in _DETAILS.items() if row.text(column)}
                if key.project_id and (name := row.text("SubAccountName")):
                    names[key.project_id] = name
            if not periods:
                raise InvalidInputError(
                    f"{fspath(path)} has no rows, and nothing in it says of which month it is: its"
                    " corrections cannot be found. Parquet files that openai-admin wrote say it."
                )
            ordinary |= periods
            details.append(found)
        months = {
            month: {day: of_day for day, of_day in stated.items() if day in month}
            for month in sorted(ordinary)
        }
        return cls(
            months,
            frozenset(accounts),
            frozenset(set.intersection(*details) if details else ()),
            names,
            any(format_of(path) == "parquet" for path in paths),
            has_tags,
        )

    def before(self, day: date) -> Self:
        """The same without the billing periods that a day is in, or before."""
        months = {month: stated for month, stated in self.months.items() if month.end <= day}
        return attrs.evolve(self, months=months)

    def of_projects(self, ids: Collection[str]) -> Self:
        """The same without the charges of other projects."""
        months = {
            month: {day: of_day.of_projects(ids) for day, of_day in stated.items()}
            for month, stated in self.months.items()
        }
        return attrs.evolve(self, months=months)


class _Once:
    """Which file states a charge: if two do, all of it would be taken back once."""

    def __init__(self) -> None:
        self._files: dict[tuple[Any, ...], tuple[int, str]] = {}

    def add(self, key: Key, number: int, file: str) -> None:
        """Take down that a file states a charge.

        Args:
            key: the charge.
            number: which of the files it is; the same file may be given twice.
            file: its name.

        Raises:
            InvalidInputError: another one does as well.
        """
        place = (key.day, key.project_id, key.line_item)
        first, other = self._files.setdefault(place, (number, file))
        if first != number:
            project = f"the project {key.project_id}" if key.project_id else "no project"
            raise InvalidInputError(
                f"{other} and {file} both state the charges of {project} for"
                f" {key.line_item or 'no line item'} on {key.day}: give each charge once, and of a"
                " month that was written again the file that was delivered last."
            )


class _Row:
    """A row of a file, whose values may be text.

    Args:
        values: the values of the columns that are read.
        where: where it is, for errors.
        known: texts that were read before: one of them stands for all that are equal.
        guarded: whether texts have an apostrophe before what would be a formula.
    """

    def __init__(
        self, values: Mapping[str, Any], where: str, known: dict[str, str], guarded: bool = False
    ) -> None:
        self._values = values
        self._where = where
        self._known = known
        self._guarded = guarded

    def text(self, column: str) -> str | None:
        """A value as text; ``None`` where there is none."""
        value = self._values[column]
        if value is None or value == "":
            return None
        text = unguarded(str(value)) if self._guarded else str(value)
        return self._known.setdefault(text, text)

    def key(self) -> Key:
        return Key(
            self.day("ChargePeriodStart"),
            cast("Category", self.text("ChargeCategory") or "Usage"),
            self.text("BillingCurrency") or "",
            self.text("x_line_item"),
            self.text("SubAccountId"),
            self.text("x_api_key_id"),
            self.text("x_user_id"),
            self.text("Tags"),
        )

    def stated(self) -> Stated:
        amount = self._number("BilledCost")
        if amount is None:
            raise InvalidInputError(f"{self._where}: a row has no BilledCost.")
        number = self._number("ConsumedQuantity")
        used = UNKNOWN if number is None else Quantity(number, self.text("ConsumedUnit"))
        return Stated(amount, used)

    def day(self, column: str) -> date:
        """The UTC day of a moment."""
        try:
            return _day_of(self._values[column])
        except (TypeError, ValueError):
            raise self._odd(column, "a moment as 2026-10-01T00:00:00Z") from None

    def _number(self, column: str) -> Decimal | None:
        value = self._values[column]
        try:
            number = None if value is None or value == "" else Decimal(str(value))
        except InvalidOperation:
            raise self._odd(column, "a number") from None
        if number is not None and not number.is_finite():
            raise self._odd(column, "a number")
        return number

    def _odd(self, column: str, wanted: str) -> InvalidInputError:
        return InvalidInputError(
            f"{self._where}: {column} must be {wanted}, not {self._values[column]!r}."
        )


@lru_cache(maxsize=4096)  # every row of a day has the same
def _day_of(value: datetime | str) -> date:
    """The UTC day of a moment.

    Raises:
        ValueError: it is not one.
    """
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date()


def _said(path: str | PathLike[str]) -> list[Period]:
    """The billing periods that a Parquet file says that it is of; none where it says nothing."""
    if format_of(path) != "parquet":
        return []
    with _parquet(Path(path)) as source:
        said = (source.schema_arrow.metadata or {}).get(PERIOD)
    if said is None:
        return []
    try:
        start, end = map(date.fromisoformat, said.decode().split("/"))
    except ValueError:
        raise InvalidInputError(
            f"{fspath(path)}: the metadata {PERIOD.decode()} must be two days as"
            f" 2026-10-01/2026-11-01, not {said.decode(errors='replace')!r}."
        ) from None
    return [billing_period(start + timedelta(days=n)) for n in range((end - start).days)]


def _rows(path: str | PathLike[str]) -> Iterator[_Row]:
    """The rows of a file.

    Raises:
        InvalidInputError: it lacks a column, or cannot be read.
    """
    name = fspath(path)
    known: dict[str, str] = {}
    if format_of(path) == "parquet":
        yield from _parquet_rows(Path(path), known)
        return
    with ExitStack() as stack:
        file: Any = stack.enter_context(Path(path).open("rb"))
        if name.lower().endswith(".gz"):
            file = stack.enter_context(gzip.GzipFile(fileobj=file))
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        try:
            first = text.readline()
            is_for_excel = first.startswith(BOM)
            lines = chain([first.removeprefix(BOM)], text)
            reader = csv.DictReader(lines)
            _check(name, reader.fieldnames or ())
            for row in reader:
                if None in row.values():
                    raise InvalidInputError(f"{name}, line {reader.line_num}: the line is cut off.")
                yield _Row(row, f"{name}, line {reader.line_num}", known, is_for_excel)
        except (UnicodeDecodeError, csv.Error, EOFError, gzip.BadGzipFile, zlib.error) as exc:
            raise InvalidInputError(f"{name} cannot be read as CSV: {exc}.") from exc


def _parquet_rows(path: Path, known: dict[str, str]) -> Iterator[_Row]:
    with _parquet(path) as source:
        _check(str(path), source.schema_arrow.names)
        for batch in source.iter_batches(SLICE, columns=list(_READ)):
            columns = [batch.column(column).to_pylist() for column in _READ]
            for values in zip(*columns, strict=True):
                yield _Row(dict(zip(_READ, values, strict=True)), str(path), known)


@contextmanager
def _parquet(path: Path) -> Iterator[Any]:
    """A Parquet file to read.

    Raises:
        InvalidInputError: it cannot be read.
    """
    pa = require("pyarrow", extra="arrow")
    parquet = require("pyarrow.parquet", extra="arrow")
    with path.open("rb") as file:
        try:
            yield parquet.ParquetFile(file)
        except pa.ArrowException as exc:
            raise InvalidInputError(f"{path} cannot be read as Parquet: {exc}.") from exc


def _check(name: str, columns: Iterable[str]) -> None:
    lacking = [column for column in _READ if column not in columns]
    if lacking and any(";" in column for column in columns):
        raise InvalidInputError(
            f"{name} has semicolons between its columns, as some spreadsheets save CSV; they must"
            " be commas, as in the file that openai-admin wrote."
        )
    if lacking:
        raise InvalidInputError(
            f"{name} is not a FOCUS file that openai-admin wrote: it has no column {lacking[0]}."
        )
