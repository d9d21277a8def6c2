"""The log that is written: raw events in the shapes in which the API has sent them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

JSON = dict[str, Any]
HOUR = 3600
DAY = 24 * HOUR
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def new_id(random: Random, prefix: str) -> str:
    """An id in the API's style."""
    return prefix + "".join(random.choices(_ALPHABET, k=20))


class Log:
    """Events with when they appear, which is a little after they happened."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._events: list[tuple[float, int, JSON]] = []
        self.logins: dict[str, list[float]] = {}
        """When each person logged in, by id."""
        self.seen: dict[str, list[float]] = {}
        """When each person did anything in a browser, by id."""

    def __len__(self) -> int:
        return len(self._events)

    def note(
        self,
        at: float,
        type: str,
        payload: Any,
        *,
        by: Any,
        project: JSON | None = None,
        shape: str | None = None,
    ) -> str:
        """Add an event and return its id.

        Its `shape` is drawn unless given: ``plain``, ``underscored`` (the payload under the type's
        name with _), ``bare`` (no payload, where there is nothing in it) or ``decimal`` (the time
        has decimals).
        """
        random = self._random
        event: JSON = {
            "object": "organization.audit_log",
            "id": new_id(random, "audit_log-"),
            "type": type,
            "effective_at": int(at),
            "actor": by,
        }
        if project is not None:
            event["project"] = {"id": project["id"], "name": project["name"]}
        kinds = ("plain", "underscored", "decimal")
        shape = shape or random.choices(kinds, (90, 5, 5))[0]
        if shape == "decimal":
            event["effective_at"] = round(at, 3)
        if payload or (shape != "bare" and random.random() < 0.5):
            event[type.replace(".", "_") if shape == "underscored" else type] = payload
        person = _person(by)
        if person is not None:
            self.seen.setdefault(person, []).append(at)
            if type == "login.succeeded":
                self.logins.setdefault(person, []).append(at)
        # Most appear within seconds; some come late, out of their order.
        late = random.expovariate(0.2) if random.random() < 0.99 else random.uniform(60, 1800)
        self._events.append((at + late, len(self._events), event))
        return str(event["id"])

    def __iter__(self) -> Iterator[JSON]:
        """The events as they appear."""
        return (event for _, _, event in sorted(self._events, key=lambda entry: entry[:2]))


def _person(by: Any) -> str | None:
    """Who acts in a browser."""
    session = by.get("session") if isinstance(by, dict) else None
    user = session.get("user") if isinstance(session, dict) else None
    id: str | None = user.get("id") if isinstance(user, dict) else None
    return id
