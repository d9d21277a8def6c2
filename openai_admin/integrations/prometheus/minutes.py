"""Tokens and requests of the latest minutes that the API has counted to the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from ...usage.table import UsageTable
from .families import NONE, USAGE_ENDPOINTS
from .figures import Figure, moment
from .folding import Key

LOOKBACK = timedelta(minutes=30)
"""How late usage may reach the API to be seen."""
WINDOW = timedelta(minutes=5)
"""How long the window of complete minutes is."""


@attrs.frozen
class Minutes:
    """The usage of an endpoint in a window of complete minutes.

    Attributes:
        end: where the window ends, in Unix seconds.
        tokens: by project id, model and type of tokens.
        requests: by project id and model.
    """

    end: float
    tokens: Mapping[Key, int]
    requests: Mapping[Key, int]


def minute_figures(table: UsageTable) -> dict[str, Figure[Any]]:
    """`usage_…` of each endpoint of which complete minutes are known, and `minutes`: their rows.

    The API counts usage with a delay that it does not tell. A minute is taken as complete once
    something of a later one was counted; the window ends there. Where nothing at all was counted
    in the half hour, it is not known whether there was none or the API is late.

    Args:
        table: usage by the minute of the last half hour, grouped by project, model and batch.
    """
    asked = table.asked
    if asked is None:
        return {}
    newest: dict[str, datetime] = {}
    for endpoint, start in zip(table["endpoint"], table["start_time"], strict=True):
        if endpoint not in newest or start > newest[endpoint]:
            newest[endpoint] = start
    found: dict[str, Figure[Any]] = {}
    for endpoint in USAGE_ENDPOINTS:
        end = newest.get(endpoint)
        if end is None or end - WINDOW < asked.start:
            continue
        lost = [m.window for m in table.missing if m.endpoint == endpoint]
        first, last = moment(end - WINDOW), moment(end)
        if any(window.start < last and window.end > first for window in lost):
            continue
        complete = not any(odd.endpoint == endpoint for odd in table.unreadable)
        window = _window(table, endpoint, end)
        ends = moment(asked.end + 2 * LOOKBACK)
        found[f"usage_{endpoint}"] = Figure(window, last, ends, complete)
    if newest:
        columns = zip(table["endpoint"], table["start_time"], strict=True)
        rows = [n for n, (endpoint, start) in enumerate(columns) if start < newest[endpoint]]
        as_of = moment(max(newest.values()))
        ends = moment(asked.end + 2 * LOOKBACK)
        found["minutes"] = Figure(table.only(rows), as_of, ends, not table.missing)
    return found


def _window(table: UsageTable, endpoint: str, end: datetime) -> Minutes:
    tokens: dict[Key, int] = {}
    requests: dict[Key, int] = {}
    for row in _rows(table, endpoint, end):
        key = (row["project_id"] or NONE, row["model"] or NONE)
        requests[key] = requests.get(key, 0) + (row["num_model_requests"] or 0)
        read, cached = row.get("input_tokens"), row.get("input_cached_tokens") or 0
        for kind, count in (
            ("input", read and read - cached),
            ("cached_input", cached),
            ("output", row.get("output_tokens")),
        ):
            if count:
                tokens[*key, kind] = tokens.get((*key, kind), 0) + count
    return Minutes(moment(end), tokens, requests)


def _rows(table: UsageTable, endpoint: str, end: datetime) -> Iterator[Mapping[str, Any]]:
    names = ("project_id", "model", "num_model_requests", "input_tokens", "input_cached_tokens")
    columns = [table[name] for name in (*names, "output_tokens")]
    places = zip(table["endpoint"], table["start_time"], *columns, strict=True)
    for of, start, *values in places:
        if of == endpoint and end - WINDOW <= start < end:
            yield dict(zip((*names, "output_tokens"), values, strict=True))
