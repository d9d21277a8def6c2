"""Usage and costs: buckets of time, counted by the store's meter.

Every bucket of the range is there, `results` empty where nothing was used. Usage buckets end at
UTC borders of their width, the first and the last cut to `start_time` and `end_time`; costs come
as whole UTC days, those of `start_time` and of `end_time` included. `end_time` is exclusive and
is now unless given. Both rules are as published answers of the API show them; what is refused is
in `reporting`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

import attrs
from msgspec import Raw

from ...resources.usage import Usage
from ..metering import ENDPOINTS, Endpoint, Meter
from ..metering.buckets import (
    COST_WIDTHS,
    WIDTHS,
    Cursor,
    Width,
    edges,
    whole,
)
from ..metering.endpoints import CHOICES, COST_DIMENSIONS, COST_FILTERS
from ..metering.shape import DAY
from ..query import Query
from ..replies import invalid, missing
from ..reporting import check_cost_groups, check_start
from ..routing import Call, emulates
from ..store import Store
from ..table import Record


@attrs.frozen
class _Window:
    """The buckets of one page, and what to ask for to get the next."""

    edges: list[int]
    next_page: str | None

    def envelope(self, results: Sequence[bytes]) -> Record:
        """The answer with these results, a JSON array for each bucket."""
        starts, ends = self.edges[:-1], self.edges[1:]
        return {
            "object": "page",
            "data": [
                {"object": "bucket", "start_time": start, "end_time": end, "results": Raw(rows)}
                for start, end, rows in zip(starts, ends, results, strict=True)
            ],
            "has_more": self.next_page is not None,
            "next_page": self.next_page,
        }


def usage(call: Call, endpoint: Endpoint) -> Record:
    """Answer one of the endpoints that count."""
    query, store = call.query, call.store
    group_by = _group_by(query, endpoint.dimensions)
    filters = {
        field: _wanted(query, name)
        for name, field in endpoint.filters.items()
        if query.text(name) is not None
    }
    asked = repr((endpoint.name, group_by, sorted(filters.items())))
    start = _start(query, now=store.now())
    window = _window(query, asked, WIDTHS, start=start, now=store.now(), whole_buckets=False)
    meter = _meter(store)
    return window.envelope(
        meter.usage_json(
            endpoint,
            window.edges,
            group_by=group_by,
            filters=filters,
            now=store.now() - store.reporting_delay,
            bursts=store.bursts,
        )
    )


for _endpoint in ENDPOINTS.values():
    emulates(getattr(Usage, _endpoint.name))(partial(usage, endpoint=_endpoint))


@emulates(Usage.costs)
def costs(call: Call) -> Record:
    """Answer with what was spent, by day."""
    query, store = call.query, call.store
    meter = _meter(store)
    group_by = _group_by(query, COST_DIMENSIONS)
    filters: dict[str, list[Any]] = {
        field: query.texts(name)
        for name, field in COST_FILTERS.items()
        if query.text(name) is not None
    }
    if "line_item" in filters:
        filters["line_item"] = _rejoined(filters["line_item"], meter.line_items)
    asked = repr(("costs", group_by, sorted(filters.items())))
    start = _start(query, now=store.now())
    check_cost_groups(group_by, start, both=store.costs_by_project_and_user)
    window = _window(query, asked, COST_WIDTHS, start=start, now=store.now(), whole_buckets=True)
    days = [start // DAY for start in window.edges[:-1]]
    return window.envelope(
        meter.costs_json(
            days,
            group_by=group_by,
            filters=filters,
            now=store.now() - store.reporting_delay,
            bursts=store.bursts,
        )
    )


def _meter(store: Store) -> Meter:
    """The store's meter; an organization without one has used nothing."""
    if store.meter is None:
        store.meter = Meter((), endpoints=ENDPOINTS, seed=store.seed)
    meter: Meter = store.meter
    return meter


def _group_by(query: Query, dimensions: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(query.choices("group_by", dimensions)))


def _wanted(query: Query, name: str) -> list[Any]:
    if name == "batch":
        return [query.boolean(name)]
    return list(query.choices(name, CHOICES[name])) if name in CHOICES else query.texts(name)


def _start(query: Query, *, now: int) -> int:
    start = _time(query, "start_time")
    if start is None:
        raise missing("start_time")
    check_start(start, now=now)
    return start


def _window(
    query: Query,
    asked: str,
    widths: Mapping[str, Width],
    *,
    start: int,
    now: int,
    whole_buckets: bool,
) -> _Window:
    """The page that the query asks for; its cursor belongs to all that is asked but the limit."""
    width = widths[query.choice("bucket_width", tuple(widths)) or "1d"]
    limit = query.integer("limit", minimum=1, maximum=width.most) or width.default
    until = _time(query, "end_time")
    if until is not None and until < start:
        raise invalid("end_time", f"must not be before 'start_time' ({start}).")
    identity = f"{asked} {start} {until} {width.name}"
    end = now if until is None else until
    if whole_buckets:
        start, end = whole(start, end, width)
    text = query.text("page")
    if text is not None:
        try:
            cursor = Cursor.decode(text, identity)
        except ValueError as error:
            raise invalid("page", f"{error}.") from None
        start, end = cursor.start, cursor.end
    page = edges(start, end, width, limit)
    more = bool(page) and page[-1] < end
    return _Window(page, Cursor(page[-1], end).encode(identity) if more else None)


def _time(query: Query, name: str) -> int | None:
    return query.integer(name, minimum=0, maximum=_LATEST)


_LATEST = 253_402_300_800  # the year 10000, which nobody means


def _rejoined(pieces: list[str], known: Collection[str]) -> list[str]:
    """Line items put back together: they have a comma or two, at which a list is split."""
    items, rest = [], list(pieces)
    while rest:
        for length in (3, 2, 1):
            item = ",".join(rest[:length])
            if item in known or length == 1:
                items.append(item)
                del rest[:length]
                break
    return items
