"""What access was granted and lost between two moments."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Literal

import attrs

from ..._wire.portable import Portable
from ...directory.not_known import NotKnown
from ...errors import InvalidInputError
from .answers import Grant, Path, Principal, Step
from .facts import Facts
from .holdings import Holding
from .questions import Access
from .roles import is_usual

Change = Literal["granted", "lost", "not known"]
"""What became of a permission; ``not known`` where one of the two moments lacks what says it."""

_SURE = timedelta(seconds=5)
"""How far apart two moments are at least whose order is certain: the server's time is known to
about a second."""

_UNNAMED = (
    "Whether both are of the same organization is not known: they have nothing in common, and not"
    " both name theirs."
)

_OF_KEYS = ("api_key",)
_CONCERNS = {
    "admin keys": ("admin_api_key",),
    "keys of projects": _OF_KEYS,
    "service accounts": ("service_account", "api_key"),
    "invites": (),
}
"""Of which principals something is in doubt where a kind is not known; of all where none stands."""


@attrs.frozen(kw_only=True)
class Difference(Portable):
    """A permission that somebody had at one of two moments alone.

    Attributes:
        change: what became of it.
        holding: who had it, what and where, with the paths of that moment.
        actor: who made the change, by address or id; ``None`` where that is not known.
        changed_at: when; ``None`` likewise.
    """

    change: Change
    holding: Holding
    actor: str | None = None
    changed_at: datetime | None = None


@attrs.frozen(kw_only=True)
class Differences(Portable):
    """What has changed between two moments.

    Attributes:
        changes: the permissions, what was granted first.
        lacks: what is not known of either moment, a sentence each.
        notes: what is said besides, a sentence each.
    """

    changes: tuple[Difference, ...]
    lacks: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_different(self) -> bool:
        """Whether anything was granted or lost for certain."""
        return any(each.change != "not known" for each in self.changes)


def access_diff(before: Access, after: Access) -> Differences:
    """What was granted and what was lost between two moments.

    A permission by another path than before is not a difference. What a new owner of the
    organization has in the projects is one in each, unless they had it there before. Where
    something of one moment is not known, what could be in it is not told as granted or lost.

    Args:
        before: access at the earlier moment.
        after: access at the later one.

    Raises:
        InvalidInputError: they are of different organizations, or not of the same projects, people
            and permission.
    """
    _check_alike(before.facts, after.facts)
    had, has = _by_place(before), _by_place(after)
    changes = [
        *_changes("granted", after, [g for mark, g in has.items() if mark not in had], before),
        *_changes("lost", before, [g for mark, g in had.items() if mark not in has], after),
    ]
    lacked, lack = _lacks(before), _lacks(after)
    lacks = [f"At both moments, {text}" for text in lacked if text in lack]
    for when, these, others in (("Before", lacked, lack), ("Afterwards", lack, lacked)):
        lacks += [f"{when}, {text}" for text in these if text not in others]
    if not _are_of_one_organization(before.facts, after.facts):
        lacks.append(_UNNAMED)
    return Differences(changes=tuple(changes), lacks=tuple(lacks))


def _lacks(access: Access) -> list[str]:
    """What one moment lacks, as the end of a sentence."""
    return [f"{text[:1].lower()}{text[1:]}" for text in (*access.lacks, *access.unasked)]


def _are_of_one_organization(before: Facts, after: Facts) -> bool:
    """Whether that is certain: they say so, or share what only one organization can have.

    People do not count: they may be in several.
    """
    if None not in (before.organization_id, after.organization_id):
        return True
    had, has = _owned(before), _owned(after)
    return not had.isdisjoint(has) or not (had or has)


def _owned(facts: Facts) -> set[str]:
    things = (
        *(facts.projects, facts.groups, facts.service_accounts),
        *(facts.keys, facts.admin_keys, facts.invites),
    )
    owned = {thing.id for listed in things for thing in listed}
    return owned | {role.id for role in facts.roles if not role.is_predefined}


def _check_alike(before: Facts, after: Facts) -> None:
    ids = (before.organization_id, after.organization_id)
    if None not in ids and ids[0] != ids[1]:
        raise InvalidInputError(f"The two are of different organizations, {ids[0]} and {ids[1]}.")
    for name, what in (
        ("of_projects", "projects"),
        ("of_people", "people"),
        ("of_permission", "permission"),
    ):
        if _set(getattr(before, name)) != _set(getattr(after, name)):
            raise InvalidInputError(
                f"The two cannot be compared: they were not read for the same {what}."
            )
    if before.taken_at > after.taken_at + _SURE:
        raise InvalidInputError(
            f"The first is of {before.taken_at:%Y-%m-%d %H:%M}, later than the second, of"
            f" {after.taken_at:%Y-%m-%d %H:%M}: name them the other way round."
        )


def _set(value: object) -> object:
    return frozenset(value) if isinstance(value, tuple) else value


def _by_place(access: Access) -> dict[tuple[Principal, str, str | None], Grant]:
    return {
        (grant.principal, grant.permission, grant.project_id): grant
        for grant in access.evaluated.grants
    }


def _changes(
    change: Change, of: Access, grants: list[Grant], other: Access
) -> Iterator[Difference]:
    unsure = {(one.principal, one.project_id) for one in other.evaluated.unknown}
    usual = {
        Step("role", role.id, role.project_id)
        for role in of.facts.roles
        if role.project_id in other.unasked_in and is_usual(role)
    }
    for grant in grants:
        is_unsure = (
            any(_may_hide(part, grant) for part in other.facts.not_known)
            or (grant.principal, grant.project_id) in unsure
            or (grant.principal, None) in unsure
            or any(_is_given(path, usual) for path in grant.paths)
        )
        yield Difference(change="not known" if is_unsure else change, holding=of.holding(grant))


def _is_given(path: Path, roles: Collection[Step]) -> bool:
    """Whether a path is one of these roles that a person was given directly, or a key's owner."""
    steps = (step for step in path if step.kind != "user")
    return next(steps, None) in roles


def _may_hide(part: NotKnown, grant: Grant) -> bool:
    """Whether a grant may be in what was not read."""
    kinds = _CONCERNS.get(part.kind)
    if kinds is not None and grant.principal.kind not in kinds:
        return False
    if part.project_id is None:
        return True
    ids = {grant.project_id, grant.principal.id}
    ids |= {step.id for path in grant.paths for step in path}
    return part.project_id in ids
