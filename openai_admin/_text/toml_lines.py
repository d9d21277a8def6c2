"""The lines that the tables and keys of a TOML text stand in, for sentences about them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str | int, ...]
"""Keys and, of an array of tables, numbers: ``("rule", 0, "team")``."""

_PARTS = re.compile(
    r'"""(?:\\.|[^\\])*?"""+|\'\'\'.*?\'\'\'+|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|.', re.DOTALL
)
_OPENING, _CLOSING = "[{", "]}"


def toml_lines(text: str) -> Mapping[Path, int]:
    """The line, from 1 on, of each table and key of a text that is valid TOML.

    What is in an array of values or an inline table stands where that begins.
    """
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for line, statement in _statements(text):
        whole = tomllib.loads(statement)
        if not statement.startswith("["):
            for path in _paths(whole):
                found.setdefault((*table, *path), line)
            continue
        table = ()
        names = [*_paths(whole)][-1]
        for depth, name in enumerate(names, start=1):
            table = (*table, name)
            is_last = depth == len(names)
            if is_last and statement.startswith("[["):
                counts[table] = counts.get(table, -1) + 1
            found.setdefault(table, line)
            if table in counts:
                table = (*table, counts[table])
            if is_last:
                found[table] = line
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each header and each assignment, with the line that it begins in."""
    begun, line, depth = 1, 1, 0
    statement = ""
    for part in _PARTS.findall(f"{text}\n".replace("\r\n", "\n")):
        if part == "\n" and not depth:
            if statement.strip():
                yield begun, statement.strip()
            statement, begun = "", line + 1
        elif not part.startswith("#"):
            statement += part
        depth += (part in _OPENING) - (part in _CLOSING)
        line += part.count("\n")


def _paths(tables: Mapping[str, Any]) -> Iterator[Path]:
    """The path of each key, those of tables before those in them."""
    for key, value in tables.items():
        yield (key,)
        inner = value[0] if isinstance(value, list) and value else value
        if isinstance(inner, dict):
            yield from ((key, *path) for path in _paths(inner))
