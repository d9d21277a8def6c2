"""Tables of usage in other forms: Arrow, Polars, pandas, CSV, JSON, Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from .._extras import require
from .._wire.codec import iso
from ..errors import InvalidInputError
from .money import MONEY, digits, rounded

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

_DECIMALS = ("amount", "quantity")
_TEXTS = ("currency", "quantity_unit")

Target = str | PathLike[str] | IO[str]


def to_arrow(columns: Mapping[str, Sequence[Any]], *, metrics: Collection[str] = ()) -> pa.Table:
    """An Arrow table: times in UTC, money as ``decimal128(38, 18)``; ``metrics`` are numbers.

    Raises:
        InvalidInputError: a number has more digits than that.
    """
    pa = require("pyarrow", extra="data")
    return pa.table(
        {n: arrow_array(n, v, _arrow_type(pa, n, v, n in metrics)) for n, v in columns.items()}
    )


def arrow_array(name: str, values: Sequence[Any], type: Any) -> Any:
    """A column as an Arrow array; a number is rounded half to even to the places that there are.

    Raises:
        InvalidInputError: a number has too many digits; the column is named.
    """
    pa = require("pyarrow", extra="data")
    try:
        if pa.types.is_decimal(type):
            values = [None if value is None else rounded(value) for value in values]
        return pa.array(values, type=type)
    except (ValueError, TypeError, OverflowError) as exc:  # pyarrow's own are two of these
        raise InvalidInputError(f"The column {name!r} cannot be written: {exc}.") from None


def _arrow_type(pa: Any, name: str, values: Sequence[Any], counts: bool) -> Any:
    """A column's type, even if it has no values to tell from."""
    sample = next((v for v in values if v is not None), None)
    if name in ("start_time", "end_time") or isinstance(sample, datetime):
        return pa.timestamp("us", tz="UTC")
    if name in _DECIMALS or isinstance(sample, Decimal):
        return pa.decimal128(*MONEY)
    if isinstance(sample, bool) or name == "batch":
        return pa.bool_()
    if isinstance(sample, float):
        return pa.float64()
    if isinstance(sample, int) or (counts and sample is None and name not in _TEXTS):
        return pa.int64()
    if isinstance(sample, date):
        return pa.date32()
    return pa.string()


def to_polars(
    columns: Mapping[str, Sequence[Any]], *, metrics: Collection[str] = ()
) -> pl.DataFrame:
    """A Polars data frame."""
    polars = require("polars", extra="data")
    frame: pl.DataFrame = polars.from_arrow(to_arrow(columns, metrics=metrics))
    return frame


def to_pandas(
    columns: Mapping[str, Sequence[Any]], *, metrics: Collection[str] = ()
) -> pd.DataFrame:
    """A pandas data frame; money stays `Decimal`."""
    require("pandas", extra="data")
    frame: pd.DataFrame = to_arrow(columns, metrics=metrics).to_pandas()
    return frame


def write_parquet(
    columns: Mapping[str, Sequence[Any]],
    path: str | PathLike[str],
    *,
    metrics: Collection[str] = (),
) -> None:
    """Write a Parquet file."""
    parquet = require("pyarrow.parquet", extra="data")
    parquet.write_table(to_arrow(columns, metrics=metrics), path)


def write_csv(columns: Mapping[str, Sequence[Any]], target: Target) -> None:
    """Write CSV with a header; times in ISO 8601, nothing for null."""

    def write(file: IO[str]) -> None:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*map(_plain_column, columns.values()), strict=True))

    _write(target, write)


def write_json(columns: Mapping[str, Sequence[Any]], target: Target) -> None:
    """Write a JSON array of objects; times in ISO 8601, money as text, so that it stays exact."""

    def write(file: IO[str]) -> None:
        encode = json.JSONEncoder(ensure_ascii=False).encode
        file.write("[")
        for i, row in enumerate(zip(*map(_plain_column, columns.values()), strict=True)):
            file.write(",\n " if i else "\n ")
            file.write(encode(dict(zip(columns, row, strict=True))))
        file.write("\n]\n")

    _write(target, write)


def _plain_column(values: Sequence[Any]) -> Iterable[Any]:
    """The values of a column as CSV and JSON show them."""
    sample = next((v for v in values if v is not None), None)
    if isinstance(sample, Decimal):
        return map(plain, values)
    if isinstance(sample, date):  # every row of a bucket has the same times
        return map({v: plain(v) for v in set(values)}.__getitem__, values)
    return values


def plain(value: Any) -> Any:
    """A value as CSV and JSON show it."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return digits(value)
    return value


def _write(target: Target, write: Any) -> None:
    if isinstance(target, str | PathLike):
        with Path(target).open("w", encoding="utf-8", newline="") as file:
            write(file)
    else:
        write(target)
