"""Paths and what is not known, as sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping

from ..text import count
from .answers import Path, PrincipalKind, Step, Unknown
from .facts import AdminKeyFact, Assignment, Facts, KeyFact
from .owners import predefined_owners

EVERYWHERE = "the organization and every project"
"""Where a role of the organization counts."""

KINDS: Mapping[PrincipalKind, str] = {
    "user": "person",
    "service_account": "service account",
    "api_key": "key",
    "admin_api_key": "admin key",
}
"""What people call a principal."""

AT_MOST = (
    "A key has at most what is listed: the API does not show its scopes, which may leave it less."
)
"""What is said wherever keys are listed."""


_MOST_PLACES = 3  # places, groups or roles that are named
_MEMBERS = "members of groups"
_QUOTE = '"'


class Wording:
    """Says in words what paths mean.

    Args:
        facts: where names are from.
        quote: how a name stands in a sentence; by default as it is.
    """

    def __init__(self, facts: Facts, quote: Callable[[str], str] = str) -> None:
        self._facts = facts
        self.quote = quote
        self._names: dict[str, str] = {}
        for project in facts.projects:
            self._learn(project.id, project.name)
        for group in facts.groups:
            self._learn(group.id, group.name)
        for account in facts.service_accounts:
            self._learn(account.id, account.name)
        keys: list[KeyFact | AdminKeyFact] = [*facts.keys, *facts.admin_keys]
        for key in keys:
            self._learn(key.id, key.name)
            self._learn(key.owner_id, key.owner_name)
        for person in facts.people:
            self._learn(person.id, person.name or person.email)
        self._borne = Counter(self._names.values())
        self._addresses = {p.id: p.email for p in facts.people}
        self._roles: dict[tuple[str | None, str], str] = {}
        for given in facts.assignments:
            if given.role_name:
                self._roles[given.project_id, given.role_id] = given.role_name
        for role in facts.roles:
            if role.name:
                self._roles[role.project_id, role.id] = role.name
        self._owners = predefined_owners(facts)
        self._are_accounts_known = not any(p.kind == "service accounts" for p in facts.not_known)
        self._are_people_known = not any(part.kind == "people" for part in facts.not_known)

    @property
    def names(self) -> Mapping[str, str]:
        """Names by id."""
        return self._names

    def name(self, id: str) -> str:
        """The name of something; its id where it has none."""
        return self.quote(self._names.get(id, id))

    def told(self, id: str) -> str:
        """The name of something, with what tells it apart where several have the name."""
        name = self._names.get(id, id)
        if self._borne[name] < 2 or name == id:
            return self.quote(name)
        return f"{self.quote(name)} ({self.quote(self._addresses.get(id) or id)})"

    def role(self, step: Step) -> str:
        """The name of the role of a step."""
        return self.quote(self._roles.get((step.project_id, step.id), step.id))

    def place(self, project_id: str | None) -> str:
        """A project, or the organization."""
        return "the organization" if project_id is None else self.told(project_id)

    def why(self, path: Path, permission: str, project_id: str | None) -> str:
        """A path as a sentence without its subject: ``is in the group G, whose role R grants …``.

        Args:
            path: how somebody has it.
            permission: what they have.
            project_id: where.
        """
        where = EVERYWHERE if project_id is None else self.told(project_id)
        grants = f"grants {permission} in {where}"
        return f"{self.holds(path)} {grants}"

    def shortly(self, path: Path) -> str:
        """A path in few words: ``group Platform Engineering > role Prompt editor``."""
        told: list[str] = []
        is_named = False
        for step in path:
            if step.kind == "role":
                told += [] if is_named else [f"role {self.role(step)}"]
                is_named = True  # what an owner has in projects is named by the first
            elif step.kind == "membership":
                told.append(f"{step.id} of {self.place(step.project_id)}")
                is_named = True
            elif step.kind in ("user", "service_account"):
                told.append(self.told(step.id))
            else:
                told.append(f"{step.kind} {self.told(step.id)}")
        return " > ".join(told)

    def owns(self, path: Path, permission: str, project_id: str | None) -> str:
        """Why somebody is an owner: by the owner's role, or by one that grants as much."""
        if path[-1].kind == "membership":
            return f"{self._owner(path)[0]}is an owner of {self.place(path[-1].project_id)}"
        if not self.makes_owner(path[-1]):
            return self.why(path, permission, project_id)
        if path[-2:-1] and path[-2].kind == "membership":
            owner, _ = self._owner(path)
            return f"{owner}is an owner of {self.place(path[-1].project_id)}"
        return f"{self.holds(path)} makes an owner of {self.place(path[-1].project_id)}"

    def makes_owner(self, role: Step) -> bool:
        """Whether a role is the predefined one of an owner."""
        return role in self._owners

    def holds(self, path: Path) -> str:
        """The beginning of such a sentence, up to the role: ``is in the group G, whose role R``."""
        owner, rest = self._owner(path)
        roles = [step for step in rest if step.kind == "role"]
        how = [step for step in rest if step.kind != "role"]
        named = self.role(roles[-1]) if roles else ""
        if not how:
            told = f"has the role {self.role(roles[0])}, which" if roles else "has a role that"
        elif how[0].kind == "membership":
            told = f"is {_article(how[0].id)} of {self.place(how[0].project_id)}"
            told += f", and the role {self.role(roles[0])}" if roles else ""
        elif how[0].kind == "group":
            told = f"is in the group {self.told(how[0].id)}"
            told += f", whose role {self.role(roles[0])}" if roles else ""
        else:
            told = f"has through {how[0].kind} {how[0].id} the role {self.role(roles[0])}, which"
        if len(roles) > 1:
            place = self.place(roles[-1].project_id)
            told += f" makes an owner of every project: the role {named} of {place}"
        return owner + told

    def _owner(self, path: Path) -> tuple[str, Path]:
        """The owner of a key, and the rest of the path."""
        if path and path[0].kind == "user":
            return f"belongs to {self.told(path[0].id)}, who ", path[1:]
        if path and path[0].kind == "service_account":
            return f"belongs to the service account {self.told(path[0].id)}, which ", path[1:]
        return "", path

    def assumed(self, places: Collection[str | None]) -> tuple[str, ...]:
        """That people were not asked for roles of their own; nothing where that is nowhere.

        Args:
            places: the projects where that leaves something in doubt; ``None`` is the organization.
        """
        if not places:
            return ()
        named = sorted(self.place(place) for place in places if place is not None)
        where = [self.place(None)] if None in places else []
        where += named[:_MOST_PLACES]
        if (more := len(named) - _MOST_PLACES) > 0:
            where.append(count(more, "more project"))
        *first, last = where
        said = f"{', '.join(first)} and {last}" if first else last
        sentence = (
            f"In {said}, who has OpenAI's own roles was read from memberships alone: somebody who"
            " is listed as less than an owner and was given such a role as well is not seen. A"
            " thorough reading (--thorough) asks for each person's roles."
        )
        return (sentence,)

    def closed(self, matters: Callable[[Assignment], bool]) -> Iterator[str]:
        """What the groups give whose users could not be read.

        Args:
            matters: whether a role that a group has is of interest.
        """
        lost = {part.project_id for part in self._facts.not_known if part.kind == _MEMBERS}
        given: dict[str, list[Assignment]] = {
            group.id: []
            for group in self._facts.groups
            if group.member_ids is None and not lost.isdisjoint((None, group.id))
        }
        for one in self._facts.assignments:
            if one.principal_type == "group" and one.principal_id in given and matters(one):
                given[one.principal_id].append(one)
        named = [(self.told(id), roles) for id, roles in given.items() if roles]
        for name, roles in named[:_MOST_PLACES]:
            listed = [
                f"{self.role(Step('role', one.role_id, one.project_id))} in"
                f" {self.place(one.project_id)}"
                for one in roles[:_MOST_PLACES]
            ]
            more = len(roles) - len(listed)
            rest = f" and {more:,} more" if more else ""
            told = f"{', '.join(listed)}{rest}"
            yield f"Whoever is in the group {name} has its roles besides: {told}."
        if len(named) > _MOST_PLACES:
            yield f"So it is of {len(named) - _MOST_PLACES:,} more groups."

    def unknown(self, of: Unknown) -> str:
        """Why it is not known what somebody may do, as a sentence without its subject."""
        owner, rest = self._owner(of.path)
        place = self.place(of.project_id)
        named = self.told(of.path[0].id) if of.path else ""
        if of.reason == "unnamed":
            return f"{owner}has a role in {place} that the API does not name"
        if of.reason == "undefined":
            last = rest[-1]
            role = self.role(last) if last.kind == "role" else last.id
            return (
                f"{owner}is {_article(role)} of {self.place(last.project_id)}, and what that"
                f" grants in {place} is not listed"
            )
        if of.reason == "permissions":
            return f"{self.holds(of.path)} has permissions that are not known"
        if of.reason == "unowned":
            return "belongs to somebody whom the API does not name"
        if of.reason == "blocked":
            return f"belongs to {named}, whose account is disabled or banned"
        if of.reason == "left":
            return f"belongs to {named}, who has left {place}, and it may work nevertheless"
        if of.reason == "kind":
            return "may be an admin key or a project's: the API does not say"
        if of.path[0].kind == "service_account":
            if self._are_accounts_known:
                return f"belongs to the service account {named}, which is not there any more"
            return f"belongs to the service account {named}, of which nothing is known"
        if not self._are_people_known:
            return f"belongs to {named}, of whom nothing is known"
        if of.principal.kind == "admin_api_key" and of.path[0].id.startswith("svc_"):
            return f"belongs to the service account {named}, whose permissions are not shown"
        return f"belongs to {named}, who has left the organization"

    def _learn(self, id: str | None, name: str | None) -> None:
        if id is not None and name:
            self._names[id] = name


def _article(role: str) -> str:
    return f"{'an' if role.lstrip(_QUOTE)[:1].lower() in tuple('aeiou') else 'a'} {role}"
