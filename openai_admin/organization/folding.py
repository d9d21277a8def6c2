"""What letter case does not tell apart: addresses."""

from __future__ import annotations


def folded(label: str) -> str:
    """An address in small letters, and nothing more: ``ß`` and ``ss`` are two people's."""
    return label.lower()
