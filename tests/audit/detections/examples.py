"""Two small detections, to try what runs them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from openai_admin.audit.detections.model import Context, Detection, Hit, Technique
from openai_admin.audit.event import AuditEvent


def _archived(event: AuditEvent, state: None, context: Context) -> Iterator[Hit]:
    name = context.directory.names.get(event.target_id or "", event.target_id)
    yield Hit(
        about=event.target_id or "?",
        summary=f"The project {name} was archived.",
        evidence=(event,),
    )


PROJECT_ARCHIVED: Detection[None] = Detection(
    key="project_archived",
    title="Project archived",
    severity="high",
    techniques=(Technique("T1485", "Data Destruction", "Impact"),),
    why="What a project does ends with it.",
    what_to_do="Ask who archived it; unarchive it.",
    state=lambda: None,
    look=_archived,
    types=frozenset({"project.archived"}),
)


def _busy(event: AuditEvent, state: Counter[str], context: Context) -> Iterator[Hit]:
    actor = event.actor.identity or "?"
    state[actor] += 1
    if state[actor] == context.thresholds["events"]:
        yield Hit(
            about=actor,
            summary=f"{actor} did {state[actor]} things.",
            evidence=(event,),
            learned="Others did fewer.",
        )


BUSY: Detection[Counter[str]] = Detection(
    key="busy",
    title="Busy actor",
    severity="low",
    techniques=(),
    why="Somebody does much.",
    what_to_do="Look at what it is.",
    state=Counter,
    look=_busy,
    thresholds={"events": 3, "share": 0.5},
)

EXAMPLES: tuple[Detection[Any], ...] = (PROJECT_ARCHIVED, BUSY)


def event(
    type: str = "project.archived",
    *,
    id: str = "audit_log-1",
    at: float | None = 1_790_000_000,
    user: str | None = "user-1",
    email: str | None = "jo@acme.example",
    ip: str | None = "203.0.113.7",
    country: str | None = "NL",
    key: str | None = None,
    project: str | None = None,
    target: str = "proj_1",
) -> AuditEvent:
    """An event as it comes: of a session, or of a key."""
    person = {"id": user, "email": email}
    raw: dict[str, Any] = {"id": id, "type": type, type: {"id": target}}
    if at is not None:
        raw["effective_at"] = at
    if project is not None:
        raw["project"] = {"id": project, "name": f"Name of {project}"}
    if key is not None:
        raw["actor"] = {"type": "api_key", "api_key": {"id": key, "type": "user", "user": person}}
    else:
        details = {"country": country}
        session = {"user": person, "ip_address": ip, "ip_address_details": details}
        raw["actor"] = {"type": "session", "session": session}
    return AuditEvent.of_raw(raw)
