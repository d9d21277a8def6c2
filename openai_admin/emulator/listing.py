"""The API's list envelopes, made from a table or a filtered view of it.

`page` reads `limit`, `after`, `before` and `order` from the query, whichever of them the
operation has, and rejects with the API's 400 what is out of range or not a cursor. The other
functions put a page into one of the four envelopes: `after_last_id(page(query, table))`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice

import attrs

from .query import Query
from .replies import EmulatedError
from .table import Between, Having, Order, Record, Table, public

Where = Callable[[Record], bool]
Render = Callable[[Record], Record]
ORDERS: Mapping[str, Order] = {"asc": "asc", "desc": "desc"}


@attrs.frozen
class Limit:
    """How many items a page may have, and has unless asked otherwise."""

    default: int = 20
    maximum: int = 100
    minimum: int = 1


LIMIT = Limit()


@attrs.frozen
class Page:
    """One page of a listing, in the order in which it is shown."""

    data: list[Record]
    has_more: bool

    @property
    def first_id(self) -> str | None:
        """The id of the first item, None on an empty page."""
        return self.data[0]["id"] if self.data else None

    @property
    def last_id(self) -> str | None:
        """The id of the last item, None on an empty page."""
        return self.data[-1]["id"] if self.data else None


def page(
    query: Query,
    table: Table,
    *,
    where: Where | None = None,
    having: Having | None = None,
    between: Between | None = None,
    render: Render = public,
    limit: Limit = LIMIT,
    order: Order | None = None,
    orders: Mapping[str, Order] = ORDERS,
) -> Page:
    """The page that the query asks for.

    `having` and `between` are what the records of the listing must have, by the table's indexes;
    `where` picks among these by looking at each. `render` makes an item of each record
    on the page, `order` is the direction when the query names none (the table's own if None),
    `orders` the words in which the query may name one.
    With `before` alone the page ends just before that cursor, and `has_more` refers to the items
    before the page; with both cursors it begins after `after` and stops at `before`.
    """
    size = query.integer("limit", minimum=limit.minimum, maximum=limit.maximum)
    if size is None:
        size = limit.default
    named = query.choice("order", tuple(orders))
    direction = (order or table.order) if named is None else orders[named]
    after, before = _cursor(query, table, "after"), _cursor(query, table, "before")

    backwards = before is not None and after is None
    if backwards:
        direction = "asc" if direction == "desc" else "desc"
        after, before = before, None
    walk = table.walk(
        direction, after=after, until=before, having=having or {}, between=between or {}
    )
    found = list(islice(walk if where is None else filter(where, walk), size + 1))
    shown = found[:size]
    if backwards:
        shown.reverse()
    return Page([render(record) for record in shown], has_more=len(found) > size)


def after_last_id(page: Page) -> Record:
    """The envelope whose next `after` is its `last_id`, and whose `before` is its `first_id`."""
    return {
        "object": "list",
        "data": page.data,
        "first_id": page.first_id,
        "last_id": page.last_id,
        "has_more": page.has_more,
    }


def after_next(page: Page) -> Record:
    """The envelope whose next `after` is its `next`, which is null on the last page."""
    return {
        "object": "list",
        "data": page.data,
        "has_more": page.has_more,
        "next": page.last_id if page.has_more else None,
    }


def after_item_id(page: Page) -> Record:
    """The envelope without a cursor of its own: the next `after` is the last item's `id`."""
    return {"object": "list", "data": page.data, "has_more": page.has_more}


def one_page(records: Iterable[Record], *, render: Render = public, object: str = "list") -> Record:
    """The envelope of an answer that has no further page."""
    return {"object": object, "data": [render(record) for record in records]}


def _cursor(query: Query, table: Table, param: str) -> str | None:
    id = query.text(param)
    if id is None or table.has_cursor(id):
        return id
    raise EmulatedError(
        400,
        f"Invalid '{param}': no {table.kind} with id '{id}' to continue from.",
        param=param,
        code="invalid_cursor",
    )
