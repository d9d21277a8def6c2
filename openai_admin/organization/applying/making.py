"""Steps that make something which the API lets exist twice: looked for before it is made.

Of alerts and buckets there may be several alike, and an alert does not say when it was made: one
that is there is taken for another's work only where an earlier run may have made it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import attrs

from ..._declare.effect import Effect
from ..._declare.methods import pager_of
from ..._declare.operation import Operation
from ..._declare.resource import Async
from ..._transport.reconcile import is_like, listing_of, made_at
from ..._transport.tasks import each
from ..._tree import AdminResources
from ...directory.not_known import not_known
from ...errors import APIError
from ..planning.model import Step
from .checking import filled, makers, operation_of
from .creations import Attempt, Creations, has_name, may_double, thing_of
from .looking import is_as_asked
from .sending import Sending, Sent, id_of

_Client = AdminResources[Async]
_SECOND = timedelta(seconds=1)
_FRESH = timedelta(seconds=5)
"""How long what was read for the plan, or after it, is not read again before something is made."""
_SHARED = timedelta(minutes=1)
"""How long the steps of a run share what one of them has read."""
_PAGE = 100
_EVER = datetime.min.replace(tzinfo=UTC)
_THERE = "it is there by now"
_OVER = ("accepted", "expired", "archived")
"""What has ended: an invite to somebody who left since, a project that bore the name."""


@attrs.define
class _Listed:
    """A listing that steps share."""

    at: datetime | None = None
    items: Sequence[Any] = ()
    lock: anyio.Lock = attrs.field(factory=anyio.Lock)


@attrs.frozen
class _Done:
    """A creation that was done where others may have made the same."""

    step: str
    operation: Operation
    arguments: Mapping[str, Any]
    id: str | None


@attrs.frozen(kw_only=True)
class Making:
    """Sends steps, and makes nothing twice that a listing shows, or that may still appear.

    Attributes:
        client: an asynchronous client.
        sending: sends them.
        creations: what was made or may have been.
        now: tells the server's time.
        made_at: the server's time when what there is was read, for the plan.
        named: the ids that the plan names: what it changes or removes is not what it makes.
    """

    client: _Client
    sending: Sending
    creations: Creations
    now: Callable[[], datetime]
    made_at: datetime | None
    named: frozenset[str]
    _listings: dict[tuple[str, ...], _Listed] = attrs.field(factory=dict)
    _done: list[_Done] = attrs.field(factory=list)

    async def send(self, step: Step, ids: Mapping[str, str]) -> Sent:
        """Make a step's call, unless what it makes is there by now, or may be.

        Args:
            step: the step.
            ids: the ids of what other steps made, by step.

        Raises:
            CancelledError: it was cancelled; with a note where the step may have been done.
        """
        operation = operation_of(step)
        if not may_double(operation):
            sent = await self.sending.send(step, ids)
            if operation.effect is Effect.REMOVES and sent.outcome in ("done", "already so"):
                await self.creations.removed([str(id) for id in step.arguments.values()])
            return sent
        arguments = filled(step.arguments, ids)
        found = await self._found(step, operation, arguments)
        return found if found is not None else await self._made(step, ids, operation, arguments)

    async def _made(
        self, step: Step, ids: Mapping[str, str], operation: Operation, arguments: Mapping[str, Any]
    ) -> Sent:
        """What became of a creation, which is noted before it is sent."""
        creations, thing = self.creations, thing_of(operation, arguments)
        if not await creations.begin(thing, self.now()):
            return Sent(outcome="not tried", reason="it cannot be noted in the journal")
        try:
            sent = await self.sending.send(step, ids)
        except asyncio.CancelledError as cancellation:
            if not getattr(cancellation, "__notes__", ()):
                creations.not_sent(thing)
            raise
        try:
            return await self._settled(step, operation, arguments, sent)
        except asyncio.CancelledError as cancellation:
            cancellation.add_note(f"{operation.name} was sent, and may have taken effect.")
            raise

    async def _settled(
        self, step: Step, operation: Operation, arguments: Mapping[str, Any], sent: Sent
    ) -> Sent:
        """What became of a creation, once that is noted."""
        creations, thing = self.creations, thing_of(operation, arguments)
        if sent.outcome == "not known":
            attempt = await creations.doubt(thing, self.now())
            reason = f"{sent.reason}; it may appear until {_told(attempt)}"
            return attrs.evolve(sent, reason=reason, until=attempt.until)
        if sent.outcome == "failed":
            await creations.absent(thing)
            return await self._taken(operation, arguments, sent) if sent.is_taken else sent
        await creations.made(thing, self.now(), sent.id)
        if not self._is_within_new(step, operation):
            self._done.append(_Done(step.id, operation, arguments, sent.id))
        return sent

    async def _taken(self, operation: Operation, arguments: Mapping[str, Any], sent: Sent) -> Sent:
        """What became of a creation that the API refused as there is such a thing already."""
        try:
            items = await self._items(operation, arguments, anew=True)
        except APIError as error:
            reason = f"{sent.reason}; looking it up: {not_known('', error).reason}"
            return attrs.evolve(sent, reason=reason)
        found = [it for it in items if self._is_it(it, operation, arguments, _EVER)]
        if len(found) != 1 or is_as_asked(operation, arguments, found[0]) is False:
            return sent
        return Sent(outcome="already so", id=id_of(found[0]), reason=_THERE)

    async def doubled(self) -> Mapping[str, Sent]:
        """The steps that made something which somebody else made at the same time, too.

        Where that cannot be looked up, they stay done, and say so.
        """
        found: dict[str, Sent] = {}

        async def look(done: _Done) -> None:
            try:
                items = await self._items(done.operation, done.arguments)
            except APIError as error:
                why = not_known("", error).reason
                found[done.step] = Sent(
                    outcome="done", reason=f"whether it was made twice is not known: {why}"
                )
                return
            since = _since(begun, self.made_at)
            alike = [it for it in items if self._is_it(it, done.operation, done.arguments, since)]
            others = [it for it in alike if made_at(it) is not None and id_of(it) not in own]
            if more := [str(id_of(it)) for it in others]:
                found[done.step] = Sent(
                    outcome="not known",
                    reason=f"somebody else has made {' and '.join(more)} of the same name at the"
                    " same time: remove all but one, and plan again",
                )

        begun, own = self.now(), {done.id for done in self._done}
        self._listings.clear()
        await each(self._done, look)
        return found

    async def _found(
        self, step: Step, operation: Operation, arguments: Mapping[str, Any]
    ) -> Sent | None:
        """What is there by now of what a step makes; ``None`` where it is to be made."""
        earlier = self.creations.earlier.get(thing_of(operation, arguments))
        if earlier is None and not self._is_to_look(step, operation):
            return None
        try:
            items = await self._items(operation, arguments)
        except APIError as error:
            why = not_known("", error).reason
            return Sent(outcome="not tried", reason=f"whether it is there by now: {why}")
        since = _since(earlier.at if earlier is not None else self.now(), self.made_at)
        alike = [it for it in items if self._is_it(it, operation, arguments, since)]
        found = [it for it in alike if earlier is not None or made_at(it) is not None]
        if not found:
            return _awaited(earlier) if earlier and self.now() < earlier.until else None
        if len(found) == 1 and is_as_asked(operation, arguments, found[0]) is not False:
            return Sent(outcome="already so", id=id_of(found[0]), reason=_THERE)
        listed = " and ".join(str(id_of(it)) for it in found)
        return Sent(
            outcome="failed",
            reason=f"there is {listed} of the same name by now, which is not as the file says",
        )

    def _is_to_look(self, step: Step, operation: Operation) -> bool:
        """Whether somebody else may have made something since the plan's reading."""
        if self.made_at is None or self._is_within_new(step, operation):
            return False
        return self.now() - self.made_at > _FRESH

    def _is_within_new(self, step: Step, operation: Operation) -> bool:
        """Whether a step makes something in what this plan makes, where nobody else does."""
        path = [p.name for p in operation.parameters.values() if p.place == "path"]
        return any(makers(step.arguments.get(name)) for name in path)

    async def _items(
        self, operation: Operation, arguments: Mapping[str, Any], *, anew: bool = False
    ) -> Sequence[Any]:
        """What is listed where a step makes something, shared by the steps that need it.

        Args:
            operation: the operation that makes it.
            arguments: its arguments.
            anew: whether it is read again, whenever it was.

        Raises:
            APIError: it cannot be read.
        """
        listing, within = _place(operation, arguments)
        listed = self._listings.setdefault((listing.name, *within.values()), _Listed())
        async with listed.lock:
            if anew or listed.at is None or self.now() - listed.at > _SHARED:
                pages = pager_of(listing, {**within, "limit": _PAGE}, self.client._caller)
                listed.items = [item async for item in pages]
                listed.at = self.now()
        return listed.items

    def _is_it(
        self, item: Any, operation: Operation, arguments: Mapping[str, Any], since: datetime
    ) -> bool:
        """Whether something listed is what a step makes, made since then."""
        if id_of(item) in self.named or is_like(item, arguments) is not True:
            return False
        if getattr(item, "status", None) in _OVER:
            return False
        if not has_name(arguments) and is_as_asked(operation, arguments, item) is False:
            return False  # another one in the same place
        return (made_at(item) or since) >= since


def _place(operation: Operation, arguments: Mapping[str, Any]) -> tuple[Operation, dict[str, str]]:
    """The listing that shows what a creation makes, and within what."""
    listing = listing_of(operation.name)
    if listing is None:
        raise LookupError(operation.name)  # such an operation may not double
    return listing, {name: arguments[name] for name in arguments if name in listing.parameters}


def _since(moment: datetime, made_at: datetime | None) -> datetime:
    """Since when something may have been made, by the whole seconds in which the API says when."""
    return min(moment, made_at or moment).replace(microsecond=0) - _SECOND


def _awaited(earlier: Attempt) -> Sent:
    made = f"made it as {earlier.id}" if earlier.id else "may have made it"
    return Sent(
        outcome="not tried",
        reason=f"an earlier run {made}, and it may appear until {_told(earlier)}: run it again"
        " after that",
        until=earlier.until,
    )


def _told(attempt: Attempt) -> str:
    return f"{attempt.until:%Y-%m-%d %H:%M} UTC"
