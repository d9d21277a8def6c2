"""One damaged field of any answer costs itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
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

REMOVED: Any = object()
ODD: tuple[Any, ...] = (REMOVED, None, True, 7, 0.5, "odd", [], ["odd"], {}, {"odd": [1, None]})
IDENTITY = {"id", "group_id"}


def _has_rows(answer: Any) -> bool:
    item = (get_args(answer) or (Any,))[0]
    origin = get_origin(item) or item
    return isinstance(origin, type) and issubclass(origin, Row)


def _is_page(answer: Any) -> bool:
    return get_origin(answer) is Page


# Rows of usage are not taken apart: a number that cannot be read there is a wrong sum.
READ_BY_FIELD = [name for name in NAMES if not _has_rows(OPERATIONS[name].answer)]


def _fields(value: Any, *place: str | int) -> Iterator[Place]:
    """The places of all fields."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*place, name)
            yield from _fields(inner, *place, name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _fields(inner, *place, index)


def _damage(value: Any, place: Place, odd: Any) -> None:
    *way, last = place
    for step in way:
        value = value[step]
    if odd is REMOVED:
        del value[last]
    else:
        value[last] = odd


def _alike(sent: Any, back: Any) -> bool:
    """Whether it is what was sent; a number and the same number as text are read as one another."""
    if isinstance(sent, dict) and isinstance(back, dict):
        return sent.keys() == back.keys() and all(_alike(sent[k], back[k]) for k in sent)
    if isinstance(sent, list) and isinstance(back, list):
        return len(sent) == len(back) and all(map(_alike, sent, back))
    if isinstance(sent, int | float) and isinstance(back, str):
        return not isinstance(sent, bool) and str(sent) == back
    return type(sent) is type(back) and bool(sent == back)


@given(st.sampled_from(READ_BY_FIELD), st.sampled_from(ODD), st.data())
def test_a_damaged_field_costs_itself(name: str, odd: Any, data: st.DataObject) -> None:
    sample = data.draw(st.sampled_from(list(samples(CONTRACT[name].response))))
    into = OPERATIONS[name].answer
    answer: Any = {"data": [sample, sample], "has_more": False} if _is_page(into) else sample
    answer = json.loads(json.dumps(answer))  # as a sample may have one object in several places
    place = data.draw(st.sampled_from(list(_fields(sample))))
    if _is_page(into):
        place = ("data", 1, *place)
    _damage(answer, place, odd)
    raw = json.dumps(answer).encode()
    read = _outcome(raw, into)
    if isinstance(read, APIResponseValidationError):
        written = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in place)
        assert read.place == f"${written}"
        assert place[-1] in IDENTITY or place[-1] == "value"
        return
    back = to_dict(read)
    if _is_page(into):
        answer, back = answer["data"], back["data"]
    assert _alike(answer, back), (answer, back)


def _outcome(raw: bytes, into: Any) -> Any:
    try:
        return decode(raw, into)
    except APIResponseValidationError as error:
        return error
