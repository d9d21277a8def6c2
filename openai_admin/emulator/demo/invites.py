"""Invites of the demo organization in every state."""

from __future__ import annotations

from typing import Literal

from ..metering.shape import DAY
from ..store import Store
from ..table import Record
from .people import People, email
from .projects import PlannedProject

Status = Literal["accepted", "expired", "pending"]

ACCEPTED = 6
EXPIRED = (("Greta Sandberg", 118), ("Hugo Marchetti", 74), ("Wei Zhang", 61))
VALID = 7
"""Days."""
PENDING = (("Anouk de Vries", 44), ("Farid Karimi", 31), ("Stella Brooks", 19))
FRESH = (("Julia Kaczmarek", 4), ("Omar Siddiqui", 1))


def add_invites(
    store: Store, projects: tuple[PlannedProject, ...], people: People
) -> tuple[str, ...]:
    """Fill the table of invites, oldest first, and return the ids of those that stay pending."""
    now = store.now()
    for user in people.members[-ACCEPTED:]:
        joined = user["added_at"]
        project = next(project for project in projects if user in project.members)
        add_invite(store, user["email"], joined - 2 * DAY, "accepted", project, joined)
    for name, days in EXPIRED:
        add_invite(store, email(name), now - days * DAY, "expired", projects[0])
    pending = []
    for number, (name, days) in enumerate(PENDING):
        created_at = now - days * DAY
        invite = add_invite(store, email(name), created_at, "pending", projects[number + 1])
        pending.append(str(invite["id"]))
    for name, days in FRESH:
        add_invite(store, email(name), now - days * DAY, "pending", projects[2])
    return tuple(pending)


def add_invite(
    store: Store,
    address: str,
    created_at: int,
    status: Status,
    project: PlannedProject,
    accepted_at: int | None = None,
) -> Record:
    """Add an invite to a project."""
    # A pending one was sent again each week, whereupon it was valid for another.
    weeks = (store.now() - created_at) // (VALID * DAY) if status == "pending" else 0
    return store.invites.add(
        {
            "object": "organization.invite",
            "id": store.new_id("invite"),
            "email": address,
            "role": "reader",
            "status": status,
            "created_at": created_at,
            "expires_at": created_at + (weeks + 1) * VALID * DAY,
            "accepted_at": accepted_at,
            "projects": [{"id": project.id, "role": "member"}],
        }
    )
