"""What the demo organization's software asks of the API on an ordinary day.

A `Work` becomes one stream, or two where its requests are of two kinds. The numbers are chosen to
look like a company of this size: some thousand dollars a week, most of it in three projects.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


def tokens(
    *,
    text: int,
    output: int,
    cached: int = 0,
    writes: int = 0,
    image: int = 0,
    audio: int = 0,
    spoken: int = 0,
) -> dict[str, int]:
    """Return all token metrics of one request; every input token is of exactly one kind.

    `text`, `image` and `audio` are uncached input, `cached` was read from the cache and `writes`
    written to it; `output` is text and `spoken` audio output.
    """
    uncached = text + image + audio
    return {
        "input_tokens": uncached + cached + writes,
        "output_tokens": output + spoken,
        "num_model_requests": 1,
        "input_uncached_tokens": uncached,
        "input_text_tokens": text,
        "input_image_tokens": image,
        "input_audio_tokens": audio,
        "input_cached_tokens": cached,
        "input_cached_text_tokens": cached,
        "input_cache_write_tokens": writes,
        "input_cache_write_30m_tokens": writes,
        "output_text_tokens": output,
        "output_audio_tokens": spoken,
    }


@attrs.frozen
class Work:
    """A part of a project's load: an endpoint, its dimensions besides the consumer, a volume.

    `daily` is the number of requests of an average day now. `consumer` False leaves user and key
    empty, as the API does for what no key asks for.
    """

    endpoint: str
    daily: int
    per_request: Mapping[str, int]
    shape: str = "product"
    dimensions: Mapping[str, Any] = attrs.field(factory=dict)
    consumer: bool = True


def chat(
    model: str,
    daily: int,
    per_request: Mapping[str, int],
    *,
    shape: str = "product",
    batch: bool = False,
    tier: str = "default",
    source: str = "unlabeled",
    endpoint: str = "completions",
) -> Work:
    """Return work on one of the two endpoints that count tokens by batch, tier and source."""
    return Work(
        endpoint,
        daily,
        per_request,
        shape,
        {"model": model, "batch": batch, "service_tier": tier, "api_source": source},
    )


def embedding(daily: int, length: int, shape: str = "product") -> Work:
    """Return embedding requests of this many tokens each."""
    per_request = {"input_tokens": length, "num_model_requests": 1}
    return Work("embeddings", daily, per_request, shape, {"model": "text-embedding-3-small"})


def moderation(daily: int, length: int) -> Work:
    """Return moderation requests of this many tokens each."""
    per_request = {"input_tokens": length, "num_model_requests": 1}
    dimensions = {"model": "omni-moderation-latest"}
    return Work("moderations", daily, per_request, dimensions=dimensions)


def image(daily: int, size: str, source: str = "image.generation") -> Work:
    """Return requests for one image of this size."""
    dimensions = {"model": "dall-e-3", "size": size, "source": source}
    return Work("images", daily, {"images": 1, "num_model_requests": 1}, "office", dimensions)


def transcription(daily: int, seconds: int) -> Work:
    """Return requests that transcribe this many seconds of speech each."""
    per_request = {"seconds": seconds, "num_model_requests": 1}
    return Work("audio_transcriptions", daily, per_request, dimensions={"model": "whisper-1"})


def speech(daily: int, characters: int) -> Work:
    """Return requests that speak this many characters each."""
    per_request = {"characters": characters, "num_model_requests": 1}
    return Work("audio_speeches", daily, per_request, dimensions={"model": "tts-1"})


def web_search(daily: int, level: str, source: str = "unlabeled") -> Work:
    """Return web searches of this context level, each for one model request."""
    dimensions = {"model": "gpt-5", "context_level": level, "api_source": source}
    per_request = {"num_requests": 1, "num_model_requests": 1}
    return Work("web_search_calls", daily, per_request, dimensions=dimensions)


def file_search(daily: int, vector_store_id: str) -> Work:
    """Return searches in this vector store."""
    dimensions = {"vector_store_id": vector_store_id}
    return Work("file_search_calls", daily, {"num_requests": 1}, dimensions=dimensions)


def vector_storage(mebibytes: int) -> Work:
    """Return this much storage, accounted evenly over the day, so that a day's sum is its size."""
    return Work("vector_stores", mebibytes, {"usage_bytes": 1 << 20}, "steady", consumer=False)


def code_interpreter(daily: int) -> Work:
    """Return code interpreter sessions."""
    return Work("code_interpreter_sessions", daily, {"num_sessions": 1}, consumer=False)


DEVELOPMENT: tuple[Work, ...] = (
    chat("gpt-5-mini", 90, tokens(text=1240, cached=310, output=420), shape="office"),
    chat("gpt-5", 55, tokens(text=2870, cached=1190, output=760), shape="office"),
    chat("gpt-5-nano", 140, tokens(text=690, cached=80, output=210), shape="office"),
    chat("gpt-4.1", 48, tokens(text=1930, cached=420, output=540), shape="office"),
    embedding(60, 380, shape="office"),
)
"""What people do with their own keys; each key does one of these."""
