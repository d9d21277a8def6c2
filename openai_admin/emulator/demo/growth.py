"""What makes the demo organization large: it took over a company with many small teams.

The people came 151 to 141 days ago, with projects of their own. Their keys are in use, stale and
forgotten in the same proportions as the others.
"""

from __future__ import annotations

from itertools import cycle, islice
from random import Random

from ..certificates import add_certificate, set_active
from ..metering.shape import DAY
from ..roles import Scope
from ..store import Store
from ..table import Record
from .groups import add_group
from .invites import VALID, add_invite
from .journal import Journal
from .keys import REPLACED
from .people import MEMBERS, People, email, new_user
from .projects import PLANS, Plan, PlannedProject
from .size import Size
from .workloads import chat, embedding, tokens

_FIRST_CAME, _LAST_CAME = 151, 141
"""Days ago. Nobody came later, so that each key is old enough for every fate."""
_OLDEST, _YOUNGEST = 249, 150
"""Days ago that projects were created, after those of the company itself."""
_ARCHIVED = 60

_FORMER = ("Ada Berger", "Ivo Marek", "Lena Fabre", "Omar Nasser")
_AREAS = (
    *("Billing", "Claims", "Catalog", "Dispatch", "Fleet", "Forecasting", "Inventory", "Legal"),
    *("Logistics", "Maintenance", "Onboarding", "Payroll", "Pricing", "Procurement", "Quality"),
    *("Recruiting", "Returns", "Safety", "Sales", "Training", "Translation", "Warehouse"),
)
_TOPICS = ("Assistant", "Copilot", "Summaries", "Triage", "Insights", "Extraction", "Answers")

_WORKS = (
    (
        chat("gpt-5-mini", 420, tokens(text=640, cached=320, output=90)),
        chat("gpt-5-nano", 900, tokens(text=410, output=60)),
    ),
    (
        chat("gpt-5-nano", 1300, tokens(text=520, cached=130, output=80)),
        chat("gpt-4.1", 210, tokens(text=480, output=110)),
    ),
    (
        chat("gpt-5-mini", 380, tokens(text=730, output=120)),
        embedding(2600, 240),
    ),
)
"""What the two service accounts of a project do; each does both, as small teams are."""


def crowd(store: Store, size: Size, people: People) -> People:
    """Add the users, none of whom is an owner of the organization."""
    now, names = store.now(), cycle(_names())
    former = tuple(
        new_user(store, name, "reader", now - (400 - 20 * place) * DAY)
        for place, name in enumerate(_FORMER)
    )
    number = max(0, size.users - len(people.members))
    step = (_FIRST_CAME - _LAST_CAME) * DAY // max(1, number)
    came = [
        store.users.add(
            new_user(
                store,
                name,
                "reader",
                now - _FIRST_CAME * DAY + place * step,
                address=email(name).replace("@", f"{place}@"),
            )
        )
        for place, name in enumerate(islice(names, number))
    ]
    return People(tuple(came), former)


def plans(size: Size) -> tuple[Plan, ...]:
    """The projects to add."""
    number = max(0, size.projects - len(PLANS))
    active = number - number // 10
    keys = max(0, size.keys - sum(plan.keys for plan in PLANS) - len(REPLACED))
    made = []
    staffed = 0
    for place in range(number):
        archived = place % 10 == 9
        share = 0 if archived else keys * (staffed + 1) // active - keys * staffed // active
        staffed += not archived
        area, topic = _AREAS[place % len(_AREAS)], _TOPICS[place // len(_AREAS) % len(_TOPICS)]
        works = _WORKS[place % len(_WORKS)]
        made.append(
            Plan(
                name=f"{area} {topic} {place + 1:04}",
                age=_OLDEST - (_OLDEST - _YOUNGEST) * place // number,
                begin=60,
                members=12,
                keys=share,
                accounts={"production": works, "batch": works} if share >= 2 or archived else {},
                archived=_ARCHIVED if archived else None,
            )
        )
    return tuple(made)


def add_what_people_share(store: Store, projects: tuple[PlannedProject, ...], came: People) -> None:
    """Add groups, roles, invites and certificates, about as many as so many people have."""
    now, members = store.now(), came.members
    for number, start in enumerate(range(0, len(members), 200)):
        team = members[start : start + 100]
        add_group(store, f"Team {number + 1:03}", _LAST_CAME - 1, number % 2 == 1, team)
    for number in range(len(members) // 400):
        Scope(store).define(
            f"Reviewer {number + 1:02}",
            ["api.usage.read"],
            None,
            creator=store.first_owner(),
            created_at=now - (_LAST_CAME - 1) * DAY,
        )
    for user in members[:: max(1, len(members) // 500)]:
        joined, project = user["added_at"], projects[0]
        sent = joined - VALID * DAY // 2
        add_invite(store, user["email"], sent, "accepted", project, joined)
    for number in range(len(projects) // 100):
        valid_at = now - (90 - number) * DAY
        certificate = add_certificate(
            store,
            name=f"egress-{number + 1:02}",
            pem=None,
            validity=(valid_at, valid_at + 365 * DAY),
            created_at=valid_at + 3600,
        )
        set_active(store, certificate, projects[number].record, True)


def tell_of_crowd(journal: Journal, came: People, events: int) -> None:
    """Fill the audit log up to a number of events with logins of those who came."""
    random = Random(f"{journal.store.seed}/crowd")
    now, members = journal.store.now(), came.members
    nothing: Record = {}
    for _ in range(events - len(journal) if members else 0):
        user = random.choice(members)
        at = random.randrange(user["added_at"] + 3600, now)
        journal.note(at, "login.succeeded", nothing, by=user)


def _names() -> list[str]:
    """Each first name with every last one."""
    first, last = ([name.split()[place] for name in MEMBERS] for place in (0, -1))
    number = len(MEMBERS)
    turns = range(number)
    return [f"{first[i]} {last[(i + turn) % number]}" for turn in turns for i in range(number)]
