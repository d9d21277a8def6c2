"""Certificates with where they are active, of which the organization's listing has a part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from ..._declare.resource import Async
from ..._transport.tasks import TaskGroup, each
from ..._tree import AdminResources
from ..._wire.portable import Portable
from ...directory.not_known import NotKnown
from ...directory.reading import PAGE, Reads
from ...resources.certificates import Certificate

MOST_PROJECTS = 50
"""Projects that are asked which certificates are active in them."""


@attrs.frozen(kw_only=True)
class CertificateUse(Portable):
    """A certificate, and where it is active.

    Attributes:
        certificate_id: its id.
        name: its name.
        expires_at: when its validity ends; ``None`` where the API does not say.
        organization: whether it is active in the whole organization; ``None`` where that is not
            known.
        project_ids: the projects that it is active in, among those that answered.
    """

    certificate_id: str
    name: str | None
    expires_at: datetime | None
    organization: bool | None
    project_ids: tuple[str, ...] = ()

    @property
    def is_active(self) -> bool:
        """Whether it is known to be active somewhere."""
        return bool(self.organization or self.project_ids)


@attrs.frozen(kw_only=True)
class CertificatesLookedAt(Portable):
    """The certificates of an organization.

    Attributes:
        uses: the certificates, those whose validity ends first before others; ``None`` where no
            listing of them was answered.
        names: names of projects by id.
        projects_left_out: how many projects were not asked, since there are too many.
        not_known: what the API refused or did not answer.
        unread: how much of what came could not be read.
    """

    uses: tuple[CertificateUse, ...] | None
    names: Mapping[str, str]
    projects_left_out: int
    not_known: tuple[NotKnown, ...]
    unread: Mapping[str, int]

    @property
    def are_places_known(self) -> bool:
        """Whether there is no other place where a certificate may be active."""
        lacks = self.projects_left_out or self.not_known or any(self.unread.values())
        return not lacks


async def look_at_certificates(client: AdminResources[Async]) -> CertificatesLookedAt:
    """Read the certificates of the organization, and which are active in which project.

    It takes a request for the certificates, one for the projects, and one for each of up to 50
    projects, where there is a certificate.

    Raises:
        AuthenticationError: the key is wrong.
        APIConnectionError: the API cannot be reached at all.
    """
    reads = Reads(client._caller)
    async with TaskGroup() as work:
        listed = work.start(
            lambda: reads.listing("certificates", client.certificates.list(limit=PAGE))
        )
        projects = work.start(lambda: reads.all("projects", client.projects.list(limit=PAGE)))
    reads.check()
    active = [project for project in projects.result if project.status != "archived"]
    asked = [] if listed.result == [] else active[:MOST_PROJECTS]
    reads.without("projects", [] if listed.result == [] else ["certificates of projects"])

    async def of_project(project_id: str) -> list[Certificate] | None:
        return await reads.listing(
            "certificates of projects",
            client.projects.certificates.list(project_id, limit=PAGE),
            project_id=project_id,
        )

    ids = [project.id for project in asked]
    found = dict(zip(ids, await each(ids, of_project), strict=True))
    answered = [each for each in (listed.result, *found.values()) if each is not None]
    return CertificatesLookedAt(
        uses=_uses(listed.result, found) if answered else None,
        names={project.id: project.name for project in projects.result if project.name},
        projects_left_out=0 if listed.result == [] else len(active) - len(asked),
        not_known=reads.not_known,
        unread={kind: number for kind, number in reads.unread.items() if number},
    )


def _uses(
    listed: list[Certificate] | None, by_project: Mapping[str, list[Certificate] | None]
) -> tuple[CertificateUse, ...]:
    """Each certificate once, those that projects alone list too."""
    certificates: dict[str, Certificate] = {}
    places: dict[str, list[str]] = {}
    for project_id, of in by_project.items():
        for one in of or ():
            certificates[one.id] = one
            if one.active:
                places.setdefault(one.id, []).append(project_id)
    everywhere = {one.id: bool(one.active) for one in listed or ()}
    certificates |= {one.id: one for one in listed or ()}
    uses = [
        CertificateUse(
            certificate_id=id,
            name=one.name,
            expires_at=one.expires_at,
            organization=everywhere.get(id),
            project_ids=tuple(places.get(id, ())),
        )
        for id, one in certificates.items()
    ]
    # Those whose end is not known come last.
    return tuple(
        sorted(
            uses,
            key=lambda u: (
                u.expires_at is None,
                u.expires_at.timestamp() if u.expires_at else 0.0,
                u.certificate_id,
            ),
        )
    )
