"""Questions as tools: small answers made of many requests, not pages of buckets.

Each question fetches no more than it needs, since the API's rate limits are low, and answers with
the insight functions (`openai_admin.insights`).
"""

from __future__ import annotations

from ..tool import Tool
from . import (
    access,
    anomalies,
    audit_search,
    budget,
    certificates,
    detect,
    find,
    keys,
    projection,
    rate_limits,
    review,
    spend,
    totals,
    usage,
    who_can,
    whoami,
)
from .question import Question, Toolset, question_tool

__all__ = ["assistant_tools", "insight_tools"]

_QUESTIONS: tuple[Question, ...] = (
    *review.QUESTIONS,
    *totals.QUESTIONS,
    *spend.QUESTIONS,
    *usage.QUESTIONS,
    *projection.QUESTIONS,
    *anomalies.QUESTIONS,
    *budget.QUESTIONS,
    *keys.QUESTIONS,
    *access.QUESTIONS,
    *find.QUESTIONS,
    *who_can.QUESTIONS,
    *certificates.QUESTIONS,
    *rate_limits.QUESTIONS,
    *audit_search.QUESTIONS,
    *detect.QUESTIONS,
    *whoami.QUESTIONS,
)


def assistant_tools() -> list[Tool]:
    """The tools of the toolset ``assistant``."""
    return _tools("assistant")


def insight_tools() -> list[Tool]:
    """The questions of the toolset ``insight``."""
    return _tools("insight")


def _tools(toolset: Toolset) -> list[Tool]:
    return [question_tool(each, toolset) for each in _QUESTIONS if toolset in each.toolsets]
