"""An event of the audit log as evidence, by the name that detections and mappings know it by."""

from __future__ import annotations

from ..directory.recorded.event import Actor, AuditEvent, Origin

__all__ = ["Actor", "AuditEvent", "Origin"]
