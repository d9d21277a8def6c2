"""Every exception the package raises.

::

    OpenAIAdminError
    ├── ConfigurationError          no key, the wrong kind of key, an unusable address
    ├── InvalidInputError           an argument was rejected before anything was sent (ValueError)
    │   └── DocumentError           the organization's file has mistakes
    ├── ClientClosedError           the client was used after close(), or in another event loop
    ├── RotationError               a key was not rotated, or not yet to the end
    ├── OffboardingError            the journal of an offboarding cannot be kept
    ├── SinkError                   a place for a secret cannot be read, or does not take it
    └── APIError                    a request failed
        ├── APIStatusError          the API answered with an error status, or an error in a 2xx
        │   ├── BadRequestError             400
        │   ├── AuthenticationError         401
        │   ├── PermissionDeniedError       403, and 401 that names a missing scope
        │   ├── NotFoundError               404
        │   ├── ConflictError               409
        │   ├── UnprocessableEntityError    422
        │   ├── RateLimitError              429, or not sent: its turn would come too late
        │   └── InternalServerError         500 and above
        ├── APIConnectionError      no response: refused, reset, cut short
        │   └── APITimeoutError     no response in time
        ├── APIResponseValidationError   a response that cannot be read
        │   └── ResponseTooLongError    one that is longer than is accepted
        ├── UsageWindowError        a part of a usage range could not be fetched
        ├── PaginationError         cursors that would loop, or stop a listing short
        ├── NotVisibleError         what was created is not shown yet
        └── OutcomeUnknownError     a creation was sent and its response was lost or unreadable

The names are the official client's where it has them.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from types import EllipsisType
from typing import Any, ClassVar, Self

from ._text.durations import TELLING, duration
from ._text.visible import visible


class OpenAIAdminError(Exception):
    """The root: catch it to catch everything this package raises."""


class ConfigurationError(OpenAIAdminError):
    """The client cannot be set up: no admin key, another kind of key, an unusable address."""


class InvalidInputError(OpenAIAdminError, ValueError):
    """An argument the API would refuse, found before anything was sent."""


class DocumentError(InvalidInputError):
    """The file of an organization has mistakes; nothing was sent.

    Attributes:
        mistakes: a sentence each, with the file and the line, in the order of lines.
    """

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(self.mistakes)

    def __str__(self) -> str:
        return "\n".join(map(visible, self.mistakes))  # names may be in it


class ClientClosedError(OpenAIAdminError):
    """The client was used after it was closed, or what was begun elsewhere cannot go on here."""

    @classmethod
    def after_close(cls) -> Self:
        """The error of a client that was closed."""
        return cls("The client is closed; create a new one.")

    @classmethod
    def after_fork(cls) -> Self:
        """The error of an iteration that another process began."""
        return cls(
            "The iteration was begun in another process (before a fork); begin it anew in this one."
        )

    @classmethod
    def in_another_loop(cls) -> Self:
        """The error of a client that is used in an event loop while another one runs."""
        return cls("The client is in use in another running event loop; create one for each loop.")

    @classmethod
    def in_stopped_loop(cls) -> Self:
        """The error of a client that has calls in flight in an event loop that does not run."""
        return cls(
            "The client has calls in flight in another event loop, which is stopped; let them end"
            " there, or create a client for each loop."
        )


class RotationError(OpenAIAdminError):
    """A key was not rotated, or not to the end; the message says which keys are there now."""

    def __str__(self) -> str:
        return visible(super().__str__())  # names and the API's words may be in it


class OffboardingError(OpenAIAdminError):
    """An offboarding cannot begin or go on, since its journal cannot be kept; nothing was changed.

    Another process may be offboarding the same person.
    """

    def __str__(self) -> str:
        return visible(super().__str__())


class SinkError(OpenAIAdminError):
    """A place for a secret cannot be read, or did not take it.

    Attributes:
        in_doubt: whether it may hold the new secret all the same: the answer to a change was lost,
            or a command was stopped before its end.
    """

    def __init__(self, message: str, *, in_doubt: bool = False) -> None:
        super().__init__(message)
        self.in_doubt = in_doubt

    def __str__(self) -> str:
        return visible(super().__str__())  # others' words may be in it


class OneTimeSecret:
    """A secret that the API shows once, in an error: no repr, log or pickle shows it.

    Attributes:
        value: the secret itself.
    """

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    def __repr__(self) -> str:
        return "OneTimeSecret('…')"

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("a one-time secret cannot be pickled")


class APIError(OpenAIAdminError):
    """A request was made (or may have been) and did not end well.

    Attributes:
        message: what went wrong, without where.
        operation: the operation's name, such as ``projects.users.list``. It and what follows are
            ``None`` where they are not known.
        method: the HTTP method.
        path: the path that was asked for, below the base address and without its query.
        attempts: how many requests were sent.
        request_id: the ``x-request-id`` header of the last answer, which OpenAI's support asks for.
    """

    operation: str | None = None
    method: str | None = None
    path: str | None = None
    attempts: int | None = None
    request_id: str | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return visible(self._text())  # a traceback shows it on a terminal, which obeys a server

    def _text(self) -> str:
        return self.message

    def placed_as(self, other: APIError) -> Self:
        """This error, of the same request as another one."""
        self.operation, self.method, self.path = other.operation, other.method, other.path
        self.attempts, self.request_id = other.attempts, other.request_id
        return self

    def in_general(self) -> str:
        """What went wrong, without what differs between calls that fail alike."""
        error = copy.copy(self)
        error.path = error.request_id = None
        return str(error)

    def _with_place(self, text: str) -> str:
        """A sentence with the request that it is about, as far as that is known."""
        asked = f"{self.method} {self.path}" if self.path is not None else ""
        request = f"request {self.request_id}" if self.request_id else ""
        place = ", ".join(filter(None, (asked, request)))
        return f"{text.rstrip('.')} ({place})." if place else text

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword-only constructors cannot be called back by pickle's default.
        # Of the cause pickle would keep nothing; others' errors may not be such that it can.
        cause = self.__cause__ if isinstance(self.__cause__, OpenAIAdminError) else None
        return _rebuild, (type(self), self.args, self._state(), cause)

    def _state(self) -> dict[str, Any]:
        """What pickle carries; live objects (callables) and secrets are left out."""
        return {
            k: None if callable(v) or isinstance(v, OneTimeSecret) else v
            for k, v in self.__dict__.items()
        }


def _rebuild(
    cls: type[APIError],
    args: tuple[Any, ...],
    state: dict[str, Any],
    cause: OpenAIAdminError | None,
) -> APIError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    error.__cause__ = cause
    return error


_LONG = 120  # s; what takes longer until it may pass is told wherever a refusal is


class APIStatusError(APIError):
    """The API answered with an error status, or with a status 2xx and an error in the body.

    Attributes:
        status: the HTTP status, by default that of the class; ``status_code`` is the same, by the
            official client's name.
            ``None`` where no request was sent, which only a `RateLimitError` tells.
        code: the API's machine-readable code, such as ``"invalid_api_key"``.
        type: the API's error class, such as ``"invalid_request_error"``.
        param: the parameter the API complains about.
        message: the API's sentence, or the status phrase when it gave none.
        body: the decoded JSON body, or its text when it is not JSON.
        headers: the response's headers, names in lower case.
        retry_after: seconds after which another try may pass, where the server says so; counted
            from the error.
        missing_scopes: the scopes that the API says the key lacks; the key itself is valid then.
        is_from_api: false where the answer cannot be the API's: a web page, a redirect, or an
            address without the API's version; and where there is none, as no request was sent.
    """

    _usual_status: ClassVar[int | None] = None
    retry_after: float | None = None

    def __init__(
        self,
        message: str,
        *,
        status: int | EllipsisType | None = ...,
        code: str | None = None,
        type: str | None = None,
        param: str | None = None,
        request_id: str | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        missing_scopes: Sequence[str] = (),
        is_from_api: bool = True,
    ) -> None:
        super().__init__(message)
        self.status = self._usual_status if isinstance(status, EllipsisType) else status
        self.code = code
        self.type = type
        self.param = param
        self.request_id = request_id
        self.body = body
        self.headers = dict(headers or {})
        self.missing_scopes = tuple(missing_scopes)
        self.is_from_api = is_from_api

    @property
    def status_code(self) -> int | None:
        """The HTTP status."""
        return self.status

    def in_general(self) -> str:
        """Likewise, without how long it takes until the next may pass."""
        error = copy.copy(self)
        error.retry_after = None
        return super(APIStatusError, error).in_general()

    @property
    def later(self) -> str:
        """``; it may pass in 1 h``, for the end of a clause; empty for less than two minutes."""
        return f"; it may pass in {self._minutes}" if self._minutes else ""

    @property
    def _minutes(self) -> str:
        """When it may pass, to the minute, which is the same for calls that fail at one time."""
        seconds = self.retry_after or 0.0
        return duration(math.ceil(seconds / 60) * 60) if seconds >= _LONG else ""

    def _text(self) -> str:
        if self.status is None:
            return self._with_place(self.message)
        status = f"{self.status}, but with an error" if self.status < 300 else f"{self.status}"
        text = self._with_place(f"{status}: {self.message}")
        if self.missing_scopes:
            scopes = " and ".join(self.missing_scopes)
            text = f"{text.rstrip('.')}. The key itself is valid, but lacks {scopes}."
        told = " and ".join(self._times())
        return f"{text.rstrip('.')}. It {told}." if told else text

    def _times(self) -> list[str]:
        """What it took and will take, as predicates of ``It``."""
        return [f"may pass in {duration(self.retry_after)}"] if self.retry_after else []


class BadRequestError(APIStatusError):
    """400: the API could not accept the request as it was."""

    _usual_status = 400


class AuthenticationError(APIStatusError):
    """401: the key is missing, wrong or revoked.

    A 401 that names a missing scope is a `PermissionDeniedError`: such a key is not to be replaced.
    """

    _usual_status = 401


class PermissionDeniedError(APIStatusError):
    """403: the key is not an admin key, or lacks the scope for this call.

    The API has answered a missing scope with 401 as well. That is this error too, unlike the
    official client's, since whoever catches `AuthenticationError` takes the key for wrong.
    """

    _usual_status = 403


class NotFoundError(APIStatusError):
    """404: it does not exist, or this key may not see it."""

    _usual_status = 404


class ConflictError(APIStatusError):
    """409: the change contradicts the present state."""

    _usual_status = 409


class UnprocessableEntityError(APIStatusError):
    """422: understood, but not possible."""

    _usual_status = 422


class RateLimitError(APIStatusError):
    """429: too many requests, for longer than the call was willing to wait, or no means left.

    It is also raised without a request, where the endpoint's pace is known and the call's turn
    would come later than `wait` allows: then `sent` is false and `status` is ``None``.

    Credit or a spend limit that is used up is told as ``insufficient_quota``,
    ``organization_spend_limit_exceeded`` or ``project_spend_limit_exceeded``, in `code` or in
    `type`. Waiting does not change that, so the call fails at once.

    Attributes:
        retry_after: seconds after which another try may pass, counted from the error; ``None``
            where that is not known, and where waiting does not help.
        sent: whether a request of the call was sent.
        waited: seconds that the call has waited for the endpoint's pace.
        advice: what can be done about it in Python, where it was not; the error's text has it too.
    """

    _usual_status = 429
    sent: bool = True
    waited: float = 0.0
    advice: str = ""

    def __init__(self, message: str, *, retry_after: float | None = None, **answer: Any) -> None:
        super().__init__(message, **answer)
        self.retry_after = retry_after

    @classmethod
    def unsent(cls, message: str, *, retry_after: float, advice: str = "") -> Self:
        """The error of a call whose turn would come too late."""
        error = cls(message, status=None, is_from_api=False, retry_after=retry_after)
        error.sent, error.advice = False, advice
        return error

    def in_general(self) -> str:
        """Likewise, without how long it takes until the next may pass."""
        if not self.sent:
            late = f", in {self._minutes}" if self._minutes else ""
            return f"It was not sent: its turn at the API's pace would come too late{late}."
        error = copy.copy(self)
        error.waited = 0.0
        return super(RateLimitError, error).in_general()

    @property
    def is_exhausted(self) -> bool:
        """Whether credit or a spend limit is used up, which waiting does not change."""
        told = (self.code or "", self.type or "")
        return any(t == "insufficient_quota" or t.endswith("_spend_limit_exceeded") for t in told)

    @property
    def later(self) -> str:
        """Likewise; empty where no request was sent, as its message says it."""
        return super().later if self.sent else ""

    def _text(self) -> str:
        text = super()._text()
        if self.is_exhausted:
            return f"{text.rstrip('.')}. Waiting does not help: credit or a spend limit is used up."
        return text if self.sent else f"{text} {self.advice}".strip()

    def _times(self) -> list[str]:
        if self.is_exhausted:
            return []
        waited = [f"waited {duration(self.waited)}"] if self.waited >= TELLING else []
        return [*waited, *super()._times()]


class InternalServerError(APIStatusError):
    """500 and above: the fault is the server's."""

    _usual_status = 500


_BY_STATUS = {kind._usual_status: kind for kind in APIStatusError.__subclasses__()}


def status_error_class(status: int) -> type[APIStatusError]:
    """The exception class for an HTTP status."""
    return _BY_STATUS.get(status, InternalServerError if status >= 500 else APIStatusError)


class APIConnectionError(APIError):
    """No complete response came: refused, reset, or closed in the middle.

    Attributes:
        is_lasting: whether trying again cannot change it: a certificate that is not trusted, a
            proxy that demands a login. The message has the remedy, and the API did not act.
    """

    is_lasting: bool = False

    def _text(self) -> str:
        return self._with_place(self.message)


class APITimeoutError(APIConnectionError):
    """No complete response came within the time allowed."""


class APIResponseValidationError(APIError):
    """The response cannot be read as what the operation returns.

    Attributes:
        place: where in the JSON the problem lies, as ``$.data[0].created_at``.
        status: the HTTP status.
        body: the response's bytes, whole; empty where a one-time secret may be among them.
        is_json: false when the bytes are not JSON at all, as when a response was cut short.
    """

    def __init__(
        self,
        message: str,
        *,
        body: bytes,
        place: str = "$",
        status: int = 200,
        request_id: str | None = None,
        is_json: bool = True,
    ) -> None:
        super().__init__(message)
        self.is_json = is_json
        self.place = place
        self.status = status
        self.body = body
        self.request_id = request_id

    def _text(self) -> str:
        return self._with_place(self.message)


class ResponseTooLongError(APIResponseValidationError):
    """The response is longer than is accepted; most of it was not read.

    Attributes:
        length: its length in bytes, unpacked, as far as that is known: it has at least so many.
        is_exact: whether it has just so many, as its header says.
        limit: the most bytes that are accepted.
        part: the bytes of one of the parts that it is made of, such as a bucket of usage, as far as
            what was read of it says; ``None`` where it says nothing.
    """

    def __init__(
        self,
        message: str,
        *,
        length: int,
        limit: int,
        part: float | None = None,
        status: int = 200,
        is_exact: bool = False,
    ) -> None:
        super().__init__(message, body=b"", status=status)
        self.length = length
        self.is_exact = is_exact
        self.limit = limit
        self.part = part


class PaginationError(APIError):
    """A listing whose cursors would loop, or break off before its end.

    Attributes:
        cursor: the cursor at fault, or the last good one when the next is missing.
    """

    def __init__(self, message: str, *, cursor: str | None = None) -> None:
        super().__init__(message)
        self.cursor = cursor


class UsageWindowError(APIError):
    """A window of a usage range could not be fetched; why is ``__cause__``.

    It has what its cause says of trying again, so that who catches it need not look there.

    Attributes:
        endpoint: the usage endpoint.
        start: the window's beginning, in Unix seconds, inclusive.
        end: its end, exclusive.
        status: the API's status; ``None`` where there was no answer, or a usable one.
        retry_after: seconds after which another try may pass, where that is known; see
            `APIStatusError` and `RateLimitError`.
        is_lasting: whether trying again cannot change it; see `APIConnectionError`.
        is_exhausted: whether credit or a spend limit is used up; see `RateLimitError`.
    """

    status: int | None = None
    retry_after: float | None = None
    is_lasting: bool = False
    is_exhausted: bool = False

    def __init__(self, message: str, *, endpoint: str, start: int, end: int) -> None:
        super().__init__(message)
        self.endpoint = endpoint
        self.start = start
        self.end = end


class NotVisibleError(APIError):
    """What was created is there, but the API did not show it in the time that was waited.

    Nothing is to be created again. The API's last answer, a `NotFoundError`, is ``__cause__``.

    Attributes:
        id: the id of what was created; of a membership or an assignment, the member's or role's.
    """

    def __init__(self, message: str, *, id: str) -> None:
        super().__init__(message)
        self.id = id

    def _text(self) -> str:
        return self._with_place(self.message)


class OutcomeUnknownError(APIError):
    """A change that must not be repeated was sent, and what came of it is not known.

    Raised instead of retrying, since a second attempt could create a second object. The cause
    (a lost connection, a time-out, a 5xx, an unreadable answer, a 2xx with an error in it) is
    ``__cause__``. It is also raised where what has a
    one-time secret was created, and the response cannot be read: then `secret` has it.

    A change that ends otherwise while it is in flight (cancelled, its client closed, Ctrl-C) says
    so in a note on that exception; so does one that may be repeated, on whatever it raises.

    Attributes:
        message: what happened, without the advice.
        advice: what can be done about it in Python; the error's text has it too.
        arguments: what it was called with.
        listing: the name of the listing that shows whether it took effect, where there is one.
        find: what `reconcile` calls, with the seconds it may take; absent after pickling.
        secret: the one-time secret of what was created, where the response had it; absent after
            pickling.
        candidates: what `reconcile` found and could not tell from what was there before.
        sent_at: when it was sent, by the client's monotonic clock.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str,
        arguments: Mapping[str, Any],
        listing: str | None = None,
        find: Callable[[float], Any] | None = None,
        secret: OneTimeSecret | None = None,
        candidates: Sequence[Any] = (),
        advice: str = "",
    ) -> None:
        super().__init__(message)
        self.advice = advice
        self.operation: str = operation
        self.arguments = dict(arguments)
        self.listing = listing
        self.find = find
        self.secret = secret
        self.candidates = list(candidates)
        self.sent_at: float | None = None

    def _text(self) -> str:
        return f"{self.message} {self.advice}".strip()

    def reconcile(self, *, wait: float = 10.0) -> Any:
        """Check whether the change took effect: what it created, or ``None`` if nothing.

        To be awaited with the asynchronous client; the blocking one's errors return the result.
        The object is recognized by name, e-mail address or threshold among those created since
        the call, by the server's clock; a created key's value cannot be read again.

        Args:
            wait: seconds to ask again before nothing is said to be there; what was created may
                take a moment to be listed.

        Raises:
            OutcomeUnknownError: what was found may also have been there before the call: it was
                created in the same second, does not say when, has nothing to recognize it by, or
                there are several. ``candidates`` has it.
            APIError: the listing cannot be read.
            InvalidInputError: `wait` is not a number of seconds, 0 or more.
            OpenAIAdminError: the error is no longer connected to its client.
        """
        if isinstance(wait, bool) or not isinstance(wait, int | float) or not 0 <= wait < math.inf:
            raise InvalidInputError(f"wait must be a number of seconds, 0 or more, not {wait!r}.")
        if self.find is None:
            raise OpenAIAdminError(
                "The error is no longer connected to a client; read the listing instead."
            )
        return self.find(wait)
