"""What no step touches: what the file protects, and what an identity provider manages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import attrs

from ..document.model import Document
from ..folding import folded
from ..state import State
from .needed import Needed
from .protected import Protection
from .standing import Standing
from .touching import Touching

_LEAVING = frozenset({"users.delete", "groups.users.delete", "projects.users.delete"})
"""What removes people since the file does not have them."""
_OF_MANAGED_PEOPLE = frozenset({"users.update", "users.delete"})
_OF_MANAGED_GROUPS = frozenset(
    {"groups.update", "groups.delete", "groups.users.create", "groups.users.delete"}
)


@attrs.frozen(kw_only=True)
class Kept:
    """Why a step is not made.

    Attributes:
        kind: the same for programs.
        reason: why, in words.
    """

    kind: Literal["scim", "protected", "not_known"]
    reason: str


_SCIM = Kept(kind="scim", reason="an identity provider manages it")
_NOT_READ = Kept(
    kind="not_known",
    reason="not all was read that tells whether something that `protect` names would change by it",
)
_UNNAMED = Kept(
    kind="not_known",
    reason="the API does not say their address, by which the file may have them: pin them with"
    " `id:` under `people`",
)
_PROTECTED = Kept(kind="protected", reason="`protect` names it")


@attrs.frozen(kw_only=True)
class Judged:
    """Whether a call may be made.

    Attributes:
        kept: why it is not to be made; ``None`` where it may be.
        needed: what must be read to be sure of it.
    """

    kept: Kept | None = None
    needed: Needed = attrs.field(factory=Needed)


class Guard:
    """Tells which calls would touch what is not to be touched.

    Args:
        document: the file.
        state: what there is.
        standing: who holds what of it.

    Attributes:
        protection: what the file protects.
    """

    def __init__(self, document: Document, state: State, standing: Standing) -> None:
        self.protection = Protection(document, state)
        self._addresses = {folded(address) for address in document.protect.people}
        self._state = state
        self._standing = standing
        self._touching = Touching(self.protection, state, standing)
        self._pinned = {person.id for person in (document.people or {}).values()}

    def is_protected_project(self, id: object) -> bool:
        """Whether a project is protected."""
        return id in self.protection.projects.ids

    def is_protected_address(self, address: str) -> bool:
        """Whether somebody with an address is protected."""
        return folded(address) in self._addresses

    def judge(self, operation: str, arguments: Mapping[str, Any]) -> Judged:
        """Whether a call may be made."""
        named = [*self._named(arguments)]
        if True in named or self._is_sent_to_protected(arguments):
            return Judged(kept=_PROTECTED)
        if None in named:
            open_ = (kind.parts for kind in self.protection.kinds if kind.open)
            return Judged(kept=_NOT_READ, needed=Needed(parts=frozenset().union(*open_)))
        touched = self._touching.of(operation, arguments)
        if touched.id is not None:
            name = self._name_of(touched.id)
            reason = f"{name} is protected, and what it has, or who has it, would change by this"
            return Judged(kept=Kept(kind="protected", reason=reason))
        if not touched.is_known:
            return Judged(kept=_NOT_READ, needed=touched.needed)
        return Judged(kept=self._managed(operation, arguments))

    def _named(self, arguments: Mapping[str, Any]) -> Iterator[bool | None]:
        """Whether what a call is about itself is protected; ``None`` where it may be."""
        keeps = self.protection
        for kind, names in (
            (keeps.people, ("user_id",)),
            (keeps.groups, ("group_id",)),
            (keeps.projects, ("project_id",)),
            (keeps.accounts, ("service_account_id",)),
            (keeps.roles, ("role_id", "role")),
        ):
            for id in map(arguments.get, names):
                if isinstance(id, str):
                    yield id in kind.ids or (None if kind.may_mean(id) else False)

    def _name_of(self, id: str) -> str:
        """What something protected is called."""
        if id in self.protection.places:
            return self._standing.role_names.label(id, self.protection.places[id])
        return self._standing.labels.get(id, id)

    def _is_sent_to_protected(self, arguments: Mapping[str, Any]) -> bool:
        email = arguments.get("email")
        return isinstance(email, str) and self.is_protected_address(email)

    def _managed(self, operation: str, arguments: Mapping[str, Any]) -> Kept | None:
        """Why a call is not for a file to make, whatever it protects."""
        state = self._state
        if operation in _LEAVING and self._is_unnamed(arguments["user_id"]):
            return _UNNAMED
        if operation in _OF_MANAGED_PEOPLE and arguments.get("user_id") in state.scim_people:
            return _SCIM
        if operation in _OF_MANAGED_GROUPS and arguments.get("group_id") in state.scim_groups:
            return _SCIM
        return None

    def _is_unnamed(self, id: str) -> bool:
        """Whether the file may mean somebody by an address that is not known."""
        return id not in self._pinned and "@" not in self._standing.labels.get(id, id)
