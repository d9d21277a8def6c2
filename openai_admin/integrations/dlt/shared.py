"""What the resources of a source share, in whichever threads they run: one client, and its pace."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from anyio import to_thread

from ..._portal.lease import PortalLease
from ...client import AsyncOpenAIAdmin
from ...directory.acceptance import Acceptance
from ...errors import AuthenticationError
from ...export.asked import server_now
from ...export.names import ListingReader, Names

_log = logging.getLogger("openai_admin.integrations.dlt")

T = TypeVar("T")


class Run:
    """One client at work.

    Attributes:
        client: the client.
        listings: the same, which reads each page of a listing once.
        names: the names beside ids.
        now: when it began, by the server's time.
    """

    def __init__(self, client: AsyncOpenAIAdmin) -> None:
        self.client = client
        self._lease = PortalLease(client.close)
        self.now: datetime = self._lease.call(lambda: server_now(client))
        reader = ListingReader(client._caller)
        self.listings = client.with_options()
        self.listings._share(reader, None)
        self.names = Names(reader, None, self.now.date())
        self._acceptance = Acceptance(client._caller)

    def iterate(self, work: Callable[[], AsyncGenerator[T, None]]) -> Iterator[T]:
        """Run an asynchronous generator step by step, in the portal's thread."""
        return self._lease.iterate(work)

    def aside(self, work: Callable[[], T]) -> T:
        """Run something in a thread that is not one of dlt's."""
        return self._lease.call(lambda: to_thread.run_sync(work))

    async def confirm(self, error: Exception) -> None:
        """Make sure, after an error, that it is not the key that is wrong.

        Raises:
            AuthenticationError: it is.
        """
        if isinstance(error, AuthenticationError):
            await self._acceptance.confirm()

    def close(self) -> None:
        """Say which names are not known, and close the client."""
        for unknown in self.names.unknown():
            _log.warning("%s", unknown)
        self._lease.close()


class Shared:
    """A client that is open while any resource runs.

    Args:
        make: makes it.
    """

    def __init__(self, make: Callable[[], AsyncOpenAIAdmin]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._run: Run | None = None
        self._users = 0

    @contextmanager
    def run(self) -> Iterator[Run]:
        """The client at work; it is closed when the last of those who use it is done."""
        with self._lock:
            run = self._run = self._run or Run(self._make())
            self._users += 1
        try:
            yield run
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    self._run = None
                    run.close()
