"""Rules that the handlers of several resources apply, each raising the API's error."""

from __future__ import annotations

from .replies import above_maximum, bad_request, below_minimum, invalid
from .routing import Call
from .table import Record

MAX_NAME = 256
"""The most characters of a name. The API documents 255 for groups, and nothing elsewhere."""
MAX_SECONDS = 2**31 - 1
"""The longest time in seconds that a field may have."""


def active_project(call: Call) -> Record:
    """The project that the path names: 404 if there is none, 400 if it is archived."""
    project = call.store.projects.get(call.path["project_id"])
    refuse_archived(project)
    return project


def refuse_archived(project: Record) -> None:
    """Raise the API's 400 for an archived project.

    It refuses all that is scoped to it, reading too; 400, 403 and 404 have been seen (the fault
    `OtherRefusal` gives the others).
    """
    if project["status"] == "archived":
        raise bad_request(
            f"Project {project['name']} is archived.",
            code="project_archived",
        )


def refuse_managed(named: str, record: Record) -> None:
    """Raise the API's 400 for a person or a group that an identity provider manages.

    That the API marks them is documented, and not what it answers to a change of them.
    """
    if record.get("is_scim_managed"):
        raise bad_request(
            f"{named} is managed by the identity provider, through SCIM.", code="scim_managed"
        )


def name_of(body: Record, param: str = "name", *, maximum: int = MAX_NAME) -> str | None:
    """A name in a body, None if it was not sent or is null, or 400 if it is not valid."""
    value: str | None = body.get(param)
    if value is None:
        return None
    if not value.strip():
        raise invalid(
            param,
            "empty string. Expected a string with minimum length 1, but got an empty string "
            "instead.",
            code="empty_string",
        )
    if len(value) > maximum:
        raise invalid(
            param,
            f"string too long. Expected a string with maximum length {maximum}, but got a string "
            f"with length {len(value)} instead.",
            code="string_above_max_length",
        )
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise invalid(param, "control characters are not allowed.")
    return value


def integer_of(
    body: Record, param: str, *, minimum: int = 0, maximum: int = MAX_SECONDS
) -> int | None:
    """An integer in a body, None if it was not sent or is null, or 400 outside its bounds."""
    value: int | None = body.get(param)
    if value is None:
        return None
    if value < minimum:
        raise below_minimum(param, value, minimum)
    if value > maximum:
        raise above_maximum(param, value, maximum)
    return value
