"""A plan made of facts: what will be done in which order, and what must be decided first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from shlex import quote
from types import MappingProxyType

import attrs

from ..._text.visible import visible
from .alone import Alone, owned_alone, perhaps_owned
from .facts import Facts
from .model import (
    KINDS,
    AccountInReach,
    ActingKey,
    Holding,
    OffboardingPlan,
    Person,
    Step,
    of_kind,
)
from .owning import Owners, direct_owners, owns_directly
from .owning_projects import RoleOwners
from .snapshot import Snapshot

_MOST_NAMED = 5


@attrs.frozen(kw_only=True)
class Choices:
    """What whoever asks for an offboarding has decided.

    Attributes:
        transfer_to: who becomes the owner of projects that would have none.
        leave_ownerless: whether such projects may be left without one.
        myself: whether the person may be the one whose key is used.
        allow_unknown_owners: whether to go on where it is not known that an owner stays.
    """

    transfer_to: Person | None = None
    leave_ownerless: bool = False
    myself: bool = False
    allow_unknown_owners: bool = False


def made_plan(
    facts: Facts,
    snapshot: Snapshot,
    acting: ActingKey,
    choices: Choices,
    *,
    organization: str | None,
    leaving: Collection[str] = (),
    owners: Owners | None = None,
    by_role: Mapping[str, RoleOwners] = MappingProxyType({}),
) -> OffboardingPlan:
    """The plan of one person's offboarding.

    Args:
        facts: what the person holds.
        snapshot: the organization.
        acting: the key that is used.
        choices: what was decided.
        organization: the organization's id or name.
        leaving: the ids of all who are offboarded together.
        owners: the owners who stay; by default those by their own role.
        by_role: the owners of projects by a role, by the projects' ids, where they were looked for.
    """
    person = facts.person
    gone = {*leaving, *person.ids}
    holdings = [*facts.holdings]
    alone = owned_alone(snapshot, facts, gone, by_role)
    if owners is None:
        owners = direct_owners(snapshot.users, gone, lacks_people=snapshot.lacks_people)
    if choices.transfer_to is not None:
        holdings += [
            Holding(kind="ownership", id=one.id, project_id=one.id, project_name=one.name)
            for one in alone
        ]
    # Whoever acts stays an owner to the end, or could not go on.
    may_act = acting.may_be_of(person, facts.holdings)
    if person.role == "owner" and not (person.is_scim_managed or may_act) and person.id:
        holdings.append(Holding(kind="owner_role", id=person.id, role="owner"))
    steps = [held for held in holdings if held.stays is None]
    own = [held for held in steps if held.kind == "admin_key" and acting.may_be(held.id)]
    ordered = sorted((held for held in steps if held not in own), key=_rank)
    unsure = {*facts.unsure, *perhaps_owned(snapshot, facts, gone, by_role)}
    accounts = _in_reach(facts, snapshot)
    obstacles = {} if choices.leave_ownerless else _obstacles(unsure, snapshot)
    return OffboardingPlan(
        person=person,
        organization=organization,
        acting=acting,
        transfer_to=choices.transfer_to,
        holdings=facts.holdings,
        steps=tuple(
            Step(holding=held, obstacle=obstacles.get((held.kind, held.project_id)))
            for held in (*ordered, *own)
        ),
        accounts=accounts,
        notes=tuple(_notes(facts, snapshot, alone, choices, own, accounts)),
        not_known=facts.not_known,
        undecided=tuple(_undecided(facts, acting, choices, alone=alone, owners=owners)),
        leaving=tuple(sorted(gone)),
        owners=owners.direct or owners.indirect,
        may_be_owner=_may_be_owner(facts, owners),
        known=tuple(sorted((*snapshot.projects, *snapshot.groups))),
        leave_ownerless=choices.leave_ownerless,
        allow_unknown_owners=choices.allow_unknown_owners,
    )


def _rank(held: Holding) -> float:
    """The place of a thing in the order: what manages the organization goes with being an owner."""
    if held.kind == "organization_role" and held.manages:
        return KINDS.index("owner_role") + 0.5
    return KINDS.index(held.kind)


def _obstacles(
    unsure: Collection[str | None], snapshot: Snapshot
) -> dict[tuple[str, str | None], str]:
    """Why memberships are held back, by their kinds and projects: a project may lose its owner."""
    if not unsure:
        return {}
    names = [snapshot.project_name(id) or id for id in unsure if id is not None]
    where = _listed(sorted(names)) if None not in unsure else "a project"
    why = (
        f"whether they are the only owner of {where} is not known: run again with"
        " --leave-ownerless to go on all the same"
    )
    found = {("project_membership", id): why for id in unsure}
    return found | {("membership", None): why}


def _undecided(
    facts: Facts,
    acting: ActingKey,
    choices: Choices,
    *,
    alone: list[Alone],
    owners: Owners,
) -> Iterator[str]:
    person = facts.person
    who = visible(str(person))
    is_leaving = person.is_member and not person.is_scim_managed
    is_owner = is_leaving and _may_be_owner(facts, owners)
    stay = owners.stay(directly=owns_directly(person))
    if is_owner and stay is False:
        others = " Those who own it through a group or a role do not count." * bool(owners.indirect)
        yield (
            f"{who} is the last owner of the organization, or all others are offboarded in the same"
            f" run: make somebody else an owner first.{others}"
        )
    elif is_owner and stay is None and not choices.allow_unknown_owners:
        yield (
            "Whether the organization keeps another owner is not known, as not all of its members"
            " and their roles could be read: pass --allow-unknown-owners to go on all the same."
        )
    if choices.myself:
        pass
    elif not person.ids.isdisjoint(acting.owner_ids) and not acting.is_known:
        yield (
            f"The admin key that is used ({acting.shown}) may be {who}'s own: pass --myself to"
            " offboard them all the same; the keys that it may be are deleted last."
        )
    elif not person.ids.isdisjoint(acting.owner_ids):
        yield (
            f"The admin key that is used ({acting.shown}) is {who}'s own: pass --myself to offboard"
            " them all the same; the key is deleted last."
        )
    elif not acting.is_known and is_leaving:
        yield (
            f"Whose the admin key is that is used ({acting.shown}) is not known: pass --myself if"
            f" it may be {who}'s."
        )
    if choices.transfer_to is not None or choices.leave_ownerless:
        return
    decide = (
        "pass --transfer-to PERSON to make somebody else its owner, or --leave-ownerless to leave"
        " that to the owners of the organization."
    )
    for one in alone:
        if not one.is_sure:
            yield visible(f"Whether {_told(one)} has another owner is not known: {decide}")
    alone = [one for one in alone if one.is_sure]
    if single := [one for one in alone if not one.is_shared]:
        yield f"{who} is the only owner of {_all(map(_told, single))}: {decide}"
    if shared := [one for one in alone if one.is_shared]:
        yield f"{who} and all other owners of {_all(map(_told, shared))} leave together: {decide}"


def _told(alone: Alone) -> str:
    by = f' (by the role "{alone.role}")' if alone.role else ""
    return f"{alone.name or alone.id}{by}"


def _may_be_owner(facts: Facts, owners: Owners) -> bool:
    """Whether a person is an owner of the organization, or may be."""
    if owns_directly(facts.person) or facts.owns:
        return True
    is_by_role = any(held.manages for held in of_kind(facts.holdings, "organization_role"))
    return is_by_role or not facts.person.ids.isdisjoint(owners.leaving)


def _notes(
    facts: Facts,
    snapshot: Snapshot,
    alone: list[Alone],
    choices: Choices,
    own: list[Holding],
    accounts: Sequence[AccountInReach],
) -> Iterator[str]:
    person = facts.person
    left = alone if choices.leave_ownerless and choices.transfer_to is None else []
    if sure := [one for one in left if one.is_sure]:
        yield (
            f"Without an owner of its own: {_all(map(_told, sure))}. Owners of the organization"
            " still manage it."
        )
    for one in (one for one in left if not one.is_sure):
        yield visible(f"Whether {_told(one)} has another owner is not known.")
    if facts.traces.accounts:
        yield (
            f"They created service accounts, which keep working: {_all(facts.traces.accounts)}."
            " Whoever has a copy of a key still has it: rotate it."
        )
    if accounts:
        yield may_be_copied(accounts)
    if facts.inherited:
        yield (
            "They keep what a group gives that the identity provider manages, until it removes"
            f" them: the role {_all(facts.inherited)}."
        )
    if facts.traces.certificates:
        yield (
            f"They uploaded certificates, which stay: {_all(facts.traces.certificates)}. Whoever"
            " has the private key can still present them."
        )
    if snapshot.unlisted:
        yield (
            "The API does not list the keys of archived projects, which do not work:"
            f" {_listed(snapshot.unlisted)}."
        )
    if own:
        yield (
            "The admin key in use is deleted last of all, or may be among those that are: what"
            " comes after needs another owner's key."
        )
    if person.is_member:
        yield (
            "The API cannot end a session in a browser that is open now; without the membership"
            " there is nothing of the organization to see in it."
        )


def _in_reach(facts: Facts, snapshot: Snapshot) -> tuple[AccountInReach, ...]:
    """The service accounts that have keys in the person's projects, each once."""
    found: dict[AccountInReach, None] = {}
    for held in of_kind(facts.holdings, "project_membership"):
        project_id = held.project_id or ""
        for key in snapshot.keys.get(project_id, ()):
            account = key.owner.service_account if key.owner is not None else None
            if account is not None:
                one = AccountInReach(
                    id=account.id,
                    name=account.name,
                    project_id=project_id,
                    project_name=snapshot.project_name(project_id),
                )
                found.setdefault(one)
    return tuple(found)


def may_be_copied(accounts: Sequence[AccountInReach]) -> str:
    """The note that keys of service accounts, of which there are some, keep working."""
    names: dict[str, dict[str, None]] = {}
    for one in accounts:
        where = names.setdefault(one.project_name or one.project_id, {})
        where.setdefault(one.label)
    told = (f"{project} ({', '.join(of)})" for project, of in names.items())
    return visible(
        "They may have copies of the keys of service accounts in their projects, which keep"
        f" working: {', '.join(told)}. To replace one: openai-admin rotate service-account"
        f" {quote(accounts[0].label)} --project {quote(next(iter(names)))} --to …"
    )


def _all(names: Iterable[str]) -> str:
    return visible(", ".join(names))


def _listed(names: Collection[str]) -> str:
    shown = [visible(name) for name in names]
    rest = len(shown) - _MOST_NAMED
    return ", ".join([*shown[:_MOST_NAMED], f"and {rest} more"] if rest > 1 else shown)
