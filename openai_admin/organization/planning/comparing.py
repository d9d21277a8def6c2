"""How a collection of the file is compared with what there is: made, changed, removed or left."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from difflib import get_close_matches
from typing import Any, Literal, TypeVar

from ..._declare.arguments import shown
from ..document.model import NONE, Named
from .context import NOUNS, Id, Kind, Place, Planning
from .matching import Matched, Pair
from .model import FieldChange, From
from .resolved import Resolved
from .wording import listed

T = TypeVar("T", bound=Named)
K = TypeVar("K", bound=Hashable)

MAY_BE_THERE = "it may be there already, as not everything could be read"
"""Why something is not made."""

NAMELESS = "the API does not say its name, by which the file may have it"
"""Why something is not removed."""

_WHICH = "which one it is could not be read, so nothing of it is changed"
_MAY_BE_MEANT = "it may be what the file calls {}, of which that is not known"

NOT_IN_FILE = "it is not in the file, and `prune` does not name {}"
"""Why something stays, of a section."""


def compare_things(
    planning: Planning,
    kind: Kind,
    section: str,
    *,
    create: Callable[[Pair[Any], list[str]], From | None],
    change: Callable[[Pair[Any]], object],
    remove: Callable[[Pair[Any]], object],
    place: Place[Any] | None = None,
    is_own: Callable[[Pair[Any]], bool] = lambda pair: True,
) -> None:
    """Plan the things of one kind in one place.

    Args:
        planning: the plan in the making.
        kind: the kind.
        section: the section that they are.
        create: adds the step that makes a thing, with some notes, and gives what `Planning.add`
            gives; other things may refer to the thing then.
        change: adds the steps that change one.
        remove: adds the step that removes one.
        place: what they are in; ``None`` for those of the organization.
        is_own: whether a thing is to be planned at all.
    """
    wanted: object = planning.wanted if place is None else place.wanted
    there: object = planning.there if place is None else place.there
    project = place.project if place else None
    if not planning.is_planned(section) or getattr(wanted, kind) is None:
        return
    if not planning.is_known(section, getattr(there, kind), project):
        return
    things = planning.things(kind, place)
    for pair in filter(is_own, things.pairs):
        if pair.wanted is None:
            if not planning.is_pruned(section):
                planning.untouched(
                    section,
                    pair.label,
                    "not_in_file",
                    NOT_IN_FILE.format(section),
                    project=project,
                )
            elif _is_surely_not_in_file(planning, kind, pair, place):
                remove(pair)
        elif pair.there is None:
            if not planning.is_whole(section, place.id if place else None):
                planning.untouched(section, pair.label, "not_known", MAY_BE_THERE, project=project)
                continue
            step = create(pair, _perhaps_renamed(kind, pair, things))
            planning.made(kind, pair.label, step, place)
        else:
            change(pair)


def not_in_file(
    planning: Planning, kind: Kind, section: str, place: Place[Any] | None = None
) -> Iterator[Pair[Any]]:
    """The things that are to be removed, for what removes them later than `compare_things` would.

    That is needed where other sections let go of them first.
    """
    wanted: object = planning.wanted if place is None else place.wanted
    if (
        planning.is_planned(section)
        and planning.is_pruned(section)
        and getattr(wanted, kind) is not None
    ):
        for pair in planning.things(kind, place).pairs:
            if pair.wanted is None and _is_surely_not_in_file(planning, kind, pair, place):
                yield pair


def _is_surely_not_in_file(
    planning: Planning, kind: Kind, pair: Pair[Any], place: Place[Any] | None
) -> bool:
    """Whether the file does not have what there is; where its name is not known, that is told."""
    if pair.there is None or planning.is_told(kind, pair.there.id, place):
        return True
    planning.untouched(
        kind if place is None else f"{place.section}.{kind}",
        pair.label,
        "not_known",
        NAMELESS,
        project=place.project if place else None,
    )
    return False


def compare_keys(
    planning: Planning,
    section: str,
    wanted: Resolved[K],
    there: Resolved[K],
    *,
    add: Callable[[K], object],
    remove: Callable[[K], object],
    keep: Callable[[K], object] | None = None,
    project: str | None = None,
    of: str | None = None,
    id: Id | None = None,
) -> None:
    """Plan what has no fields of its own, or is told apart by a key: members, assigned roles.

    Args:
        planning: the plan in the making.
        section: the section that it is.
        wanted: what the file has.
        there: what there is; nothing is removed of which it is not known whether the file has it.
        add: adds the steps for one that there is not.
        remove: adds the steps for one that is not in the file, where its section is pruned.
        keep: adds the steps for one that is in both.
        project: the label of the project that it is in.
        of: what has it, as a group of members: it is said of what stays.
        id: the id of the project, group or provider that the section is of.
    """

    def left(label: str, kind: Literal["not_known", "not_in_file"], reason: str) -> None:
        subject = label if of is None else f"{of}: {label}"
        planning.untouched(section, subject, kind, reason, project=project, within=of, named=label)

    is_whole = planning.is_whole(section, id)
    for key, label in wanted.names.items():
        if key not in there.names and not is_whole:
            left(label, "not_known", MAY_BE_THERE)
        elif key not in there.names:
            add(key)
        elif keep is not None:
            keep(key)
    for key, label in there.names.items():
        if key in wanted.names:
            continue
        if wanted.unclear and not there.is_told(key):
            left(label, "not_known", _MAY_BE_MEANT.format(listed(wanted.unclear)))
        elif planning.is_pruned(section):
            remove(key)
        else:
            left(label, "not_in_file", NOT_IN_FILE.format(section))
    for label in there.unclear:
        if label not in wanted.unclear:  # of which it is told why
            left(label, "not_known", _WHICH)


def namesakes(
    planning: Planning, kind: Kind, pair: Pair[Any], place: Place[Any] | None = None
) -> list[str]:
    """A note that another thing has the name already that one is given."""
    others = [
        each.there.id
        for each in planning.things(kind, place).pairs
        if each is not pair and each.there is not None and each.old_name == pair.name == each.name
    ]
    if not others:
        return []
    which = f" ({listed([id for id in others if id is not None])})"
    return [f"Another {NOUNS[kind]} is called {shown(pair.name)} already{which}: is the pin right?"]


def changed(old: object, new: object, fields: Iterable[str]) -> list[FieldChange]:
    """The fields that differ, of those that the file manages: that are not ``None`` in it."""
    found = []
    for field in fields:
        wanted, is_ = getattr(new, field), getattr(old, field, None)
        to_be = None if wanted == NONE else wanted
        is_ = None if is_ == NONE else is_  # a text that is the word: a file cannot say it
        if wanted is not None and to_be != is_:
            found.append(FieldChange(field=field, old=is_, new=to_be))
    return found


def given(thing: object, fields: Iterable[str]) -> list[FieldChange]:
    """What something is made with: each field that stands in the file."""
    return changed(None, thing, fields)


def _perhaps_renamed(kind: Kind, pair: Pair[Any], things: Matched[Any]) -> list[str]:
    """A note that a thing which is to be made may be there under another name.

    It is said where the names are alike, or where one thing is new, one is gone, and both have
    something in common.
    """
    others = {each.name: each for each in things.pairs if each.wanted is None}
    near = get_close_matches(pair.name, others, n=1)
    if near:
        other = others[near[0]]
    elif len(others) == 1 and sum(each.there is None for each in things.pairs) == 1:
        (other,) = others.values()
        if not _have_in_common(pair.wanted, other.there):
            return []
    else:
        return []
    what = f"the {NOUNS[kind]} {shown(other.name)}, which is not in the file,"
    pin = "`id:`" if other.there is None or other.there.id is None else f"`id: {other.there.id}`"
    return [f"If it is {what} under a new name, pin it with {pin}: then that one is renamed."]


_SHARED = ("members", "permissions", "service_accounts", "rules")
_SAME = ("content", "details", "issuer", "attributes")
"""What tells that two things are the same one: some of a collection, or a value as a whole."""


def _have_in_common(one: object, other: object) -> bool:
    """Whether two things have some members, permissions or the like in common."""
    for field in (*_SHARED, *_SAME):
        mine, theirs = getattr(one, field, None), getattr(other, field, None)
        if not mine or not theirs:
            continue
        if mine == theirs or (field in _SHARED and {*mine} & {*theirs}):
            return True
    return False
