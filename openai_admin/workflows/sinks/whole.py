"""A file that has a secret and nothing else, replaced with its line end kept."""

from __future__ import annotations

import re

from .dotenv import DotenvError

_SECRET = re.compile(rb"([!-~]*)(\r?\n)?")


def value_of(content: bytes) -> str | None:
    """The secret that a file has; ``None`` where it is empty.

    Raises:
        DotenvError: it has more than one word.
    """
    return _read(content)[1].decode() or None


def with_value(content: bytes, value: str) -> bytes:
    """The file with its secret replaced; without a line end, if it had none.

    Raises:
        DotenvError: it has more than one word.
    """
    return value.encode() + (_read(content)[2] or b"")


def _read(content: bytes) -> re.Match[bytes]:
    found = _SECRET.fullmatch(content)
    if found is None:
        raise DotenvError("has more than a key in it (file:PATH is for a dotenv file)")
    return found
