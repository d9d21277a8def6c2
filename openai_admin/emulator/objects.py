"""Objects within a body, which `body` does not look into: their members, types and choices."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

from .._declare.arguments import compile_rule
from .._declare.operation import Parameter
from .body import BodyRules
from .replies import invalid_choice, invalid_type, missing
from .table import Record


def check_members(param: str, value: Record, kind: Any) -> None:
    """Raise the API's 400 for the first member that a typed dictionary would not have so."""
    BodyRules(
        Parameter(
            name=name,
            wire=f"{param}.{name}",
            place="body",
            required=name in kind.__required_keys__,
            annotation=annotation,
            rule=compile_rule(annotation),
        )
        for name, annotation in get_type_hints(kind).items()
    ).check({f"{param}.{name}": member for name, member in value.items()})


def check_variant(param: str, value: Record, annotation: Any) -> None:
    """Raise the API's 400 for what is none of the typed dictionaries that `type` tells apart.

    `annotation` is an argument's, as `VerificationParam`: an annotated union of them.
    """
    kinds = {_type_of(kind): kind for kind in get_args(get_args(annotation)[0])}
    if "type" not in value:
        raise missing(f"{param}.type")
    if not isinstance(value["type"], str):
        raise invalid_type(f"{param}.type", "a string", value["type"])
    if value["type"] not in kinds:
        raise invalid_choice(f"{param}.type", value["type"], kinds)
    check_members(param, value, kinds[value["type"]])


def _type_of(kind: Any) -> str:
    (value,) = get_args(get_type_hints(kind)["type"])
    return str(value)
