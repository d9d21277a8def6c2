"""An event of the audit log as evidence, by the name that detections and mappings know it by."""

from __future__ import annotations

from ..directory.recorded.event import OF_ORIGIN, Actor, AuditEvent, Origin

__all__ = ["OF_ORIGIN", "Actor", "AuditEvent", "Origin"]
