"""The emulator itself: an HTTP server on a loopback socket, between requests and handlers."""

from __future__ import annotations

import asyncio
import inspect
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from email.utils import formatdate
from functools import partial
from types import TracebackType
from typing import Literal, Self
from urllib.parse import unquote

import msgspec
from aiohttp import web

from . import handlers as handler_modules
from .auth import READ_SCOPES, authorize
from .body import read_object
from .demo import LARGE, Size, populate
from .faults import Environment, Faults
from .handlers.invites import accept
from .listener import HOST, Listener
from .metering import Burst
from .metering.bursts import burst_of
from .models import MODELS
from .project_keys import add_project_key, default_project
from .query import Query
from .received import ReceivedRequest
from .received import received as received_request
from .replies import EmulatedError, error_body
from .routing import HANDLERS, Call, Handlers, Route, Router
from .rules import refuse_archived
from .store import Snapshot, Store
from .table import Record

BASE_PATH = "/v1"
_LOGGER = logging.getLogger(__name__)
_HISTORY = 10_000
_encode = msgspec.json.Encoder().encode
_decode_segment = partial(unquote, errors="replace")


class Emulator:
    """An organization and its Admin API on a free port of the loopback interface.

    ::

        async with Emulator(state="empty") as emulator:
            client = AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url)

    `state` is the demo organization, or an empty one that has only an owner and the admin key.
    `size` is that of the demo organization: `large` has 2,000 projects, 20,000 users, 10,000 keys
    and 100,000 audit log events, and takes some seconds; a `Size` has what it says.
    `seed` decides every id and secret, `now` returns the time in Unix seconds. `port` 0 takes a
    free one. `handlers` replaces the package's own handlers of operations.
    `costs_by_project_and_user` makes it an organization whose costs can be grouped by both.
    A key that was deleted, or whose project was archived, works for `key_deletion_delay` more
    seconds, by `now`. Usage and costs are reported after `reporting_delay` seconds.
    Faults wait with `sleep`, and count rate limits by `clock`, in seconds that only increase.
    """

    def __init__(
        self,
        *,
        state: Literal["demo", "empty"] = "demo",
        size: Literal["small", "large"] | Size = "small",
        seed: int = 0,
        now: Callable[[], int] | None = None,
        port: int = 0,
        handlers: Handlers | None = None,
        costs_by_project_and_user: bool = False,
        key_deletion_delay: int = 0,
        reporting_delay: int = 0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if state not in ("demo", "empty"):
            raise ValueError(f"state must be 'demo' or 'empty', not {state!r}.")
        if size not in ("small", "large") and not isinstance(size, Size):
            raise ValueError(f"size must be 'small', 'large' or a Size, not {size!r}.")
        if state == "empty" and size != "small":
            raise ValueError("size is that of the demo organization; state 'empty' has none.")
        delays = {"key_deletion_delay": key_deletion_delay, "reporting_delay": reporting_delay}
        for name, delay in delays.items():
            if delay < 0:
                raise ValueError(f"{name} must be 0 or more, not {delay}.")
        if handlers is None:
            handler_modules.load()
            handlers = HANDLERS
        self.store = Store(seed=seed, now=now or (lambda: int(time.time())))
        self.store.costs_by_project_and_user = costs_by_project_and_user
        self.store.key_deletion_delay = key_deletion_delay
        self.store.reporting_delay = reporting_delay
        self._clock = clock
        self._listener = Listener(self._serve, port=port, sleep=sleep)
        environment = Environment(
            seed=seed,
            sleep=sleep,
            clock=clock,
            now=self.store.now,
            store=self.store,
            refuse=self._listener.refuse,
        )
        routes = [*(Route.of(*bound) for bound in handlers.bound.values()), *MODELS]
        self.faults = Faults(environment, [route.name for route in routes])
        """What goes wrong on purpose; see `faults`."""
        self.requests: deque[ReceivedRequest] = deque(maxlen=_HISTORY)
        """The latest requests, oldest first; `requests.clear()` forgets them."""
        self.in_flight = 0
        """Requests that are being answered now."""
        self.peak_in_flight = 0
        """The most requests that were being answered at one time; may be reset to 0."""
        self._router = Router(routes)
        # Apart from the store's, so that reading does not change the ids that come next.
        self._request_ids = random.Random(seed)

        grown = size if isinstance(size, Size) else LARGE if size == "large" else None
        self.expected_findings = populate(self.store, grown) if state == "demo" else None
        """What there is to find in the demo organization: its anomaly, stale keys and so on."""
        self.admin_key = self.add_key(name="Emulator")
        """The value of an admin key that may do everything."""
        self._initial = self.store.snapshot()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, in the running event loop."""
        await self._listener.start()

    async def stop(self) -> None:
        """Close the socket and every connection; requests under way are cut off.

        The state stays, and the emulator can be started again. Stopping twice is not an error.
        """
        await self._listener.stop()

    async def refuse(self, seconds: float) -> None:
        """Stop accepting connections for so many seconds and close those there are.

        This returns at once. The port stays the same.
        """
        await self._listener.refuse(seconds)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._listener.port

    @property
    def base_url(self) -> str:
        """The address to give to a client, as `http://127.0.0.1:49152/v1`."""
        return f"http://{HOST}:{self.port}{BASE_PATH}"

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return self._listener.connections

    def add_key(
        self,
        *,
        name: str = "Key",
        read_only: bool = False,
        scopes: Iterable[str] | None = None,
        admin: bool = True,
        expires_at: int | None = None,
    ) -> str:
        """Create another key of the first owner, and return its value.

        It may do everything unless it is `read_only`, is restricted to some `scopes`
        (`api.usage.read`, `api.audit_logs.read`, `api.management.read`, `api.management.write`,
        `api.mtls.read`, `api.mtls.write`), or is not an `admin` key: that one is a key of the
        default project, as `add_project_key` makes it.
        """
        if not admin:
            return self.add_project_key(name=name, scopes=scopes or (), expires_at=expires_at)
        allowed = READ_SCOPES if read_only else None
        if scopes is not None:
            allowed = frozenset(scopes)
        owner = self.store.first_owner()
        return self.store.issue_admin_key(name, owner, scopes=allowed, expires_at=expires_at)[1]

    def add_project_key(
        self,
        project_id: str | None = None,
        *,
        owner_id: str | None = None,
        name: str = "Key",
        scopes: Iterable[str] = (),
        expires_at: int | None = None,
    ) -> str:
        """Create a key of a project, and return its value.

        The project is the default one, and the owner the first owner of the organization, unless
        they are named; `owner_id` is that of a person or of a service account of the project. A
        person need not be a member of the project, as the first owner may not be: the key works,
        and is listed as one whose owner has no access. It may `GET /models` and `/models/{id}`, and
        nothing of the Admin API. `scopes` restrict it, as those of
        `projects.api_keys.update` do; with none it is not restricted.

        Raises:
            EmulatedError: there is no such project or owner.
        """
        store = self.store
        project = store.projects.get(project_id) if project_id else default_project(store)
        account = owner_id and store.project_service_accounts[project["id"]].find(owner_id)
        owner = account or (store.users.get(owner_id) if owner_id else store.first_owner())
        return add_project_key(
            store, project["id"], owner, name=name, scopes=list(scopes), expires_at=expires_at
        )[1]

    def secret_of(self, key_id: str) -> str:
        """The value of a key in force, of the demo organization too; the API never shows it again.

        Raises:
            KeyError: no key in force has this id.
        """
        credential = self.store.keys.find(key_id)
        if credential is None:
            raise KeyError(f"no key in force has the id {key_id!r}")
        return credential.value

    def burst(
        self, key_id: str, *, factor: int = 10, minutes: float = 15, start: int | None = None
    ) -> Burst:
        """Let a key be used many times as much as it would be, as one that leaked is.

        Its usage and costs are `factor` times its own for so many `minutes` from `start`, in Unix
        seconds, which is now unless given; they show as `now` passes. `reset` takes it away.

        Raises:
            KeyError: no usage is counted for this key.
            ValueError: the factor is less than 1, or there are no minutes.
        """
        begin = self.store.now() if start is None else start
        burst = burst_of(self.store.meter, key_id, factor, begin, minutes)
        self.store.bursts.append(burst)
        return burst

    def accept_invite(self, invite_id: str) -> Record:
        """Accept an invite as the person it was sent to, who is then a member; see `accept`."""
        return accept(self.store, invite_id)

    def snapshot(self) -> Snapshot:
        """The state as it is now; cheap, for `restore`."""
        return self.store.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to an earlier state."""
        self.store.restore(snapshot)

    def reset(self) -> None:
        """Go back to the state it was created with, without faults and recorded requests."""
        self.store.restore(self._initial)
        self.faults.clear()
        self.requests.clear()
        self.peak_in_flight = 0

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        started = time.perf_counter()
        received = received_request(request, self._clock())
        self.requests.append(received)
        self.in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self.in_flight)
        try:
            response = await self._respond(request, received)
        finally:
            self.in_flight -= 1
        received.status = response.status
        headers = response.headers
        headers.setdefault("Date", formatdate(self.store.now(), usegmt=True))
        headers.setdefault("x-request-id", f"req_{self._request_ids.getrandbits(128):032x}")
        headers.setdefault("openai-version", "2020-10-01")
        headers.setdefault("openai-organization", self.store.organization["id"])
        elapsed = time.perf_counter() - started
        headers.setdefault("openai-processing-ms", str(round(elapsed * 1000)))
        return response

    async def _respond(self, request: web.BaseRequest, received: ReceivedRequest) -> web.Response:
        found: tuple[Route, Record] | EmulatedError
        try:
            found = self._find(received)
        except EmulatedError as error:
            found = error
        else:
            received.operation = found[0].name
        run = partial(self._answer, request, received, found)
        if self.faults:
            return await self.faults.apply(request, received.operation, run)
        return await run(received.query_string)

    def _find(self, received: ReceivedRequest) -> tuple[Route, Record]:
        base, _, path = received.path.partition(BASE_PATH)
        if base or (path and not path.startswith("/")):
            raise EmulatedError(
                404, f"Invalid URL ({received.method} {received.path})", code="unknown_url"
            )
        return self._router.find(received.method, path, _decode_segment)

    async def _answer(
        self,
        request: web.BaseRequest,
        received: ReceivedRequest,
        found: tuple[Route, Record] | EmulatedError,
        query_string: str,
    ) -> web.Response:
        if isinstance(found, EmulatedError):
            return _json(found.status, found.body)
        try:
            content = await _read(request) if request.can_read_body else b""
            result = self._call(request, query_string, found, content)
            answer = await result if inspect.isawaitable(result) else result
        except EmulatedError as error:
            return _json(error.status, error.body)
        except Exception:
            # A bug in a handler: the caller gets the API's 500, the log gets the traceback.
            _LOGGER.exception("the handler of %s failed", received.operation)
            message = "The server had an error while processing your request."
            return _json(500, error_body(message, type="server_error"))
        return _json(200, answer)

    def _call(
        self,
        request: web.BaseRequest,
        query_string: str,
        found: tuple[Route, Record],
        content: bytes,
    ) -> Record | Awaitable[Record]:
        route, path = found
        headers = request.headers
        credential = self.store.keys.authenticate(
            headers.get("authorization"), now=self.store.now()
        )
        own = self.store.organization["id"]
        asked = headers.get("openai-organization"), own, headers.get("openai-project")
        authorize(credential, route.scope, *asked)
        self.store.note_use(credential)
        query = Query(query_string)
        query.refuse_unknown(route.query_names)
        body = read_object(content)
        route.body_rules.check(body)
        call = Call(store=self.store, path=path, query=query, body=body, credential=credential)
        project = self.store.projects.find(path["project_id"]) if route.in_project else None
        if project is not None:  # else the handler says so
            refuse_archived(project)
        return route.handler(call)


async def _read(request: web.BaseRequest) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise EmulatedError(
            413, "The request body is too large.", code="request_too_large"
        ) from None


def _json(status: int, value: Record) -> web.Response:
    return web.Response(status=status, body=_encode(value), content_type="application/json")
