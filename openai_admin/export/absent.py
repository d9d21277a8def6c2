"""Days for which no bucket came, or a coarser one than before: which lack, and how all are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, timedelta

from ..usage.told import listed
from .source import runs

_DAY = timedelta(days=1)


def not_quiet(absent: Iterable[date], asked: Sequence[date], held: AbstractSet[date]) -> list[date]:
    """Days that lack: the API gave buckets of them before, or of the days on both sides of them.

    Others may have been quiet: the API may leave out quiet days at the end of a range.

    Args:
        absent: days without a bucket, in order.
        asked: the days that the run lacked, in order.
        held: the days that the dataset had before the run.
    """
    holes = [(a, b) for a, b in runs(asked) if {a - _DAY, b + _DAY} <= held]
    return [d for d in absent if d in held or any(a <= d <= b for a, b in holes)]


def told_missing(name: str, days: Sequence[date]) -> list[str]:
    """That days are missing; nothing where there are none."""
    return [f"{name} of {_stretches(days)}: no bucket came"] if days else []


def told_quiet(quiet: Mapping[str, Sequence[date]]) -> list[str]:
    """That nothing came for days; nothing where there are none.

    Args:
        quiet: the days of each endpoint.
    """
    names: dict[str, list[str]] = {}
    for name in sorted(quiet):
        names.setdefault(_stretches(quiet[name]), []).append(name)
    return [
        f"No buckets came for {told} ({', '.join(found)}): they count as days without any, and the"
        " next run asks for them again."
        for told, found in names.items()
    ]


def told_finer(name: str, lost: Mapping[date, frozenset[str]]) -> str:
    """That days are kept as they were, since the API refuses fields that they are grouped by."""
    fields = listed(sorted(frozenset().union(*lost.values())))
    return (
        f"{name} of {_stretches(lost)}: the API refuses to group by {fields} now, so the days are"
        " kept as they were fetched before"
    )


def _stretches(days: Iterable[date]) -> str:
    """Days as stretches, in words."""
    return listed([f"{a} to {b}" if a < b else f"{a}" for a, b in runs(sorted(days))])
