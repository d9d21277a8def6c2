"""What in the audit log should be looked at: detections, each a small function over the events."""

from __future__ import annotations

from .detecting import Detected
from .exceptions import AcceptedRisk
from .model import Finding, Severity, Technique
from .settings import DetectionSettings, Settings

__all__ = [
    "AcceptedRisk",
    "Detected",
    "DetectionSettings",
    "Finding",
    "Settings",
    "Severity",
    "Technique",
]
