"""Everything that a review is based on, fetched with few requests."""

from .reviewing import fetch_facts, review

__all__ = ["fetch_facts", "review"]
