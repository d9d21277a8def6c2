"""What somebody made and is still there, as the audit log knows it."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ..._declare.resource import Async
from ..._transport.tasks import each
from ..._tree import AdminResources
from ...directory.reading import PAGE, Reads
from ...resources.audit_logs.model import AuditLog
from ...resources.projects.service_accounts import ProjectServiceAccount
from .model import Person
from .snapshot import Snapshot


@attrs.frozen(kw_only=True)
class Traces:
    """What the audit log knows that somebody made.

    Attributes:
        accounts: service accounts that are still there, each with its project: ``"etl" in Data``.
        certificates: certificates that are still there, by name or id.
    """

    accounts: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()


async def traces_of(
    client: AdminResources[Async], reads: Reads, snapshot: Snapshot, person: Person
) -> Traces:
    """What the audit log says that a person made, and is still there."""
    return await _Looked(client, reads, snapshot, person).all()


@attrs.frozen
class _Looked:
    client: AdminResources[Async]
    reads: Reads
    snapshot: Snapshot
    person: Person

    async def all(self) -> Traces:
        """What the audit log says that the person made, and is still there."""
        ids = sorted(self.person.ids)
        if not ids:
            return Traces()
        events = await self.reads.all(
            "the audit log, for service accounts and certificates that they made",
            self.client.audit_logs.list(
                actor_ids=ids,
                event_types=["service_account.created", "certificate.created"],
                limit=PAGE,
            ),
        )
        made = {id: event for event in events if (id := _made(event)) is not None}
        return Traces(
            accounts=tuple(await self._accounts(made)),
            certificates=tuple(await self._certificates(made)),
        )

    async def _accounts(self, made: dict[str, AuditLog]) -> list[str]:
        of: dict[str, list[str]] = {}
        for id, event in made.items():
            project = event.project.id if event.project is not None else None
            if event.type == "service_account.created" and project is not None:
                of.setdefault(project, []).append(id)
        active = [id for id in of if not self.snapshot.is_archived(id)]
        listed = await each(active, self._accounts_of)
        found = []
        for project_id, accounts in zip(active, listed, strict=True):
            where = self.snapshot.project_name(project_id) or project_id
            names = {account.id: account.name or account.id for account in accounts or ()}
            for id in of[project_id]:
                if accounts is None:
                    found.append(f"{id} in {where} (if it is still there)")
                elif id in names:
                    found.append(f'"{names[id]}" in {where}')
        return found

    async def _accounts_of(self, project_id: str) -> Sequence[ProjectServiceAccount] | None:
        return await self.reads.listing(
            "service accounts",
            self.client.projects.service_accounts.list(project_id, limit=PAGE),
            project_id=project_id,
        )

    async def _certificates(self, made: dict[str, AuditLog]) -> list[str]:
        ids = {id for id, event in made.items() if event.type == "certificate.created"}
        if not ids:
            return []
        listed = await self.reads.all("certificates", self.client.certificates.list(limit=PAGE))
        return [f'"{c.name}"' if c.name else c.id for c in listed if c.id in ids]


def _made(event: AuditLog) -> str | None:
    id = getattr(event.payload, "id", None)
    return id if isinstance(id, str) else None
