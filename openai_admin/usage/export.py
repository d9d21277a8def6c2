"""Tables of usage in other forms: Arrow, Polars, pandas, Parquet."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, get_args

from .._declare.arguments import one_of
from .._extras import missing, require
from ..errors import InvalidInputError
from .columns import MANY, Column
from .money import MONEY, all_rounded

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

_DECIMALS = ("amount", "quantity")
_TEXTS = ("currency", "quantity_unit")

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
        parts = [segment.arrow(pa, type) for segment in Column.of(values).segments]
        return parts[0] if len(parts) == 1 else pa.chunked_array(parts, type=type)


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
    sample = Column.of(values).sample()
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
    polars = require("polars", extra="polars")  # which makes it without pyarrow too
    if len(next(iter(columns.values()), ())) >= MANY and not missing("pyarrow"):
        arrow = to_arrow(columns, metrics=metrics)
        return polars.from_arrow(arrow, rechunk=False)  # type: ignore[no-any-return]
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
                made = polars.Series(name, all_rounded(columns[name])).cast(types[kind])
            else:
                made = polars.Series(name, list(columns[name]), dtype=types[kind])
            series.append(made)
    return polars.DataFrame(series)  # type: ignore[no-any-return]


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
        values = list(columns[name])
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
