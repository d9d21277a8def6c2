"""Certificates that clients present to the API (mutual TLS), uploaded for the organization.

An uploaded certificate is inactive; it is activated for the whole organization, or for single
projects (`projects.certificates`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

import attrs
from annotated_types import Len

from .._declare.arguments import Ruled, compile_rule
from .._declare.decorators import delete, get, listing, post
from .._declare.effect import Effect
from .._declare.pagination import Paging
from .._declare.resource import Mode, Resource
from .._wire.models import Entity, Page
from .._wire.types import read
from ..errors import InvalidInputError
from .common import Limit, Name, Order

CertificateIds = Annotated[Iterable[str], Len(1, 10)]
"""The certificates of one activation or deactivation: 1 to 10, by the API's description."""


_text = compile_rule(read(str))


def _pem(value: Any, where: str, strict: bool) -> Any:
    """Reject what is plainly not a certificate; a private key is not sent even unchecked."""
    text: str = _text(value, where, strict)
    if "PRIVATE KEY-----" in text:
        raise InvalidInputError(
            f"{where} holds a private key; pass the certificate alone, and keep the key."
        )
    if strict and "-----BEGIN CERTIFICATE-----" not in text:
        raise InvalidInputError(
            f"{where} must be PEM text with a line -----BEGIN CERTIFICATE-----;"
            " this text has none (pass the file's content, not its name)."
        )
    return text


CertificatePEM = Annotated[str, Ruled(_pem)]
"""A certificate as PEM text, without its private key."""


@attrs.frozen(kw_only=True)
class CertificateDetails(Entity):
    """What a certificate contains.

    Attributes:
        valid_at: when its validity begins.
        expires_at: when its validity ends.
        content: the certificate as PEM text, only where it was asked for.
    """

    valid_at: datetime | None = None
    expires_at: datetime | None = None
    content: str | None = None


@attrs.frozen(kw_only=True)
class Certificate(Entity):
    """A certificate uploaded to the organization.

    Attributes:
        id: its id, ``cert_…``.
        created_at: when it was uploaded.
        certificate_details: its validity, and its PEM text where that was asked for.
        name: the name it was given.
        active: whether it is active in the organization, or in the project that was asked
            about; ``None`` where a single certificate was asked for.
        object: ``certificate``, or where activity is given ``organization.certificate`` or
            ``organization.project.certificate``.
    """

    id: str
    created_at: datetime | None = None
    certificate_details: CertificateDetails | None = None
    name: str | None = None
    active: bool | None = None
    object: str | None = "certificate"

    @property
    def expires_at(self) -> datetime | None:
        """When it ends; ``None`` where the API does not say."""
        return self.certificate_details.expires_at if self.certificate_details else None


@attrs.frozen(kw_only=True)
class CertificateDeleteResponse(Entity):
    """The response to the deletion of a certificate.

    Attributes:
        id: what was deleted.
        object: ``certificate.deleted``, where the API's answer confirmed the deletion.
    """

    id: str
    object: str | None = None

    @property
    def deleted(self) -> bool | None:
        """Whether this call deleted it; ``None`` when no answer confirmed that.

        The answer was empty, or it was found to be gone after a try whose answer was lost.
        """
        return True if self.object == "certificate.deleted" else None


class Certificates(Resource[Mode], name="certificates"):
    """Upload, activate, rename and delete certificates; an organization has up to 50."""

    @listing("/organization/certificates", paging=Paging.LAST_ID)
    def list(
        self, *, limit: Limit = None, after: str | None = None, order: Order | None = None
    ) -> Page[Certificate]:
        """List the organization's certificates, the newest first unless `order` says otherwise."""
        ...

    @post("/organization/certificates", Effect.ADDS)
    def create(self, *, certificate: CertificatePEM, name: Name = ...) -> Certificate:
        """Upload a certificate; it is inactive until it is activated. There can be up to 50.

        Args:
            certificate: the certificate as PEM text, without its private key.
            name: a name to recognize it by.

        Raises:
            BadRequestError: it cannot be read, or there are already 50 certificates.
        """
        ...

    @get("/organization/certificates/{certificate_id}")
    def retrieve(
        self, certificate_id: str, *, include: Iterable[Literal["content"]] | None = None
    ) -> Certificate:
        """Retrieve a certificate, active or not.

        Args:
            certificate_id: the certificate's id.
            include: `["content"]` to get the PEM text as well.
        """
        ...

    @post("/organization/certificates/{certificate_id}", Effect.OVERWRITES)
    def update(self, certificate_id: str, *, name: Name = ...) -> Certificate:
        """Rename a certificate; nothing else of it can be changed.

        Args:
            certificate_id: the certificate's id.
            name: the new name.
        """
        ...

    @post("/organization/certificates/activate", Effect.OVERWRITES)
    def activate(self, *, certificate_ids: CertificateIds) -> Page[Certificate]:
        """Activate certificates for the whole organization: all of them, or none on an error.

        Args:
            certificate_ids: the certificates, 1 to 10; one that is already active stays so.
        """
        ...

    @post("/organization/certificates/deactivate", Effect.OVERWRITES)
    def deactivate(self, *, certificate_ids: CertificateIds) -> Page[Certificate]:
        """Deactivate certificates for the organization: all of them, or none on an error.

        Args:
            certificate_ids: the certificates, 1 to 10; one that is already inactive stays so.
        """
        ...

    @delete("/organization/certificates/{certificate_id}")
    def delete(self, certificate_id: str) -> CertificateDeleteResponse:
        """Delete a certificate that is active neither in the organization nor in any project.

        Args:
            certificate_id: the certificate's id.

        Raises:
            BadRequestError: it is active somewhere.
        """
        ...
