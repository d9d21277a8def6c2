"""The session: retries, doubt, time, shared reads; with time and the network in hand."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from openai_admin._declare.effect import Effect
from openai_admin._declare.methods import operation_of
from openai_admin._declare.operation import Call
from openai_admin._transport.connection import Timeout
from openai_admin._transport.context import Options
from openai_admin._transport.credentials import Credentials
from openai_admin._transport.rate_limiter import RateLimiter
from openai_admin._transport.retry import AttemptFailure, FailureKind, RetryPolicy
from openai_admin._transport.session import Session
from openai_admin._wire.http import Request, Response
from openai_admin._wire.models import Page
from openai_admin.errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ClientClosedError,
    InternalServerError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitError,
)
from openai_admin.events import CallFailed, Event, Paused
from tests.declared import Thing, Things

KEY = "sk-admin-canary0123456789abcdWXYZ"

Answer = Response | AttemptFailure | Callable[[], Awaitable["Response | AttemptFailure"]]


class Network:
    """A transport that answers from a script, and a clock that only sleeping and it advance."""

    base_url = "https://api.example/v1"

    def __init__(self, *script: Answer) -> None:
        self.script = list(script)
        self.requests: list[Request] = []
        self.time_left: list[float] = []
        self.now = 1000.0
        self.attempt_takes = 0.0
        self.inside = self.most = 0
        self.closed = False

    async def send(
        self,
        request: Request,
        headers: Mapping[str, str],
        timeout: Timeout,
        time_left: float,
        portions: object = None,
    ) -> Any:
        """One attempt."""
        self.requests.append(request)
        self.time_left.append(time_left)
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await asyncio.sleep(0)
            self.now += min(self.attempt_takes, time_left)
            answer = self.script.pop(0)
            return await answer() if callable(answer) else answer
        finally:
            self.inside -= 1

    async def close(self) -> None:
        """Close."""
        self.closed = True

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        await asyncio.sleep(0)

    def session(self, **settings: Any) -> Session:
        """A session on this network."""
        transport: Any = self
        settings.setdefault("sleep", self.sleep)
        return Session(
            transport,
            credentials=Credentials(KEY),
            max_concurrency=settings.pop("max_concurrency", 8),
            clock=lambda: self.now,
            rng=random.Random(7),
            rate_limiter=RateLimiter(random=random.Random(7)),
            **settings,
        )

    @property
    def targets(self) -> list[str]:
        """The targets of the attempts, in order."""
        return [request.target for request in self.requests]


def ok(value: Any = None, **headers: str) -> Response:
    """A good answer."""
    return Response(200, headers, json.dumps({"id": "t"} if value is None else value).encode())


def bad(status: int, body: bytes = b"", **headers: str) -> Response:
    """An answer that is an error."""
    return Response(status, {k.replace("_", "-"): v for k, v in headers.items()}, body)


def lost(kind: FailureKind = FailureKind.LOST) -> AttemptFailure:
    """An attempt without an answer."""
    return AttemptFailure(kind, "The connection was lost", ConnectionResetError("reset"))


READ = operation_of(Things.retrieve).prepare({"box_id": "b", "thing_id": "t"})
CREATE = operation_of(Things.create).prepare({"box_id": "b", "name": "x"})
ARCHIVE = operation_of(Things.archive).prepare({"box_id": "b", "thing_id": "t"})
DELETE = operation_of(Things.delete).prepare({"box_id": "b", "thing_id": "t"})
OPTIONS = Options()
FAILURES = [lost(), lost(FailureKind.TIMED_OUT), *map(bad, (408, 500, 502, 503, 504))]


def read(thing_id: str) -> Call:
    """The read of a thing; every one of them has the same endpoint."""
    return operation_of(Things.retrieve).prepare({"box_id": "b", "thing_id": thing_id})


# --- retries --------------------------------------------------------------------------------


async def test_an_answer_is_decoded() -> None:
    network = Network(ok({"id": "t", "size": 4}))
    assert await network.session().execute(READ, OPTIONS) == Thing(id="t", size=4)
    assert network.requests == [READ.request]


@pytest.mark.parametrize("failure", FAILURES, ids=str)
async def test_a_read_is_tried_five_times(failure: Response | AttemptFailure) -> None:
    network = Network(*[failure] * 4, ok())
    assert await network.session().execute(READ, OPTIONS) == Thing(id="t")
    assert network.requests == [READ.request] * 5
    assert network.now - 1000 <= 0.5 + 1 + 2 + 4


@pytest.mark.parametrize("call", [ARCHIVE, DELETE], ids=["archive", "delete"])
@pytest.mark.parametrize("failure", FAILURES, ids=str)
async def test_a_repeatable_change_is_tried_three_times(
    failure: Response | AttemptFailure, call: Call
) -> None:
    network = Network(*[failure] * 2, ok())
    assert await network.session().execute(call, OPTIONS) == Thing(id="t")
    assert network.requests == [call.request] * 3


@pytest.mark.parametrize(
    ("call", "tries"), [(READ, 5), (ARCHIVE, 3)], ids=["read", "repeatable change"]
)
@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (lost(), APIConnectionError),
        (lost(FailureKind.NOT_SENT), APIConnectionError),
        (lost(FailureKind.TIMED_OUT), APITimeoutError),
        (bad(408), APIStatusError),
        (bad(500), InternalServerError),
        (bad(503), InternalServerError),
        (Response(200, {}, b'{"id":"t'), APIResponseValidationError),
        (Response(200, {}, b"<html>"), APIResponseValidationError),
        (Response(200, {}, b""), APIResponseValidationError),
    ],
    ids=str,
)
async def test_after_the_last_try_the_error_is_raised(
    call: Call, tries: int, failure: Response | AttemptFailure, kind: type[Exception]
) -> None:
    network = Network(*[failure] * tries)
    with pytest.raises(kind) as caught:
        await network.session().execute(call, OPTIONS)
    assert type(caught.value) is kind
    assert len(network.requests) == tries


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (404, NotFoundError),
        (302, APIStatusError),
    ],
)
async def test_other_errors_are_raised_at_once(status: int, kind: type[Exception]) -> None:
    for call in (READ, CREATE, ARCHIVE):
        network = Network(bad(status))
        with pytest.raises(kind):
            await network.session().execute(call, OPTIONS)
        assert network.now == 1000.0


async def test_json_of_another_shape_is_raised_at_once() -> None:
    for call in (READ, ARCHIVE, CREATE):
        network = Network(ok([]))
        with pytest.raises(APIError) as caught:
            await network.session().execute(call, OPTIONS)
        error = caught.value.__cause__ if call is CREATE else caught.value
        assert isinstance(error, APIResponseValidationError)
        assert error.is_json
        assert isinstance(caught.value, OutcomeUnknownError) == (call is CREATE)
        assert len(network.requests) == 1


async def test_json_that_was_cut_short_is_asked_for_again() -> None:
    network = Network(Response(200, {}, b'{"id":"t","si'), ok())
    assert await network.session().execute(READ, OPTIONS) == Thing(id="t")


async def test_a_connection_error_keeps_its_cause_and_names_the_call() -> None:
    network = Network(lost())
    with pytest.raises(APIConnectionError, match=r"The connection was lost \(GET /") as caught:
        await network.session().execute(READ, Options(retry=RetryPolicy(0)))
    assert isinstance(caught.value.__cause__, ConnectionResetError)


@pytest.mark.parametrize("retries", [0, 1, 7])
async def test_the_number_of_retries_can_be_set(retries: int) -> None:
    options = Options(retry=RetryPolicy(retries))
    for call in (READ, ARCHIVE):
        network = Network(*[bad(500)] * (retries + 1))
        with pytest.raises(InternalServerError):
            await network.session().execute(call, options)
        assert len(network.requests) == retries + 1


@pytest.mark.parametrize("status", [503, 500])
async def test_the_servers_wait_is_obeyed(status: int) -> None:
    network = Network(bad(status, retry_after="77"), ok())
    await network.session().execute(READ, OPTIONS)
    assert network.now == 1077.0


async def test_a_rate_limit_waits_at_least_as_long_as_told() -> None:
    network = Network(bad(429, retry_after_ms="42500"), ok())
    await network.session().execute(CREATE, OPTIONS)
    assert network.now >= 1042.5


async def test_a_wait_beyond_the_time_left_is_raised_at_once() -> None:
    network = Network(bad(429, retry_after="601"))
    with pytest.raises(RateLimitError):
        await network.session().execute(READ, OPTIONS)
    assert network.now == 1000.0


@pytest.mark.parametrize(("asked", "told"), [("3600", "1 h"), (None, "")])
async def test_a_server_that_is_away_says_for_how_long(asked: str | None, told: str) -> None:
    network = Network(bad(503) if asked is None else bad(503, retry_after=asked))
    with pytest.raises(InternalServerError) as caught:
        await network.session().execute(READ, Options(retry=RetryPolicy(0)))
    error = caught.value
    assert error.retry_after == (None if asked is None else 3600)
    said = "503: Service Unavailable (GET /boxes/b/things/t)."
    assert str(error) == (f"{said} It may pass in {told}." if told else said)
    assert error.later == (f"; it may pass in {told}" if told else "")
    assert error.in_general() == "503: Service Unavailable"


async def test_the_servers_word_on_retrying_is_heeded() -> None:
    network = Network(bad(409, x_should_retry="true"), ok())
    assert await network.session().execute(READ, OPTIONS) == Thing(id="t")
    network = Network(bad(500, x_should_retry="false"))
    with pytest.raises(InternalServerError):
        await network.session().execute(READ, OPTIONS)


# --- doubt ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "cause"),
    [
        (lost(), APIConnectionError),
        (lost(FailureKind.TIMED_OUT), APITimeoutError),
        (bad(500), InternalServerError),
        (bad(502, b"<html>"), InternalServerError),
        (bad(504), InternalServerError),
        (Response(200, {}, b'{"id":"t'), APIResponseValidationError),
        (Response(200, {}, b""), APIResponseValidationError),
    ],
    ids=str,
)
async def test_a_creation_whose_answer_was_lost_is_not_repeated(
    failure: Response | AttemptFailure, cause: type[Exception]
) -> None:
    network = Network(failure, ok())
    with pytest.raises(OutcomeUnknownError) as caught:
        await network.session().execute(CREATE, OPTIONS)
    assert len(network.requests) == 1
    assert type(caught.value.__cause__) is cause
    assert caught.value.operation == "create"
    assert caught.value.arguments == {"box_id": "b", "name": "x"}
    assert str(caught.value).startswith("create was sent, but its response ")


@pytest.mark.parametrize(
    "failure", [lost(FailureKind.NOT_SENT), bad(429, retry_after="1")], ids=str
)
async def test_a_creation_is_tried_again_where_it_surely_had_no_effect(
    failure: Response | AttemptFailure,
) -> None:
    network = Network(failure, failure, ok())
    assert await network.session().execute(CREATE, OPTIONS) == Thing(id="t")
    assert network.requests == [CREATE.request] * 3


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (lost(FailureKind.NOT_SENT), APIConnectionError),
        (bad(429, retry_after="1"), RateLimitError),
    ],
    ids=str,
)
async def test_there_is_no_doubt_where_the_server_did_not_act(
    failure: Response | AttemptFailure, kind: type[Exception]
) -> None:
    network = Network(*[failure] * 3)
    with pytest.raises(kind) as caught:
        await network.session().execute(CREATE, Options(retry=RetryPolicy(2)))
    assert type(caught.value) is kind


async def test_doubt_arises_on_a_later_try_too() -> None:
    network = Network(lost(FailureKind.NOT_SENT), lost(), ok())
    with pytest.raises(OutcomeUnknownError):
        await network.session().execute(CREATE, OPTIONS)
    assert len(network.requests) == 2


async def test_a_delete_that_is_answered_without_content_is_done() -> None:
    network = Network(Response(204, {}, b""))
    assert await network.session().execute(DELETE, OPTIONS) == Thing(id="t")
    assert len(network.requests) == 1


def _used_up(code: str, field: str = "code") -> Response:
    body = {"error": {"message": "You have no means.", field: code}}
    return bad(429, json.dumps(body).encode(), retry_after="5")


@pytest.mark.parametrize("field", ["code", "type"])
@pytest.mark.parametrize(
    "code",
    [
        "insufficient_quota",
        "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded",
    ],
)
async def test_means_that_are_used_up_are_not_waited_for(code: str, field: str) -> None:
    network = Network(ok(), _used_up(code, field))
    session = network.session()
    await session.execute(read("a"), OPTIONS)  # after which the endpoint is waited for
    with pytest.raises(RateLimitError, match=r"no means.*Waiting does not help") as caught:
        await session.execute(READ, OPTIONS)
    assert caught.value.is_exhausted
    assert len(network.requests) == 2


@pytest.mark.parametrize(
    ("refusal", "paused"),
    [(_used_up("insufficient_quota"), False), (_used_up("rate_limit_exceeded"), True)],
)
async def test_means_that_are_used_up_say_nothing_about_the_pace(
    refusal: Response, paused: bool
) -> None:
    events: list[Event] = []
    network = Network(ok(), refusal, ok(), ok())
    session = network.session(on_event=events.append)
    await session.execute(read("a"), OPTIONS)
    with contextlib.suppress(RateLimitError):
        await session.execute(read("b"), Options(retry=RetryPolicy(0)))
    await session.execute(read("c"), OPTIONS)
    assert any(isinstance(event, Paused) for event in events) is paused
    assert (network.now > 1000.0) is paused


async def test_what_is_gone_at_the_second_try_of_a_delete_was_deleted_by_the_first() -> None:
    network = Network(lost(), bad(404))
    assert await network.session().execute(DELETE, OPTIONS) == Thing(id="t")
    assert len(network.requests) == 2


@pytest.mark.parametrize("before", [[], [lost(FailureKind.NOT_SENT)]], ids=["first", "after none"])
async def test_what_was_not_there_was_not_deleted(before: list[Answer]) -> None:
    network = Network(*before, bad(404))
    with pytest.raises(NotFoundError):
        await network.session().execute(DELETE, OPTIONS)


# --- time -----------------------------------------------------------------------------------


async def test_the_whole_call_is_bounded() -> None:
    network = Network(*[lost()] * 9)
    network.attempt_takes = 100.0
    options = Options(timeout=Timeout(total=250), retry=RetryPolicy(8))
    with pytest.raises(APIConnectionError):
        await network.session().execute(READ, options)
    assert len(network.requests) == 3
    assert network.time_left[0] == 250.0
    assert all(left <= 250 - 100 * n for n, left in enumerate(network.time_left))
    assert network.now <= 1000 + 250


async def test_one_call_takes_at_most_ten_minutes_by_default() -> None:
    network = Network(*[bad(503, retry_after="200")] * 5)
    with pytest.raises(InternalServerError):
        await network.session().execute(READ, OPTIONS)
    assert network.now <= 1600


async def test_an_endpoint_that_never_lets_a_request_pass_is_given_up_after_a_minute() -> None:
    network = Network(*[bad(429)] * 50)
    with pytest.raises(RateLimitError):
        await network.session().execute(READ, OPTIONS)
    assert 65 <= network.now - 1000 <= 65 + 60 * 1.2  # and the wait that was begun before


# --- secrets --------------------------------------------------------------------------------


async def test_a_key_that_the_server_echoes_shows_nowhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    body = json.dumps({"error": {"message": f"who is {KEY}?"}}).encode()
    network = Network(bad(500, body), bad(401, body, x_request_id="req_1"))
    session = network.session()
    with pytest.raises(AuthenticationError) as caught:
        await session.execute(READ, OPTIONS)
    assert caught.value.request_id == "req_1"
    assert "who is" in str(caught.value)
    assert "who is" in caplog.text
    assert KEY not in f"{caught.value!r} {vars(caught.value)} {caplog.text}"


# --- shared reads ---------------------------------------------------------------------------


class HeldAnswer:
    """An answer that waits until it is let go."""

    def __init__(self, answer: Response | AttemptFailure) -> None:
        self._answer = answer
        self.open = asyncio.Event()

    async def __call__(self) -> Response | AttemptFailure:
        await self.open.wait()
        return self._answer


async def _turns(number: int = 10) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def test_equal_reads_in_flight_are_sent_once() -> None:
    held = HeldAnswer(ok({"id": "t", "size": 9}))
    network = Network(held)
    session = network.session()
    tasks = [asyncio.create_task(session.execute(READ, OPTIONS)) for _ in range(5)]
    await _turns()
    held.open.set()
    assert await asyncio.gather(*tasks) == [Thing(id="t", size=9)] * 5
    assert len(network.requests) == 1


@pytest.mark.parametrize("answer", [Page[Thing], Any, Thing])
async def test_each_caller_of_a_shared_read_may_change_its_result(answer: Any) -> None:
    held = HeldAnswer(ok({"id": "t", "data": [{"id": "1"}], "has_more": False}))
    session = Network(held).session()
    call = replace(READ, answer=answer)
    first, *others = [asyncio.create_task(session.execute(call, OPTIONS)) for _ in range(3)]
    await _turns()
    held.open.set()
    changed = await first
    untouched = copy.deepcopy(changed)
    lists = {Page[Thing]: lambda: changed.data, Any: lambda: changed["data"]}
    lists.get(answer, lambda: changed.extra["data"])().clear()
    assert changed != untouched
    assert await asyncio.gather(*others) == [untouched] * 2


async def test_reads_one_after_another_are_sent_each() -> None:
    network = Network(ok({"id": "1"}), ok({"id": "2"}))
    session = network.session()
    assert await session.execute(READ, OPTIONS) == Thing(id="1")
    assert await session.execute(READ, OPTIONS) == Thing(id="2")


async def test_an_error_reaches_all_who_wait() -> None:
    held = HeldAnswer(bad(404))
    session = Network(held).session()
    tasks = [asyncio.create_task(session.execute(READ, OPTIONS)) for _ in range(3)]
    await _turns()
    held.open.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [NotFoundError] * 3


@pytest.mark.parametrize(
    ("other", "options"),
    [
        (read("u"), OPTIONS),
        (READ, Options(timeout=Timeout(total=5))),
        (READ, Options(retry=RetryPolicy(0))),
        (replace(READ, name="others.retrieve", answer=Any), OPTIONS),
        (replace(READ, request=replace(READ.request, body=b"{}")), OPTIONS),
    ],
    ids=["another target", "another limit", "other retries", "another operation", "a body"],
)
async def test_reads_that_differ_are_sent_each(other: Call, options: Options) -> None:
    first, second = HeldAnswer(ok({"id": "1"})), HeldAnswer(ok({"id": "2"}))
    network = Network(first, second)
    session = network.session()
    tasks = [
        asyncio.create_task(session.execute(READ, OPTIONS)),
        asyncio.create_task(session.execute(other, options)),
    ]
    await _turns()
    first.open.set()
    second.open.set()
    one, two = await asyncio.gather(*tasks)
    assert one == Thing(id="1")
    assert two == ({"id": "2"} if other.answer is Any else Thing(id="2"))


async def test_when_the_first_is_cancelled_another_takes_over() -> None:
    never, held = HeldAnswer(ok()), HeldAnswer(ok({"id": "2"}))
    network = Network(never, held)
    session = network.session()
    tasks = [asyncio.create_task(session.execute(READ, OPTIONS)) for _ in range(4)]
    await _turns()
    tasks[0].cancel()
    await _turns()
    held.open.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert results[1:] == [Thing(id="2")] * 3
    assert len(network.requests) == 2


async def test_when_a_follower_is_cancelled_the_read_goes_on() -> None:
    held = HeldAnswer(ok())
    network = Network(held)
    session = network.session()
    leader = asyncio.create_task(session.execute(READ, OPTIONS))
    await _turns()
    follower = asyncio.create_task(session.execute(READ, OPTIONS))
    await _turns()
    follower.cancel()
    await _turns()
    assert follower.cancelled()
    held.open.set()
    assert await leader == Thing(id="t")
    assert len(network.requests) == 1


async def test_when_all_are_cancelled_at_once_all_end_and_nothing_more_is_sent() -> None:
    """As a task group cancels its tasks: the leader's end must not wake the followers up."""
    network = Network(HeldAnswer(ok()), ok())
    session = network.session()
    tasks = [asyncio.create_task(session.execute(READ, OPTIONS)) for _ in range(4)]
    await _turns()
    for task in tasks:
        task.cancel()
    await _turns()
    assert [task.cancelled() for task in tasks] == [True] * 4
    assert len(network.requests) == 1
    assert session.limiter.free == 8


async def test_a_read_begun_after_a_change_is_not_answered_by_one_begun_before() -> None:
    before, after = HeldAnswer(ok({"id": "t", "size": 1})), HeldAnswer(ok({"id": "t", "size": 2}))
    network = Network(before, ok(), after)
    session = network.session()
    early = asyncio.create_task(session.execute(READ, OPTIONS))
    await _turns()
    await session.execute(ARCHIVE, OPTIONS)
    late = asyncio.create_task(session.execute(READ, OPTIONS))
    await _turns()
    after.open.set()
    before.open.set()
    assert (await early).size == 1
    assert (await late).size == 2


async def test_a_read_begun_during_a_change_does_not_answer_one_begun_after() -> None:
    change, during = HeldAnswer(ok()), HeldAnswer(ok({"id": "t", "size": 1}))
    network = Network(change, during, ok({"id": "t", "size": 2}))
    session = network.session()
    changing = asyncio.create_task(session.execute(ARCHIVE, OPTIONS))
    await _turns()
    reading = asyncio.create_task(session.execute(READ, OPTIONS))
    await _turns()
    change.open.set()
    await changing
    assert (await session.execute(READ, OPTIONS)).size == 2
    during.open.set()
    assert (await reading).size == 1


async def test_changes_are_never_shared() -> None:
    network = Network(ok({"id": "1"}), ok({"id": "2"}))
    session = network.session()
    results = await asyncio.gather(*[session.execute(ARCHIVE, OPTIONS) for _ in range(2)])
    assert sorted(thing.id for thing in results) == ["1", "2"]


# --- places ---------------------------------------------------------------------------------


async def test_no_more_requests_run_at_once_than_allowed() -> None:
    network = Network(*[ok()] * 12)
    session = network.session(max_concurrency=2)
    calls = [
        Call("x", Effect.READS, True, {}, Request("GET", f"/x{n}", f"/x{n}"), Thing)
        for n in range(12)
    ]
    await asyncio.gather(*[session.execute(call, OPTIONS) for call in calls])
    assert network.most == 2
    assert session.limiter.free == 2


async def test_waiting_for_the_next_try_holds_no_place() -> None:
    asleep, wake = asyncio.Event(), asyncio.Event()

    async def sleep(_: float) -> None:
        asleep.set()
        await wake.wait()

    network = Network(bad(500), ok({"id": "u"}), ok())
    session = network.session(max_concurrency=1, sleep=sleep)
    first = asyncio.create_task(session.execute(READ, OPTIONS))
    await asleep.wait()
    other = Call("x", Effect.READS, True, {}, Request("GET", "/x", "/x"), Thing)
    assert await session.execute(other, OPTIONS) == Thing(id="u")
    wake.set()
    assert await first == Thing(id="t")


@pytest.mark.parametrize("turns", range(14))
async def test_cancelled_at_any_moment_a_call_leaves_no_place_taken(turns: int) -> None:
    network = Network(bad(500), bad(503), HeldAnswer(ok()))
    session = network.session(max_concurrency=1)
    task = asyncio.create_task(session.execute(READ, OPTIONS))
    await _turns(turns)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (session.limiter.free, session.limiter.waiting, network.inside) == (1, 0, 0)
    network.script = [ok({"id": "after"})]
    assert await session.execute(READ, OPTIONS) == Thing(id="after")


# --- waits for a rate limit -----------------------------------------------------------------


async def test_a_wait_for_a_rate_limit_is_an_event_and_a_log_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "openai_admin")
    events: list[Event] = []
    network = Network(bad(429, retry_after="2"), ok())
    await network.session(on_event=events.append).execute(READ, OPTIONS)
    (paused,) = (event for event in events if isinstance(event, Paused))
    assert paused.endpoint == "GET /boxes/{box_id}/things/{thing_id}"
    assert paused.seconds >= 2
    assert paused.reason == "held after a 429; a single request tries again first"
    assert f"{paused.endpoint} waits {paused.seconds:.1f} s: {paused.reason}" in caplog.text


async def test_a_wait_is_logged_without_a_listener(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "openai_admin")
    await Network(bad(429, retry_after="2"), ok()).session().execute(READ, OPTIONS)
    assert "GET /boxes/{box_id}/things/{thing_id} waits 2." in caplog.text


async def test_each_listener_hears_of_its_own_sessions_waits() -> None:
    waiting: list[Event] = []
    other: list[Event] = []
    limited, free = Network(bad(429, retry_after="2"), ok()), Network(ok())
    await asyncio.gather(
        limited.session(on_event=waiting.append).execute(READ, OPTIONS),
        free.session(on_event=other.append).execute(READ, OPTIONS),
    )
    assert any(isinstance(event, Paused) for event in waiting)
    assert not any(isinstance(event, Paused) for event in other)


# --- the end --------------------------------------------------------------------------------


async def test_a_closed_session_says_so() -> None:
    network = Network(ok())
    session = network.session()
    await session.close()
    assert network.closed
    for call in (READ, CREATE):
        with pytest.raises(ClientClosedError, match="closed; create a new one"):
            await session.execute(call, OPTIONS)
    assert network.requests == []
    await session.close()


async def test_closing_ends_the_tries_of_a_call_in_flight_without_a_pause() -> None:
    """Otherwise the next try would open connections that nobody closes."""
    held = HeldAnswer(lost())
    network = Network(held, ok())
    session = network.session()
    task = asyncio.create_task(session.execute(READ, OPTIONS))
    await _turns()
    await session.close()
    held.open.set()
    with pytest.raises(ClientClosedError):
        await task
    assert network.now == 1000.0
    assert len(network.requests) == 1


async def test_closing_leaves_a_creation_in_flight_in_doubt() -> None:
    held = HeldAnswer(lost())
    session = Network(held).session()
    task = asyncio.create_task(session.execute(CREATE, OPTIONS))
    await _turns()
    await session.close()
    held.open.set()
    with pytest.raises(OutcomeUnknownError):
        await task


@pytest.mark.parametrize("failure", [bad(503), bad(429)], ids=["the next try", "the pace"])
async def test_closing_ends_a_wait_at_once(failure: Response) -> None:
    async def sleep_forever(_: float) -> None:
        await asyncio.Event().wait()

    events: list[Event] = []
    network = Network(failure, ok())
    session = network.session(sleep=sleep_forever, on_event=events.append)
    task = asyncio.create_task(session.execute(READ, OPTIONS))
    await _turns()
    assert not task.done()
    await session.close()
    await session.close()
    with pytest.raises(ClientClosedError):
        await asyncio.wait_for(task, 5)
    assert len(network.requests) == 1
    assert isinstance(events[-1], CallFailed)
    assert isinstance(events[-1].error, ClientClosedError)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_closing_ends_the_wait_for_a_place() -> None:
    held = HeldAnswer(ok())
    network = Network(held, ok())
    session = network.session(max_concurrency=1)
    first = asyncio.create_task(session.execute(READ, OPTIONS))
    second = asyncio.create_task(session.execute(read("u"), OPTIONS))
    await _turns()
    await session.close()
    held.open.set()
    assert await first == Thing(id="t")
    with pytest.raises(ClientClosedError):
        await second
    assert len(network.requests) == 1


def test_a_loop_that_ended_amid_a_read_does_not_hold_up_the_next() -> None:
    """Its places and its reads in flight are gone with it, also where nothing cancelled them."""
    never: asyncio.Future[Response]

    async def hang() -> Response:
        return await never

    network = Network(hang, ok())
    session = network.session(max_concurrency=1)
    first = asyncio.new_event_loop()
    never = first.create_future()
    task = first.create_task(session.execute(READ, OPTIONS))
    while not network.requests:
        first.run_until_complete(asyncio.sleep(0))
    first.close()
    assert asyncio.run(session.execute(READ, OPTIONS)).id == "t"
    with contextlib.suppress(RuntimeError):  # its loop is closed
        task.get_coro().close()
    assert session.limiter.free == 1
