"""Rate limits of every project for every model; one of them is nearly used up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..metering import ENDPOINTS
from ..metering.shape import DAY
from ..store import Store
from .projects import PlannedProject

NEAR_LIMIT = ("Mobile App", "gpt-5-nano")
_SHARE = 93
"""The percentage of that limit which the busiest minute of the last week took."""

LIMITS: Mapping[str, Mapping[str, int]] = {
    "gpt-5": {
        "max_requests_per_1_minute": 15_000,
        "max_tokens_per_1_minute": 40_000_000,
        "batch_1_day_max_input_tokens": 15_000_000_000,
    },
    "gpt-5-mini": {
        "max_requests_per_1_minute": 30_000,
        "max_tokens_per_1_minute": 180_000_000,
        "batch_1_day_max_input_tokens": 15_000_000_000,
    },
    "gpt-5-nano": {
        "max_requests_per_1_minute": 30_000,
        "max_tokens_per_1_minute": 180_000_000,
        "batch_1_day_max_input_tokens": 15_000_000_000,
    },
    "gpt-4.1": {
        "max_requests_per_1_minute": 10_000,
        "max_tokens_per_1_minute": 30_000_000,
        "batch_1_day_max_input_tokens": 5_000_000_000,
    },
    "gpt-4o-audio-preview": {
        "max_requests_per_1_minute": 10_000,
        "max_tokens_per_1_minute": 30_000_000,
        "max_audio_megabytes_per_1_minute": 500,
    },
    "text-embedding-3-small": {
        "max_requests_per_1_minute": 10_000,
        "max_tokens_per_1_minute": 10_000_000,
        "batch_1_day_max_input_tokens": 4_000_000_000,
    },
    "dall-e-3": {
        "max_requests_per_1_minute": 500,
        "max_tokens_per_1_minute": 100_000,
        "max_images_per_1_minute": 500,
    },
    "whisper-1": {
        "max_requests_per_1_minute": 10_000,
        "max_tokens_per_1_minute": 1_000_000,
        "max_audio_megabytes_per_1_minute": 2000,
        "max_requests_per_1_day": 5_000_000,
    },
    "tts-1": {
        "max_requests_per_1_minute": 10_000,
        "max_tokens_per_1_minute": 1_000_000,
    },
    "omni-moderation-latest": {
        "max_requests_per_1_minute": 5000,
        "max_tokens_per_1_minute": 500_000,
    },
}
"""The ten models that the organization may use, with the limits that projects start with."""


def add_rate_limits(store: Store, projects: Iterable[PlannedProject]) -> tuple[str, str]:
    """Fill the tables of rate limits; return the project and model of the nearly used one."""
    near = ("", "")
    for project in projects:
        table = store.project_rate_limits[project.id]
        for model, limits in LIMITS.items():
            id = f"rl-{model}"
            table.add({"object": "project.rate_limit", "id": id, "model": model, **limits})
            if (project.plan.name, model) == NEAR_LIMIT:
                near = (project.id, model)
                limit = -(-_busiest_minute(store, *near) * 100 // _SHARE)
                table.update(id, {"max_requests_per_1_minute": limit})
    return near


def _busiest_minute(store: Store, project_id: str, model: str) -> int:
    """The most requests that the project made to the model in one minute of the last week."""
    now = store.now()
    edges = range(now // 60 * 60 - 7 * DAY, now, 60)
    filters = {"project_id": {project_id}, "model": {model}}
    buckets = store.meter.usage(ENDPOINTS["completions"], edges, filters=filters, now=now)
    return max((row["num_model_requests"] for rows in buckets for row in rows), default=1)
