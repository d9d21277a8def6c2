"""Certificates of the organization: uploaded, activated, renamed, deleted."""

from __future__ import annotations

from ...resources.certificates import Certificates
from ..certificates import add_certificate, content, listed, refuse_if_active, switch
from ..pem import read_authority
from ..replies import bad_request
from ..routing import Call, emulates
from ..rules import name_of
from ..table import Record, public

MAX_CERTIFICATES = 50
"""Certificates of one organization, by the API's description."""


@emulates(Certificates.list)
def list_certificates(call: Call) -> Record:
    return listed(call)


@emulates(Certificates.create)
def create(call: Call) -> Record:
    store, pem = call.store, call.body["certificate"]
    name = name_of(call.body)
    validity = read_authority(pem, now=store.now())
    if len(store.certificates) >= MAX_CERTIFICATES:
        raise bad_request(
            f"The organization has {MAX_CERTIFICATES} certificates, and cannot have more.",
            code="certificate_limit_reached",
        )
    certificate = add_certificate(
        store, name=name, pem=pem, validity=validity, created_at=store.now()
    )
    call.audit("certificate.created", {"id": certificate["id"], "name": name})
    return public(certificate)


@emulates(Certificates.retrieve)
def retrieve(call: Call) -> Record:
    certificate = call.store.certificates.get(call.path["certificate_id"])
    included = call.query.choices("include", ("content",))
    if not included:
        return public(certificate)
    details = {**certificate["certificate_details"], "content": content(certificate)}
    return {**public(certificate), "certificate_details": details}


@emulates(Certificates.update)
def update(call: Call) -> Record:
    certificate = call.store.certificates.get(call.path["certificate_id"])
    name = name_of(call.body)
    if name is not None:
        certificate = call.store.certificates.update(certificate["id"], {"name": name})
        call.audit("certificate.updated", {"id": certificate["id"], "name": name})
    return public(certificate)


@emulates(Certificates.activate)
def activate(call: Call) -> Record:
    return switch(call, True)


@emulates(Certificates.deactivate)
def deactivate(call: Call) -> Record:
    return switch(call, False)


@emulates(Certificates.delete)
def delete(call: Call) -> Record:
    store = call.store
    certificate = store.certificates.get(call.path["certificate_id"])
    refuse_if_active(store, certificate)
    store.certificates.remove(certificate["id"])
    event = {k: certificate[k] for k in ("id", "name")} | {"certificate": certificate["_pem"]}
    call.audit("certificate.deleted", event)
    return {"object": "certificate.deleted", "id": certificate["id"]}
