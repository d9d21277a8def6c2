"""What an offboarding is about: the person, what the person holds, and the steps that end it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, get_args
from unicodedata import normalize

import attrs

from ..._wire.portable import Portable

Kind = Literal[
    "admin_key",
    "project_key",
    "invite",
    "owner_role",
    "ownership",
    "project_role",
    "project_membership",
    "group",
    "organization_role",
    "membership",
]
"""What is held.

``owner_role`` is being an owner of the organization, ``ownership`` being a project's only owner,
and ``membership`` belonging to the organization.
"""

KINDS: tuple[Kind, ...] = get_args(Kind)
"""What is held, in the order in which it is taken away.

Keys first: they work without a login. The membership is last: while there is one, the rest can
still be seen, and what was cut off goes on.
"""

Outcome = Literal["to do", "done", "already gone", "refused", "not known", "held back"]
"""What became of a step; ``held back`` is one that waits for another, which did not succeed."""

OVER: frozenset[Outcome] = frozenset({"done", "already gone"})
"""The outcomes after which nothing is left to do."""


@attrs.frozen(kw_only=True)
class Person(Portable):
    """Somebody who is to be offboarded, or takes something over.

    Attributes:
        id: the user's id; ``None`` for one who was only ever invited.
        email: the address.
        name: the name.
        is_member: whether the person is a member of the organization now; ``None`` where that could
            not be looked up.
        role: the role in the organization, ``owner`` or ``reader``; ``None`` for others.
        is_scim_managed: whether an identity provider manages the membership.
        former_ids: the ids of the same address that earlier memberships had, which keys still name.
        addresses: other addresses that go with the ids in some listing.
    """

    id: str | None = None
    email: str | None = None
    name: str | None = None
    is_member: bool | None = False
    role: str | None = None
    is_scim_managed: bool = False
    former_ids: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    @property
    def ids(self) -> frozenset[str]:
        """All ids that are this person's."""
        return frozenset(filter(None, (self.id, *self.former_ids)))

    def is_same(self, other: Person) -> bool:
        """Whether it is the same one: by an id, else by the address."""
        if self.ids and other.ids:
            return not self.ids.isdisjoint(other.ids)
        return any(map(self.has_address, (other.email, *other.addresses)))

    def has_address(self, address: str | None) -> bool:
        """Whether an address is this person's."""
        known = filter(None, (self.email, *self.addresses))
        return bool(address) and any(fold(each, address or "") for each in known)

    def __str__(self) -> str:
        known = list(filter(None, (self.name, self.email and f"<{self.email}>")))
        return " ".join(known) or self.id or "somebody whom the API does not name"


def fold_key(text: str) -> str:
    """What is the same for texts that differ in letter case and composed accents alone."""
    return normalize("NFC", text).casefold()


def fold(one: str, other: str) -> bool:
    """Whether two addresses or names are the same, apart from letter case and composed accents."""
    return fold_key(one) == fold_key(other)


@attrs.frozen(kw_only=True)
class Holding(Portable):
    """One thing that a person holds.

    Attributes:
        kind: what it is.
        id: the id of the key, the invite, the role or the group; of a membership, the person's.
        name: what it is called.
        project_id: the project that it is in; ``None`` where it is the organization's.
        project_name: what the project is called.
        role: of a membership or an invite, the role that it gives.
        redacted_value: of a key, its first and last characters.
        last_used_at: of a key, when it was last used.
        permissions: of a role, how many it grants.
        manages: of a role, whether it makes an owner, or grants as much.
        stays: why it cannot be taken away here; ``None`` where it can.
    """

    kind: Kind
    id: str
    name: str | None = None
    project_id: str | None = None
    project_name: str | None = None
    role: str | None = None
    redacted_value: str | None = None
    last_used_at: datetime | None = None
    permissions: int = 0
    manages: bool = False
    stays: str | None = None

    @property
    def key(self) -> tuple[str, str, str | None]:
        """What tells it from others."""
        return self.kind, self.id, self.project_id


@attrs.frozen(kw_only=True)
class AccountInReach(Portable):
    """A service account in a project of somebody who leaves, who may have copies of its keys.

    Attributes:
        id: its id.
        name: its name.
        project_id: its project.
        project_name: what the project is called.
    """

    id: str
    name: str | None
    project_id: str
    project_name: str | None

    @property
    def label(self) -> str:
        """Its name, or else its id."""
        return self.name or self.id


@attrs.frozen(kw_only=True)
class Step(Portable):
    """One change that an offboarding makes.

    Attributes:
        holding: what is taken away; of an ``ownership``, the project that gets another owner.
        outcome: what became of it.
        reason: why it was not done, or how it is known.
        at: when that was.
        obstacle: why it cannot be done as things are; ``None`` where it can.
    """

    holding: Holding
    outcome: Outcome = "to do"
    reason: str | None = None
    at: datetime | None = None
    obstacle: str | None = None

    @property
    def key(self) -> tuple[str, str, str | None]:
        """What tells it from others."""
        return self.holding.key

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.outcome in OVER


@attrs.frozen(kw_only=True)
class ActingKey(Portable):
    """Whose key the calls are made with, as far as the list of admin keys tells it.

    Attributes:
        shown: the key's kind and last characters.
        ids: the ids of the admin keys that it may be: one, where that is known.
        name: the key's name, where it is one.
        owner_ids: the ids of those who own them.
        owner: the owner's name or id, where it is one.
        is_recognized: whether the list shows the key's end; else `ids` are the keys whose ends it
            hides.
    """

    shown: str
    ids: tuple[str, ...] = ()
    name: str | None = None
    owner_ids: tuple[str, ...] = ()
    owner: str | None = None
    is_recognized: bool = True

    @property
    def is_known(self) -> bool:
        """Whether it is one key, whose owner is known."""
        return self.is_recognized and len(self.ids) == 1 == len(self.owner_ids)

    def may_be(self, key_id: str) -> bool:
        """Whether it may be an admin key; where nothing is known of it, it may be each."""
        return key_id in self.ids or not self.ids

    def may_be_of(self, person: Person, holdings: Iterable[Holding]) -> bool:
        """Whether it may be a person's; where no owner is told, it may be any owner's."""
        if not self.owner_ids and person.is_member and person.role in ("owner", None):
            return True
        has_it = any(held.kind == "admin_key" and self.may_be(held.id) for held in holdings)
        return has_it or not person.ids.isdisjoint(self.owner_ids)


@attrs.frozen(kw_only=True)
class OffboardingPlan(Portable):
    """What an offboarding will do, and what it will not.

    Attributes:
        person: who is offboarded.
        organization: the organization's id or name; ``None`` where the API does not tell it.
        acting: the key that is used.
        transfer_to: who becomes the owner of projects that would have none.
        holdings: what the person holds, in the order of `KINDS`, then by name and id; of roles
            those first that grant most.
        steps: what will be done, in this order.
        accounts: service accounts whose keys the person may have copied, and which stay.
        notes: what should be known, and is not touched: a sentence each.
        not_known: what could not be looked at, with the reason.
        undecided: what must be decided first; nothing is done while there is something.
        earlier: what earlier runs did, by the journal and the evidence.
        before: what the person held when the first of those runs began; ``None`` without one.
        begun_at: when that was.
        finished_at: when an earlier run ended and nothing was left; ``None`` where there is
            something to do.
        leaving: the ids of all who are offboarded together.
        owners: the ids of owners of the organization who stay, as far as they were looked for.
        may_be_owner: whether the person is an owner of the organization, or may be.
        known: the ids of the projects and groups that there were.
        leave_ownerless: whether projects may be left without an owner.
        allow_unknown_owners: whether to go on where it is not known that an owner stays.
    """

    person: Person
    organization: str | None
    acting: ActingKey
    transfer_to: Person | None = None
    holdings: tuple[Holding, ...] = ()
    steps: tuple[Step, ...] = ()
    accounts: tuple[AccountInReach, ...] = ()
    notes: tuple[str, ...] = ()
    not_known: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    earlier: tuple[Step, ...] = ()
    before: tuple[Holding, ...] | None = None
    begun_at: datetime | None = None
    finished_at: datetime | None = None
    leaving: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    may_be_owner: bool = False
    known: tuple[str, ...] = ()
    leave_ownerless: bool = False
    allow_unknown_owners: bool = False

    @property
    def stays(self) -> tuple[Holding, ...]:
        """What the person holds and cannot be taken away here."""
        return tuple(holding for holding in self.holdings if holding.stays is not None)

    @property
    def is_empty(self) -> bool | None:
        """Whether there is nothing to take away; ``None`` where nothing was found, and not
        everything could be looked at.
        """
        if self.steps:
            return False
        return None if self.not_known else True


@attrs.frozen(kw_only=True)
class OffboardingResult(Portable):
    """What an offboarding did.

    Attributes:
        plan: what was planned by this run.
        steps: what was done, by earlier runs too.
        before: what the person held when the first of those runs began.
        after: what the person still holds where something was done; ``None`` where that could not
            be looked at.
        not_known: what could not be looked at, before or after, with the reason.
        begun_at: when the first of those runs began.
        ended_at: when this one ended.
    """

    plan: OffboardingPlan
    steps: tuple[Step, ...]
    before: tuple[Holding, ...]
    after: tuple[Holding, ...] | None
    not_known: tuple[str, ...]
    begun_at: datetime
    ended_at: datetime

    @property
    def person(self) -> Person:
        """Who was offboarded."""
        return self.plan.person

    @property
    def left(self) -> tuple[Step, ...]:
        """The steps that did not succeed."""
        return tuple(step for step in self.steps if not step.is_over)

    @property
    def still_there(self) -> tuple[Holding, ...]:
        """What was found again although its step succeeded, or has come meanwhile."""
        named = {step.key for step in self.left} | {held.key for held in self.plan.stays}
        return tuple(held for held in self.after or () if held.key not in named)

    @property
    def stays(self) -> tuple[Holding, ...]:
        """What could not be taken away here, and has not gone with something else."""
        kept = {held.key for held in (self.plan.stays if self.after is None else self.after)}
        return tuple(held for held in self.plan.stays if held.key in kept)

    @property
    def access_kept(self) -> tuple[Holding, ...]:
        """What of that gives access; a key of an archived project does not work."""
        return tuple(held for held in self.stays if held.kind != "project_key")

    @property
    def is_complete(self) -> bool:
        """Whether nothing that gives access is left, and everything could be looked at."""
        return not (self.left or self.still_there or self.access_kept or self.not_known)


def of_kind(things: Iterable[Holding], *kinds: Kind) -> list[Holding]:
    """The things of some kinds."""
    return [thing for thing in things if thing.kind in kinds]
