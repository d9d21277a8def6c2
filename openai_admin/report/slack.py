"""The report as a message for Slack, in Block Kit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._text.slack import (
    LONGEST_FIELD,
    LONGEST_TEXT,
    context,
    escape,
    header,
    line,
    section_text,
)
from ..insights import Review
from ..insights.findings import Tone
from .brief import caveats, leading, to_brief
from .document import Tile
from .parts import document

_FIELDS = 10  # of a section
_SIGNS: Mapping[Tone | None, str] = {"bad": "🔴 ", "warn": "🟡 ", "good": "🟢 ", None: ""}


def to_slack(review: Review) -> dict[str, Any]:
    """The message: the figures, where the money went, what is not known.

    It is the body of a request to an incoming webhook, within Slack's limits. Names are text: no
    name mentions anybody, or links anywhere.

    Args:
        review: what was found.
    """
    return {"text": escape(to_brief(review).rstrip(), LONGEST_TEXT), "blocks": [*_blocks(review)]}


def _blocks(review: Review) -> Iterator[dict[str, Any]]:
    report = document(review)
    yield header(report.title)
    yield context(report.subtitle)
    yield {
        "type": "section",
        "fields": [section_text(*_figure(tile), LONGEST_FIELD) for tile in report.tiles[:_FIELDS]],
    }
    for each in leading(review):
        rows = [*each.rows, *([f"{each.others:,} more"] if each.others else [])]
        lines = "".join(f"\n• {line(row)}" for row in rows)
        yield {"type": "section", "text": section_text(each.label, lines, LONGEST_TEXT)}
    for caveat in caveats(review):
        yield context(caveat)


def _figure(tile: Tile) -> tuple[str, str]:
    note = f"\n{line(tile.note)}" if tile.note else ""
    return f"{_SIGNS[tile.tone]}{tile.label}", f"\n{line(tile.value)}{note}"
