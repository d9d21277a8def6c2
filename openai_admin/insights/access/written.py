"""Facts as JSON, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args, get_origin

import attrs
import cattrs

from ..._wire.codec import to_dict
from ...errors import InvalidInputError
from .facts import VERSION, Facts

_KIND = "openai_admin.access"
"""What the JSON says that it is, so that no other file is taken for one."""


def write(facts: Facts) -> dict[str, Any]:
    """Facts as plain data: times in ISO 8601, in UTC; what is not known ``None``."""
    return {"kind": _KIND, **to_dict(facts, mode="json")}


def read(source: Mapping[str, Any] | str | bytes, *, name: str = "the file") -> Facts:
    """Facts from what `write` made, or from its text.

    Args:
        source: the data, or the JSON.
        name: what errors call it.

    Raises:
        InvalidInputError: it is not such data, or is of another version.
    """
    data: Any = source
    if isinstance(source, str | bytes):
        try:
            data = json.loads(source)
        except ValueError as error:
            raise InvalidInputError(f"{name} is not valid JSON: {error}.") from None
    if not isinstance(data, Mapping) or data.get("kind") != _KIND:
        raise InvalidInputError(
            f"{name} is not an export of access: write one with `openai-admin access export`."
        )
    if data.get("version") != VERSION:
        raise InvalidInputError(
            f"{name} is of version {data.get('version')!r}, and this program reads {VERSION}:"
            " export it again."
        )
    missing = [field.name for field in attrs.fields(Facts) if field.name not in data]
    if missing:
        raise InvalidInputError(
            f"{name} is not a whole export of access: it lacks {', '.join(missing)}."
        )
    try:
        return _CONVERTER.structure(data, Facts)
    except (cattrs.BaseValidationError, ValueError, TypeError, KeyError) as error:
        raise InvalidInputError(f"{name} is not an export of access: {_first_of(error)}.") from None


def _moment(value: Any, _: type) -> datetime:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} stands where a time should")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"the time {value!r} has no time zone")
    return moment.astimezone(UTC)


def _text(value: Any, _: type) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} stands where a text should")
    return value


def _flag(value: Any, _: type) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} stands where true or false should")
    return value


def _is_tuple(kind: Any) -> bool:
    origin: Any = get_origin(kind)
    return origin is tuple


def _several(value: Any, kind: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} stands where a list should")
    return tuple(_CONVERTER.structure(item, get_args(kind)[0]) for item in value)


def _first_of(error: BaseException) -> str:
    """What is wrong, of many mistakes the first, with the field that it is in."""
    field = ""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
        for note in getattr(error, "__notes__", ()):
            field = getattr(note, "name", field)
    what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
    return f"{what}, in `{field}`" if field else what


_CONVERTER = cattrs.Converter()
_CONVERTER.register_structure_hook(datetime, _moment)
_CONVERTER.register_structure_hook(str, _text)
_CONVERTER.register_structure_hook(bool, _flag)
_CONVERTER.register_structure_hook_func(_is_tuple, _several)
