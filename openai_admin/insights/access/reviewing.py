"""A review of access: everybody with what they may do, for a reviewer to decide about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import attrs

from ..._wire.portable import Portable
from .answers import Grant, Path, Principal, Unknown
from .facts import AdminKeyFact, KeyFact, Person, ServiceAccountFact
from .owners import named_owners, owner_paths, predefined_owners
from .questions import Access

NOT_KNOWN = "not known"
_FORMER = "key of a former member"


@attrs.frozen(kw_only=True)
class ReviewRow(Portable):
    """Somebody or something that has access.

    Attributes:
        kind: ``person``, ``service account``, ``admin key``, ``key of a former member`` (of the
            organization or of the key's project), ``key in doubt`` (whose owner is not named, not
            there any more, or blocked), ``pending invite`` or ``not looked at``, a part that was
            refused, or not asked for.
        id: its id.
        name: its name; ``None`` where the API does not say.
        email: its address, of people and invites.
        project_id: the project that it is of; ``None`` for what is of the organization.
        project_name: that project's name.
        is_owner: whether it is an owner of the organization, by whichever role; ``None`` where
            that is not known.
        powers: what it holds, each with how, in words.
        last_active_at: the last sign of activity, which is the use of a key; ``None`` if never, or
            not known.
        is_activity_known: whether `last_active_at` says so.
        since: when it joined, was created or was sent; ``None`` where the API does not say.
        age_days: whole days since then.
        expires_at: when it ends; ``None`` where it does not, or where that is not known.
        is_expiry_known: whether `expires_at` says so.
        notes: what a reviewer should see.
    """

    kind: str
    id: str
    name: str | None
    email: str | None
    project_id: str | None
    project_name: str | None
    is_owner: bool | None
    powers: tuple[str, ...]
    last_active_at: datetime | None
    is_activity_known: bool
    since: datetime | None
    age_days: int | None
    expires_at: datetime | None
    is_expiry_known: bool
    notes: tuple[str, ...]


def review_rows(access: Access) -> tuple[ReviewRow, ...]:
    """Each person, service account, admin key, key of a former member or in doubt, pending invite,
    and part of the organization that could not be looked at.

    Args:
        access: what was read, of the whole organization or of some projects.
    """
    return tuple(_Reviewing(access).rows())


class _Reviewing:
    def __init__(self, access: Access) -> None:
        self.access, self.facts = access, access.facts
        self.wording = access.wording
        self.now = access.facts.taken_at
        self.grants: defaultdict[Principal, list[Grant]] = defaultdict(list)
        for grant in access.evaluated.grants:
            self.grants[grant.principal].append(grant)
        self.unknown: defaultdict[Principal, list[Unknown]] = defaultdict(list)
        for one in access.evaluated.unknown:
            self.unknown[one.principal].append(one)
        self.owners = predefined_owners(self.facts)
        self.keys_of: defaultdict[str, list[KeyFact | AdminKeyFact]] = defaultdict(list)
        keys: list[KeyFact | AdminKeyFact] = [*self.facts.keys, *self.facts.admin_keys]
        for key in keys:
            if key.owner_id is not None:
                self.keys_of[key.owner_id].append(key)
        lost = {part.kind for part in self.facts.not_known}
        self.are_keys_known = lost.isdisjoint(("keys of projects", "admin keys", "projects"))
        self.are_people_known = "people" not in lost
        self.are_accounts_known = "service accounts" not in lost

    def rows(self) -> Iterator[ReviewRow]:
        for person in sorted(self.facts.people, key=_name):
            yield self._person(person)
        for account in sorted(self.facts.service_accounts, key=_name):
            yield self._account(account)
        for admin_key in sorted(self.facts.admin_keys, key=_name):
            yield self._admin_key(admin_key)
        for key in sorted(self.facts.keys, key=_name):
            if not self._is_past(key.expires_at):
                yield from self._of_nobody(key)
        for invite in sorted(self.facts.invites, key=lambda one: (one.email or "", one.id)):
            is_past = self._is_past(invite.expires_at)
            yield self._row(
                "pending invite",
                invite.id,
                None,
                email=invite.email,
                powers=[
                    f"would be {invite.role or NOT_KNOWN} of the organization",
                    *(
                        f"would be {p.role or NOT_KNOWN} of {self.wording.name(p.id)}"
                        for p in invite.projects
                    ),
                ],
                is_owner=None if invite.role is None else invite.role == "owner",
                since=invite.created_at,
                expires_at=invite.expires_at,
                notes=["has expired: it can no longer be accepted"] if is_past else [],
            )
        for text in (*self.access.lacks, *self.access.unasked):
            yield self._row(
                "not looked at",
                "",
                None,
                powers=[],
                is_owner=None,
                is_activity_known=False,
                since=None,
                notes=[text],
            )

    def _person(self, person: Person) -> ReviewRow:
        principal = Principal(kind="user", id=person.id)
        moments = [person.last_used_at, *(key.last_used_at for key in self.keys_of[person.id])]
        # The API says of members when a key of theirs was last used: their keys need not be known.
        is_known = person.is_use_known and all(k.is_use_known for k in self.keys_of[person.id])
        notes = []
        if person.banned:
            notes.append("banned: nothing is in force")
        elif person.enabled is False:
            notes.append("disabled: nothing is in force")
        if person.is_member is False:
            notes.append("not a member of the organization")
        if person.is_scim_managed:
            notes.append("managed by the identity provider")
        if person.is_service_account:
            notes.append("software, not a person")
        return self._row(
            "person",
            person.id,
            person.name,
            email=person.email,
            powers=self._powers(principal),
            is_owner=self._is_owner(principal),
            moments=moments,
            is_activity_known=is_known,
            since=person.added_at,
            notes=notes,
        )

    def _account(self, account: ServiceAccountFact) -> ReviewRow:
        principal = Principal(kind="service_account", id=account.id)
        keys = self.keys_of[account.id]
        return self._row(
            "service account",
            account.id,
            account.name,
            project_id=account.project_id,
            powers=self._powers(principal),
            is_owner=self._is_owner(principal),
            moments=[key.last_used_at for key in keys],
            is_activity_known=self.are_keys_known and all(key.is_use_known for key in keys),
            since=account.created_at,
            notes=[] if keys or not self.are_keys_known else ["has no key"],
        )

    def _admin_key(self, key: AdminKeyFact) -> ReviewRow:
        principal = Principal(kind="admin_api_key", id=key.id)
        is_past = self._is_past(key.expires_at)
        notes = ["never expires"] if key.expires_at is None else []
        if not key.is_expiry_known:
            notes = ["whether it expires is not known"]
        notes += ["has expired"] if is_past else []
        notes += [f"belongs to {self.wording.told(key.owner_id)}"] if key.owner_id else []
        return self._row(
            "admin key",
            key.id,
            key.name,
            powers=[] if is_past else self._powers(principal),
            is_owner=False if is_past else self._is_owner(principal),
            moments=[key.last_used_at],
            is_activity_known=key.is_use_known,
            since=key.created_at,
            expires_at=key.expires_at,
            is_expiry_known=key.is_expiry_known,
            notes=notes,
        )

    def _of_nobody(self, key: KeyFact) -> Iterator[ReviewRow]:
        """A key that no person or service account of this review answers for."""
        for one in self.unknown[Principal(kind="api_key", id=key.id)]:
            is_service = key.owner_type == "service_account"
            is_known = self.are_accounts_known if is_service else self.are_people_known
            if one.reason == "left" or (one.reason == "absent" and is_known):
                yield self._key("key in doubt" if is_service else _FORMER, key, one)
                return
            if one.reason in ("unowned", "blocked"):
                yield self._key("key in doubt", key, one)
                return

    def _key(self, kind: str, key: KeyFact, why: Unknown) -> ReviewRow:
        return self._row(
            kind,
            key.id,
            key.name,
            project_id=key.project_id,
            powers=self._powers(Principal(kind="api_key", id=key.id)),
            is_owner=None,
            moments=[key.last_used_at],
            is_activity_known=key.is_use_known,
            since=key.created_at,
            expires_at=key.expires_at,
            notes=[self.wording.unknown(why)],
        )

    def _powers(self, principal: Principal) -> list[str]:
        """What somebody holds: each path once, those of an owner in projects left out."""
        paths: dict[Path, None] = {}
        for grant in self.grants[principal]:
            for path in grant.paths:
                if len(path) < 2 or path[-2].kind != "role":
                    paths[path] = None
        told = [self._power(path) for path in sorted(paths, key=self._place)]
        told += (f"{NOT_KNOWN}: {self.wording.unknown(one)}" for one in self.unknown[principal])
        return list(dict.fromkeys(told))

    def _place(self, path: Path) -> tuple[bool, str]:
        """The organization first, then projects by name."""
        project_id = path[-1].project_id
        return project_id is not None, self.wording.place(project_id).casefold()

    def _power(self, path: Path) -> str:
        text = self.wording.shortly(path)
        role = path[-1]
        is_named = any(step.kind == "membership" for step in path)
        return text if is_named else f"{text} in {self.wording.place(role.project_id)}"

    def _is_owner(self, principal: Principal) -> bool | None:
        for grant in self.grants[principal]:
            if grant.project_id is None and any(owner_paths(grant, self.owners)):
                return True
        unknown = [one for one in self.unknown[principal] if one.project_id is None]
        if any(named_owners(unknown, self.facts)):
            return True
        if unknown:
            return None
        if None in self.access.unasked_in and principal.kind != "service_account":
            return None
        lost = {part.kind for part in self.facts.not_known}
        return False if lost.isdisjoint(_SAY_OWNERS) else None

    def _is_past(self, moment: datetime | None) -> bool:
        return moment is not None and moment <= self.now

    def _row(
        self,
        kind: str,
        id: str,
        name: str | None,
        *,
        email: str | None = None,
        project_id: str | None = None,
        powers: Sequence[str],
        is_owner: bool | None,
        moments: Iterable[datetime | None] = (),
        is_activity_known: bool = True,
        since: datetime | None,
        expires_at: datetime | None = None,
        is_expiry_known: bool = True,
        notes: Sequence[str] = (),
    ) -> ReviewRow:
        latest = max((moment for moment in moments if moment is not None), default=None)
        return ReviewRow(
            kind=kind,
            id=id,
            name=name,
            email=email,
            project_id=project_id,
            project_name=None if project_id is None else self.wording.names.get(project_id),
            is_owner=is_owner,
            powers=tuple(powers),
            last_active_at=latest,
            is_activity_known=is_activity_known or latest is not None,
            since=since,
            age_days=None if since is None else max(0, (self.now - since).days),
            expires_at=expires_at,
            is_expiry_known=is_expiry_known,
            notes=tuple(notes),
        )


_SAY_OWNERS = (
    "people",
    "roles",
    "groups",
    "roles of groups",
    "members of groups",
    "roles of people",
)
"""Without which somebody may be an owner whom nothing shows as one."""


def _name(thing: Person | ServiceAccountFact | KeyFact | AdminKeyFact) -> tuple[str, str]:
    return (thing.name or "").casefold(), thing.id
