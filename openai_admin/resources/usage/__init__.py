"""Usage and costs of the organization, in buckets of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Literal

from ..._declare.arguments import Timestamp, check_range, unix_seconds
from ..._declare.decorators import listing
from ..._declare.pagination import Paging
from ..._declare.resource import Mode, Resource
from ..._wire.models import Page
from ...errors import InvalidInputError
from .results import (
    AudioSpeechesUsage,
    AudioTranscriptionsUsage,
    CodeInterpreterSessionsUsage,
    CompletionsUsage,
    Cost,
    DecisionsUsage,
    EmbeddingsUsage,
    FileSearchCallsUsage,
    ImagesUsage,
    ModerationsUsage,
    UsageBucket,
    VectorStoresUsage,
    WebSearchCallsUsage,
)
from .walk import BucketWalk

BucketWidth = Literal["1m", "1h", "1d"]
"""The width of a bucket: a minute, an hour or a day, cut at UTC borders."""

ByProject = Literal["project_id"]
ByModel = Literal["project_id", "user_id", "api_key_id", "model"]
ByTokens = Literal[ByModel, "batch", "service_tier", "api_source"]
ByImage = Literal[ByModel, "size", "source"]
ByFileSearch = Literal["project_id", "user_id", "api_key_id", "vector_store_id"]
ByWebSearch = Literal[ByModel, "context_level", "api_source"]
ByCost = Literal["project_id", "user_id", "line_item", "api_key_id", "api_source"]

ImageSource = Literal["image.generation", "image.edit", "image.variation"]
ImageSize = Literal["256x256", "512x512", "1024x1024", "1792x1792", "1024x1792"]

MAX_BUCKETS: Mapping[str, int] = {"1d": 31, "1h": 168, "1m": 1440}
"""The most usage buckets on one page, by width; from the API's descriptions."""

USUAL_BUCKETS: Mapping[str, int] = {"1d": 7, "1h": 24, "1m": 60}
"""How many buckets a page has where no limit is passed; likewise."""

MAX_COST_BUCKETS = 180
"""The most cost buckets on one page; from the API's description."""


def check_time_range(start_time: Timestamp, end_time: Timestamp | None) -> None:
    """Reject a range that ends before it begins; without an end it is open.

    Raises:
        InvalidInputError: it does, or a time is not valid.
    """
    start = unix_seconds(start_time, "start_time")
    if end_time is not None and unix_seconds(end_time, "end_time") < start:
        raise InvalidInputError(
            f"end_time must not be before start_time: {end_time} is before {start_time}."
        )


def _check_usage(arguments: Mapping[str, Any]) -> None:
    check_time_range(arguments["start_time"], arguments.get("end_time"))
    limit = arguments.get("limit")
    if limit is not None:
        width = arguments.get("bucket_width") or "1d"
        check_range(limit, f"limit (with bucket_width {width!r})", 1, MAX_BUCKETS[width])


def _check_costs(arguments: Mapping[str, Any]) -> None:
    check_time_range(arguments["start_time"], arguments.get("end_time"))
    if arguments.get("limit") is not None:
        check_range(arguments["limit"], "limit", 1, MAX_COST_BUCKETS)


_usage = partial(listing, paging=Paging.NEXT_PAGE, walk=BucketWalk, check=_check_usage)


class Usage(Resource[Mode], name="usage"):
    """Usage by endpoint, and costs.

    ``async for`` iterates over a listing bucket by bucket, from `start_time` to `end_time`;
    awaited, it returns its first page. The iteration holds what comes against the range: no bucket
    counts twice, none from outside it counts, and what lacks is asked for once more and then logged
    (see `BucketWalk`). The API reports with a delay: the current day is incomplete, and recent days
    are restated.
    """

    @_usage("/organization/usage/completions")
    def completions(
        self,
        *,
        start_time: Timestamp,
        end_time: Timestamp | None = None,
        bucket_width: BucketWidth | None = None,
        group_by: Iterable[ByTokens] | None = None,
        project_ids: Iterable[str] | None = None,
        user_ids: Iterable[str] | None = None,
        api_key_ids: Iterable[str] | None = None,
        models: Iterable[str] | None = None,
        batch: bool | None = None,
        limit: int | None = None,
        page: str | None = None,
    ) -> Page[UsageBucket[CompletionsUsage]]:
        """Usage of chat, responses and completions: tokens and requests.

        Args:
            limit: buckets a page: at most 31 days, 168 hours or 1440 minutes (default 7, 24, 60).
            batch: only batch jobs (true), or only others (false).
        """
        ...

    @_usage("/organization/usage/decisions")
    def decisions(
        self,
        *,
        start_time: Timestamp,
        end_time: Timestamp | None = None,
        bucket_width: BucketWidth | None = None,
        group_by: Iterable[ByTokens] | None = None,
        project_ids: Iterable[str] | None = None,
        user_ids: Iterable[str] | None = None,
        api_key_ids: Iterable[str] | None = None,
        models: Iterable[str] | None = None,
        batch: bool | None = None,
        limit: int | None = None,
        page: str | None = None,
    ) -> Page[UsageBucket[DecisionsUsage]]:
        """Usage of decisions: tokens and requests.

        Args:
            limit: buckets a page: at most 31 days, 168 hours or 1440 minutes (default 7, 24, 60).
            batch: only batch jobs (true), or only others (false).
        """
        ...

    @_usage("/organization/usage/embeddings")
    def embeddings(
        self,
        *,
        start_time: Timestamp,
        end_time: Timestamp | None = None,
        bucket_width: BucketWidth | None = None,
        group_by: Iterable[ByModel] | None = None,
        project_ids: Iterable[str] | None = None,
        user_ids: Iterable[str] | None = None,
        api_key_ids: Iterable[str] | None = None,
        models: Iterable[str] | None = None,
        limit: int | None = None,
        page: str | None = None,
    ) -> Page[UsageBucket[EmbeddingsUsage]]:
        """Usage of embeddings: tokens and requests.

        Args:
            limit: buckets a page: at most 31 days, 168 hours or 1440 minutes (default 7, 24, 60).
        """
        ...

    @_usage("/organization/usage/moderations")
    def moderations(
        self,
        *,
        start_time: Timestamp,
        end_time: Timestamp | None = None,
        bucket_width: BucketWidth | None = None,
        group_by: Iterable[ByModel] | None = None,
        project_ids: Iterable[str] | None = None,
        user_ids: Iterable[str] | None = None,
        api_key_ids: Iterable[str] | None = None,
        models: Iterable[str] | None = None,
        limit: int | None = None,
        page: str | None = None,
    ) -> Page[UsageBucket[ModerationsUsage]]:
        """Usage of moderations: tokens and requests.

        Args:
            limit: buckets a page: at most 31 days, 168 hours or 1440 minutes (default 7, 24, 60).
        """
        ...

    @_usage("/organization/usage/images")
    def images(
        self,
        *,
        start_time: Timestamp,
        end_time: Timestamp | None = None,
        bucket_width: BucketWidth | None = None,
        group_by: Iterable[ByImage] | None = None,
        project_ids: Iterable[str] | None = None,
        user_ids: Iterable[str] | None = None,
        api_key_ids: Iterable[str] | None = None,
        models: Iterable[str] | None = None,
        sources: Iterable[ImageSource] | None = None,
        sizes: Iterable[ImageSize] | None = None,
        limit: int | None = None,
        page: str | None = None,
    ) -> Page[UsageBucket[ImagesUsage]]:
        """Usage of image generation, edits and variations.

        Args:
            limit: buckets a page: at most 31 days, 168 hours or 1440 minutes (default 7, 24, 60).
            sources: only these sources.
            sizes: only these sizes.
        """
        ...

    @_usage("/organization/usage/audio_speeches")
    def audio_speeches(
        self,
        *,
        start_time: Timestamp,
        end_time: Timestamp | None = None,
        bucket_width: BucketWidth | None = None,
        group_by: Iterable[ByModel] | None = None,
        project_ids: Iterable[str] | None = None,
        user_ids: Iterable[str] | None = None,
        api_key_ids: Iterable[str] | None = None,
        models: Iterable[str] | None = None,
        limit: int | None = None,
        page: str | None = None,
    ) -> Page[UsageBucket[AudioSpeechesUsage]]:
        """Usage of text to speech, in characters.

        Args:
            limit: buckets a page: at most 31 days, 168 hours or 1440 minutes (default 7, 24, 60).
        """
        ...

    @_usage("/organization/usage/audio_transcriptions")
    def audio_transcriptions(
        self,
        *,
        start_time: Timestamp,
        end_time: Timestamp | None = None,
        bucket_width: BucketWidth | None = None,
        group_by: Iterable[ByModel] | None = None,
        project_ids: Iterable[str] | None = None,
        user_ids: Iterable[str] | None = None,
        api_key_ids: Iterable[str] | None = None,
        models: Iterable[str] | None = None,
        limit: int | None = None,
        page: str | None = None,
    ) -> Page[UsageBucket[AudioTranscriptionsUsage]]:
        """Usage of transcription, in seconds.

        Args:
            limit: buckets a page: at most 31 days, 168 hours or 1440 minutes (default 7, 24, 60).
        """
        ...

    @_usage("/organization/usage/vector_stores")
    def vector_stores(
        self,
        *,
        start_time: Timestamp,
        end_time: Timestamp | None = None,
        bucket_width: BucketWidth | None = None,
        group_by: Iterable[ByProject] | None = None,
        project_ids: Iterable[str] | None = None,
        limit: int | None = None,
        page: str | None = None,
    ) -> Page[UsageBucket[VectorStoresUsage]]:
        """Storage of vector stores, in bytes.

        Args:
            limit: buckets a page: at most 31 days, 168 hours or 1440 minutes (default 7, 24, 60).
        """
        ...

    @_usage("/organization/usage/code_interpreter_sessions")
    def code_interpreter_sessions(
        self,
        *,
        start_time: Timestamp,
        end_time: Timestamp | None = None,
        bucket_width: BucketWidth | None = None,
        group_by: Iterable[ByProject] | None = None,
        project_ids: Iterable[str] | None = None,
        limit: int | None = None,
        page: str | None = None,
    ) -> Page[UsageBucket[CodeInterpreterSessionsUsage]]:
        """Code interpreter sessions.

        Args:
            limit: buckets a page: at most 31 days, 168 hours or 1440 minutes (default 7, 24, 60).
        """
        ...

    @_usage("/organization/usage/file_search_calls")
    def file_search_calls(
        self,
        *,
        start_time: Timestamp,
        end_time: Timestamp | None = None,
        bucket_width: BucketWidth | None = None,
        group_by: Iterable[ByFileSearch] | None = None,
        project_ids: Iterable[str] | None = None,
        user_ids: Iterable[str] | None = None,
        api_key_ids: Iterable[str] | None = None,
        vector_store_ids: Iterable[str] | None = None,
        limit: int | None = None,
        page: str | None = None,
    ) -> Page[UsageBucket[FileSearchCallsUsage]]:
        """Calls of the file search tool.

        Args:
            limit: buckets a page: at most 31 days, 168 hours or 1440 minutes (default 7, 24, 60).
            vector_store_ids: only these vector stores.
        """
        ...

    @_usage("/organization/usage/web_search_calls")
    def web_search_calls(
        self,
        *,
        start_time: Timestamp,
        end_time: Timestamp | None = None,
        bucket_width: BucketWidth | None = None,
        group_by: Iterable[ByWebSearch] | None = None,
        project_ids: Iterable[str] | None = None,
        user_ids: Iterable[str] | None = None,
        api_key_ids: Iterable[str] | None = None,
        models: Iterable[str] | None = None,
        context_levels: Iterable[Literal["low", "medium", "high"]] | None = None,
        limit: int | None = None,
        page: str | None = None,
    ) -> Page[UsageBucket[WebSearchCallsUsage]]:
        """Calls of the web search tool.

        Args:
            limit: buckets a page: at most 31 days, 168 hours or 1440 minutes (default 7, 24, 60).
            context_levels: only these levels of search context.
        """
        ...

    @listing("/organization/costs", paging=Paging.NEXT_PAGE, walk=BucketWalk, check=_check_costs)
    def costs(
        self,
        *,
        start_time: Timestamp,
        end_time: Timestamp | None = None,
        bucket_width: Literal["1d"] | None = None,
        group_by: Iterable[ByCost] | None = None,
        project_ids: Iterable[str] | None = None,
        api_key_ids: Iterable[str] | None = None,
        line_items: Iterable[str] | None = None,
        limit: int | None = None,
        page: str | None = None,
    ) -> Page[UsageBucket[Cost]]:
        """Costs by day, in dollars, as they are billed.

        Args:
            bucket_width: only `1d`.
            line_items: only these line items, such as `gpt-5-mini, input`.
            limit: days on one page, up to 180; the API's default is 7.
        """
        ...
