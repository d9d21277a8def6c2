"""A variable of a dotenv file found and replaced, with everything else kept byte for byte.

The syntax is what python-dotenv, Node's dotenv, Docker Compose and a shell have in common. Where
they would read a line differently, the file is refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

import attrs

_NEWLINES = re.compile(rb"\r\n|\n|\r")
_ENTRY = re.compile(
    rb"""
    [ \t]*+
    (?:export[ \t]++)?+
    (?P<name>[A-Za-z_][\w.-]*+)
    [ \t]*+=(?:[ \t]++(?![\#\r\n]|\Z))?+
    (?P<value>
        '[^']*+'
      | "(?:[^"\\]|\\.)*+"
      | `[^`]*+`
      | (?P<open>['"`])[^\r\n]*+
      | (?:[^ \t\r\n]|[ \t]++(?![\#\r\n]|\Z))*+
    )
    (?P<rest>[^\r\n]*+)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(rb"[ \t]*+(?:\#.*)?+", re.DOTALL)


class DotenvError(Exception):
    """A file cannot be edited safely; the message is the end of a sentence on it."""


@attrs.frozen
class _Value:
    """Where a variable's value stands in the bytes, without its quotes, and on which line."""

    start: int
    end: int
    line: int


def value_of(content: bytes, variable: str) -> str | None:
    """The value that a file gives a variable; ``None`` where it gives none, or an empty one.

    Raises:
        DotenvError: what the file says is not clear.
    """
    found = _find(content, variable)
    return content[found.start : found.end].decode() or None if found else None


def with_value(content: bytes, variable: str, value: str) -> bytes:
    """The file with a variable's value replaced, or the variable added at its end.

    Args:
        content: the file.
        variable: the variable's name.
        value: its new value, which needs no quotes.

    Raises:
        DotenvError: what the file says is not clear.
    """
    found = _find(content, variable)
    if found:
        return content[: found.start] + value.encode() + content[found.end :]
    newline = b"\r\n" if content.rpartition(b"\n")[0].endswith(b"\r") else b"\n"
    gap = newline if content.removeprefix(codecs.BOM_UTF8) and content[-1:] not in b"\r\n" else b""
    return b"".join((content, gap, f"{variable}={value}".encode(), newline))


def _find(content: bytes, variable: str) -> _Value | None:
    found = list(_values(_checked(content), variable.encode()))
    if len(found) > 1:
        raise DotenvError(
            f"sets {variable} on lines {found[0].line} and {found[1].line}: remove one of them"
        )
    return found[0] if found else None


def _checked(content: bytes) -> bytes:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise DotenvError("is not UTF-8 text: save it as UTF-8") from None
    if "\0" in text:
        raise DotenvError("is not text: it has a character of code 0")
    return content


def _values(content: bytes, variable: bytes) -> Iterator[_Value]:
    """Every value that a file gives a variable."""
    place = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    while place < len(content):
        entry = _ENTRY.match(content, place)
        if entry is None:
            place = _after_newline(content, _end_of_line(content, place))
            continue
        start, end = entry.span("value")
        found = _Value(start, end, len(_NEWLINES.findall(content, 0, start)) + 1)
        spans_lines = _NEWLINES.search(content, start, end)
        if entry["name"] == variable:
            yield _own(entry, found)
        elif entry["open"] or (spans_lines and not _COMMENT.fullmatch(entry["rest"])):
            raise _unclosed(found)
        place = _after_newline(content, entry.end())


def _own(entry: re.Match[bytes], found: _Value) -> _Value:
    """The value of the variable that is looked for, inside of its quotes."""
    value, name = entry["value"], entry["name"].decode()
    if entry["open"]:
        raise _unclosed(found)
    if not _COMMENT.fullmatch(entry["rest"]):
        raise DotenvError(f"has more than the value of {name} on line {found.line}")
    quoted = 1 if value[:1] in (b"'", b'"') else 0
    if value[:1] != b"'" and re.search(rb"[$`]", value):
        raise DotenvError(
            f"takes {name} from elsewhere on line {found.line}: name the variable that has the key"
            " itself"
        )
    return attrs.evolve(found, start=found.start + quoted, end=found.end - quoted)


def _unclosed(found: _Value) -> DotenvError:
    return DotenvError(f"has a quote on line {found.line} that is not closed")


def _end_of_line(content: bytes, place: int) -> int:
    newline = _NEWLINES.search(content, place)
    return newline.start() if newline else len(content)


def _after_newline(content: bytes, place: int) -> int:
    newline = _NEWLINES.match(content, place)
    return newline.end() if newline else place
