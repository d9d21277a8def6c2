"""The blocking client: the same tree, the same calls, run in a thread of their own."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from ._declare.methods import portal_of
from ._declare.pagination import Portal
from ._declare.resource import Blocking, BlockingResponse
from ._portal.greenlets import check_patching
from ._portal.lease import PortalLease
from ._transport.session import Caller
from ._wire.http import hide
from ._wire.response import Response
from .client import Client, Responses, responses, undeclared_call

if TYPE_CHECKING:
    from collections.abc import Collection

    from ._wire.models import Entity
    from .directory.check import KeyCheck
    from .directory.search.hits import FindResult, HitKind


class BlockingResponses(Responses[BlockingResponse]):
    """The tree of the blocking client, whose methods give a `Response`."""

    def request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
    ) -> Response[Any]:
        """Call an endpoint that is not declared here; see `AsyncOpenAIAdmin.request`."""
        call = undeclared_call(method, path, query=query, body=body)
        response: Response[Any] = portal_of(self).call(lambda: self._caller.execute(call))
        return response


class OpenAIAdmin(Client[Blocking]):
    """A client of the OpenAI Admin API that blocks: for scripts, notebooks and threads.

    It takes the same arguments, has the same resources and raises the same errors as
    `AsyncOpenAIAdmin`. One client may be used by many threads at once; all clients of a process
    share one background thread, which ends with the last of them. A client made in a module may be
    used after a fork, as in gunicorn's and Celery's workers, and in gevent's greenlets, once
    ``gevent.monkey.patch_all()`` was called. Close it with ``with`` or `close`.
    """

    _blocks = True

    def _new_portal(self, caller: Caller) -> Portal:
        check_patching()
        return PortalLease(caller.session.close)

    @property
    def _lease(self) -> PortalLease:
        return cast("PortalLease", self._portal)  # made above

    @responses
    def with_response(self) -> type[BlockingResponses]:
        """The same tree, whose methods give a `Response`: the result, and what came beside it.

        ``client.with_response.projects.retrieve("proj_1").headers``. A listing gives its first
        page. What makes several requests is not there.
        """
        return BlockingResponses

    def request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        """Call an endpoint that is not declared here, and return its decoded JSON.

        See `AsyncOpenAIAdmin.request`.
        """
        call = undeclared_call(method, path, query=query, body=body)
        return self._lease.call(lambda: self._caller.execute(call))

    def check(self) -> KeyCheck:
        """Find out whose organization the key is of, and which parts of the API answer it.

        See `AsyncOpenAIAdmin.check`.
        """
        return self._lease.call(self._check())

    def find(
        self,
        text: str,
        *,
        kinds: Collection[HitKind] | None = None,
        projects: Collection[str] | None = None,
        everywhere: bool = False,
    ) -> FindResult:
        """Find people, projects, keys and more by an id, a name, an address or a key's end.

        See `AsyncOpenAIAdmin.find`.
        """
        text = hide(text)
        found = self._find(text, kinds=kinds, projects=projects, everywhere=everywhere)
        return self._lease.call(found)

    def wait_until_visible(self, created: Entity, *, timeout: float = 60.0, **of: str) -> Any:
        """Wait until the API shows what it has just created, which it may answer 404 to at first.

        See `AsyncOpenAIAdmin.wait_until_visible`.
        """
        return self._lease.call(self._wait_until_visible(created, timeout=timeout, of=of))

    @property
    def is_closed(self) -> bool:
        """Whether the client was closed, and cannot be used any more."""
        return self._lease.is_closed

    def close(self) -> None:
        """Close the connections. The client, and those made from it, cannot be used afterwards."""
        self._lease.close()

    def __enter__(self) -> Self:
        self._lease.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
