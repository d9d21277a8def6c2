"""What is known of a removal whose answer does not say that it removed anything."""

from __future__ import annotations

import re
from typing import Any

import attrs

from .codec import to_dict
from .structure import structure

_SAYS_NOTHING = re.compile(rb"\s*(?:\{\s*\})?\s*")


def says_nothing(body: bytes) -> bool:
    """Whether an answer is empty, or an object with nothing in it."""
    return _SAYS_NOTHING.fullmatch(body) is not None


def unconfirmed(answer: Any, id: str | None) -> Any:
    """The result of a removal that no answer confirmed, from what is known.

    Args:
        answer: the result's type; `Any` for decoded JSON.
        id: the id of what was to be removed, where it has one.
    """
    if answer is Any:
        return {"deleted": None}
    known = {"deleted": None} if id is None else {"id": id, "deleted": None}
    fields = {a.name for a in attrs.fields(answer)}
    return structure({k: v for k, v in known.items() if k in fields}, answer)


def is_confirmed(result: Any) -> bool:
    """Whether the result of a removal says that it removed something."""
    if hasattr(result, "deleted"):
        return result.deleted is True
    return not to_dict(result).keys() <= {"id"}
