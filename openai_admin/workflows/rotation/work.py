"""What the steps of a rotation work with: the account, the sink, the journal, the clock."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import attrs

from ..._transport.session import Caller
from ...errors import APIError, OpenAIAdminError, RotationError
from ..journal import Journal
from ..sinks.sink import Sink, StagedSink
from .accounts import Account, Gone
from .keys import NONE, Listed
from .state import Attempt, Seen, State, fingerprint
from .trial import UntriedError, attempted

_FIRST, _LONGEST = 0.5, 4.0  # seconds between two looks at what may lag
CERTAIN = 300.0
"""Seconds after its creation at which a key that the API does not show is not there."""


@attrs.define(kw_only=True)
class Work:
    """A rotation that is under way.

    Attributes:
        caller: sends the calls.
        account: what has the keys.
        sink: where the new one goes.
        sink_name: what it is called.
        journal: what was done; ``None`` where nothing is to be done.
        state: where it stands.
        lag: seconds for which the API may not show what was just created.
        test: a path that is asked for with a key to test it, or ``none``; see `Wishes`.
        held: the secret that the sink holds, as far as that is known.
        holds: what the sink held when the rotation began, in words; ``None`` where it began before.
        secret: that of the new key, while this process has it.
        in_hand: the attempt that it is of.
        done: what was done, a sentence each.
        notes: what to know besides.
        past: the rotations that its journal has besides.
        refuse_second: refuses to go on where the keys show another rotation; see `recovered`.
    """

    caller: Caller
    account: Account
    sink: Sink
    sink_name: str
    journal: Journal | None
    state: State
    lag: float
    test: str | None = None
    held: str | None = attrs.field(default=None, repr=False)
    holds: str | None = None
    secret: str | None = attrs.field(default=None, repr=False)
    in_hand: int | None = None
    done: list[str] = attrs.field(factory=list)
    notes: list[str] = attrs.field(factory=list)
    past: Sequence[State] = ()
    refuse_second: Callable[[Listed], None]

    _logged: datetime = attrs.field(default=datetime.min.replace(tzinfo=UTC), init=False)

    def now(self) -> datetime:
        """The server's time; this machine's while no answer has told it."""
        return self.caller.server_now() or datetime.now(UTC)

    def log(self, what: str, **entry: Any) -> None:
        """Write a line of the journal, which is on the disk afterwards."""
        self._logged = max(self.now(), self._logged)  # two clocks may tell it, one after the other
        line = {"what": what, **entry, "at": self._logged.isoformat()}
        assert self.journal is not None  # noqa: S101 - what is only planned does nothing
        self.journal.append(line)
        self.state = self.state.after(line)
        if what == "settled":
            self.past = [each.after(line) for each in self.past]

    @property
    def doubts(self) -> list[Attempt]:
        """The keys that the rotations of the journal may have made, and that were not shown."""
        return [attempt for state in (*self.past, self.state) for attempt in state.unseen]

    def fingerprint(self, secret: str | None) -> str | None:
        """What the journal has of a secret."""
        return None if secret is None else fingerprint(secret, self.state.terms.rotation)

    async def seen(self) -> Seen:
        """What the sink holds, by what was read of it last."""
        last = self.state.last
        is_put = last is not None and self.state.set_number == last.number
        staged = None
        if isinstance(self.sink, StagedSink) and self.in_hand is None and last and not is_put:
            staged = self.fingerprint(await self.sink.staged())
        return Seen(current=self.fingerprint(self.held), staged=staged, in_hand=self.in_hand)

    async def attempted(self, secret: str) -> str | None:
        """Try a key until the API knows it; see `trial.attempted`."""
        if self.is_untested:
            raise UntriedError("it was not to be tested")
        return await attempted(lambda: self.account.accepts(secret, self.test), self.caller.sleep)

    @property
    def is_untested(self) -> bool:
        """Whether keys are not to be tested."""
        return self.test == NONE

    def forget(self) -> None:
        """Have no secret in hand any more."""
        self.secret = self.in_hand = None

    async def again(self, look: Callable[[], Awaitable[bool]], since: datetime | None) -> bool:
        """Look, and look again for as long as what was created then may not be shown."""
        return await looked(self.caller, look, since, self.lag)

    async def is_there(self, attempt: Attempt, account: Account | None = None) -> bool | None:
        """Whether a key that was made is still there; ``None`` where that cannot be told yet.

        Raises:
            APIError: that cannot be found out.
        """
        asked, key = account or self.account, attempt.key or ""

        async def look() -> bool:
            return (await asked.listed()).find(key) is not None or await asked.has(key)

        if await self.again(look, attempt.at):
            return True
        return False if attempt.is_seen or self.is_certain(attempt.at) else None

    def is_certain(self, since: datetime | None) -> bool:
        """Whether what was made then, and is not shown, is not there."""
        return age(self.caller, since) >= CERTAIN

    async def delete(
        self, id: str, *, since: datetime | None, account: Account, is_seen: bool = True
    ) -> bool | None:
        """Delete a key; one that is not there may only not be shown yet.

        Args:
            id: the key's.
            since: when it was made.
            account: deletes it.
            is_seen: whether it is gone where the API does not show it; else it may be too recent.

        Returns:
            whether this was what deleted it; else it was gone already. ``None`` if it may be there,
            and the API does not show it yet.

        Raises:
            APIError: it may be there still.
            RotationError: the API says that it did not delete it, or lists it all the same.
        """
        said: bool | None = None

        async def sent() -> bool:
            nonlocal said
            try:
                said = await account.delete(id)
            except Gone:
                return False
            return True

        async def unlisted() -> bool:
            return (await account.listed()).find(id) is None

        was_there = await self.again(sent, since)
        if was_there and said:
            return True
        if said is False and since is not None:  # it may be there, and not listed yet
            await self.caller.sleep(max(self.lag - age(self.caller, since), 0.0))
        if not await self.again(unlisted, self.now()):
            unsaid = "does not say that it deleted it" if was_there else "finds nothing to delete"
            why = "says that it did not delete it" if said is False else unsaid
            raise RotationError(
                f"The key {id} may still be there: the API {why}. Run the same command again."
            )
        return was_there if was_there or is_seen or self.is_certain(since) else None

    async def clear(self, attempt: Attempt, account: Account | None = None) -> bool:
        """Delete a key of this rotation that the sink does not have.

        Args:
            attempt: the one that made the key.
            account: deletes it, if it is not to be done with the key of all other calls, which
                may be this one.

        Returns:
            whether it is gone; else the API does not show it yet, and it stays in doubt.

        Raises:
            APIError, RotationError: it may be there still.
        """
        gone: bool | None = True
        if attempt.key is not None:
            gone = await self.delete(
                attempt.key,
                since=attempt.at,
                account=account or self.account,
                is_seen=attempt.is_seen,
            )
        if self.in_hand == attempt.number:
            self.forget()
        doubt = {"unseen": attempt.name} if gone is None else {}
        self.log("cleared", attempt=attempt.number, **doubt)
        return gone is not None

    async def give_up(self, attempt: Attempt, why: str) -> RotationError:
        """Delete the new key, which the sink does not have, and end the rotation.

        Returns:
            the error to raise, which says what is so now.
        """
        key, kept = attempt.key, _kept(self.state)
        try:
            is_gone = await self.clear(attempt)
        except RotationError as error:
            return RotationError(f"{why}. {kept}, but: {error}")
        except APIError as error:
            return RotationError(
                f"{why}. {kept}, but the new key {key} could not be deleted ({spoken(error)}): run"
                " the same command again."
            )
        self.log("abandoned", why=why)
        if not is_gone:
            return RotationError(
                f"{why}. {kept}, and whether the new key {key} is deleted is not known, as the API"
                " does not show it yet: the same command deletes it later, or delete it by hand."
            )
        return RotationError(f"{why}. {kept}, and the new key {key} was deleted again.")

    async def look(self) -> str | None:
        """Read the sink anew.

        Raises:
            SinkError: it cannot be read.
        """
        self.held = await self.sink.get()
        return self.held


def _kept(state: State) -> str:
    old = state.terms.old
    return f"The old key {old} is valid as before" if old else "Nothing else was changed"


def spoken(error: OpenAIAdminError) -> str:
    """An error as part of a sentence."""
    return str(error).rstrip(".")


async def key_of(caller: Caller) -> str:
    """The key that calls are made with."""
    return (await (caller.options.credentials or caller.session.credentials).ask()).key


async def looked(
    caller: Caller, look: Callable[[], Awaitable[bool]], since: datetime | None, lag: float
) -> bool:
    """Look, and look again until so many seconds have passed since then, or since now."""
    waited = 0.0 if since is None else age(caller, since)
    pause = _FIRST
    while True:
        if await look():
            return True
        if waited >= lag:
            return False
        await caller.sleep(pause)
        waited, pause = waited + pause, min(2 * pause, _LONGEST)


def age(caller: Caller, since: datetime | None) -> float:
    """Seconds since then, by the server's clock; of what has no time, more than any."""
    if since is None:
        return math.inf
    return max(((caller.server_now() or datetime.now(UTC)) - since).total_seconds(), 0.0)
