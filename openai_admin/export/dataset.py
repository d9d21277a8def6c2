"""The dataset's files: which days are there, and how one is put in its place.

A day's file appears under its name once all of it is on the disk, and says in itself when it was
fetched. So the files are all the state there is, and a run may be killed at any moment.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import attrs

from .._extras import require
from ..usage.export import arrow_array
from .schema import Kinds, arrow_type

_FILE = "part-0.parquet"
_TEMPORARY = f".{_FILE}.tmp"  # readers pass over names that begin with a dot
_FETCHED_AT, _WIDTH = b"openai_admin.fetched_at", b"openai_admin.bucket_width"

Columns = Mapping[str, Sequence[Any]]
"""Columns of equal length by name."""


@attrs.frozen
class FileMetadata:
    """What a file says about itself.

    Attributes:
        fetched_at: when its contents were asked for.
        bucket_width: the width of its buckets; empty where there are none.
    """

    fetched_at: datetime
    bucket_width: str = ""

    def metadata(self) -> dict[bytes, bytes]:
        """As Parquet's metadata."""
        return {
            _FETCHED_AT: self.fetched_at.isoformat().encode(),
            _WIDTH: self.bucket_width.encode(),
        }

    @classmethod
    def of(cls, metadata: Mapping[bytes, bytes] | None) -> FileMetadata | None:
        """From a file's Parquet metadata; ``None`` where there is none."""
        text = (metadata or {}).get(_FETCHED_AT)
        if text is None or metadata is None:
            return None
        return cls(datetime.fromisoformat(text.decode()), metadata.get(_WIDTH, b"").decode())


class Table:
    """The files of one endpoint.

    Args:
        root: the dataset's folder.
        endpoint: the endpoint's name.
        columns: the columns that it always has.

    Attributes:
        endpoint: the endpoint's name.
        days: the days that there are, each with what its file says.
        notes: what its folder has besides days of an export, in words.
    """

    def __init__(self, root: Path, endpoint: str, columns: Kinds) -> None:
        self._pa = require("pyarrow", extra="data")
        self._parquet = require("pyarrow.parquet", extra="data")
        self.endpoint = endpoint
        self._folder = root / f"endpoint={endpoint}"
        self._columns = dict(columns)
        self.days: dict[date, FileMetadata] = {}
        self.notes: list[str] = []
        self._schemas: dict[date, Any] = {}
        self._added: set[str] = set()
        for day, path in self._files():
            self._know(day, path)

    def _files(self) -> Iterator[tuple[date, Path]]:
        for folder in sorted(self._folder.glob("date=*")):
            day = _day_named(folder.name)
            if day is None:
                self.notes.append(_stranger(folder, "a day"))
                continue
            (folder / _TEMPORARY).unlink(missing_ok=True)  # what a killed run left
            path = folder / _FILE
            if path.exists():
                yield day, path

    def _know(self, day: date, path: Path) -> None:
        """Take a file into account.

        One that is damaged, was not written by an export, or has the types of another version
        counts as absent: its day is fetched again.
        """
        try:
            with self._parquet.ParquetFile(path) as file:
                schema = file.schema_arrow
        except (self._pa.ArrowInvalid, OSError):
            return
        file_metadata = FileMetadata.of(schema.metadata)
        fits = all(schema.field(n).type == self._type(n) for n in schema.names)
        if file_metadata is not None and fits:
            self.days[day] = file_metadata
            self._schemas[day] = schema
            self._added |= set(schema.names) - self._columns.keys()

    def _type(self, column: str) -> Any:
        return arrow_type(self._columns.get(column, str))

    @property
    def schema(self) -> Any:
        """The columns of every file: the declared ones, then those that came up, by name."""
        return self._pa.schema([(n, self._type(n)) for n in (*self._columns, *sorted(self._added))])

    def write(self, day: date, columns: Columns, rows: int, file_metadata: FileMetadata) -> None:
        """Put a day in its place, in one step, instead of any earlier version.

        Args:
            day: the day.
            columns: its contents; what is missing is null.
            rows: how many rows it has.
            file_metadata: when it was asked for.
        """
        self._added |= columns.keys() - self._columns.keys()
        schema = self.schema
        arrays = [
            arrow_array(field.name, columns.get(field.name) or [None] * rows, field.type)
            for field in schema
        ]
        self._put(day, self._pa.Table.from_arrays(arrays, schema=schema), file_metadata)

    def align(self) -> int:
        """Give each file the columns of all, so that any reader takes them together.

        Returns:
            How many files were rewritten.
        """
        schema = self.schema
        old = [day for day, known in self._schemas.items() if not known.equals(schema)]
        for day in old:
            with self._parquet.ParquetFile(self._path(day)) as file:
                table = file.read()
            arrays = [
                table[field.name].cast(field.type)
                if field.name in table.column_names
                else self._pa.nulls(len(table), field.type)
                for field in schema
            ]
            self._put(day, self._pa.Table.from_arrays(arrays, schema=schema), self.days[day])
        return len(old)

    def _path(self, day: date) -> Path:
        return self._folder / f"date={day}" / _FILE

    def _put(self, day: date, table: Any, file_metadata: FileMetadata) -> None:
        path = self._path(day)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(_TEMPORARY)
        try:
            with temporary.open("wb") as file:
                self._parquet.write_table(
                    table.replace_schema_metadata(file_metadata.metadata()),
                    file,
                    compression="zstd",
                )
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
        self.days[day] = file_metadata
        self._schemas[day] = table.schema


def strangers(root: Path, endpoints: Collection[str]) -> list[str]:
    """What in a dataset's folder has the form of a partition but is none of an export, in words."""
    names = {f"endpoint={endpoint}" for endpoint in endpoints}
    found = sorted(root.glob("*=*"))
    return [_stranger(folder, "an endpoint") for folder in found if folder.name not in names]


def _stranger(folder: Path, kind: str) -> str:
    return (
        f"{folder} is not the folder of {kind} and was left alone; what reads the dataset may"
        " take it for a part of it."
    )


def _day_named(name: str) -> date | None:
    """The day that a folder is of, if it is named as an export names it."""
    text = name.partition("=")[2]
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if str(day) == text else None


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk as well; Windows neither needs nor offers that."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
