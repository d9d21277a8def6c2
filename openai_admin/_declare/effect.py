"""What an operation does to the organization, as data: consent, hints and retries read it."""

from __future__ import annotations

import enum
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


def always(arguments: Arguments) -> bool:
    """It holds for every call."""
    return True


def never(arguments: Arguments) -> bool:
    """It holds for no call."""
    return False


def when_passed(*names: str) -> Predicate:
    """It holds for a call that passes any of these arguments."""
    return lambda arguments: any(name in arguments for name in names)


def when_owner(arguments: Arguments) -> bool:
    """It holds for a call that makes somebody an owner."""
    return arguments.get("role") == "owner"
