"""What a project may ask of each model, until its limits are changed."""

from __future__ import annotations

from collections.abc import Mapping

from .store import Store
from .table import Table

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
"""The models that the organization may use, with its own limits: what projects start with, and the
most that they can be given."""


def rate_limits_of(store: Store, project_id: str) -> Table:
    """The rate limits of a project, which get their first values when they are first asked for."""
    table = store.project_rate_limits[project_id]
    if not len(table):
        for model, limits in LIMITS.items():
            # The id is made from the model's name, so that reading uses no randomness.
            id = f"rl-{model}"
            table.add({"object": "project.rate_limit", "id": id, "model": model, **limits})
    return table
