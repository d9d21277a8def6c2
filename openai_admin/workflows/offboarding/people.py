"""The people whom an organization knows: its members, and those who left something behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import attrs

from ..._declare.arguments import one_of, shown
from ..._declare.resource import Async
from ..._tree import AdminResources
from ...errors import APIError, InvalidInputError
from .model import Person, fold
from .snapshot import Snapshot

_MOST_LISTED = 10


class UnknownPersonError(InvalidInputError):
    """Nobody, or more than one person, is known by what was passed."""


@attrs.define
class People:
    """Everybody whom an organization knows, by what they hold.

    Attributes:
        found: the people.
        accounts: service accounts, each in words, by their names and ids.
    """

    found: list[Person] = attrs.field(factory=list)
    accounts: dict[str, str] = attrs.field(factory=dict)

    @classmethod
    def of(cls, snapshot: Snapshot) -> People:
        """The people of an organization, former members whose keys or invites are there too."""
        people = cls()
        members: dict[str, Person] = {}
        for user in snapshot.users:
            if user.is_service_account:
                people._add_account(user.id, user.name, None)
                continue
            members[user.id] = Person(
                id=user.id,
                email=user.email,
                name=user.name,
                is_member=True,
                role=user.role,
                is_scim_managed=bool(user.is_scim_managed),
            )
        people.found = people._with_former(members, list(people._former(snapshot, members)))
        people._add_invited(snapshot)
        return people

    def _former(self, snapshot: Snapshot, members: dict[str, Person]) -> Iterable[Person]:
        """Who is named by something and is not a member."""
        known: dict[str, Person] = {}

        def note(id: str | None, name: str | None, email: str | None = None) -> None:
            if id is not None and id not in members and id not in self.accounts:
                before = known.get(id, Person(id=id))
                known[id] = attrs.evolve(
                    before, name=before.name or name, email=before.email or email
                )

        for project_id, keys in snapshot.keys.items():
            for key in keys:
                owner = key.owner
                if owner is not None and owner.service_account is not None:
                    account = owner.service_account
                    where = snapshot.project_name(project_id) or project_id
                    self._add_account(account.id, account.name, where)
                elif owner is not None and owner.user is not None:
                    note(owner.user.id, owner.user.name, owner.user.email)
        for admin_key in snapshot.admin_keys:
            if admin_key.owner is not None and admin_key.owner.type != "service_account":
                note(admin_key.owner.id, admin_key.owner.name)
        for member in (m for members_ in snapshot.members.values() for m in members_):
            note(member.id, member.name, member.email)
        for user in (u for users in snapshot.group_users.values() for u in users):
            note(user.id, user.name, user.email)
        return known.values()

    @staticmethod
    def _with_former(members: dict[str, Person], former: Sequence[Person]) -> list[Person]:
        """Members with the ids that earlier memberships of the same address had."""
        found = []
        for member in members.values():
            earlier = [
                each.id
                for each in former
                if member.email and each.email and each.id and fold(member.email, each.email)
            ]
            found.append(attrs.evolve(member, former_ids=tuple(earlier)))
        return [*found, *former]

    def _add_invited(self, snapshot: Snapshot) -> None:
        for invite in snapshot.invites:
            email = invite.email
            if email and not any(p.email and fold(p.email, email) for p in self.found):
                self.found.append(Person(email=email))

    def _add_account(self, id: str, name: str | None, where: str | None) -> None:
        told = f"{id} (service account{f' in {where}' if where else ''})"
        for known in filter(None, (id, name)):
            self.accounts.setdefault(known.casefold(), told)
        self.accounts[id] = told

    def named(self, text: str) -> list[Person]:
        """Those whom a text names: by an id, else by an address, else by a name."""
        text = text.strip()
        if by_id := [p for p in self.found if p.id == text]:
            return by_id
        # A member comes with the ids that the same address had before.
        if by_address := [p for p in self.found if p.email and fold(p.email, text)]:
            members = [p for p in by_address if p.is_member]
            return members or [_together(by_address)]
        exactly = [p for p in self.found if p.name == text]
        named = exactly or [p for p in self.found if p.name and fold(p.name, text)]
        covered = {id for p in named for id in p.former_ids}
        return [p for p in named if p.id not in covered]

    def only(self, text: str) -> Person | None:
        """The one whom a text names; ``None`` where nobody is.

        Raises:
            UnknownPersonError: more than one thing is called so, or a service account.
        """
        found = self.named(text)
        account = self.accounts.get(text.strip().casefold())
        is_certain = bool(found) and (text.strip() in found[0].ids or "@" in text)
        if account is not None and not is_certain:
            if found:
                raise _ambiguous(text, [*map(_described, found), account])
            raise UnknownPersonError(
                f"{shown(text)} is a service account and not a person: {account}. Rotate or delete"
                " its keys instead."
            )
        if len(found) > 1:
            raise _ambiguous(text, map(_described, found))
        return found[0] if found else None

    def nobody(self, text: str) -> UnknownPersonError:
        """The error that nobody is called so, with names that are close."""
        names = [n for p in self.found for n in (p.email, p.name) if n]
        near = get_close_matches(text, names, n=3)
        suggested = f"; did you mean {one_of(near)}?" if near else "."
        what = "address" if "@" in text else "id or name"
        return UnknownPersonError(
            f"No member, key or invite is known with the {what} {shown(text)}{suggested} If they"
            " were offboarded already, nothing of theirs is left."
        )


async def recorded(client: AdminResources[Async], text: str) -> Person | None:
    """A former member who has left nothing but traces in the audit log.

    Args:
        client: an asynchronous client.
        text: the person's id or address.
    """
    if "@" in text:
        listed = client.audit_logs.list(actor_emails=[text], limit=1)
    else:
        listed = client.audit_logs.list(resource_ids=[text], event_types=["user.deleted"], limit=1)
    try:
        events = (await listed).data
    except APIError:
        return None
    if not events:
        return None
    if "@" not in text:
        return Person(id=text)
    user = events[0].actor.user if events[0].actor is not None else None
    return Person(id=user.id if user is not None else None, email=text)


def _together(former: Sequence[Person]) -> Person:
    """Former memberships of one address as one person."""
    first, *others = former
    return attrs.evolve(first, former_ids=tuple(p.id for p in others if p.id is not None))


def _described(person: Person) -> str:
    told = [person.email, None if person.is_member else "not a member"]
    words = ", ".join(filter(None, told))
    return f"{person.id} ({words})" if words else str(person.id)


def _ambiguous(text: str, candidates: Iterable[str]) -> UnknownPersonError:
    listed = list(candidates)
    more = f"; and {len(listed) - _MOST_LISTED} more" if len(listed) > _MOST_LISTED else ""
    return UnknownPersonError(
        f"{shown(text)} names {len(listed)}: {'; '.join(listed[:_MOST_LISTED])}{more}. Pass the"
        " address or the id of one."
    )
