"""Questions about access."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

import attrs

from ..._declare.arguments import one_of, shown, suggest
from ...directory.not_known import NotKnown, told
from ...directory.permissions import OWNER, covers
from ...errors import InvalidInputError
from . import written
from .answers import Evaluated, Grant, Path, Principal, Unknown
from .concerning import concerning
from .facts import AdminKeyFact, Assignment, Facts, KeyFact, Person
from .holdings import Answer, Holding
from .owners import named_owners, owner_paths, predefined_owners
from .remarks import remarks
from .roles import role_of
from .rules import evaluate
from .things import Thing, names_of, refuse_secret, several
from .unasked import Unasked
from .wording import AT_MOST, KINDS, Wording

_KINDS = ("person", "service account", "admin key", "key")
_KEYS = ("admin keys", "keys of projects")


@attrs.frozen(eq=False)
class Access:
    """Who can do what in an organization, and why, as of one moment.

    Attributes:
        facts: what was read.
        quote: how a name stands in a sentence; by default as it is.
    """

    facts: Facts
    quote: Callable[[str], str] = attrs.field(default=str, repr=False, kw_only=True)
    _evaluated: Evaluated = attrs.field(
        default=attrs.Factory(lambda self: evaluate(self.facts), takes_self=True),
        repr=False,
        kw_only=True,
    )

    @property
    def evaluated(self) -> Evaluated:
        """Every permission of everybody, with its paths."""
        return self._evaluated

    @classmethod
    def from_json(cls, source: Any, *, name: str = "the file") -> Access:
        """Access as `to_dict` wrote it, or as the text of that.

        Args:
            source: the data, or the JSON.
            name: what errors call it.

        Raises:
            InvalidInputError: it is something else.
        """
        return cls(written.read(source, name=name))

    def to_dict(self) -> dict[str, Any]:
        """The facts as plain data, for JSON."""
        return written.write(self.facts)

    def who_can(self, permission: str, project: str | None = None) -> Answer:
        """Who has a permission.

        Args:
            permission: as ``api.prompts.write``; a ``*`` stands for any run of characters.
                ``owner`` asks for owners, by whichever role: of the organization, or of a project.
            project: the name or id of a project, to ask for this one; what somebody has
                everywhere counts there too. By default everywhere.

        Raises:
            InvalidInputError: there is no such project, or another permission was read.
        """
        return self._answer(permission, project)

    def of(self, somebody: str, project: str | None = None) -> Answer:
        """What a person, a service account or a key may do.

        Args:
            somebody: an id, a name or an address.
            project: a project, to ask for this one.

        Raises:
            InvalidInputError: there is nobody of that name, or several; or no such project.
        """
        self._check_read(None)
        place = self._project(project)
        principal = self.principal(somebody)
        read = self.facts.of_people
        if read is not None and principal.id not in read:
            raise InvalidInputError(f"Access was read for {one_of(read)} alone: read it for all.")
        holdings = [
            self.holding(grant)
            for grant in self._by_principal.get(principal, ())
            if _is_in(grant.project_id, place)
        ]
        holdings.sort(key=_by_permission)
        holdings += (
            self._unknown(one)
            for one in self._evaluated.unknown
            if one.principal == principal and _is_in(one.project_id, place)
        )
        thing = self.things[principal]
        notes = [*remarks(thing, self.facts, self.wording, place), *_on_keys(holdings)]
        lacks = (
            *self._lacks(place, self._touches(thing, somebody)),
            *self._unasked_of(principal, place),
        )
        return Answer(holdings=tuple(holdings), lacks=lacks, notes=tuple(notes))

    def principal(self, text: str) -> Principal:
        """Somebody by id, name or address.

        Raises:
            InvalidInputError: there is nobody, or several.
        """
        refuse_secret(text)
        folded = text.casefold()
        for matches in (
            lambda thing: thing.id == text,
            lambda thing: text in names_of(thing),
            lambda thing: folded in map(str.casefold, names_of(thing)),
        ):
            found = [p for p, thing in self.things.items() if matches(thing)]
            if len(found) == 1:
                return found[0]
            if found:
                listed = [f"{p.id} ({KINDS[p.kind]}{self._told_place(p)})" for p in found]
                raise InvalidInputError(several(text, listed))
        near = suggest(text, [name for t in self.things.values() for name in names_of(t)], most=3)
        raise InvalidInputError(
            f"No person, service account or key has the name or id {shown(text)}{near}"
        )

    @cached_property
    def things(self) -> dict[Principal, Thing]:
        """Everybody, by who they are."""
        facts = self.facts
        found: dict[Principal, Thing] = {}
        found.update((Principal(kind="user", id=p.id), p) for p in facts.people)
        found.update(
            (Principal(kind="service_account", id=a.id), a) for a in facts.service_accounts
        )
        found.update((Principal(kind="api_key", id=k.id), k) for k in facts.keys)
        found.update((Principal(kind="admin_api_key", id=k.id), k) for k in facts.admin_keys)
        return found

    def prepare(self) -> Access:
        """Make what answers are looked up in, which of a large organization is for a worker."""
        _ = self._by_permission, self._by_principal, self.things, self.wording, self._unasked
        return self

    @cached_property
    def wording(self) -> Wording:
        """How this is said."""
        return Wording(self.facts, self.quote)

    @cached_property
    def lacks(self) -> tuple[str, ...]:
        """What was refused or could not be read, a sentence each, and what the groups give whose
        users are not known.
        """
        return self._told(self.facts.not_known, lambda given: True)

    def _lacks(
        self, place: str | None, touches: Callable[[NotKnown], bool] = lambda part: True
    ) -> tuple[str, ...]:
        """The same, as far as it can touch an answer: invites, and other projects, cannot.

        Args:
            place: the project that is asked about; ``None`` for everywhere.
            touches: whether a part can touch it.
        """
        others = {project.id for project in self.facts.projects} - {place}
        parts = [part for part in self.facts.not_known if part.kind != "invites" and touches(part)]
        if place is None:
            return self._told(parts, lambda given: True)
        parts = [part for part in parts if part.project_id not in others]
        return self._told(parts, lambda given: given.project_id in (None, place))

    @staticmethod
    def _touches(thing: Thing, text: str) -> Callable[[NotKnown], bool]:
        """What says whether a part that is not known can touch what somebody may do.

        Whoever is named by the one id is certain. Keys give nothing to their owner, and what a key
        or a service account has of a project, it has of its own.
        """
        own = getattr(thing, "project_id", None)
        known = (thing.id, thing.email) if isinstance(thing, Person) else (thing.id,)

        def touches(part: NotKnown) -> bool:
            if text not in known:  # others may be called so
                return True
            if part.kind in _KEYS:
                return False
            is_elsewhere = own is not None and part.project_id not in (None, own)
            return not (is_elsewhere and part.kind == "service accounts")

        return touches

    def _told(
        self, parts: Iterable[NotKnown], is_there: Callable[[Assignment], bool]
    ) -> tuple[str, ...]:
        matters = concerning(self.facts.of_permission)
        parts = list(parts)
        ids = [part.project_id for part in parts if part.project_id is not None]
        names = {id: self.wording.name(id) for id in ids}
        return (
            *(f"Not looked at: {text}." for text in told(parts, names)),
            *self.wording.closed(lambda given: is_there(given) and matters(role_of(given))),
        )

    @cached_property
    def unasked_in(self) -> frozenset[str | None]:
        """The projects where somebody may have more than was read, since people were not asked for
        roles of their own there; ``None`` among them is the organization.
        """
        return frozenset(self._unasked.places())

    @property
    def unasked(self) -> tuple[str, ...]:
        """The same as a sentence; none where that is nowhere."""
        return self.wording.assumed(self.unasked_in)

    @cached_property
    def _unasked(self) -> Unasked:
        return Unasked(self.facts, self._evaluated.grants)

    def _unasked_of(self, principal: Principal, place: str | None) -> tuple[str, ...]:
        """Where somebody, or the owner of a key, may have more than was read."""
        thing = self.things[principal]
        person: str | None = None
        if isinstance(thing, Person):
            person = thing.id
        elif isinstance(thing, AdminKeyFact):
            person = thing.owner_id
        elif isinstance(thing, KeyFact) and thing.owner_type == "user":
            person, place = thing.owner_id, thing.project_id
        if person is None:
            return ()
        return self.wording.assumed(self._unasked.places(project=place, person=person))

    @property
    def not_known(self) -> tuple[NotKnown, ...]:
        """What was not read."""
        return self.facts.not_known

    def _answer(self, permission: str, project: str | None) -> Answer:
        if not permission.strip():
            raise InvalidInputError("permission must not be empty: name one, as api.prompts.write.")
        refuse_secret(permission)
        self._check_read(permission)
        if self.facts.of_people is not None:
            raise InvalidInputError(
                f"Access was read for {one_of(self.facts.of_people)} alone: read it for all."
            )
        place = self._project(project)
        if permission == OWNER:
            return self._owners(place)
        wanted = [held for held in self._by_permission if covers(held, permission)]
        grants = [g for held in wanted for g in self._by_permission[held]]
        holdings = [self.holding(g) for g in grants if _is_in(g.project_id, place)]
        holdings.sort(key=_order)
        unknown = (one for one in self._evaluated.unknown if _is_in(one.project_id, place))
        holdings += map(self._unknown, unknown)
        return Answer(
            holdings=tuple(holdings),
            lacks=(
                *self._lacks(place),
                *self.wording.assumed(
                    self._unasked.places(lambda held: covers(held, permission), project=place)
                ),
            ),
            notes=_on_keys(holdings),
            unheard=self._unheard(permission),
        )

    def _owners(self, place: str | None) -> Answer:
        """The owners of the organization or, with these, of a project."""
        roles = predefined_owners(self.facts)
        found: dict[tuple[Principal, str | None], dict[Path, str]] = {}
        unknown = [one for one in self._evaluated.unknown if one.project_id in (None, place)]
        named = tuple(named_owners(unknown, self.facts))
        for one in named:
            whys = found.setdefault((one.principal, one.project_id), {})
            whys[one.path] = self.wording.owns(one.path, OWNER, one.project_id)
        for grant in self._evaluated.grants:
            if grant.project_id in (None, place):
                for path in owner_paths(grant, roles):
                    whys = found.setdefault((grant.principal, grant.project_id), {})
                    whys[path] = self.wording.owns(path, grant.permission, grant.project_id)
        holdings = [
            self._made(principal, OWNER, project_id, tuple(whys.values()), tuple(whys))
            for (principal, project_id), whys in found.items()
        ]
        holdings.sort(key=_order)
        holdings += (self._unknown(one) for one in unknown if one not in named and _may_own(one))
        known = [one.id for one in holdings if one.permission is not None]
        unasked = self.wording.assumed(self._unasked.of_owners(place, known))
        lacks = (*self._lacks(place), *unasked)
        return Answer(holdings=tuple(holdings), lacks=lacks, notes=_on_keys(holdings))

    @cached_property
    def _by_permission(self) -> dict[str, list[Grant]]:
        found: dict[str, list[Grant]] = {}
        for grant in self._evaluated.grants:
            found.setdefault(grant.permission, []).append(grant)
        return found

    @cached_property
    def _by_principal(self) -> dict[Principal, list[Grant]]:
        found: dict[Principal, list[Grant]] = {}
        for grant in self._evaluated.grants:
            found.setdefault(grant.principal, []).append(grant)
        return found

    def _unheard(self, permission: str) -> str | None:
        known = {p for role in self.facts.roles for p in role.permissions or ()}
        known |= {p for given in self.facts.assignments for p in given.permissions or ()}
        if any(covers(held, permission) for held in known):
            return None
        near = suggest(permission.lower(), sorted(known), most=3)
        return f"No role that is known grants {shown(permission)}{near}"

    def _check_read(self, permission: str | None) -> None:
        """Refuse a question that what was read does not answer.

        Raises:
            InvalidInputError: another permission was read.
        """
        read = self.facts.of_permission
        if read is not None and read != permission:
            asked = "everything" if permission is None else shown(permission)
            raise InvalidInputError(
                f"Access was read for {shown(read)} alone, and this asks for {asked}: read it"
                " without permission=."
            )

    def _project(self, text: str | None) -> str | None:
        if text is None:
            return None
        projects = self.facts.projects
        folded = text.casefold()
        found = [p.id for p in projects if p.id == text] or [
            p.id for p in projects if (p.name or "").casefold() == folded
        ]
        if len(found) == 1:
            return found[0]
        if found:
            raise InvalidInputError(
                f"project: {len(found)} projects have the name {shown(text)}; pass the id of one:"
                f" {one_of(found)}."
            )
        near = suggest(text, [p.name for p in projects if p.name], most=3)
        raise InvalidInputError(f"project: no project has the name or id {shown(text)}{near}")

    def holding(self, grant: Grant) -> Holding:
        """A grant as it is shown."""
        permission, place, paths = grant.permission, grant.project_id, grant.paths
        why = tuple(self.wording.why(path, permission, place) for path in paths)
        return self._made(grant.principal, permission, place, why, paths)

    def _unknown(self, one: Unknown) -> Holding:
        why = self.wording.unknown(one)
        return self._made(one.principal, None, one.project_id, (why,), (one.path,))

    def _made(
        self,
        principal: Principal,
        permission: str | None,
        project_id: str | None,
        why: tuple[str, ...],
        paths: Sequence[Path],
    ) -> Holding:
        thing = self.things.get(principal)
        return Holding(
            kind=KINDS[principal.kind],
            id=principal.id,
            name=None if thing is None else thing.name,
            email=thing.email if isinstance(thing, Person) else None,
            permission=permission,
            project_id=project_id,
            project_name=None if project_id is None else self.wording.names.get(project_id),
            why=why,
            by=tuple(map(self.wording.shortly, paths))
            if permission is not None
            else tuple(f"not known: {text}" for text in why),
            paths=tuple(paths),
        )

    def _told_place(self, principal: Principal) -> str:
        thing = self.things[principal]
        place = getattr(thing, "project_id", None)
        return "" if place is None else f" of {self.wording.name(place)}"


def _is_in(project_id: str | None, place: str | None) -> bool:
    return place is None or project_id in (None, place)


def _on_keys(holdings: Sequence[Holding]) -> tuple[str, ...]:
    """What is said where keys have something."""
    is_said = any("key" in one.kind and one.permission is not None for one in holdings)
    return (AT_MOST,) if is_said else ()


def _order(one: Holding) -> tuple[int, str, str]:
    """People first, keys of projects last."""
    return _KINDS.index(one.kind), (one.name or "").casefold(), one.id


def _by_permission(one: Holding) -> tuple[str, bool, str, str]:
    """What counts everywhere first, then by project."""
    place = one.project_id
    return one.permission or "", place is not None, (one.project_name or "").casefold(), place or ""


def _may_own(one: Unknown) -> bool:
    """Whether what is not known of somebody may make them an owner."""
    if one.reason != "undefined":
        return True
    last = one.path[-1]
    return last.kind == "membership" and last.id.lower() == OWNER
