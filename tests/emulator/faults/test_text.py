"""Faults written as text."""

from __future__ import annotations

import inspect

import pytest

from openai_admin.emulator import (
    Drop,
    Emulator,
    Fault,
    Latency,
    RateLimit,
    Status,
    faults,
    parse_fault,
)
from openai_admin.emulator.faults import (
    HTML,
    KINDS,
    BadChunks,
    ClockSkew,
    Grouping,
    Nulls,
    OtherRefusal,
    OtherShape,
    Redirect,
    Refuse,
    Reset,
    Stall,
    TooWide,
    WrongLength,
    described,
)
from openai_admin.errors import InvalidInputError
from tests.emulator.faults.raw_client import statuses


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("503", Status(status=503)),
        (" 503:: ", Status(status=503)),
        ("429:usage.*:retry-after=5,retry-form=date", Status(
            match="usage.*", status=429, retry_after=5, retry_form="date")),
        ("502:*:body=html,times=2,after-effect", Status(
            status=502, body=HTML, times=2, after_effect=True)),
        ("500::body=empty", Status(status=500, body=b"")),
        ("500::body=json", Status(status=500)),
        ("latency:usage.*:seconds=200ms,jitter=1.5", Latency(
            match="usage.*", seconds=0.2, jitter=1.5)),
        ("latency::seconds=2m", Latency(seconds=120)),
        ("rate-limit:usage.*:limit=8,window=60s,headers=no", RateLimit(
            match="usage.*", limit=8, window=60)),
        ("rate-limit::limit=8,count=sliding,headers,retry-after=ms,then=4,then-after=5m", RateLimit(
            limit=8, count="sliding", headers=True, retry_after="ms", then=4, then_after=300)),
        ("drop:projects.create:rate=0.2,after-effect=yes", Drop(
            match="projects.create", rate=0.2, after_effect=True)),
        ("reset::only=2+5", Reset(only=(2, 5))),
        ("bad-chunks::every=3,skip=10", BadChunks(every=3, skip=10)),
        ("refuse::seconds=2s", Refuse(seconds=2)),
        ("grouping:usage.costs:fields=user_id+project_id,together,code=no", Grouping(
            match="usage.costs", fields=("user_id", "project_id"), together=True, code=False)),
        ("too-wide::window=7d,groups=3,status=504", TooWide(
            window=604_800, groups=3, status=504)),
        ("other-refusal::code=project_archived,status=403", OtherRefusal(
            code="project_archived", status=403)),
        ("stall", Stall()),
        ("stall::seconds=30", Stall(seconds=30)),
        ("wrong-length::by=-7", WrongLength(by=-7)),
        ("nulls::fields=name+status", Nulls(fields=("name", "status"))),
        ("other-shape::shape=null", OtherShape(shape="null")),
        ("redirect::to=https://evil.example,status=301", Redirect(
            to="https://evil.example", status=301)),
        ("clock-skew::seconds=-1d", ClockSkew(seconds=-86_400)),
    ],
)  # fmt: skip
def test_a_text_is_the_fault_it_says(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


REQUIRED = {
    "clock-skew": "seconds=60",
    "future-events": "seconds=60",
    "grouping": "fields=user_id",
    "late-events": "seconds=60",
    "latency": "seconds=1",
    "lookback": "days=90",
    "not-yet-visible": "seconds=2",
    "other-refusal": "code=not_found",
    "project-fails": "project=proj_1",
    "rate-limit": "limit=8",
    "refuse": "seconds=1",
    "too-wide": "window=7d",
    "unseen-at-first": "looks=2",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_written_with_a_schedule(kind: str) -> None:
    options = ",".join(filter(None, [REQUIRED.get(kind), "times=3,rate=0.5,skip=1,every=2,only=1"]))
    fault = parse_fault(f"{kind}:projects.*:{options}")
    assert type(fault) is KINDS[kind]
    assert (fault.match, fault.times, fault.rate) == ("projects.*", 3, 0.5)
    assert (fault.skip, fault.every, fault.only) == (1, 2, (1,))


@pytest.mark.parametrize("kind", REQUIRED)
def test_an_option_that_is_needed_is_asked_for(kind: str) -> None:
    name = REQUIRED[kind].partition("=")[0]
    with pytest.raises(InvalidInputError, match=f"{kind}' needs {name}: write {kind}:usage.*:"):
        parse_fault(f"{kind}:usage.*")


def test_every_fault_can_be_written() -> None:
    exported = [getattr(faults, name) for name in faults.__all__]
    concrete = [
        cls
        for cls in exported
        if inspect.isclass(cls) and issubclass(cls, Fault) and not inspect.isabstract(cls)
    ]
    assert set(concrete) == {Status, *KINDS.values()}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "There is no fault '': give a status such as 503, or one of bad-chunks, broken-gzip"),
        ("slow", "There is no fault 'slow': .* truncate, .* or wrong-length"),
        ("700", "There is no fault '700'"),
        ("199", "There is no fault '199'"),
        (
            "503:times=2",
            "'times=2' is not a glob over operation names: write KIND:GLOB:OPTION=VALUE",
        ),
        ("drop::rat=0.2", "The fault 'drop' has no option 'rat': give after-effect, every, only"),
        ("503::status=502", "no option 'status'"),
        ("503::headers=x", "no option 'headers'"),
        ("drop::match=x", "no option 'match'"),
        ("drop::rate=0.2,rate=0.3", "The fault 'drop' has the option 'rate' twice"),
        ("drop::rate=often", "rate of the fault 'drop' must be a number, .* not 'often'"),
        ("drop::rate=nan", "rate of the fault 'drop' must be a number"),
        ("drop::times=1.5", "times of the fault 'drop' must be a whole number, not '1.5'"),
        ("drop::times", "times of the fault 'drop' must be given a value"),
        ("drop::times=", "times of the fault 'drop' must be given a value"),
        ("drop::only=2-5", r"only of the fault 'drop' must be a whole number, not '2-5'"),
        ("drop::after-effect=maybe", "must be one of yes, no, true or false, not 'maybe'"),
        ("500::body=xml", "body of the fault '500' must be one of json, html or empty, not 'xml'"),
        ("500::body", "body of the fault '500' must be one of json, html or empty"),
        ("rate-limit::limit=8,count=leaky", "must be one of fixed, sliding or bucket, not 'leaky'"),
        ("drop::rate=1.5", "is not valid: 'rate' must be <= 1"),
        ("drop::times=0", "is not valid: 'times' must be >= 1"),
        ("redirect::status=200", "is not valid: 'status' must be >= 300"),
    ],
)
def test_a_text_that_says_nothing_is_explained_in_one_sentence(text: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message) as caught:
        parse_fault(text)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence


async def test_a_fault_from_text_does_what_it_says(emulator: Emulator) -> None:
    emulator.faults.add(parse_fault("503:projects.things.*:every=2"))
    assert await statuses(emulator, 4) == [200, 503, 200, 503]


def test_the_list_of_faults_names_the_options_of_each() -> None:
    lines = {line.partition(":")[0]: line for line in described()}
    assert lines["not-yet-visible"].endswith("Options: as-key, by-id, in-listings, seconds.")
    assert lines["Options of every fault"].endswith(": every, only, rate, skip, times.")
