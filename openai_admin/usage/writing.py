"""Tables written as text: a value that many rows share is put into words once."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import IO, Any, Protocol

from .._wire.codec import plain
from .columns import Column, blocks
from .segments import Coded, Exact, Same, Segment, Whole

Target = str | PathLike[str] | IO[str]

_json = json.JSONEncoder(ensure_ascii=False).encode


class _Form(Protocol):
    """How one value is written."""

    @property
    def null(self) -> str: ...

    def text(self, value: Any) -> str:
        """Any value."""
        ...

    def money(self, numbers: Exact) -> Iterable[str]:
        """Exact decimals."""
        ...


class _Json:
    null = "null"

    def text(self, value: Any) -> str:
        return _json(_plain(value))

    def money(self, numbers: Exact) -> Iterable[str]:
        quoted = '"' + numbers.text.replace(",", '","') + '"'
        return quoted.replace('""', self.null).split(",")


class _Csv:
    """A field of CSV; one that is alone in its row is never nothing."""

    def __init__(self, *, alone: bool) -> None:
        self._alone = alone
        self._file = io.StringIO()
        self._writer = csv.writer(self._file, lineterminator="\n")
        self.null = self.text(None)

    def text(self, value: Any) -> str:
        self._file.seek(0)
        self._file.truncate()
        self._writer.writerow([_plain(value)] if self._alone else [_plain(value), None])
        return self._file.getvalue()[: -1 if self._alone else -2]

    def money(self, numbers: Exact) -> Iterable[str]:
        texts = numbers.texts()
        return [text or self.null for text in texts] if self._alone else texts


def _plain(value: Any) -> Any:
    return _time(value) if isinstance(value, date) else plain(value)


@lru_cache(maxsize=4096)  # every row of a bucket has the same times
def _time(value: date) -> Any:
    return plain(value)


def write_csv(columns: Mapping[str, Sequence[Any]], target: Target) -> None:
    """Write CSV with a header; times in ISO 8601, nothing for null."""
    form = _Csv(alone=len(columns) == 1)
    before = ["", *[","] * (len(columns) - 1)]
    with _opened(target) as file:
        file.write(",".join(map(form.text, columns)) + "\n")
        for rows in _rows(columns, form, before, "\n"):
            file.write("".join(rows))


def write_json(columns: Mapping[str, Sequence[Any]], target: Target) -> None:
    """Write a JSON array of objects; times in ISO 8601, money as text, so that it stays exact."""
    before = [f"{', ' if number else '{'}{_json(name)}: " for number, name in enumerate(columns)]
    with _opened(target) as file:
        start = "[\n "
        for rows in _rows(columns, _Json(), before, "}"):
            file.write(start)
            file.write(",\n ".join(rows))
            start = ",\n "
        file.write("[\n]\n" if start == "[\n " else "\n]\n")


def _rows(
    columns: Mapping[str, Sequence[Any]], form: _Form, before: Sequence[str], after: str
) -> Iterator[Iterable[str]]:
    """The rows as text, block by block.

    Args:
        columns: the table's.
        form: how a value is written.
        before: what stands before each column's value.
        after: what stands after the last.
    """
    parts = [Column.of(column) for column in columns.values()]
    texts: dict[int, list[str]] = {}
    for start, stop in blocks(parts):
        template, varying = "", []
        for text, column in zip(before, parts, strict=True):
            (segment,) = column.cut(start, stop)
            if isinstance(segment, Same):
                template += _escaped(text + form.text(segment.value))
            else:
                template += _escaped(text) + "%s"
                varying.append(_written(segment, form, texts))
        template += after
        if varying:
            yield map(template.__mod__, zip(*varying, strict=True))
        else:
            yield [template % ()] * (stop - start)


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _written(segment: Segment, form: _Form, texts: dict[int, list[str]]) -> Iterable[Any]:
    """The values of a segment as text, or as whole numbers.

    Args:
        segment: the segment.
        form: how a value is written.
        texts: how the values of lists that segments have in common are written.
    """
    if isinstance(segment, Coded):
        known = texts.get(id(segment.values))
        if known is None:
            known = texts[id(segment.values)] = list(map(form.text, segment.values))
        return map(known.__getitem__, segment.codes)
    if isinstance(segment, Whole):
        return (
            segment if segment.known is None else [form.null if n is None else n for n in segment]
        )
    if isinstance(segment, Exact):
        return form.money(segment)
    return map(form.text, segment)


@contextmanager
def _opened(target: Target) -> Iterator[IO[str]]:
    if isinstance(target, str | PathLike):
        with Path(target).open("w", encoding="utf-8", newline="") as file:
            yield file
    else:
        yield target
