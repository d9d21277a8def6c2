"""Answers are read tolerantly, the same way by both decoders, and written back unchanged."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_admin import resources
from openai_admin._declare.operation import OPERATIONS
from openai_admin._wire.codec import decode, to_dict, to_json
from openai_admin._wire.fields import also, keyed, secret, wire
from openai_admin._wire.models import Entity, Page, evolve
from openai_admin._wire.structure import structure
from openai_admin._wire.unions import tagged
from openai_admin.errors import APIResponseValidationError, InvalidInputError
from openai_admin.resources.usage.results import CompletionsUsage, Cost, UsageBucket


@attrs.frozen(kw_only=True)
class Part(Entity):
    """A part of a thing."""

    n: int = 0


@attrs.frozen(kw_only=True)
class Thing(Entity):
    """An entity with a field of every kind."""

    id: str
    created_at: datetime | None = None
    count: int = 3
    price: Decimal | None = None
    ratio: float | None = None
    status: Literal["active", "archived"] | str | None = None
    on: bool = True
    note: str | None = None
    tags: list[str] = attrs.field(factory=list)
    part: Part | None = None
    parts: list[Part] = attrs.field(factory=list)
    settings: dict[str, Any] = attrs.field(factory=dict)
    dotted: str | None = wire("the.dotted")
    object: str = "thing"


BARE = {"id": "t", "created_at": 1_700_000_000}


def _thing(**fields: Any) -> Thing:
    thing = decode(json.dumps(BARE | fields).encode(), Thing)
    assert isinstance(thing, Thing)
    return thing


def _kept(field: str, value: object) -> None:
    """A field of another type than declared is ``None``, and its value goes back as it came."""
    sent = BARE | {field: value}
    thing = decode(json.dumps(sent).encode(), Thing)
    assert getattr(thing, field) is None
    assert json.dumps(thing.extra) == json.dumps({field: value})
    assert to_dict(thing) == sent


def _refused(raw: bytes, into: Any) -> APIResponseValidationError:
    with pytest.raises(APIResponseValidationError) as caught:
        decode(raw, into, status=201, request_id="req_1")
    assert caught.value.body == raw
    assert caught.value.status == 201
    assert caught.value.request_id == "req_1"
    return caught.value


# --- tolerance ------------------------------------------------------------------------------


def test_fields_that_did_not_come_have_their_defaults() -> None:
    thing = _thing()
    assert thing.created_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (thing.count, thing.on, thing.tags, thing.part) == (3, True, [], None)
    assert thing.extra == {}


def test_unknown_fields_are_kept() -> None:
    thing = _thing(colour="red", nested={"a": [1, None]}, extra={"b": 1}, _nulls=["x"], raw=5)
    assert thing.extra == {
        "colour": "red",
        "nested": {"a": [1, None]},
        "extra": {"b": 1},
        "_nulls": ["x"],
        "raw": 5,
    }


def test_null_becomes_the_default_where_there_is_one() -> None:
    thing = _thing(
        count=None, on=None, tags=None, parts=None, settings=None, object=None, note=None
    )
    assert (thing.count, thing.on, thing.tags, thing.parts) == (3, True, [], [])
    assert (thing.settings, thing.object, thing.note) == ({}, "thing", None)


@pytest.mark.parametrize("value", [None, True, [], {}, ["t"]])
def test_what_identifies_is_not_taken_as_anything_else(value: object) -> None:
    error = _refused(json.dumps(BARE | {"id": value}).encode(), Thing)
    assert error.place == "$.id"
    assert error.message == "The response is not a valid Thing: expected text at $.id."


def test_unknown_choices_stay_text() -> None:
    assert _thing(status="frozen").status == "frozen"
    assert _thing(status="active").status == "active"
    assert _thing(status=None).status is None


@pytest.mark.parametrize(
    ("value", "read"),
    [(7, 7), ("7", 7), (7.0, 7), ("7.0", 7), ("1e3", 1000), (-1, -1), (-(2**63), -(2**63))],
)
def test_whole_numbers_come_in_any_form(value: object, read: int) -> None:
    count = _thing(count=value).count
    assert count == read
    assert type(count) is int


@pytest.mark.parametrize(
    "value",
    [
        True,
        1.5,
        "1.5",
        "",
        "seven",
        [],
        {},
        "nan",
        "inf",
        2**63,
        str(-(2**64)),
        "1_0",
        "\uff11\uff12",
        " 7",
    ],
)
def test_what_is_not_a_whole_number_is_kept_as_it_came(value: object) -> None:
    _kept("count", value)


@pytest.mark.parametrize("value", ["abc", {}, {"a": 1}, 5, True])
def test_what_is_not_a_list_is_kept_as_it_came(value: object) -> None:
    """Text or an object could be iterated too, and would become a list that nobody sent."""
    _kept("tags", value)


@pytest.mark.parametrize("value", ["abc", {}, {"a": 1}, 5, True])
def test_a_page_of_what_is_not_a_list_is_refused(value: object) -> None:
    assert _refused(json.dumps({"data": value}).encode(), Page[Thing]).place == "$.data"


@pytest.mark.parametrize(
    ("value", "read"), [(0.1, "0.1"), ("0.10", "0.1"), (5, "5"), ("1e-7", "1E-7"), ("1E+3", "1000")]
)
def test_money_comes_as_number_or_text(value: object, read: str) -> None:
    assert str(_thing(price=value).price) == read


@pytest.mark.parametrize(
    ("value", "read"), [("0.5", 0.5), (1, 1.0), (0.1, 0.1), (None, None), ("1e2", 100.0)]
)
def test_ratios_come_as_number_or_text(value: object, read: float | None) -> None:
    assert _thing(ratio=value).ratio == read


@pytest.mark.parametrize(
    ("value", "read"), [(True, True), ("true", True), ("false", False), (False, False)]
)
def test_booleans_come_as_text_too(value: object, read: bool) -> None:
    assert _thing(on=value).on is read


@pytest.mark.parametrize("value", [1, 0, "yes", "True", [], ""])
def test_what_is_not_a_boolean_is_kept_as_it_came(value: object) -> None:
    _kept("on", value)


@pytest.mark.parametrize(("value", "read"), [("x", "x"), (7, "7"), (1.5, "1.5")])
def test_numbers_in_place_of_text_are_their_digits(value: object, read: str) -> None:
    assert _thing(note=value).note == read


@pytest.mark.parametrize("value", [True, [], {}, ["a"]])
def test_what_is_not_text_is_kept_as_it_came(value: object) -> None:
    _kept("note", value)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (1.5, datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)),
        ("1700000000", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("-5", datetime(1969, 12, 31, 23, 59, 55, tzinfo=UTC)),
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00+02:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
    ],
)
def test_times_come_as_seconds_or_text(value: object, read: datetime) -> None:
    moment = _thing(created_at=value).created_at
    assert moment == read
    assert moment is not None
    assert moment.tzinfo is UTC


@pytest.mark.parametrize("value", [True, "", "soon", "1.2.3", [], 1e18, "nan", "inf", -1e18])
def test_what_is_not_a_time_is_kept_as_it_came(value: object) -> None:
    _kept("created_at", value)


def test_models_within_models_are_read() -> None:
    thing = _thing(part={"n": "4", "x": 1}, parts=[{}, {"n": None}])
    assert thing.part is not None
    assert (thing.part.n, thing.part.extra) == (4, {"x": 1})
    assert [p.n for p in thing.parts] == [0, 0]


def test_names_that_are_no_python_names_are_read() -> None:
    assert _thing(**{"the.dotted": "x"}).dotted == "x"
    assert _thing(dotted="x").dotted is None


def test_models_are_equal_by_what_came_and_hash() -> None:
    assert attrs.evolve(_thing(), tags=["a"]) == _thing(tags=["a"])
    assert _thing(colour="red") != _thing()
    assert {Part(n=1, extra={"a": 1}), Part(n=1, extra={"a": 1})} == {Part(n=1, extra={"a": 1})}


def test_models_do_not_change() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        _thing().note = "x"  # type: ignore[misc]


# --- variants -------------------------------------------------------------------------------


@tagged("type", "user")
@attrs.frozen(kw_only=True)
class User(Entity):
    """One variant."""

    type: str = "user"
    email: str


@tagged("type", "robot")
@attrs.frozen(kw_only=True)
class Robot(Entity):
    """Another."""

    type: str = "robot"
    model: str


@attrs.frozen(kw_only=True)
class Event(Entity):
    """An entity with variants of both kinds."""

    type: str
    actor: User | Robot | dict[str, Any] | None = None
    payload: Part | dict[str, Any] | None = keyed(  # noqa: RUF009 - a field of attrs
        "type", {"part.made": Part}
    )


def test_a_tag_chooses_the_variant() -> None:
    read = decode(b'[{"type":"user","email":"a"},{"type":"robot","model":"m"}]', list[User | Robot])
    assert read == [User(email="a"), Robot(model="m")]


@pytest.mark.parametrize("actor", [{"type": "ghost", "a": 1}, {}, {"type": 7}, {"type": ["user"]}])
def test_an_unknown_variant_is_kept_unchanged(actor: dict[str, Any]) -> None:
    event = decode(json.dumps({"type": "x", "actor": actor}).encode(), Event)
    assert event.actor == actor
    assert to_dict(event) == {"type": "x", "actor": actor}


def test_no_variant_is_none() -> None:
    event = decode(b'{"type":"x","actor":null}', Event)
    assert event.actor is None
    assert to_dict(event) == {"type": "x", "actor": None}


@pytest.mark.parametrize("actor", ["me", ["me"], 5, True])
def test_a_variant_that_is_not_an_object_is_kept_as_it_came(actor: object) -> None:
    raw = {"type": "x", "actor": actor}
    event = decode(json.dumps(raw).encode(), Event)
    assert event.actor is None
    assert event.extra == {"actor": actor}
    assert to_dict(event) == raw


def test_a_variant_without_what_it_must_have_is_kept_as_it_came() -> None:
    raw = {"type": "x", "actor": {"type": "user"}}
    event = decode(json.dumps(raw).encode(), Event)
    assert event.actor is None
    assert to_dict(event) == raw


def test_the_key_of_a_payload_is_the_events_type() -> None:
    raw = {"type": "part.made", "part.made": {"n": 2, "z": 1}, "other": 1}
    event = decode(json.dumps(raw).encode(), Event)
    assert event.payload == Part(n=2, extra={"z": 1})
    assert event.extra == {"other": 1}
    assert to_dict(event) == raw


@pytest.mark.parametrize(
    "raw",
    [
        {"type": "new.kind", "new.kind": {"a": [1]}},
        {"type": "part.made"},
        {"type": "part.made", "part.made": None},
        {"type": "new.kind", "part.made": {"n": 1}},
    ],
)
def test_other_payloads_are_kept_as_they_came(raw: dict[str, Any]) -> None:
    event = decode(json.dumps(raw).encode(), Event)
    assert to_dict(event) == raw


@pytest.mark.parametrize("payload", [[{"n": 1}], "text", 5, True])
def test_a_payload_of_another_shape_is_kept_as_it_came(payload: object) -> None:
    raw = {"type": "part.made", "part.made": payload}
    event = decode(json.dumps(raw).encode(), Event)
    assert event.payload is None
    assert event.extra == {"part.made": payload}
    assert to_dict(event) == raw


def test_a_field_of_a_payload_costs_itself() -> None:
    raw = {"type": "part.made", "part.made": {"n": "x", "z": 1}}
    event = decode(json.dumps(raw).encode(), Event)
    assert event.payload.n is None
    assert to_dict(event) == raw


# --- other places ---------------------------------------------------------------------------


@attrs.frozen(kw_only=True)
class Account(Entity):
    """An entity whose fields have been seen in other places."""

    id: str = also("user.id", default=attrs.NOTHING)
    name: str | None = also("title", "user.name")
    created_at: datetime | None = also("created")
    note: str = "none"


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ({"id": "a", "name": "n", "title": "t"}, ("a", "n", None)),
        ({"id": "a", "name": None, "title": "t"}, ("a", "t", None)),
        ({"user": {"id": "a", "name": "u", "more": [1]}}, ("a", "u", None)),
        ({"id": "a", "title": "t", "user": {"name": "u"}}, ("a", "t", None)),
        ({"id": "a", "user": "u", "created": 5}, ("a", None, datetime.fromtimestamp(5, UTC))),
        ({"id": "a", "created": "soon", "title": ["t"]}, ("a", None, None)),
        ({"id": "a", "created_at": None, "name": None, "user": None}, ("a", None, None)),
    ],
)
def test_a_field_is_read_where_it_is_found(raw: dict[str, Any], read: tuple[Any, ...]) -> None:
    account = decode(json.dumps(raw).encode(), Account)
    assert (account.id, account.name, account.created_at) == read
    assert to_dict(account) == raw


def test_what_is_nowhere_is_missing() -> None:
    assert _refused(b'{"user":{"name":"u"}}', Account).place == "$.id"


def test_what_was_evolved_goes_back_with_the_rest_as_it_came() -> None:
    account = decode(b'{"user":{"id":"a","name":"u"},"created_at":null,"x":1}', Account)
    changed = evolve(account, name="new")
    assert changed.name == "new"
    assert to_dict(changed) == {
        "user": {"id": "a", "name": "u"},
        "name": "new",
        "created_at": None,
        "x": 1,
    }


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [b"{", b"nul", b'{"a":1}{', b'{"a":NaN', b'"\xff', b"{\"a\":'1'}"])
def test_what_is_not_json_is_refused_as_that(raw: bytes) -> None:
    for into in (Any, Thing, Page[Thing], Page[UsageBucket[Cost]]):
        error = _refused(raw, into)
        assert not error.is_json
        assert error.place == "$"
        assert error.message.startswith("The response is not valid JSON: ")


@pytest.mark.parametrize("raw", [b"", b" \n"])
def test_an_empty_answer_is_called_that(raw: bytes) -> None:
    error = _refused(raw, Thing)
    assert not error.is_json
    assert error.message == "The response is empty."


@pytest.mark.parametrize(
    ("raw", "into", "path", "message"),
    [
        (
            b"[]",
            Thing,
            "$",
            "The response is not a valid Thing: expected an object, not a list at $.",
        ),
        (b"null", Thing, "$", "expected an object, not null at $."),
        (b"{}", Thing, "$.id", "required field missing at $.id."),
        (b'{"data":{}}', Page[Thing], "$.data", "expected a list, not an object at $.data."),
        (b"[" * 100_000, Thing, "$", "recursion"),
    ],
)
def test_an_answer_of_another_shape_is_refused_with_its_path(
    raw: bytes, into: Any, path: str, message: str
) -> None:
    error = _refused(raw, into)
    assert error.is_json
    assert error.place == path
    assert message in error.message


@pytest.mark.parametrize(
    ("item", "id", "reason"),
    [
        (1, None, "expected an object, not a number"),
        (None, None, "expected an object, not null"),
        ({"created_at": 1}, None, "required field missing at id"),
        ({"id": ["c"]}, None, "expected text at id"),
    ],
)
def test_an_item_that_cannot_be_read_costs_itself(item: Any, id: str | None, reason: str) -> None:
    data = [{"id": "a"}, item, {"id": "b"}]
    page = decode(json.dumps({"data": data}).encode(), Page[Thing])
    assert [thing.id for thing in page.data] == ["a", "b"]
    (part,) = page.unreadable
    assert (part.raw, part.place, part.id, part.reason) == (item, "$.data[1]", id, reason)
    assert to_dict(page)["data"] == data


@pytest.mark.parametrize(
    ("bucket", "reason"),
    [
        ({"start_time": 0, "end_time": [], "results": []}, "expected a datetime at end_time"),
        ({"start_time": 0, "end_time": 60, "results": {}}, "expected a list, not an object"),
        ("odd", "expected an object, not text"),
    ],
)
def test_a_bucket_that_cannot_be_read_costs_itself(bucket: Any, reason: str) -> None:
    good = {"start_time": 60, "end_time": 120, "results": [{"amount": {"value": 1.5}}]}
    data = [bucket, good]
    page = decode(json.dumps({"data": data}).encode(), Page[UsageBucket[Cost]])
    assert [b.results[0].amount.value for b in page.data] == [Decimal("1.5")]
    (part,) = page.unreadable
    assert (part.raw, part.place) == (bucket, "$.data[0]")
    assert part.reason.startswith(reason)
    assert to_dict(page)["data"][0] == bucket


def test_a_field_of_a_row_costs_itself() -> None:
    rows = [
        {"amount": {"value": "much"}, "line_item": "a", "quantity": 2.5},
        {"amount": {"value": "1"}, "quantity": True},
        "odd",
    ]
    raw = {"data": [{"start_time": 0, "end_time": 60, "results": rows}]}
    page = decode(json.dumps(raw).encode(), Page[UsageBucket[Cost]])
    first, second = page.data[0].results
    assert (first.amount, first.line_item, first.quantity) == (None, "a", Decimal("2.5"))
    assert (second.amount.value, second.quantity) == (1, None)
    assert [(p.place, p.field, p.raw) for p in page.unreadable] == [
        ("$.data[0].results[0].amount", "amount", rows[0]),
        ("$.data[0].results[1].quantity", "quantity", rows[1]),
        ("$.data[0].results[2]", None, "odd"),
    ]
    back = to_dict(page)["data"][0]["results"]
    assert (back[0]["amount"], back[1]["quantity"], back[2]) == ({"value": "much"}, True, "odd")


@attrs.frozen(kw_only=True)
class Created(Entity):
    """An entity with a secret."""

    id: str
    value: str = secret()
    at: datetime | None = None


@attrs.frozen(kw_only=True)
class Holder(Entity):
    """An entity with one that has a secret within."""

    id: str
    made: Created | None = None


@pytest.mark.parametrize(
    ("raw", "into"),
    [
        ({"id": ["sk-admin-1"]}, Thing),
        ({"id": {"sk-admin-1": "sk-admin-2"}}, Thing),
        ({"data": ["sk-admin-1"]}, Page[Thing]),
        ({"data": [{"id": "t", "start_time": "sk-admin-1"}]}, Page[UsageBucket[Cost]]),
        ({"data": [{"start_time": 0, "end_time": "sk-admin-1"}]}, Page[UsageBucket[Cost]]),
        ({"value": "sk-admin-1"}, Created),
        ({"id": "a", "value": ["sk-admin-1"]}, Created),
        ({"id": "a", "made": {"value": "sk-admin-1"}}, Holder),
        ({"id": "a", "made": [{"id": "b", "value": "sk-admin-1"}]}, Holder),
    ],
)
def test_what_is_wrong_shows_no_values(raw: dict[str, Any], into: Any) -> None:
    body = json.dumps(raw).encode()
    error: Any = decode(body, into).unreadable if "data" in raw else _refused(body, into)
    assert len(str(error)) < 200
    assert "sk-admin" not in f"{error} {error!r}"


def test_a_secret_is_read_whatever_else_is_wrong() -> None:
    holder = decode(b'{"id":"a","made":{"id":"b","value":"sk-1","at":"x"}}', Holder)
    assert (holder.made.value, holder.made.at) == ("sk-1", None)


def test_what_should_have_a_secret_and_has_none_is_kept_as_it_came() -> None:
    raw = {"id": "a", "made": {"id": "b", "value": None}}
    assert to_dict(decode(json.dumps(raw).encode(), Holder)) == raw


def test_no_content_is_none_where_any_json_will_do() -> None:
    assert decode(b"", Any, status=204) is None
    with pytest.raises(APIResponseValidationError):
        decode(b"", Thing, status=204)


# --- both ways of decoding a page -----------------------------------------------------------


def _page(row: bytes, of: Any) -> Page[Any]:
    raw = b'{"object":"page","data":[{"start_time":0,"end_time":60,"results":[%s]}]}' % row
    page: Page[Any] = decode(raw, Page[UsageBucket[of]])
    assert page.raw == raw
    return page


def _slowly(row: bytes) -> bytes:
    """The same row with a null that the fast way refuses, and the tolerant way does not."""
    return row[:-1] + (b"," if len(row) > 2 else b"") + b'"object":null}'


@pytest.mark.parametrize(
    "row",
    [
        b"{}",
        b'{"input_tokens":5,"output_tokens":0,"num_model_requests":1}',
        b'{"input_tokens":"5"}',
        b'{"input_tokens":5.0}',
        b'{"input_tokens":123456789012345678901234567890}',
        b'{"input_cached_tokens":null,"project_id":null,"batch":null}',
        b'{"batch":true}',
        b'{"batch":"false"}',
        b'{"model":"a-model-of-tomorrow","service_tier":"warp"}',
        b'{"unknown":{"deep":[1,2]},"input_tokens":3}',
        b'{"project_id":"null"}',
    ],
)
def test_both_ways_read_a_usage_row_alike(row: bytes) -> None:
    fast, slow = _page(row, CompletionsUsage), _page(_slowly(row), CompletionsUsage)
    assert fast.data == slow.data
    assert type(fast.data[0].results[0]) is CompletionsUsage


@pytest.mark.parametrize("row", [b'{"input_tokens":null}', b'{"project_id":17}', b'{"object":5}'])
def test_what_the_fast_way_refuses_is_read_tolerantly(row: bytes) -> None:
    (usage,) = _page(row, CompletionsUsage).data[0].results
    assert (usage.input_tokens, usage.project_id) == (0, "17" if b"17" in row else None)


@pytest.mark.parametrize(
    "digits",
    ["0", "12", "-3", "0.06", "0.1234567890123456789012345", "1e-9", "12345678901234567890.5"],
)
@pytest.mark.parametrize("quote", [b"", b'"'])
def test_money_is_read_from_its_digits_on_both_ways(digits: str, quote: bytes) -> None:
    row = b'{"amount":{"value":%s,"currency":"usd"}}' % (quote + digits.encode() + quote)
    for raw in (row, _slowly(row)):
        (cost,) = _page(raw, Cost).data[0].results
        assert cost.amount.value == Decimal(digits)
        assert str(cost.amount.value) == str(Decimal(digits))


@pytest.mark.parametrize("value", [b'"NaN"', b'"Infinity"', b'"-inf"', b'"sNaN"', b"true", b'""'])
def test_money_is_finite_on_both_ways(value: bytes) -> None:
    row = b'{"amount":{"value":%s}}' % value
    for raw in (row, _slowly(row)):
        page = _page(raw, Cost)
        assert page.data[0].results[0].amount is None
        assert [part.field for part in page.unreadable] == ["amount"]


@pytest.mark.parametrize("quantity", [b'"NaN"', b'"Infinity"'])
def test_a_billed_quantity_is_finite(quantity: bytes) -> None:
    page = _page(b'{"amount":{"value":1},"quantity":%s}' % quantity, Cost)
    assert page.data[0].results[0].quantity is None
    assert [part.field for part in page.unreadable] == ["quantity"]


@pytest.mark.parametrize(
    "start",
    [b"0", b"0.0", b'"0"', b'"1970-01-01T00:00:00Z"', b'"1970-01-01T00:00:00"', b'"1970-01-01"'],
)
def test_bucket_times_are_aware_on_both_ways(start: bytes) -> None:
    for more in (b"", b',"object":null'):
        raw = b'{"data":[{"start_time":%s,"end_time":60,"results":[]%s}]}' % (start, more)
        (bucket,) = decode(raw, Page[UsageBucket[Cost]]).data
        assert bucket.start_time == datetime(1970, 1, 1, tzinfo=UTC)
        assert bucket.start_time.utcoffset() == timedelta(0)


def test_null_in_place_of_a_list_is_not_known() -> None:
    raw = b'{"data":null,"has_more":false}'
    page = decode(raw, Page[Thing])
    (part,) = page.unreadable
    assert (page.data, part.place, part.reason) == ([], "$.data", "null in place of a list")
    assert to_dict(page)["data"] is None
    assert decode(b'{"data":[],"has_more":false}', Page[Thing]).unreadable == []


def test_a_page_has_defaults_for_what_did_not_come() -> None:
    for into in (Page[Thing], Page[UsageBucket[Cost]]):
        page = decode(b'{"data":null,"has_more":null,"next_page":null,"zzz":1}', into)
        assert (page.data, page.has_more, page.next_page) == ([], False, None)


@pytest.mark.parametrize("raw", [b"{}", b'{"status":"ok","has_more":false}', b'{"error":{}}'])
def test_an_answer_without_data_is_not_an_empty_page(raw: bytes) -> None:
    for into in (Page[Thing], Page[UsageBucket[Cost]]):
        with pytest.raises(APIResponseValidationError, match="it has no data at"):
            decode(raw, into)


def test_a_pages_bytes_are_not_of_the_wire() -> None:
    page = decode(b'{"data":[],"raw":"theirs"}', Page[Thing])
    assert page.raw == b'{"data":[],"raw":"theirs"}'
    assert "raw" not in to_dict(page)


@pytest.mark.parametrize(
    ("into", "item", "cursor"),
    [
        (Page[Thing], {"id": "1", "created_at": 0}, "last_id"),
        (Page[Thing], {"id": "1", "created_at": 0}, "next"),
        (Page[UsageBucket[Cost]], {"start_time": 0, "end_time": 60}, "next_page"),
    ],
)
def test_a_cursor_says_that_there_is_more_where_nothing_else_does(
    into: Any, item: dict[str, Any], cursor: str
) -> None:
    def has_more(**fields: Any) -> bool:
        more: bool = decode(json.dumps({"data": [item], **fields}).encode(), into).has_more
        return more

    assert has_more(**{cursor: "c"})
    assert has_more(**{cursor: "c", "has_more": None})
    assert not has_more(**{cursor: "c", "has_more": False})
    assert not has_more(**{cursor: None})
    assert not has_more()


LOOKS: dict[str, Callable[[Any], Any]] = {
    "for": list,
    "unpacked": lambda page: [*page],
    "contains": lambda page: 1 in page,
    "counted": len,
    "true": bool,
    "indexed": lambda page: page[0],
    "reversed": reversed,
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("data", [[1, 2, 3], []], ids=["some", "empty"])
def test_a_page_is_not_taken_for_the_whole_listing(look: str, data: list[int]) -> None:
    page = Page(data=data, has_more=True)
    with pytest.raises(TypeError) as caught:
        LOOKS[look](page)
    if look not in ("contains", "indexed", "reversed"):
        assert re.search(r"in its data, and async for|len\(page\.data\)", str(caught.value))


def test_a_page_without_its_listing_does_not_walk_on() -> None:
    with pytest.raises(TypeError, match="a copy, or one of a walk that goes on by itself"):
        aiter(Page(data=[1]))


def test_a_page_shows_no_raw_bytes() -> None:
    page = decode(b'{"data":[],"secret":"sk-1"}', Page[Thing])
    assert "sk-1" not in repr(page)
    assert page.raw == b'{"data":[],"secret":"sk-1"}'


money = st.decimals(-(10**9), 10**9, places=12)
tokens = st.integers(0, 2**62)


@given(money, tokens, st.text(st.characters(codec="utf-8")), st.booleans())
def test_both_ways_agree_on_any_row(amount: Decimal, count: int, name: str, quoted: bool) -> None:
    value = json.dumps(str(amount)) if quoted else str(amount)
    cost = b'{"amount":{"value":%s},"line_item":%s}' % (value.encode(), json.dumps(name).encode())
    usage = json.dumps({"input_tokens": str(count) if quoted else count, "model": name}).encode()
    assert _page(cost, Cost).data == _page(_slowly(cost), Cost).data
    assert _page(cost, Cost).data[0].results[0].amount.value == amount
    assert _page(usage, CompletionsUsage).data == _page(_slowly(usage), CompletionsUsage).data


# --- the way back ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"note": None, "part": None, "price": None, "object": None, "count": None},
        {"count": 0, "on": False, "tags": ["a"], "status": "new"},
        {"price": 1.25, "ratio": 0.5},
        {"price": 3},
        {"part": {"n": 1, "new": {"x": None}}, "parts": [{"n": 2}, {"n": None}]},
        {"settings": {"a": [1, None, {"b": 2}]}},
        {"the.dotted": "d", "colour": "red", "extra": {"x": 1}, "_nulls": None},
        {"created_at": 1.5},
    ],
)
def test_what_came_goes_back(fields: dict[str, Any]) -> None:
    sent = {"count": 1, "on": True, "tags": [], "parts": [], "settings": {}, "object": "thing"}
    sent |= BARE | fields
    assert to_dict(_thing(**sent)) == sent


texts = st.text(max_size=5)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
parts = st.fixed_dictionaries({"n": st.integers()}, optional={"m": json_values})
things = st.fixed_dictionaries(
    {
        "id": texts,
        "created_at": st.integers(-(10**9), 10**10),
        "count": st.none() | st.integers(),
        "on": st.none() | st.booleans(),
        "tags": st.none() | st.lists(st.text(max_size=3), max_size=3),
        "parts": st.none() | st.lists(parts, max_size=2),
        "settings": st.dictionaries(texts, json_values, max_size=3),
        "object": texts,
    },
    optional={
        "price": st.none() | st.floats(-1e9, 1e9),
        "note": st.none() | texts,
        "part": st.none() | parts,
        "the.dotted": st.none() | texts,
        "something new": json_values,
    },
)


@given(things)
def test_any_entity_goes_back_unchanged(sent: dict[str, Any]) -> None:
    assert to_dict(structure(sent, Thing)) == sent


@given(things)
def test_what_was_read_has_each_value_in_its_field(sent: dict[str, Any]) -> None:
    thing = structure(sent, Thing)
    shown = to_dict(thing, mode="read")
    assert shown.keys() == sent.keys()
    for name in sent:
        attribute = {"the.dotted": "dotted"}.get(name, name)
        value = getattr(thing, attribute) if hasattr(thing, attribute) else thing.extra[name]
        assert shown[name] == to_dict(value, mode="read")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ({"id": "a", "title": "t"}, {"id": "a", "name": "t", "title": "t"}),
        ({"id": "a", "name": None, "title": "t"}, {"id": "a", "name": "t", "title": "t"}),
        ({"user": {"id": "a"}}, {"id": "a", "user": {"id": "a"}}),
        ({"id": "a", "created": 5}, {"id": "a", "created_at": 5, "created": 5}),
        ({"id": "a", "name": ["n"], "title": "t"}, {"id": "a", "name": None, "title": "t"}),
        ({"id": "a", "name": None, "note": None}, {"id": "a", "name": None, "note": "none"}),
    ],
)
def test_what_was_read_stands_in_its_declared_field(
    raw: dict[str, Any], shown: dict[str, Any]
) -> None:
    account = structure(raw, Account)
    assert to_dict(account, mode="read") == shown
    assert to_dict([{"x": account}], mode="read") == [{"x": shown}]


def test_a_payload_is_shown_under_its_key_read_or_not() -> None:
    for payload in ({"id": "k", "data": {"scopes": ["s"]}}, ["odd"]):
        sent = {"id": "e", "type": "api_key.created", "api_key.created": payload}
        event = structure(sent, OPERATIONS["audit_logs.list"].result)
        assert to_dict(event, mode="read") == sent


def test_a_page_of_what_was_read_is_without_what_was_not() -> None:
    page = decode(b'{"data":[{"user":{"id":"a"}},5],"has_more":true}', Page[Account])
    assert to_dict(page, mode="read")["data"] == [{"id": "a", "user": {"id": "a"}}]
    assert to_dict(page)["data"] == [{"user": {"id": "a"}}, 5]


def test_json_has_times_in_iso_8601_and_exact_decimals() -> None:
    thing = _thing(price=1, part={"n": 2}, ratio=0.5)
    shown = to_dict(evolve(thing, price=Decimal("0.1000000000000000055")), mode="json")
    assert shown["created_at"] == "2023-11-14T22:13:20Z"
    assert (shown["price"], shown["ratio"]) == ("0.1000000000000000055", 0.5)
    assert shown["part"] == {"n": 2}
    assert to_dict(Decimal("1E+3"), mode="json") == "1000"


def test_rows_go_back_with_all_their_fields() -> None:
    (bucket,) = _page(b'{"amount":{"value":0.06,"currency":"usd"}}', Cost).data
    back = to_dict(bucket)
    assert (back["start_time"], back["end_time"]) == (0, 60)
    assert back["results"][0]["amount"] == {"value": 0.06, "currency": "usd"}
    assert back["results"][0]["line_item"] is None


def test_plain_values_go_back_too() -> None:
    moment = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert to_dict([{"a": (moment, Decimal("2.00"), Decimal("0.5"))}, "x", None]) == [
        {"a": [1767225600, 2, 0.5]},
        "x",
        None,
    ]


def test_json_is_written_compactly() -> None:
    assert to_json({"a": [1, "ü", None, True]}) == '{"a":[1,"ü",null,true]}'.encode()


@pytest.mark.parametrize("value", [object(), "\ud800", {"a": {1: object()}}, 1j])
def test_what_has_no_form_in_json_is_refused(value: object) -> None:
    with pytest.raises(InvalidInputError, match="cannot be written as JSON"):
        to_json(value)


# --- any answer, for any operation ----------------------------------------------------------

resources.load()
names = st.sampled_from(
    [
        "id",
        "object",
        "created_at",
        "data",
        "has_more",
        "last_id",
        "name",
        "type",
        "results",
        "amount",
        "value",
        "start_time",
        "end_time",
        "owner",
        "user",
        "role",
        "actor",
        "session",
    ]
)
answers = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | texts, inner, max_size=6),
    max_leaves=20,
)


def _outcome(raw: bytes, into: Any) -> Any:
    try:
        return decode(raw, into)
    except APIResponseValidationError as error:
        return error


@given(st.sampled_from(sorted(OPERATIONS)), answers)
def test_any_json_is_read_or_refused_with_its_path(name: str, answer: Any) -> None:
    raw = json.dumps(answer).encode()
    outcome = _outcome(raw, OPERATIONS[name].answer)
    if isinstance(outcome, APIResponseValidationError):
        assert outcome.place.startswith("$")
        assert outcome.body == raw
        assert len(str(outcome)) < 1000
    else:
        to_json(to_dict(outcome))


@given(st.sampled_from(sorted(OPERATIONS)), st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(name: str, raw: bytes) -> None:
    outcome = _outcome(raw, OPERATIONS[name].answer)
    assert not isinstance(outcome, APIResponseValidationError) or outcome.body == raw
