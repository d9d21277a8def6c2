"""Tokens and requests of the latest minutes that the API has counted to the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from ...usage.table import UsageTable
from .families import NONE
from .figures import Figure, moment
from .folding import Key

LOOKBACK = timedelta(minutes=30)
"""How late usage may reach the API to be seen."""
WINDOW = timedelta(minutes=5)
"""How long the window of complete minutes is."""

GROUPS = ("project_id", "model", "batch")
"""What usage is grouped by."""


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
    """`usage_…` of each endpoint of which a window is known, and `minutes`: the rows in them.

    The API counts usage with a delay that it does not tell. A minute is taken as complete once
    something of a later one was counted; the window ends there. Where nothing at all was counted
    in the half hour, it is not known whether there was none or the API is late. A window of which
    a minute or a count is missing is not known either: its sums would be too low.

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
    known: dict[str, datetime] = {}
    ends = moment(asked.end + 2 * LOOKBACK)
    for endpoint, end in newest.items():
        if end - WINDOW < asked.start:
            continue
        first, last = moment(end - WINDOW), moment(end)
        unread = [
            odd
            for odd in table.unreadable
            if odd.endpoint == endpoint and odd.window.start < last and odd.window.end > first
        ]
        lost = any(
            each.endpoint == endpoint and each.window.start < last and each.window.end > first
            for each in table.missing
        )
        if lost or any(odd.part.field not in GROUPS for odd in unread):
            continue
        known[endpoint] = end
        window = _window(table, endpoint, end)
        found[f"usage_{endpoint}"] = Figure(window, last, ends, complete=not unread)
    if known:
        columns = zip(table["endpoint"], table["start_time"], strict=True)
        rows = [
            n
            for n, (endpoint, start) in enumerate(columns)
            if endpoint in known and known[endpoint] - WINDOW <= start < known[endpoint]
        ]
        windows = [found[f"usage_{endpoint}"].complete for endpoint in known]
        complete = known.keys() == newest.keys() and not table.missing and all(windows)
        as_of = moment(max(known.values()))
        found["minutes"] = Figure(table.only(rows), as_of, ends, complete)
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
