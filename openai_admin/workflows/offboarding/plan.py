"""A plan made of facts: what will be done in which order, and what must be decided first."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from shlex import quote

import attrs

from ..._text.visible import visible
from .facts import Facts, is_open, keys_of_accounts, other_owners, owned_alone
from .model import KINDS, ActingKey, Holding, OffboardingPlan, Person, Step, of_kind
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
) -> OffboardingPlan:
    """The plan of one person's offboarding.

    Args:
        facts: what the person holds.
        snapshot: the organization.
        acting: the key that is used.
        choices: what was decided.
        organization: the organization's id or name.
        leaving: the ids of all who are offboarded together.
    """
    person = facts.person
    gone = {*leaving, *person.ids}
    holdings = [*facts.holdings]
    alone = owned_alone(snapshot, person, gone)
    if choices.transfer_to is not None:
        holdings += [
            Holding(kind="ownership", id=id, project_id=id, project_name=name) for id, name in alone
        ]
    is_acting = not person.ids.isdisjoint(acting.owner_ids)
    # Whoever acts stays an owner to the end, or could not go on.
    if person.role == "owner" and not (person.is_scim_managed or is_acting) and person.id:
        holdings.append(Holding(kind="owner_role", id=person.id, role="owner"))
    steps = [held for held in holdings if held.stays is None]
    own = [held for held in steps if held.kind == "admin_key" and acting.may_be(held.id)]
    ordered = sorted(
        (held for held in steps if held not in own), key=lambda held: KINDS.index(held.kind)
    )
    return OffboardingPlan(
        person=person,
        organization=organization,
        acting=acting,
        transfer_to=choices.transfer_to,
        holdings=facts.holdings,
        steps=tuple(Step(holding=held) for held in (*ordered, *own)),
        notes=tuple(_notes(facts, snapshot, alone, choices, own)),
        not_known=facts.not_known,
        undecided=tuple(_undecided(facts, snapshot, acting, choices, alone=alone, leaving=gone)),
    )


def _undecided(
    facts: Facts,
    snapshot: Snapshot,
    acting: ActingKey,
    choices: Choices,
    *,
    alone: list[tuple[str, str | None]],
    leaving: Collection[str],
) -> Iterator[str]:
    person = facts.person
    who = visible(str(person))
    is_leaving = person.is_member and not person.is_scim_managed
    owners = other_owners(snapshot, leaving) if is_leaving and _is_owner(facts) else 1
    if owners == 0:
        yield (
            f"{who} is the last owner of the organization, or all others are offboarded in the same"
            " run: make somebody else an owner first."
        )
    elif owners is None and not choices.allow_unknown_owners:
        yield (
            "Whether the organization keeps another owner is not known, as not all of its members"
            " could be read: pass --allow-unknown-owners to go on all the same."
        )
    if choices.myself:
        pass
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
    if alone and choices.transfer_to is None and not choices.leave_ownerless:
        yield (
            f"{who} is the only owner of {_all([name or id for id, name in alone])}: pass"
            " --transfer-to PERSON to make somebody else its owner, or --leave-ownerless to leave"
            " that to the owners of the organization."
        )


def _is_owner(facts: Facts) -> bool:
    """Whether a person is an owner of the organization, or may be."""
    if facts.person.role not in ("owner", None):
        return any(h.name == "owner" for h in of_kind(facts.holdings, "organization_role"))
    return True


def _notes(
    facts: Facts,
    snapshot: Snapshot,
    alone: list[tuple[str, str | None]],
    choices: Choices,
    own: list[Holding],
) -> Iterator[str]:
    person = facts.person
    if alone and choices.leave_ownerless and choices.transfer_to is None:
        yield (
            f"Without an owner of its own: {_all([name or id for id, name in alone])}. Owners of"
            " the organization still manage it."
        )
    if facts.traces.accounts:
        yield (
            f"They created service accounts, which keep working: {_all(facts.traces.accounts)}."
            " Whoever has a copy of a key still has it: rotate it."
        )
    projects = [h.project_id or "" for h in of_kind(facts.holdings, "project_membership")]
    if copied := keys_of_accounts(snapshot, projects):
        accounts = {snapshot.project_name(id) or id: names for id, names in copied.items()}
        where, (first, *_) = next(iter(accounts.items()))
        told = (f"{project} ({', '.join(names)})" for project, names in accounts.items())
        yield visible(
            "They may have copies of the keys of service accounts in their projects, which keep"
            f" working: {', '.join(told)}. To replace one: openai-admin rotate service-account"
            f" {quote(first)} --project {quote(where)} --to …"
        )
    if facts.traces.certificates:
        yield (
            f"They uploaded certificates, which stay: {_all(facts.traces.certificates)}. Whoever"
            " has the private key can still present them."
        )
    ownerless = sum(
        key.owner is None or key.owner.holder is None
        for keys in snapshot.keys.values()
        for key in keys
    )
    if ownerless:
        yield (
            f"The API names no owner of {ownerless:,} {'key' if ownerless == 1 else 'keys'} of"
            " projects: whether any of them is theirs is not known."
        )
    unaddressed = sum(not invite.email and is_open(invite) for invite in snapshot.invites)
    if unaddressed:
        yield (
            f"The API names no address of {unaddressed:,} open"
            f" {'invite' if unaddressed == 1 else 'invites'}: whether any of them is to"
            " this person is not known."
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


def _all(names: Collection[str]) -> str:
    return visible(", ".join(names))


def _listed(names: Collection[str]) -> str:
    shown = [visible(name) for name in names]
    rest = len(shown) - _MOST_NAMED
    return ", ".join([*shown[:_MOST_NAMED], f"and {rest} more"] if rest > 1 else shown)
