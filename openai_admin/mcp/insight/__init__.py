"""Questions as tools: small answers made of many requests, not pages of buckets.

Each question fetches no more than it needs, since the API's rate limits are low, and answers with
the insight functions (`openai_admin.insights`).
"""

from __future__ import annotations

from ..tool import Tool
from .access import access_review
from .keys import stale_keys
from .money import anomalies, movers, projection, spend
from .question import question_tool
from .review import review
from .totals import totals

__all__ = ["insight_tools"]


def insight_tools() -> list[Tool]:
    """Every question as a tool."""
    money = (totals, spend, movers, projection, anomalies)
    questions = (review, *money, stale_keys, access_review)
    return [question_tool(question) for question in questions]
