"""What a review has to say, stated once: page, Markdown, terminal and MCP read it from here.

A new finding is an attribute of `Review`, which `examine` fills, and a `Finding` of the same key
in one of the topics; every form then shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .access import ACCESS
from .changes import CHANGES, MONTH
from .distribution import Distribution
from .finding import Column, Finding, Group, Importance, Kind, Threshold, Tone, Topic, days
from .limits import LIMITS
from .shown import shown
from .spending import CHANGE_COLUMNS, SPENDING
from .top import MOST, Top

TOPICS = (SPENDING, CHANGES, MONTH, ACCESS, LIMITS)
"""The questions that a review answers, in the order in which people ask them."""

FINDINGS: Mapping[str, Finding[Any]] = {
    finding.key: finding for topic in TOPICS for finding in topic.findings
}
"""Every finding by its key."""

__all__ = [
    "ACCESS",
    "CHANGE_COLUMNS",
    "FINDINGS",
    "LIMITS",
    "MOST",
    "TOPICS",
    "Column",
    "Distribution",
    "Finding",
    "Group",
    "Importance",
    "Kind",
    "Threshold",
    "Tone",
    "Top",
    "Topic",
    "days",
    "shown",
]
