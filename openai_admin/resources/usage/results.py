"""What usage and costs are counted in: one class for each endpoint's result rows.

A grouping field (`project_id`, `model`, …) is ``None`` where the query did not group by it. A count
that was absent or null is 0; one that came as something else is ``None``, and the page says so in
`unreadable`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, DecimalException
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

import msgspec

from ..._wire.portable import frozen
from ..._wire.rows import Row, row
from ..._wire.scalars import BOUNDS, INT64, normalized

R = TypeVar("R")

_ZERO, _ONE = Decimal(0), Decimal(1)
_normalize, _add, _whole = BOUNDS.normalize, BOUNDS.add, BOUNDS.quantize
_set = msgspec.structs.force_setattr

# msgspec rejects a time without a zone, and the tolerant way reads it as UTC.
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]

if TYPE_CHECKING:
    _Count = int | None
    _Part = int | None
else:
    # What is beyond 64 bits was not counted; the tolerant way refuses it as well.
    _Whole = Annotated[int, msgspec.Meta(ge=INT64[0], le=INT64[1])]
    # The fast way refuses a null so, and the tolerant way makes the documented 0 of it; only a
    # count that came as something else is None.
    _Count = _Whole
    _Part = _Whole | None


@row
class UsageBucket(Row, Generic[R], frozen=True, kw_only=True, gc=False):
    """The usage of one stretch of time.

    Attributes:
        object: what kind of thing this is.
        start_time: its beginning, inclusive.
        end_time: its end, exclusive.
        results: one row for each combination of the grouping fields that had usage; empty when
            nothing was used.
    """

    object: str = "bucket"
    start_time: _Moment
    end_time: _Moment
    results: list[R] = msgspec.field(default_factory=list)

    def __hash__(self) -> int:
        return hash((self.start_time, self.end_time, frozen(self.results)))

    def __repr__(self) -> str:
        kinds = " and ".join(dict.fromkeys(type(row).__name__ for row in self.results))
        rows = f"{len(self.results):,} of {kinds}" if kinds else "0 rows"
        return f"UsageBucket({self.start_time} to {self.end_time}, {rows})"


# A struct is filled fastest where its fields are in the order of the wire: msgspec looks for each
# name from the field on that it filled last.


@row
class _Kind(Row, frozen=True, kw_only=True, gc=False):  # private: a name for what rows share
    """What every row has.

    Attributes:
        object: what kind of row it is.
    """

    object: str = ""


@row
class _ByProject(_Kind, frozen=True, kw_only=True, gc=False):  # private: likewise
    """What rows by project have.

    Attributes:
        project_id: the project, in a query that groups by it.
    """

    project_id: str | None = None


@row
class _ByKey(_ByProject, frozen=True, kw_only=True, gc=False):  # private: likewise
    """What rows by key have.

    Attributes:
        user_id: the user, in a query that groups by it.
        api_key_id: the API key, in a query that groups by it.
    """

    user_id: str | None = None
    api_key_id: str | None = None


@row
class _ByModel(_ByKey, frozen=True, kw_only=True, gc=False):  # private: likewise
    """What rows by model have.

    Attributes:
        model: the model, in a query that groups by it.
    """

    model: str | None = None


@row
class _TokenUsage(
    _Kind, frozen=True, kw_only=True, gc=False
):  # private: completions and decisions count the same things
    """Tokens and requests.

    Attributes:
        input_tokens: all tokens read, cached ones among them.
        output_tokens: all tokens written.
        num_model_requests: requests to the model.
        input_cached_tokens: tokens read from the prompt cache, a part of `input_tokens`.
        input_uncached_tokens: tokens read that were not in the prompt cache.
        input_cache_write_tokens: tokens written to the prompt cache.
        input_cache_write_30m_tokens: those of them that are kept for 30 minutes.
        input_cache_write_12h_tokens: those of them that are kept for 12 hours.
        input_text_tokens: tokens of text read.
        input_audio_tokens: tokens of audio read.
        input_image_tokens: tokens of images read.
        input_cached_text_tokens: tokens of text read from the prompt cache.
        input_cached_audio_tokens: tokens of audio read from the prompt cache.
        input_cached_image_tokens: tokens of images read from the prompt cache.
        output_text_tokens: tokens of text written.
        output_audio_tokens: tokens of audio written.
        output_image_tokens: tokens of images written.
        project_id: the project, in a query that groups by it.
        user_id: the user, in a query that groups by it.
        api_key_id: the API key, in a query that groups by it.
        model: the model, in a query that groups by it.
        batch: whether the requests were batch jobs.
        service_tier: the tier that served them.
        api_source: the API they came through.
    """

    input_tokens: _Count = 0
    output_tokens: _Count = 0
    num_model_requests: _Count = 0
    input_cached_tokens: _Part = None
    input_uncached_tokens: _Part = None
    input_cache_write_tokens: _Part = None
    input_cache_write_30m_tokens: _Part = None
    input_cache_write_12h_tokens: _Part = None
    input_text_tokens: _Part = None
    input_audio_tokens: _Part = None
    input_image_tokens: _Part = None
    input_cached_text_tokens: _Part = None
    input_cached_audio_tokens: _Part = None
    input_cached_image_tokens: _Part = None
    output_text_tokens: _Part = None
    output_audio_tokens: _Part = None
    output_image_tokens: _Part = None
    project_id: str | None = None
    user_id: str | None = None
    api_key_id: str | None = None
    model: str | None = None
    batch: bool | None = None
    service_tier: str | None = None
    api_source: str | None = None


@row
class CompletionsUsage(_TokenUsage, frozen=True, kw_only=True, gc=False):
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


@row
class DecisionsUsage(_TokenUsage, frozen=True, kw_only=True, gc=False):
    """Tokens and requests of decisions; the fields are those of `CompletionsUsage`."""

    object: str = "organization.usage.decisions.result"


@row
class EmbeddingsUsage(_ByModel, frozen=True, kw_only=True, gc=False):
    """Tokens embedded.

    Attributes:
        input_tokens: tokens read.
        num_model_requests: requests to the model.
    """

    input_tokens: _Count = 0
    num_model_requests: _Count = 0
    object: str = "organization.usage.embeddings.result"


@row
class ModerationsUsage(_ByModel, frozen=True, kw_only=True, gc=False):
    """Tokens moderated.

    Attributes:
        input_tokens: tokens read.
        num_model_requests: requests to the model.
    """

    input_tokens: _Count = 0
    num_model_requests: _Count = 0
    object: str = "organization.usage.moderations.result"


@row
class ImagesUsage(_ByModel, frozen=True, kw_only=True, gc=False):
    """Images generated.

    Attributes:
        images: how many.
        num_model_requests: requests to the model.
        size: as ``1024x1024``.
        source: ``image.generation``, ``image.edit`` or ``image.variation``.
    """

    images: _Count = 0
    num_model_requests: _Count = 0
    size: str | None = None
    source: str | None = None
    object: str = "organization.usage.images.result"


@row
class AudioSpeechesUsage(_ByModel, frozen=True, kw_only=True, gc=False):
    """Text spoken.

    Attributes:
        characters: how many were spoken.
        num_model_requests: requests to the model.
    """

    characters: _Count = 0
    num_model_requests: _Count = 0
    object: str = "organization.usage.audio_speeches.result"


@row
class AudioTranscriptionsUsage(_ByModel, frozen=True, kw_only=True, gc=False):
    """Speech transcribed.

    Attributes:
        seconds: how long it lasted.
        num_model_requests: requests to the model.
    """

    seconds: _Count = 0
    num_model_requests: _Count = 0
    object: str = "organization.usage.audio_transcriptions.result"


@row
class VectorStoresUsage(_ByProject, frozen=True, kw_only=True, gc=False):
    """Storage held by vector stores.

    Attributes:
        usage_bytes: how many bytes.
    """

    usage_bytes: _Count = 0
    object: str = "organization.usage.vector_stores.result"


@row
class CodeInterpreterSessionsUsage(_ByProject, frozen=True, kw_only=True, gc=False):
    """Code interpreter sessions.

    Attributes:
        num_sessions: how many.
    """

    num_sessions: _Count = 0
    object: str = "organization.usage.code_interpreter_sessions.result"


@row
class FileSearchCallsUsage(_ByKey, frozen=True, kw_only=True, gc=False):
    """Calls of the file search tool.

    Attributes:
        num_requests: how many.
        vector_store_id: the store searched.
    """

    num_requests: _Count = 0
    vector_store_id: str | None = None
    object: str = "organization.usage.file_searches.result"


@row
class WebSearchCallsUsage(_ByModel, frozen=True, kw_only=True, gc=False):
    """Calls of the web search tool.

    Attributes:
        num_requests: searches made.
        num_model_requests: requests to the model that made them.
        context_level: ``low``, ``medium`` or ``high``.
        api_source: the API they came through.
    """

    num_requests: _Count = 0
    num_model_requests: _Count = 0
    context_level: str | None = None
    api_source: str | None = None
    object: str = "organization.usage.web_searches.result"


@row
class CostAmount(Row, frozen=True, kw_only=True, gc=False):
    """An amount of money.

    Attributes:
        value: in units of the currency (dollars, not cents), exact.
        currency: as ``usd``; it has come in capitals as well.
    """

    value: Decimal | None = None
    currency: str | None = None


@row
class Cost(_ByKey, frozen=True, kw_only=True, gc=False):
    """What was billed.

    Attributes:
        amount: how much.
        line_item: what for, as ``gpt-5-mini, input``; `openai_admin.usage.LineItem` reads it.
        quantity: how much of it was billed, in `quantity_unit`.
        quantity_unit: as ``tokens`` or ``images``.
        api_source: the API it came through.
        project_name: what the project was called; rows have had it, and for a project that is gone
            nothing else does.
        organization_id: whose cost it is, where the row says.
        organization_name: what that organization is called.
        user_email: the address of the user, who may have left since.
    """

    amount: CostAmount | None = None
    line_item: str | None = None
    quantity: Decimal | None = None
    quantity_unit: str | None = None
    api_source: str | None = None
    project_name: str | None = None
    organization_id: str | None = None
    organization_name: str | None = None
    user_email: str | None = None
    object: str = "organization.costs.result"

    def __post_init__(self) -> None:
        # Both numbers are put into their normal form here, in as few calls as can be: it is a
        # quarter of what a row costs. Most amounts are below 1, and most quantities whole.
        amount, quantity = self.amount, self.quantity
        try:
            if amount is not None and (value := amount.value) is not None:
                plain = _normalize(value)
                if plain.adjusted() >= 0:
                    plain = _add(plain, _ZERO) if plain.is_finite() else normalized(value)
                _set(amount, "value", plain)
            if quantity is not None:
                plain = _whole(quantity, _ONE) or _ZERO
                _set(self, "quantity", plain if plain.is_finite() else normalized(quantity))
        except DecimalException:
            if amount is not None and amount.value is not None:
                _set(amount, "value", normalized(amount.value))
            if quantity is not None:
                _set(self, "quantity", normalized(quantity))
