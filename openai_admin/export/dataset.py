"""The dataset's files: which days are there, and how days are put in their place.

A file appears under its name once all of it is on the disk, and says in itself when each of its
days was fetched. So the files are all the state there is, and a run may be killed at any moment.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import attrs

from .._extras import require
from .._files import replaced
from ..errors import InvalidInputError
from ..usage.export import arrow_array
from .layout import LATEST, layout_of, stranger
from .schema import arrow_type
from .source import Day, Source

_FETCHED_AT, _WIDTH = b"openai_admin.fetched_at", b"openai_admin.bucket_width"
_PARTIAL, _LEFT_OUT = b"openai_admin.partial", b"openai_admin.left_out"


@attrs.frozen
class FileMetadata:
    """What a file says about itself.

    Attributes:
        fetched_at: the days it has, each with the time when its contents were asked for.
        bucket_width: the width of its buckets; empty where there are none.
        partial: the days of which something was refused or could not be read, so that a later run
            asks for them again.
        left_out: the days that are not grouped by all fields, each with those that the API refused.
    """

    fetched_at: Mapping[date, datetime]
    bucket_width: str = ""
    partial: frozenset[date] = frozenset()
    left_out: Mapping[date, frozenset[str]] = attrs.field(factory=dict)

    def metadata(self) -> dict[bytes, bytes]:
        """As Parquet's metadata."""
        days = {str(day): self.fetched_at[day].isoformat() for day in sorted(self.fetched_at)}
        found = {_FETCHED_AT: json.dumps(days).encode(), _WIDTH: self.bucket_width.encode()}
        if self.partial:
            found[_PARTIAL] = json.dumps(sorted(map(str, self.partial))).encode()
        if self.left_out:
            fields = {str(day): sorted(self.left_out[day]) for day in sorted(self.left_out)}
            found[_LEFT_OUT] = json.dumps(fields).encode()
        return found

    @classmethod
    def of_days(
        cls, days: Mapping[date, Day], fetched_at: datetime, bucket_width: str
    ) -> FileMetadata:
        """Of a file of some days."""
        return cls(
            dict.fromkeys(days, fetched_at),
            bucket_width,
            frozenset(day for day, contents in days.items() if not contents.is_whole),
            {day: contents.left_out for day, contents in days.items() if contents.left_out},
        )

    @classmethod
    def of(cls, metadata: Mapping[bytes, bytes] | None) -> FileMetadata | None:
        """From a file's Parquet metadata; ``None`` where an export did not write it."""
        text = (metadata or {}).get(_FETCHED_AT)
        if text is None or metadata is None:
            return None
        days: dict[str, str] = json.loads(text)
        return cls(
            {date.fromisoformat(day): datetime.fromisoformat(at) for day, at in days.items()},
            metadata.get(_WIDTH, b"").decode(),
            frozenset(map(date.fromisoformat, json.loads(metadata.get(_PARTIAL, b"[]")))),
            {
                date.fromisoformat(day): frozenset(fields)
                for day, fields in json.loads(metadata.get(_LEFT_OUT, b"{}")).items()
            },
        )

    def renewed(self, new: FileMetadata) -> FileMetadata:
        """What the file says once some of its days are replaced, or added."""
        days = new.fetched_at.keys()
        kept = {day: fields for day, fields in self.left_out.items() if day not in days}
        return FileMetadata(
            {**self.fetched_at, **new.fetched_at},
            new.bucket_width,
            (self.partial - days) | new.partial,
            {**kept, **new.left_out},
        )


class _UnwritableError(Exception):
    """A day that Arrow cannot hold; private, since `Table.write` says which those are."""

    def __init__(self, day: date, reason: str) -> None:
        super().__init__(reason)
        self.day = day


@attrs.frozen
class _File:
    """A file that is in its place.

    Attributes:
        metadata: what it says about itself.
        schema: its columns, without the metadata.
    """

    metadata: FileMetadata
    schema: Any


class Table:
    """The files of one source.

    Attributes:
        name: the source's name.
        notes: what its folder has besides files of an export, in words.
    """

    def __init__(self, root: Path, source: Source) -> None:
        self._pa = require("pyarrow", extra="arrow")
        self._parquet = require("pyarrow.parquet", extra="arrow")
        self.name = source.name
        self.notes: list[str] = []
        self._root = root
        self._snapshot = source.snapshot
        self._layout = layout_of(snapshot=source.snapshot)
        self._columns = dict(source.columns)
        if not source.snapshot:
            self._columns = {self._layout.column: date, **self._columns}
        self._files: dict[str, _File] = {}
        self._added: set[str] = set()
        self._foreign: set[Path] = set()
        self._find()

    @property
    def days(self) -> dict[date, datetime]:
        """The days that there are as a whole, each with the time when it was asked for."""
        found = [file.metadata for file in self._files.values()]
        return {
            day: at
            for metadata in found
            for day, at in metadata.fetched_at.items()
            if day not in metadata.partial
        }

    @property
    def left_out(self) -> dict[date, frozenset[str]]:
        """The days that are not grouped by all fields, each with those that the API refused."""
        found = [file.metadata.left_out for file in self._files.values()]
        return {day: fields for left_out in found for day, fields in left_out.items()}

    def lost_by(self, days: Iterable[Day]) -> dict[date, frozenset[str]]:
        """The fields that whole days are grouped by here, and would not be if they were replaced.

        Days that lose none are left out.
        """
        whole, left_out = self.days, self.left_out
        lost = {
            day.day: day.left_out - left_out.get(day.day, frozenset())
            for day in days
            if day.day in whole
        }
        return {day: fields for day, fields in lost.items() if fields}

    @property
    def bucket_widths(self) -> set[str]:
        """The widths that the buckets in its files have."""
        return {file.metadata.bucket_width for file in self._files.values()}

    @property
    def schema(self) -> Any:
        """The columns of every file: the declared ones, then those that came up, by name."""
        return self._pa.schema([(n, self._type(n)) for n in (*self._columns, *sorted(self._added))])

    def write(
        self, days: Iterable[Day], fetched_at: datetime, bucket_width: str
    ) -> dict[date, str]:
        """Put days in their place, those of a file in one step, instead of any earlier version.

        Args:
            days: the days, each with its contents; columns that one lacks are null.
            fetched_at: when they were asked for.
            bucket_width: the width of their buckets; empty where there are none.

        Returns:
            The days that could not be written, each with the reason, in words.
        """
        contents: dict[str, dict[date, Day]] = defaultdict(dict)
        for day in days:
            self._added |= day.columns.keys() - self._columns.keys()
            contents[self._layout.key_of(day.day)][day.day] = day
        failed: dict[date, str] = {}
        for key, new in contents.items():
            while new:
                try:
                    self._put(key, new, FileMetadata.of_days(new, fetched_at, bucket_width))
                    break
                except _UnwritableError as error:
                    failed[error.day] = f"{self.name} on {error.day}: {error}"
                    del new[error.day]
        return failed

    def settle(self) -> int:
        """Give each file the columns of all, so that any reader takes them together.

        Of a dimension, the copy of the newest snapshot is brought up to date as well.

        Returns:
            How many files were rewritten.
        """
        schema = self.schema
        old = [key for key, file in self._files.items() if not file.schema.equals(schema)]
        for key in old:
            self._write(key, {}, self._files[key].metadata)
        if self._snapshot and self._files:
            self._copy(max(self._files))
        return len(old)

    # --- what is there ---------------------------------------------------------------------

    def _find(self) -> None:
        """Take the files that there are into account; remove what killed runs left of others."""
        folder = self._root / self._layout.folder / self.name
        for left in folder.glob("**/.*.part"):
            left.unlink()
        for found in sorted(folder.glob("[!._]*")):
            key = self._layout.key_named(found.name)
            if key is not None:
                self._know(key)
            elif not (self._snapshot and found.name == LATEST):
                self.notes.append(stranger(found))

    def _know(self, key: str) -> None:
        """Take a file into account.

        One that is damaged, was not written by an export, or has the types of another version
        counts as absent: its days are fetched again.
        """
        path = self._path(key)
        if not path.exists():
            return
        file = self._read(key, path)
        if file is not None:
            self._files[key] = file
            self._added |= set(file.schema.names) - self._columns.keys()
        else:
            self._foreign.add(path)
            self.notes.append(
                f"{path} is damaged or not of this version: its days are fetched again, and it is"
                f" then kept as {self._aside(key)}."
            )

    def _read(self, key: str, path: Path) -> _File | None:
        try:
            with self._parquet.ParquetFile(path) as file:
                schema, metadata = file.schema_arrow, FileMetadata.of(file.schema_arrow.metadata)
                fits = all(schema.field(n).type == self._type(n) for n in schema.names)
                if metadata is None or not fits:
                    return None
                days = {self._day(key, file, n) for n in range(file.num_row_groups)}
        except (self._pa.ArrowInvalid, OSError, ValueError):
            return None
        whole = days <= metadata.fetched_at.keys()
        return _File(metadata, schema.remove_metadata()) if whole else None

    def _day(self, key: str, file: Any, group: int) -> date | None:
        """The day that a group of rows is of; ``None`` if it is of several."""
        if self._snapshot:
            return date.fromisoformat(key)
        at = file.schema_arrow.get_field_index(self._layout.column)
        values = file.metadata.row_group(group).column(at).statistics if at >= 0 else None
        day: date | None = values.min if values is not None and values.min == values.max else None
        return day

    def _type(self, column: str) -> Any:
        return arrow_type(self._columns.get(column, str))

    def _path(self, key: str) -> Path:
        return self._root / self._layout.part(self.name, key)

    def _aside(self, key: str) -> Path:
        """Where a file is kept that is not of an export, or damaged."""
        return self._root / "_damaged" / f"{self.name}-{key}.parquet"

    # --- what is written -------------------------------------------------------------------

    def _arrow(self, day: Day) -> Any:
        """A day's rows.

        Raises:
            _UnwritableError: a number among them has too many digits.
        """
        schema = self.schema
        columns: dict[str, Sequence[Any]] = dict(day.columns)
        if not self._snapshot:
            columns[self._layout.column] = [day.day] * day.rows
        try:
            arrays = [
                arrow_array(field.name, columns.get(field.name) or [None] * day.rows, field.type)
                for field in schema
            ]
        except InvalidInputError as exc:
            raise _UnwritableError(day.day, str(exc)) from exc
        return self._pa.Table.from_arrays(arrays, schema=schema)

    def _put(self, key: str, days: Mapping[date, Day], new: FileMetadata) -> None:
        old = self._files.get(key)
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path in self._foreign:
            self._aside(key).parent.mkdir(exist_ok=True)
            path.replace(self._aside(key))
            self._foreign.remove(path)
        self._write(key, days, old.metadata.renewed(new) if old else new)
        if self._snapshot:
            self._copy(max(self._files))

    def _write(self, key: str, days: Mapping[date, Day], metadata: FileMetadata) -> None:
        """Write a file: some days, and of what it has all others."""
        schema = self.schema
        self._write_file(self._path(key), schema, metadata, self._groups(key, days))
        self._files[key] = _File(metadata, schema)

    def _write_file(
        self, path: Path, schema: Any, metadata: FileMetadata, groups: Iterable[Any]
    ) -> None:
        with (
            replaced(path) as temporary,
            temporary.open("wb") as file,
            self._parquet.ParquetWriter(
                file, schema.with_metadata(metadata.metadata()), compression="zstd"
            ) as writer,
        ):
            for rows in groups:
                if rows.num_rows:
                    writer.write_table(rows)
                del rows  # not kept while the next ones are made

    def _groups(self, key: str, days: Mapping[date, Day]) -> Iterator[Any]:
        """The contents of a file, a day after the other, so that memory holds one."""
        waiting = dict(sorted(days.items()))
        if key in self._files:
            with self._parquet.ParquetFile(self._path(key)) as file:
                for group in range(file.num_row_groups):
                    day = self._day(key, file, group)
                    for earlier in [d for d in waiting if day is None or d < day]:
                        yield self._arrow(waiting.pop(earlier))
                    if day not in days:
                        yield self._aligned(file.read_row_group(group))
        yield from map(self._arrow, waiting.values())

    def _aligned(self, table: Any) -> Any:
        """Rows with the columns of all."""
        arrays = [
            table[field.name]
            if field.name in table.column_names
            else self._pa.nulls(len(table), field.type)
            for field in self.schema
        ]
        return self._pa.Table.from_arrays(arrays, schema=self.schema)

    def _copy(self, key: str) -> None:
        """Let the copy of the newest snapshot be of this one, and say so in a column."""
        path = self._root / self._layout.latest(self.name)
        file, day = self._files[key], date.fromisoformat(key)
        column = self._pa.field(self._layout.column, self._pa.date32())
        schema = self._pa.schema([column, *file.schema])
        if self._is(path, schema, file.metadata):
            return
        with self._parquet.ParquetFile(self._path(key)) as snapshot:
            rows = snapshot.read()
        days = self._pa.array([day] * len(rows), column.type)
        whole = self._pa.Table.from_arrays([days, *rows.columns], schema=schema)
        self._write_file(path, schema, file.metadata, [whole])

    def _is(self, path: Path, schema: Any, metadata: FileMetadata) -> bool:
        """Whether a file has these columns, and says this about itself."""
        try:
            known = self._parquet.read_schema(path)
        except (self._pa.ArrowInvalid, OSError):
            return False
        return bool(known.equals(schema.with_metadata(metadata.metadata()), check_metadata=True))
