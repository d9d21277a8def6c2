"""JSON that the strict parser refuses: what is odd costs itself, and the page is read."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin._declare.operation import OPERATIONS
from openai_admin._wire.codec import decode, to_dict, to_json
from openai_admin.errors import APIResponseValidationError
from openai_admin.resources import load

load()

# What the strict parser refuses, and what it is read as.
ODD = [
    (rb'"a\ud800"', "a\ufffd"),
    (rb'"\ude00\ud83d"', "\ufffd\ufffd"),
    (b'"a\xffb"', "a\ufffdb"),
    (b'"a\nb"', "a\nb"),
    (b"NaN", "NaN"),
    (b"-Infinity", "-Infinity"),
]


@pytest.mark.parametrize(("odd", "read"), ODD)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_an_odd_text_costs_itself(odd: bytes, read: str, mark: bytes) -> None:
    data = b'[{"id":"user-1","added_at":%s,"extra":%s},{"id":"user-2"}]' % (odd, odd)
    page = decode(mark + b'{"data":%s,"has_more":false}' % data, OPERATIONS["users.list"].answer)
    assert [user.id for user in page.data] == ["user-1", "user-2"]
    assert page.data[0].added_at is None
    assert page.data[0].extra == {"added_at": read, "extra": read}
    assert to_json(to_dict(page))


@pytest.mark.parametrize("levels", [500, 2_000, 100_000])
def test_what_is_nested_too_deeply_costs_itself(levels: int) -> None:
    deep = b"[" * levels + b'"]\\"["' + b"]" * levels
    data = b'[{"id":"user-1","name":"A [","x":%s,"y":%s},{"id":"user-2"}]' % (deep, deep)
    page = decode(b'{"data":%s,"has_more":false}' % data, OPERATIONS["users.list"].answer)
    assert [user.id for user in page.data] == ["user-1", "user-2"]
    assert page.data[0].name == "A ["
    assert set(page.data[0].extra) == {"x", "y"}
    assert to_json(to_dict(page))


@pytest.mark.parametrize(("odd", "read"), ODD)
def test_an_odd_amount_costs_itself(odd: bytes, read: str) -> None:
    rows = b'{"amount":{"value":1.10,"currency":"usd"},"x":%s},{"amount":{"value":%s}}' % (odd, odd)
    bucket = b'{"start_time":0,"end_time":86400,"results":[%s]}' % rows
    answer = b'{"data":[%s],"has_more":false}' % bucket
    page = decode(answer, OPERATIONS["usage.costs"].answer)
    first, second = page.data[0].results
    assert str(first.amount.value) == "1.1"
    assert second.amount is None
    (part,) = page.unreadable
    assert part.field == "amount"
    assert part.raw["amount"] == {"value": read}


def test_other_encodings_are_read() -> None:
    answer: Any = OPERATIONS["users.list"].answer
    text = '{"data":[{"id":"user-1","name":"é"}],"has_more":false}'
    for encoding in ("utf-16", "utf-32", "utf-8-sig"):
        assert decode(text.encode(encoding), answer).data[0].name == "é"


def test_what_breaks_off_is_not_read() -> None:
    whole = b'\xef\xbb\xbf{"data":[{"id":"user-1","name":"\\ud800"}],"has_more":false}'
    for end in range(3, len(whole)):
        with pytest.raises(APIResponseValidationError) as caught:
            decode(whole[:end], OPERATIONS["users.list"].answer)
        assert not caught.value.is_json
