"""The contract of the Admin API, as tests read it: its operations, and samples of its schemas."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from openai_admin import resources
from openai_admin._declare.operation import OPERATIONS, Operation
from openai_admin._wire.models import Entity
from openai_admin._wire.rows import Row

Schema = Mapping[str, Any]

resources.load()

_DATA = Path(__file__).parent / "data"
_FILES = ("admin_api.json", "fine_tuning_api.json")
"""What is below `/organization`, and what needs an admin key elsewhere. The facts of the latter are
the official client's (`openai.resources.fine_tuning.checkpoints.permissions`), in the same form."""
ANYTHING = "anything"
"""The name of the field that a sample has where the contract allows any."""
_ANY_NUMBER = 7
_ANY_TIME = 1_790_000_000


@attrs.frozen
class Contract:
    """What the contract says of one operation."""

    name: str
    method: str
    path: str
    path_params: list[str]
    query: Mapping[str, Schema]
    body: Mapping[str, Schema]
    required: set[str]
    page: str | None
    response: Schema

    @property
    def parameters(self) -> dict[str, Schema]:
        """The schemas of the query and of the body, by name; an operation has one or the other."""
        return {**self.query, **self.body}

    @property
    def operation(self) -> Operation:
        """The declared operation."""
        operation = OPERATIONS.get(self.name)
        assert operation is not None, f"{self.name} is not declared"
        return operation


def _read(entry: Mapping[str, Any]) -> Contract:
    body, required = dict(entry["body"]), set(entry["required"])
    variants = entry.get("body_variants", [])
    if variants:
        # One argument list represents all variants: it has what any of them has, and needs what
        # each of them needs; which argument goes with which variant is looked at in a check.
        for variant in variants:
            for name, schema in variant["properties"].items():
                body[name] = _merged(body.get(name), schema)
        required = set.intersection(*(set(variant["required"]) for variant in variants))
    return Contract(
        name=entry["sdk_name"],
        method=entry["method"],
        path=entry["path"],
        path_params=entry["path_params"],
        query=entry["query"],
        body=body,
        required=required,
        page=entry["page"],
        response=entry["response"],
    )


def _merged(known: Schema | None, schema: Schema) -> Schema:
    if known is None or known == schema:
        return schema
    return {"enum": [*known.get("enum", [known.get("const")]), schema["const"]], "type": "string"}


CONTRACT: dict[str, Contract] = {
    contract.name: contract
    for file in _FILES
    for contract in map(_read, json.loads((_DATA / file).read_text(encoding="utf-8"))["operations"])
}
NAMES = sorted(CONTRACT)

MODELS: list[type] = sorted(
    {
        value
        for module in [m for n, m in sys.modules.items() if n.startswith(resources.__name__)]
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Entity | Row)
        and value.__module__.startswith(resources.__name__)
    },
    key=lambda model: (model.__module__, model.__name__),
)
"""Every model of the resources, whether an operation answers with it or it is within another."""


def wire_name(name: str, schema: Schema) -> str:
    """A parameter's name on the wire."""
    wire: str = schema.get("wire_name", name)
    return wire


def resolve(schema: Schema, root: Schema) -> Schema:
    """The schema itself, or the one that it refers to."""
    if "$ref" in schema:
        definition: Schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
        return definition
    return schema


def is_array(schema: Schema) -> bool:
    """Whether a parameter takes a list."""
    return schema.get("type") == "array" or any(is_array(s) for s in schema.get("anyOf", ()))


def samples(schema: Schema, root: Schema | None = None) -> Iterator[Any]:
    """Values that a schema allows: every choice, every variant, everything null, the least."""
    root = schema if root is None else root
    for pick in range(_alternatives(schema, root, frozenset())):
        yield _sample(schema, root, pick)
    yield _sample(schema, root, 0, nulls=True)
    yield _sample(schema, root, 0, least=True)


def _alternatives(schema: Schema, root: Schema, seen: frozenset[str]) -> int:
    """The most alternatives that there are at one place of a schema."""
    reference = schema.get("$ref", "")
    if reference in seen:
        return 1
    schema, seen = resolve(schema, root), seen | {reference} - {""}
    inner = [*schema.get("anyOf", ()), *schema.get("properties", {}).values()]
    inner += [s for s in (schema.get("items"), schema.get("additionalProperties")) if _is_schema(s)]
    here = max(len(schema.get("enum", ())), len(schema.get("anyOf", ())), 1)
    return max(here, *(_alternatives(s, root, seen) for s in inner)) if inner else here


def _is_schema(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value)


def _sample(
    schema: Schema, root: Schema, pick: int, *, nulls: bool = False, least: bool = False
) -> Any:
    """One value: the `pick`-th of every choice; null where it may be; only what is required."""
    schema = resolve(schema, root)

    def inner(part: Schema) -> Any:
        return _sample(part, root, pick, nulls=nulls, least=least)

    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][pick % len(schema["enum"])]
    if "anyOf" in schema:
        options = [s for s in schema["anyOf"] if s.get("type") != "null"]
        if nulls and len(options) < len(schema["anyOf"]):
            return None
        return inner(options[pick % len(options)])
    if schema.get("type") == "array":
        return [inner(schema["items"])] * max(1, schema.get("minItems", 1))
    if schema.get("type") == "object":
        return _sample_object(schema, inner, least=least)
    return _sample_scalar(schema)


def _sample_object(schema: Schema, inner: Any, *, least: bool) -> dict[str, Any]:
    required = schema.get("required", ())
    properties = schema.get("properties", {})
    value = {k: inner(s) for k, s in properties.items() if not least or k in required}
    others = schema.get("additionalProperties")
    if not properties and _is_schema(others):
        value["sample"] = inner(others)
    return value


def _sample_scalar(schema: Schema) -> Any:
    if "type" not in schema:
        return {ANYTHING: [1, "text", None]}
    if schema["type"] == "string":
        return "text"
    if schema["type"] == "integer":
        return min(max(_ANY_NUMBER, schema.get("minimum", 0)), schema.get("maximum", _ANY_TIME))
    return {"number": 0.125, "boolean": True, "null": None}[schema["type"]]


def compare(sent: Any, back: Any, where: str = "$") -> None:
    """Hold that every leaf of an answer is in what was made of it, and that nothing was added."""
    if isinstance(sent, dict):
        assert isinstance(back, dict), where
        for key, value in sent.items():
            assert key in back, f"{where}.{key} was lost"
            compare(value, back[key], f"{where}.{key}")
        # What a model has and the answer had not may only be empty, or the kind of object.
        added = {k: v for k, v in back.items() if k not in sent and v and k != "object"}
        assert not added, f"{where} has {added} added"
    elif isinstance(sent, list):
        assert isinstance(back, list), where
        assert len(sent) == len(back), where
        for index, (one, other) in enumerate(zip(sent, back, strict=True)):
            compare(one, other, f"{where}[{index}]")
    else:
        assert (type(sent) is bool) == (type(back) is bool), where
        assert sent == back, where


def unknown_fields(value: Any, where: str = "$") -> Iterator[str]:
    """The places of fields that no model knows; they are kept, but hard to find."""
    if isinstance(value, Entity):
        yield from (f"{where}.{k}" for k, v in value.extra.items() if v is not None)
    if attrs.has(type(value)):
        for attribute in attrs.fields(type(value)):
            if attribute.name != "extra":
                yield from unknown_fields(
                    getattr(value, attribute.name), f"{where}.{attribute.name}"
                )
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from unknown_fields(item, f"{where}[{index}]")


def missing_fields(value: Any, schema: Schema, root: Schema, where: str = "$") -> Iterator[str]:
    """The places of fields that a schema has and a value has not, not even as null."""
    schema = resolve(schema, root)
    variants = [s for s in schema.get("anyOf", ()) if s.get("type") != "null"]
    if len(variants) == 1 and value is not None:
        yield from missing_fields(value, variants[0], root, where)
    elif isinstance(value, dict):
        for name, part in schema.get("properties", {}).items():
            if name in value:
                yield from missing_fields(value[name], part, root, f"{where}.{name}")
            else:
                yield f"{where}.{name}"
    elif isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from missing_fields(item, schema["items"], root, f"{where}[{index}]")
