"""Certificates that end soon, while requests depend on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import attrs

from .._wire.portable import Portable
from ..resources.certificates import Certificate
from .defaults import ENDING_DAYS
from .periods import utc


@attrs.frozen(kw_only=True)
class EndingCertificate(Portable):
    """A certificate in use whose validity ends soon, or has ended.

    Attributes:
        certificate_id: its id.
        name: its name.
        expires_at: when its validity ends.
        days_left: whole days until then; negative once it has ended.
        organization: whether it is active in the whole organization.
        project_ids: the projects that it is active in, among those that were asked about.
    """

    certificate_id: str
    name: str | None
    expires_at: datetime
    days_left: int
    organization: bool
    project_ids: tuple[str, ...] = ()


def ending_certificates(
    certificates: Iterable[Certificate],
    *,
    now: datetime,
    days: int = ENDING_DAYS,
    by_project: Mapping[str, Iterable[Certificate]] | None = None,
) -> tuple[EndingCertificate, ...]:
    """Active certificates whose validity ends within so many days, or has ended; soonest first.

    One that is active nowhere is not found. The organization's listing says only what is active
    in the whole organization: pass the listings of projects too, to see what is active in them
    alone.

    Args:
        certificates: the organization's.
        days: how far to look ahead.
        by_project: the certificates of projects, by the project's id.
    """
    limit = utc(now) + timedelta(days=days)
    places: dict[str, list[str]] = {}
    for project_id, listed in (by_project or {}).items():
        for certificate in listed:
            if certificate.active:
                places.setdefault(certificate.id, []).append(project_id)
    found = []
    for certificate in certificates:
        end = certificate.expires_at
        used_by = places.get(certificate.id, [])
        if end is not None and end < limit and (certificate.active or used_by):
            found.append(
                EndingCertificate(
                    certificate_id=certificate.id,
                    name=certificate.name,
                    expires_at=end,
                    days_left=(end - now).days,
                    organization=bool(certificate.active),
                    project_ids=tuple(used_by),
                )
            )
    return tuple(sorted(found, key=lambda c: (c.expires_at, c.certificate_id)))
