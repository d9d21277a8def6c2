"""A variable of a dotenv file found and replaced, with everything else kept byte for byte.

The syntax is what python-dotenv, Node's dotenv, Docker Compose and a shell have in common. Where
they would read a line differently, or it is of another kind of file, the file is refused.
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
    (?P<name>[A-Za-z_\x80-\xff][\w.\x80-\xff-]*+)
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
_CONTINUED = re.compile(rb"(?<!\\)(?:\\\\)*\\\Z")
_QUOTES = (b"'", b'"', b"`")
_LEAST_KEY = 16  # characters; a shorter value may stand elsewhere by chance


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
    entries = list(_entries(_checked(content)))
    name = variable.encode()
    found = [_own(entry) for entry in entries if entry["name"] == name]
    for entry in entries:
        _check_other(entry, name, is_missing=not found)
    if len(found) > 1:
        raise DotenvError(
            f"sets {variable} on lines {found[0].line} and {found[1].line}: remove one of them"
        )
    if not found:
        return None
    value = content[found[0].start : found[0].end]
    others = content[: found[0].start] + b"-" * len(value) + content[found[0].end :]
    if len(value) >= _LEAST_KEY and value in others:
        raise DotenvError(
            f"has the value of {variable} on line {_line(content, others.index(value))} as well,"
            " where it would stay: remove it there"
        )
    return found[0]


def _checked(content: bytes) -> bytes:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise DotenvError("is not UTF-8 text: save it as UTF-8") from None
    if "\0" in text:
        raise DotenvError("is not text: it has a character of code 0")
    return content


def _entries(content: bytes) -> Iterator[re.Match[bytes]]:
    """The variables of a file, of which every other line has to be empty or a comment."""
    place = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    while place < len(content):
        entry = _ENTRY.match(content, place)
        end = entry.end() if entry else _end_of_line(content, place)
        if entry:
            yield entry
        elif not _COMMENT.fullmatch(content, place, end):
            raise DotenvError(
                f"is not a dotenv file: line {_line(content, place)} is neither NAME=VALUE nor a"
                " comment (secret-file:PATH is for a file that has only the key, command:… for any"
                " other)"
            )
        place = _after_newline(content, end)


def _check_other(entry: re.Match[bytes], name: bytes, *, is_missing: bool) -> None:
    """Refuse a line that some readers take for more than the variable that it begins with.

    Args:
        entry: the line, or several of a quoted value.
        name: the variable that is looked for.
        is_missing: whether the file does not set it otherwise.
    """
    line = _line(entry.string, entry.start("name"))
    bare = _bare(entry)
    if entry["name"] != name:
        start, end = entry.span("value")
        spans_lines = _NEWLINES.search(entry.string, start, end)
        if entry["open"] or (spans_lines and not _COMMENT.fullmatch(entry["rest"])):
            raise _unclosed(line)
        if re.search(rb"(?:^|[\s;&|])" + re.escape(name) + rb"[ \t]*+\+?=", bare):
            raise DotenvError(
                f"sets {name.decode()} on line {line} after something else: give it a line of its"
                " own"
            )
        text = b"=".join((entry["name"], entry["value"]))
        word = rb"(?<![\w$])(?<!\$\{)" + re.escape(name) + rb"(?!\w)"
        if is_missing and (written := re.search(word, text, re.IGNORECASE)):
            raise DotenvError(
                f"has {written[0].decode()} on line {line}, and not as the variable"
                f" {name.decode()}, which would be added: name the variable that has the key"
            )
    if _CONTINUED.search(bare):
        raise DotenvError(
            f"ends line {line} in a backslash, by which a shell joins the next line to it"
        )


def _bare(entry: re.Match[bytes]) -> bytes:
    """What stands outside of quotes and comments in a line, after its ``=``."""
    value, rest = entry["value"], entry["rest"]
    bare = b"" if value[:1] in _QUOTES else value
    return bare if _COMMENT.fullmatch(rest) else bare + rest


def _own(entry: re.Match[bytes]) -> _Value:
    """The value of the variable that is looked for, inside of its quotes."""
    value, name = entry["value"], entry["name"].decode()
    start, end = entry.span("value")
    line = _line(entry.string, start)
    if entry["open"]:
        raise _unclosed(line)
    is_bare = value[:1] not in _QUOTES
    if not _COMMENT.fullmatch(entry["rest"]) or (is_bare and re.search(rb"[ \t]", value)):
        raise DotenvError(f"has more than the value of {name} on line {line}")
    if value[:1] != b"'" and re.search(rb"[$`]", value):
        raise DotenvError(
            f"takes {name} from elsewhere on line {line}, or has it in backticks, where a shell"
            " reads a command: write the key itself there"
        )
    quoted = 0 if is_bare else 1
    return _Value(start + quoted, end - quoted, line)


def _unclosed(line: int) -> DotenvError:
    return DotenvError(f"has a quote on line {line} that is not closed")


def _line(content: bytes, place: int) -> int:
    return len(_NEWLINES.findall(content, 0, place)) + 1


def _end_of_line(content: bytes, place: int) -> int:
    newline = _NEWLINES.search(content, place)
    return newline.start() if newline else len(content)


def _after_newline(content: bytes, place: int) -> int:
    newline = _NEWLINES.match(content, place)
    return newline.end() if newline else place
