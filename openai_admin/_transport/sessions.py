"""The aiohttp session that requests go over: the client's own, or what the user brings."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import aiohttp

from ..errors import ClientClosedError, ConfigurationError

Connector = aiohttp.BaseConnector | Callable[[], aiohttp.BaseConnector]
UserSession = aiohttp.ClientSession | Callable[[], aiohttp.ClientSession]
T = TypeVar("T")

# A page of usage is a megabyte and more: with aiohttp's 64 KiB the socket would be paused and
# resumed for each piece of it.
_READ_BUFFER = 1 << 20


class LostOnceError(Exception):
    """A request over a user's session failed, and is not to be sent again by aiohttp.

    Attributes:
        error: what it failed with.
    """

    def __init__(self, error: aiohttp.ClientError) -> None:
        super().__init__()
        self.error = error


class Sessions:
    """Opens the session that requests go over.

    Args:
        connector: makes connections; or a function that returns what does, called in the client's
            event loop.
        session: a session to use; or a function that returns one. What a function returned is
            closed with the client, what was passed ready never is.

    Attributes:
        brought: whether the user brings one of them.
        owned: whether the session is to be closed, since the user did not pass it ready.

    Raises:
        ConfigurationError: something else was passed, or both.
    """

    def __init__(
        self, connector: Connector | None = None, session: UserSession | None = None
    ) -> None:
        if connector is not None and session is not None:
            raise ConfigurationError(
                "Pass either connector= or session=, not both: a session has a connector."
            )
        _check("connector", connector, aiohttp.BaseConnector)
        _check("session", session, aiohttp.ClientSession)
        self._connector = connector
        self._session = session
        self.brought = connector is not None or session is not None
        self.owned = session is None or not isinstance(session, aiohttp.ClientSession)

    def open(self) -> aiohttp.ClientSession:
        """A session in the running event loop.

        Raises:
            ConfigurationError: what the user brings cannot be used in it.
        """
        if self._session is not None:
            return self._opened_by_user(self._session)
        owned = self._connector is None or callable(self._connector)
        if self._connector is None:
            connector: aiohttp.BaseConnector = aiohttp.TCPConnector(limit=0)
        else:
            connector = _made("connector", self._connector, aiohttp.BaseConnector)
            _check_loop("connector", connector._loop)
        session = aiohttp.ClientSession(
            connector=connector,
            connector_owner=owned,
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=_READ_BUFFER,
        )
        # Private: aiohttp would send a GET or DELETE again by itself after a lost connection,
        # bypassing the retry rules; it offers no public switch.
        session._retry_connection = False
        return session

    def _opened_by_user(self, brought: UserSession) -> aiohttp.ClientSession:
        session = _made("session", brought, aiohttp.ClientSession)
        _check_loop("session", session._loop)
        if session.trust_env:
            raise ConfigurationError(
                "session: it has trust_env=True, with which aiohttp takes logins from .netrc; make"
                " it without, and with proxy= where it needs one."
            )
        if session.auth is not None:
            raise ConfigurationError(
                "session: it has auth=, which would take the place of the admin key; make it"
                " without."
            )
        return session

    def settings(self, session: aiohttp.ClientSession) -> Mapping[str, Any]:
        """What a request must say for itself, since the session may say otherwise."""
        if self._session is None:
            return {}
        return {
            "raise_for_status": False,
            "auto_decompress": True,
            "read_bufsize": _READ_BUFFER,
            # Private, and only read: those of a request take the place of the session's.
            "middlewares": (_sent_once, *session._middlewares),
        }

    def closed(self) -> ClientClosedError:
        """The error of a call for which what the user brought is closed."""
        what = "connector" if self._session is None else "session"
        return ClientClosedError(f"The {what} that the client was given is closed.")


async def _sent_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a GET or DELETE again; a user's session is not to be changed."""
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise LostOnceError(error) from error


def _check(name: str, given: object, kind: type) -> None:
    if given is None or isinstance(given, kind) or callable(given):
        return
    raise ConfigurationError(
        f"{name} must be an aiohttp.{kind.__name__} or a function that returns one, not"
        f" {type(given).__name__}."
    )


def _made(name: str, given: T | Callable[[], T], kind: type[T]) -> T:
    """What was passed, or what the function that was passed returns."""
    if isinstance(given, kind):
        return given
    assert callable(given)  # noqa: S101 - it was checked
    try:
        made = given()
    except Exception as error:
        raise ConfigurationError(f"{name}: the function failed: {type(error).__name__}.") from error
    _check_made(name, made, kind)
    return made


def _check_made(name: str, made: object, kind: type) -> None:
    if inspect.iscoroutine(made):
        made.close()  # else Python says that nobody awaited it
        raise ConfigurationError(
            f"{name}: the function must not be a coroutine function; it is called in the client's"
            " event loop all the same."
        )
    if not isinstance(made, kind):
        raise ConfigurationError(
            f"{name}: the function must return an aiohttp.{kind.__name__}, not"
            f" {type(made).__name__}."
        )


def _check_loop(name: str, loop: asyncio.AbstractEventLoop) -> None:
    if loop is not asyncio.get_running_loop():
        raise ConfigurationError(
            f"{name}: it belongs to another event loop than the client's calls; pass a function"
            f" that makes it, {name}=lambda: ….",
        )
