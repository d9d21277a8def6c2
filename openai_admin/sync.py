"""The blocking client: the same tree, the same calls, run on an anyio portal."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from .client import DEFAULT_MAX_CONCURRENCY, Engine, make_engine, undeclared_call
from .portal import PortalLease
from .resource import Blocking
from .transport import Timeout
from .tree import AdminResources


class OpenAIAdmin(AdminResources[Blocking]):
    """A client of the OpenAI Admin API that blocks: for scripts, notebooks and threads.

    It takes the same arguments, has the same resources and raises the same errors as
    `AsyncOpenAIAdmin`. One client may be used by many threads at once; all clients of a process
    share one background thread, which ends with the last of them.

    Args:
        admin_key: an admin key (``sk-admin-…``); by default ``OPENAI_ADMIN_KEY``.
        organization: the organization to act in; by default ``OPENAI_ORG_ID``.
        base_url: by default ``OPENAI_BASE_URL``, else ``https://api.openai.com/v1``.
        timeout: seconds for one attempt, or a `Timeout` with every limit.
        max_retries: retries after the first attempt; by default 4 for reads, 2 for changes.
        max_concurrency: requests in flight at once, over all threads.
        check_inputs: look at arguments before they are sent.

    Raises:
        ConfigurationError: no key, a key of another kind, or an unusable address.
    """

    def __init__(
        self,
        admin_key: str | None = None,
        *,
        organization: str | None = None,
        base_url: str | None = None,
        timeout: float | Timeout = Timeout(),  # noqa: B008 - immutable
        max_retries: int | None = None,
        max_concurrency: int = DEFAULT_MAX_CONCURRENCY,
        check_inputs: bool = True,
    ) -> None:
        engine = make_engine(
            admin_key,
            organization=organization,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            max_concurrency=max_concurrency,
            check_inputs=check_inputs,
        )
        self._share(engine, PortalLease(engine.session.close))

    def _share(self, engine: Engine, lease: PortalLease) -> None:
        super().__init__(engine, lease)
        self._engine = engine
        self._lease = lease

    def with_options(
        self,
        *,
        timeout: float | Timeout | None = None,
        max_retries: int | None = None,
        check_inputs: bool | None = None,
    ) -> Self:
        """A client with other settings on the same session; what is left out stays as it is."""
        other = object.__new__(type(self))
        engine = self._engine.with_options(
            timeout=timeout, max_retries=max_retries, check_inputs=check_inputs
        )
        other._share(engine, self._lease)
        return other

    def request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        """Call an endpoint that is not declared here, and get its decoded JSON.

        See `AsyncOpenAIAdmin.request`.
        """
        call = undeclared_call(method, path, query=query, body=body)
        return self._lease.call(lambda: self._engine.execute(call))

    def close(self) -> None:
        """Close the connections. The client, and those made from it, cannot be used after."""
        self._lease.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._engine!r}>"
