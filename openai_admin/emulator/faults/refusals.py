"""Refusals that the API makes of one organization and not of another.

What it refuses everywhere the emulator refuses without a fault. These are the rest, in each form
that has been met: other statuses, with `param` and `code` or without, a message that says why or
not. Refusals of a query come after the handler's own, so that a wrong key is still a wrong key.
"""

from __future__ import annotations

import abc
from collections.abc import Iterable
from typing import Any, Literal, get_args

import attrs
import msgspec
from aiohttp import web

from ..auth import required_scope
from ..query import Query
from ..replies import EmulatedError, missing_scope
from ..reporting import earliest, lookback_exceeded
from .fault import Exchange, Fault, one_of
from .raw import content
from .status import usual_body

_CLIENT_ERROR = [attrs.validators.ge(400), attrs.validators.le(499)]
_ERROR = [attrs.validators.ge(400), attrs.validators.le(599)]

Form = Literal["403", "401", "text"]


def _names(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen
class _Asked:
    """A query of usage or costs that the handler has answered."""

    start: int
    """Unix seconds."""
    groups: list[str]
    seconds: int
    """How long the stretch is that the answer covers."""
    now: int
    """Unix seconds."""


@attrs.frozen(kw_only=True)
class QueryRefusal(Fault):
    """A refusal of queries of usage and costs; whatever else is asked is left alone."""

    async def apply(self, exchange: Exchange) -> web.Response:
        answer = await exchange.run()
        query = Query(exchange.request.raw_path.partition("?")[2])
        if answer.status >= 300 or query.text("start_time") is None:
            return answer
        buckets = msgspec.json.decode(content(answer))["data"]
        asked = _Asked(
            start=int(query.required("start_time")),
            groups=query.texts("group_by"),
            seconds=buckets[-1]["end_time"] - buckets[0]["start_time"] if buckets else 0,
            now=exchange.environment.now(),
        )
        return self.refuse(asked) or answer

    @abc.abstractmethod
    def refuse(self, asked: _Asked) -> web.Response | None:
        """The answer to such a query, None if it is not refused."""


@attrs.frozen(kw_only=True)
class Lookback(QueryRefusal):
    """Queries that start more than so many days before today get 400.

    Each endpoint has a look-back of its own, some of 90 days [PostHog's connector].
    """

    days: int = attrs.field(validator=attrs.validators.ge(0))
    vague: bool = False
    """Whether the message leaves out which day is the earliest."""

    def refuse(self, asked: _Asked) -> web.Response | None:
        first = earliest(asked.now, self.days)
        if asked.start >= first:
            return None
        error = lookback_exceeded(first)
        if self.vague:
            error = EmulatedError(400, "Too far back.", param=error.param, code=error.code)
        return refusal(error)


@attrs.frozen(kw_only=True)
class Grouping(QueryRefusal):
    """Queries that group by one of these fields get 400.

    Costs have been seen to take `project_id` and `line_item` alone [PostHog's connector], and
    `api_source` not everywhere; people together with projects depend "on the organization and time
    range" (the official client's docstring).
    """

    fields: tuple[str, ...] = attrs.field(converter=_names, validator=attrs.validators.min_len(1))
    together: bool = False
    """Whether only queries by all of these fields are refused."""
    before: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.ge(0))
    )
    """Only queries are refused that start more than so many days before today."""
    param: bool = True
    """Whether the error has the parameter's name."""
    code: bool = True
    """Whether the error has the code `invalid_value`."""
    vague: bool = False
    """Whether the message leaves out which field it is."""

    def refuse(self, asked: _Asked) -> web.Response | None:
        refused = [field for field in self.fields if field in asked.groups]
        if not refused or (self.together and len(refused) < len(self.fields)):
            return None
        if self.before is not None and asked.start >= earliest(asked.now, self.before):
            return None
        named = " and ".join(f"'{field}'" for field in refused)
        return refusal(
            EmulatedError(
                400,
                f"Cannot group by {'these fields' if self.vague else named}.",
                param="group_by" if self.param else None,
                code="invalid_value" if self.code else None,
            )
        )


@attrs.frozen(kw_only=True)
class TooWide(QueryRefusal):
    """Queries whose page covers more than so many seconds, by so many fields, always fail.

    500 and 504 have been seen on wide ranges with many groups; the same query in smaller windows
    is answered.
    """

    window: float = attrs.field(validator=attrs.validators.gt(0))
    """Seconds; the widest page that is answered."""
    groups: int = attrs.field(default=0, validator=attrs.validators.ge(0))
    """A query by fewer fields is answered, however wide."""
    status: int = attrs.field(default=500, validator=_ERROR)

    def refuse(self, asked: _Asked) -> web.Response | None:
        if asked.seconds <= self.window or len(asked.groups) < self.groups:
            return None
        return _json(self.status, usual_body(self.status))


@attrs.frozen(kw_only=True)
class MissingScope(Fault):
    """The key lacks the scope of the operation, though the key itself is good.

    Seen as 403 with the code `missing_scope`, as 401 without a code, and as 403 with
    `{"error": "text"}`; each message names the scope.
    """

    form: Form = attrs.field(default="403", validator=one_of(get_args(Form)))

    async def apply(self, exchange: Exchange) -> web.Response:
        error = missing_scope(required_scope(exchange.operation, exchange.request.method))
        if self.form == "text":
            return _json(error.status, {"error": error.message})
        return refusal(EmulatedError(401, error.message) if self.form == "401" else error)


@attrs.frozen(kw_only=True)
class FeatureOff(Fault):
    """The organization does not have the feature: the audit log, certificates, external storage.

    400, 403 and 404 have been seen, each with a sentence.
    """

    status: int = attrs.field(default=403, validator=_CLIENT_ERROR)

    async def apply(self, exchange: Exchange) -> web.Response:
        feature = exchange.operation.partition(".")[0].replace("_", " ")
        message = f"This organization does not have the feature '{feature}'."
        return refusal(EmulatedError(self.status, message))


@attrs.frozen(kw_only=True)
class ProjectFails(Fault):
    """Whatever is asked of one project always fails, while the others answer.

    PostHog's connector has a setting to leave out such a project.
    """

    project: str
    """Its id."""
    status: int = attrs.field(default=500, validator=_ERROR)

    def concerns(self, request: web.BaseRequest) -> bool:
        return self.project in request.path.split("/")

    async def apply(self, exchange: Exchange) -> web.Response:
        return _json(self.status, usual_body(self.status))


@attrs.frozen(kw_only=True)
class OtherRefusal(Fault):
    """A refusal with this code comes with another status, and another message if there is one.

    The API has refused the same in several ways: what belongs to an archived project
    (`project_archived`) with 400, 403 and 404; a second membership (`user_already_in_project`)
    with 400 and 409 [mkdev's provider]; the removal of somebody who is gone (`not_found`) with 404
    and with 400 "not a member".
    """

    code: str
    status: int = attrs.field(default=400, validator=_CLIENT_ERROR)
    message: str | None = None

    async def apply(self, exchange: Exchange) -> web.Response:
        answer = await exchange.run()
        if answer.status < 400:
            return answer
        error = msgspec.json.decode(content(answer))["error"]
        if error["code"] != self.code:
            return answer
        return _json(self.status, {"error": {**error, "message": self.message or error["message"]}})


def refusal(error: EmulatedError) -> web.Response:
    """The answer that the API would give with this error."""
    return _json(error.status, error.body)


def _json(status: int, body: Any) -> web.Response:
    return web.Response(
        status=status, body=msgspec.json.encode(body), content_type="application/json"
    )
