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
_Cells = dict[str, Any]

_PLAIN_WORD = re.compile(r"[A-Za-z0-9_.@+\-/:]{1,200}", re.ASCII)
_TAKEN = frozenset({"null", "true", "false", "-"})
_FULL = 0.6  # a table with more empty cells than this leaves is longer than a list
_FEW = 3  # rows from which on what all have alike is told once
_NOTHING = object()


def rendered(facts: Facts) -> str:
    """Every fact of a structured result, in as few characters as it can be read in."""
    return "\n".join(line for name, value in facts.items() for line in _fact(_name(name), value))


def _fact(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping) and value and not is_money(value):
        for inner, each in value.items():
            yield from _fact(f"{name}.{_name(inner)}", each)
    elif _is_table(value):
        yield from _table(name, value)
    else:
        yield f"{name}: {_inline(value)}"


# --- lists -----------------------------------------------------------------------------------


def _is_table(value: Any) -> bool:
    return _is_list(value) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _table(name: str, items: Sequence[Facts]) -> Iterator[str]:
    rows = [dict(_cells(item)) for item in items]
    inner = {column for row in rows for column, value in row.items() if _is_table(value)}
    if len(inner) == 1:
        yield from _groups(name, rows, inner.pop())
        return
    alike = _alike(rows)
    title = f"{name} ({len(rows)}{_each(alike)})"
    rows = [_without(row, alike) for row in rows]
    columns = _columns(rows)
    if _is_dense(rows, columns):
        yield f"{title}: {' | '.join(columns)}"
        yield from (f"  {_cell_line(row, columns)}" for row in rows)
    else:
        yield f"{title}:"
        yield from (f"- {_in_words(row)}" for row in rows)


def _groups(name: str, rows: Sequence[_Cells], inner: str) -> Iterator[str]:
    """Rows that have tables of the same kind: the columns are named once for all."""
    heads = [_without(row, {inner: None}) for row in rows]
    tables = [[dict(_cells(item)) for item in row.get(inner) or ()] for row in rows]
    every = [row for table in tables for row in table]
    alike_heads, alike = _alike(heads), _alike(every)
    others = [_without(row, alike) for row in every]
    columns = _columns(others)
    dense = _is_dense(others, columns)
    names = f": {' | '.join(columns)}" if dense else ""
    what = f"{inner}{_each(alike, ' (each ', ')')}"
    yield f"{name} ({len(rows)}{_each(alike_heads)}), with {what}{names}"
    for row, head, table in zip(rows, heads, tables, strict=True):
        told = _in_words(_without(head, alike_heads))
        if not table and inner in row:
            told = f"{told}; {inner}: {_inline(row[inner])}"
        yield f"- {told}"
        for each in table:
            left = _without(each, alike)
            yield f"    {_cell_line(left, columns) if dense else _in_words(left)}"


def _cells(item: Facts, path: str = "") -> Iterator[tuple[str, Any]]:
    """The values of an item, those of objects in it under names with dots."""
    for name, value in item.items():
        whole = f"{path}{_name(name)}"
        if isinstance(value, Mapping) and value and not is_money(value):
            yield from _cells(value, f"{whole}.")
        else:
            yield whole, value


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
    return type(one) is type(other) and one == other  # for Python, True is 1


def _each(alike: _Cells, before: str = ", each ", after: str = "") -> str:
    return f"{before}{_in_words(alike)}{after}" if alike else ""


def _without(row: _Cells, columns: Mapping[str, Any]) -> _Cells:
    return {column: value for column, value in row.items() if column not in columns}


def _columns(rows: Sequence[_Cells]) -> list[str]:
    return list(dict.fromkeys(column for row in rows for column in row))


def _is_dense(rows: Sequence[_Cells], columns: Sequence[str]) -> bool:
    if len(rows) < 2 or not columns:
        return False
    return sum(map(len, rows)) >= _FULL * len(rows) * len(columns)


def _cell_line(row: _Cells, columns: Sequence[str]) -> str:
    cells = (_inline(row[column]) if column in row else "" for column in columns)
    return " | ".join(cells).rstrip()


def _in_words(row: _Cells) -> str:
    return "; ".join(f"{column}: {_inline(value)}" for column, value in row.items())


# --- values ----------------------------------------------------------------------------------


def _inline(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        if is_money(value):
            return _money(value)
        return f"{{{', '.join(f'{_name(n)}: {_inline(v)}' for n, v in value.items())}}}"
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
