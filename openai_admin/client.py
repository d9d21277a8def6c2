"""The asynchronous client, and what it has in common with the blocking one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Coroutine, Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self

from ._declare.arguments import one_of, shown
from ._declare.effect import Effect
from ._declare.operation import Call
from ._declare.pagination import Portal
from ._declare.resource import Async, AsyncResponse, Mode, R_co, Resource, part
from ._forks import importing
from ._transport.connecting import transport_of
from ._transport.connection import Timeout
from ._transport.context import ON_UNREADABLE, OnUnreadable, Options
from ._transport.credentials import AdminKey, Credentials
from ._transport.headers import HeaderChanges, Headers, hidden
from ._transport.lengths import (
    DEFAULT_MAX_RESPONSE_BYTES,
    DEFAULT_TARGET_RESPONSE_BYTES,
    Lengths,
)
from ._transport.retry import RetryPolicy
from ._transport.session import Caller, Session
from ._transport.sessions import Connector, UserSession
from ._transport.settings import (
    DEFAULT_BASE_URL,
    checked_address,
    checked_choice,
    checked_count,
    checked_listener,
    checked_wait,
)
from ._transport.tls import TLS, without_key
from ._tree import AdminResources
from ._wire.codec import body_json
from ._wire.http import Request, encode_query, hide
from ._wire.response import Response
from .errors import InvalidInputError
from .events import Listener

if TYPE_CHECKING:
    from ._wire.models import Entity
    from .audit.resource import Audit
    from .directory.check import KeyCheck
    from .directory.search.hits import FindResult, HitKind
    from .insights.resource import Insights
    from .organization.resource import Organization
    from .usage.queries import UsageQueries
    from .workflows.resource import Workflows

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


class Tree(AdminResources[Mode]):
    """The API's resources, and what is made of them."""

    @part
    def usage(self) -> type[UsageQueries[Mode]]:
        """Usage and costs: each endpoint page by page, and long ranges of many at once."""
        from .usage.queries import UsageQueries

        return UsageQueries

    @part
    def insights(self) -> type[Insights[Mode]]:
        """What the organization spends and who has access to it, assessed."""
        from .insights.resource import Insights

        return Insights

    @part
    def workflows(self) -> type[Workflows[Mode]]:
        """Jobs of many steps: rotate a key, offboard a person."""
        from .workflows.resource import Workflows

        return Workflows

    @part
    def organization(self) -> type[Organization[Mode]]:
        """The organization as code: what there is as a file, and what would make it as one says."""
        from .organization.resource import Organization

        return Organization

    @part
    def audit(self) -> type[Audit[Mode]]:
        """The audit log as evidence: what in it should be looked at, and who did what."""
        from .audit.resource import Audit

        return Audit


class Client(Tree[Mode]):
    """What both clients are made from: their settings, and the tree."""

    def __init__(
        self,
        admin_key: AdminKey | None = None,
        *,
        organization: str | None = None,
        base_url: str | None = None,
        timeout: float | Timeout = Timeout(),  # noqa: B008 - immutable
        max_retries: int | None = None,
        wait: float | None = None,
        max_concurrency: int = DEFAULT_MAX_CONCURRENCY,
        check_inputs: bool = True,
        on_unreadable: OnUnreadable = "keep",
        allow_insecure: bool = False,
        ssl: TLS | None = None,
        headers: HeaderChanges | None = None,
        proxy: str | None = None,
        trust_env: bool = True,
        connector: Connector | None = None,
        session: UserSession | None = None,
        max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES,
        target_response_bytes: int = DEFAULT_TARGET_RESPONSE_BYTES,
        on_event: Listener | None = None,
        share_reads: bool = True,
    ) -> None:
        """Create a client; nothing is sent yet.

        Args:
            admin_key: an admin key (``sk-admin-…``); by default ``OPENAI_ADMIN_KEY``. A function
                that returns one, which may be asynchronous, is asked before each attempt, so that
                keys rotate without a new client; a plain one runs in a worker thread, with the
                caller's context variables.
            organization: the organization to act in, for keys that reach several; by default
                ``OPENAI_ORG_ID``.
            base_url: by default ``OPENAI_BASE_URL``, else ``https://api.openai.com/v1``. Plain
                ``http`` only to this machine.
            timeout: seconds for one attempt, or a `Timeout` with every limit.
            max_retries: retries after the first attempt; by default 4 for reads, 2 for changes.
                What must not be repeated never is.
            wait: seconds that a call waits for the pace of its endpoint, over all its attempts; if
                its turn would come later it fails at once with a `RateLimitError`, whose
                `retry_after` says when. By default it waits as long as the endpoint goes on letting
                requests pass: it fails when none has passed for two of its windows (at least two
                minutes), or when the API says that none will for longer than `timeout.total`.
            max_concurrency: requests in flight at once, over all tasks and threads.
            check_inputs: check arguments before they are sent; without, the API judges them,
                which helps when it accepts something newer than this release.
            on_unreadable: what is done with an item of a page that cannot be read: ``"keep"`` it as
                it came in the page's `unreadable`, tell it as an event and in the log, and go on;
                or ``"raise"`` an `APIResponseValidationError`.
            allow_insecure: accept a plain ``http`` address of another machine, which shows the key
                to the network.
            ssl: whom to trust and what to show: an `ssl.SSLContext`, the path of a file (or a
                folder, as ``openssl rehash`` makes it) of authorities to trust in place of the
                system's, or a `ClientCertificate` for mutual TLS. What it leaves open comes from
                the environment: the authorities from the first of ``SSL_CERT_FILE``,
                ``SSL_CERT_DIR`` and ``REQUESTS_CA_BUNDLE`` that is set, the certificate from
                ``OPENAI_MTLS_CLIENT_CERT_FILE`` and ``OPENAI_MTLS_CLIENT_KEY_FILE``. Files are
                read now, and not again.
            headers: sent with every request, such as a gateway's token; their values are never
                shown. ``None`` leaves out a default one.
            proxy: the address of an HTTP proxy, with its login if it wants one; by default the one
                that ``HTTPS_PROXY`` or else ``ALL_PROXY`` names, in either case, where
                ``NO_PROXY`` does not except the API's host. Plain ``http`` goes through none,
                since it would see the key: one that is passed is refused, unless
                ``allow_insecure``.
            trust_env: whether proxies, authorities and the client's certificate may come from the
                environment. The key, the address and the organization may in any case.
            connector: an aiohttp connector to use, or a function that returns one, called in the
                client's event loop. With it nothing about connecting comes from the environment.
            session: an aiohttp session to use in the same way; its own headers and cookies are
                sent too. What is passed ready is never closed by the client; what a function
                returned is.
            max_response_bytes: a longer answer, unpacked, is an error. Usage over long ranges is
                asked for in narrower windows then.
            target_response_bytes: about how long an answer may be where usage over long ranges is
                asked for: windows have as many buckets as fit in, or one. It is at most half of
                `max_response_bytes`; a stream, which holds several, has a quarter of it.
            on_event: a function that receives what happens to each call, or a coroutine function;
                see `events`.
            share_reads: let a read that begins while an equal one of this client is in flight, and
                nothing was changed meanwhile, have the same answer instead of being sent. Each
                call has a result or an error of its own. Where `admin_key` is a function, each
                read is sent.

        Raises:
            ConfigurationError: no key, a key of another kind, or an address, an organization, a
                certificate, a header, a proxy, a connector, an `on_event` or a number of requests
                that cannot be used.
            InvalidInputError: a time limit, a number of retries or of seconds out of range, or
                another word for `on_unreadable`.
        """
        # So that no traceback shows them from here on.
        admin_key, proxy, headers = hide(admin_key), hide(proxy), hidden(headers or {})
        ssl = without_key(ssl)
        if admin_key is None:
            admin_key = hide(os.environ.get("OPENAI_ADMIN_KEY"))
        credentials = Credentials(admin_key)
        address = checked_address(
            base_url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL,
            allow_insecure=allow_insecure,
        )
        transport = transport_of(
            address,
            tls=ssl,
            proxy=proxy,
            trust_env=trust_env,
            connector=connector,
            session=session,
            allow_insecure=allow_insecure,
            max_response_bytes=checked_count("max_response_bytes", max_response_bytes),
            owner=None if self._blocks else type(self).__name__,
        )
        target = checked_count("target_response_bytes", target_response_bytes)
        shared = Session(
            transport,
            credentials=credentials,
            max_concurrency=checked_count("max_concurrency", max_concurrency),
            on_event=checked_listener(on_event),
            share_reads=share_reads,
            lengths=Lengths(target, max_response_bytes),
        )
        options = Options(
            Timeout.of(timeout),
            RetryPolicy(max_retries),
            check_inputs,
            checked_choice("on_unreadable", on_unreadable, ON_UNREADABLE),
            wait=None if wait is None else checked_wait(wait),
            headers=Headers.of_organization(
                organization or os.environ.get("OPENAI_ORG_ID")
            ).changed(headers),
        )
        caller = Caller(shared, options)
        self._share(caller, self._new_portal(caller))

    _caller: Caller

    def _share(self, caller: Caller, portal: Portal | None) -> None:
        Resource.__init__(self, caller, portal)

    def _new_portal(self, caller: Caller) -> Portal | None:
        """What runs the calls of a blocking client; an asynchronous one needs nothing."""
        return None

    @property
    def base_url(self) -> str:
        """The address that all requests go to, without a slash at the end."""
        return self._caller.session.base_url

    def with_options(
        self,
        *,
        timeout: float | Timeout | None = None,
        max_retries: int | None = None,
        wait: float | None = None,
        check_inputs: bool | None = None,
        on_unreadable: OnUnreadable | None = None,
        admin_key: AdminKey | None = None,
        headers: HeaderChanges | None = None,
        extra_query: Mapping[str, Any] | None = None,
        extra_body: Mapping[str, Any] | None = None,
    ) -> Self:
        """A client with other settings on the same session; what is left out stays as it is.

        It need not be closed: it shares the connections, limits and pace of this one.

        Args:
            timeout: seconds for one attempt, or a `Timeout` with every limit.
            max_retries: retries after the first attempt.
            wait: seconds that a call waits for the pace of its endpoint; ``0`` to fail at once,
                `math.inf` to wait however long.
            check_inputs: whether arguments are looked at before they are sent.
            on_unreadable: what is done with an item of a page that cannot be read: ``"keep"`` or
                ``"raise"``.
            admin_key: another key, or a function that returns one.
            headers: more headers; ``None`` as a value leaves out one that there was.
            extra_query: more parameters of the query, by their names on the wire, for what the API
                has that is not declared here. They take the place of those set before.
            extra_body: more fields of the JSON body, likewise. Calls without a body are refused.

        Raises:
            ConfigurationError: a key or a header that cannot be used.
            InvalidInputError: a time limit, a number of retries or of seconds out of range, or
                another word for `on_unreadable`.
        """
        admin_key, headers = hide(admin_key), None if headers is None else hidden(headers)
        if on_unreadable is not None:
            checked_choice("on_unreadable", on_unreadable, ON_UNREADABLE)
        caller = self._caller.with_options(
            timeout=timeout,
            max_retries=max_retries,
            wait=wait,
            check_inputs=check_inputs,
            on_unreadable=on_unreadable,
            admin_key=admin_key,
            headers=headers,
            extra_query=extra_query,
            extra_body=extra_body,
        )
        return self._calling(caller)

    def _calling(self, caller: Caller) -> Self:
        """A client like this one whose calls another caller sends."""
        other = object.__new__(type(self))
        # What a subclass keeps goes along; resources are made anew, with the new settings.
        vars(other).update({n: v for n, v in vars(self).items() if not isinstance(v, Resource)})
        other._share(caller, self._portal)
        return other

    def _check(self) -> Callable[[], Coroutine[Any, Any, KeyCheck]]:
        with importing():
            from .directory.check import check

        caller = self._caller.with_options(
            max_retries=0, on_unreadable="keep", extra_query={}, extra_body={}
        )
        return partial(check, caller, address=self.base_url)

    def _find(self, text: str, **settings: Any) -> Callable[[], Coroutine[Any, Any, FindResult]]:
        with importing():
            from .directory.search.search import find

        return partial(find, self._caller, text, **settings)

    def _wait_until_visible(
        self, created: Entity, *, timeout: float, of: Mapping[str, Any]
    ) -> Callable[[], Coroutine[Any, Any, Any]]:
        with importing():
            from .directory.visible import wait_until_visible

        return partial(wait_until_visible, self._caller, created, timeout=timeout, **of)

    def __repr__(self) -> str:
        # None during construction, when a traceback with local variables may ask.
        return f"<{type(self).__name__} {vars(self).get('_caller')!r}>"


class responses(part[R_co]):  # noqa: N801 - a decorator
    """The tree of a client whose methods give a `Response`."""

    def _class(self, kind: type[Resource[Any]], owner: type[Resource[Any]]) -> Any:
        return kind._class_of(blocking=owner._blocks, responds=True)

    def _made(self, kind: type[Resource[Any]], resource: Any) -> Any:
        return kind.of(resource._caller.responding(), resource._portal, responds=True)


class Responses(Tree[Mode]):
    """The tree of a client whose methods give a `Response`."""

    if not TYPE_CHECKING:  # so that type checkers refuse what it has not

        def __getattr__(self, name: str) -> NoReturn:
            if not name.startswith("_") and hasattr(AsyncOpenAIAdmin, name):
                raise AttributeError(
                    f"with_response has no {name}: it has what sends a single request; use the"
                    " client's own."
                )
            raise AttributeError(f"with_response has no {name}.")


class AsyncResponses(Responses[AsyncResponse]):
    """The tree of the asynchronous client, whose methods give a `Response`."""

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
    ) -> Response[Any]:
        """Call an endpoint that is not declared here; see `AsyncOpenAIAdmin.request`."""
        call = undeclared_call(method, path, query=query, body=body)
        response: Response[Any] = await self._caller.execute(call)
        return response


class AsyncOpenAIAdmin(Client[Async]):
    """A client of the OpenAI Admin API, for ``async`` code.

    It opens its connections in the running event loop at the first call. Create one and share it
    between tasks: its limits hold for all of them. Close it with ``async with`` or `close`. It can
    be used in one event loop after another, but not in two at once. In a forked process it opens
    connections of its own. It needs asyncio (uvloop serves); under trio, use `OpenAIAdmin` in a
    thread.
    """

    @responses
    def with_response(self) -> type[AsyncResponses]:
        """The same tree, whose methods give a `Response`: the result, and what came beside it.

        ``(await client.with_response.projects.retrieve("proj_1")).headers``. A listing is awaited
        for its first page. What makes several requests is not there.
        """
        return AsyncResponses

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

    async def find(
        self,
        text: str,
        *,
        kinds: Collection[HitKind] | None = None,
        projects: Collection[str] | None = None,
        everywhere: bool = False,
    ) -> FindResult:
        """Find people, projects, keys and more by an id, a name, an address or a key's end.

        ::

            for hit in (await client.find("ada")).hits:
                print(hit.kind, hit.id, hit.label, hit.why)

        What has the text as its id comes first, then what is called so, begins so, and has it in
        its name; letter case and accents are ignored in names. Where there is nothing, `near` has
        what was perhaps meant. What the API refuses is in `not_known`, and the rest stands.

        A text that tells what it is costs few requests: an id, and an address that somebody has,
        one or two. Other texts are looked for in each listing of the organization, and in the keys
        and service accounts of its projects, two requests for each that is not archived: where
        these are more than 50, only if `kinds`, `projects` or `everywhere` say so; else `left_out`
        says that they were not looked through.

        **The secret of a key** is recognized by its beginning and its last characters. It is not
        sent, logged or kept, and the result has its last four characters alone.

        Args:
            text: an id or a part of one, a name, an address, a redacted value (``sk-…AbCd``) or
                its last characters, or a secret.
            kinds: what to look for: ``person``, ``project``, ``service_account``, ``key`` (of a
                project), ``admin_key``, ``group``, ``invite``, ``certificate``, ``role``; by
                default what the text may be of.
            projects: look only at what is in these projects, by name or id: their people, service
                accounts, keys and roles.
            everywhere: look into each project, however many there are.

        Raises:
            InvalidInputError: the text is empty, there is no such kind or project, or what is in
                these projects, or has such a text, is of none of the kinds.
            AuthenticationError: the key is wrong.
            APIConnectionError: the API cannot be reached at all.
        """
        text = hide(text)  # so that no traceback shows a secret from here on
        return await self._find(text, kinds=kinds, projects=projects, everywhere=everywhere)()

    async def wait_until_visible(self, created: Entity, *, timeout: float = 60.0, **of: str) -> Any:
        """Wait until the API shows what it has just created, which it may answer 404 to at first.

        ::

            account = await client.projects.service_accounts.create("proj_1", name="bot")
            await client.wait_until_visible(account, project_id="proj_1")

        It asks by the id, with growing pauses. A listing, and other parts of the API, may take
        longer. **That a key is visible does not say that it is accepted**: only a call with it
        does.

        Args:
            created: what a creation returned; of a service account, it is not its first key, which
                is its `api_key`.
            timeout: seconds to wait, 0 or more; ``0`` asks once.
            of: ids of what it belongs to that it does not say itself, as `project_id`.

        Returns:
            It as the API shows it: for a `ServiceAccountAPIKey` a `ProjectAPIKey`, for a
            membership the member, for an assignment the role.

        Raises:
            NotVisibleError: the API does not show it in that time. It was created nevertheless.
            InvalidInputError: it is nothing that was created, an id is missing or is of nothing
                that it belongs to, or `timeout` is out of range.
            APIError: as for any call; only 404 is waited out.
        """
        return await self._wait_until_visible(created, timeout=timeout, of=of)()

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
        None if body is None else body_json(body),
    )
    arguments = {"query": query, "body": body}
    return Call(f"{name} {path}", _EFFECTS[name], name in _REPEATABLE, arguments, request, Any)
