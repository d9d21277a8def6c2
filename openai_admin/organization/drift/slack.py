"""Drift as a message for Slack, in Block Kit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..._text.slack import LONGEST_TEXT, context, escape, header, line, section_text
from ..showing.model import Remarks
from .model import Drift
from .showing import moment, shown

_MOST = 40  # blocks; Slack takes 50
_ROWS = 15  # of a group


def to_slack(drift: Drift) -> dict[str, Any]:
    """The body of a request to an incoming webhook, within Slack's limits.

    Names are text: no name mentions anybody, or links anywhere.

    Args:
        drift: what was found.
    """
    told = shown(drift)
    blocks = [
        header(told.summary),
        context(_of(drift)),
        *map(_section, told.remarks[:_MOST]),
        *_left_out(len(told.remarks) - _MOST),
    ]
    return {"text": escape(told.summary, LONGEST_TEXT), "blocks": blocks}


def _of(drift: Drift) -> str:
    when = "" if drift.looked_at is None else f", {moment(drift.looked_at)}"
    return f"{drift.organization or 'The organization'}{when}"


def _section(remarks: Remarks) -> dict[str, Any]:
    rows = [
        f"{row.what}{row.joint}{row.text}" if row.text else row.what for row in remarks.rows[:_ROWS]
    ]
    if len(remarks.rows) > _ROWS:
        rows.append(f"{len(remarks.rows) - _ROWS:,} more")
    lines = "".join(f"\n• {line(row)}" for row in rows)
    return {"type": "section", "text": section_text(remarks.title, lines, LONGEST_TEXT)}


def _left_out(number: int) -> Iterator[dict[str, Any]]:
    if number > 0:
        yield context(f"{number:,} more parts of the organization are left out here.")
