"""One step sent to the API: what became of it, looked up wherever its answer leaves doubt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import attrs

from ..._declare.effect import Effect
from ..._declare.operation import Operation
from ..._declare.resource import Async
from ..._transport.reconcile import made_at
from ..._tree import AdminResources
from ..._wire.removal import is_confirmed
from ...directory.not_known import not_known
from ...errors import (
    APIStatusError,
    InternalServerError,
    NotFoundError,
    OpenAIAdminError,
    OutcomeUnknownError,
    RateLimitError,
)
from ..planning.model import Step
from .checking import filled, makers, operation_of
from .looking import is_as_asked, is_gone, is_so
from .model import Outcome

_Client = AdminResources[Async]
_SECOND = timedelta(seconds=1)


@attrs.frozen(kw_only=True)
class Patience:
    """How long is waited for what the API does not show yet.

    Attributes:
        unseen: seconds after which a step is sent again that was refused with 404 although what it
            names was just made.
        removed: seconds after which what should be gone is looked for again.
        lost: seconds for which something is looked for of which the answer was lost.
    """

    unseen: Sequence[float] = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0)
    removed: Sequence[float] = (1.0, 3.0)
    lost: float = 10.0


@attrs.frozen(kw_only=True)
class Sent:
    """What became of a step that was sent.

    Attributes:
        outcome: what became of it.
        reason: why, where it was not simply done.
        id: the id of what it made.
        request_id: the id of the request that was answered last.
        until: until when what may have been made may still appear.
        missing_scopes: the scopes that the key lacks for it, as the API says.
        is_taken: whether it failed as there is such a thing already, of which it is not known
            whether it is the one that is wanted.
    """

    outcome: Outcome
    reason: str | None = None
    id: str | None = None
    request_id: str | None = None
    until: datetime | None = None
    missing_scopes: tuple[str, ...] = ()
    is_taken: bool = False


@attrs.frozen(kw_only=True)
class Sending:
    """Sends steps.

    Attributes:
        client: an asynchronous client.
        made_at: the server's time when what there is was read, for the plan.
        patience: how long is waited for what is not shown yet.
    """

    client: _Client
    made_at: datetime | None
    patience: Patience

    async def send(self, step: Step, ids: Mapping[str, str]) -> Sent:
        """Make a step's call, and look at what it was about where that does not tell enough.

        Args:
            step: the step.
            ids: the ids of what other steps made, by step.

        Raises:
            CancelledError: it was cancelled; with a note where the step may have been done.
        """
        operation = operation_of(step)
        arguments = filled(step.arguments, ids)
        is_fresh = operation.effect is not Effect.REMOVES and bool(makers(step.arguments))
        work: Coroutine[Any, Any, Sent]
        told: Any
        try:
            told = answer = await self._called(operation, arguments, is_fresh=is_fresh)
        except OutcomeUnknownError as error:
            told, work = error, self._reconciled(operation, arguments, error)
        except OpenAIAdminError as error:
            told, work = error, self._looked_up(operation, arguments, error)
        else:
            work = self._confirmed(operation, arguments, answer)
        try:
            sent = await work
        except asyncio.CancelledError as cancellation:
            cancellation.add_note(f"{operation.name} was sent, and may have taken effect.")
            raise
        return attrs.evolve(sent, request_id=getattr(told, "request_id", None))

    async def _called(
        self, operation: Operation, arguments: Mapping[str, Any], *, is_fresh: bool
    ) -> Any:
        """The answer to a call, made again while the API does not show what it names."""
        method: Callable[..., Awaitable[Any]] = operation.of(self.client)
        for pause in self.patience.unseen if is_fresh else ():
            try:
                return await method(**arguments)
            except NotFoundError:
                await self.client._caller.sleep(pause)
        return await method(**arguments)

    async def _confirmed(
        self, operation: Operation, arguments: Mapping[str, Any], answer: Any
    ) -> Sent:
        """What became of a call that was answered without an error."""
        id = id_of(answer)
        if operation.effect is Effect.REMOVES:
            if _says_gone(operation, answer):
                return Sent(outcome="done")
            why = "the API's answer did not confirm it"
        elif is_as_asked(operation, arguments, answer) is not False:
            return Sent(outcome="done", id=id, reason=_key_beside(answer))
        else:
            why = "the API's answer is not what was asked for"
        for pause in (*self.patience.removed, None):
            try:
                found = await is_so(self.client, operation, arguments)
            except OpenAIAdminError as error:
                return Sent(outcome="not known", id=id, reason=f"{why}; {_looking(error)}")
            if found:
                return Sent(outcome="done", id=id)
            if found is None:
                return Sent(outcome="not known", id=id, reason=why)
            if pause is not None:
                await self.client._caller.sleep(pause)
        return Sent(outcome="failed", reason=f"{why}, and it is not so")

    async def _looked_up(
        self, operation: Operation, arguments: Mapping[str, Any], error: OpenAIAdminError
    ) -> Sent:
        """What became of a call that was refused, or whose answer was lost."""
        told = not_known("", error)
        reason, is_open = told.reason, _leaves_open(error)
        if not (is_open or _may_be_so(operation, error)):
            scopes = told.missing_scopes
            return Sent(outcome="failed", reason=reason, missing_scopes=scopes)
        try:
            found = await is_so(self.client, operation, arguments)
        except OpenAIAdminError as second:
            if is_open:
                return Sent(outcome="not known", reason=f"{reason}; {_looking(second)}")
            return Sent(outcome="failed", reason=reason)
        if found:
            if is_open:
                return Sent(outcome="done", reason=f"{reason}, but it is so when looked up")
            return Sent(outcome="already so")
        if is_open and found is None:
            return Sent(outcome="not known", reason=reason)
        is_taken = found is None and operation.effect is Effect.ADDS
        return Sent(outcome="failed", reason=reason, is_taken=is_taken)

    async def _reconciled(
        self, operation: Operation, arguments: Mapping[str, Any], error: OutcomeUnknownError
    ) -> Sent:
        """What became of a creation that is not sent twice."""
        cause = error.__cause__
        reason = not_known("", cause if isinstance(cause, Exception) else error).reason
        try:
            found = await error.reconcile(wait=self.patience.lost)
        except OutcomeUnknownError as undecided:
            found = self._only(operation, arguments, undecided.candidates)
            if found is None:
                return Sent(outcome="not known", reason=not_known("", undecided).reason)
        except OpenAIAdminError as second:
            return Sent(outcome="not known", reason=f"{reason}; {_looking(second)}")
        if found is None:
            return Sent(
                outcome="not known", reason=f"{reason}, and it is not there when looked for"
            )
        return Sent(
            outcome="done",
            id=id_of(found),
            reason=_key_beside(error) or f"{reason}, but it is there when looked for",
        )

    def _only(
        self, operation: Operation, arguments: Mapping[str, Any], candidates: Sequence[Any]
    ) -> Any | None:
        """The one of some candidates that was made since what there is was read for the plan.

        Then there was none of that name; so it is the one that the file wants, whether this
        program or somebody else made it.
        """
        if self.made_at is None:
            return None
        since = self.made_at.replace(microsecond=0) - _SECOND
        found = [each for each in candidates if (made_at(each) or since) >= since]
        if len(found) != 1 or is_as_asked(operation, arguments, found[0]) is False:
            return None
        return found[0]


def _says_gone(operation: Operation, answer: Any) -> bool:
    """Whether the answer to a removal says that it was done."""
    if operation.name == "projects.archive":
        return is_gone(operation, answer) is True
    return is_confirmed(answer)


def _leaves_open(error: OpenAIAdminError) -> bool:
    """Whether an error leaves open what the API did; the session notes that on it."""
    if getattr(error, "__notes__", ()):
        return True
    if isinstance(error, RateLimitError) and not error.sent:
        return False
    if isinstance(error, APIStatusError):
        return isinstance(error, InternalServerError) or not error.is_from_api
    return False


def _may_be_so(operation: Operation, error: OpenAIAdminError) -> bool:
    """Whether a refusal may say that what was asked is so already."""
    if not isinstance(error, APIStatusError) or error.status is None or not error.is_from_api:
        return False
    return operation.effect.is_so_already(error.status, f"{error.code or ''} {error.message}")


def _looking(error: OpenAIAdminError) -> str:
    return f"looking it up: {not_known('', error).reason}"


def id_of(thing: Any) -> str | None:
    """The id of what was made; of an assignment, of its role."""
    id = getattr(thing, "id", None) or getattr(getattr(thing, "role", None), "id", None)
    return id if isinstance(id, str) else None


def _key_beside(answer: Any) -> str | None:
    """That a service account came with a key, which nobody has then."""
    key = getattr(answer, "api_key", None) or getattr(answer, "secret", None)
    if key is None:
        return None
    which = f" {key.id}" if getattr(key, "id", None) else ""
    return f"it came with a key{which} that was not asked for and is not kept: delete it"
