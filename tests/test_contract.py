"""Each declared operation against the contract: what it sends, and how it reads an answer."""

from __future__ import annotations

import json
from typing import Any, get_origin
from urllib.parse import parse_qsl, quote

import jsonschema
import pytest

from openai_admin._declare.operation import OPERATIONS
from openai_admin._declare.pagination import Paging
from openai_admin._wire.codec import decode, to_dict
from openai_admin._wire.models import Page
from openai_admin.errors import InvalidInputError
from tests.contract import (
    ANYTHING,
    CONTRACT,
    NAMES,
    Schema,
    compare,
    is_array,
    samples,
    unknown_fields,
    wire_name,
)
from tests.contract_examples import EXAMPLES
from tests.pem import CERTIFICATE

PAGING = {
    "ConversationCursorPage": Paging.LAST_ID,
    "CursorPage": Paging.LAST_ITEM,
    "NextCursorPage": Paging.NEXT,
    "Page": None,
}
USAGE_RESULTS = {
    "costs": "organization.costs.result",
    "file_search_calls": "organization.usage.file_searches.result",
    "web_search_calls": "organization.usage.web_searches.result",
}
"""The `object` of an endpoint's results, where it is not made from the endpoint's name."""

SAMPLES: dict[str, Any] = {
    "certificate": CERTIFICATE,
    "email": "ada@example.com",
    "effective_at": {"gt": 7, "gte": 7, "lt": 9, "lte": 9},
}
"""What a parameter takes, where it does not take everything that its schema allows."""

WRONG: tuple[Any, ...] = (
    "no such choice",
    "",
    "x" * 100_000,
    -1,
    0,
    10**12,
    1.5,
    True,
    None,
    [],
    ["no such choice"],
    ["x"] * 11,
    [1],
    {},
    {"no such field": 1},
    {"type": "no such type"},
    b"bytes",
    object(),
)


def test_contract_is_whole() -> None:
    assert len(CONTRACT) == 146
    assert set(OPERATIONS) == set(CONTRACT)
    assert set(EXAMPLES) == set(CONTRACT)


@pytest.mark.parametrize("name", NAMES)
def test_declaration(name: str) -> None:
    contract = CONTRACT[name]
    operation = contract.operation
    assert (operation.method, operation.path) == (contract.method, contract.path)

    declared = operation.parameters
    in_path = [p.name for p in declared.values() if p.place == "path"]
    assert in_path == contract.path_params
    others = {p.name: p for p in declared.values() if p.place != "path"}
    assert set(others) == set(contract.parameters)
    assert {n for n, p in others.items() if p.required} == contract.required

    place = "body" if contract.method == "POST" else "query"
    for parameter, schema in contract.parameters.items():
        assert others[parameter].place == place
        assert others[parameter].wire == wire_name(parameter, schema)
        assert others[parameter].is_array == is_array(schema), parameter


@pytest.mark.parametrize("name", NAMES)
def test_paging(name: str) -> None:
    contract = CONTRACT[name]
    operation = contract.operation
    if name.startswith("usage."):
        assert operation.paging is Paging.NEXT_PAGE
    else:
        assert operation.paging is (PAGING[contract.page] if contract.page else None)
    is_page = contract.page is not None or name.startswith("usage.")
    assert (get_origin(operation.answer) is Page) == is_page


@pytest.mark.parametrize("name", NAMES)
def test_every_allowed_value_is_sent_as_it_is(name: str) -> None:
    contract = CONTRACT[name]
    for parameter, schema in contract.parameters.items():
        rule = contract.operation.parameters[parameter].rule
        for value in samples(schema):
            if value is None and parameter in contract.query:
                continue  # in a query, None is what was not given
            value = SAMPLES.get(parameter, value) if value is not None else None
            assert rule(value, parameter, True) == value, parameter


@pytest.mark.parametrize("name", NAMES)
def test_bounds_are_those_of_the_contract(name: str) -> None:
    contract = CONTRACT[name]
    for parameter, schema in contract.parameters.items():
        rule = contract.operation.parameters[parameter].rule
        most, most_items = schema.get("maximum"), schema.get("maxItems")
        if most is not None:
            assert rule(most, parameter, True) == most
        if most_items is not None:
            assert len(rule(["text"] * most_items, parameter, True)) == most_items
        if "maxLength" in schema:
            longest = "x" * schema["maxLength"]
            assert rule(longest, parameter, True) == longest


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_sent_that_the_contract_does_not_allow(name: str) -> None:
    contract = CONTRACT[name]
    for parameter, schema in contract.parameters.items():
        rule = contract.operation.parameters[parameter].rule
        validator = jsonschema.Draft202012Validator(schema)
        for value in WRONG:
            if value is None and parameter in contract.query:
                continue
            message = None
            try:
                sent = rule(value, parameter, True)
            except InvalidInputError as error:
                message = str(error)
            if message is None:
                assert validator.is_valid(json.loads(json.dumps(sent))), (parameter, value, sent)
            else:
                assert message.startswith(parameter)
                assert len(message) < 1000, "a refusal is one sentence, however long the value"


@pytest.mark.parametrize("name", [n for n in NAMES if CONTRACT[n].path_params])
def test_path_arguments_name_one_thing(name: str) -> None:
    contract = CONTRACT[name]
    ids: dict[str, Any] = dict.fromkeys(contract.path_params, "id_1")
    for parameter in contract.path_params:
        for value in ("", ".", "..", 5, None, b"id", "\ud800"):
            with pytest.raises(InvalidInputError, match=parameter):
                contract.operation.prepare({**ids, parameter: value}, check=False)


@pytest.mark.parametrize("name", NAMES)
def test_request(name: str) -> None:
    """The whole request, with every argument, and with none but the required ones."""
    contract = CONTRACT[name]
    every = {p: next(samples(s)) for p, s in contract.parameters.items()}
    _compare_request(name, every)
    _compare_request(name, {p: v for p, v in every.items() if p in contract.required})


def _compare_request(name: str, given: dict[str, Any]) -> None:
    contract = CONTRACT[name]
    ids = {p: f"{p}/ü ?#%2F" for p in contract.path_params}
    # Without checks: the arguments are all given at once, though some exclude each other.
    request = contract.operation.prepare({**ids, **given}, check=False).request

    assert request.method == contract.method
    path, _, query = request.target.partition("?")
    assert path == contract.path.format(**{p: quote(v, safe="") for p, v in ids.items()})
    expected = [
        pair
        for parameter, value in given.items()
        if parameter in contract.query
        for pair in _pairs(wire_name(parameter, contract.query[parameter]), value)
    ]
    assert parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)) == expected
    if contract.body:
        body = {wire_name(p, contract.body[p]): v for p, v in given.items()}
        assert json.loads(request.body or b"null") == body
    else:
        assert request.body is None


def _pairs(wire: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for k, v in value.items() for pair in _pairs(f"{wire}[{k}]", v)]
    if isinstance(value, list):
        return [pair for item in value for pair in _pairs(wire, item)]
    return [(wire, str(value).lower() if isinstance(value, bool) else str(value))]


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_the_contract_allows_is_read_and_given_back(name: str) -> None:
    contract = CONTRACT[name]
    for answer in _answers(name):
        raw = json.dumps(answer).encode()
        decoded = decode(raw, contract.operation.answer)
        compare(answer, to_dict(decoded, secrets=True))
        assert not [f for f in unknown_fields(decoded) if not f.endswith(ANYTHING)]


def _answers(name: str) -> list[Any]:
    contract = CONTRACT[name]
    schema = _with_own_results(name) if name.startswith("usage.") else contract.response
    answers = list(samples(schema))
    if name == "audit_logs.list":
        answers = [_with_own_payload(event, schema) for event in answers]
    if contract.page:
        answers = [{"object": "list", "data": [item], "has_more": False} for item in answers]
    return answers


def _with_own_results(name: str) -> Schema:
    """A usage endpoint's schema, in whose results each endpoint's are allowed, with its own."""
    endpoint = name.removeprefix("usage.")
    kind = USAGE_RESULTS.get(endpoint, f"organization.usage.{endpoint}.result")
    schema = json.loads(json.dumps(CONTRACT[name].response))
    results = schema["$defs"]["Data"]["properties"]["results"]
    (own,) = (
        {"$ref": f"#/$defs/{key}"}
        for key, definition in schema["$defs"].items()
        if definition.get("properties", {}).get("object", {}).get("const") == kind
    )
    results["items"] = own
    return dict(schema)


def _with_own_payload(event: dict[str, Any], schema: Schema) -> dict[str, Any]:
    """An audit log event without the payloads of other types and other actors."""
    types = schema["properties"]["type"]["enum"]
    event = {k: v for k, v in event.items() if k not in types or k == event["type"]}
    actor = event.get("actor")
    if actor and actor["type"]:
        event["actor"] = {"type": actor["type"], actor["type"]: actor[actor["type"]]}
    return event
