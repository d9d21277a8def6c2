"""Requests are encoded and errors read without any I/O."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from openai_admin._text.secrets import redact
from openai_admin._wire.http import (
    USER_AGENT,
    HiddenText,
    Response,
    build_request,
    encode_path,
    encode_query,
    error_from,
    redacted,
)
from openai_admin.errors import AuthenticationError, InvalidInputError

KEY = "sk-admin-canary0123456789abcdWXYZ"

texts = st.text(st.characters(codec="utf-8"))


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ("proj_abc-1.2~3", "proj_abc-1.2~3"),
        ("a/b", "a%2Fb"),
        ("../../users", "..%2F..%2Fusers"),
        ("..", None),
        (".", None),
        ("", None),
        ("...", "..."),
        (".hidden", ".hidden"),
        ("%2e%2e", "%252e%252e"),
        ("a?b=c", "a%3Fb%3Dc"),
        ("a#b", "a%23b"),
        ("a;b", "a%3Bb"),
        ("a b+c", "a%20b%2Bc"),
        ("a\\b", "a%5Cb"),
        ("a\r\nHost: evil", "a%0D%0AHost%3A%20evil"),
        ("\x00", "%00"),
        ("проект", "%D0%BF%D1%80%D0%BE%D0%B5%D0%BA%D1%82"),
        ("{id}", "%7Bid%7D"),
    ],
)
def test_a_path_argument_stays_one_segment(value: str, encoded: str | None) -> None:
    if encoded is None:
        with pytest.raises(InvalidInputError, match=r"^project_id must be an id, not '"):
            encode_path("/p/{project_id}/x", {"project_id": value})
    else:
        assert encode_path("/p/{project_id}/x", {"project_id": value}) == f"/p/{encoded}/x"


@given(texts.filter(lambda t: t not in ("", ".", "..")))
def test_no_path_argument_leaves_its_segment(value: str) -> None:
    target = encode_path("/a/{id}/b", {"id": value})
    segments = target.split("/")
    assert len(segments) == 4
    assert unquote(segments[2]) == value
    url = URL("https://api.openai.com/v1" + target, encoded=True)
    assert url.raw_path == "/v1" + target
    assert url.host == "api.openai.com"
    assert not url.raw_query_string


@pytest.mark.parametrize("value", [None, 5, b"proj", ["proj"], True])
def test_a_path_argument_is_text(value: object) -> None:
    with pytest.raises(InvalidInputError, match=r"^id must be text, not \w+\.$"):
        encode_path("/{id}", {"id": value})


def test_a_path_argument_of_lone_surrogates_is_refused() -> None:
    with pytest.raises(
        InvalidInputError, match="id has characters that cannot be encoded as UTF-8"
    ):
        encode_path("/{id}", {"id": "\ud800"})


def test_several_path_arguments_are_filled() -> None:
    assert encode_path("/p/{a}/u/{b}", {"b": "2", "a": "1"}) == "/p/1/u/2"


@pytest.mark.parametrize(
    ("pairs", "encoded"),
    [
        ([], ""),
        ([("a", None)], ""),
        ([("a", ""), ("b", "x")], "a=&b=x"),
        ([("limit", 20)], "limit=20"),
        ([("a", True), ("b", False)], "a=true&b=false"),
        ([("a", 1.5), ("b", Decimal("2.50"))], "a=1.5&b=2.50"),
        ([("group_by", ["project_id", "model"])], "group_by=project_id&group_by=model"),
        ([("group_by", ("a",))], "group_by=a"),
        ([("event_types[]", ["a.b", "c.d"])], "event_types%5B%5D=a.b&event_types%5B%5D=c.d"),
        (
            [("effective_at", {"gte": 1, "lt": 2, "lte": None})],
            "effective_at%5Bgte%5D=1&effective_at%5Blt%5D=2",
        ),
        ([("m", {"a": ["x", "y"]})], "m%5Ba%5D=x&m%5Ba%5D=y"),
        ([("models", ["gpt-5, mini"])], "models=gpt-5,%20mini"),
        ([("email", "a+b@c.example")], "email=a%2Bb@c.example"),
        ([("q", "a&b=c#d?e%20")], "q=a%26b=c%23d%3Fe%2520"),
        ([("flags", [True, False])], "flags=true&flags=false"),
    ],
)
def test_a_query_is_encoded(pairs: list[tuple[str, object]], encoded: str) -> None:
    assert encode_query(pairs) == encoded


@pytest.mark.parametrize(
    "cursor", ["page_AAAAAGk3==", "eyJhIjoxfQ==", "a/b:c=", "AAA$BBB!(x)*'", "user-1~2._"]
)
def test_cursors_go_back_byte_for_byte(cursor: str) -> None:
    """The API has refused a cursor whose ``=`` came percent-encoded."""
    query = encode_query([("page", cursor)])
    assert query == f"page={cursor}"
    assert URL(f"https://x/y?{query}", encoded=True).raw_query_string == query


@given(st.lists(st.tuples(texts.filter(bool), texts), max_size=6))
def test_a_server_reads_the_query_that_was_meant(pairs: list[tuple[str, str]]) -> None:
    encoded = encode_query(pairs)
    assert encoded.isascii()
    assert parse_qsl(encoded, keep_blank_values=True, strict_parsing=bool(pairs)) == pairs


@given(texts.filter(bool), st.one_of(texts, st.integers(), st.floats(), st.decimals()))
def test_a_value_that_needs_no_quoting_is_sent_as_quoting_it_would(name: str, value: Any) -> None:
    quoted = quote(str(value), safe="=/:,@!$*()'-._~")
    assert encode_query([(name, value)]) == f"{quote(name, safe='')}={quoted}"
    assert encode_query([(name, [value, value])]) == "&".join([encode_query([(name, value)])] * 2)


@pytest.mark.parametrize(
    "value", [b"bytes", {"a", "b"}, datetime(2026, 1, 1, tzinfo=UTC), object(), [None], [["a"]]]
)
def test_what_a_query_cannot_carry_is_refused(value: object) -> None:
    with pytest.raises(InvalidInputError, match=r"^ids must be text, a number, .* in a query"):
        encode_query([("ids", value)])


@pytest.mark.parametrize("value", [[], (), {}, {"gte": None}])
def test_an_empty_filter_in_a_query_is_refused_for_nothing_would_be_sent(value: object) -> None:
    with pytest.raises(InvalidInputError, match=r"^ids must not be empty: .* for everything;"):
        encode_query([("ids", value)])


def test_a_query_of_lone_surrogates_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="q has characters that cannot be encoded as UTF-8"):
        encode_query([("q", "\udfff")])


def test_a_request_has_its_endpoint_target_and_body() -> None:
    request = build_request(
        "POST", "/p/{id}", path={"id": "a/b"}, body={"name": "ü", "x": None}, has_body=True
    )
    assert (request.method, request.endpoint, request.target) == ("POST", "/p/{id}", "/p/a%2Fb")
    assert request.body == '{"name":"ü","x":null}'.encode()


def test_a_request_without_body_sends_none() -> None:
    request = build_request("GET", "/p", path={}, query=encode_query([("a", None)]))
    assert (request.target, request.body) == ("/p", None)


def test_an_empty_body_is_sent_where_there_is_one() -> None:
    assert build_request("POST", "/p", path={}, body={}, has_body=True).body == b"{}"


@pytest.mark.parametrize("body", [{"a": object()}, {"a": "\ud800"}, {"a": 2**70, "b": object()}])
def test_a_body_that_is_not_json_is_refused(body: object) -> None:
    with pytest.raises(InvalidInputError, match=r"^The body cannot be written as JSON: "):
        build_request("POST", "/p", path={}, body=body, has_body=True)


def test_a_key_that_the_server_echoes_is_redacted() -> None:
    body = {"error": {"message": f"Incorrect API key provided: {KEY}.", "code": "invalid_api_key"}}
    headers = {"x-request-id": "req", "www-authenticate": f"Bearer {KEY}"}
    answer = Response(401, headers, json.dumps(body).encode())
    error = error_from(redacted(answer, KEY))
    assert type(error) is AuthenticationError
    assert error.message == "Incorrect API key provided: sk-admin-…WXYZ."
    assert KEY not in f"{error} {error!r} {vars(error)}"
    assert KEY.encode() not in pickle.dumps(error)
    assert error.headers["www-authenticate"] == "Bearer sk-admin-…WXYZ"


def test_a_key_echoed_in_html_is_redacted() -> None:
    error = error_from(redacted(Response(403, {}, f"<p>{KEY}</p>".encode()), KEY))
    assert error.body == "<p>sk-admin-…WXYZ</p>"


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        (KEY, "sk-admin-…WXYZ"),
        ("sk-0123456789abcdefWXYZ", "sk-…WXYZ"),
        ("0123456789abcdefghWXYZ", "…WXYZ"),
        ("sk-admin-short", "…"),
        ("", "…"),
    ],
)
def test_a_key_is_shown_by_its_kind_and_end(secret: str, shown: str) -> None:
    assert redact(secret) == shown


def test_hidden_text_shows_in_no_repr() -> None:
    hidden = HiddenText(KEY)
    assert hidden == KEY
    assert KEY not in repr(hidden) + repr({"Authorization": hidden}) + f"{hidden!r}"


def test_hidden_text_is_not_pickled_or_copied_deep() -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps({"key": HiddenText(KEY)})
    with pytest.raises(TypeError, match="cannot be pickled"):
        copy.deepcopy([HiddenText(KEY)])


def test_an_answers_repr_shows_no_body() -> None:
    assert "sk-created" not in repr(Response(200, {}, b'{"value": "sk-created"}'))


def test_the_user_agent_says_what_this_is() -> None:
    assert USER_AGENT.startswith("openai-admin/")
    assert " Python/3" in USER_AGENT
