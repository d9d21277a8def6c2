"""The asynchronous client, and what it has in common with the blocking one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Coroutine, Mapping
from functools import cached_property, partial
from types import FunctionType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from ._declare.arguments import one_of, shown
from ._declare.effect import Effect
from ._declare.operation import Call
from ._declare.pagination import Portal
from ._declare.resource import Async, Mode, Resource
from ._transport.connection import DEFAULT_MAX_RESPONSE_BYTES, Timeout, Transport, environment_proxy
from ._transport.context import ON_UNREADABLE, OnUnreadable, Options
from ._transport.retry import RetryPolicy
from ._transport.session import Caller, Session
from ._transport.settings import (
    DEFAULT_BASE_URL,
    checked_address,
    checked_choice,
    checked_count,
    checked_key,
    checked_organization,
    checked_proxy,
)
from ._tree import AdminResources
from ._wire.codec import to_dict, to_json
from ._wire.http import USER_AGENT, HiddenText, Request, encode_query, hide, redact
from .errors import InvalidInputError
from .events import Listener

if TYPE_CHECKING:
    from .directory.check import KeyCheck
    from .insights.resource import Insights
    from .usage.queries import UsageQueries

DEFAULT_MAX_CONCURRENCY = 32

# What the methods of undeclared calls do, and which of them are idempotent by RFC 9110.
_EFFECTS: Mapping[str, Effect] = {
    "GET": Effect.READS,
    "POST": Effect.ADDS,
    "DELETE": Effect.REMOVES,
    "PUT": Effect.OVERWRITES,
    "PATCH": Effect.OVERWRITES,
}
_REPEATABLE = frozenset({"GET", "DELETE", "PUT"})


def _headers(key: str, organization: str | None) -> dict[str, str]:
    headers = {
        "Authorization": HiddenText(f"Bearer {key}"),
        "Accept": "application/json",
        "User-Agent": USER_AGENT,
    }
    if organization:
        headers["OpenAI-Organization"] = checked_organization(organization)
    return headers


class Client(AdminResources[Mode]):
    """What both clients are made from: their settings, and the tree."""

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
        on_unreadable: OnUnreadable = "keep",
        allow_insecure: bool = False,
        proxy: str | None = None,
        trust_env: bool = False,
        max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES,
        on_event: Listener | None = None,
    ) -> None:
        """Create a client; nothing is sent yet.

        Args:
            admin_key: an admin key (``sk-admin-…``); by default ``OPENAI_ADMIN_KEY``.
            organization: the organization to act in, for keys that reach several; by default
                ``OPENAI_ORG_ID``.
            base_url: by default ``OPENAI_BASE_URL``, else ``https://api.openai.com/v1``. Plain
                ``http`` only to this machine.
            timeout: seconds for one attempt, or a `Timeout` with every limit.
            max_retries: retries after the first attempt; by default 4 for reads, 2 for changes.
                What must not be repeated never is.
            max_concurrency: requests in flight at once, over all tasks and threads.
            check_inputs: check arguments before they are sent; without, the API judges them,
                which helps when it accepts something newer than this release.
            on_unreadable: what is done with an item of a page that cannot be read: ``"keep"`` it as
                it came in the page's `unreadable`, tell it as an event and in the log, and go on;
                or ``"raise"`` an `APIResponseValidationError`.
            allow_insecure: accept a plain ``http`` address of another machine, which shows the key
                to the network.
            proxy: the address of an HTTP proxy; by default none.
            trust_env: without ``proxy``, use the one that ``HTTPS_PROXY`` names.
            max_response_bytes: a longer answer, unpacked, is an error.
            on_event: receives what happens to each call; see `events`.

        Raises:
            ConfigurationError: no key, a key of another kind, or an address, a proxy, an
                organization or a number of requests that cannot be used.
            InvalidInputError: a time limit or a number of retries out of range, or another word
                for `on_unreadable`.
        """
        # So that no traceback shows them from here on.
        admin_key, proxy = hide(admin_key), hide(proxy)
        if admin_key is None:
            admin_key = hide(os.environ.get("OPENAI_ADMIN_KEY"))
        key = checked_key(admin_key)
        address = checked_address(
            base_url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL,
            allow_insecure=allow_insecure,
        )
        if proxy is not None:
            proxy = checked_proxy(proxy)
        elif trust_env:
            proxy = environment_proxy(address)
        transport = Transport(
            address,
            _headers(key, organization or os.environ.get("OPENAI_ORG_ID")),
            proxy=proxy,
            max_response_bytes=checked_count("max_response_bytes", max_response_bytes),
        )
        session = Session(
            transport,
            secret=HiddenText(key),
            max_concurrency=checked_count("max_concurrency", max_concurrency),
            on_event=on_event,
        )
        options = Options(
            Timeout.of(timeout),
            RetryPolicy(max_retries),
            check_inputs,
            checked_choice("on_unreadable", on_unreadable, ON_UNREADABLE),
        )
        caller = Caller(session, options, f"{address} with key {redact(key)}")
        self._share(caller, self._new_portal(caller))

    _caller: Caller

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Give the class its own `__init__`, so that an unknown argument is told as one of its."""
        super().__init_subclass__(**kwargs)
        if getattr(cls.__init__, "__code__", None) is Client.__init__.__code__:
            cls.__init__ = _renamed(Client.__init__, cls)  # type: ignore[method-assign]

    def _share(self, caller: Caller, portal: Portal | None) -> None:
        Resource.__init__(self, caller, portal)

    def _new_portal(self, caller: Caller) -> Portal | None:
        """What runs the calls of a blocking client; an asynchronous one needs nothing."""
        return None

    @cached_property
    def usage(self) -> UsageQueries[Mode]:
        """Usage and costs: each endpoint page by page, and long ranges of many at once."""
        from .usage.queries import UsageQueries

        return self._part(UsageQueries)

    @cached_property
    def insights(self) -> Insights[Mode]:
        """What the organization spends and who has access to it, assessed."""
        from .insights.resource import Insights

        return self._part(Insights)

    @property
    def base_url(self) -> str:
        """The address that all requests go to, without a slash at the end."""
        return self._caller.session.base_url

    def with_options(
        self,
        *,
        timeout: float | Timeout | None = None,
        max_retries: int | None = None,
        check_inputs: bool | None = None,
        on_unreadable: OnUnreadable | None = None,
    ) -> Self:
        """A client with other settings on the same session; what is left out stays as it is.

        Args:
            timeout: seconds for one attempt, or a `Timeout` with every limit.
            max_retries: retries after the first attempt.
            check_inputs: whether arguments are looked at before they are sent.
            on_unreadable: what is done with an item of a page that cannot be read: ``"keep"`` or
                ``"raise"``.

        Raises:
            InvalidInputError: a time limit or a number of retries out of range, or another word
                for `on_unreadable`.
        """
        other = object.__new__(type(self))
        # What a subclass keeps goes along; resources are made anew, with the new settings.
        vars(other).update({n: v for n, v in vars(self).items() if not isinstance(v, Resource)})
        if on_unreadable is not None:
            checked_choice("on_unreadable", on_unreadable, ON_UNREADABLE)
        caller = self._caller.with_options(
            timeout=timeout,
            max_retries=max_retries,
            check_inputs=check_inputs,
            on_unreadable=on_unreadable,
        )
        other._share(caller, self._portal)
        return other

    def _check(self) -> Callable[[], Coroutine[Any, Any, KeyCheck]]:
        from .directory.check import check

        caller = self._caller.with_options(max_retries=0, on_unreadable="keep")
        return partial(check, caller, address=self.base_url)

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("A client can be neither pickled nor copied; create a new one.")

    def __repr__(self) -> str:
        # None during construction, when a traceback with local variables may ask.
        return f"<{type(self).__name__} {vars(self).get('_caller')!r}>"


def _renamed(method: Any, owner: type) -> Any:
    """A copy of a method that belongs to another class."""
    code, name = method.__code__, method.__name__
    copy = FunctionType(code, method.__globals__, name, method.__defaults__, method.__closure__)
    copy.__kwdefaults__, copy.__annotations__ = method.__kwdefaults__, method.__annotations__
    copy.__doc__, copy.__module__ = method.__doc__, owner.__module__
    copy.__qualname__ = f"{owner.__qualname__}.{name}"
    return copy


class AsyncOpenAIAdmin(Client[Async]):
    """A client of the OpenAI Admin API, for ``async`` code.

    It opens its connections in the running event loop at the first call. Create one and share it
    between tasks: its limits hold for all of them. Close it with ``async with`` or `close`.
    """

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        """Call an endpoint that is not declared here, and return its decoded JSON.

        Args:
            method: ``GET`` is retried as a read, ``POST`` as a change that may not be repeated.
            path: below the base address, as ``/organization/projects``.
            query: parameters by their wire names; lists become repeated keys.
            body: what to send as JSON.

        Raises:
            InvalidInputError: the method or the path is unusable, or the query or the body cannot
                be sent.
            APIError: as for any call.
        """
        return await self._caller.execute(undeclared_call(method, path, query=query, body=body))

    async def check(self) -> KeyCheck:
        """Find out whose organization the key is of, and which parts of the API answer it.

        It reads one thing of each part, without retries: fourteen requests.
        What a read is refused, or does not find out, stands in the result with its reason.

        Raises:
            AuthenticationError: the API knows no such key.
        """
        return await self._check()()

    @property
    def is_closed(self) -> bool:
        """Whether the client was closed, and cannot be used any more."""
        return self._caller.session.is_closed

    async def close(self) -> None:
        """Close the connections. The client, and those made from it, cannot be used afterwards."""
        await self._caller.session.close()

    aclose = close

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


def undeclared_call(
    method: str, path: str, *, query: dict[str, Any] | None = None, body: Any = None
) -> Call:
    """The call of an endpoint that is not declared.

    Raises:
        InvalidInputError: the method or the path is unusable, or the query or the body cannot be
            sent.
    """
    name = method.upper() if isinstance(method, str) else method
    if name not in _EFFECTS:
        raise InvalidInputError(f"method must be {one_of(list(_EFFECTS))}, not {shown(method)}.")
    if not isinstance(path, str) or not re.fullmatch(r"/[!-~]*", path) or "#" in path:
        raise InvalidInputError(f"path must be a URL path that begins with '/', not {shown(path)}.")
    target = path
    encoded = encode_query((query or {}).items())
    if encoded:
        target += ("&" if "?" in path else "?") + encoded
    request = Request(
        name,
        path.partition("?")[0],
        target,
        None if body is None else to_json(to_dict(body, secrets=True)),
    )
    arguments = {"query": query, "body": body}
    return Call(f"{name} {path}", _EFFECTS[name], name in _REPEATABLE, arguments, request, Any)
