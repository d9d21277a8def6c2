"""Rows of many short buckets added up as they come, so that only their sums are kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from msgspec.structs import astuple, replace

from ..resources.usage.results import UsageBucket
from .endpoints import Endpoint

PartOf = Callable[[datetime], Hashable]
"""The part of time that a bucket is counted to, by its beginning."""

Values = tuple[Any, ...]


def folded(
    part_of: PartOf, endpoint: Endpoint, buckets: list[UsageBucket[Any]]
) -> list[UsageBucket[Any]]:
    """The same buckets, of which the first of each part of time has the sums of all its rows.

    Rows are added up where they are of the same groups and lack the same counts: the sums say as
    much as the rows did about what is known.

    Args:
        part_of: the part of time that a bucket is counted to.
        endpoint: whose usage it is.
        buckets: the buckets in order of time, whose list is emptied, so that rows are freed here.
    """
    sums: dict[Hashable, list[Any]] = {
        part: [_added(endpoint, alike) for rows in groups for alike in _alike(endpoint, rows)]
        for part, groups in _by_part(part_of, endpoint, buckets)
    }
    found = [
        replace(bucket, results=sums.pop(part_of(bucket.start_time), [])) for bucket in buckets
    ]
    buckets.clear()
    return found


def by_part(
    part_of: PartOf, endpoint: Endpoint, buckets: Iterable[UsageBucket[Any]]
) -> dict[Any, list[Any]]:
    """A row for each combination of groups, for each part of time that a bucket is counted to."""
    return {
        part: [_added(endpoint, rows) for rows in groups]
        for part, groups in _by_part(part_of, endpoint, buckets)
    }


def _by_part(
    part_of: PartOf, endpoint: Endpoint, buckets: Iterable[UsageBucket[Any]]
) -> Iterator[tuple[Hashable, Iterable[list[Values]]]]:
    """The values of rows, those of the same part and groups together."""
    group_of = itemgetter(*_places(endpoint, endpoint.groups)) if endpoint.groups else len
    parts: dict[Hashable, dict[Any, list[Values]]] = {}
    for bucket in buckets:
        groups = parts.setdefault(part_of(bucket.start_time), {})
        for row in bucket.results:
            values = astuple(row)
            same = groups.get(key := group_of(values))
            if same is None:
                groups[key] = [values]
            else:
                same.append(values)
    return ((part, groups.values()) for part, groups in parts.items())


def _alike(endpoint: Endpoint, rows: list[Values]) -> Iterable[list[Values]]:
    """The rows, apart where one has counts that another lacks."""
    columns = list(zip(*rows, strict=True))
    counts = _places(endpoint, endpoint.metrics)
    if all(columns[n].count(None) in (0, len(rows)) for n in counts):
        return [rows]
    found: dict[Values, list[Values]] = {}
    for row in rows:
        found.setdefault(tuple(row[n] is None for n in counts), []).append(row)
    return found.values()


def _added(endpoint: Endpoint, rows: Sequence[Values]) -> Any:
    """One row for several of the same groups: their counts added up."""
    struct: Any = endpoint.row
    fields = dict(zip(struct.__struct_fields__, zip(*rows, strict=True), strict=True))
    made = {name: fields[name][0] for name in (*endpoint.groups, *endpoint.labels)}
    for metric in endpoint.metrics:
        counts = [n for n in fields[metric] if n is not None]
        made[metric] = sum(counts) if counts else None
    return endpoint.row(**made)


def _places(endpoint: Endpoint, names: Iterable[str]) -> list[int]:
    struct: Any = endpoint.row
    return [struct.__struct_fields__.index(name) for name in names]
