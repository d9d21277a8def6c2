"""What gives the admin key of each attempt."""

from __future__ import annotations

import asyncio
import contextvars
import hashlib
import inspect
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import attrs

from .._forks import begins_anew
from .._text.secrets import redact
from .._wire.http import HiddenText, hide
from ..errors import ConfigurationError
from .settings import checked_key

_MOST_AT_ONCE = 32  # calls of a function

AdminKey = str | Callable[[], str | Awaitable[str]]
"""An admin key, or a function that returns the present one; it may be asynchronous."""


@attrs.frozen(eq=False)
class Credential:
    """An admin key as an attempt uses it.

    Attributes:
        key: the key, to redact it in what the server says.
        authorization: the header that has it.
        fingerprint: tells it from other keys and does not show it, for what is kept by key.
    """

    key: HiddenText
    authorization: HiddenText = attrs.field(init=False)
    fingerprint: str = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "authorization", HiddenText(f"Bearer {self.key}"))
        fingerprint = hashlib.sha256(self.key.encode()).hexdigest()
        object.__setattr__(self, "fingerprint", fingerprint)


class Credentials:
    """What gives the key of each attempt.

    Args:
        admin_key: the key, or what returns it. A plain function runs in a thread of these
            credentials' own, with the caller's context variables, so that a slow one holds up
            nothing else, and nothing waits for it when its call or the client has ended.

    Attributes:
        fixed: the key, unless it is to be asked for.

    Raises:
        ConfigurationError: no key, or one that cannot be used.
    """

    def __init__(self, admin_key: AdminKey | None) -> None:
        self.fixed: Credential | None = None
        self._last: Credential | None = None
        self._give: Callable[[], Any] | None = None
        self._threads: ThreadPoolExecutor | None = None
        if callable(admin_key):
            self._give = admin_key
        else:
            self.fixed = Credential(HiddenText(checked_key(hide(admin_key))))

    @classmethod
    def of_any_kind(cls, key: str) -> Self:
        """Those of a key that need not be an admin key, to find out whether the API knows it."""
        credentials = cls.__new__(cls)
        credentials.fixed = Credential(HiddenText(key))
        credentials._last = credentials._give = credentials._threads = None
        return credentials

    async def ask(self) -> Credential:
        """The present key.

        Raises:
            ConfigurationError: what was to return it failed, or returned nothing usable.
        """
        if self.fixed is not None:
            return self.fixed
        given = hide(await self._given())
        if not isinstance(given, str) or not given:
            kind = "an empty text" if isinstance(given, str) else type(given).__name__
            del given  # this frame stays in the traceback, and it may be a key as bytes
            raise ConfigurationError(f"The admin_key function must return a key, not {kind}.")
        if self._last is None or self._last.key != given:
            self._last = Credential(HiddenText(checked_key(given)))
        return self._last

    async def _given(self) -> Any:
        give = self._give
        assert give is not None  # noqa: S101 - else the key is fixed
        try:
            if inspect.iscoroutinefunction(give):
                return await give()
            given, failure = await self._in_thread(give)
            if failure is not None:
                raise failure
            return await given if inspect.isawaitable(given) else given
        except Exception as error:
            raise ConfigurationError(
                f"The admin_key function failed: {type(error).__name__}."
            ) from error

    def _in_thread(self, give: Callable[[], Any]) -> Awaitable[tuple[Any, Exception | None]]:
        """What a function gives in a thread: the event loop's own are for the application.

        They also look up the names of hosts.
        """
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_MOST_AT_ONCE, "openai_admin key")
            begins_anew(self)
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._threads, context.run, _outcome, give)

    def begin_anew(self) -> None:
        """In a child, which has none of its parent's threads."""
        self._threads = None

    def __repr__(self) -> str:
        return "a key from a function" if self.fixed is None else f"key {redact(self.fixed.key)}"


def _outcome(give: Callable[[], Any]) -> tuple[Any, Exception | None]:
    """What a function gives or fails with; no future can be told of a `StopIteration`."""
    try:
        return give(), None
    except Exception as error:  # noqa: BLE001 - it is raised where it was asked for
        return None, error
