"""Structured facts as compact text: names with their values, lists as tables."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


def rendered(facts: Mapping[str, object]) -> str:
    """Every fact of a structured result, in as few characters as it can be read in."""
    return msgspec.json.encode(facts).decode()
