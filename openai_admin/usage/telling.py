"""What a table lacks and how its query was changed, in words: equal reasons are told once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import attrs

from ..errors import ResponseTooLongError
from ..resources.usage.stretches import Stretch
from .asked import Silence, span_text
from .plan import Window
from .sizes import buckets_too_long
from .told import Adaptation, MissingWindow, listed, reason, subject

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")

_WINDOWS = 3  # of one reason, or one silence, that are named


def told_adaptations(adaptations: Iterable[Adaptation]) -> list[str]:
    """How queries were changed, a sentence for each change: endpoints changed alike share
    one, and so do the fields that an endpoint lost for one reason."""
    fields = _grouped(
        ((each.endpoint, each.change, each.reason), each.field) for each in adaptations
    )
    alike = _grouped(
        ((change, tuple(filter(None, named)), reason), endpoint)
        for (endpoint, change, reason), named in fields.items()
    )
    return [
        f"{subject(endpoints)} {change}{f' {listed(named)}' if named else ''}{reason}"
        for (change, named, reason), endpoints in alike.items()
    ]


def told_missing(missing: Sequence[MissingWindow]) -> list[str]:
    """What is missing, a clause without a full stop for each reason and the windows it is of."""
    if len(missing) == 1:
        return [str(missing[0]).rstrip(". ")]
    lacking = _grouped(((reason(m.error), m.endpoint), m.window) for m in _alike(missing))
    alike = _grouped(
        ((reason, tuple(_joined(Stretch(w.start, w.end) for w in windows))), endpoint)
        for (reason, endpoint), windows in lacking.items()
    )
    return [
        f"{subject(endpoints, capital=False)} from {_spans(stretches)}: {reason}"
        for (reason, stretches), endpoints in alike.items()
    ]


def _alike(missing: Sequence[MissingWindow]) -> list[MissingWindow]:
    """What is missing, with one reason for all buckets of an endpoint that are too long."""
    long = _grouped(
        (m.endpoint, m.error) for m in missing if isinstance(m.error, ResponseTooLongError)
    )
    reasons = {endpoint: buckets_too_long(errors) for endpoint, errors in long.items()}
    return [
        attrs.evolve(m, error=reasons[m.endpoint])
        if isinstance(m.error, ResponseTooLongError)
        else m
        for m in missing
    ]


def _grouped(pairs: Iterable[tuple[Key, Item]]) -> dict[Key, list[Item]]:
    """The items of each key, each once, in their order."""
    found: dict[Key, dict[Item, None]] = {}
    for key, item in pairs:
        found.setdefault(key, {})[item] = None
    return {key: list(items) for key, items in found.items()}


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Stretches in order of time, those that touch as one."""
    joined: list[Stretch] = []
    for stretch in sorted(stretches):
        if joined and joined[-1].end >= stretch.start:
            joined[-1] = Stretch(joined[-1].start, max(joined[-1].end, stretch.end))
        else:
            joined.append(stretch)
    return joined


def _spans(stretches: Sequence[Stretch]) -> str:
    shown = [str(stretch) for stretch in stretches[:_WINDOWS]]
    more = len(stretches) - len(shown)
    return ", from ".join(shown) + (f" and {more} more" if more else "")


def silence_notes(silences: Sequence[Silence]) -> list[str]:
    """A sentence for all endpoints that lack the same stretches."""
    of: dict[str, list[Window]] = {}
    for each in silences:
        of.setdefault(each.endpoint, []).append(each.window)
    endpoints: dict[str, list[str]] = {}
    for endpoint, windows in of.items():
        spans = [span_text(_moment(w.start), _moment(w.end)) for w in windows]
        if len(spans) > _WINDOWS:
            spans = [*spans[:_WINDOWS], f"{len(spans) - _WINDOWS} more"]
        endpoints.setdefault(listed(spans), []).append(endpoint.replace("_", " "))
    return [
        f"No buckets of {listed(names)} came for {spans}: that counts as time without any."
        for spans, names in endpoints.items()
    ]


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
