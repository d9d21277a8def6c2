"""Texts from elsewhere in a message for Slack, in Block Kit, and within Slack's limits."""

from __future__ import annotations

import re
from typing import Any

from .visible import visible

# Slack refuses a whole message for one text that is longer.
LONGEST_TEXT = 3000
LONGEST_FIELD = 2000
_LONGEST_HEADER = 150
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Marks of bold, italic, struck and code, which count at the edge of a word: a space of no width on
# either side takes the edge away. Within a word, as in an id, they are shown as they are.
_MARK = re.compile(r"(?<!\w)[*_~]|[*_~](?!\w)|`")


def header(text: str) -> dict[str, Any]:
    """The heading of a message."""
    # Plain text is not escaped: Slack shows an entity in it as it is written.
    return {
        "type": "header",
        "text": {"type": "plain_text", "text": _cut(text, _LONGEST_HEADER), "emoji": False},
    }


def context(text: str) -> dict[str, Any]:
    """A line in small letters."""
    return {"type": "context", "elements": [_text(escape(line(text), LONGEST_TEXT))]}


def section_text(heading: str, text: str, most: int) -> dict[str, Any]:
    """A bold heading with what stands below it."""
    bold = f"*{escape(line(heading), _LONGEST_HEADER)}*"
    return _text(bold + escape(text, most - len(bold)))


def _text(text: str) -> dict[str, Any]:
    # Verbatim: no address, channel or name in it becomes a link.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def escape(text: str, most: int) -> str:
    """A text that Slack's markup shows as it is, of at most so many characters.

    Args:
        text: the text.
        most: how long it may be, escaped; what is longer ends in ``…``.
    """
    parts = [_ENTITIES.get(character, character) for character in _MARK.sub(_unmarked, text)]
    if sum(map(len, parts)) <= most:
        return "".join(parts)
    kept, length = [], 1
    for part in parts:
        length += len(part)
        if length > most:
            break
        kept.append(part)
    return "".join(kept) + "…"


def _unmarked(mark: re.Match[str]) -> str:
    return f"\u200b{mark[0]}\u200b"


def line(text: str) -> str:
    """A text on one line, with what cannot be seen in it made visible."""
    return " ".join(visible(text).split())


def _cut(text: str, most: int) -> str:
    whole = line(text)
    return whole if len(whole) <= most else f"{whole[: most - 1]}…"
