"""What usage and costs are counted in: one class for each endpoint's result rows.

A grouping field (`project_id`, `model`, …) is ``None`` where the query did not group by it.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

import attrs
import msgspec

from ...codec import Row

R = TypeVar("R")

# msgspec refuses what names no zone, and the tolerant way reads it as UTC.
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


def _finite(_: object, attribute: attrs.Attribute[Decimal | None], value: Decimal | None) -> None:
    """Money is never NaN or infinite, though both can be written as text."""
    if value is not None and not value.is_finite():
        raise ValueError(f"{attribute.name} is not a finite number: {value}")


@attrs.frozen(kw_only=True)
class UsageBucket(Row, Generic[R]):
    """The usage of one stretch of time.

    Attributes:
        start_time: its beginning, inclusive.
        end_time: its end, exclusive.
        results: one row for each combination of the grouping fields that had usage; empty when
            nothing was used.
    """

    start_time: _Moment
    end_time: _Moment
    results: list[R] = attrs.field(factory=list)
    object: str = "bucket"


@attrs.frozen(kw_only=True)
class _ByProject(Row):  # private: a name for what several rows share
    project_id: str | None = None


@attrs.frozen(kw_only=True)
class _ByKey(_ByProject):  # private: likewise
    user_id: str | None = None
    api_key_id: str | None = None


@attrs.frozen(kw_only=True)
class _ByModel(_ByKey):  # private: likewise
    model: str | None = None


@attrs.frozen(kw_only=True)
class _TokenUsage(_ByModel):  # private: completions and decisions count the same things
    input_tokens: int = 0
    output_tokens: int = 0
    num_model_requests: int = 0
    input_cached_tokens: int | None = None
    input_uncached_tokens: int | None = None
    input_cache_write_tokens: int | None = None
    input_cache_write_30m_tokens: int | None = None
    input_cache_write_12h_tokens: int | None = None
    input_text_tokens: int | None = None
    input_audio_tokens: int | None = None
    input_image_tokens: int | None = None
    input_cached_text_tokens: int | None = None
    input_cached_audio_tokens: int | None = None
    input_cached_image_tokens: int | None = None
    output_text_tokens: int | None = None
    output_audio_tokens: int | None = None
    output_image_tokens: int | None = None
    batch: bool | None = None
    service_tier: str | None = None
    api_source: str | None = None


@attrs.frozen(kw_only=True)
class CompletionsUsage(_TokenUsage):
    """Tokens and requests of chat, responses and completions.

    Attributes:
        input_tokens: all tokens read, cached ones among them.
        output_tokens: all tokens written.
        num_model_requests: requests to the model.
        input_cached_tokens: tokens read from the prompt cache, a part of `input_tokens`.
        batch: whether the requests were batch jobs.
        service_tier: the tier that served them.
        api_source: the API they came through.
    """

    object: str = "organization.usage.completions.result"


@attrs.frozen(kw_only=True)
class DecisionsUsage(_TokenUsage):
    """Tokens and requests of decisions; the fields are those of `CompletionsUsage`."""

    object: str = "organization.usage.decisions.result"


@attrs.frozen(kw_only=True)
class EmbeddingsUsage(_ByModel):
    """Tokens embedded.

    Attributes:
        input_tokens: tokens read.
        num_model_requests: requests to the model.
    """

    input_tokens: int = 0
    num_model_requests: int = 0
    object: str = "organization.usage.embeddings.result"


@attrs.frozen(kw_only=True)
class ModerationsUsage(_ByModel):
    """Tokens moderated.

    Attributes:
        input_tokens: tokens read.
        num_model_requests: requests to the model.
    """

    input_tokens: int = 0
    num_model_requests: int = 0
    object: str = "organization.usage.moderations.result"


@attrs.frozen(kw_only=True)
class ImagesUsage(_ByModel):
    """Images made.

    Attributes:
        images: how many.
        num_model_requests: requests to the model.
        size: as ``1024x1024``.
        source: ``image.generation``, ``image.edit`` or ``image.variation``.
    """

    images: int = 0
    num_model_requests: int = 0
    size: str | None = None
    source: str | None = None
    object: str = "organization.usage.images.result"


@attrs.frozen(kw_only=True)
class AudioSpeechesUsage(_ByModel):
    """Text spoken.

    Attributes:
        characters: how many were spoken.
        num_model_requests: requests to the model.
    """

    characters: int = 0
    num_model_requests: int = 0
    object: str = "organization.usage.audio_speeches.result"


@attrs.frozen(kw_only=True)
class AudioTranscriptionsUsage(_ByModel):
    """Speech transcribed.

    Attributes:
        seconds: how long it lasted.
        num_model_requests: requests to the model.
    """

    seconds: int = 0
    num_model_requests: int = 0
    object: str = "organization.usage.audio_transcriptions.result"


@attrs.frozen(kw_only=True)
class VectorStoresUsage(_ByProject):
    """Storage held by vector stores.

    Attributes:
        usage_bytes: how many bytes.
    """

    usage_bytes: int = 0
    object: str = "organization.usage.vector_stores.result"


@attrs.frozen(kw_only=True)
class CodeInterpreterSessionsUsage(_ByProject):
    """Code interpreter sessions.

    Attributes:
        num_sessions: how many.
    """

    num_sessions: int = 0
    object: str = "organization.usage.code_interpreter_sessions.result"


@attrs.frozen(kw_only=True)
class FileSearchCallsUsage(_ByKey):
    """Calls of the file search tool.

    Attributes:
        num_requests: how many.
        vector_store_id: the store searched.
    """

    num_requests: int = 0
    vector_store_id: str | None = None
    object: str = "organization.usage.file_searches.result"


@attrs.frozen(kw_only=True)
class WebSearchCallsUsage(_ByModel):
    """Calls of the web search tool.

    Attributes:
        num_requests: searches made.
        num_model_requests: requests to the model that made them.
        context_level: ``low``, ``medium`` or ``high``.
        api_source: the API they came through.
    """

    num_requests: int = 0
    num_model_requests: int = 0
    context_level: str | None = None
    api_source: str | None = None
    object: str = "organization.usage.web_searches.result"


@attrs.frozen(kw_only=True)
class CostAmount(Row):
    """An amount of money.

    Attributes:
        value: in units of the currency (dollars, not cents), exactly as the API wrote it.
        currency: in lower case, as ``usd``.
    """

    value: Decimal | None = attrs.field(default=None, validator=_finite)
    currency: str | None = None


@attrs.frozen(kw_only=True)
class Cost(_ByKey):
    """What was billed.

    Attributes:
        amount: how much.
        line_item: what for, as ``gpt-5-mini, input``: the model stands before the comma.
        quantity: how much of it was billed, in `quantity_unit`.
        quantity_unit: as ``tokens`` or ``images``.
        api_source: the API it came through.
    """

    amount: CostAmount | None = None
    line_item: str | None = None
    quantity: Decimal | None = attrs.field(default=None, validator=_finite)
    quantity_unit: str | None = None
    api_source: str | None = None
    object: str = "organization.costs.result"
