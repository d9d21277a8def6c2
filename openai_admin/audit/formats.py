"""The formats that the audit log is delivered in: each event is one line of JSON."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal, get_args

from .._declare.arguments import suggest
from ..errors import InvalidInputError
from .ecs import to_ecs
from .event import AuditEvent
from .ocsf import to_ocsf
from .written import json_of

Format = Literal["raw", "ndjson", "ocsf", "ecs"]
"""``raw`` and ``ndjson`` are the event as the API sent it."""

FORMATS: tuple[Format, ...] = get_args(Format)

Encoder = Callable[[AuditEvent], bytes]


def encoder(
    format: Format, *, organization_id: str | None = None, keep_raw: bool = True
) -> Encoder:
    """What writes an event in a format: one line of JSON, without a line break.

    It writes every event, whatever came. What could not be read as an event is, in ``raw`` and
    ``ndjson``, an object ``unreadable`` with its id, the reason, and what came.

    Args:
        format: the format.
        organization_id: the organization whose log it is; ``ocsf`` and ``ecs`` say it.
        keep_raw: whether ``ocsf`` and ``ecs`` have the event as it came as well.

    Raises:
        InvalidInputError: there is no such format.
    """
    match format:
        case "raw" | "ndjson":
            return _as_sent
        case "ocsf":
            mapping = partial(to_ocsf, organization_id=organization_id, raw=keep_raw)
        case "ecs":
            mapping = partial(to_ecs, organization_id=organization_id, raw=keep_raw)
        case _:
            near = suggest(format, FORMATS)
            raise InvalidInputError(
                f"format must be one of {', '.join(FORMATS)}, not {format!r}{near}"
            )
    return lambda event: json_of(mapping(event))


def _as_sent(event: AuditEvent) -> bytes:
    if event.why_odd is None:
        return json_of(event.raw)
    odd = {"object": "unreadable", "id": event.id, "reason": event.why_odd, "raw": event.raw}
    return json_of(odd)
