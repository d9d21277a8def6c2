"""Arguments that are one of several typed dictionaries, told apart by their ``type``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._declare.arguments import Rule, Ruled, compile_rule, one_of, suggest
from .._wire.codec import to_dict
from .._wire.types import field_types, known_values, read
from ..errors import InvalidInputError


def by_type(*variants: Any) -> Ruled:
    """The rule that picks the variant by ``type`` and checks against that one alone.

    A plain union would be checked against its last member, and complain about another's fields.
    """
    rules: dict[str, Rule] = {variant_type(v): compile_rule(read(v)) for v in variants}

    def rule(value: Any, where: str, strict: bool) -> Any:
        value = to_dict(value)
        if not isinstance(value, Mapping):
            raise InvalidInputError(
                f"{where} must be a mapping with a 'type', not {type(value).__name__}."
            )
        kind = value.get("type")
        chosen = rules.get(kind) if isinstance(kind, str) else None
        if chosen is not None:
            return chosen(value, where, strict)
        if strict:
            raise InvalidInputError(
                f"{where}.type must be {one_of(list(rules))}, not {kind!r}"
                f"{suggest(kind, list(rules))}"
            )
        return value

    return Ruled(rule)


def variant_type(variant: Any) -> str:
    """The ``type`` that a typed dictionary has, from its ``Literal``."""
    (value,) = known_values(field_types(variant)["type"])
    return str(value)
