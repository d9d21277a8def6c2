"""The report as a message for Slack, in Block Kit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .._text.visible import visible
from ..insights import Review
from ..insights.findings import Tone
from .brief import caveats, leading, to_brief
from .document import Tile
from .parts import document

# Slack refuses a whole message for one text that is longer.
_LONGEST_HEADER = 150
_LONGEST_TEXT = 3000
_LONGEST_FIELD = 2000
_FIELDS = 10  # of a section
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Marks of bold, italic, struck and code, which count at the edge of a word: a space of no width on
# either side takes the edge away. Within a word, as in an id, they are shown as they are.
_MARK = re.compile(r"(?<!\w)[*_~]|[*_~](?!\w)|`")
_SIGNS: Mapping[Tone | None, str] = {"bad": "🔴 ", "warn": "🟡 ", "good": "🟢 ", None: ""}


def to_slack(review: Review) -> dict[str, Any]:
    """The message: the figures, where the money went, what is not known.

    It is the body of a request to an incoming webhook, within Slack's limits. Names are text: no
    name mentions anybody, or links anywhere.

    Args:
        review: what was found.
    """
    return {"text": escape(to_brief(review).rstrip(), _LONGEST_TEXT), "blocks": [*_blocks(review)]}


def _blocks(review: Review) -> Iterator[dict[str, Any]]:
    report = document(review)
    yield {
        "type": "header",
        # Plain text is not escaped: Slack shows an entity in it as it is written.
        "text": {"type": "plain_text", "text": _cut(report.title, _LONGEST_HEADER), "emoji": False},
    }
    yield _context(report.subtitle)
    yield {
        "type": "section",
        "fields": [_mrkdwn(*_figure(tile), _LONGEST_FIELD) for tile in report.tiles[:_FIELDS]],
    }
    for each in leading(review):
        rows = [*each.rows, *([f"{each.others:,} more"] if each.others else [])]
        lines = "".join(f"\n• {_line(row)}" for row in rows)
        yield {"type": "section", "text": _mrkdwn(each.label, lines, _LONGEST_TEXT)}
    for caveat in caveats(review):
        yield _context(caveat)


def _figure(tile: Tile) -> tuple[str, str]:
    note = f"\n{_line(tile.note)}" if tile.note else ""
    return f"{_SIGNS[tile.tone]}{tile.label}", f"\n{_line(tile.value)}{note}"


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [_text(escape(_line(text), _LONGEST_TEXT))]}


def _mrkdwn(heading: str, text: str, most: int) -> dict[str, Any]:
    """A bold heading with what stands below it."""
    bold = f"*{escape(_line(heading), _LONGEST_HEADER)}*"
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


def _line(text: str) -> str:
    """A text on one line, with what cannot be seen in it made visible."""
    return " ".join(visible(text).split())


def _cut(text: str, most: int) -> str:
    line = _line(text)
    return line if len(line) <= most else f"{line[: most - 1]}…"
