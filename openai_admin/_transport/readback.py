"""Reading what an addition was to add, where it is there already after a try that was lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from .._declare.methods import pager_of
from .._declare.operation import Call, CallExecutor
from .._wire.codec import to_dict
from .._wire.structure import structure
from ..errors import APIError, APIStatusError, ConflictError
from .reconcile import listing_of


async def added_before(caller: CallExecutor, call: Call, refusal: APIStatusError) -> Any:
    """The result of an addition, read from the listing, if what is there is what was asked for.

    Raises:
        ConflictError: it is not, or that cannot be seen.
    """
    listing = listing_of(call.name)
    if listing is None:
        raise _conflict(refusal, "it cannot be read") from refusal
    inside = {k: v for k, v in call.arguments.items() if f"{{{k}}}" in call.request.endpoint}
    asked = {k: v for k, v in call.arguments.items() if k not in inside}
    try:
        async for item in pager_of(listing, inside, caller):
            if _is_named_by(item, asked):
                different = ", ".join(_differences(item, asked))
                if different:
                    raise _conflict(refusal, different) from refusal
                return _as_answer(item, call)
    except ConflictError:
        raise
    except APIError as error:
        raise _conflict(refusal, f"it cannot be read: {error}") from error
    raise _conflict(refusal, "it is not listed") from refusal


def _is_named_by(item: Any, asked: Mapping[str, Any]) -> bool:
    """Whether a listed item is the one that the ids or the e-mail address name."""
    named = [
        _folded(getattr(item, name, None) or getattr(item, "id", None)) == _folded(value)
        for name, value in asked.items()
        if name == "email" or name.endswith("_id")
    ]
    return bool(named) and all(named)


def _differences(item: Any, asked: Mapping[str, Any]) -> Iterator[str]:
    """In what a listed item is not what was asked for, or does not say."""
    for name, value in asked.items():
        if name == "email" or name.endswith("_id"):
            continue
        found = getattr(item, name, None)
        if found is None:
            yield f"its {name} cannot be seen"
        elif found != value:
            yield f"its {name} is {found!r}, not {value!r}"


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _as_answer(item: Any, call: Call) -> Any:
    """A listed item in the form that the addition would have answered."""
    if isinstance(item, call.answer):
        return item
    known: dict[str, Any] = {}
    for field in attrs.fields(call.answer):
        id = call.arguments.get(f"{field.name}_id")
        if field.name in call.arguments:
            known[field.name] = call.arguments[field.name]
        elif id is not None:
            known[field.name] = to_dict(item) if item.id == id else {"id": id}
    return structure(known, call.answer)


def _conflict(refusal: APIStatusError, why: str) -> ConflictError:
    return ConflictError(
        f"{refusal.message.rstrip('.')}; a try before may have added it, but {why}",
        status=refusal.status,
        code=refusal.code,
        type=refusal.type,
        param=refusal.param,
        request_id=refusal.request_id,
        body=refusal.body,
        headers=refusal.headers,
    )
