"""Each fault on each kind of operation of both clients: the right result or the right error.

After each the same client still works; what it holds is counted when it is closed (`Client`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import attrs
import pytest

from openai_admin.emulator import Drop, Emulator, Fault, Latency, RateLimit, Status
from openai_admin.emulator.faults import (
    HTML,
    BadChunks,
    BrokenGzip,
    ClockSkew,
    CutJSON,
    Nulls,
    OtherShape,
    Redirect,
    Reset,
    Stall,
    StrictCursor,
    StringAmounts,
    Truncate,
    UnknownFields,
    UnknownValues,
    WrongLength,
)
from openai_admin.emulator.faults.payloads import Shape
from openai_admin.errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    ConflictError,
    InternalServerError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitError,
)
from tests.faults.clients import Client
from tests.faults.jobs import JOBS, Delete, Job, Read


@attrs.frozen
class Case:
    """A fault, and its effect while it lasts.

    Attributes:
        fault: the fault.
        error: what is raised when it does not pass; none for a fault that does no harm.
        other: an error that may come in its place, where it depends on how the bytes arrive.
        retried: whether a call is retried.
        doubtful: whether nobody can know if a change took effect.
        acts: whether it did.
        tells: whether the status arrives whole, so that a second DELETE learns of the first.
        read: the time limit for each piece of an answer, in seconds.
    """

    fault: Fault
    error: type[APIError] | None = None
    other: type[APIError] | None = None
    retried: bool = False
    doubtful: bool = False
    acts: bool = False
    tells: bool = False
    read: float = 30


HARMLESS = {
    "latency": Case(Latency(seconds=3, jitter=2)),
    "clock ahead": Case(ClockSkew(seconds=40 * 86_400.0)),
    "clock behind": Case(ClockSkew(seconds=-40 * 86_400.0)),
    "string amounts": Case(StringAmounts()),
    "nulls": Case(Nulls()),
    "unknown fields": Case(UnknownFields()),
    "unknown values": Case(UnknownValues()),
    "unknown object": Case(UnknownValues(fields=("object",))),
    "strict cursors": Case(StrictCursor()),
    "fixed window": Case(RateLimit(limit=2)),
    "fixed window, headers": Case(RateLimit(limit=2, headers=True, retry_after="seconds")),
    "sliding window": Case(RateLimit(limit=2, count="sliding")),
    "sliding window, dates": Case(RateLimit(limit=2, count="sliding", retry_after="date")),
    "bucket": Case(RateLimit(limit=2, count="bucket", retry_after="ms")),
    "limit that changes": Case(RateLimit(limit=3, then=1, then_after=30)),
    "wait of none": Case(RateLimit(limit=1, window=0.5)),
}

RETRIED = {
    "429": Case(Status(status=429), RateLimitError, retried=True),
    "429 html": Case(Status(status=429, body=HTML), RateLimitError, retried=True),
    "429 date": Case(
        Status(status=429, retry_after=7, retry_form="date"), RateLimitError, retried=True
    ),
    "429 wait": Case(Status(status=429, retry_after=7), RateLimitError, retried=True),
}

DOUBTFUL = {
    **{
        f"{status} {name} {'after' if acts else 'before'}": Case(
            Status(status=status, body=body, after_effect=acts),
            InternalServerError,
            retried=True,
            doubtful=True,
            acts=acts,
        )
        for status, name, body in (
            (500, "json", None),
            (502, "html", HTML),
            (503, "empty", b""),
            (504, "html", HTML),
        )
        for acts in (False, True)
    },
    **{
        f"{kind.__name__.lower()} {'after' if acts else 'before'}": Case(
            kind(after_effect=acts), APIConnectionError, retried=True, doubtful=True, acts=acts
        )
        for kind in (Drop, Reset)
        for acts in (False, True)
    },
    **{
        name: Case(fault, APIConnectionError, retried=True, doubtful=True, acts=True)
        for name, fault in (
            ("closed in the body", Truncate()),
            ("chunked rubbish", BadChunks()),
            ("length too large", WrongLength(by=10)),
        )
    },
    **{
        name: Case(
            fault, APIResponseValidationError, retried=True, doubtful=True, acts=True, tells=True
        )
        for name, fault in (("broken gzip", BrokenGzip()), ("cut json", CutJSON()))
    },
    "length too small": Case(
        WrongLength(by=-10),
        APIConnectionError,
        other=APIResponseValidationError,
        retried=True,
        doubtful=True,
        acts=True,
    ),
    "stalled body": Case(
        Stall(), APITimeoutError, retried=True, doubtful=True, acts=True, read=0.1
    ),
}

FINAL = {
    **{
        f"json is an {shape}" if shape[0] in "ao" else f"json is {shape}": Case(
            OtherShape(shape=shape), APIResponseValidationError, doubtful=True, acts=True
        )
        for shape in get_args(Shape)
    },
    "redirect": Case(Redirect(), APIStatusError),
    "403 html": Case(Status(status=403, body=HTML), PermissionDeniedError),
    "409": Case(Status(status=409), ConflictError),
}


def parametrised(cases: dict[str, Case]) -> Callable[[Callable[..., object]], object]:
    """Run a test for each of the cases and each kind of operation."""

    def decorate(test: Callable[..., object]) -> object:
        by_case = pytest.mark.parametrize("case", cases.values(), ids=cases)
        return by_case(pytest.mark.parametrize("kind", JOBS, ids=lambda job: job.__name__)(test))

    return decorate


async def still_works(client: Client, org: Emulator) -> None:
    org.faults.clear()
    job = Read(org)
    job.check(await job.run(client))


@parametrised(HARMLESS)
async def test_harmless_faults_change_nothing(
    case: Case, kind: type[Job], client: Client, org: Emulator
) -> None:
    job = kind(org)
    org.faults.add(case.fault)
    job.check(await job.run(client))
    await still_works(client, org)


@parametrised(RETRIED | DOUBTFUL)
async def test_a_fault_that_passes(
    case: Case, kind: type[Job], client: Client, org: Emulator
) -> None:
    job = kind(org)
    org.faults.add(attrs.evolve(case.fault, times=1))
    if case.doubtful and not job.repeatable:
        await _doubted(case, job, client)
    else:
        job.check(await job.run(client, read=case.read))
        assert job.sent >= 2
    await still_works(client, org)


@parametrised(RETRIED | DOUBTFUL | FINAL)
async def test_a_fault_that_does_not_pass(
    case: Case, kind: type[Job], client: Client, org: Emulator
) -> None:
    job = kind(org)
    fault = org.faults.add(case.fault)
    if case.doubtful and not job.repeatable:
        await _doubted(case, job, client)
    elif case.tells and isinstance(job, Delete):
        job.check(await job.run(client))
    else:
        with pytest.raises(APIError) as caught:
            await job.run(client, read=case.read)
        assert type(caught.value) in (case.error, case.other)
        assert job.effects() == (case.acts and not job.reads)
        assert (job.sent > 1) == case.retried
    org.faults.remove(fault)
    await still_works(client, org)


async def _doubted(case: Case, job: Job, client: Client) -> None:
    """A change that may not be repeated: sent once, and the truth can be found out."""
    with pytest.raises(OutcomeUnknownError) as caught:
        await job.run(client, read=case.read)
    error = caught.value
    assert type(error.__cause__) in (case.error, case.other)
    assert (error.operation, error.arguments) == ("projects.create", {"name": "Doubtful"})
    assert job.sent == 1
    assert job.effects() == case.acts
    job.emulator.faults.clear()
    found = await client.found_by(error)
    if case.acts:
        job.check(found)
    else:
        assert found is None
