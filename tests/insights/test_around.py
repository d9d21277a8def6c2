"""What was changed around unusual days: all that the audit log has of them, and nothing asked for
where no day is unusual.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin._declare.resource import Async
from openai_admin._tree import AdminResources
from openai_admin.directory.reading import Reads
from openai_admin.directory.recorded.event import AuditEvent
from openai_admin.emulator import Emulator
from openai_admin.insights import Anomaly, AnomalySearch, Period, known, review
from openai_admin.insights.around import (
    MOST_DAYS,
    ChangesAround,
    RecordedDay,
    changes_around,
    days_to_look_around,
    in_order,
    stretch_around,
)
from openai_admin.insights.basis import AROUND, BASES
from openai_admin.insights.findings import FINDINGS
from openai_admin.insights.gather.around import recorded_around
from tests.directory.acme import page, refused
from tests.directory.api import API, serving

LOG = "/organization/audit_logs"
DAY = date(2026, 11, 4)
NOON = int(datetime(2026, 11, 4, 12, tzinfo=UTC).timestamp())
AROUND_ANOMALIES = FINDINGS["around_anomalies"]


def search(*odd: tuple[date, str | None]) -> AnomalySearch:
    """Unusual days of projects, the most unusual first."""
    found = tuple(
        Anomaly(
            group=(project, "gpt-5"),
            day=day,
            cost=Decimal(70),
            expected=Decimal(10),
            low=Decimal(8),
            high=Decimal(12),
            score=9.0,
        )
        for day, project in odd
    )
    return AnomalySearch(
        by=("project", "model"),
        period=Period(date(2026, 10, 21), date(2026, 11, 20)),
        currency="usd",
        found=found,
        judged=2,
        too_short=0,
        too_small=0,
    )


def raw(name: str, *, at: int | None = NOON, project: str | None = None) -> dict[str, Any]:
    """An event as the API lists it."""
    of = {} if project is None else {"project": {"id": project, "name": project.upper()}}
    return {
        "id": f"audit_log-{name}",
        "type": "api_key.created",
        "effective_at": at,
        "actor": None,
        "api_key.created": {"id": f"key_{name}"},
        **of,
    }


def recorded(*events: dict[str, Any], day: date = DAY) -> RecordedDay:
    return RecordedDay(day=day, events=[AuditEvent.of_raw(event) for event in events])


def of(changes: ChangesAround) -> list[str | None]:
    """The names of the events in order."""
    return [each.event_id and each.event_id.removeprefix("audit_log-") for each in changes.changes]


def test_what_was_changed_in_the_same_project_comes_first() -> None:
    day = recorded(
        raw("late", at=NOON + 60, project="p_a"),
        raw("none", at=NOON - 60),
        raw("timeless", at=None, project="p_a"),
        raw("early", project="p_a"),
        raw("other", at=NOON - 120, project="p_b"),
    )
    (found,) = changes_around(search((DAY, "p_a"), (DAY, None)), [day], {"key_late": "robot"})
    assert of(found) == ["early", "late", "timeless", "other", "none"]
    assert [each.in_same_project for each in found.changes] == [True] * 3 + [False] * 2
    assert found.changes[1].change == "api_key.created robot"
    assert found.changes[0].project == "P_A"


def test_of_some_projects_others_are_left_out() -> None:
    day = recorded(raw("a", project="p_a"), raw("b", project="p_b"), raw("none"))
    (found,) = changes_around(search((DAY, "p_a")), [day], {}, project_ids=["p_a"])
    assert of(found) == ["a", "none"]


def test_a_day_before_that_is_unusual_too_has_changes_of_its_own() -> None:
    before = DAY - timedelta(days=1)
    assert stretch_around(DAY, [DAY]) == Period(before, DAY + timedelta(days=1))
    assert stretch_around(DAY, [DAY, before]) == Period(DAY, DAY + timedelta(days=1))


def test_the_most_unusual_days_are_looked_around() -> None:
    days = [DAY - timedelta(days=3 * n) for n in range(MOST_DAYS + 2)]
    found = search((days[0], "p_b"), *((day, "p_a") for day in days))
    assert days_to_look_around(found) == tuple(days[:MOST_DAYS])


def test_the_first_changes_of_each_day_come_before_all_others() -> None:
    before = DAY - timedelta(days=5)
    days = [
        recorded(*(raw(f"a{n}", at=NOON + n) for n in range(5))),
        recorded(raw("b0"), raw("b1", at=NOON + 1), day=before),
    ]
    found = in_order(changes_around(search((DAY, "p_a"), (before, "p_a")), days, {}))
    names = [str(each.event_id).removeprefix("audit_log-") for each in found]
    assert names == ["a0", "a1", "a2", "b0", "b1", "a3", "a4"]


async def _raw_around(emulator: Emulator, day: date) -> set[str]:
    """What the log has of a day and the one before, without logins and what is the tenant's."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    aside = ("login.", "logout.", "tenant.")
    return {
        event["id"]
        for event in emulator.store.audit_logs
        if start - 86400 <= event["effective_at"] < start + 86400
        and not event["type"].startswith(aside)
    }


async def test_all_that_was_changed_around_the_demo_s_unusual_day_is_found(demo: Emulator) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        found = await review(client)
    assert demo.expected_findings is not None
    day = datetime.fromtimestamp(demo.expected_findings.anomaly.day, UTC).date()
    (around,) = known(found.around_anomalies)
    assert around.day == day
    ids = {each.event_id for each in around.changes}
    assert ids
    assert ids == await _raw_around(demo, day)
    assert [row.event_id for row in AROUND_ANOMALIES.rows(found)] == [
        each.event_id for each in around.changes
    ]
    assert AROUND_ANOMALIES.sentences(found)[0].startswith(f"{len(ids)} changes on these days")


async def test_alone_it_is_found_without_what_it_does_not_need(demo: Emulator) -> None:
    demo.requests.clear()
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        found = await review(client, only=["around_anomalies"])
    assert known(found.around_anomalies)
    asked = {request.operation for request in demo.requests}
    assert asked == {
        "usage.costs",
        "audit_logs.list",
        "projects.list",
        "projects.api_keys.list",
        "users.list",
        "admin_api_keys.list",
    }


async def test_it_is_not_looked_for_where_it_is_not_asked_for(demo: Emulator) -> None:
    demo.requests.clear()
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        found = await review(client, only=["anomalies"])
    assert found.around_anomalies is None
    assert known(found.anomalies).found
    assert "audit_logs.list" not in {request.operation for request in demo.requests}


async def test_without_an_unusual_day_nothing_is_read(demo: Emulator) -> None:
    assert demo.expected_findings is not None
    day = datetime.fromtimestamp(demo.expected_findings.anomaly.day, UTC).date()
    after = Period(day + timedelta(days=1), day + timedelta(days=4))
    demo.requests.clear()
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        found = await review(client, period=after, only=["around_anomalies"])
    assert known(found.around_anomalies) == ()
    assert AROUND_ANOMALIES.sentences(found)[0] == "No day cost far more or less than usual."
    assert "audit_logs.list" not in {request.operation for request in demo.requests}


@pytest.fixture
async def api() -> AsyncIterator[API]:
    async with serving() as api:
        yield api


async def _read(api: API, *days: date) -> tuple[tuple[RecordedDay, ...], Reads]:
    async with AsyncOpenAIAdmin(
        "sk-admin-canary0123456789abcd", base_url=api.url, max_retries=0
    ) as client:
        reads = Reads(client._caller)
        tree = AdminResources[Async](client._caller)
        return await recorded_around(tree, days, reads=reads), reads


async def test_a_day_is_one_listing_without_logins(api: API) -> None:
    api.said[LOG] = page(raw("a"), {"type": "user.added", "no": "id"})
    (found,), reads = await _read(api, DAY)
    assert [event.id for event in found.events] == ["audit_log-a", None]
    (query,) = api.queries[LOG]
    assert int(query["effective_at[gte]"]) == NOON - 36 * 3600
    assert int(query["effective_at[lt]"]) == NOON + 12 * 3600
    assert query["event_types[]"] == "api_key.created"  # the first of many
    assert reads.not_known == ()


async def test_a_day_that_is_refused_costs_itself(api: API) -> None:
    api.said[LOG] = page(raw("a"))
    api.later[LOG] = refused(500, "Try again.")
    found, reads = await _read(api, DAY, DAY - timedelta(days=9))
    assert len(found) == 1
    (lost,) = reads.not_known
    assert (lost.kind, lost.window) in {(AROUND, str(DAY)), (AROUND, str(DAY - timedelta(days=9)))}
    assert not BASES["around_anomalies"].refused(reads.not_known)
    assert BASES["around_anomalies"].lacks(reads.not_known) == (lost,)


async def test_where_every_day_is_refused_it_is_not_known(api: API) -> None:
    api.said[LOG] = refused(403, "Not for you.")
    found, reads = await _read(api, DAY, DAY - timedelta(days=9))
    assert found == ()
    (lost,) = reads.not_known
    assert BASES["around_anomalies"].refused(reads.not_known) == (lost,)


async def test_pages_that_loop_are_not_counted_twice(api: API) -> None:
    api.said[LOG] = page(*(raw(f"{n}") for n in range(100)), more=True)
    found, reads = await _read(api, DAY)
    assert found == ()
    assert [part.kind for part in reads.not_known] == [AROUND]


@pytest.mark.parametrize(("number", "has_more"), [(500, False), (501, True)])
async def test_a_day_of_very_many_changes_is_read_in_part(
    emulator: Emulator, number: int, has_more: bool
) -> None:
    actor = {"type": "session", "session": {"user": {"id": "user-a", "email": "a@acme.example"}}}
    for n in range(number):
        of = {"id": f"key_{n}"}
        emulator.store.audit("api_key.created", of, actor=actor, effective_at=NOON)
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        reads = Reads(client._caller)
        (found,) = await recorded_around(AdminResources[Async](client._caller), [DAY], reads=reads)
    assert (len(found.events), found.has_more) == (500, has_more)
    assert reads.not_known == ()
