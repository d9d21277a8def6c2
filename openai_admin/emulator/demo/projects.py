"""The twelve projects of the demo organization: their members, software and load."""

from __future__ import annotations

from itertools import cycle, islice

import attrs

from ..metering.shape import DAY
from ..store import Store
from ..table import Record
from .people import People
from .workloads import (
    Work,
    chat,
    code_interpreter,
    embedding,
    file_search,
    image,
    moderation,
    speech,
    tokens,
    transcription,
    vector_storage,
    web_search,
)


@attrs.frozen(kw_only=True)
class Plan:
    """A project before it has ids.

    `age` and `archived` are days ago; `begin` is the percentage of today's volume that it had
    thirteen months ago; each service account does the work under its name, and `keys` counts the
    project's keys, those of its service accounts included.
    """

    name: str
    age: int
    begin: int
    members: int
    keys: int
    accounts: dict[str, tuple[Work, ...]]
    archived: int | None = None
    surge: str | None = None
    """The model whose use surges on the day of the anomaly."""


# In the order of their creation, as listings show them.
PLANS = (
    Plan(
        name="Default project",
        age=425,
        begin=70,
        members=12,
        keys=8,
        accounts={
            "nightly-evals": (
                chat(
                    "gpt-5-mini", 2600, tokens(text=1850, output=310), shape="nightly", batch=True
                ),
            )
        },
    ),
    Plan(
        name="Customer Support Assistant",
        age=424,
        begin=34,
        members=9,
        keys=14,
        accounts={
            "support-prod": (
                chat("gpt-5-mini", 31_000, tokens(text=830, cached=1540, output=290)),
                chat("gpt-5-mini", 5200, tokens(text=4100, cached=2200, writes=640, output=610)),
                moderation(36_000, 74),
                file_search(9400, "vs_support_articles"),
                vector_storage(9200),
            ),
            "support-escalation": (
                chat("gpt-5", 2300, tokens(text=2900, cached=3400, output=720), tier="priority"),
            ),
            "support-agent": (
                chat(
                    "gpt-5-mini",
                    3900,
                    tokens(text=1420, cached=2650, output=350),
                    source="agents_api",
                ),
                web_search(900, "low", source="agents_api"),
            ),
        },
    ),
    Plan(
        name="Developer Copilot",
        age=423,
        begin=28,
        members=14,
        keys=12,
        accounts={
            "copilot-prod": (
                chat(
                    "gpt-5",
                    9800,
                    tokens(text=2350, cached=5900, writes=700, output=880),
                    shape="office",
                ),
                chat("gpt-5-nano", 64_000, tokens(text=610, cached=420, output=64), shape="office"),
                chat(
                    "gpt-5-nano",
                    18_000,
                    tokens(text=380, output=4),
                    shape="office",
                    endpoint="decisions",
                ),
            ),
            "copilot-review": (
                chat("gpt-5", 1500, tokens(text=9100, cached=2700, output=1450), tier="flex"),
                code_interpreter(210),
            ),
        },
    ),
    Plan(
        name="Search Relevance",
        age=420,
        begin=62,
        members=7,
        keys=9,
        accounts={
            "search-indexer": (
                embedding(210_000, 460, shape="nightly"),
                chat(
                    "gpt-5-nano", 42_000, tokens(text=540, output=38), shape="nightly", batch=True
                ),
            ),
            "search-query": (embedding(480_000, 14), web_search(2100, "medium")),
        },
    ),
    Plan(
        name="Chatbot Pilot",
        age=418,
        begin=90,
        members=4,
        keys=0,
        archived=140,
        accounts={
            "pilot-bot": (chat("gpt-4.1", 1900, tokens(text=1340, cached=260, output=330)),),
        },
    ),
    Plan(
        name="Document Intake",
        age=410,
        begin=45,
        members=8,
        keys=9,
        surge="gpt-4.1",
        accounts={
            "intake-prod": (
                chat("gpt-4.1", 5600, tokens(text=1900, image=2260, cached=640, output=530)),
                chat("gpt-4.1", 900, tokens(text=11_800, cached=1280, output=1240)),
                file_search(1200, "vs_contract_templates"),
                vector_storage(31_500),
            ),
            "intake-backfill": (
                chat(
                    "gpt-5-mini", 6800, tokens(text=3300, output=470), shape="nightly", batch=True
                ),
            ),
        },
    ),
    Plan(
        name="Checkout Fraud Review",
        age=396,
        begin=75,
        members=5,
        keys=8,
        accounts={
            "fraud-prod": (
                chat(
                    "gpt-5-mini", 14_500, tokens(text=1720, cached=880, output=95), tier="priority"
                ),
                chat("gpt-5-mini", 6100, tokens(text=640, output=3), endpoint="decisions"),
            ),
        },
    ),
    Plan(
        name="Voice Notes",
        age=380,
        begin=22,
        members=6,
        keys=7,
        accounts={
            "voice-prod": (
                transcription(7200, 96),
                speech(3100, 640),
                chat(
                    "gpt-4o-audio-preview", 620, tokens(text=410, audio=690, output=140, spoken=310)
                ),
            ),
        },
    ),
    Plan(
        name="Marketing Studio",
        age=365,
        begin=55,
        members=7,
        keys=8,
        accounts={
            "studio-prod": (
                image(340, "1024x1024"),
                image(120, "1024x1792"),
                image(45, "1024x1024", source="image.edit"),
                chat("gpt-4.1", 1300, tokens(text=1480, output=890), shape="office"),
            ),
        },
    ),
    Plan(
        name="Data Platform",
        age=340,
        begin=40,
        members=6,
        keys=8,
        accounts={
            "enrichment": (
                chat(
                    "gpt-5-nano", 120_000, tokens(text=870, output=120), shape="nightly", batch=True
                ),
                embedding(90_000, 310, shape="nightly"),
            ),
            "warehouse-questions": (
                chat("gpt-5", 760, tokens(text=5200, cached=1900, output=640), shape="office"),
                code_interpreter(64),
            ),
        },
    ),
    Plan(
        name="Mobile App",
        age=300,
        begin=35,
        members=8,
        keys=7,
        accounts={
            "mobile-prod": (
                chat("gpt-5-nano", 88_000, tokens(text=460, cached=510, output=130)),
                moderation(52_000, 41),
                web_search(650, "high"),
            ),
        },
    ),
    Plan(
        name="Spring Hackathon",
        age=250,
        begin=90,
        members=6,
        keys=0,
        archived=205,
        accounts={
            "hackathon": (
                chat("gpt-5-mini", 2400, tokens(text=980, output=410), shape="office"),
                image(80, "1024x1024"),
            ),
        },
    ),
)


@attrs.frozen
class PlannedProject:
    """A project of the demo organization with its plan, and its members, owner first."""

    plan: Plan
    record: Record
    members: tuple[Record, ...]

    @property
    def id(self) -> str:
        """The project's id."""
        return str(self.record["id"])


def add_projects(
    store: Store, people: People, plans: tuple[Plan, ...] = PLANS
) -> tuple[PlannedProject, ...]:
    """Fill the tables of projects and of their users."""
    made: list[PlannedProject] = []
    # In turn, so that everybody is in some projects and teams overlap.
    readers = cycle(people.members[len(people.owners) :])
    heads = cycle(people.owners[:2]) if people.owners else readers
    for plan in plans:
        record = store.projects.add(_project(store, plan))
        members = (next(heads), *islice(readers, plan.members - 1))
        for place, user in enumerate(members):
            store.project_users[record["id"]].add(_project_user(record, user, owner=place < 2))
        made.append(PlannedProject(plan, record, members))
    return tuple(made)


def _project(store: Store, plan: Plan) -> Record:
    now = store.now()
    archived_at = None if plan.archived is None else now - plan.archived * DAY
    return {
        "object": "organization.project",
        "id": store.new_id("project"),
        "name": plan.name,
        "created_at": now - plan.age * DAY,
        "archived_at": archived_at,
        "status": "active" if archived_at is None else "archived",
        "residency": "GLOBAL",
        "external_key_id": None,
        "_default": plan is PLANS[0],
    }


def _project_user(project: Record, user: Record, *, owner: bool) -> Record:
    return {
        "object": "organization.project.user",
        "id": user["id"],
        "name": user["name"],
        "email": user["email"],
        "role": "owner" if owner else "member",
        "added_at": max(project["created_at"], user["added_at"]),
    }
