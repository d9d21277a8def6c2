"""Arguments are converted and checked, and refusals say what was wrong and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated, Any, Literal, TypedDict

import attrs
import pytest
from annotated_types import Ge, Interval, Le, Len, MinLen
from hypothesis import given
from hypothesis import strategies as st

from openai_admin._declare.arguments import (
    Ruled,
    Timestamp,
    Wire,
    check_range,
    compile_rule,
    one_of,
    suggest,
    unix_seconds,
)
from openai_admin._wire.models import Entity
from openai_admin._wire.types import read
from openai_admin.errors import InvalidInputError


class _Begun(TypedDict):
    gte: Timestamp


class Window(_Begun, total=False):
    """A typed dictionary with a required and two optional fields."""

    lt: Timestamp
    kind: Literal["a", "b"]


@attrs.frozen(kw_only=True)
class Model(Entity):
    """A model that is passed back to the API."""

    gte: datetime
    note: str | None = None


def _wire(annotation: Any, value: Any, *, strict: bool = True) -> Any:
    return compile_rule(read(annotation))(value, "arg", strict)


def _refusal(annotation: Any, value: Any, *, strict: bool = True) -> str:
    with pytest.raises(InvalidInputError) as caught:
        _wire(annotation, value, strict=strict)
    assert isinstance(caught.value, ValueError)
    return str(caught.value)


NAME = Annotated[str, Len(1, 5)]
CODE = Annotated[str, MinLen(3)]
LIMIT = Annotated[int | None, Interval(ge=1, le=100)]
WIDTH = Literal["1m", "1h", "1d"]
MANY = Annotated[Sequence[NAME], Len(1, 3)]


@pytest.mark.parametrize(
    ("annotation", "value", "sent"),
    [
        (str, "", ""),
        (str, "ü", "ü"),
        (NAME, "abcde", "abcde"),
        (str | None, None, None),
        (int, 5, 5),
        (int, -5, -5),
        (LIMIT, 1, 1),
        (LIMIT, 100, 100),
        (LIMIT, None, None),
        (Annotated[int, Ge(3)], 10**12, 10**12),
        (float, 0.5, 0.5),
        (float, 3, 3),
        (float, Decimal("0.25"), 0.25),
        (float, Decimal("2.0"), 2),
        (bool, True, True),
        (bool | None, False, False),
        (WIDTH, "1h", "1h"),
        (WIDTH | None, None, None),
        (Literal["a", "b"] | str, "something new", "something new"),
        (Literal["a", "b"] | str | None, None, None),
        (Literal[1, 2], 2, 2),
        (Sequence[str], ["a", "b"], ["a", "b"]),
        (Sequence[str], ("a",), ["a"]),
        (Sequence[str], [], []),
        (Sequence[WIDTH] | None, ["1m"], ["1m"]),
        (MANY, ["a", "b", "c"], ["a", "b", "c"]),
        (Sequence[str], {"a": 1}.keys(), ["a"]),
        (Sequence[Sequence[int]], [[1], [2, 3]], [[1], [2, 3]]),
        (Annotated[str, Wire("x[]")], "a", "a"),
        (Mapping[str, Any], {"a": Decimal(1), "b": [1]}, {"a": 1, "b": [1]}),
        (Mapping[str, str] | None, None, None),
        (Window, {"gte": 5}, {"gte": 5}),
        (Window, {"gte": date(1970, 1, 2), "lt": "1970-01-03"}, {"gte": 86400, "lt": 172800}),
        (Window | None, None, None),
        (Sequence[Window], [{"gte": 1}, {"gte": 2}], [{"gte": 1}, {"gte": 2}]),
        (Any, {"a": datetime(1970, 1, 1, tzinfo=UTC)}, {"a": 0}),
        (str | Sequence[str], "a", "a"),
        (str | Sequence[str], ["a"], ["a"]),
        (Timestamp | None, None, None),
        (Timestamp | None, 5, 5),
    ],
)
def test_what_is_allowed_is_sent(annotation: Any, value: Any, sent: Any) -> None:
    for strict in (True, False):
        wire = _wire(annotation, value, strict=strict)
        assert wire == sent
        assert type(wire) is type(sent)


@pytest.mark.parametrize(
    ("annotation", "value", "message"),
    [
        (str, 5, "arg must be text, not int."),
        (str, None, "arg must be text, not NoneType."),
        (str, b"x", "arg must be text, not bytes."),
        (NAME, "", "arg must not be empty."),
        (CODE, "ab", "arg must have at least 3 characters."),
        (NAME, "abcdef", "arg may have at most 5 characters, not 6."),
        (str, "\ud800", "arg has characters that cannot be encoded as UTF-8."),
        (int, "5", "arg must be a whole number, not '5'."),
        (int, 5.0, "arg must be a whole number, not 5.0."),
        (int, True, "arg must be a whole number, not True."),
        (int, None, "arg must be a whole number, not None."),
        (LIMIT, 0, "arg must be from 1 to 100, not 0."),
        (LIMIT, 101, "arg must be from 1 to 100, not 101."),
        (Annotated[int, Ge(3)], 2, "arg must be at least 3, not 2."),
        (Annotated[int, Le(9)], 10, "arg must be at most 9, not 10."),
        (Annotated[float, Ge(0)], Decimal("-0.5"), "arg must be at least 0, not -0.5."),
        (float, "0.5", "arg must be a number, not '0.5'."),
        (float, True, "arg must be a number, not True."),
        (float, float("nan"), "arg must be a finite number, not nan."),
        (float, float("inf"), "arg must be a finite number, not inf."),
        (float, Decimal("-Infinity"), "arg must be a finite number, not -Infinity."),
        (bool, 1, "arg must be True or False, not 1."),
        (bool, "true", "arg must be True or False, not 'true'."),
        (WIDTH, "1w", "arg must be '1m', '1h' or '1d', not '1w'"),
        (WIDTH, 1, "arg must be '1m', '1h' or '1d', not 1."),
        (WIDTH, ["1h"], "arg must be '1m', '1h' or '1d', not ['1h']."),
        (Literal["model"], "modle", "arg must be 'model', not 'modle'; did you mean 'model'?"),
        (Literal[1, 2], True, "arg must be 1 or 2, not True."),
        (Literal["a", "b"] | str, 5, "arg must be text, not int."),
        (Sequence[str], "abc", 'arg must be a list: write ["abc"], not "abc".'),
        (Sequence[str], b"abc", "arg must be a list, not bytes."),
        (Sequence[str], {"a": 1}, "arg must be a list, not dict."),
        (Sequence[str], 5, "arg must be a list, not int."),
        (Sequence[str], "a" * 200, "arg must be a list, not one text."),
        (Sequence[str], bytearray(b"abc"), "arg must be a list, not bytearray."),
        (Sequence[str], ["a", 5], "arg[1] must be text, not int."),
        (Sequence[WIDTH], ["1h", "x"], "arg[1] must be '1m', '1h' or '1d', not 'x'."),
        (MANY, [], "arg must have at least 1 item."),
        (MANY, ["a"] * 4, "arg may have at most 3 items, not 4."),
        (MANY, ["a", ""], "arg[1] must not be empty."),
        (Mapping[str, Any], [1], "arg must be a mapping, not list."),
        (Mapping[str, Any], "a", "arg must be a mapping, not str."),
        (Window, {}, "arg needs 'gte'."),
        (
            Window,
            {"gte": 1, "let": 2},
            "arg has no field 'let'; it takes 'gte', 'kind' or 'lt'; did you mean 'lt'?",
        ),
        (Window, {"xyz": 2}, "arg has no field 'xyz'; it takes 'gte', 'kind' or 'lt'."),
        (Window, {"gte": "soon"}, "arg.gte is not a valid ISO 8601 time: 'soon'"),
        (Window, {"gte": 1, "kind": "c"}, "arg.kind must be 'a' or 'b', not 'c'."),
        (Window, [1], "arg must be a mapping with 'gte', 'kind' or 'lt', not list."),
        (Sequence[Window], [{"gte": 1}, {}], "arg[1] needs 'gte'."),
    ],
)
def test_what_is_not_allowed_is_refused_in_one_sentence(
    annotation: Any, value: Any, message: str
) -> None:
    refusal = _refusal(annotation, value)
    assert refusal.startswith(message)
    assert "\n" not in refusal


def test_long_values_are_cut_in_refusals() -> None:
    assert len(_refusal(WIDTH, "x" * 10_000)) < 200
    assert len(_refusal(int, ["x" * 10_000])) < 200
    assert len(_refusal(Window, {"gte": "x" * 10_000})) < 250


def test_a_model_is_taken_where_a_mapping_belongs() -> None:
    model = Model(gte=datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC))
    assert _wire(Window, model) == {"gte": 5}
    assert _wire(Mapping[str, Any], model) == {"gte": 5}


@pytest.mark.parametrize(
    ("annotation", "value", "sent"),
    [
        (NAME, "", ""),
        (NAME, "abcdefgh", "abcdefgh"),
        (LIMIT, 1_000_000, 1_000_000),
        (WIDTH, "1w", "1w"),
        (Sequence[WIDTH], ["1w", "1h"], ["1w", "1h"]),
        (MANY, [], []),
        (MANY, ["a"] * 9, ["a"] * 9),
        (Window, {"new": Decimal(1), "kind": "z"}, {"new": 1, "kind": "z"}),
        (WIDTH | int, None, None),
    ],
)
def test_without_checks_the_api_judges(annotation: Any, value: Any, sent: Any) -> None:
    assert _wire(annotation, value, strict=False) == sent
    _refusal(annotation, value)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [(Sequence[str], "abc"), (Timestamp, datetime(2026, 1, 1)), (str, 5)],  # noqa: DTZ001
)
def test_what_has_no_wire_form_is_refused_without_checks_too(annotation: Any, value: Any) -> None:
    _refusal(annotation, value, strict=False)


def test_a_rule_of_its_own_replaces_the_annotations() -> None:
    annotation = Annotated[int, Ruled(lambda value, where, strict: [value, where, strict])]
    rule = compile_rule(read(annotation))
    assert rule("x", "arg", True) == ["x", "arg", True]


# --- times ----------------------------------------------------------------------------------

NOON = 1_767_268_800  # 2026-01-01T12:00:00Z


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (datetime(2026, 1, 1, 12, tzinfo=UTC), NOON),
        (datetime(2026, 1, 1, 14, tzinfo=timezone(timedelta(hours=2))), NOON),
        (datetime(2026, 1, 1, 12, 0, 0, 999_999, tzinfo=UTC), NOON),
        (date(2026, 1, 1), NOON - 12 * 3600),
        ("2026-01-01", NOON - 12 * 3600),
        ("2026-01-01T12:00:00Z", NOON),
        ("2026-01-01T12:00:00+00:00", NOON),
        ("2026-01-01 14:00:00+02:00", NOON),
        ("20260101T120000Z", NOON),
        (NOON, NOON),
        (NOON + 0.75, NOON),
        (0, 0),
        (-1, -1),
        (253_402_300_799, 253_402_300_799),
    ],
)
def test_moments_become_seconds(value: Any, seconds: int) -> None:
    assert unix_seconds(value, "start_time") == seconds
    assert type(unix_seconds(value, "start_time")) is int


@given(st.datetimes(timezones=st.timezones()))
def test_any_aware_moment_becomes_its_seconds(moment: datetime) -> None:
    exact = (moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)
    assert abs(unix_seconds(moment, "start_time") - exact) < 1.001


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            datetime(2026, 1, 1, 12),  # noqa: DTZ001
            "start_time needs a time zone: 2026-01-01T12:00:00 has none (for UTC, add tzinfo=",
        ),
        (
            "2026-01-01T12:00:00",
            "start_time needs a time zone: '2026-01-01T12:00:00' has none (for UTC, add Z).",
        ),
        (
            "yesterday",
            "start_time is not a valid ISO 8601 time: 'yesterday' (write 2026-01-31 or ",
        ),
        ("", "start_time is not a valid ISO 8601 time: ''"),
        ("2026-02-30", "start_time is not a valid ISO 8601 time"),
        ("1767268800", "start_time is not a valid ISO 8601 time: '1767268800'"),
        (253_402_300_800, "start_time is out of the range of times: 253402300800."),
        (10**18, "start_time is out of the range of times: 1000000000000000000."),
        (float("nan"), "start_time is out of the range of times: nan."),
        (float("inf"), "start_time is out of the range of times: inf."),
        (-(10**30), "start_time is out of the range of times"),
        (True, "start_time must be a datetime, a date, ISO 8601 text or Unix seconds, not bool."),
        (None, "start_time must be a datetime, a date, ISO 8601 text or Unix seconds, not NoneTy"),
        ([1], "start_time must be a datetime, a date, ISO 8601 text or Unix seconds, not list."),
        (timedelta(1), "start_time must be a datetime, a date, ISO 8601 text or Unix seconds"),
    ],
)  # fmt: skip
def test_what_is_not_a_moment_is_refused(value: Any, message: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        unix_seconds(value, "start_time")
    assert str(caught.value).startswith(message)


# --- words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (["a"], "'a'"),
        (["a", "b"], "'a' or 'b'"),
        (["a", "b", "c"], "'a', 'b' or 'c'"),
        ([1, None], "1 or None"),
        (list(range(41)), "one of 41 known values"),
    ],
)
def test_choices_are_named(choices: list[Any], words: str) -> None:
    assert one_of(choices) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [("modle", "; did you mean 'model'?"), ("zzz", "."), (5, "."), (None, "."), ([], ".")],
)
def test_a_near_choice_is_named(value: object, words: str) -> None:
    assert suggest(value, ["model", "project_id", 7]) == words


@pytest.mark.parametrize(
    ("least", "most", "message"),
    [(1, 31, "from 1 to 31"), (None, 9, "at most 9"), (3, None, "at least 3")],
)
def test_a_range_is_named(least: int | None, most: int | None, message: str) -> None:
    outside = (most or 0) + 1 if most else 2
    with pytest.raises(InvalidInputError, match=f"^limit must be {message}, not {outside}"):
        check_range(outside, "limit", least, most)
    check_range(5, "limit", least, most)
