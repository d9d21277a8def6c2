"""One damaged field of any answer costs itself: of all operations, rows of usage included."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_origin

from hypothesis import given
from hypothesis import strategies as st

from openai_admin._declare.operation import OPERATIONS
from openai_admin._wire.codec import decode, to_dict
from openai_admin._wire.models import Page
from openai_admin._wire.rows import Row
from openai_admin.errors import APIResponseValidationError
from tests.contract import CONTRACT, NAMES, samples

Place = tuple[str | int, ...]
Damage = Callable[[Any, str | int], None]
"""Changes what an object or a list has under a name or number."""

IDENTITY = {"id", "group_id"}
ENVELOPE = {"object", "first_id", "last_id", "next", "next_page", "has_more"}
MIDDLE = 1
"""Which of a page's three items is damaged."""


def _setting(odd: Any) -> Damage:
    def damage(parent: Any, last: str | int) -> None:
        parent[last] = odd

    return damage


def _remove(parent: Any, last: str | int) -> None:
    del parent[last]


def _nest(parent: Any, last: str | int) -> None:
    """Put what is there into an object, under its own name."""
    parent[last] = {str(last): parent[last]}


def _unnest(parent: Any, last: str | int) -> None:
    """Put what an object has into the one around it; in place of a list its first item."""
    value = parent[last]
    if isinstance(value, list) and value:
        parent[last] = value[0]
    elif isinstance(value, dict) and isinstance(parent, dict):
        del parent[last]
        parent.update(value)
    elif isinstance(value, dict):
        parent[last] = list(value.values())


ODD: tuple[Any, ...] = (None, True, 7, 0.5, "odd", [], ["odd"], {}, {"odd": [1, None]})
DAMAGES: tuple[Damage, ...] = (_remove, _nest, _unnest, *map(_setting, ODD))


def _item(answer: Any) -> Any:
    """The class of a page's items."""
    item = (get_args(answer) or (Any,))[0]
    return get_origin(item) or item


def _is_page(answer: Any) -> bool:
    return get_origin(answer) is Page


PAGES = [name for name in NAMES if _is_page(OPERATIONS[name].answer)]
USAGE = [name for name in PAGES if issubclass(_item(OPERATIONS[name].answer), Row)]
SINGLE = [name for name in NAMES if name not in PAGES]


def test_every_operation_is_tried() -> None:
    assert len(PAGES) + len(SINGLE) == len(OPERATIONS) == 146
    assert len(USAGE) == 12


def _fields(value: Any, *place: str | int) -> Iterator[Place]:
    """The places of all fields."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*place, name)
            yield from _fields(inner, *place, name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _fields(inner, *place, index)


def _damage(value: Any, place: Place, damage: Damage) -> None:
    *way, last = place
    for step in way:
        value = value[step]
    damage(value, last)


def _alike(sent: Any, back: Any) -> bool:
    """Whether it is what was sent; a number and the same number as text are read as one another."""
    if isinstance(sent, dict) and isinstance(back, dict):
        return sent.keys() == back.keys() and all(_alike(sent[k], back[k]) for k in sent)
    if isinstance(sent, list) and isinstance(back, list):
        return len(sent) == len(back) and all(map(_alike, sent, back))
    if isinstance(sent, int | float) and isinstance(back, str):
        return not isinstance(sent, bool) and str(sent) == back
    return type(sent) is type(back) and bool(sent == back)


def _drawn(data: st.DataObject, name: str) -> Any:
    """An answer, or an item of one, that the operation may give."""
    found = list(samples(CONTRACT[name].response))
    if name in USAGE:
        # The contract has one page for all endpoints, with the rows of any; these are its own.
        own = _known(name)
        found = [bucket for page in found for bucket in page["data"]]
        found = [bucket for bucket in found if own.issuperset(*bucket["results"])]
    return _apart(data.draw(st.sampled_from(found)))


def _apart(value: Any) -> Any:
    """The same JSON, with no object in two places."""
    return json.loads(json.dumps(value))


@given(st.sampled_from(SINGLE), st.sampled_from(DAMAGES), st.data())
def test_a_damaged_field_of_a_single_thing_costs_itself(
    name: str, damage: Damage, data: st.DataObject
) -> None:
    answer = _drawn(data, name)
    place = data.draw(st.sampled_from(list(_fields(answer))))
    _damage(answer, place, damage)
    read = _outcome(json.dumps(answer).encode(), OPERATIONS[name].answer)
    if isinstance(read, APIResponseValidationError):
        # Its identity, or a secret that is shown once, or the object that has either.
        assert read.place is not None
        needed = IDENTITY | {"value", "api_key"}
        assert read.place.rpartition(".")[2] in needed
        # What is taken out of an object may hide the identity of the one around it.
        assert place[-1] in needed or damage is _unnest
        return
    back = to_dict(read, secrets=True)
    assert _alike(answer, back), (answer, back)


def _known(name: str) -> set[str]:
    """The fields that the rows of an endpoint have."""
    (bucket,) = get_args(OPERATIONS[name].answer)
    (row,) = get_args(bucket)
    return {"object", *row.__struct_encode_fields__}


def _outcome(raw: bytes, into: Any) -> Any:
    try:
        return decode(raw, into)
    except APIResponseValidationError as error:
        return error


def _page(data: st.DataObject, name: str) -> dict[str, Any]:
    """A page of three items; of usage, each with two rows."""
    items = [_drawn(data, name)] * 3
    if name in USAGE:
        items = [{**item, "results": item["results"] * 2} for item in items]
    page: dict[str, Any] = {"object": "list", "data": items, "has_more": False}
    return dict(_apart(page))


@given(st.sampled_from(PAGES), st.sampled_from(DAMAGES), st.data())
def test_a_damaged_field_of_a_page_costs_itself(
    name: str, damage: Damage, data: st.DataObject
) -> None:
    into = OPERATIONS[name].answer
    answer = _page(data, name)
    whole = decode(json.dumps(answer).encode(), into)
    place = data.draw(st.sampled_from(list(_fields(answer["data"][MIDDLE]))))
    _damage(answer, ("data", MIDDLE, *place), damage)
    page = decode(json.dumps(answer).encode(), into)
    lost = [part for part in page.unreadable if part.path == ("data", MIDDLE)]
    assert len(page.data) + len(lost) == 3
    assert page.data[0] == whole.data[0]
    assert page.data[-1] == whole.data[-1]
    for part in page.unreadable:
        assert part.path[:2] == ("data", MIDDLE)
    if name in USAGE and not lost and place[:2] == ("results", 0) and len(place) > 2:
        assert page.data[MIDDLE].results[-1] == whole.data[MIDDLE].results[-1]
    back, sent = to_dict(page)["data"], answer["data"]
    if name in USAGE:
        back, sent = (_as_far_as_known(buckets, _known(name)) for buckets in (back, sent))
    assert _alike(sent, back), (sent, back)


def _as_far_as_known(buckets: list[Any], known: set[str]) -> list[Any]:
    """Buckets without what rows do not keep: their kind, nothing, and what they do not know."""
    kept = []
    for bucket in buckets:
        rows = bucket.get("results") if isinstance(bucket, dict) else 0
        if rows is None or isinstance(rows, list):
            rows = [_row(row, known) for row in rows or ()]
            kept.append({**bucket, "object": None, "results": rows})
        else:
            kept.append(bucket)
    return kept


def _row(row: Any, known: set[str]) -> Any:
    if not isinstance(row, dict):
        return row
    return {k: v for k, v in row.items() if k in known - {"object"} and v not in (None, 0)}


@given(
    st.sampled_from(PAGES),
    st.sampled_from(sorted(ENVELOPE)),
    st.sampled_from(ODD),
    st.data(),
)
def test_a_damaged_envelope_costs_no_item(
    name: str, field: str, odd: Any, data: st.DataObject
) -> None:
    into = OPERATIONS[name].answer
    answer = _page(data, name)
    whole = decode(json.dumps(answer).encode(), into)
    answer[field] = odd
    page = decode(json.dumps(answer).encode(), into)
    assert page.data == whole.data
    assert page.unreadable == []
