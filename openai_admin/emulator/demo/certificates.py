"""Certificates of the demo organization: one expired, one about to expire, two with time left."""

from __future__ import annotations

from ..certificates import add_certificate, set_active
from ..metering.shape import DAY
from ..store import Store
from .projects import PlannedProject

YEAR = 365
ENDING_IN = 12
"""Days until the gateway's certificate ends."""


def add_certificates(store: Store, projects: tuple[PlannedProject, ...]) -> tuple[str, ...]:
    """Fill the table of certificates, and return the ids of those that are about to end."""
    _add(store, "api-gateway-previous", begun=YEAR + 20, active=False)
    ending = _add(store, "api-gateway", begun=YEAR - ENDING_IN, active=True)
    _add(store, "api-gateway-next", begun=6, active=False)
    payments = _add(store, "payments-egress", begun=85, active=False)
    project = next(p for p in projects if p.plan.name == "Checkout Fraud Review")
    set_active(store, store.certificates.get(payments), project.record, True)
    return (ending,)


def _add(store: Store, name: str, *, begun: int, active: bool) -> str:
    """Add a certificate whose year of validity began so many days ago; return its id."""
    valid_at = store.now() - begun * DAY
    certificate = add_certificate(
        store,
        name=name,
        pem=None,
        validity=(valid_at, valid_at + YEAR * DAY),
        created_at=valid_at + 3600,
    )
    set_active(store, certificate, None, active)
    return str(certificate["id"])
