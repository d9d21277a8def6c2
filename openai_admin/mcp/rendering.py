"""Structured facts as compact text: names with their values, lists as tables.

::

    id: proj_1
    limit: 30000.00 usd
    members (2): id | name | role
      user-1 | "Ada Lovelace" | owner
      user-2 | "Alan Turing" | reader

A text that is more than one plain word stands in quotation marks, as `texts.quoted` writes it: what
people of the organization wrote cannot end its line, nor look like ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .texts import quoted
from .values import is_money

Facts = Mapping[str, Any]
_Path = tuple[str, ...]
_Cells = dict[_Path, Any]

_PLAIN_WORD = re.compile(r"[A-Za-z0-9_.@+\-/:]{1,200}", re.ASCII)
_TAKEN = frozenset({"null", "true", "false", "-"})
_FEW = 3  # rows from which on what all have alike is told once
_NOTHING = object()


def rendered(facts: Facts) -> str:
    """Every fact of a structured result, in as few characters as it can be read in."""
    return "\n".join(line for name, value in facts.items() for line in _fact(_name(name), value))


def _fact(name: str, value: Any) -> Iterator[str]:
    if _is_object(value):
        for inner, each in value.items():
            yield from _fact(f"{name}.{_name(inner)}", each)
    elif _is_table(value):
        yield from _table(name, value)
    else:
        yield f"{name}: {_inline(value)}"


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and not is_money(value)


# --- lists -----------------------------------------------------------------------------------


def _is_table(value: Any) -> bool:
    return _is_list(value) and bool(value) and all(map(_is_object, value))


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _table(name: str, items: Sequence[Facts]) -> Iterator[str]:
    rows = [dict(_cells(item)) for item in items]
    tables = {column for row in rows for column, value in row.items() if _is_table(value)}
    if len(tables) == 1:
        (inner,) = tables
        if all(_is_table(row[inner]) or not row[inner] for row in rows if inner in row):
            yield from _groups(name, rows, inner)
            return
    alike = _alike(rows)
    columns, lines = _lines([_without(row, alike) for row in rows])
    yield f"{name} ({len(rows)}{_each(alike)}):{columns}"
    yield from lines


def _groups(name: str, rows: Sequence[_Cells], inner: _Path) -> Iterator[str]:
    """Rows that have tables of the same kind: the columns are named once for all."""
    heads = [_without(row, {inner: None}) for row in rows]
    tables = [[dict(_cells(item)) for item in row.get(inner) or ()] for row in rows]
    every = [row for table in tables for row in table]
    alike_heads, alike = _alike(heads), _alike(every)
    columns, lines = _lines([_without(row, alike) for row in every])
    what = f"{_title(inner)}{_each(alike, ' (each ', ')')}"
    yield f"{name} ({len(rows)}{_each(alike_heads)}), with {what}:{columns}"
    following = iter(lines)
    for row, head, table in zip(rows, heads, tables, strict=True):
        told = _in_words(_without(head, alike_heads))
        if not table and inner in row:
            told = f"{told}; {_title(inner)}: {_inline(row[inner])}"
        yield f"- {told}"
        yield from (f"  {next(following)}" for _ in table)


def _lines(rows: Sequence[_Cells]) -> tuple[str, list[str]]:
    """Rows as a table, or with a name at each value where that is shorter or many are missing.

    Returns:
        The names of the columns, if it is a table, and the lines.
    """
    columns = list(dict.fromkeys(column for row in rows for column in row))
    named = [f"  {_in_words(row)}" for row in rows]
    title = f" {' | '.join(map(_title, columns))}"
    table = [f"  {_cell_line(row, columns)}" for row in rows]
    is_full = 2 * sum(map(len, rows)) >= len(rows) * len(columns)  # else a cell is hard to place
    if is_full and len(title) + sum(map(len, table)) < sum(map(len, named)):
        return title, table
    return "", named


def _cells(item: Facts, path: _Path = ()) -> Iterator[tuple[_Path, Any]]:
    """The values of an item, those of objects in it too, by where they are."""
    for name, value in item.items():
        if _is_object(value):
            yield from _cells(value, (*path, name))
        else:
            yield (*path, name), value


def _alike(rows: Sequence[_Cells]) -> _Cells:
    """What all rows have alike, where there are some."""
    if len(rows) < _FEW:
        return {}
    first, *others = rows
    return {
        column: value
        for column, value in first.items()
        if all(_same(row.get(column, _NOTHING), value) for row in others)
    }


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)  # for Python, True is 1


def _each(alike: _Cells, before: str = ", each ", after: str = "") -> str:
    return f"{before}{_in_words(alike)}{after}" if alike else ""


def _without(row: _Cells, columns: Mapping[_Path, Any]) -> _Cells:
    return {column: value for column, value in row.items() if column not in columns}


def _title(column: _Path) -> str:
    return ".".join(map(_name, column))


def _cell_line(row: _Cells, columns: Sequence[_Path]) -> str:
    cells = (_inline(row[column]) if column in row else "" for column in columns)
    return " | ".join(cells).rstrip()


def _in_words(row: _Cells) -> str:
    """A row's values with their names, those of an object together."""
    whole: dict[str, Any] = {}
    for (*path, name), value in row.items():
        place = whole
        for step in path:
            place = place.setdefault(step, {})
        place[name] = value
    return "; ".join(_named(name, value) for name, value in whole.items()) or "{}"


# --- values ----------------------------------------------------------------------------------


def _named(name: str, value: Any) -> str:
    told = _name(name)
    while _is_object(value) and len(value) == 1:
        ((inner, value),) = value.items()
        told = f"{told}.{_name(inner)}"
    return f"{told}: {_inline(value)}"


def _inline(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        if is_money(value):
            return _money(value)
        return f"{{{', '.join(_named(name, each) for name, each in value.items())}}}"
    if _is_list(value):
        return f"[{', '.join(map(_inline, value))}]"
    return json.dumps(value, default=str)


def _money(value: Facts) -> str:
    currency = value["currency"]
    return f"{_text(value['amount'])} {'(currency null)' if currency is None else _text(currency)}"


def _text(text: str) -> str:
    if text not in _TAKEN and _PLAIN_WORD.fullmatch(text):
        return text
    return quoted(text, most=len(text))


def _name(name: str) -> str:
    return name if _PLAIN_WORD.fullmatch(name) else quoted(name)
