"""Certificates of the organization: what they contain, and where they are active."""

from __future__ import annotations

from functools import partial

from .listing import after_last_id, one_page, page
from .pem import self_signed
from .replies import bad_request, invalid
from .routing import Call
from .store import Store
from .table import Record

MAX_AT_ONCE = 10
"""Certificates that one call activates or deactivates, by the API's description."""


def add_certificate(
    store: Store, *, name: str | None, pem: str | None, validity: tuple[int, int], created_at: int
) -> Record:
    """Add a certificate, which is active nowhere.

    Without `pem` one is generated when somebody asks for it (`content`), so that the demo
    organization starts quickly, and without the package that generates it.
    """
    valid_at, expires_at = validity
    return store.certificates.add(
        {
            "object": "certificate",
            "id": store.new_id("certificate"),
            "name": name,
            "created_at": created_at,
            "certificate_details": {
                "valid_at": valid_at,
                "expires_at": expires_at,
                "content": None,
            },
            "active": None,
            "_active": False,
            "_pem": pem,
        }
    )


def content(certificate: Record) -> str:
    """A certificate's PEM text."""
    pem: str | None = certificate["_pem"]
    if pem is not None:
        return pem
    details = certificate["certificate_details"]
    return self_signed(certificate["name"], details["valid_at"], details["expires_at"])


def is_active(store: Store, certificate: Record, project: Record | None) -> bool:
    """Whether a certificate is active in a project, or for the whole organization."""
    if project is None:
        return bool(certificate["_active"])
    return certificate["id"] in store.project_certificates[project["id"]]


def set_active(store: Store, certificate: Record, project: Record | None, active: bool) -> None:
    """Activate or deactivate a certificate in a project, or for the whole organization."""
    if is_active(store, certificate, project) == active:
        return
    if project is None:
        store.certificates.update(certificate["id"], {"_active": active})
    elif active:
        store.project_certificates[project["id"]].add({"id": certificate["id"]})
    else:
        store.project_certificates[project["id"]].remove(certificate["id"])


def refuse_if_active(store: Store, certificate: Record) -> None:
    """Raise the API's 400 for a certificate that is active in the organization or a project.

    Archived projects do not count: nothing in them could be deactivated any more.
    """
    projects = (p for p in store.projects if p["status"] == "active")
    for project in (None, *projects):
        if is_active(store, certificate, project):
            where = "the organization" if project is None else f"project '{project['id']}'"
            raise bad_request(
                f"Certificate '{certificate['id']}' is active in {where}. Deactivate it first.",
                code="certificate_active",
            )


def listed(call: Call, project: Record | None = None) -> Record:
    """The answer to a listing of certificates, with their activity in the scope."""
    render = partial(_item, call.store, project)
    return after_last_id(page(call.query, call.store.certificates, render=render))


def switch(call: Call, active: bool, project: Record | None = None) -> Record:
    """Activate or deactivate what the body names, all or none, and return the answer."""
    store = call.store
    ids = call.body["certificate_ids"]
    _check_count(ids)
    certificates = {id: store.certificates.get(id) for id in ids}
    changed = [c for c in certificates.values() if is_active(store, c, project) != active]
    for certificate in changed:
        set_active(store, certificate, project, active)
    if changed:
        event = "certificates.activated" if active else "certificates.deactivated"
        named = [{"id": c["id"], "name": c["name"]} for c in changed]
        call.audit(event, {"certificates": named}, project=project)
    current = (store.certificates.get(id) for id in certificates)
    return one_page(current, render=partial(_item, store, project))


def _item(store: Store, project: Record | None, certificate: Record) -> Record:
    scope = "organization" if project is None else "organization.project"
    details = certificate["certificate_details"]
    return {
        "object": f"{scope}.certificate",
        "id": certificate["id"],
        "name": certificate["name"],
        "active": is_active(store, certificate, project),
        "created_at": certificate["created_at"],
        "certificate_details": {k: details[k] for k in ("valid_at", "expires_at")},
    }


def _check_count(ids: list[str]) -> None:
    if not ids:
        raise invalid(
            "certificate_ids",
            "empty array. Expected an array with minimum length 1, but got an empty array instead.",
            code="empty_array",
        )
    if len(ids) > MAX_AT_ONCE:
        raise invalid(
            "certificate_ids",
            f"array too long. Expected an array with maximum length {MAX_AT_ONCE}, but got an "
            f"array with length {len(ids)} instead.",
            code="array_above_max_length",
        )
