"""What each type of event is about: what was done, to what kind of thing."""

from __future__ import annotations

from functools import cache
from typing import Literal

import attrs

Action = Literal[
    "create",
    "update",
    "delete",
    "assign",
    "revoke",
    "enable",
    "disable",
    "login",
    "logout",
    "other",
]
"""What was done, in one word."""


@attrs.frozen
class EventKind:
    """What a type of event is about.

    Attributes:
        type: the type, as ``api_key.created``.
        noun: what it is about, as ``api_key``: the type without its verb and ``tenant.``.
        verb: the type's last word, as ``created``.
        action: what was done.
        is_known: whether the API describes the type.
    """

    type: str
    noun: str
    verb: str
    action: Action
    is_known: bool


@cache  # a few hundred types, each looked up for every event
def kind_of(type: str) -> EventKind:
    """What a type is about, by its words where the API does not describe it."""
    raise NotImplementedError
