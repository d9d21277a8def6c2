"""What an operation does to the organization, as data: consent, hints and retries read it."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from typing import Any

Arguments = Mapping[str, Any]
Predicate = Callable[[Arguments], bool]
"""Whether something holds for a call with these arguments."""


class Effect(enum.Enum):
    """What an operation does to what is there."""

    READS = "reads"
    ADDS = "adds"
    OVERWRITES = "overwrites"
    REMOVES = "removes"

    def is_so_already(self, status: int, words: str) -> bool:
        """Whether a refusal says that what was asked is so already.

        What was to be added is there, or what was to be removed is gone. It is asked of a try
        that follows one whose answer was lost, which may have done it.

        Args:
            status: the refusal's HTTP status.
            words: the API's code and sentence. Adding a member twice has been refused with 400
                and 409 "already exists in project", removing one who is gone with 404 and 400
                "not a member".
        """
        if self is Effect.ADDS:
            return status == 409 or (status == 400 and _THERE.search(words) is not None)
        if self is Effect.REMOVES:
            return status == 404 or (status in (400, 409) and _GONE.search(words) is not None)
        return False


# Codes are among the words, with "_" between theirs.
_THERE = re.compile(r"(?i)already|duplicate")
_GONE = re.compile(
    r"(?i)not.(an?.)?(member|found|assigned)|no.longer|does.not.(exist|have)|no.such"
    r"|already.(been.)?(deleted|removed|revoked)"
)


def always(arguments: Arguments) -> bool:
    """It holds for every call."""
    return True


def never(arguments: Arguments) -> bool:
    """It holds for no call."""
    return False


def when_passed(*names: str) -> Predicate:
    """It holds for a call that passes any of these arguments."""
    return lambda arguments: any(name in arguments for name in names)


USUAL_ROLES = frozenset({"reader", "member", "viewer", "none"})
"""OpenAI's own roles that make no owner, of the organization and of a project."""


def when_owner(arguments: Arguments) -> bool:
    """It holds for a call that makes somebody an owner, or may: by a role that is not known."""
    role = arguments.get("role")
    return role is not None and role not in USUAL_ROLES
