"""The organization's certificates as one project uses them."""

from __future__ import annotations

from ..._declare.decorators import listing, post
from ..._declare.effect import Effect
from ..._declare.pagination import Paging
from ..._declare.resource import Mode, Resource
from ..._wire.models import Page
from ..certificates import Certificate, CertificateIds
from ..common import Limit, Order


class ProjectCertificates(Resource[Mode], name="projects.certificates"):
    """Activate and deactivate the organization's certificates for one project."""

    @listing("/organization/projects/{project_id}/certificates", paging=Paging.LAST_ID)
    def list(
        self,
        project_id: str,
        *,
        limit: Limit = None,
        after: str | None = None,
        order: Order | None = None,
    ) -> Page[Certificate]:
        """List the certificates with their activity in a project, by default the newest first."""
        ...

    @post("/organization/projects/{project_id}/certificates/activate", Effect.OVERWRITES)
    def activate(self, project_id: str, *, certificate_ids: CertificateIds) -> Page[Certificate]:
        """Activate certificates for a project: all of them, or none on an error.

        Args:
            certificate_ids: the certificates, 1 to 10; one that is already active stays so.

        Raises:
            BadRequestError: the project is archived.
        """
        ...

    @post("/organization/projects/{project_id}/certificates/deactivate", Effect.OVERWRITES)
    def deactivate(self, project_id: str, *, certificate_ids: CertificateIds) -> Page[Certificate]:
        """Deactivate certificates for a project: all of them, or none on an error.

        Args:
            certificate_ids: the certificates, 1 to 10; one that is already inactive stays so.

        Raises:
            BadRequestError: the project is archived.
        """
        ...
