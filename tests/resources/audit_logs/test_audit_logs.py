"""The audit log on each client, over a real socket: pages, both cursors, filters, bad input."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import BadRequestError, InvalidInputError, PermissionDeniedError
from tests.conftest import Surface
from tests.resources.audit_logs.events import NOW, add_event, session
from tests.resources.people import ids

ROBOTS = {"id": "proj_robots", "name": "Robots"}
BY_KEY = {
    "type": "api_key",
    "api_key": {
        "id": "key_terraform",
        "type": "service_account",
        "service_account": {"id": "svc_acct_terraform"},
    },
}


@pytest.fixture
def log(emulator: Emulator) -> dict[str, str]:
    """Eight events, a second apart, by what they are."""
    events: list[tuple[str, str, dict[str, Any], dict[str, Any], dict[str, Any] | None]] = [
        ("made", "project.created", {"id": ROBOTS["id"]}, session("user-ada"), ROBOTS),
        ("in", "login.succeeded", {}, session("user-bob"), None),
        ("key", "api_key.created", {"id": "key_1"}, BY_KEY, ROBOTS),
        ("other", "api_key.created", {"id": "key_2"}, session("user-bob"), None),
        (
            "active",
            "certificates.activated",
            {"certificates": [{"id": "cert_1", "name": "gateway"}]},
            session("user-ada"),
            None,
        ),
        ("tenant", "tenant.user.added", {"id": "user-eve"}, session("user-ada"), None),
        ("out", "logout.succeeded", {}, session("user-bob"), None),
        ("gone", "project.archived", {"id": ROBOTS["id"]}, session("user-ada"), ROBOTS),
    ]
    return {
        name: add_event(emulator, NOW + second, event_type, payload, actor=actor, project=project)
        for second, (name, event_type, payload, actor, project) in enumerate(events)
    }


ORDER = ["gone", "out", "active", "other", "key", "in", "made"]
"""What is listed, newest first; the tenant's event is not, unless asked for."""


async def test_what_a_change_reports(surface: Surface, emulator: Emulator) -> None:
    project = await surface.call(lambda c: c.projects.create(name="Robots"))
    (event,) = await surface.items(lambda c: c.audit_logs.list())
    assert event.type == "project.created"
    assert surface.seconds(event.effective_at) == surface.seconds(project.created_at)
    assert (event.project.id, event.project.name) == (project.id, "Robots")
    owner = emulator.store.first_owner()
    assert event.actor.type == "api_key"
    assert (event.actor.api_key.type, event.actor.api_key.user.id) == ("user", owner["id"])
    payload = event.payload if surface.ours else event.project_created
    assert (payload.id, payload.data.name) == (project.id, "Robots")


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
async def test_pages_newest_first(surface: Surface, log: dict[str, str], limit: int) -> None:
    events = await surface.items(lambda c: c.audit_logs.list(limit=limit))
    assert ids(events) == [log[name] for name in ORDER]


async def test_default_page_has_twenty(surface: Surface, emulator: Emulator) -> None:
    for second in range(25):
        add_event(emulator, NOW + second)
    page = await surface.call(lambda c: c.audit_logs.list())
    assert (len(page.data), page.has_more) == (20, True)
    assert (page.first_id, page.last_id) == (page.data[0].id, page.data[-1].id)


async def test_both_directions(surface: Surface, log: dict[str, str]) -> None:
    older = await surface.items(lambda c: c.audit_logs.list(after=log["active"], limit=2))
    assert ids(older) == [log[name] for name in ("other", "key", "in", "made")]

    page = await surface.call(lambda c: c.audit_logs.list(before=log["in"], limit=2))
    assert ids(page.data) == [log["other"], log["key"]]
    assert page.has_more
    page = await surface.call(lambda c: c.audit_logs.list(before=page.first_id, limit=10))
    assert ids(page.data) == [log["gone"], log["out"], log["active"]]
    assert not page.has_more


async def test_our_paging_goes_on_backwards(emulator: Emulator, log: dict[str, str]) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        walk = client.audit_logs.list(before=log["in"], limit=2)
        pages = [ids(page.data) async for page in walk.pages()]
    assert pages == [[log["other"], log["key"]], [log["out"], log["active"]], [log["gone"]]]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"event_types": ["project.created", "project.archived"]}, ["gone", "made"]),
        ({"event_types": ["api_key.created"], "project_ids": [ROBOTS["id"]]}, ["key"]),
        ({"project_ids": [ROBOTS["id"], "proj_none"]}, ["gone", "key", "made"]),
        ({"actor_ids": ["user-bob"]}, ["out", "other", "in"]),
        ({"actor_ids": ["svc_acct_terraform"]}, ["key"]),
        ({"actor_ids": ["key_terraform", "user-bob"]}, ["out", "other", "key", "in"]),
        ({"actor_emails": ["user-bob@example.com"]}, ["out", "other", "in"]),
        ({"resource_ids": ["key_1", ROBOTS["id"]]}, ["gone", "key", "made"]),
        ({"resource_ids": ["cert_1"]}, ["active"]),
        ({"resource_ids": ["nothing"]}, []),
        ({"tenant_only": True}, ["tenant"]),
        ({"tenant_only": True, "event_types": ["tenant.user.added"]}, ["tenant"]),
        ({"tenant_only": False}, ORDER),
        ({"effective_at": {"gt": NOW + 3}}, ["gone", "out", "active"]),
        ({"effective_at": {"gte": NOW + 3}}, ["gone", "out", "active", "other"]),
        ({"effective_at": {"lt": NOW + 2}}, ["in", "made"]),
        ({"effective_at": {"lte": NOW + 2}}, ["key", "in", "made"]),
        ({"effective_at": {"gte": NOW + 1, "lt": NOW + 3}}, ["key", "in"]),
    ],
)
async def test_filters(
    surface: Surface, log: dict[str, str], filters: dict[str, Any], expected: list[str]
) -> None:
    events = await surface.items(lambda c: c.audit_logs.list(limit=2, **filters))
    assert ids(events) == [log[name] for name in expected]


@pytest.mark.parametrize(
    "between",
    [
        (datetime.fromtimestamp(NOW + 1, UTC), datetime.fromtimestamp(NOW + 3, UTC)),
        [NOW + 1, NOW + 3],
        (datetime.fromtimestamp(NOW + 1, UTC).isoformat(), NOW + 3),
        {"gte": datetime.fromtimestamp(NOW + 1, UTC), "lt": NOW + 3, "gt": None},
    ],
)
async def test_a_range_of_times(emulator: Emulator, log: dict[str, str], between: Any) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        events = [event.id async for event in client.audit_logs.list(effective_at=between)]
        assert events == [log["key"], log["in"]]
        page = await client.audit_logs.list(effective_at=(NOW + 7, None))
        assert ids(page.data) == [log["gone"]]
        page = await client.audit_logs.list(effective_at=(None, NOW + 1))
        assert ids(page.data) == [log["made"]]


async def test_wire_names(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        await client.audit_logs.list(
            event_types=["user.added", "user.deleted"],
            project_ids=["p"],
            actor_ids=["a"],
            actor_emails=["é@example.com"],
            resource_ids=["r"],
            effective_at={"gte": 5, "lt": 9},
        )
    (request,) = emulator.requests
    assert sorted(request.query_string.split("&")) == [
        "actor_emails%5B%5D=%C3%A9@example.com",
        "actor_ids%5B%5D=a",
        "effective_at%5Bgte%5D=5",
        "effective_at%5Blt%5D=9",
        "event_types%5B%5D=user.added",
        "event_types%5B%5D=user.deleted",
        "project_ids%5B%5D=p",
        "resource_ids%5B%5D=r",
    ]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "near": ({"event_types": ["project.archve"]}, "did you mean 'project.archived'"),
    "unknown": ({"event_types": ["nothing"]}, "149 known values"),
    "text": ({"event_types": "project.created"}, "must be a list"),
    "number": ({"event_types": [7]}, "must be one of"),
    "no types": ({"event_types": []}, "must not be empty"),
    "no actors": ({"actor_ids": []}, "must not be empty"),
    "wrong actor": ({"actor_ids": [7]}, "must be text"),
    "surrogate": ({"actor_emails": ["\ud800"]}, "cannot be encoded as UTF-8"),
    "tenant's": ({"event_types": ["tenant.user.added"]}, "tenant_only=True"),
    "not tenant's": ({"event_types": ["user.added"], "tenant_only": True}, "not an event of the"),
    "limit 0": ({"limit": 0}, "from 1 to 100"),
    "limit 101": ({"limit": 101}, "from 1 to 100"),
    "bound": ({"effective_at": {"gtee": 5}}, "did you mean 'gte'"),
    "backwards": ({"effective_at": (9, 5)}, "ends before it starts"),
    "naive": ({"effective_at": (datetime(2026, 1, 1), None)}, "time zone"),  # noqa: DTZ001
    "one time": ({"effective_at": 5}, "a pair of times"),
    "three times": ({"effective_at": (1, 2, 3)}, "a pair of times"),
    "no time": ({"effective_at": {"gte": "soon"}}, "ISO 8601"),
    "bool": ({"effective_at": {"gte": True}}, "Unix seconds"),
    "too late": ({"effective_at": {"gte": 10**18}}, "out of the range"),
}


@pytest.mark.parametrize(("arguments", "why"), REFUSED.values(), ids=REFUSED)
async def test_refused_before_sending(
    emulator: Emulator, arguments: dict[str, Any], why: str
) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(InvalidInputError, match=why):
            client.audit_logs.list(**arguments)
    assert not emulator.requests


async def test_a_type_that_the_api_learned_later_can_be_asked_for(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, check_inputs=False
    ) as client:
        later: Any = "robot.added"
        with pytest.raises(BadRequestError, match=r"robot\.added"):
            await client.audit_logs.list(event_types=[later])
    (request,) = emulator.requests
    assert request.query_string == "event_types%5B%5D=robot.added"


SERVER_REFUSES: dict[str, Callable[[Any], Any]] = {
    "after": lambda c: c.audit_logs.list(after="audit_log-none"),
    "before": lambda c: c.audit_logs.list(before="\u202e../x?y#z"),
    "long": lambda c: c.audit_logs.list(after="x" * 5000),
}


@pytest.mark.parametrize("call", SERVER_REFUSES.values(), ids=SERVER_REFUSES)
async def test_refused_by_the_server(
    surface: Surface, log: dict[str, str], call: Callable[[Any], Any]
) -> None:
    with pytest.raises(surface.errors.BadRequestError, match="no audit log event"):
        await surface.call(call)


@pytest.mark.parametrize(
    "query",
    [
        "event_types[]=nothing",
        "event_types[]=tenant.user.added",
        "event_types[]=user.added&tenant_only=true",
        "effective_at[gte]=soon",
        "effective_at[around]=5",
        "tenant_only=perhaps",
        "limit=0",
        "limit=101",
        "project=proj_robots",
    ],
)
async def test_the_emulator_checks_for_itself(emulator: Emulator, query: str) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        name, value = query.split("&")[0].split("=")
        given = {name: value, **({"tenant_only": "true"} if "&" in query else {})}
        with pytest.raises(BadRequestError):
            await client.request("GET", "/organization/audit_logs", query=given)


async def test_a_key_without_the_scope_reads_nothing(emulator: Emulator) -> None:
    key = emulator.add_key(scopes=["api.usage.read"])
    async with AsyncOpenAIAdmin(key, base_url=emulator.base_url) as client:
        with pytest.raises(PermissionDeniedError, match=r"api\.audit_logs\.read"):
            await client.audit_logs.list()


async def test_twenty_thousand_events_while_others_come_and_go(emulator: Emulator) -> None:
    for second in range(20_000):
        add_event(emulator, NOW + second)
    table = emulator.store.audit_logs
    before = [event["id"] for event in table.walk("desc")]
    place = {id: number for number, id in enumerate(before)}
    removed: set[str] = set()
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        seen: list[str] = []
        async for page in client.audit_logs.list(limit=100).pages():
            seen += [event.id for event in page.data]
            at = place[seen[-1]]
            add_event(emulator, NOW + 200_000 + at)
            table.remove(before[at])  # the very cursor
            if at + 150 < len(before):
                removed.add(table.remove(before[at + 150])["id"])
    assert seen == [id for id in before if id not in removed]
    assert len(seen) > 19_700
