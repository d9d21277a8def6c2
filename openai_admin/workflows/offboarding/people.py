"""The people whom an organization knows: its members, and those who left something behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import attrs

from ..._declare.arguments import one_of, shown
from ..._declare.resource import Async
from ..._tree import AdminResources
from ...errors import APIError, InvalidInputError
from .holders import Holder, of_admin_key, of_project_key
from .model import Person, fold, fold_key
from .snapshot import Snapshot

_MOST_LISTED = 10
_MOST_NEAR = 5
BY_EVIDENCE = (
    " Somebody who was offboarded and left nothing is known by the journal of that run, which is"
    " where it ran, or by its evidence: pass its file with --evidence."
)
"""What a command can do about a person whom nobody knows."""


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
        """The people of an organization, former members whose keys or invites are there too.

        One id may come with an address in one listing and without in another: what any of them
        says of an id goes together.
        """
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
        own = {fold_key(person.email): id for id, person in members.items() if person.email}
        known = dict(members)
        for holder in people._sightings(snapshot):
            id, email = holder.id, holder.email
            if id is None or id in people.accounts:
                continue
            if email and own.get(fold_key(email), id) != id and id in members:
                email = None  # of another member, as that one's entry says
            known[id] = _joined(known.get(id, Person(id=id)), email, holder.name)
        people.found = people._with_former(
            [person for id, person in known.items() if id in members],
            [person for id, person in known.items() if id not in members],
        )
        people._add_addresses(h.email for h in people._sightings(snapshot) if h.id is None)
        people._add_addresses(invite.email for invite in snapshot.invites)
        return people

    def _sightings(self, snapshot: Snapshot) -> Iterable[Holder]:
        """Whoever is named by something, once for each thing."""
        for project_id, keys in snapshot.keys.items():
            for key in keys:
                if (holder := of_project_key(key)) is not None:
                    yield holder
                elif key.owner is not None and (account := key.owner.service_account) is not None:
                    where = snapshot.project_name(project_id) or project_id
                    self._add_account(account.id, account.name, where)
        for admin_key in snapshot.admin_keys:
            if (holder := of_admin_key(admin_key)) is not None:
                yield holder
        for member in (m for members_ in snapshot.members.values() for m in members_):
            yield Holder(id=member.id, name=member.name, email=member.email)
        for user in (u for users in snapshot.group_users.values() for u in users):
            yield Holder(id=user.id, name=user.name, email=user.email)

    @staticmethod
    def _with_former(members: Sequence[Person], former: Sequence[Person]) -> list[Person]:
        """Members with the ids that earlier memberships of the same address had."""
        ids: dict[str, list[str]] = {}
        for person in former:
            for key in _keys(person) if person.id else ():
                ids.setdefault(key, []).append(person.id or "")
        found = []
        for member in members:
            earlier = dict.fromkeys(id for key in _keys(member) for id in ids.get(key, ()))
            found.append(attrs.evolve(member, former_ids=tuple(earlier)))
        return [*found, *former]

    def _add_addresses(self, addresses: Iterable[str | None]) -> None:
        """Those of whom only an address is known."""
        known = {key for person in self.found for key in _keys(person)}
        for email in addresses:
            if email and (key := fold_key(email)) not in known:
                known.add(key)
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
        if by_address := [p for p in self.found if p.has_address(text)]:
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
        """The error that nobody is called so, with names that are close or begin so."""
        names = list(dict.fromkeys(n for p in self.found for n in (p.email, p.name) if n))
        wanted = fold_key(text.strip())
        begin = [n for n in names if any(w.startswith(wanted) for w in _words(n))] if wanted else []
        near = dict.fromkeys([*begin[:_MOST_NEAR], *get_close_matches(text, names, n=3)])
        what = "address" if "@" in text else "id or name"
        return UnknownPersonError(
            f"No member, key or invite is known with the {what} {shown(text)}"
            + (f"; did you mean {one_of(list(near))}?" if near else ".")
            + BY_EVIDENCE
        )


def _words(name: str) -> list[str]:
    folded = fold_key(name)
    return [folded, *folded.split()]


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


def _keys(person: Person) -> list[str]:
    """A person's addresses, to compare them by."""
    return [fold_key(address) for address in (person.email, *person.addresses) if address]


def _joined(person: Person, email: str | None, name: str | None) -> Person:
    """What is known of somebody, with what one more listing says."""
    more = () if not email or person.has_address(email) else (email,)
    if more and not person.email:
        person, more = attrs.evolve(person, email=email), ()
    return attrs.evolve(person, name=person.name or name, addresses=(*person.addresses, *more))


def _together(former: Sequence[Person]) -> Person:
    """Former memberships of one address as one person."""
    first, *others = former
    return attrs.evolve(
        first,
        former_ids=tuple(p.id for p in others if p.id is not None),
        addresses=tuple(dict.fromkeys(a for p in former for a in p.addresses)),
    )


def _described(person: Person) -> str:
    told = [person.email, "not a member" if person.is_member is False else None]
    words = ", ".join(filter(None, told))
    return f"{person.id} ({words})" if words else str(person.id)


def _ambiguous(text: str, candidates: Iterable[str]) -> UnknownPersonError:
    listed = list(candidates)
    more = f"; and {len(listed) - _MOST_LISTED} more" if len(listed) > _MOST_LISTED else ""
    return UnknownPersonError(
        f"{shown(text)} names {len(listed)}: {'; '.join(listed[:_MOST_LISTED])}{more}. Pass the"
        " address or the id of one."
    )
