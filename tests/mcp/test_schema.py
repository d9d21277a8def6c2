"""JSON Schemas of declared types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, TypedDict

import attrs
import pytest
from annotated_types import Ge, Interval, Len, MinLen
from jsonschema import Draft202012Validator

from openai_admin._declare.arguments import Timestamp
from openai_admin._wire.fields import secret, secret_paths, wire
from openai_admin._wire.models import Entity, Page
from openai_admin._wire.structure import structure
from openai_admin._wire.types import read
from openai_admin.mcp.facts import facts_of
from openai_admin.mcp.schema import argument_schema, or_null, result_schema


@attrs.frozen(kw_only=True)
class Part(Entity):
    size: Decimal | None = None
    kind: Literal["a", "b"] | str = "a"


@attrs.frozen(kw_only=True)
class Whole(Entity):
    id: str
    made: datetime
    parts: list[Part] = attrs.field(factory=list)
    other: Part | None = None
    dotted: str | None = wire("dotted.name")
    value: str | None = secret(default=None)


@attrs.frozen(kw_only=True)
class Outer(Entity):
    inner: Whole | None = None


TIME = {"type": "integer"}


class Given(TypedDict, total=False):
    """A few things.

    Attributes:
        at: when.
    """

    at: Timestamp
    names: Sequence[Annotated[str, MinLen(1)]]


def test_a_model() -> None:
    schema = result_schema(read(Whole))
    assert schema["required"] == ["id", "made"]
    properties = schema["properties"]
    assert set(properties) == {"id", "made", "parts", "other", "dotted.name"}
    assert properties["made"] == {"type": "string", "format": "date-time"}
    many = properties["parts"]
    assert many["type"] == ["array", "null"]
    part = many["items"]["properties"]
    assert part["size"] == {"type": ["number", "null"]}
    assert part["kind"] == {"type": ["string", "null"]}


def test_what_is_read_tolerantly_is_described_so() -> None:
    whole = structure(
        {
            "id": "1",
            "made": 1_790_000_000,
            "parts": [{"size": "1.5", "kind": "new", "later": [1]}],
            "other": {"unknown": True, "kind": None},
            "dotted.name": None,
            "news": {"x": 1},
        },
        Whole,
    )
    Draft202012Validator(result_schema(read(Whole))).validate(facts_of(whole))
    empty = structure({"id": "1", "made": 1, "parts": None}, Whole)
    Draft202012Validator(result_schema(read(Whole))).validate(facts_of(empty))


def test_a_page_of_a_model_describes_its_items() -> None:
    page: Any = Page
    schema = result_schema(read(page[Whole]))
    assert schema["properties"]["data"]["items"] == result_schema(read(Whole))
    assert "raw" not in schema["properties"]
    whole = Whole(id="1", made=datetime(2026, 1, 1, tzinfo=UTC))
    validator = Draft202012Validator(schema)
    found = facts_of(Page(data=[whole]))
    validator.validate({name: value for name, value in found.items() if value is not None})
    assert not validator.is_valid({"data": [{"id": 1}]})


def test_secrets_are_found_at_every_depth_and_not_described() -> None:
    assert secret_paths(read(Whole)) == [("value",)]
    assert secret_paths(read(Outer)) == [("inner", "value")]
    assert secret_paths(read(Part)) == []


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (str, {"type": "string"}),
        (bool | None, {"type": "boolean"}),
        (
            Annotated[int | None, Interval(ge=1, le=100)],
            {"type": "integer", "minimum": 1, "maximum": 100},
        ),
        (Annotated[int, Ge(0)], {"type": "integer", "minimum": 0}),
        (Timestamp | None, TIME),
        (Literal["asc", "desc"], {"type": "string", "enum": ["asc", "desc"]}),
        (Literal["a"] | str | None, {"type": "string", "examples": ["a"]}),
        (
            Annotated[Sequence[str] | None, Len(1, 10)],
            {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 10},
        ),
        (
            Mapping[str, str | int],
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string", "description": "The name."},
                        "value": {
                            "anyOf": [{"type": "string"}, {"type": "integer"}],
                            "description": "Its value.",
                        },
                    },
                    "additionalProperties": False,
                    "required": ["name", "value"],
                },
            },
        ),
        (Mapping[str, Any], {"type": "string", "description": "As JSON text."}),
        (
            Given | tuple[Timestamp, Timestamp] | None,
            {
                "type": "object",
                "properties": {
                    "at": {**TIME, "description": "When."},
                    "names": {"type": "array", "items": {"type": "string", "minLength": 1}},
                },
                "additionalProperties": False,
            },
        ),
        (
            Literal["all"] | Sequence[Literal["flex"]],
            {
                "anyOf": [
                    {"type": "string", "enum": ["all"]},
                    {"type": "array", "items": {"type": "string", "enum": ["flex"]}},
                ]
            },
        ),
    ],
)
def test_an_argument(annotation: Any, expected: dict[str, Any]) -> None:
    assert argument_schema(read(annotation)) == expected


@pytest.mark.parametrize(
    "annotation", [str | None, Literal["a"] | None, Given | None, Sequence[str] | int | None]
)
def test_null_is_a_value_only_of_what_may_be_left_out(annotation: Any) -> None:
    schema = argument_schema(read(annotation))
    assert not Draft202012Validator(schema).is_valid(None)
    assert Draft202012Validator(or_null(schema)).is_valid(None)
    assert or_null(or_null(schema)) == or_null(schema)
