"""Events in OCSF, held to the schema when they are made."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from openai_admin.audit.event import AuditEvent
from openai_admin.audit.ocsf import to_ocsf
from tests.audit.ocsf.schema import faults

OBSERVED = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def ocsf(event: Any, **options: Any) -> dict[str, Any]:
    """An event in OCSF, valid."""
    made = to_ocsf(AuditEvent.of_raw(event), observed_at=OBSERVED, **options)
    assert not faults(made), made
    return made
