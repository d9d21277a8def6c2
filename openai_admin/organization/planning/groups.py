"""Groups: made, renamed, removed, and who is in them."""

from __future__ import annotations

from typing import Final

from ..._declare.arguments import shown
from ..document.model import Group
from .comparing import compare_keys, compare_things, namesakes
from .context import Id, Planning
from .holders import Holder, members_there, members_wanted
from .matching import Pair
from .model import Action, FieldChange, From
from .wording import counted

_SECTION: Final = "groups"
_MEMBERS = "groups.members"


def plan_groups(planning: Planning) -> None:
    """Plan the groups themselves."""

    def create(pair: Pair[Group], notes: list[str]) -> From | None:
        return planning.add(
            _SECTION,
            "create",
            pair.label,
            "groups.create",
            {"name": pair.name},
            changes=[FieldChange(field="name", new=pair.name)],
            notes=notes,
        )

    def change(pair: Pair[Group]) -> None:
        there = pair.there or Group()
        if pair.name != pair.old_name:
            planning.add(
                _SECTION,
                "change",
                pair.label,
                "groups.update",
                {"group_id": there.id, "name": pair.name},
                changes=[FieldChange(field="name", old=pair.old_name, new=pair.name)],
                notes=[
                    f"It was called {shown(pair.old_name)}; its members and roles stay.",
                    *namesakes(planning, _SECTION, pair),
                ],
            )

    def remove(pair: Pair[Group]) -> None:
        there = pair.there or Group()
        planning.add(
            _SECTION,
            "remove",
            pair.label,
            "groups.delete",
            {"group_id": there.id},
            changes=[FieldChange(field="members", old=there.members)],
            notes=[_who_loses(planning, there)],
            gone=there.id,
        )

    compare_things(planning, _SECTION, _SECTION, create=create, change=change, remove=remove)


def _who_loses(planning: Planning, group: Group) -> str:
    who = "Its members" if group.members is None else counted(len(group.members), "member")
    lose = "loses" if who == "1 member" else "lose"
    given = len(planning.standing.projects_of_groups.get(group.id or "", ()))
    projects = (planning.there.projects or {}).values()
    is_known = planning.there.projects is not None and all(p.groups is not None for p in projects)
    places = counted(given, "project") if is_known else "projects, of which not all were read"
    return f"{who} {lose} what they may do through it, in the organization and in {places}."


def plan_group_members(planning: Planning) -> None:
    """Plan who is in each group of the file that says so."""
    groups = planning.wanted.groups or {}
    if not planning.is_planned(_MEMBERS) or all(g.members is None for g in groups.values()):
        return
    if not planning.is_known(_MEMBERS, planning.there.groups):
        return
    for pair in planning.things("groups").pairs:
        if pair.wanted is None or pair.wanted.members is None:
            continue
        id = planning.id_of("groups", pair)
        members = () if pair.there is None else pair.there.members
        if id is None or not planning.is_known(_MEMBERS, members, subject=pair.label):
            continue
        _Members(planning, pair.label, id).plan(pair.wanted.members, members or ())


class _Members:
    def __init__(self, planning: Planning, label: str, id: Id) -> None:
        self._planning = planning
        self._label = label
        self._id = id

    def plan(self, wanted: tuple[str, ...], there: tuple[str, ...]) -> None:
        place = Holder(section=_MEMBERS, subject=self._label)
        asked = members_wanted(self._planning, wanted, place)
        are = members_there(self._planning, there, place)
        compare_keys(
            self._planning,
            _MEMBERS,
            asked,
            are,
            add=lambda key: self._add(
                "create", key, FieldChange(field="members", new=asked.names[key])
            ),
            remove=lambda key: self._add(
                "remove", key, FieldChange(field="members", old=are.names[key])
            ),
            of=self._label,
            id=self._id,
        )

    def _add(self, action: Action, id: Id, change: FieldChange) -> None:
        self._planning.add(
            _MEMBERS,
            action,
            self._label,
            "groups.users.create" if action == "create" else "groups.users.delete",
            {"group_id": self._id, "user_id": id},
            part=change.new or change.old,
            changes=[change],
        )
