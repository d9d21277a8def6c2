"""The eleven usage endpoints: what each counts, and by what it groups and filters.

The names are those of the API's result objects and query parameters. Costs have no entry here:
they are not counted but follow from these (`prices`).
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

PROJECT = ("project_id",)
CONSUMER = (*PROJECT, "user_id", "api_key_id")

FILTERS: Mapping[str, str] = {
    "project_ids": "project_id",
    "user_ids": "user_id",
    "api_key_ids": "api_key_id",
    "models": "model",
    "batch": "batch",
    "sizes": "size",
    "sources": "source",
    "vector_store_ids": "vector_store_id",
    "context_levels": "context_level",
}
"""Query parameter -> the dimension it filters. An endpoint has those whose dimension it has,
except that nothing filters by `service_tier` or `api_source`."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "sizes": ("256x256", "512x512", "1024x1024", "1792x1792", "1024x1792"),
    "sources": ("image.generation", "image.edit", "image.variation"),
    "context_levels": ("low", "medium", "high"),
}
"""The values that these filters take; the others take any text."""

COST_DIMENSIONS = ("project_id", "user_id", "line_item", "api_key_id", "api_source")
COST_FILTERS: Mapping[str, str] = {
    "project_ids": "project_id",
    "api_key_ids": "api_key_id",
    "line_items": "line_item",
}

TOKEN_METRICS = (
    "input_tokens",
    "output_tokens",
    "num_model_requests",
    "input_uncached_tokens",
    "input_text_tokens",
    "input_audio_tokens",
    "input_image_tokens",
    "input_cached_tokens",
    "input_cached_text_tokens",
    "input_cached_audio_tokens",
    "input_cached_image_tokens",
    "input_cache_write_tokens",
    "input_cache_write_30m_tokens",
    "input_cache_write_12h_tokens",
    "output_text_tokens",
    "output_audio_tokens",
    "output_image_tokens",
)


@attrs.frozen
class Endpoint:
    """One usage endpoint: `/organization/usage/{name}`."""

    name: str
    object: str
    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]

    @property
    def filters(self) -> Mapping[str, str]:
        """The filter parameters this endpoint takes, each with its dimension."""
        return {name: field for name, field in FILTERS.items() if field in self.dimensions}


def _endpoint(
    name: str, metrics: tuple[str, ...], dimensions: tuple[str, ...], *, object: str | None = None
) -> Endpoint:
    return Endpoint(name, f"organization.usage.{object or name}.result", metrics, dimensions)


_TOKENS = (*CONSUMER, "model", "batch", "service_tier", "api_source")
_MODEL = (*CONSUMER, "model")

ENDPOINTS: Mapping[str, Endpoint] = {
    endpoint.name: endpoint
    for endpoint in (
        _endpoint("completions", TOKEN_METRICS, _TOKENS),
        _endpoint("decisions", TOKEN_METRICS, _TOKENS),
        _endpoint("embeddings", ("input_tokens", "num_model_requests"), _MODEL),
        _endpoint("moderations", ("input_tokens", "num_model_requests"), _MODEL),
        _endpoint("images", ("images", "num_model_requests"), (*_MODEL, "size", "source")),
        _endpoint("audio_speeches", ("characters", "num_model_requests"), _MODEL),
        _endpoint("audio_transcriptions", ("seconds", "num_model_requests"), _MODEL),
        _endpoint("vector_stores", ("usage_bytes",), PROJECT),
        _endpoint("code_interpreter_sessions", ("num_sessions",), PROJECT),
        _endpoint(
            "file_search_calls",
            ("num_requests",),
            (*CONSUMER, "vector_store_id"),
            object="file_searches",
        ),
        _endpoint(
            "web_search_calls",
            ("num_requests", "num_model_requests"),
            (*_MODEL, "context_level", "api_source"),
            object="web_searches",
        ),
    )
}
