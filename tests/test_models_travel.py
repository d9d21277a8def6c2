"""Completeness: every model goes through pickle, copies, hashes, JSON and pydantic unharmed."""

from __future__ import annotations

import copy
import json
import pickle
import pprint
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
import msgspec
import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from openai_admin import (
    AdminAPIKeyCreateResponse,
    AuditLog,
    InvalidInputError,
    OrganizationUser,
    Page,
    Project,
    Response,
    json_default,
    resources,
    to_dict,
)
from openai_admin._wire.codec import decode, structured
from openai_admin._wire.fields import is_secret, keyed_by, wire_fields, wire_name
from openai_admin._wire.models import Entity
from openai_admin._wire.portable import Portable
from openai_admin._wire.rows import Row
from openai_admin._wire.types import (
    Array,
    Choice,
    Model,
    Nullable,
    Object,
    OneOf,
    OpenChoice,
    Scalar,
    Type,
    field_types,
    read,
)
from openai_admin.resources.usage.results import Cost, UsageBucket

resources.load()

CANARY = "sk-admin-canary-canary-canary"
SCALARS = {str: "text", int: 5, float: 0.5, bool: True, Decimal: "0.1", datetime: 1_700_000_000}


def _below(base: type[Any]) -> Iterator[type[Any]]:
    for cls in base.__subclasses__():
        yield cls
        yield from _below(cls)


def _named(base: type[Any]) -> dict[str, Any]:
    """The package's classes by their names; attrs makes each of them anew, with slots."""
    own = (cls for cls in _below(base) if cls.__module__.startswith("openai_admin.resources."))
    return {f"{cls.__module__}.{cls.__name__}": cls for cls in own}


MODELS = _named(Entity) | _named(Row)


def _sample(described: Type) -> Any:
    """Decoded JSON of a type, with all that it may have."""
    match described:
        case Nullable(of):
            return _sample(of)
        case OneOf(members):
            return _sample(members[0])
        case Choice(values) | OpenChoice(values):
            return values[0]
        case Scalar(kind):
            return SCALARS[kind]
        case Array(item):
            return [_sample(item)]
        case Object():
            return {"a": [1]}
        case Model(cls):
            return _answer(cls)
    return {"any": [None]}


def _answer(cls: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"unknown": {"field": [1]}} if issubclass(cls, Entity) else {}
    types = field_types(cls)
    for attribute in wire_fields(cls):
        if key := keyed_by(attribute):
            variant = key[1][made[key[0]]]
            made[made[key[0]]] = _sample(read(variant))
        elif attribute.name == "object":
            made["object"] = attribute.default or "a.kind"
        else:
            value = CANARY if is_secret(attribute) else _sample(types[attribute.name])
            made[wire_name(attribute)] = value
    field, value = getattr(cls, "__wire_tag__", (None, None))
    return made if field is None else made | {field: value}


def _hides(model: Any) -> None:
    """No program that looks into a model finds a one-time secret."""
    seen = [
        repr(model),
        pprint.pformat(model),
        str(vars(model)),
        json.dumps(model, default=json_default),
    ]
    with suppress(TypeError):  # msgspec takes no subclass of an attrs class, such as an event's
        seen += [msgspec.json.encode(model).decode(), str(msgspec.to_builtins(model))]
    seen += [pickle.dumps(model, protocol).decode("latin-1") for protocol in range(6)]
    assert not [text for text in seen if CANARY in text]


@pytest.mark.parametrize("name", MODELS)
def test_a_model_travels(name: str) -> None:
    cls = MODELS[name]
    model = structured(_answer(cls), cls)
    again = structured(_answer(cls), cls)
    assert model == again == copy.deepcopy(model) == copy.copy(model)
    assert hash(model) == hash(again)
    _hides(model)
    shown = to_dict(model, mode="json")
    assert json.loads(json.dumps(model, default=json_default)) == shown == vars(model)
    without = pickle.loads(pickle.dumps(model))
    for protocol in range(5):
        assert pickle.loads(pickle.dumps(model, protocol)) == without
    assert to_dict(without) == to_dict(model)

    adapter = TypeAdapter(cls)
    assert adapter.validate_python(model) is model
    assert adapter.validate_python(to_dict(model)) == without
    assert adapter.validate_json(adapter.dump_json(model)) == without
    assert adapter.dump_python(model, mode="json") == shown
    assert adapter.validate_python(adapter.dump_python(model)) == without
    schema = adapter.json_schema(mode="serialization")
    assert schema["title"] == cls.__name__
    assert set(shown) <= {*schema["properties"], "unknown"}


def test_there_are_many_models() -> None:
    assert len(MODELS) > 150
    assert all(issubclass(cls, Portable) for cls in MODELS.values())


ROWS = (
    b'{"object":"page","data":[{"object":"bucket","start_time":1700000000,"end_time":1700086400,'
    b'"results":[{"object":"r","amount":{"value":0.1,"currency":"usd"}}]}],"has_more":true,'
    b'"next_page":"page_2"}'
)
PROJECTS = b'{"object":"list","data":[{"id":"a"},5],"has_more":false}'


@pytest.mark.parametrize(
    ("into", "raw", "shown"),
    [
        (Page[UsageBucket[Cost]], ROWS, "Page(1 of UsageBucket, has_more=True)"),
        (Page[Project], PROJECTS, "Page(1 of Project, 1 unreadable, has_more=False)"),
    ],
)
def test_a_page_travels(into: Any, raw: bytes, shown: str) -> None:
    page = decode(raw, into)
    assert repr(page) == shown
    assert hash(page) == hash(copy.deepcopy(page))
    for protocol in range(6):
        assert pickle.loads(pickle.dumps(page, protocol)) == page
    adapter = TypeAdapter(into)
    assert adapter.validate_python(json.loads(raw)).data == page.data
    assert adapter.validate_json(adapter.dump_json(page)).data == page.data
    assert json.loads(json.dumps(page, default=json_default)) == vars(page)


def test_a_bucket_is_shown_in_one_short_line() -> None:
    (bucket,) = decode(ROWS, Page[UsageBucket[Cost]]).data
    shown = "UsageBucket(2023-11-14 22:13:20+00:00 to 2023-11-15 22:13:20+00:00, {})"
    assert repr(bucket) == shown.format("1 of Cost")
    assert repr(attrs.evolve(bucket, results=bucket.results * 5000)) == shown.format(
        "5,000 of Cost"
    )
    assert repr(attrs.evolve(bucket, results=[])) == shown.format("0 rows")


def test_amounts_are_exact_text_and_times_in_utc() -> None:
    page = decode(ROWS, Page[UsageBucket[Cost]])
    (bucket,) = TypeAdapter(Page[UsageBucket[Cost]]).dump_python(page)["data"]
    assert bucket["start_time"] == page.data[0].start_time
    assert bucket["results"][0]["amount"] == {"value": Decimal("0.1"), "currency": "usd"}
    written = json.loads(TypeAdapter(Page[UsageBucket[Cost]]).dump_json(page))
    (bucket,) = written["data"]
    assert bucket["start_time"] == "2023-11-14T22:13:20Z"
    assert bucket["results"][0]["amount"] == {"value": "0.1", "currency": "usd"}


TWO = decode(b'{"data":[{"id":"a","name":null}],"has_more":false}', Page[Project])


@pytest.mark.parametrize(
    "write",
    [
        TypeAdapter(list[Page[Project]]).dump_python,
        to_jsonable_python,  # which is not told the type
        lambda *what, **settings: json.loads(
            TypeAdapter(list[Page[Project]]).dump_json(*what, **settings)
        ),
    ],
)
def test_pydantic_leaves_out_what_it_is_told_to(write: Any) -> None:
    assert write([TWO]) == to_dict([TWO], mode="json")
    assert write([TWO], exclude_none=True)[0]["data"] == [{"id": "a"}]
    assert write([TWO], include={0: {"has_more"}}) == [{"has_more": False}]
    assert write([TWO], exclude={0: {"data": {0: {"id"}}}})[0]["data"] == [{"name": None}]


def test_what_came_back_for_a_call_travels() -> None:
    response = Response(TWO, 200, {"X-One": "1"}, "req_1", 1, 0.25)
    assert response.headers["x-one"] == "1"
    assert repr(response) == (
        "Response(value=Page(1 of Project, has_more=False), status=200, request_id='req_1',"
        " attempts=1, seconds=0.25)"
    )
    assert len(repr(attrs.evolve(response, value=["long"] * 1000))) < 500
    for back in (pickle.loads(pickle.dumps(response)), copy.deepcopy(response)):
        assert (back, hash(back)) == (response, hash(response))
    written = to_dict(response, mode="json")
    assert written["headers"] == {"x-one": "1"}
    adapter = TypeAdapter(Response[Page[Project]])
    assert json.loads(adapter.dump_json(response)) == vars(response) == written
    assert "value" in adapter.json_schema(mode="serialization")["properties"]
    with pytest.raises(ValidationError, match="it is not Response"):
        adapter.validate_python(written)


PROJECT = {"id": "proj_a", "object": "organization.project"}
USER = {"id": "user-a", "object": "organization.user"}


def test_a_union_becomes_what_the_object_says_that_it_is() -> None:
    adapter: TypeAdapter[Project | OrganizationUser] = TypeAdapter(Project | OrganizationUser)
    assert isinstance(adapter.validate_python(USER), OrganizationUser)
    assert isinstance(adapter.validate_python(PROJECT), Project)
    assert json.loads(adapter.dump_json(adapter.validate_python(USER))) == USER
    renamed = {**PROJECT, "object": "organization.undertaking"}  # which no model is
    assert isinstance(adapter.validate_python(renamed), Project)


@pytest.mark.parametrize("given", [USER, {}, [], "proj_a", None])
def test_what_is_not_a_project_is_refused(given: Any) -> None:
    with pytest.raises(ValidationError, match="Project"):
        TypeAdapter(Project).validate_python(given)


def test_an_event_keeps_its_payload() -> None:
    sent = {"id": "e", "type": "project.archived", "project.archived": {"id": "proj_a"}}
    adapter = TypeAdapter(list[AuditLog])
    (event,) = adapter.validate_python([sent])
    assert event.payload == decode(json.dumps(sent).encode(), AuditLog).payload
    assert json.loads(adapter.dump_json([event])) == [sent]
    properties = adapter.json_schema()["$defs"]["AuditLog"]["properties"]
    assert properties["project.archived"] == {"$ref": "#/$defs/ProjectArchived"}


def test_json_default_leaves_to_json_what_is_not_its_own() -> None:
    given = {"at": datetime.fromisoformat("2026-11-01T01:00:00+01:00"), "cost": Decimal("1E+3")}
    assert (
        json.dumps(given, default=json_default) == '{"at": "2026-11-01T00:00:00Z", "cost": "1000"}'
    )
    with pytest.raises(InvalidInputError, match=r"mode must be 'wire', .* not 'yaml'"):
        to_dict(given, mode="yaml")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Object of type object is not JSON serializable"):
        json.dumps(object(), default=json_default)


def test_a_created_key_hands_over_its_secret_where_it_is_asked_for() -> None:
    made = structured(_answer(AdminAPIKeyCreateResponse), AdminAPIKeyCreateResponse)
    assert made.value == copy.deepcopy(made).value == CANARY
    assert to_dict(made, secrets=True)["value"] == CANARY
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: made).result().value == CANARY
    with pytest.raises(AttributeError):
        made.value = "another"
