"""What any listing may do: odd items, and odd cursors."""

from __future__ import annotations

import base64
from typing import Any

from .answer import JSON, Asked, OddAnswer, dropping, nulling, of_answers, of_items, of_pages

_LISTINGS = "*.list"
_PAGED = "*.list usage.*"
_OPAQUE = "cursor_"


def _opaque(page: JSON, asked: Asked) -> JSON:
    if not page.get("last_id"):
        return page
    return {
        **page,
        "last_id": _OPAQUE + base64.urlsafe_b64encode(page["last_id"].encode()).decode(),
    }


def _id(cursor: str) -> str:
    """The id that an opaque cursor stands for."""
    if not cursor.startswith(_OPAQUE):
        return cursor
    return base64.urlsafe_b64decode(cursor.removeprefix(_OPAQUE)).decode()


def _empty(page: JSON) -> JSON:
    return {**page, "last_id": ""} if "last_id" in page else page


def _other(value: Any) -> Any:
    return lambda item: value


LISTINGS: tuple[OddAnswer, ...] = (
    of_items(_LISTINGS, "item_without_id", "An item has no id.", dropping("id", "user")),
    of_items(
        _LISTINGS,
        "item_id_null",
        "An item's id is null.",
        lambda item: nulling("id")(dropping("user")(item)),
    ),
    of_items(
        _LISTINGS,
        "item_id_number",
        "An item's id is a number.",
        lambda item: {**dropping("user")(item), "id": 7},
    ),
    of_items(_PAGED, "item_text", "An item is a text, not an object.", _other("odd")),
    of_items(_PAGED, "item_null", "An item is null.", _other(None)),
    of_items(_PAGED, "item_list", "An item is a list of one item.", lambda item: [item]),
    of_answers(
        _PAGED, "data_null", "A page's data is null; its cursor is in order.", nulling("data")
    ),
    of_answers(
        _PAGED, "has_more_absent", "Pages do not say whether there are more.", dropping("has_more")
    ),
    of_pages(
        _LISTINGS, "cursor_opaque", "A page's last_id is an opaque cursor, not an id.", _opaque, _id
    ),
    of_answers(_LISTINGS, "cursor_empty", "A page's last_id is empty.", _empty),
    of_answers(_LISTINGS, "cursor_absent", "A page has no last_id.", dropping("last_id")),
)
