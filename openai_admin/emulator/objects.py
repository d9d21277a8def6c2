"""Objects within a body, which `body` does not look into: their members, types and choices."""

from __future__ import annotations

from typing import Any

from .._wire.types import Record as TypedDictionary
from .._wire.types import alternatives, field_types, read
from ..resources.variants import variant_type
from .body import BodyRules
from .replies import invalid_choice, invalid_type, missing
from .table import Record


def check_members(param: str, value: Record, kind: Any) -> None:
    """Raise the API's 400 for the first member that a typed dictionary does not allow."""
    types = {f"{param}.{name}": described for name, described in field_types(kind).items()}
    required = [f"{param}.{name}" for name in field_types(kind) if name in kind.__required_keys__]
    rules = BodyRules(types, required=required)
    rules.check({f"{param}.{name}": member for name, member in value.items()})


def check_variant(param: str, value: Record, annotation: Any) -> None:
    """Raise the API's 400 for what is not one of the typed dictionaries that `type` tells apart.

    `annotation` is an argument's, as `VerificationParam`: an annotated union of them.
    """
    members = [a for a in alternatives(read(annotation)) if isinstance(a, TypedDictionary)]
    kinds = {variant_type(member.cls): member.cls for member in members}
    if "type" not in value:
        raise missing(f"{param}.type")
    if not isinstance(value["type"], str):
        raise invalid_type(f"{param}.type", "a string", value["type"])
    if value["type"] not in kinds:
        raise invalid_choice(f"{param}.type", value["type"], kinds)
    check_members(param, value, kinds[value["type"]])
