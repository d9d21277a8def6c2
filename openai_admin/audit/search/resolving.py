"""Names of people and keys as the ids and addresses that events have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from ..._declare.operation import CallExecutor
from ...directory.not_known import NotKnown
from ...directory.search.hits import FindResult, Hit
from ...directory.search.query import Query
from ...directory.search.search import find
from ...errors import InvalidInputError
from .asked import Subjects

_MOST_NAMED = 5  # of those that a name may mean
_PEOPLE = ("person", "service_account")
_KEYS = ("key", "admin_key")


@attrs.frozen
class Resolved:
    """What names stand for.

    Attributes:
        subjects: who or what they are.
        told: what was found for each that was not an id or an address, a sentence each.
        not_known: what could not be looked through.
    """

    subjects: Subjects
    told: tuple[str, ...] = ()
    not_known: tuple[NotKnown, ...] = ()


async def people(
    caller: CallExecutor, texts: Iterable[str], *, projects: Sequence[str] = ()
) -> Resolved | None:
    """People and service accounts, by name, address or id; ``None`` without a text.

    Who left the organization is found by address or id, which the log has, and by name where they
    left a key.

    Raises:
        InvalidInputError: nobody is called so, or several are.
        AuthenticationError: the key is wrong.
    """
    return await _resolved(caller, texts, "person", _PEOPLE, projects)


async def keys(
    caller: CallExecutor, texts: Iterable[str], *, projects: Sequence[str] = ()
) -> Resolved | None:
    """Keys, by name, id, or their last characters; ``None`` without a text.

    Raises:
        InvalidInputError: no key is called so, or several are.
        AuthenticationError: the key is wrong.
    """
    return await _resolved(caller, texts, "key", _KEYS, projects)


async def _resolved(
    caller: CallExecutor,
    texts: Iterable[str],
    where: str,
    kinds: Sequence[str],
    projects: Sequence[str],
) -> Resolved | None:
    ids: set[str] = set()
    emails: set[str] = set()
    told: list[str] = []
    not_known: list[NotKnown] = []
    texts = list(texts)
    for text in texts:
        query = Query.of(text)
        if query.id_kinds & set(kinds):
            ids.add(str(query.plain))
            continue
        found = await find(caller, text, kinds=kinds, projects=projects or None)
        if where == "person" and not found.hits and not query.is_address:
            found = await _with_owners(caller, text, found, projects)
        hit = _only(found, where, is_address=query.is_address)
        not_known += found.not_known
        if hit is None:
            emails.add(str(query.plain).lower())
            continue
        ids.add(hit.id)
        if hit.email:
            emails.add(hit.email.lower())
        told.append(_sentence(hit))
    if not texts:
        return None
    subjects = Subjects(ids=frozenset(ids), emails=frozenset(emails))
    return Resolved(subjects, tuple(told), tuple(not_known))


async def _with_owners(
    caller: CallExecutor, text: str, found: FindResult, projects: Sequence[str]
) -> FindResult:
    """What was found, with those who are no longer members and left a key: keys tell their owners.

    Args:
        caller: reads the listings.
        text: what is looked for.
        found: what was found without keys: nobody.
        projects: the projects to look in alone; empty for all.
    """
    owners = await find(caller, text, kinds=(*_PEOPLE, "key"), projects=projects or None)
    hits = tuple(hit for hit in owners.hits if hit.kind in _PEOPLE)
    return attrs.evolve(owners, hits=hits, near=found.near)


def _only(found: FindResult, where: str, *, is_address: bool) -> Hit | None:
    """The one thing that is meant; ``None`` for an address that nobody has now.

    Raises:
        InvalidInputError: nothing is called so, or several things are.
    """
    hits = list(found.hits)
    best = [hit for hit in hits if hit.match == hits[0].match] if hits else []
    if len(best) == 1:
        return best[0]
    if best:
        listed = "; ".join(f"{hit.label} ({hit.id})" for hit in best[:_MOST_NAMED])
        more = f"; and {len(best) - _MOST_NAMED} more" if len(best) > _MOST_NAMED else ""
        raise InvalidInputError(
            f"{where}: {len(best):,} are called {found.text!r}, name one by its id: {listed}{more}."
        )
    if is_address:
        return None
    near = " or ".join(repr(hit.label) for hit in found.near[:_MOST_NAMED])
    meant = f"; did you mean {near}?" if near else "."
    unsure = "" if found.is_complete else " Not everything could be looked through."
    left = " Who left is found by address or id." if where == "person" else ""
    raise InvalidInputError(f"{where}: nothing is called {found.text!r}{meant}{left}{unsure}")


def _sentence(hit: Hit) -> str:
    return f'The {hit.kind.replace("_", " ")} is {hit.id}, "{hit.label}".'
