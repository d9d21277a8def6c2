"""What `stream` and `collect` take for each endpoint, as type checkers see it: groups and filters.

The declarations of the endpoints say the same to everything else; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Required, TypedDict
from zoneinfo import ZoneInfo

from .._declare.arguments import Timestamp
from ..resources.usage import (
    BucketWidth,
    ByCost,
    ByFileSearch,
    ByImage,
    ByModel,
    ByProject,
    ByTokens,
    ByWebSearch,
    ImageSize,
    ImageSource,
)
from .borders import Adapt
from .fetch import Partial
from .line_items import ByPart

EndpointName = Literal[
    "completions",
    "decisions",
    "embeddings",
    "moderations",
    "images",
    "audio_speeches",
    "audio_transcriptions",
    "vector_stores",
    "code_interpreter_sessions",
    "file_search_calls",
    "web_search_calls",
    "costs",
]

AnyGroup = Literal[ByTokens, ByImage, ByFileSearch, ByWebSearch, ByCost, ByPart]
"""Every field that some endpoint can group by."""


class Range(TypedDict, total=False):
    """What every query says."""

    start_time: Required[Timestamp]
    end_time: Timestamp | None
    bucket_width: BucketWidth
    adapt: Adapt | None
    whole_days: bool
    limit: int | None


class Collecting(TypedDict, total=False):
    """What a query of a whole table says besides."""

    partial: Partial
    tz: str | ZoneInfo | None


class TokensQuery(Range, total=False):
    """A query of completions and decisions."""

    group_by: Iterable[ByTokens] | None
    project_ids: Iterable[str] | None
    user_ids: Iterable[str] | None
    api_key_ids: Iterable[str] | None
    models: Iterable[str] | None
    batch: bool | None


class ModelsQuery(Range, total=False):
    """A query of embeddings, moderations and audio."""

    group_by: Iterable[ByModel] | None
    project_ids: Iterable[str] | None
    user_ids: Iterable[str] | None
    api_key_ids: Iterable[str] | None
    models: Iterable[str] | None


class ImagesQuery(Range, total=False):
    """A query of images."""

    group_by: Iterable[ByImage] | None
    project_ids: Iterable[str] | None
    user_ids: Iterable[str] | None
    api_key_ids: Iterable[str] | None
    models: Iterable[str] | None
    sources: Iterable[ImageSource] | None
    sizes: Iterable[ImageSize] | None


class StorageQuery(Range, total=False):
    """A query of vector stores and code interpreter sessions."""

    group_by: Iterable[ByProject] | None
    project_ids: Iterable[str] | None


class FileSearchQuery(Range, total=False):
    """A query of calls of the file search tool."""

    group_by: Iterable[ByFileSearch] | None
    project_ids: Iterable[str] | None
    user_ids: Iterable[str] | None
    api_key_ids: Iterable[str] | None
    vector_store_ids: Iterable[str] | None


class WebSearchQuery(Range, total=False):
    """A query of calls of the web search tool."""

    group_by: Iterable[ByWebSearch] | None
    project_ids: Iterable[str] | None
    user_ids: Iterable[str] | None
    api_key_ids: Iterable[str] | None
    models: Iterable[str] | None
    context_levels: Iterable[Literal["low", "medium", "high"]] | None


class CostsRange(TypedDict, total=False):
    """What every query of costs says, which come by day."""

    start_time: Required[Timestamp]
    end_time: Timestamp | None
    bucket_width: Literal["1d"]
    adapt: Adapt | None
    whole_days: bool
    limit: int | None
    project_ids: Iterable[str] | None
    api_key_ids: Iterable[str] | None
    line_items: Iterable[str] | None


class CostsQuery(CostsRange, total=False):
    """A query of costs."""

    group_by: Iterable[ByCost] | None


class AnyQuery(Range, total=False):
    """A query of several endpoints."""

    group_by: Iterable[AnyGroup] | None
    project_ids: Iterable[str] | None
    user_ids: Iterable[str] | None
    api_key_ids: Iterable[str] | None
    models: Iterable[str] | None
    batch: bool | None
    sources: Iterable[ImageSource] | None
    sizes: Iterable[ImageSize] | None
    vector_store_ids: Iterable[str] | None
    context_levels: Iterable[Literal["low", "medium", "high"]] | None
    line_items: Iterable[str] | None


class TokensTable(TokensQuery, Collecting, total=False):
    """A query of a table of completions and decisions."""


class ModelsTable(ModelsQuery, Collecting, total=False):
    """A query of a table of embeddings, moderations and audio."""


class ImagesTable(ImagesQuery, Collecting, total=False):
    """A query of a table of images."""


class StorageTable(StorageQuery, Collecting, total=False):
    """A query of a table of vector stores and code interpreter sessions."""


class FileSearchTable(FileSearchQuery, Collecting, total=False):
    """A query of a table of calls of the file search tool."""


class WebSearchTable(WebSearchQuery, Collecting, total=False):
    """A query of a table of calls of the web search tool."""


class CostsTable(CostsRange, Collecting, total=False):
    """A query of a table of costs, whose line items are read where that is asked for."""

    group_by: Iterable[Literal[ByCost, ByPart]] | None


class AnyTable(AnyQuery, Collecting, total=False):
    """A query of a table of several endpoints."""
