"""The load of the demo organization: a stream for each kind of work of each key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random

from ..metering import ENDPOINTS, Meter, Stream
from ..metering.shape import DAY
from ..store import Store
from .expected_findings import Anomaly
from .keys import Key
from .projects import PlannedProject
from .workloads import DEVELOPMENT, Work, chat, tokens

ANOMALY_DAYS_AGO = 8
ANOMALY_FACTOR = 7

PLAYGROUND = chat("gpt-5", 26, tokens(text=840, output=620), shape="office")
"""What people ask in the browser, where no key is involved."""


def plan_anomaly(store: Store, projects: Iterable[PlannedProject]) -> Anomaly:
    """Return the day, project and model that the streams then let surge."""
    project = next(project for project in projects if project.plan.surge is not None)
    day = store.now() // DAY - ANOMALY_DAYS_AGO
    return Anomaly(project.id, str(project.plan.surge), day * DAY, ANOMALY_FACTOR)


def add_meter(
    store: Store, projects: Iterable[PlannedProject], keys: Iterable[Key], anomaly: Anomaly
) -> dict[str, int]:
    """Give the store its meter, and return when each key was last used, by key id."""
    today = store.now() // DAY
    random = Random(f"{store.seed}/streams")
    streams = [
        *_playground(next(iter(projects)), anomaly, today),
        *(stream for key in keys for stream in _streams(key, anomaly, today, random)),
    ]
    meter = store.meter = Meter(streams, endpoints=ENDPOINTS, seed=store.seed)
    last_used: dict[str, int] = {}
    for stream in streams:
        key_id = stream.dimensions.get("api_key_id")
        moment = meter.last_request(stream, now=store.now()) if isinstance(key_id, str) else None
        if isinstance(key_id, str) and moment is not None:
            last_used[key_id] = max(moment, last_used.get(key_id, 0))
    return last_used


def _streams(key: Key, anomaly: Anomaly, today: int, random: Random) -> Iterator[Stream]:
    since = key.created_at // DAY + 1 if key.since is None else key.since // DAY
    until = None if key.until is None else key.until // DAY
    if key.fate == "never used":
        return
    scale = 100
    if key.account is not None:
        works = key.project.plan.accounts[key.account]
    else:
        works = (random.choice(DEVELOPMENT),)
        scale = random.randint(40, 180)
    for number, work in enumerate(works):
        consumer = {"user_id": key.owner_id, "api_key_id": key.id} if work.consumer else {}
        name = f"{key.project.plan.name}/{key.account or key.id}/{number}"
        yield _stream(name, work, key.project, consumer, anomaly, today, since, until, scale)


def _playground(project: PlannedProject, anomaly: Anomaly, today: int) -> Iterator[Stream]:
    since = project.record["created_at"] // DAY + 1
    for number, user in enumerate(project.members[:4]):
        consumer = {"user_id": user["id"]}
        name = f"{project.plan.name}/playground/{number}"
        yield _stream(name, PLAYGROUND, project, consumer, anomaly, today, since, None, 100)


def _stream(
    name: str,
    work: Work,
    project: PlannedProject,
    consumer: dict[str, str],
    anomaly: Anomaly,
    today: int,
    since: int,
    until: int | None,
    scale: int,
) -> Stream:
    surging = project.id == anomaly.project_id and work.dimensions.get("model") == anomaly.model
    return Stream(
        name=name,
        endpoint=work.endpoint,
        dimensions={"project_id": project.id, **consumer, **work.dimensions},
        per_request=work.per_request,
        daily=work.daily * scale // 100,
        shape=work.shape,
        anchor=today,
        begin=project.plan.begin,
        since=since,
        until=until,
        surges={anomaly.day // DAY: anomaly.factor} if surging else {},
    )
