"""What a model's fields are: the API's or not, shown once or always."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import pytest

from openai_admin._declare.operation import OPERATIONS
from openai_admin._wire.codec import decode, to_dict
from openai_admin._wire.fields import is_secret, secret, secret_paths, wire, wire_fields, wire_name
from openai_admin._wire.models import Entity, Page, evolve, model_of
from openai_admin._wire.types import read
from openai_admin.resources.certificates import Certificate
from tests.contract import CONTRACT, MODELS, NAMES, Schema, resolve, samples

CANARY = "sk-admin-canary"

SHOWN_ONCE: Mapping[str, list[tuple[str, ...]]] = {
    "admin_api_keys.create": [("value",)],
    "projects.service_accounts.create": [("api_key", "value")],
    "projects.service_accounts.api_keys.create": [("value",)],
}
"""The operations that return a secret, and where it is."""


@attrs.frozen(kw_only=True)
class Part(Entity):
    key: str | None = secret(default=None)


@attrs.frozen(kw_only=True)
class Whole(Entity):
    first: Part | None = None
    parts: list[Part] = attrs.field(factory=list)
    either: Part | dict[str, Any] | None = None
    dotted: Part | None = wire("a.b")  # noqa: RUF009 - a field


def _values(schema: Schema, root: Schema) -> Iterator[tuple[str, ...]]:
    """Where the contract has a text called `value`: so the API calls a key that it shows."""
    schema = resolve(schema, root)
    for variant in schema.get("anyOf", ()):
        yield from _values(variant, root)
    for name, part in schema.get("properties", {}).items():
        if name == "value" and part.get("type") == "string":
            yield (name,)
        yield from ((name, *rest) for rest in _values(part, root))


@pytest.mark.parametrize("name", NAMES)
def test_a_secret_is_declared_where_the_contract_shows_one(name: str) -> None:
    response = CONTRACT[name].response
    declared = secret_paths(read(OPERATIONS[name].result))
    assert declared == list(_values(response, response)) == SHOWN_ONCE.get(name, [])


def _created(name: str) -> Any:
    """The result of a creation whose one-time secret is the canary."""
    (path,) = SHOWN_ONCE[name]
    answer = next(samples(CONTRACT[name].response))
    place = answer
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = CANARY
    return decode(json.dumps(answer).encode(), OPERATIONS[name].answer)


@pytest.mark.parametrize("name", SHOWN_ONCE)
def test_a_secret_is_kept_out_of_reprs(name: str) -> None:
    model = _created(name)
    assert CANARY not in repr(model)
    assert CANARY not in str(to_dict(model))
    assert CANARY in str(to_dict(model, secrets=True))


@pytest.mark.parametrize("name", SHOWN_ONCE)
def test_a_secret_is_kept_out_of_pickles_and_stays_in_copies(name: str) -> None:
    model = _created(name)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        pickled = pickle.dumps(model, protocol)
        assert CANARY.encode() not in pickled
        assert to_dict(pickle.loads(pickled)) == to_dict(model)
    for copied in (copy.copy(model), copy.deepcopy(model), evolve(model)):
        assert to_dict(copied, secrets=True) == to_dict(model, secrets=True)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_nothing_of_the_api_but_secrets_is_kept_out_of_reprs(model: type) -> None:
    for attribute in wire_fields(model):
        assert is_secret(attribute) == (attribute.repr is False), attribute.name


def test_secrets_are_found_at_every_depth() -> None:
    assert secret_paths(read(Part)) == [("key",)]
    assert secret_paths(read(Whole)) == [
        ("first", "key"),
        ("parts", "key"),
        ("either", "key"),
        ("a.b", "key"),
    ]
    assert secret_paths(read(Whole | None)) == secret_paths(read(Whole))
    assert secret_paths(read(str)) == []


def test_the_fields_of_the_api_are_those_that_it_sends() -> None:
    assert [wire_name(a) for a in wire_fields(Whole)] == ["first", "parts", "either", "a.b"]
    assert "raw" not in [a.name for a in wire_fields(Page)]


def test_the_model_of_a_result() -> None:
    assert model_of(read(Certificate)) is Certificate
    assert model_of(read(Page[Certificate])) is Certificate
    for operation in OPERATIONS.values():
        assert model_of(read(operation.answer)) is model_of(read(operation.result))
    with pytest.raises(TypeError, match="is not a model"):
        model_of(read(dict[str, Any]))
