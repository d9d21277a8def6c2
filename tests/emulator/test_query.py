"""The query string as the API reads it: arrays in three spellings, objects, typed values."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_admin.emulator.query import Query
from openai_admin.emulator.replies import EmulatedError


@pytest.mark.parametrize(
    "query_string",
    [
        "ids=a&ids=b",
        "ids[]=a&ids[]=b",
        "ids%5B%5D=a&ids%5B%5D=b",
        "ids[0]=a&ids[1]=b",
        "ids=a,b",
        "ids=a%2Cb",
        "ids[]=a,b",
    ],
)
def test_an_array_may_be_sent_in_each_of_the_usual_ways(query_string: str) -> None:
    assert Query(query_string).texts("ids") == ["a", "b"]


def test_what_was_not_sent_or_is_empty_is_none() -> None:
    for query in (Query(), Query("x="), Query("x"), Query("&&=1")):
        assert query.text("x") is None
        assert query.integer("x") is None
        assert query.boolean("x") is None
        assert query.choice("x", ("a",)) is None
        assert query.texts("x") == query.choices("x", ("a",)) == []
        assert query.integers("x", ("gt",)) == {}


def test_of_a_repeated_scalar_the_last_one_counts() -> None:
    assert Query("limit=1&limit=2").integer("limit") == 2


def test_a_required_parameter_is_missed_by_name() -> None:
    assert Query("start_time=5").required("start_time") == "5"
    with pytest.raises(EmulatedError, match="Missing required parameter: 'start_time'") as caught:
        Query().required("start_time")
    assert (caught.value.status, caught.value.param) == (400, "start_time")


def test_an_object_has_integer_members() -> None:
    query = Query("effective_at[gte]=5&effective_at%5Blt%5D=9")
    assert query.integers("effective_at", ("gte", "lt")) == {"gte": 5, "lt": 9}
    query.refuse_unknown({"effective_at"})
    with pytest.raises(EmulatedError, match=r"Unknown parameter: 'effective_at\[lt\]'"):
        query.integers("effective_at", ("gte",))
    with pytest.raises(EmulatedError, match=r"Invalid type for 'at\[gt\]': expected an integer"):
        Query("at[gt]=now").integers("at", ("gt",))


@pytest.mark.parametrize("read", [Query.text, Query.integer, Query.boolean, Query.texts])
def test_only_objects_have_members(read: Callable[[Query, str], object]) -> None:
    with pytest.raises(EmulatedError, match=re.escape("Unknown parameter: 'limit[x]'")):
        read(Query("limit=3&limit[x]=5"), "limit")
    with pytest.raises(EmulatedError, match="expected an object, but got '5'"):
        Query("at=5").integers("at", ("gt",))
    assert Query("at=").integers("at", ("gt",)) == {}


def test_unknown_parameters_are_refused_whatever_their_spelling() -> None:
    Query("a=1&b[]=2&c[gt]=3").refuse_unknown({"a", "b", "c"})
    for query_string in ("d=1", "d[]=1", "d[gt]=1", "d"):
        with pytest.raises(EmulatedError, match="Unknown parameter: 'd'"):
            Query(query_string).refuse_unknown({"a"})


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("ten", Query.integer),
        ("1.5", Query.integer),
        ("1e3", Query.integer),
        ("--1", Query.integer),
        ("-", Query.integer),
        ("\N{ARABIC-INDIC DIGIT ONE}", Query.integer),
        ("9" * 5000, Query.integer),
        ("yes", Query.boolean),
        ("1", Query.boolean),
    ],
)
def test_a_value_of_the_wrong_type_names_its_parameter(
    text: str, read: Callable[[Query, str], object]
) -> None:
    with pytest.raises(EmulatedError) as caught:
        read(Query(f"x={quote(text)}"), "x")
    assert (caught.value.status, caught.value.param, caught.value.code) == (
        400,
        "x",
        "invalid_type",
    )
    assert len(caught.value.message) < 250


def test_integers_have_bounds() -> None:
    assert Query("x=-3").integer("x", minimum=-3, maximum=5) == -3
    assert Query("x=5").integer("x", minimum=-3, maximum=5) == 5
    with pytest.raises(EmulatedError, match="Expected >= -3, but got -4"):
        Query("x=-4").integer("x", minimum=-3)
    with pytest.raises(EmulatedError, match="Expected <= 5, but got 6"):
        Query("x=6").integer("x", maximum=5)


def test_booleans_and_choices() -> None:
    assert Query("x=true").boolean("x") is True
    assert Query("x=False").boolean("x") is False
    assert Query("x=1d").choice("x", ("1m", "1h", "1d")) == "1d"
    assert Query("x=1d&x=1h").choices("x", ("1m", "1h", "1d")) == ["1d", "1h"]
    with pytest.raises(EmulatedError, match="Supported values are: '1m', '1h' and '1d'"):
        Query("x=1d,1w").choices("x", ("1m", "1h", "1d"))


@given(
    st.dictionaries(
        st.text(st.characters(exclude_characters="[", codec="utf-8"), min_size=1),
        st.text(min_size=1),
    )
)
def test_any_text_comes_out_as_it_was_encoded(sent: dict[str, str]) -> None:
    encodable = {name: value.encode(errors="replace").decode() for name, value in sent.items()}
    query = Query(
        "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in encodable.items())
    )
    assert {name: query.text(name) for name in encodable} == encodable


@given(st.text())
def test_no_query_string_breaks_it(query_string: str) -> None:
    query = Query(query_string)
    with suppress(EmulatedError):
        assert query.text("x") is None or isinstance(query.text("x"), str)
