"""The demo organization's past, collected in any order and written in order of time."""

from __future__ import annotations

from random import Random

import attrs

from ..store import Store
from ..table import Record
from .origins import Origins, named
from .people import People
from .projects import PlannedProject

PROGRAM = "terraform"
"""The name of the admin key whose program manages projects."""


@attrs.frozen
class Note:
    """An event before it has an id."""

    at: int
    event_type: str
    payload: Record
    by: Record
    """The person who did it in a browser, or who did it as the event names them."""
    project: Record | None
    id: str | None = None
    """The event's id; it gets a new one if there is none."""
    in_browser: bool = True


class Journal:
    """Collects events of any time, and knows who was there then to do them."""

    def __init__(
        self,
        store: Store,
        people: People,
        projects: tuple[PlannedProject, ...],
        inactive_since: int,
    ) -> None:
        """`inactive_since` is when the third owner was last seen, in Unix seconds."""
        self.store = store
        self.people = people
        self.projects = projects
        self.inactive_since = inactive_since
        self.random = Random(f"{store.seed}/audit")
        self.users = {user["id"]: user for user in (*people.members, *people.former)}
        self._notes: list[Note] = []
        self.origins = Origins()
        self._by_id = {project.id: project for project in projects}

    def __len__(self) -> int:
        return len(self._notes)

    @property
    def inactive_owner(self) -> Record:
        """The owner who has not been seen for a long time."""
        return self.people.owners[2]

    def note(
        self,
        at: int,
        event_type: str,
        payload: Record,
        *,
        by: Record,
        project: Record | None = None,
        id: str | None = None,
    ) -> None:
        """Note what a person did in a browser."""
        self.origins.know(by)
        self._notes.append(Note(at, event_type, payload, by, project, id))

    def note_of(
        self,
        actor: Record,
        at: int,
        event_type: str,
        payload: Record,
        *,
        project: Record | None = None,
        id: str | None = None,
    ) -> None:
        """Note what an actor did, as events name them."""
        self._notes.append(Note(at, event_type, payload, actor, project, id, in_browser=False))

    def note_of_program(
        self, at: int, event_type: str, payload: Record, *, project: Record
    ) -> None:
        """Note what was done by the program that manages projects, or by hand before it existed."""
        key = self.store.admin_api_keys.first(lambda key: key["name"] == PROGRAM)
        if key is None or key["created_at"] > at:
            by = self.manager(project["id"], at)
            self.note(at, event_type, payload, by=by, project=project)
            return
        owner = self.users[key["owner"]["id"]]
        used = {"id": key["id"], "type": "user", "user": named(owner)}
        actor = {"type": "api_key", "api_key": used}
        self.note_of(actor, at, event_type, payload, project=project)

    def owner(self, at: int) -> Record:
        """An owner of the organization who was there then; the founder where nobody else was."""
        present = [
            owner
            for owner in self.people.owners
            if owner["added_at"] <= at
            and (owner is not self.inactive_owner or at < self.inactive_since)
        ]
        return self.random.choice(present) if present else self.people.owners[0]

    def manager(self, project_id: str, at: int) -> Record:
        """An owner of the project who was there then, or one of the organization."""
        project = self._by_id[project_id]
        present = [user for user in project.members[:2] if user["added_at"] <= at]
        return self.random.choice(present) if present else self.owner(at)

    def find(self, event_type: str, payload_id: str) -> list[str]:
        """The ids of events of a type about something, of those that have ids already."""
        return [
            note.id
            for note in self._notes
            if note.id and note.event_type == event_type and note.payload.get("id") == payload_id
        ]

    def is_quiet(self, user: Record, begin: int, end: int) -> bool:
        """Whether a person does nothing in a browser between two times."""
        return not any(
            note.in_browser and note.by["id"] == user["id"] and begin <= note.at < end
            for note in self._notes
        )

    def write(self) -> None:
        """Fill the audit log with what was collected, the oldest first."""
        for note in sorted(self._notes, key=lambda note: note.at):
            by = note.by
            self.store.audit(
                note.event_type,
                note.payload,
                actor=self.origins.session(by, note.at) if note.in_browser else by,
                project=note.project,
                effective_at=note.at,
                id=note.id,
            )
