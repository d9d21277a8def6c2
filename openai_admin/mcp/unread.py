"""What of an answer could not be read: it stands apart, so that the rest is as the schema says.

An official client refuses a result that its tool's schema does not allow, and the whole page with
it. So results are what was read: an item or a field that came as something else than described is
not in its place, but in ``unreadable``, as it came.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from .._wire.models import Page, Unreadable
from .._wire.odd import odd_fields_in
from ..directory.wording import unread
from .bounding import weight
from .facts import facts_of
from .schema import Schema
from .tool import Answer

UNREADABLE: Schema = {
    "type": "object",
    "description": "What could not be read, as it came; absent where there is nothing.",
    "properties": {
        "count": {"type": "integer", "description": "How many parts could not be read."},
        "parts": {
            "type": "array",
            "description": "The first of them.",
            "items": {
                "type": "object",
                "properties": {
                    "place": {"type": "string", "description": "Where in the API's answer."},
                    "reason": {"type": "string", "description": "What is wrong with it."},
                    "id": {"type": "string", "description": "The id of what it is a part of."},
                    "raw": {"description": "What came."},
                },
            },
        },
    },
}
"""The schema of ``unreadable``."""

_MOST_BYTES = 4_000  # of all parts: a page may have a hundred


def telling(answer: Answer, parts: Sequence[Unreadable]) -> Answer:
    """An answer that says what could not be read."""
    if not parts:
        return answer
    fields = sum(_is_field(part) for part in parts)
    fitting = [*_that_fit(parts)]
    which = "them" if len(fitting) == len(parts) else f"the first {len(fitting)}"
    told = f"{unread(len(parts) - fields, fields)}; unreadable has {which} as they came."
    structured = {**answer.structured, "unreadable": {"count": len(parts), "parts": fitting}}
    return attrs.evolve(answer, structured=structured, notes=[*answer.notes, told])


def _is_field(part: Unreadable) -> bool:
    return part.field is not None or not isinstance(part.path[-1], int)


def _that_fit(parts: Sequence[Unreadable]) -> Iterator[dict[str, Any]]:
    room = _MOST_BYTES
    for part in parts:
        made = {"place": part.place, "reason": part.reason, "raw": part.value}
        if part.id is not None:
            made["id"] = part.id
        room -= weight(made)
        if room < 0:
            return
        yield made


# --- taking apart ----------------------------------------------------------------------------


def apart(page: Page[Any]) -> tuple[dict[str, Any], list[Unreadable]]:
    """What was read of a page, as JSON, and what of it could not be."""
    return facts_of(page), [*page.unreadable, *odd_fields_in(page)]
