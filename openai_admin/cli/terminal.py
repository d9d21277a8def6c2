"""What a terminal may be shown, and whether it is one."""

from __future__ import annotations

import os
import re
import shutil
import sys
from typing import IO, Any

from .._text.visible import visible as printable

__all__ = ["has_colors", "is_terminal", "paint", "printable"]


def is_terminal(stream: IO[Any]) -> bool:
    """Whether a stream is a terminal; a closed one is not."""
    try:
        return stream.isatty()
    except ValueError:
        return False


def screen_width(stream: IO[Any]) -> int | None:
    """How many columns a text may take: as ``COLUMNS`` says, else the terminal; ``None`` is any.

    ``COLUMNS`` is meant for what is shown, also through a pipe; files have no width.
    """
    columns = os.environ.get("COLUMNS", "")
    if stream is sys.stdout and re.fullmatch("0*[1-9][0-9]{0,5}", columns):
        return int(columns)
    return shutil.get_terminal_size().columns if is_terminal(stream) else None


def has_colors(stream: IO[Any]) -> bool:
    """Whether to colour: on a terminal that knows colours, unless ``NO_COLOR`` is set."""
    return (
        is_terminal(stream)
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "") != "dumb"
    )


def paint(text: str, style: str, stream: IO[Any]) -> str:
    """A text in an ANSI style (``1`` bold, ``2`` faint, ``31`` red), where there are colours."""
    return f"\x1b[{style}m{text}\x1b[0m" if has_colors(stream) else text
