"""Usage of several endpoints as one table of columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from os import PathLike
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Protocol, TypeVar, overload

from .._declare.arguments import one_of, suggest
from .._wire.portable import WrittenAs
from ..errors import InvalidInputError
from . import export, writing
from .asked import Asked, Silence, span_text
from .columns import only
from .periods import PERIODS, parts_note
from .told import Adaptation, MissingWindow, UnreadableUsage, listed, subject
from .totalled import Coverage, mixed_note, shared_names_note
from .totals import total

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class _Usage(Protocol[T_co]):
    """What finds names; private, since only a client's `usage` does."""

    def name(self, table: UsageTable, /) -> T_co: ...


class _Client(Protocol[T_co]):
    """Either client; it decides how the result is returned."""

    @property
    def usage(self) -> _Usage[T_co]: ...


FIXED = ("endpoint", "start_time", "end_time")
COMPLETE = "complete"
"""The column that says whether a row's figures are settled."""


class UsageTable(WrittenAs):
    """Columns of equal length: `endpoint`, `start_time`, `end_time`, grouping fields, metrics.

    A grouping field or metric that an endpoint does not have is ``None`` in its rows. Money
    (`amount`) is exact: a `Decimal` of whole currency units. ``len(table)`` counts the rows, which
    it iterates; ``table["amount"]`` is a column, ``table.columns`` has all of them, and
    ``table[:10]`` is a table of the first rows.

    Two tables are equal if they say the same about the same usage, whenever they were fetched:
    `settled_until` counts as far as the rows' `complete` depends on it.

    Attributes:
        dimensions: the columns that say what a row is about.
        metrics: the columns that count.
        missing: what is not in the table: buckets that did not come though they were asked for
            again, days before the first that the API answers for, and, where asked for with
            ``partial``, windows that could not be fetched.
        notes: what was left out of the answers or joined, each as a sentence: a bucket that lies
            outside the range, one that came twice.
        unreadable: what could not be read of what was fetched: no sum has it.
        adapted: how the query was changed where the API refused it as it was.
        unnamed: why names beside ids are not known, each as a sentence: a listing that may have
            them could not be read. `with_names` fills it.
        group_by: the fields that the query grouped by.
        zone: whose days, weeks and months `totals` means.
        settled_until: the moment up to which the API restates nothing any more, by the server's
            clock; ``None`` where that is not known. A row that ends later has ``False`` in the
            column `complete`: its figures are those so far. So has a row of a bucket of which
            something could not be read.
        estimated: whether amounts are estimates, for days of a time zone other than UTC.
        asked: the range that it is of; ``None`` where that is not known.
        silent: the stretches of it that no bucket came for, and that count as time without use, for
            the API ends answers early where the last days were quiet; `notes` names them.
        periods_cut: of totals by dates, weeks or months, those that the range has a part of, each
            with that part in words; a key has the period of each kind.
        mixes_currencies: whether `totals` left an amount out, for it is in several currencies.
    """

    # Slots, so that what looks into it, as FastAPI does, finds the rows (see `Portable`).
    __slots__ = (
        "__weakref__",
        "_columns",
        "_coverage",
        "_names",
        "adapted",
        "asked",
        "dimensions",
        "estimated",
        "group_by",
        "metrics",
        "missing",
        "mixes_currencies",
        "notes",
        "periods_cut",
        "settled_until",
        "silent",
        "unnamed",
        "unreadable",
        "zone",
    )

    def __init__(
        self,
        columns: Mapping[str, Sequence[Any]],
        *,
        dimensions: Sequence[str],
        metrics: Sequence[str],
        missing: Sequence[MissingWindow] = (),
        notes: Sequence[str] = (),
        names: Mapping[str, Mapping[str, str]] | None = None,
        unreadable: Sequence[UnreadableUsage] = (),
        adapted: Sequence[Adaptation] = (),
        unnamed: Sequence[str] = (),
        group_by: Sequence[str] = (),
        coverage: Sequence[Coverage] = (),
        zone: tzinfo = UTC,
        settled_until: datetime | None = None,
        estimated: bool = False,
        asked: Asked | None = None,
        silent: Sequence[Silence] = (),
        periods_cut: Mapping[tuple[Any, ...], str] | None = None,
    ) -> None:
        self._columns = dict(columns)
        _check_lengths(self._columns)
        self.dimensions = tuple(dimensions)
        self.metrics = tuple(metrics)
        self.missing = list(missing)
        self.notes = list(notes)
        self.unreadable = list(unreadable)
        self.adapted = list(adapted)
        self.unnamed = list(unnamed)
        self.group_by = tuple(group_by)
        self.zone = zone
        self.settled_until = settled_until
        self.estimated = estimated
        self.asked = asked
        self.silent = list(silent)
        self.periods_cut = dict(periods_cut or {})
        self.mixes_currencies = False
        self._names = names or {}
        self._coverage = coverage

    @property
    def coverage(self) -> Sequence[Coverage]:
        """What came of each endpoint, with or without rows; none where that is not known."""
        return self._coverage

    @property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """What the rows themselves called things, by the column of ids and the id.

        They become columns of the table only when `with_names` is called.
        """
        return self._names

    @property
    def columns(self) -> Mapping[str, Sequence[Any]]:
        """The columns by name, in order; `with_columns` makes a table that has more."""
        return MappingProxyType(self._columns)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self.rows()

    __reversed__ = None  # a sequence's would ask for rows by number

    @overload
    def __getitem__(self, what: str) -> Sequence[Any]: ...

    @overload
    def __getitem__(self, what: slice) -> UsageTable: ...

    def __getitem__(self, what: str | slice) -> Sequence[Any] | UsageTable:
        if isinstance(what, slice):
            return self._of_rows(range(len(self))[what])
        if not isinstance(what, str):
            raise InvalidInputError(
                "A table is indexed by the name of a column or a slice of rows, as in"
                f" table['amount'] or table[:10], not by {what!r}."
            )
        self._check_columns([what])
        return self.columns[what]

    if not TYPE_CHECKING:  # so that type checkers refuse what it refuses

        def keys(self) -> NoReturn:  # asked for by dict(), with which FastAPI begins
            raise TypeError(
                "A table is not a mapping: its columns by name are in its columns, and its rows()"
                " are mappings."
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, UsageTable):
            return NotImplemented
        return self._value() == other._value()

    # What it has can be changed.
    __hash__ = None  # type: ignore[assignment]

    def _value(self) -> tuple[Any, ...]:
        names = (name for name in UsageTable.__slots__ if name[0] != "_")
        public = (getattr(self, name) for name in names if name != "settled_until")
        return self.columns, self.names, list(self.coverage), *public

    def __getstate__(self) -> dict[str, Any]:
        slots = (name for cls in type(self).__mro__ for name in vars(cls).get("__slots__", ()))
        return {name: getattr(self, name) for name in slots if name != "__weakref__"}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows as dictionaries, with money as a `Decimal`.

        For JSON, write the table: ``to_dict(table, mode="json")`` has rows with money as exact
        text, where FastAPI would make floats of these.
        """
        names = list(self.columns)
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(names, values, strict=True))

    def totals(self, by: str | Sequence[str] = ()) -> UsageTable:
        """Sum every metric over the rows that agree in some columns.

        A quantity is `None` where rows count it in different units or have an amount without one,
        and so is an amount in different currencies; `notes` says so. An amount without a currency
        is not added to others, and currencies are compared without regard to case. What could not
        be read is in no sum; the table's `unreadable` has it.

        Where the API answered and nothing was used, that is 0, not null: a day, week or month
        without rows has a row, for each combination of the other columns. What was not fetched is
        never 0, but null: `missing` names it. Totals of a fetched table have a column `complete`:
        whether buckets came for all of a row's period, and nothing of it may still be restated. It
        is ``False`` for a period that the table's range cuts, which `notes` names, and for a range
        that is empty or in the future, whose sums are 0.

        It computes where it is called, up to some seconds for a million rows. Where an event loop
        must not wait, call it in a thread: ``await asyncio.to_thread(table.totals, "project_id")``.

        Args:
            by: columns to keep apart; none gives one row of grand totals. `date`, `week` (as
                ``2026-W48``, from Monday on) and `month` (as ``2026-11``) are those of
                `start_time`; such totals are in order of time.

        Raises:
            InvalidInputError: there is no such column.
        """
        keys = [by] if isinstance(by, str) else list(by) if isinstance(by, Iterable) else [by]
        if not all(isinstance(key, str) for key in keys):
            raise InvalidInputError(f"by must be a column or a list of columns, not {by!r}.")
        keys = list(dict.fromkeys(keys))
        self._check_columns(
            ["start_time" if k in PERIODS and k not in self.columns else k for k in keys]
        )
        sums = total(self, keys)
        totals = self._with(sums.columns, dimensions=keys)
        if sums.parts:
            totals.periods_cut = dict(sums.parts)
            totals.notes.append(parts_note(sums.parts))
        if shared := shared_names_note(self, keys):
            totals.notes.append(shared)
        if sums.mixed:
            totals.notes.append(mixed_note(sums.mixed))
            totals.mixes_currencies = True
        return totals

    def with_columns(self, added: Mapping[str, tuple[str, Sequence[Any]]]) -> UsageTable:
        """A table with more dimensions: each new column's name, with the one it follows.

        Raises:
            InvalidInputError: a column has more or fewer values than the table has rows, or the
                column that it is to follow does not exist.
        """
        self._check_columns([before for before, _ in added.values()])
        columns: dict[str, Sequence[Any]] = {}
        dimensions: list[str] = []
        for name, values in self.columns.items():
            columns[name] = values
            if name in self.dimensions:
                dimensions.append(name)
            for new, (before, contents) in added.items():
                if before == name:
                    columns[new] = contents
                    dimensions.append(new)
        return self._with(columns, dimensions=dimensions)

    def only(self, rows: Sequence[int]) -> UsageTable:
        """A table of some rows, by their numbers from 0 on.

        Raises:
            InvalidInputError: there is no such row.
        """
        count = len(self)
        for row in rows:
            if not isinstance(row, int) or not 0 <= row < count:
                there = f"from 0 to {count - 1}" if count else "none, as the table is empty"
                raise InvalidInputError(f"There is no row {row!r}; the rows' numbers are {there}.")
        return self._of_rows(rows)

    def _of_rows(self, rows: Sequence[int]) -> UsageTable:
        columns = {name: only(values, rows) for name, values in self.columns.items()}
        return self._with(columns, dimensions=self.dimensions)

    def _with(
        self, columns: Mapping[str, Sequence[Any]], *, dimensions: Sequence[str]
    ) -> UsageTable:
        """A table of other columns about the same usage."""
        return UsageTable(
            columns,
            dimensions=dimensions,
            metrics=self.metrics,
            missing=self.missing,
            notes=self.notes,
            names=self.names,
            unreadable=self.unreadable,
            adapted=self.adapted,
            unnamed=self.unnamed,
            group_by=self.group_by,
            coverage=self.coverage,
            zone=self.zone,
            settled_until=self.settled_until,
            estimated=self.estimated,
            asked=self.asked,
            silent=self.silent,
            periods_cut=self.periods_cut,
        )

    def to_arrow(self) -> pa.Table:
        """An Arrow table: times in UTC, money as ``decimal128(38, 18)`` (extra ``arrow``).

        Money is exact to 18 decimals; what lies beyond is rounded half to even, which is logged as
        a warning once in a process. `totals`, CSV and JSON have all of it.

        Raises:
            InvalidInputError: an amount has more than 20 digits before the point.
        """
        return export.to_arrow(self.columns, metrics=self.metrics)

    def to_polars(self) -> pl.DataFrame:
        """A Polars data frame: times in UTC, money as ``Decimal(38, 18)`` (extra ``polars``).

        Money is exact to 18 decimals; what lies beyond is rounded half to even, which is logged as
        a warning once in a process. `totals`, CSV and JSON have all of it.

        Raises:
            InvalidInputError: an amount has more than 20 digits before the point.
        """
        return export.to_polars(self.columns, metrics=self.metrics)

    def to_pandas(self, *, money: Literal["float", "decimal"] = "float") -> pd.DataFrame:
        """A pandas data frame: times in UTC, numbers as numbers (extra ``pandas``).

        Args:
            money: ``float`` makes amounts and quantities ``float64``, which pandas can sum up,
                average and plot; ``decimal`` keeps them exact, as objects that it can only sum up.

        Raises:
            InvalidInputError: `money` is neither.
        """
        return export.to_pandas(self.columns, metrics=self.metrics, money=money)

    def write_csv(self, target: writing.Target) -> None:
        """Write CSV with a header to a path or an open text file."""
        writing.write_csv(self.columns, target)

    def write_json(self, target: writing.Target) -> None:
        """Write a JSON array of objects; money is text, so that it stays exact."""
        writing.write_json(self.columns, target)

    def write_parquet(self, path: str | PathLike[str]) -> None:
        """Write a Parquet file; money is as `to_arrow` has it (extra ``arrow``)."""
        export.write_parquet(self.columns, path, metrics=self.metrics)

    def with_names(self, client: _Client[T]) -> T:
        """A table with the names of projects, people and keys beside their ids.

        Names that rows came with are taken first; lists are fetched for other ids, each once. No
        failure of theirs is raised: the result's `unnamed` says which names are not known.
        `await` the result where the client is the asynchronous one.

        Args:
            client: either client, for the organization that the table is of.
        """
        return client.usage.name(self)

    def _check_columns(self, names: Sequence[str]) -> None:
        for name in names:
            if name not in self.columns:
                raise InvalidInputError(
                    f"The table has no column {name!r}; it has {one_of(list(self.columns))}"
                    f"{suggest(name, list(self.columns))}"
                )

    def _written_as(self) -> list[dict[str, Any]]:
        return list(self.rows())

    def __repr__(self) -> str:
        count = len(self)
        rows = f"{count:,} {'row' if count == 1 else 'rows'}"
        endpoints = list(dict.fromkeys(each.endpoint for each in self.coverage))
        of = f" of {subject(endpoints, capital=False)}" if endpoints else ""
        keys = [name for name in self.dimensions if name not in (*FIXED, COMPLETE)]
        by = f" by {listed(keys)}" if keys else ""
        span = f", {span_text(self.asked.start, self.asked.end, self.zone)}" if self.asked else ""
        return f"<UsageTable {rows}{of}{by}{span}>"


def _check_lengths(columns: Mapping[str, Sequence[Any]]) -> None:
    """Raise `InvalidInputError` unless all columns have as many values."""
    first = next(iter(columns), "")
    for name, values in columns.items():
        if len(values) != len(columns[first]):
            raise InvalidInputError(
                f"Columns must be equally long: {first!r} has {len(columns[first])} values, and"
                f" {name!r} has {len(values)}."
            )
