"""What of an answer could not be read: it stands apart, so that the rest is as the schema says.

An official client refuses a result that its tool's schema does not allow, and the whole page with
it. So results are what was read: an item or a field that came as something else than described is
not in its place, but in ``unreadable``, as it came.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import attrs
import msgspec

from .._wire.codec import to_dict
from .._wire.models import Page, Unreadable
from .._wire.odd import odd_fields_in
from ..directory.wording import unread
from .schema import Schema
from .texts import quoted
from .tool import Answer

UNREADABLE: Schema = {
    "type": "object",
    "description": "What could not be read, as it came; absent where there is nothing.",
    "properties": {
        "count": {"type": "integer"},
        "parts": {"type": "array", "items": {"type": "object"}},
    },
}
"""The schema of ``unreadable``."""

_MOST_BYTES = 8_000  # of all parts: a page may have a hundred
_NAMED = 10
_MOST_CHARACTERS = 400
_encode = msgspec.json.Encoder().encode


def telling(answer: Answer, parts: Sequence[Unreadable]) -> Answer:
    """An answer that says what could not be read, in its structured part and in its texts."""
    if not parts:
        return answer
    fields = sum(_is_field(part) for part in parts)
    told = f"{unread(len(parts) - fields, fields)}; unreadable has them as they came."
    lines = [*_lines(parts[:_NAMED])]
    if len(parts) > _NAMED:
        lines.append(f"- and {len(parts) - _NAMED} more that could not be read")
    return attrs.evolve(
        answer,
        structured={
            **answer.structured,
            "unreadable": {"count": len(parts), "parts": [*_that_fit(parts)]},
        },
        summary=f"{answer.summary} {told}",
        names="\n".join([*([answer.names] if answer.names else []), *lines]),
    )


def _is_field(part: Unreadable) -> bool:
    return part.field is not None or not isinstance(part.path[-1], int)


def _that_fit(parts: Sequence[Unreadable]) -> Iterator[dict[str, Any]]:
    room = _MOST_BYTES
    for part in parts:
        made = {"place": part.place, "reason": part.reason, "raw": part.value}
        if part.id is not None:
            made["id"] = part.id
        room -= len(_encode(made))
        if room >= 0:
            yield made


def _lines(parts: Sequence[Unreadable]) -> Iterator[str]:
    for part in parts:
        which = f" of {quoted(part.id)}" if part.id is not None else ""
        raw = quoted(json.dumps(part.value, ensure_ascii=False), most=_MOST_CHARACTERS)
        yield f"- {part.place}{which} could not be read ({part.reason}): {raw}"


# --- taking apart ----------------------------------------------------------------------------


def apart(page: Page[Any]) -> tuple[dict[str, Any], list[Unreadable]]:
    """What was read of a page, as JSON, and what of it could not be."""
    return to_dict(page, mode="read"), [*page.unreadable, *odd_fields_in(page)]
