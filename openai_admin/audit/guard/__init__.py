"""The leak guard: the usage of each key by the minute, against the key's own rhythm.

What looks again and again is `openai_admin.audit.guard.looking.Guard`.
"""

from __future__ import annotations

from .findings import KeyBurst, Look
from .settings import GuardSettings

__all__ = ["GuardSettings", "KeyBurst", "Look"]
