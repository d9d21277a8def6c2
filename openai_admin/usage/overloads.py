"""`stream` and `collect` as type checkers see them on both clients: by endpoint, with its rows."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterable
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, Unpack, overload

from .._declare.methods import Declared
from .._declare.resource import Async, Blocking, Resource
from ..resources.usage.results import (
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
from .filters import (
    AnyTable,
    CostsQuery,
    CostsTable,
    EndpointName,
    FileSearchQuery,
    FileSearchTable,
    ImagesQuery,
    ImagesTable,
    ModelsQuery,
    ModelsTable,
    StorageQuery,
    StorageTable,
    TokensQuery,
    TokensTable,
    WebSearchQuery,
    WebSearchTable,
)
from .table import UsageTable

D = TypeVar("D")


def seen_as(kind: type[D]) -> Callable[[Any], D]:
    """Let type checkers see a declared method as a class of this module; it stays what it is."""
    return lambda declared: declared


class AsyncStream(Protocol):
    """`stream` of the asynchronous client."""

    @overload
    def __call__(
        self, endpoint: Literal["completions"], **query: Unpack[TokensQuery]
    ) -> AsyncGenerator[UsageBucket[CompletionsUsage], None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["decisions"], **query: Unpack[TokensQuery]
    ) -> AsyncGenerator[UsageBucket[DecisionsUsage], None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["embeddings"], **query: Unpack[ModelsQuery]
    ) -> AsyncGenerator[UsageBucket[EmbeddingsUsage], None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["moderations"], **query: Unpack[ModelsQuery]
    ) -> AsyncGenerator[UsageBucket[ModerationsUsage], None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["images"], **query: Unpack[ImagesQuery]
    ) -> AsyncGenerator[UsageBucket[ImagesUsage], None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["audio_speeches"], **query: Unpack[ModelsQuery]
    ) -> AsyncGenerator[UsageBucket[AudioSpeechesUsage], None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["audio_transcriptions"], **query: Unpack[ModelsQuery]
    ) -> AsyncGenerator[UsageBucket[AudioTranscriptionsUsage], None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["vector_stores"], **query: Unpack[StorageQuery]
    ) -> AsyncGenerator[UsageBucket[VectorStoresUsage], None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["code_interpreter_sessions"], **query: Unpack[StorageQuery]
    ) -> AsyncGenerator[UsageBucket[CodeInterpreterSessionsUsage], None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["file_search_calls"], **query: Unpack[FileSearchQuery]
    ) -> AsyncGenerator[UsageBucket[FileSearchCallsUsage], None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["web_search_calls"], **query: Unpack[WebSearchQuery]
    ) -> AsyncGenerator[UsageBucket[WebSearchCallsUsage], None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["costs"], **query: Unpack[CostsQuery]
    ) -> AsyncGenerator[UsageBucket[Cost], None]: ...


class BlockingStream(Protocol):
    """`stream` of the blocking client."""

    @overload
    def __call__(
        self, endpoint: Literal["completions"], **query: Unpack[TokensQuery]
    ) -> Generator[UsageBucket[CompletionsUsage], None, None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["decisions"], **query: Unpack[TokensQuery]
    ) -> Generator[UsageBucket[DecisionsUsage], None, None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["embeddings"], **query: Unpack[ModelsQuery]
    ) -> Generator[UsageBucket[EmbeddingsUsage], None, None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["moderations"], **query: Unpack[ModelsQuery]
    ) -> Generator[UsageBucket[ModerationsUsage], None, None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["images"], **query: Unpack[ImagesQuery]
    ) -> Generator[UsageBucket[ImagesUsage], None, None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["audio_speeches"], **query: Unpack[ModelsQuery]
    ) -> Generator[UsageBucket[AudioSpeechesUsage], None, None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["audio_transcriptions"], **query: Unpack[ModelsQuery]
    ) -> Generator[UsageBucket[AudioTranscriptionsUsage], None, None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["vector_stores"], **query: Unpack[StorageQuery]
    ) -> Generator[UsageBucket[VectorStoresUsage], None, None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["code_interpreter_sessions"], **query: Unpack[StorageQuery]
    ) -> Generator[UsageBucket[CodeInterpreterSessionsUsage], None, None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["file_search_calls"], **query: Unpack[FileSearchQuery]
    ) -> Generator[UsageBucket[FileSearchCallsUsage], None, None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["web_search_calls"], **query: Unpack[WebSearchQuery]
    ) -> Generator[UsageBucket[WebSearchCallsUsage], None, None]: ...

    @overload
    def __call__(
        self, endpoint: Literal["costs"], **query: Unpack[CostsQuery]
    ) -> Generator[UsageBucket[Cost], None, None]: ...


class AsyncCollect(Protocol):
    """`collect` of the asynchronous client."""

    @overload
    def __call__(
        self, endpoints: Literal["completions", "decisions"], **query: Unpack[TokensTable]
    ) -> Coroutine[Any, Any, UsageTable]: ...

    @overload
    def __call__(
        self,
        endpoints: Literal["embeddings", "moderations", "audio_speeches", "audio_transcriptions"],
        **query: Unpack[ModelsTable],
    ) -> Coroutine[Any, Any, UsageTable]: ...

    @overload
    def __call__(
        self, endpoints: Literal["images"], **query: Unpack[ImagesTable]
    ) -> Coroutine[Any, Any, UsageTable]: ...

    @overload
    def __call__(
        self,
        endpoints: Literal["vector_stores", "code_interpreter_sessions"],
        **query: Unpack[StorageTable],
    ) -> Coroutine[Any, Any, UsageTable]: ...

    @overload
    def __call__(
        self, endpoints: Literal["file_search_calls"], **query: Unpack[FileSearchTable]
    ) -> Coroutine[Any, Any, UsageTable]: ...

    @overload
    def __call__(
        self, endpoints: Literal["web_search_calls"], **query: Unpack[WebSearchTable]
    ) -> Coroutine[Any, Any, UsageTable]: ...

    @overload
    def __call__(
        self, endpoints: Literal["costs"], **query: Unpack[CostsTable]
    ) -> Coroutine[Any, Any, UsageTable]: ...

    @overload
    def __call__(
        self, endpoints: Literal["all"] | Iterable[EndpointName] = "all", **query: Unpack[AnyTable]
    ) -> Coroutine[Any, Any, UsageTable]: ...


class BlockingCollect(Protocol):
    """`collect` of the blocking client."""

    @overload
    def __call__(
        self, endpoints: Literal["completions", "decisions"], **query: Unpack[TokensTable]
    ) -> UsageTable: ...

    @overload
    def __call__(
        self,
        endpoints: Literal["embeddings", "moderations", "audio_speeches", "audio_transcriptions"],
        **query: Unpack[ModelsTable],
    ) -> UsageTable: ...

    @overload
    def __call__(
        self, endpoints: Literal["images"], **query: Unpack[ImagesTable]
    ) -> UsageTable: ...

    @overload
    def __call__(
        self,
        endpoints: Literal["vector_stores", "code_interpreter_sessions"],
        **query: Unpack[StorageTable],
    ) -> UsageTable: ...

    @overload
    def __call__(
        self, endpoints: Literal["file_search_calls"], **query: Unpack[FileSearchTable]
    ) -> UsageTable: ...

    @overload
    def __call__(
        self, endpoints: Literal["web_search_calls"], **query: Unpack[WebSearchTable]
    ) -> UsageTable: ...

    @overload
    def __call__(self, endpoints: Literal["costs"], **query: Unpack[CostsTable]) -> UsageTable: ...

    @overload
    def __call__(
        self, endpoints: Literal["all"] | Iterable[EndpointName] = "all", **query: Unpack[AnyTable]
    ) -> UsageTable: ...


class Stream:
    """How type checkers see `stream`."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, resource: None, owner: Any) -> Declared[...]: ...
        @overload
        def __get__(self, resource: Resource[Async], owner: Any) -> AsyncStream: ...
        @overload
        def __get__(self, resource: Resource[Blocking], owner: Any) -> BlockingStream: ...
        def __get__(self, resource: Resource[Any] | None, owner: Any) -> Any: ...


class Collect:
    """How type checkers see `collect`."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, resource: None, owner: Any) -> Declared[...]: ...
        @overload
        def __get__(self, resource: Resource[Async], owner: Any) -> AsyncCollect: ...
        @overload
        def __get__(self, resource: Resource[Blocking], owner: Any) -> BlockingCollect: ...
        def __get__(self, resource: Resource[Any] | None, owner: Any) -> Any: ...
