"""The emulator: what a page of each listing takes in larger and larger organizations.

At ×16 the organization is the one of ``openai-admin emulator --size large``.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from openai_admin.emulator import Emulator, Size, Store
from openai_admin.emulator.auth import Credential
from openai_admin.emulator.query import Query
from openai_admin.emulator.routing import HANDLERS, Call
from openai_admin.emulator.table import Record

from .line import CPU, PEAK, Line, at_most, growth
from .measuring import Measuring

_NOW = 1_795_512_345
_DAY = 86_400
_ROUNDS = 15
_WORST = "the worst, times the demo's"
_encode = msgspec.json.Encoder().encode
_Listing = tuple[str, str, str, Mapping[str, str]]
"""What it is, the operation, its query, its path arguments."""


def _now() -> int:
    return _NOW


def _size(scale: int) -> Size:
    return Size(projects=125 * scale, users=1_250 * scale, keys=625 * scale, events=6_250 * scale)


def _middle(records: list[Record], **having: Any) -> Record:
    found = [r for r in records if all(r[name] == value for name, value in having.items())]
    return found[len(found) // 2]


def _listings(store: Store) -> Iterator[_Listing]:
    """Every listing and filter, of what stands in the middle of an organization."""
    users, events = list(store.users), list(store.audit_logs)
    projects = [p for p in store.projects if len(store.project_api_keys[p["id"]]) > 4]
    user, project, group = _middle(users), _middle(projects), next(iter(store.groups))
    email = user["email"]
    in_project = {"project_id": project["id"]}
    member = list(store.project_users[project["id"]])[-1]
    yield "projects", "projects.list", "limit=10", {}
    yield "projects, archived too", "projects.list", "limit=10&include_archived=true", {}
    yield "users", "users.list", "limit=20", {}
    yield "users, from the middle", "users.list", f"limit=10&after={user['id']}", {}
    yield "users, by address", "users.list", f"emails[]={email}&emails[]={users[0]['email']}", {}
    yield "keys", "projects.api_keys.list", "limit=5", in_project
    inactive = "owner_project_access=inactive"
    yield "keys, of nobody there", "projects.api_keys.list", inactive, in_project
    yield "admin keys", "admin_api_keys.list", "limit=4", {}
    yield "service accounts", "projects.service_accounts.list", "limit=1", in_project
    yield "members of a project", "projects.users.list", "limit=5", in_project
    yield "rate limits", "projects.rate_limits.list", "limit=10", in_project
    yield "groups", "groups.list", "limit=4", {}
    yield "members of a group", "groups.users.list", "limit=5", {"group_id": group["id"]}
    yield "roles of a group", "groups.roles.list", "", {"group_id": group["id"]}
    yield "roles", "roles.list", "limit=4", {}
    yield "roles of a user", "users.roles.list", "limit=1", {"user_id": user["id"]}
    of_member = in_project | {"user_id": member["id"]}
    yield "roles of a member", "projects.users.roles.list", "limit=1", of_member
    yield "invites", "invites.list", "limit=10", {}
    yield "certificates", "certificates.list", "limit=4", {}
    yield "certificates of a project", "projects.certificates.list", "limit=4", in_project

    middle = _middle(events, type="user.added")
    by = middle["actor"]["session"]["user"]
    at = middle["effective_at"]
    month = f"effective_at[gte]={at}&effective_at[lt]={at + 30 * _DAY}"
    for what, query in {
        "": "",
        "from the middle": f"after={middle['id']}",
        "by time": month,
        "before": f"effective_at[lt]={at}",
        "by actor": f"actor_ids[]={by['id']}",
        "by actor and time": f"actor_ids[]={by['id']}&{month}",
        "by address": f"actor_emails[]={by['email']}",
        "by a frequent type": "event_types[]=login.succeeded",
        "by a rare type": "event_types[]=certificate.created",
        "by type and time": f"event_types[]=login.failed&{month}",
        "by resource": f"resource_ids[]={middle['user.added']['id']}",
        "by project": f"project_ids[]={project['id']}",
        "by project and type": f"project_ids[]={project['id']}&event_types[]=api_key.created",
        "of the tenant": "tenant_only=true",
    }.items():
        name = ", ".join(filter(None, ("events", what)))
        yield name, "audit_logs.list", f"limit=4&{query}".rstrip("&"), {}

    start = _NOW // _DAY * _DAY - 20 * _DAY
    of_project = f"start_time={start}&project_ids={project['id']}"
    yield "usage of a project", "usage.completions", f"{of_project}&group_by=model", {}
    yield "costs of a project", "usage.costs", of_project, {}


def _answer(store: Store, listing: _Listing) -> Callable[[], bytes]:
    _, operation, query, path = listing
    handler = HANDLERS.bound[operation][1]
    credential = Credential(id="key_1", value="sk-admin-benchmark", owner={"id": "user-1"})

    def answer() -> bytes:
        call = Call(store=store, path=path, query=Query(query), body={}, credential=credential)
        return _encode(handler(call))

    return answer


def _seconds(answer: Callable[[], bytes]) -> float:
    answer()  # an index is made when it is first needed
    times = []
    for _ in range(_ROUNDS):
        begin = time.process_time()
        answer()
        times.append(time.process_time() - begin)
    return min(times)


def _pages(measuring: Measuring, scale: int) -> None:
    demo, grown = Emulator(now=_now), Emulator(now=_now, size=_size(scale))
    usual = {
        listing[0]: _seconds(_answer(demo.store, listing)) for listing in _listings(demo.store)
    }
    listings = {listing[0]: _answer(grown.store, listing) for listing in _listings(grown.store)}
    for answer in listings.values():
        answer()
    with measuring:
        taken = {what: _seconds(answer) for what, answer in listings.items()}
    ratios = {what: seconds / usual[what] for what, seconds in taken.items()}
    measuring.note({f"{what}, times the demo's": ratio for what, ratio in ratios.items()}, work=1)
    measuring.note(
        {
            _WORST: max(ratios.values()),
            "the median, times the demo's": statistics.median(ratios.values()),
            "the slowest page, ms": max(taken.values()) * 1e3,
        }
    )


def _start(measuring: Measuring, scale: int) -> None:
    Emulator(now=_now)  # loads the handlers
    with measuring:
        emulator = Emulator(now=_now, size=_size(scale))
    store = emulator.store
    records = len(store.projects) + len(store.users) + len(store.audit_logs)
    measuring.note(work=records + len(store.meter.streams))


def _usage(measuring: Measuring, scale: int) -> None:
    store = Emulator(now=_now, size=_size(scale)).store
    start = _NOW // _DAY * _DAY - 20 * _DAY
    groups = "group_by=project_id,api_key_id,model"
    query = f"start_time={start}&limit=6&bucket_width=1h&{groups}"
    _measure_rows(measuring, _answer(store, ("", "usage.completions", query, {})), buckets=6)


def _costs(measuring: Measuring, scale: int) -> None:
    store = Emulator(now=_now, size=_size(scale)).store
    start = _NOW // _DAY * _DAY - 20 * _DAY
    query = f"start_time={start}&limit=7&group_by=project_id,line_item"
    _measure_rows(measuring, _answer(store, ("", "usage.costs", query, {})), buckets=7)


def _measure_rows(measuring: Measuring, answer: Callable[[], bytes], *, buckets: int) -> None:
    answer()
    with measuring:
        rows = answer().count(b'.result"')
    figures = {"µs a row": measuring.figures[CPU] * 1e6 / rows, "rows a bucket": rows / buckets}
    measuring.note(figures, work=rows)


LINES = (
    Line(
        "emulator",
        "a page of each listing of 125 projects, 1,250 users, 625 keys, 6,250 events",
        _pages,
        bounds=(growth(CPU, 1.3), at_most(_WORST, 3)),
    ),
    Line(
        "emulator-start",
        "the emulator made with these",
        _start,
        bounds=(growth(CPU, 1.3), growth(PEAK, 1.3), at_most(CPU, 6), at_most(PEAK, 300)),
    ),
    Line(
        "emulator-usage",
        "6 hours of their usage by project, key and model",
        _usage,
        bounds=(growth(CPU, 1.3), growth(PEAK, 1.3), at_most("µs a row", 6)),
    ),
    Line(
        "emulator-costs",
        "7 days of their costs by project and line item",
        _costs,
        bounds=(growth(CPU, 1.3), growth(PEAK, 1.3), at_most("µs a row", 10)),
    ),
)
