"""Who has a key: by the id, or the address where the API tells no id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from ...resources.admin_api_keys import AdminAPIKey
from ...resources.projects.api_keys import ProjectAPIKey
from .model import Person
from .snapshot import Snapshot, is_open


@attrs.frozen(kw_only=True)
class Holder:
    """A person who has a key, as far as the API tells.

    Attributes:
        id: the user's id.
        email: the address.
        name: the name.
    """

    id: str | None = None
    email: str | None = None
    name: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether it can be told who it is."""
        return bool(self.id or self.email)

    def is_person(self, person: Person) -> bool:
        """Whether it is a person: by an id, else by the address."""
        if self.id:
            return self.id in person.ids
        return person.has_address(self.email)


def of_admin_key(key: AdminAPIKey) -> Holder | None:
    """Who has an admin key; ``None`` for a service account."""
    owner = key.owner
    if owner is None:
        return Holder()
    if owner.type == "service_account":
        return None
    return Holder(id=owner.id, name=owner.name, email=_address(owner.extra))


def of_project_key(key: ProjectAPIKey) -> Holder | None:
    """Who has a project's key; ``None`` for a service account."""
    owner = key.owner
    if owner is None:
        return Holder()
    if owner.service_account is not None or owner.type == "service_account":
        return None
    if (user := owner.user) is not None:
        return Holder(id=user.id, name=user.name, email=user.email)
    return Holder(email=_address(owner.extra))


def _address(extra: Mapping[str, Any]) -> str | None:
    """An address among fields that came without an id beside them."""
    user = extra.get("user")
    for fields in (extra, user if isinstance(user, Mapping) else {}):
        if isinstance(found := fields.get("email"), str) and found:
            return found
    return None


def unattributed(snapshot: Snapshot) -> Iterator[str]:
    """What may be anybody's, since the API does not say whose it is: a text for each."""
    of_projects = {key.id for keys in snapshot.keys.values() for key in keys}
    for key in snapshot.admin_keys:
        holder = of_admin_key(key)
        if _is_anybody(holder) and key.is_admin_key(of_projects) is not False:
            yield f"whose the admin key {_named(key)} is: the API names no owner"
    for project_id, keys in snapshot.keys.items():
        where = snapshot.project_name(project_id) or project_id
        for project_key in keys if not snapshot.is_archived(project_id) else ():
            if _is_anybody(of_project_key(project_key)):
                yield (
                    f"whose the project key {_named(project_key)} in {where} is: the API names no"
                    " owner"
                )
    for invite in snapshot.invites:
        if not invite.email and is_open(invite):
            yield f"to whom the open invite {invite.id} is: the API names no address"


def _is_anybody(holder: Holder | None) -> bool:
    return holder is not None and not holder.is_known


def _named(key: AdminAPIKey | ProjectAPIKey) -> str:
    details = ", ".join(filter(None, (key.id, key.redacted_value)))
    return f'"{key.name}" ({details})' if key.name else details
