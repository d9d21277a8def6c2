"""Tables of usage in other forms: Arrow, Polars, pandas, CSV, JSON, Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, get_args

from .._declare.arguments import one_of
from .._extras import require
from .._wire.codec import plain
from ..errors import InvalidInputError
from .money import MONEY, rounded

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

_DECIMALS = ("amount", "quantity")
_TEXTS = ("currency", "quantity_unit")

Target = str | PathLike[str] | IO[str]


Kind = Literal["time", "date", "decimal", "whole", "float", "bool", "text"]
"""What a column is of."""


def to_arrow(columns: Mapping[str, Sequence[Any]], *, metrics: Collection[str] = ()) -> pa.Table:
    """An Arrow table: times in UTC, money as ``decimal128(38, 18)``; ``metrics`` are numbers.

    Raises:
        InvalidInputError: a number has more digits than that.
    """
    pa = require("pyarrow", extra="arrow")
    types: dict[str, Any] = {
        "time": pa.timestamp("us", tz="UTC"),
        "date": pa.date32(),
        "decimal": pa.decimal128(*MONEY),
        "whole": pa.int64(),
        "float": pa.float64(),
        "bool": pa.bool_(),
        "text": pa.string(),
    }
    kinds = _kinds(columns, metrics)
    return pa.table({n: arrow_array(n, v, types[kinds[n]]) for n, v in columns.items()})


def arrow_array(name: str, values: Sequence[Any], type: Any) -> Any:
    """A column as an Arrow array; a number is rounded half to even to the places that there are.

    Raises:
        InvalidInputError: a number has too many digits; the column is named.
    """
    pa = require("pyarrow", extra="arrow")
    with _naming(name):
        return pa.array(_rounded(values) if pa.types.is_decimal(type) else values, type=type)


def _rounded(values: Sequence[Any]) -> list[Any]:
    return [None if value is None else rounded(value) for value in values]


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Raise what another library says of a column as an error that names it."""
    try:
        yield
    except (ValueError, TypeError, OverflowError) as exc:  # pyarrow's own are two of these
        raise InvalidInputError(f"The column {name!r} cannot be written: {exc}.") from None


def _kinds(columns: Mapping[str, Sequence[Any]], metrics: Collection[str]) -> dict[str, Kind]:
    return {name: _kind(name, values, name in metrics) for name, values in columns.items()}


def _kind(name: str, values: Sequence[Any], counts: bool) -> Kind:
    """What a column is of, even if it has no values to tell from."""
    sample = next((v for v in values if v is not None), None)
    if name in ("start_time", "end_time") or isinstance(sample, datetime):
        return "time"
    if name in _DECIMALS or isinstance(sample, Decimal):
        return "decimal"
    if isinstance(sample, bool) or name == "batch":
        return "bool"
    if isinstance(sample, float):
        return "float"
    if isinstance(sample, int) or (counts and sample is None and name not in _TEXTS):
        return "whole"
    return "date" if isinstance(sample, date) else "text"


def to_polars(
    columns: Mapping[str, Sequence[Any]], *, metrics: Collection[str] = ()
) -> pl.DataFrame:
    """A Polars data frame: times in UTC, money as ``Decimal(38, 18)``; ``metrics`` are numbers.

    Raises:
        InvalidInputError: a number has more digits than that.
    """
    polars = require("polars", extra="polars")  # which makes it without pyarrow
    types: dict[str, Any] = {
        "time": polars.Datetime("us", "UTC"),
        "date": polars.Date(),
        "decimal": polars.Decimal(*MONEY),
        "whole": polars.Int64(),
        "float": polars.Float64(),
        "bool": polars.Boolean(),
        "text": polars.String(),
    }
    series = []
    for name, kind in _kinds(columns, metrics).items():
        with _naming(name):
            if kind == "decimal":  # made of its digits, which is much faster, and then widened
                made = polars.Series(name, _rounded(columns[name])).cast(types[kind])
            else:
                made = polars.Series(name, columns[name], dtype=types[kind])
            series.append(made)
    frame: pl.DataFrame = polars.DataFrame(series)
    return frame


Money = Literal["float", "decimal"]
"""What money is in a pandas data frame."""


def to_pandas(
    columns: Mapping[str, Sequence[Any]],
    *,
    metrics: Collection[str] = (),
    money: Money = "float",
) -> pd.DataFrame:
    """A pandas data frame: times in UTC, whole numbers as ``int64``, or ``Int64`` with gaps.

    Raises:
        InvalidInputError: `money` is neither ``float`` nor ``decimal``.
    """
    if money not in get_args(Money):
        raise InvalidInputError(f"money must be {one_of(get_args(Money))}, not {money!r}.")
    pandas = require("pandas", extra="pandas")  # which makes it without pyarrow
    types: dict[str, Any] = {
        "time": "datetime64[us, UTC]",
        "date": "object",
        "decimal": "float64" if money == "float" else "object",
        "float": "float64",
        "text": None,  # as pandas has texts: it depends on its version
    }
    made = {}
    for name, kind in _kinds(columns, metrics).items():
        values = columns[name]
        gaps = None in values
        if kind == "whole":
            type = "Int64" if gaps else "int64"
        elif kind == "bool":
            type = "boolean" if gaps else "bool"
        else:
            type = types[kind]
        with _naming(name):
            made[name] = pandas.Series(values, dtype=type, name=name)
    frame: pd.DataFrame = pandas.DataFrame(made)
    return frame


def write_parquet(
    columns: Mapping[str, Sequence[Any]],
    path: str | PathLike[str],
    *,
    metrics: Collection[str] = (),
) -> None:
    """Write a Parquet file."""
    parquet = require("pyarrow.parquet", extra="arrow")
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


def _write(target: Target, write: Any) -> None:
    if isinstance(target, str | PathLike):
        with Path(target).open("w", encoding="utf-8", newline="") as file:
            write(file)
    else:
        write(target)
