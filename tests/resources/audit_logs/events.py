"""Events that tests put into an emulator's audit log, and clients they read it with."""

from __future__ import annotations

from typing import Any

from openai_admin.emulator import Emulator

NOW = 1_750_000_000  # in the past, whenever the tests run


def session(user_id: str, email: str = "") -> dict[str, Any]:
    """A person in a browser, as an actor on the wire."""
    user = {"id": user_id, "email": email or f"{user_id}@example.com"}
    return {"type": "session", "session": {"ip_address": "192.0.2.7", "user": user}}


def add_event(
    emulator: Emulator,
    at: int,
    event_type: str = "login.succeeded",
    payload: dict[str, Any] | None = None,
    *,
    actor: dict[str, Any] | None = None,
    project: dict[str, Any] | None = None,
) -> str:
    """Put an event into the log, in the order of the calls, and return its id."""
    event = emulator.store.audit(
        event_type,
        payload or {},
        actor=actor or session("user-ada"),
        project=project,
        effective_at=at,
    )
    return str(event["id"])
