"""Offboarding: everything that a person holds is taken away, keys first, and recorded."""

from __future__ import annotations

from .model import (
    AccountInReach,
    ActingKey,
    Holding,
    OffboardingPlan,
    OffboardingResult,
    Person,
    Step,
)

__all__ = [
    "AccountInReach",
    "ActingKey",
    "Holding",
    "OffboardingPlan",
    "OffboardingResult",
    "Person",
    "Step",
]
