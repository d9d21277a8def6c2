"""Finding out whether a creation took effect when its answer was lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from .._declare.methods import pager_of
from .._declare.operation import OPERATIONS, CallExecutor, Operation
from ..errors import OutcomeUnknownError
from .server_clock import ServerClock

# What a created object is recognized by: the argument, and the field of the listed object.
_KNOWN_BY: Mapping[str, str] = {
    "name": "name",
    "email": "email",
    "role_name": "name",
    "project_id": "project_id",
    "service_account_id": "service_account_id",
    "threshold_amount": "threshold_amount",
    "issuer": "issuer",
}
_MADE_AT = ("created_at", "invited_at", "added_at")
_SECOND = timedelta(seconds=1)  # what is created says when in whole seconds
_FIRST_WAIT = 0.5
_MOST_NAMED = 5


def listing_of(name: str) -> Operation | None:
    """The listing in which a created object appears."""
    resource = name.rpartition(".")[0]
    if resource == "projects.service_accounts.api_keys":
        # The keys of service accounts are listed with their project's; OPERATIONS knows a listing
        # once its module is imported.
        import_module("openai_admin.resources.projects.api_keys")
        resource = "projects.api_keys"
    return OPERATIONS.get(f"{resource}.list")


def known_by(arguments: Mapping[str, Any]) -> Mapping[str, str]:
    """The arguments that a created object is recognized by, with the fields that show them."""
    return {name: field for name, field in _KNOWN_BY.items() if arguments.get(name) is not None}


def is_like(item: Any, arguments: Mapping[str, Any]) -> bool | None:
    """Whether a listed object is like what was asked for; ``None`` if nothing shows that."""
    fields = known_by(arguments)
    present = {a: f for a, f in fields.items() if getattr(item, f, None) is not None}
    if not present:
        return None
    return all(folded(getattr(item, f)) == folded(arguments[a]) for a, f in present.items())


def made_at(item: Any) -> datetime | None:
    """When an object was created; ``None`` if it does not say so."""
    moments = (getattr(item, field, None) for field in _MADE_AT)
    return next((moment for moment in moments if isinstance(moment, datetime)), None)


def shown_in(name: str) -> Operation | None:
    """The operation that shows whether a change took effect."""
    return listing_of(name) or OPERATIONS.get(f"{name.rpartition('.')[0]}.retrieve")


class Creation:
    """A creation whose outcome is unknown.

    Args:
        error: the error that says so.
        caller: makes the calls that look for it.
        clock: the server's time.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        error: OutcomeUnknownError,
        caller: CallExecutor,
        clock: ServerClock,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._name = error.operation
        self._arguments = error.arguments
        self._sent_at = error.sent_at
        self._caller = caller
        self._clock = clock
        self._sleep = sleep

    async def find(self, wait: float) -> Any | None:
        """What it created; ``None`` if there is nothing after so many seconds of asking again.

        Raises:
            OutcomeUnknownError: what there is may have been there before.
        """
        waited, pause = 0.0, _FIRST_WAIT
        while True:
            surely, perhaps = await self._look()
            if len(surely) == 1 and not perhaps:
                return surely[0]
            if surely or perhaps:
                raise self._undecided(surely + perhaps)
            pause = min(pause, wait - waited)
            if pause <= 0:
                return None
            await self._sleep(pause)
            waited, pause = waited + pause, pause * 2

    async def _look(self) -> tuple[list[Any], list[Any]]:
        """What there is that it surely created, and what it perhaps did."""
        listing = listing_of(self._name)
        if listing is None:
            return [], []
        query = {k: v for k, v in self._arguments.items() if k in listing.parameters}
        surely: list[Any] = []
        perhaps: list[Any] = []
        async for item in pager_of(listing, query | {"limit": 100}, self._caller):
            matches = is_like(item, self._arguments)
            if matches is False:
                continue
            made_since = self._made_since(item)
            if made_since is not False:
                (surely if matches and made_since else perhaps).append(item)
        return surely, perhaps

    def _made_since(self, item: Any) -> bool | None:
        """Whether an object was created after the request was sent; ``None`` if that is open.

        The server's time decides. An object that was created in the same second may have been
        there just before.
        """
        made = made_at(item)
        sent = self._clock.at(self._sent_at) if self._sent_at is not None else None
        if made is None or sent is None:
            return None
        earliest, latest = sent
        if made + _SECOND <= earliest:
            return False
        return True if made >= latest else None

    def _undecided(self, found: list[Any]) -> OutcomeUnknownError:
        named = [str(getattr(item, "id", None) or item) for item in found]
        some = ", ".join(named[:_MOST_NAMED]) + (", …" if len(named) > _MOST_NAMED else "")
        listing = listing_of(self._name)
        return OutcomeUnknownError(
            f"Whether {self._name} took effect cannot be decided: {some} may be what it created,"
            " or may have been there before.",
            operation=self._name,
            arguments=self._arguments,
            listing=listing.name if listing is not None else None,
            candidates=found,
        )


def folded(value: Any) -> Any:
    """Addresses are kept in lower case, whichever they were given in."""
    return value.casefold() if isinstance(value, str) and "@" in value else value
