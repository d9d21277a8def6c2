"""Whether the API accepts a key at all, which one answer 401 does not say."""

from __future__ import annotations

import anyio

from .._declare.operation import CallExecutor
from .._declare.resource import Async
from .._transport.session import Caller
from .._tree import AdminResources
from ..errors import APIError, AuthenticationError
from .check import check

_WRONG_KEY = "invalid_api_key"  # not the code of a 401 for a scope that the key lacks


class Acceptance:
    """Tells a key that the API rejects from one that a part of the API answers with 401.

    Args:
        caller: makes the reads.
    """

    def __init__(self, caller: CallExecutor) -> None:
        if isinstance(caller, Caller):  # all others never try again
            caller = caller.with_options(max_retries=0, on_unreadable="keep")
        self._caller = caller
        self._is_accepted = False
        self._lock = anyio.Lock()

    async def confirm(self) -> None:
        """Make sure, after a 401, that something is answered; found out once.

        That takes one read where projects are answered, or the API says that it knows no such key;
        else one for each part of the API.

        Raises:
            AuthenticationError: nothing is answered, so the key is wrong.
        """
        async with self._lock:
            if self._is_accepted:
                return
            try:
                await AdminResources[Async](self._caller).projects.list(limit=1)
            except APIError as error:
                if isinstance(error, AuthenticationError) and error.code == _WRONG_KEY:
                    raise
                await check(self._caller, address="")
            self._is_accepted = True
