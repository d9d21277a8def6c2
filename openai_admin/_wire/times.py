"""When buckets of usage begin and end, read without what else is in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from .codec import decoded_json
from .lenient import REFUSED
from .parts import items_of, parts_of_object


class _Times(msgspec.Struct):
    start_time: Any = None
    end_time: Any = None


_times_of_bucket = msgspec.json.Decoder(_Times)


def times_of(raw: bytes, places: Iterable[Any]) -> dict[Any, tuple[Any, Any]]:
    """Where buckets of a page of usage begin and end, as they came; only of those that are objects.

    Args:
        raw: the page's bytes.
        places: the buckets' indexes in its data.
    """
    found: dict[Any, tuple[Any, Any]] = {}
    try:
        items = items_of(parts_of_object.decode(raw)["data"])
        for place in places:
            try:
                times = _times_of_bucket.decode(items[place])
            except msgspec.ValidationError:
                continue
            found[place] = times.start_time, times.end_time
    except REFUSED:
        items = decoded_json(raw)["data"]
        buckets = ((place, items[place]) for place in places)
        return {p: (b.get("start_time"), b.get("end_time")) for p, b in buckets if type(b) is dict}
    return found
