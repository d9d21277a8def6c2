"""A page decoded part by part: a very large one, and one of usage that is not as described."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any, Generic, TypeVar, get_args

import msgspec

from .buckets import need_care, read_bucket
from .cut import cut
from .lenient import REFUSED, exactly
from .models import Page, Unreadable
from .structure import Hook, Path, structure_page

T = TypeVar("T")

_LONGEST = 0.002  # seconds for which the interpreter is held, if a bucket does not take longer
_BREATH = 1e-6  # seconds

# Money is read from the digits on the wire, never through a binary float.
loads_exact = msgspec.json.Decoder(float_hook=exactly)
parts_of_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_parts_of_list = msgspec.json.Decoder(list[msgspec.Raw])


def object_in_parts(raw: bytes, decoder: msgspec.json.Decoder[Any]) -> Any:
    """A very large object, whose ``data`` is decoded item by item."""
    value: dict[str, Any] = {}
    for name, part in parts_of_object.decode(raw).items():
        if name == "data" and bytes(part).startswith(b"["):
            value[name] = [decoder.decode(item) for item in _parts_of_list.decode(part)]
        else:
            value[name] = decoder.decode(part)
    return value


class Rows(msgspec.Struct, Generic[T]):
    """A page of usage as it comes; `error` tells an error that came with a status of success."""

    data: list[T] = []
    has_more: bool = False
    first_id: str | None = None
    last_id: str | None = None
    next: str | None = None
    next_page: str | None = None
    object: str = "list"
    error: Any = None


_page_of_parts = msgspec.json.Decoder(Rows[msgspec.Raw], strict=False)


@lru_cache(maxsize=64)
def _decoder_of_bucket(of: Any) -> msgspec.json.Decoder[Any]:
    """What decodes one bucket of a page of usage."""
    return msgspec.json.Decoder(of, strict=False)


def in_parts(raw: bytes, into: Any) -> Rows[Any]:
    """A very large page of usage, decoded bucket by bucket, which takes a fifth longer."""
    rest, parts = cut(raw)
    rows: Rows[Any] = _page_of_parts.decode(rest)
    if len(rows.data) > 1:  # not all of them could be cut off
        rows, parts = _page_of_parts.decode(raw), []
    decode, data, began = _decoder_of_bucket(get_args(into)[0]).decode, [], time.perf_counter()
    for part in [*parts, *rows.data]:
        data.append(decode(part))
        # An event loop that reads answers needs the interpreter again after each piece of them,
        # and would get it only after the switch interval each time.
        if time.perf_counter() - began > _LONGEST:
            time.sleep(_BREATH)
            began = time.perf_counter()
    rows.data = data
    return rows


def by_bucket(raw: bytes, into: Any) -> Page[Any]:
    """A page of usage the tolerant way, of which one bucket at a time is decoded JSON.

    Raises one of `REFUSED` where the strict parser refuses some text or number.
    """
    page: Page[Any] = structure_page(_decoded_but_data(raw), into, _read_bucket, nullable=True)
    return page


def _decoded_but_data(raw: bytes) -> Any:
    try:
        parts = parts_of_object.decode(raw)
    except msgspec.ValidationError:
        return loads_exact.decode(raw)  # it is something else
    return {
        name: items_of(part) if name == "data" else loads_exact.decode(part)
        for name, part in parts.items()
    }


def items_of(data: msgspec.Raw) -> Any:
    """The items of a list, each still to be decoded; other JSON decoded."""
    if bytes(memoryview(data)[:1]) == b"[":
        return _parts_of_list.decode(data)
    return loads_exact.decode(data)


def _read_bucket(
    part: msgspec.Raw, hint: Any, hook: Hook, path: Path, notes: list[Unreadable]
) -> Any:
    """A bucket that is still to be decoded: the fast way, if nothing of it is odd."""
    try:
        bucket = _decoder_of_bucket(hint).decode(part)
        if not need_care([bucket], bytes(part)):
            return bucket
    except REFUSED:
        pass
    return read_bucket(loads_exact.decode(part), hint, hook, path, notes)
