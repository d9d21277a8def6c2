"""What an organization changes of the detections, and what it accepts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import attrs

from .exceptions import AcceptedRisk
from .model import Detection, Directory, Finding, Severity, Threshold

SEVERITIES: tuple[Severity, ...] = ("informational", "low", "medium", "high", "critical")
"""The severities, the least first."""


@attrs.frozen(kw_only=True)
class DetectionSettings:
    """What is changed of one detection.

    Attributes:
        enabled: whether it looks at all.
        severity: how bad what it finds is, whatever it says itself; ``None`` leaves that to it.
        thresholds: its numbers, by name, in place of its own.
    """

    enabled: bool = True
    severity: Severity | None = None
    thresholds: Mapping[str, Threshold] = attrs.field(factory=dict)


_UNCHANGED = DetectionSettings()


@attrs.frozen(kw_only=True)
class Settings:
    """What is changed of the detections, and what is accepted.

    Attributes:
        detections: what is changed of detections, by key.
        domains: the organization's own domains, in lower case; where there are none they are
            learned from its members.
        exceptions: the findings that are accepted.
    """

    detections: Mapping[str, DetectionSettings] = attrs.field(factory=dict)
    domains: frozenset[str] = frozenset()
    exceptions: tuple[AcceptedRisk, ...] = ()

    def of(self, detection: Detection[Any]) -> DetectionSettings:
        """What is changed of a detection."""
        return self.detections.get(detection.key, _UNCHANGED)

    def judged(self, finding: Finding, directory: Directory) -> Finding:
        """A finding with what the settings say of it: its severity, and whether it is accepted."""
        changed = self.detections.get(finding.detection, _UNCHANGED)
        covering = next((e for e in self.exceptions if e.covers(finding, directory)), None)
        return attrs.evolve(
            finding,
            severity=changed.severity or finding.severity,
            accepted=None
            if covering is None
            else f"{covering.reason.rstrip('.')} (until {covering.until})",
        )

    def expired(self, today: date) -> tuple[AcceptedRisk, ...]:
        """The exceptions that cover nothing that happens from a day on."""
        return tuple(each for each in self.exceptions if each.until < today)
