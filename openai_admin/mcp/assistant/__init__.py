"""Jobs as tools: invite, offboard, rotate a key. Each plans or looks first, and asks the person."""

from __future__ import annotations

from ..tool import Tool
from .invite import Invite
from .means import Means, read_sinks
from .offboard import Offboard
from .rotate_key import RotateKey

__all__ = ["Means", "acting_tools", "read_sinks"]


def acting_tools(means: Means) -> list[Tool]:
    """The jobs as tools, with what the operator gives them."""
    return [Invite().tool, Offboard(means).tool, RotateKey(means).tool]
