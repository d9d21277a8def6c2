"""The range of times for which audit log events are listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypedDict

from ..._declare.arguments import Ruled, Timestamp, one_of, suggest, unix_seconds
from ...errors import InvalidInputError

_BOUNDS = ("gt", "gte", "lt", "lte")


class EffectiveAtParam(TypedDict, total=False):
    """Bounds of a range of times.

    Attributes:
        gt: the start, without that very second.
        gte: the start, with that very second.
        lt: the end, without that very second.
        lte: the end, with that very second.
    """

    gt: Timestamp
    gte: Timestamp
    lt: Timestamp
    lte: Timestamp


def effective_at_bounds(value: Any, where: str, strict: bool) -> dict[str, int]:
    """The bounds on the wire, in Unix seconds, of a mapping or of a pair (start, end).

    Raises:
        InvalidInputError: it is neither, or ends before it starts.
    """
    if isinstance(value, Mapping):
        given = {str(name): moment for name, moment in value.items()}
    elif isinstance(value, tuple | list) and len(value) == 2:
        given = {"gte": value[0], "lt": value[1]}
    else:
        raise InvalidInputError(
            f"{where} must be a mapping with {one_of(_BOUNDS)}, or a pair of times (start, end)."
        )
    unknown = next((name for name in given if name not in _BOUNDS), None)
    if strict and unknown is not None:
        raise InvalidInputError(
            f"{where} has no bound {unknown!r}; it takes {one_of(_BOUNDS)}"
            f"{suggest(unknown, _BOUNDS)}"
        )
    bounds = {
        name: unix_seconds(moment, f"{where}.{name}")
        for name, moment in given.items()
        if moment is not None
    }
    if strict:
        _refuse_backwards(bounds, where)
    return bounds


def _refuse_backwards(bounds: Mapping[str, int], where: str) -> None:
    starts = [bounds[name] for name in ("gt", "gte") if name in bounds]
    ends = [bounds[name] for name in ("lt", "lte") if name in bounds]
    if starts and ends and max(starts) > min(ends):
        raise InvalidInputError(f"{where} ends before it starts: {dict(bounds)}.")


EffectiveAt = Annotated[
    EffectiveAtParam | tuple[Timestamp | None, Timestamp | None] | None,
    Ruled(effective_at_bounds),
]
"""A range of times: bounds by name, or a pair whose start is inclusive and whose end is exclusive;
``None`` leaves a side of the pair open."""
