"""How near projects come to their rate limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from operator import truediv
from typing import Any, Literal

import attrs

from .._wire.portable import Portable
from ..errors import InvalidInputError
from ..resources.projects.rate_limits import ProjectRateLimit
from ..usage.table import UsageTable
from .defaults import NEAR

Metric = Literal["requests", "tokens", "images"]

LIMITS: Mapping[Metric, str] = {
    "requests": "max_requests_per_1_minute",
    "tokens": "max_tokens_per_1_minute",
    "images": "max_images_per_1_minute",
}
"""The fields of a rate limit by what they limit."""

_SNAPSHOT = re.compile(r"-\d{4}(-\d{2}-\d{2})?$", re.ASCII)


@attrs.frozen(kw_only=True)
class RateLimitUse(Portable):
    """A project's busiest minute with a model, beside its limit.

    Attributes:
        project_id: the project.
        model: the model or family that the limit is for.
        metric: what is limited: ``requests``, ``tokens`` or ``images`` a minute.
        peak: how many there were in the busiest stretch, as an average a minute: exact where
            the table has minutes, too low where its buckets are wider.
        peak_at: when that stretch began.
        limit: how many are allowed a minute.
    """

    project_id: str
    model: str
    metric: Metric
    peak: float
    peak_at: datetime
    limit: int

    @property
    def unit(self) -> str:
        """What the peak and the limit count, as ``requests a minute``."""
        return f"{self.metric} a minute"

    @property
    def standing(self) -> Literal["reached", "near", "clear"]:
        """``reached`` where the peak was all of it or more, ``near`` from `NEAR` of it on."""
        return "reached" if self.share >= 1 else "near" if self.share >= NEAR else "clear"

    @property
    def share(self) -> float:
        """The peak as a fraction of the limit: 1 is all of it."""
        return self.peak / self.limit


def rate_limit_use(
    usage: UsageTable, limits: Mapping[str, Sequence[ProjectRateLimit]]
) -> tuple[RateLimitUse, ...]:
    """Each project's busiest minute with each model beside its limit, the fullest first.

    Usage of all endpoints in the table counts against one limit, and so do the snapshots of a
    model (``gpt-5-2025-08-07``) against the limit of its family, where the snapshot has
    none of its own. Batch jobs do not: they are limited by the day. Usage is counted after the
    fact, in minutes of the clock; the API limits requests as they arrive, over a sliding window,
    and reserves the tokens a request may write. So a limit may be reached well below a share of 1,
    most of all for tokens.

    Args:
        usage: grouped by project and model, and by ``batch`` where there are batch jobs; with
            buckets of a minute (``1m``), or wider to find out where to look more closely.
        limits: the rate limits of each project, by the project's id.

    Raises:
        InvalidInputError: the table was not grouped that way.
    """
    for column in ("project_id", "model"):
        if column not in usage.columns:
            raise InvalidInputError(f"Collect usage with group_by {column!r} for this.")
    families = {
        (project_id, limit.model): limit
        for project_id, listed in limits.items()
        for limit in listed
        if limit.model is not None
    }
    peaks, minutes = _counted(usage, families)
    found = []
    for (project_id, model), each in peaks.items():
        for metric, (peak, peak_at) in _fullest(each, minutes):
            if allowed := getattr(families[project_id, model], LIMITS[metric]):
                found.append(
                    RateLimitUse(
                        project_id=project_id,
                        model=model,
                        metric=metric,
                        peak=peak,
                        peak_at=peak_at,
                        limit=allowed,
                    )
                )
    return fullest(found)


def near_rate_limits(
    usage: UsageTable,
    limits: Mapping[str, Sequence[ProjectRateLimit]],
    *,
    near: float = NEAR,
) -> tuple[RateLimitUse, ...]:
    """What `rate_limit_use` finds at or above a fraction of the limit, by default `NEAR`."""
    return tuple(use for use in rate_limit_use(usage, limits) if use.share >= near)


def fullest(*found: Iterable[RateLimitUse]) -> tuple[RateLimitUse, ...]:
    """Several searches as one: the fullest use of each limit, the fullest limit first."""
    best: dict[tuple[str, str, Metric], RateLimitUse] = {}
    for use in (use for uses in found for use in uses):
        place = (use.project_id, use.model, use.metric)
        if place not in best or use.share > best[place].share:
            best[place] = use
    return tuple(sorted(best.values(), key=lambda u: (-u.share, u.project_id, u.model, u.metric)))


def family_of(model: str) -> str:
    """A model without the date of its snapshot: ``gpt-5`` of ``gpt-5-2025-08-07``."""
    return _SNAPSHOT.sub("", model)


_Counts = dict[Metric, dict[datetime, int]]
"""What counts against a limit, by the stretch.

It is kept by metric, not as a tuple for each stretch: the garbage collector would go through these
again and again, and hold all threads.
"""


def _fullest(
    counts: _Counts, minutes: Mapping[datetime, float]
) -> Iterator[tuple[Metric, tuple[float, datetime]]]:
    """The busiest stretch for each metric that there is any of, as an average a minute."""
    for metric, by_moment in counts.items():
        if any(by_moment.values()):
            lengths = map(minutes.__getitem__, by_moment)
            yield (
                metric,
                max(zip(map(truediv, by_moment.values(), lengths), by_moment, strict=True)),
            )


def _counted(
    usage: UsageTable, families: Mapping[tuple[str, str], ProjectRateLimit]
) -> tuple[dict[tuple[str, str], _Counts], dict[datetime, float]]:
    """What counts against the limit of each project and family, and how long each stretch is."""
    columns = usage.columns
    names = ("input_tokens", "output_tokens", "num_model_requests", "images")
    rows: Iterator[tuple[Any, ...]] = zip(
        zip(columns["project_id"], columns["model"], strict=True),
        columns["start_time"],
        columns["end_time"],
        columns.get("batch") or repeat(None, len(usage)),
        *(columns.get(name) or repeat(None, len(usage)) for name in names),
        strict=True,
    )
    found: dict[tuple[str, str], _Counts] = {}
    of: dict[tuple[str | None, str | None], _Counts | None] = {}
    minutes: dict[datetime, float] = {}
    last: datetime | None = None  # rows of one bucket share one moment
    for place, start, end, batch, read, written, requests, images in rows:
        if batch:
            continue
        if start is not last:
            last = start
            minutes[start] = max(1.0, (end - start).total_seconds() / 60)
        try:
            into = of[place]
        except KeyError:
            into = of[place] = _place(place, families, found)
        if into is None:
            continue
        if requests:
            counts = into["requests"]
            counts[start] = counts[start] + requests if start in counts else requests
        if tokens := (read or 0) + (written or 0):
            counts = into["tokens"]
            counts[start] = counts[start] + tokens if start in counts else tokens
        if images:
            counts = into["images"]
            counts[start] = counts.get(start, 0) + images
    return found, minutes


def _place(
    place: tuple[str | None, str | None],
    families: Mapping[tuple[str, str], ProjectRateLimit],
    found: dict[tuple[str, str], _Counts],
) -> _Counts | None:
    """Where the usage of a project's model is counted; ``None`` where it has no limit."""
    project_id, model = place
    if project_id is None or model is None:
        return None
    limit = families.get((project_id, model)) or families.get((project_id, family_of(model)))
    if limit is None or limit.model is None:
        return None
    return found.setdefault((project_id, limit.model), {"requests": {}, "tokens": {}, "images": {}})
