"""A plan as JSON, to be looked at by policies, and applied later exactly as it is."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import Any

import attrs

from ..._files import replaced
from ..._text.visible import json_text
from ...errors import InvalidInputError
from ..canonical import as_plain, digest_of
from ..strict import NotOfTypeError, model_of
from .model import FORMAT, From, Plan, Step

KIND = "openai-admin organization plan"
"""What a saved plan says that it is."""
FROM = "$from"
"""The name under which an argument has the step that makes it."""


def as_json(plan: Plan) -> dict[str, Any]:
    """A plan as JSON, with what it is, and a digest of all the rest.

    Every field is there, ``null`` where it says nothing; in `document` only what the file says. Of
    an argument that another step makes, ``{"$from": STEP}`` stands in its place.
    """
    own = {a.name: getattr(plan, a.name) for a in attrs.fields(Plan)}
    data: dict[str, Any] = {"kind": KIND} | as_plain(
        own | {"steps": [_step(step) for step in plan.steps]}
    )
    data["document"] = _without_nulls(data["document"])
    return data | {"digest": digest_of(data, is_sorted=False)}


def text_of(plan: Plan) -> str:
    """A plan as it stands in a file."""
    return json_text(as_json(plan), indent=2) + "\n"


def save(plan: Plan, path: str | PathLike[str]) -> None:
    """Write a plan whole or not at all, so that only its owner can read it.

    Of thousands of steps it takes about a second: call it in a thread where a loop must go on.

    Raises:
        OSError: it cannot be written.
    """
    with replaced(Path(path)) as temporary:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text_of(plan))


def read(path: str | PathLike[str]) -> Plan:
    """The plan in a file.

    Of thousands of steps it takes about a second: call it in a thread where a loop must go on.

    Raises:
        InvalidInputError: it is something else, is of another version, or was changed.
        OSError: it cannot be read.
    """
    try:
        return plan_of(Path(path).read_text(encoding="utf-8-sig"), os.fspath(path))
    except UnicodeDecodeError:
        raise InvalidInputError(f"{path} is not a saved plan: it is not text.") from None


def is_plan(text: str) -> bool:
    """Whether a text says that it is a saved plan, and no file of an organization."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return f'"{KIND}"' in text
    return isinstance(data, dict) and data.get("kind") == KIND


def plan_of(text: str, name: str = "It") -> Plan:
    """The plan that a text is.

    Args:
        text: what `save` wrote.
        name: what the text is called in errors.

    Raises:
        InvalidInputError: it is something else, is of another version, or was changed.
    """
    try:
        data = json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"{name} is not a saved plan: it is not valid JSON.") from error
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise InvalidInputError(f"{name} is not a saved plan: make one with 'org plan FILE -o'.")
    if data.get("format") != FORMAT or isinstance(data.get("format"), bool):
        raise InvalidInputError(
            f"{name} is a plan of format {data.get('format')}, and this version reads {FORMAT}:"
            " plan again."
        )
    digest = data.pop("digest", None)
    if digest != digest_of(data, is_sorted=False):
        raise InvalidInputError(f"{name} was changed after it was made: plan again.")
    del data["kind"]
    try:
        plan: Plan = model_of(data, Plan)
    except NotOfTypeError as error:
        raise InvalidInputError(f"{name} is not a plan: {error}.") from None
    return attrs.evolve(plan, steps=tuple(_with_froms(step) for step in plan.steps))


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _step(step: Step) -> dict[str, Any]:
    fields = {a.name: getattr(step, a.name) for a in attrs.fields(Step)}
    return fields | {"arguments": _written(step.arguments)}


def _written(value: Any) -> Any:
    """An argument, with what another step makes as a name that no other mapping has."""
    if isinstance(value, From):
        return {FROM: value.step}
    if isinstance(value, Mapping):
        return {f"${n}" if n.startswith("$") else n: _written(v) for n, v in value.items()}
    return [*map(_written, value)] if isinstance(value, list | tuple) else value


def _with_froms(step: Step) -> Step:
    return attrs.evolve(step, arguments={n: _argument(v) for n, v in step.arguments.items()})


def _argument(value: Any) -> Any:
    """An argument as it was before it was written."""
    if isinstance(value, Mapping):
        if value.keys() == {FROM}:
            return From(step=value[FROM])
        return {n.removeprefix("$"): _argument(v) for n, v in value.items()}
    if isinstance(value, tuple):
        return [*map(_argument, value)]
    return float(value) if isinstance(value, Decimal) else value


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {n: _without_nulls(each) for n, each in value.items() if each is not None}
    return [*map(_without_nulls, value)] if isinstance(value, list) else value
