"""Pages that fit: a page too large for an answer is returned in parts, each saying how to go on.

The parts of a page of usage are told apart by a cursor of our own, which wraps the API's: the API's
page, the bucket and row in it where the next part begins, where the pages before it ended, to hold
it against, and what is asked for in place of the call's arguments, where the API refused these.
Following it goes on in the page that was kept (see `KeptPages`), or else asks for the API's page
again and skips to there. Lists that go on after an item's id do not need this.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import attrs
import msgspec

from .._declare.pagination import Paging
from ..errors import InvalidInputError
from .bounding import PAGE_BYTES, weight

_MARK = "part:"
_LONGER = 30
_encode = msgspec.json.Encoder().encode

Item = dict[str, Any]
_Written = tuple[str | None, int | None, int, int | None, int | None, int | None]


@attrs.frozen
class Place:
    """Where in the API's pages a part begins.

    Attributes:
        page: the API's cursor of the page; ``None`` for the first.
        bucket: the start of the bucket, in Unix seconds; ``None`` for the page's first.
        row: how many of the bucket's rows were returned before.
        reached: where the pages before ended, in Unix seconds; ``None`` where that is not known.
        start_time: what is asked for in place of the argument; ``None`` where it is the argument.
        limit: likewise.
    """

    page: str | None = None
    bucket: int | None = None
    row: int = 0
    reached: int | None = None
    start_time: int | None = None
    limit: int | None = None

    @classmethod
    def read(cls, cursor: str | None) -> Place:
        """The place that a cursor, ours or the API's, points to.

        Raises:
            InvalidInputError: it begins like ours but is not valid.
        """
        if cursor is None or not cursor.startswith(_MARK):
            return cls(cursor)
        try:
            raw = base64.urlsafe_b64decode(cursor.removeprefix(_MARK))
            page, bucket, row, *others = msgspec.json.decode(raw, type=_Written)
        except (binascii.Error, ValueError, msgspec.MsgspecError):
            raise InvalidInputError(
                "page must be the next_page of an earlier answer, unchanged."
            ) from None
        return cls(page, bucket, max(row, 0), *others)

    def written(self) -> str:
        """The cursor that points to this place."""
        raw = _encode(attrs.astuple(self))
        return _MARK + base64.urlsafe_b64encode(raw).decode()


def fitting_usage(page: Item, place: Place) -> Item:
    """A page of usage from a place on, as far as it fits.

    Where it does not end with the API's page, ``next_page`` is a cursor of our own, and
    ``left_out`` counts what is still to come of this page.

    Raises:
        InvalidInputError: the page no longer has the bucket where the part should begin.
    """
    buckets = _from(place, page["data"])
    taken: list[Item] = []
    room = PAGE_BYTES
    for index, bucket in enumerate(buckets):
        # Empty ones are left out; the times of others are written longer than they are here.
        head = weight({**bucket, "results": []}) + _LONGER if bucket["results"] else 0
        rows, room = _fill(bucket["results"], room - head)
        if not taken:  # something is returned, so that following the cursors comes to an end
            rows = rows or list(bucket["results"][:1])
        if len(rows) == len(bucket["results"]) and (room >= 0 or not taken):
            taken.append({**bucket, "results": rows})
            continue
        if rows:
            taken.append({**bucket, "results": rows})
        skipped = place.row if index == 0 else 0
        at = attrs.evolve(place, bucket=bucket["start_time"], row=skipped + len(rows))
        rest = buckets[index:]
        left = {"buckets": len(rest), "rows": sum(len(b["results"]) for b in rest) - len(rows)}
        cut = {"has_more": True, "next_page": at.written(), "left_out": left}
        return {**page, "data": taken, **cut}
    return {**page, "data": taken}


def _from(place: Place, buckets: Sequence[Item]) -> list[Item]:
    if place.bucket is None:
        return list(buckets)
    starts = [bucket["start_time"] for bucket in buckets]
    if place.bucket not in starts:
        raise InvalidInputError(
            "page belongs to another query: go on with the same arguments, or start over"
            " without page."
        )
    first, *rest = buckets[starts.index(place.bucket) :]
    return [{**first, "results": first["results"][place.row :]}, *rest]


def narrowed(page: Item, place: Place, most: int) -> Item:
    """A page of usage with as many of its first buckets, at least one, as may be kept.

    Where these are not all, ``next_page`` asks for so many at a time from there on.

    Args:
        page: the page, its rows packed.
        place: where it is.
        most: the bytes that its rows may take.
    """
    sizes = accumulate(bucket["results"].size for bucket in page["data"])
    count = max(1, sum(size <= most for size in sizes))
    if count >= len(page["data"]):
        return page
    first, rest = page["data"][:count], page["data"][count:]
    following = attrs.evolve(place, page=None, reached=None, bucket=None, row=0)
    following = attrs.evolve(following, start_time=rest[0]["start_time"], limit=count)
    return {**page, "data": first, "has_more": True, "next_page": following.written()}


def _fill(items: Iterable[Any], room: int) -> tuple[list[Any], int]:
    """As many of the first items as there is room for, and the room that is left."""
    taken: list[Any] = []
    for item in items:
        size = weight(item) + 2
        if size > room:
            return taken, 0
        taken.append(item)
        room -= size
    return taken, room


def fitting_list(
    page: Item, paging: Paging, arguments: Mapping[str, Any], most: int = PAGE_BYTES
) -> Item:
    """A page of a list as far as it fits; ``last_id`` is then where to go on.

    A page that cannot be gone on in has no cursor then: ``fits`` says how many items to ask for.

    Args:
        page: the page.
        paging: how the listing goes on.
        arguments: what was asked for.
        most: the bytes that the items may take.
    """
    items, _ = _fill(page["data"], most)
    items = items or page["data"][:1]
    missing = len(page["data"]) - len(items)
    if not missing:
        return page
    cut = {**page, "data": items, "has_more": True, "left_out": {"items": missing}}
    if paging in (Paging.LAST_ID, Paging.LAST_ITEM) and not arguments.get("before"):
        return {**cut, "last_id": items[-1]["id"]}
    cursors = ("last_id", "next", "next_page")
    kept = {name: value for name, value in cut.items() if name not in cursors}
    return {**kept, "left_out": {"items": missing, "fits": len(items)}}


LEFT_OUT = {
    "type": "object",
    "description": "What this page still has and did not fit; absent when it is complete.",
    "properties": {
        "buckets": {"type": "integer", "description": "Buckets, of usage and costs."},
        "rows": {"type": "integer", "description": "Rows in them."},
        "items": {"type": "integer", "description": "Items of a list."},
        "fits": {"type": "integer", "description": "The limit to ask again with instead."},
    },
}
"""The schema of ``left_out``."""
