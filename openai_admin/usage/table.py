"""Usage of several endpoints as one table of columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

import attrs

from .._declare.arguments import one_of, suggest
from .._wire.models import Unreadable
from ..errors import InvalidInputError
from ..resources.usage.results import Cost, UsageBucket
from . import export
from .endpoints import Endpoint
from .money import currency_code, plus
from .plan import Window

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


@attrs.frozen
class MissingWindow:
    """A window that could not be fetched.

    Attributes:
        endpoint: whose.
        window: which.
        error: why.
    """

    endpoint: str
    window: Window
    error: Exception

    def __str__(self) -> str:
        return f"{self.endpoint} from {self.window}: {self.error}"


@attrs.frozen
class Adaptation:
    """How a query was changed where the API refused it as it was.

    Attributes:
        endpoint: whose.
        what: ``"start"``: it begins later; ``"grouping"``: a field was left out; ``"width"``: its
            windows are narrower, which changes nothing about the result.
        sentence: what was changed, and the API's reason.
        missing: the stretch before a later start; it is in the table's `missing` as well.
        field: the field that was left out.
    """

    endpoint: str
    what: Literal["start", "grouping", "width"]
    sentence: str
    missing: MissingWindow | None = None
    field: str | None = None

    @property
    def loses(self) -> bool:
        """Whether days or a field are lost by it."""
        return self.what != "width"

    def __str__(self) -> str:
        return self.sentence


@attrs.frozen
class UnreadableUsage:
    """A bucket, a row or a field of usage that could not be read.

    Attributes:
        endpoint: whose.
        window: the window that it came with.
        part: what it is; the row of a field that could not be read is in the table, with ``None``
            for that field.
    """

    endpoint: str
    window: Window
    part: Unreadable

    def __str__(self) -> str:
        return f"{self.endpoint} from {self.window}: {self.part}"


class UsageTable:
    """Columns of equal length: `endpoint`, `start_time`, `end_time`, grouping fields, metrics.

    A grouping field or metric that an endpoint does not have is ``None`` in its rows. Money
    (`amount`) is exact: a `Decimal` of whole currency units. ``len(table)`` counts the rows, which
    it iterates; ``table["amount"]`` is a column.

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
        mixes_currencies: whether `totals` left an amount out, for it is in several currencies.
    """

    def __init__(
        self,
        columns: Mapping[str, list[Any]],
        *,
        dimensions: Sequence[str],
        metrics: Sequence[str],
        missing: Sequence[MissingWindow] = (),
        notes: Sequence[str] = (),
        names: Mapping[str, Mapping[str, str]] | None = None,
        unreadable: Sequence[UnreadableUsage] = (),
        adapted: Sequence[Adaptation] = (),
        unnamed: Sequence[str] = (),
    ) -> None:
        self._columns = dict(columns)
        self.dimensions = tuple(dimensions)
        self.metrics = tuple(metrics)
        self.missing = list(missing)
        self.notes = list(notes)
        self.unreadable = list(unreadable)
        self.adapted = list(adapted)
        self.unnamed = list(unnamed)
        self.mixes_currencies = False
        self._names = names or {}

    @property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """What the rows themselves called things, by the column of ids and the id.

        They are no columns of the table until `with_names` makes some of them.
        """
        return self._names

    @property
    def columns(self) -> dict[str, list[Any]]:
        """The columns by name, in order."""
        return self._columns

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self.rows()

    def __getitem__(self, column: str) -> list[Any]:
        self._check_columns([column])
        return self.columns[column]

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows as dictionaries."""
        names = list(self.columns)
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(names, values, strict=True))

    def totals(self, by: str | Sequence[str] = ()) -> UsageTable:
        """Sum every metric over the rows that agree in some columns.

        A quantity is `None` where rows count it in different units, and so is an amount in
        different currencies; `notes` says so. An amount without a currency is not added to others,
        and currencies are compared without regard to case. What could not be read is in no sum;
        the table's `unreadable` has it.

        Args:
            by: columns to keep apart; none gives one row of grand totals. `date` is the day of
                `start_time`.

        Raises:
            InvalidInputError: there is no such column.
        """
        keys = [by] if isinstance(by, str) else list(by)
        dated = "date" in self.columns
        self._check_columns(["start_time" if k == "date" and not dated else k for k in keys])
        groups: dict[tuple[Any, ...], int] = {} if keys else {(): 0}
        rows = zip(*(self._key(k) for k in keys), strict=True) if keys else [()] * len(self)
        group_of = [groups.setdefault(key, len(groups)) for key in rows]
        columns = {k: [key[i] for key in groups] for i, k in enumerate(keys)}
        for metric in self.metrics:
            columns[metric] = _sums(self.columns[metric], group_of, len(groups))
        totals = self._with(columns, dimensions=keys)
        if "amount" in self.metrics and "currency" in self.columns:
            mixed = self._settle_currencies(columns, group_of, len(groups))
            if mixed:
                names = one_of(sorted(mixed))
                totals.notes.append(f"Amounts in {names} were not added up: total by 'currency'.")
                totals.mixes_currencies = True
        _settle(columns, "quantity", "quantity_unit")
        return totals

    def _settle_currencies(
        self, columns: Mapping[str, list[Any]], group_of: Sequence[int], groups: int
    ) -> set[str]:
        """Drop amounts of several currencies, one not stated among them; return their names."""
        found: list[set[str | None]] = [set() for _ in range(groups)]
        pairs = zip(group_of, self.columns["amount"], self.columns["currency"], strict=True)
        for group, amount, currency in pairs:
            if amount is not None:
                found[group].add(currency_code(currency))
        for group, currencies in enumerate(found):
            one = len(currencies) == 1
            if not one:
                columns["amount"][group] = None
            if "currency" in self.metrics:
                columns["currency"][group] = next(iter(currencies)) if one else None
        several = [currencies for currencies in found if len(currencies) > 1]
        return {c or "no stated currency" for currencies in several for c in currencies}

    def with_columns(self, added: Mapping[str, tuple[str, list[Any]]]) -> UsageTable:
        """A table with more dimensions: each new column's name, with the one it follows."""
        columns: dict[str, list[Any]] = {}
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
        """A table of some rows, by their numbers from 0 on."""
        columns = {name: [values[n] for n in rows] for name, values in self.columns.items()}
        return self._with(columns, dimensions=self.dimensions)

    def _with(self, columns: Mapping[str, list[Any]], *, dimensions: Sequence[str]) -> UsageTable:
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
        )

    def to_arrow(self) -> pa.Table:
        """An Arrow table: times in UTC, money as exact ``decimal128`` (extra ``data``)."""
        return export.to_arrow(self.columns, metrics=self.metrics)

    def to_polars(self) -> pl.DataFrame:
        """A Polars data frame (extra ``data``)."""
        return export.to_polars(self.columns, metrics=self.metrics)

    def to_pandas(self) -> pd.DataFrame:
        """A pandas data frame; money stays `Decimal` (extra ``data``)."""
        return export.to_pandas(self.columns, metrics=self.metrics)

    def write_csv(self, target: export.Target) -> None:
        """Write CSV with a header to a path or an open text file."""
        export.write_csv(self.columns, target)

    def write_json(self, target: export.Target) -> None:
        """Write a JSON array of objects; money is text, so that it stays exact."""
        export.write_json(self.columns, target)

    def write_parquet(self, path: str | PathLike[str]) -> None:
        """Write a Parquet file (extra ``data``)."""
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

    def _key(self, name: str) -> list[Any]:
        if name == "date" and "date" not in self.columns:
            return [moment.date() for moment in self.columns["start_time"]]
        return self.columns[name]

    def _check_columns(self, names: Sequence[str]) -> None:
        for name in names:
            if name not in self.columns:
                raise InvalidInputError(
                    f"The table has no column {name!r}; it has {one_of(list(self.columns))}"
                    f"{suggest(name, list(self.columns))}"
                )

    def __repr__(self) -> str:
        return f"<UsageTable of {len(self)} rows: {', '.join(self.columns)}>"


_MIXED: Any = object()


def _sums(column: Sequence[Any], group_of: Sequence[int], groups: int) -> list[Any]:
    """A column's sum for each group; a text (a currency, a unit) that differs is `_MIXED`."""
    sums: list[Any] = [None] * groups
    for group, value in zip(group_of, column, strict=True):
        before = sums[group]
        if before is None:
            sums[group] = value
        elif value is None:
            continue
        elif isinstance(value, Decimal):
            sums[group] = plus(before, value)
        elif not isinstance(value, str):
            sums[group] = before + value
        elif before != value:
            sums[group] = _MIXED
    return sums


def _settle(columns: Mapping[str, list[Any]], number: str, unit: str) -> None:
    """Drop a number whose unit differs from row to row: unlike quantities have no sum."""
    for group, value in enumerate(columns.get(unit, ())):
        if value is _MIXED:
            columns[unit][group] = None
            if number in columns:
                columns[number][group] = None


LABELS = {"project_id": "project_name", "user_id": "user_email"}
"""The field of rows that names what each id is of."""


class FetchedTable(UsageTable):
    """A table over the buckets as they were fetched; its columns are made when first asked for."""

    def __init__(
        self,
        parts: Sequence[tuple[Endpoint, list[UsageBucket[Any]]]],
        *,
        group_by: Sequence[str],
        missing: Sequence[MissingWindow] = (),
        notes: Sequence[str] = (),
        unreadable: Sequence[UnreadableUsage] = (),
        adapted: Sequence[Adaptation] = (),
    ) -> None:
        self._parts = parts
        metrics = list(dict.fromkeys(m for e, _ in parts for m in e.metrics))
        super().__init__(
            {},
            dimensions=[*FIXED, *group_by],
            metrics=metrics,
            missing=missing,
            notes=notes,
            unreadable=unreadable,
            adapted=adapted,
        )

    @property
    def columns(self) -> dict[str, list[Any]]:
        """The columns by name, in order."""
        return self._filled

    @property
    def names(self) -> Mapping[str, Mapping[str, str]]:
        """What the rows themselves called things, by the column of ids and the id."""
        return self._named

    @cached_property  # likewise
    def _named(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {ids: {} for ids in LABELS}
        for endpoint, buckets in self._parts:
            for ids, label in LABELS.items():
                if label in endpoint.labels:
                    rows = (row for bucket in buckets for row in bucket.results)
                    pairs = map(attrgetter(ids, label), rows)
                    found[ids] |= {id: name for id, name in pairs if id and name}
        return found

    @cached_property  # made from the rows once, and only when asked for
    def _filled(self) -> dict[str, list[Any]]:
        columns: dict[str, list[Any]] = {n: [] for n in (*self.dimensions, *self.metrics)}
        for endpoint, buckets in self._parts:
            self._fill(columns, endpoint, buckets)
        return columns

    def _fill(
        self,
        columns: dict[str, list[Any]],
        endpoint: Endpoint,
        buckets: Sequence[UsageBucket[Any]],
    ) -> None:
        rows = [row for bucket in buckets for row in bucket.results]
        columns["endpoint"].extend([endpoint.name] * len(rows))
        columns["start_time"].extend(b.start_time for b in buckets for _ in b.results)
        columns["end_time"].extend(b.end_time for b in buckets for _ in b.results)
        has = {a.name for a in attrs.fields(endpoint.row)}
        for name in (*self.dimensions[len(FIXED) :], *self.metrics):
            if endpoint.row is Cost and name == "amount":
                columns[name].extend(r.amount and r.amount.value for r in rows)
            elif endpoint.row is Cost and name == "currency":
                columns[name].extend(r.amount and currency_code(r.amount.currency) for r in rows)
            elif name in has:
                columns[name].extend(map(attrgetter(name), rows))
            else:
                columns[name].extend([None] * len(rows))
