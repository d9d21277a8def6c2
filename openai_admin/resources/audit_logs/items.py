"""The items of a page of the audit log: events, and what could not be read as one."""

from __future__ import annotations

import hashlib
import json
import math

from ..._wire.models import Page, Unreadable
from .model import AuditLog

Item = AuditLog | Unreadable


def items_of(page: Page[AuditLog]) -> list[Item]:
    """The items of a page in its order, those that could not be read in their places.

    What came in place of the list of items is none of them.
    """
    items: list[Item] = [*page.data]
    for odd in page.unreadable:
        _, *place = odd.path
        if place:
            items.insert(int(place[0]), odd)
    return items


def time_of(item: Item) -> int | None:
    """An item's time in Unix seconds, also one that no calendar has; ``None`` without one."""
    if isinstance(item, AuditLog):
        if item.effective_at is not None:
            return int(item.effective_at.timestamp())
        time = item.extra.get("effective_at")
    else:
        time = item.raw.get("effective_at") if isinstance(item.raw, dict) else None
    if type(time) is int or (type(time) is float and math.isfinite(time)):
        return int(time)
    return None


def key_of(item: Item) -> str:
    """What an item is recognized by: its id, or all of it where it has none."""
    if isinstance(item, AuditLog):
        return item.id
    if item.id is not None:
        return item.id
    text = json.dumps(item.raw, sort_keys=True).encode()
    return f"blake2:{hashlib.blake2b(text, digest_size=16).hexdigest()}"
