"""Protection switched off or opened: the directory, allow lists, mutual TLS, retention, storage."""

from __future__ import annotations

from typing import Any

from ..log import DAY
from .planting import Incident, Planting, plants

_WORLD: tuple[tuple[str, Any], ...] = (
    ("0.0.0.0/0", ["203.0.113.0/24", "0.0.0.0/0"]),
    ("::/0", ["203.0.113.0/24", "::/0"]),
    ("halves", ["0.0.0.0/1", "128.0.0.0/1"]),
    ("text", "0.0.0.0/0"),
)


def _plain(
    planting: Planting,
    at: float,
    detection: str,
    variant: str,
    type: str,
    payload: Any,
    **fields: Any,
) -> Incident:
    by, actor = planting.anyone(at)
    id = planting.note(at, type, payload, by=by, **fields)
    return Incident(detection=detection, variant=variant, events=(id,), at=at, actor=actor)


@plants("scim_disabled")
def scim_off(planting: Planting, at: float) -> Incident | None:
    """The directory no longer says who is a member."""
    return _plain(planting, at, "scim_disabled", "off", "scim.disabled", {"id": planting.made.id})


@plants("scim_disabled")
def scim_deleted(planting: Planting, at: float) -> Incident | None:
    """The same by the event of the tenant."""
    type, payload = "tenant.scim.deletion.requested", {"id": planting.made.id}
    return _plain(planting, at, "scim_disabled", "tenant", type, payload)


@plants("ip_allowlist_weakened")
def allow_list_off(planting: Planting, at: float) -> Incident | None:
    """The list is no longer in force."""
    payload = {"configs": [{"id": "ipallow-1", "name": "Offices"}]}
    type = "ip_allowlist.config.deactivated"
    return _plain(planting, at, "ip_allowlist_weakened", "off", type, payload)


@plants("ip_allowlist_weakened")
def allow_list_open(planting: Planting, at: float) -> Incident | None:
    """The list gets the whole world."""
    variant, ips = planting.random.choice(_WORLD)
    payload = {"id": "ipallow-1", "allowed_ips": ips}
    type = "ip_allowlist.updated"
    return _plain(planting, at, "ip_allowlist_weakened", f"open: {variant}", type, payload)


@plants("ip_allowlist_weakened")
def allow_list_deleted(planting: Planting, at: float) -> Incident | None:
    """The list that was in force is deleted."""
    payload = {"id": "ipallow-1", "name": "Offices", "allowed_ips": ["203.0.113.0/24"]}
    return _plain(planting, at, "ip_allowlist_weakened", "deleted", "ip_allowlist.deleted", payload)


@plants("mtls_weakened")
def certificate_off(planting: Planting, at: float) -> Incident | None:
    """A project's only certificate is no longer active."""
    made = planting.made
    project, named = made.projects[2], {"id": made.new_id("cert_"), "name": "egress"}
    begin = made.working(2)
    by, _ = planting.owner(begin)
    planting.note(begin, "certificate.created", named, by=by, project=project)
    payload = {"certificates": [named]}
    planting.note(begin + 60, "certificates.activated", payload, by=by, project=project)
    type = "certificates.deactivated"
    return _plain(planting, at, "mtls_weakened", "the only one", type, payload, project=project)


@plants("mtls_weakened")
def old_certificate_off(planting: Planting, at: float) -> Incident | None:
    """The same, where the certificate is older than the log that was read."""
    made = planting.made
    payload = {"certificates": [{"id": made.new_id("cert_"), "name": "egress"}]}
    type, project = "certificates.deactivated", made.projects[2]
    return _plain(planting, at, "mtls_weakened", "older", type, payload, project=project)


@plants("mtls_weakened")
def all_certificates_off(planting: Planting, at: float) -> Incident | None:
    """Both of a project's certificates go at once."""
    made = planting.made
    project, begin = made.projects[2], made.working(2)
    both = [{"id": made.new_id("cert_"), "name": f"egress-{n}"} for n in (1, 2)]
    for number, named in enumerate(both):
        by, moment = planting.owner(begin)[0], begin + number * 10 * DAY
        planting.note(moment, "certificate.created", named, by=by, project=project)
        payload = {"certificates": [named]}
        planting.note(moment + 60, "certificates.activated", payload, by=by, project=project)
    type, payload = "certificates.deactivated", {"certificates": both}
    return _plain(planting, at, "mtls_weakened", "all of them", type, payload, project=project)


@plants("retention_changed")
def retention_of_organization(planting: Planting, at: float) -> Incident | None:
    """What is kept of the whole organization's requests."""
    return _retention(planting, at, "organization", nested=False)


@plants("retention_changed")
def retention_of_project(planting: Planting, at: float) -> Incident | None:
    """What is kept of a project's requests."""
    return _retention(planting, at, "project", nested=False)


@plants("retention_changed")
def retention_nested(planting: Planting, at: float) -> Incident | None:
    """The same where the settings are nested."""
    return _retention(planting, at, "organization", nested=True)


def _retention(planting: Planting, at: float, of: str, *, nested: bool) -> Incident:
    made = planting.made
    value = planting.random.choice(
        ({"type": "none"}, {"type": "modified_abuse_monitoring"}, {"type": "zero_data_retention"})
    )
    changes: dict[str, Any] = {"data_retention": value}
    if nested:
        changes = {"title": "Org", "settings": changes}
    project = planting.random.choice(made.projects)
    thing, fields = (project["id"], {"project": project}) if of == "project" else (made.id, {})
    payload = {"id": thing, "changes_requested": changes}
    variant = f"{of}, nested" if nested else of
    return _plain(planting, at, "retention_changed", variant, f"{of}.updated", payload, **fields)


@plants("external_storage_changed")
def storage_registered(planting: Planting, at: float) -> Incident | None:
    """What is kept goes to somebody's bucket."""
    provider = {"type": "aws", "bucket": "not-ours", "role_arn": "arn:aws:iam::999:role/x"}
    data = {"geography": "us", "provider": provider}
    payload = {"id": planting.made.new_id("extstor_"), "data": data}
    project = planting.random.choice(planting.made.projects)
    type = "external_storage.registered"
    return _plain(
        planting, at, "external_storage_changed", "registered", type, payload, project=project
    )


@plants("external_storage_changed")
def storage_removed(planting: Planting, at: float) -> Incident | None:
    """The bucket is no longer used."""
    payload = {"id": planting.made.new_id("extstor_")}
    project = planting.random.choice(planting.made.projects)
    type = "external_storage.removed"
    return _plain(
        planting, at, "external_storage_changed", "removed", type, payload, project=project
    )
