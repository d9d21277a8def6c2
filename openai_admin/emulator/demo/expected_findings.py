"""What the demo organization has for an analysis to find, written down while it is built."""

from __future__ import annotations

import attrs


@attrs.frozen
class Anomaly:
    """A day on which one project used one model many times as much as usual."""

    project_id: str
    model: str
    day: int
    """Unix seconds of the day's midnight, UTC."""
    factor: int


@attrs.frozen
class Incident:
    """Something in the audit log that a security team should hear of."""

    detection: str
    """The detection that finds it."""
    at: int
    """When it happened, in Unix seconds; the last of its events where it has several."""
    events: tuple[str, ...]
    """The ids of the events that show it."""


@attrs.frozen(kw_only=True)
class ExpectedFindings:
    """The known findings. Ids, in the order in which they were created.

    The lists are complete: nothing else in the demo organization is an anomaly, stale, unused,
    abandoned, forgotten or near a limit.
    """

    anomaly: Anomaly
    stale_keys: tuple[str, ...]
    """Project keys last used more than 90 days ago."""
    never_used_keys: tuple[str, ...]
    """Project keys older than 30 days that no request was ever made with."""
    keys_of_former_members: tuple[str, ...]
    """Project keys, in use, whose owner is no longer a member of the organization."""
    former_members: tuple[str, ...]
    """Users that own those keys."""
    deleted_keys: tuple[str, ...]
    """Deleted keys that have usage in the past."""
    stale_admin_keys: tuple[str, ...]
    """Admin keys last used more than 90 days ago."""
    non_expiring_admin_keys: tuple[str, ...]
    """Admin keys without an expiry, besides the one that the emulator is called with."""
    inactive_owners: tuple[str, ...]
    """Owners of the organization who have used no key for more than 90 days."""
    pending_invites: tuple[str, ...]
    """Invites that have been pending for more than two weeks."""
    ending_certificates: tuple[str, ...]
    """Active certificates whose validity ends within a month."""
    near_limit: tuple[str, str]
    """Project and model whose busiest minute came close to its rate limit."""
    incidents: tuple[Incident, ...] = ()
    """What detections find in the audit log of the last 30 days, one of each, the oldest first."""
    near_misses: tuple[str, ...] = ()
    """Events of the audit log that look like an incident and are none."""
    told_apart: tuple[str, ...] = ()
    """All events of the audit log that are there for the incidents and near misses alone."""
