"""What is known of a removal whose answer does not say that it removed anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

from .codec import to_dict
from .models import evolve
from .structure import structure

_SAYS_NOTHING = re.compile(rb"\s*(?:\{\s*\})?\s*")


def says_nothing(body: bytes) -> bool:
    """Whether an answer is empty, or an object with nothing in it."""
    return _SAYS_NOTHING.fullmatch(body) is not None


def removed_id(path: str, arguments: Mapping[str, Any]) -> str | None:
    """The id of what a removal is about, where its path template ends with one."""
    last = re.search(r"\{(\w+)\}$", path)
    return arguments.get(last[1]) if last else None


def held_against(result: Any, id: str | None) -> Any:
    """The result of a removal, which an answer about something else does not confirm.

    Args:
        result: the result.
        id: the id of what was to be removed, where it has one.
    """
    if not is_of_another(result, id) or "deleted" not in attrs.fields_dict(type(result)):
        return result
    return evolve(result, deleted=None)


def is_of_another(result: Any, id: str | None) -> bool:
    """Whether the answer to a removal is about something else than what was to be removed."""
    said = getattr(result, "id", None)
    return id is not None and isinstance(said, str) and said != id


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


def is_confirmed(result: Any, id: str | None = None) -> bool:
    """Whether the result of a removal says that it removed what it was to remove.

    Args:
        result: the result.
        id: the id of what was to be removed, where it has one.
    """
    if is_of_another(result, id):
        return False
    if hasattr(result, "deleted"):
        return result.deleted is True
    return not to_dict(result).keys() <= {"id"}


def why_unconfirmed(result: Any, id: str | None) -> str:
    """What is known of a removal that is not confirmed, as a sentence."""
    if is_of_another(result, id):
        return f"The API's answer is about {result.id}, not {id}: it does not say what was removed."
    why = "and it may have been gone before"
    if getattr(result, "deleted", None) is False:
        why = "as its answer says that it did not"
    return f"The API did not confirm that this removed anything, {why}."
