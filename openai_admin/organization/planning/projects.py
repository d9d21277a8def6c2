"""Projects themselves: made, renamed, given another key, archived."""

from __future__ import annotations

from typing import Any, Final

from ..._declare.arguments import shown
from ..document.model import NONE, Project
from ..sections import SECTIONS
from .comparing import compare_things, given, namesakes
from .context import Planning
from .federation_rules import rules_for
from .matching import Pair
from .model import FieldChange, From
from .wording import listed

_SECTION: Final = "projects"
_AT_CREATION = ("residency", "geography", "external_key")
_DEFAULT = "default project"
_KEPT = (
    "The API does not archive the project that an organization begins with: keep it in the file,"
    " without `archived`."
)
_ANYWHERE = "GLOBAL"  # what a project has of which no residency is told
_ARCHIVED = (
    "It is archived, which cannot be undone: take it out of the file, or make a new one under"
    " another name."
)


def plan_projects(planning: Planning) -> None:
    """Plan which projects there are."""
    _refuse_archived(planning)
    if not planning.is_planned(_SECTION):
        _refuse_new(planning)
        return
    compare_things(
        planning,
        _SECTION,
        _SECTION,
        create=lambda pair, notes: _create(planning, pair, notes),
        change=lambda pair: _change(planning, pair),
        remove=lambda pair: _archive(planning, pair),
        is_own=planning.is_chosen,
    )


def _refuse_archived(planning: Planning) -> None:
    for label in sorted(planning.archived):
        project = (planning.wanted.projects or {})[label]
        if not project.archived and planning.is_chosen(Pair(label=label, wanted=project)):
            planning.impossible(_SECTION, label, _ARCHIVED, project=label)


def _refuse_new(planning: Planning) -> None:
    """Say of projects that are to be made that they are not, as their section was left out."""
    is_managed = bool(planning.wanted.projects) and any(
        planning.is_planned(each) for each in SECTIONS if each.startswith(f"{_SECTION}.")
    )
    if not is_managed or not planning.is_known(_SECTION, planning.there.projects):
        return
    for pair in planning.things(_SECTION).pairs:
        if pair.wanted is not None and pair.there is None and planning.is_chosen(pair):
            reason = "There is no such project yet, and the section `projects` was left out."
            planning.impossible(_SECTION, pair.label, reason, project=pair.label)


def _create(planning: Planning, pair: Pair[Project], notes: list[str]) -> From | None:
    project = pair.wanted or Project()
    if project.archived:
        return None
    if project.residency is not None and project.geography is not None:
        reason = "A project has a `residency` or a `geography`, not both; residency is the newer."
        planning.impossible(_SECTION, pair.label, reason, project=pair.label)
        return None
    arguments: dict[str, Any] = {"name": pair.name}
    for field in ("residency", "geography"):
        if getattr(project, field) is not None:
            arguments[field] = getattr(project, field)
    if project.external_key not in (None, NONE):
        key = _key(planning, pair.label, project.external_key or "")
        if key is None:
            return None
        arguments["external_key_id"] = key
    return planning.add(
        _SECTION,
        "create",
        pair.label,
        "projects.create",
        arguments,
        project=pair.label,
        changes=[FieldChange(field="name", new=pair.name), *given(project, _AT_CREATION)],
        notes=[*notes, "A project can be archived later, and not deleted."],
    )


def _change(planning: Planning, pair: Pair[Project]) -> None:
    wanted, there = pair.wanted or Project(), pair.there or Project()
    if wanted.archived:
        _archive(planning, pair)
        return
    _refuse_another_region(planning, pair.label, wanted, there)
    changes, notes = [], []
    arguments: dict[str, Any] = {}
    old = pair.old_name
    if pair.name != old:
        changes.append(FieldChange(field="name", old=old, new=pair.name))
        arguments["name"] = pair.name
        notes.append(f"It was called {shown(old)}; nothing in it changes by that.")
        notes += namesakes(planning, _SECTION, pair)
    key = _another_key(planning, pair)
    if key is not None:
        changes.append(key)
        arguments["external_key_id"] = (
            None if key.new is None else _key(planning, pair.label, key.new)
        )
        if key.new is not None and arguments["external_key_id"] is None:
            return
    if changes:
        planning.add(
            _SECTION,
            "change",
            pair.label,
            "projects.update",
            {"project_id": there.id, **arguments},
            project=pair.label,
            changes=changes,
            notes=notes,
        )


def _another_key(planning: Planning, pair: Pair[Project]) -> FieldChange | None:
    """The change of a project's external key, where the file wants another."""
    wanted, there = pair.wanted or Project(), pair.there or Project()
    if wanted.external_key is None:
        return None
    new = None if wanted.external_key == NONE else wanted.external_key
    is_ = None if there.external_key == NONE else there.external_key
    pair_there = planning.things("external_keys").there.get(is_ or "")
    if pair_there is None:
        return None if new == is_ else FieldChange(field="external_key", old=is_, new=new)
    if new == pair_there.label or (pair_there.there is not None and new == pair_there.there.id):
        return None
    return FieldChange(field="external_key", old=pair_there.label, new=new)


def _key(planning: Planning, label: str, key: str) -> Any:
    return planning.reference("external_keys", key, section=_SECTION, subject=label, project=label)


def _refuse_another_region(planning: Planning, label: str, wanted: Project, there: Project) -> None:
    """Refuse what is fixed when a project is made; the API tells a geography as the residency."""
    is_, asked = there.residency, wanted.residency or wanted.geography
    if asked is None or asked == (is_ or _ANYWHERE):
        return
    field = "residency" if wanted.residency else "geography"
    if is_ is None:
        reason = f"OpenAI does not say where its data stays, so its `{field}` is not compared"
        planning.untouched(_SECTION, label, "not_known", reason, project=label)
        return
    if field == "geography" and is_.partition("_")[0] == asked.upper():
        return
    planning.impossible(
        _SECTION,
        label,
        f"Its residency is {is_} and is fixed since it was made: take `{field}: {asked}` out of the"
        " file, or make a new project.",
        project=label,
    )


def _archive(planning: Planning, pair: Pair[Project]) -> None:
    there = pair.there or Project()
    if _is_default(planning, pair) and not planning.guard.is_protected_project(there.id):
        planning.impossible(_SECTION, pair.label, _KEPT, project=pair.label)
        return
    accounts = there.service_accounts
    notes = ["Its keys stop working at once, and it cannot be taken back."]
    if accounts:
        notes.append(f"Its service accounts go with it: {listed(list(accounts))}.")
    if rules := rules_for(planning, pair.label):
        notes.append(
            f"The federation rules that stand for them stop working, too: {listed(rules)}."
        )
    planning.add(
        _SECTION,
        "remove",
        pair.label,
        "projects.archive",
        {"project_id": there.id},
        project=pair.label,
        changes=[FieldChange(field="archived", old=False, new=True)],
        notes=notes,
        gone=there.id,
    )


def _is_default(planning: Planning, pair: Pair[Project]) -> bool:
    """Whether it is the project that the organization began with, as its name says."""
    names = [each.old_name for each in planning.things(_SECTION).pairs if each.old_name]
    alike = [name for name in names if name.casefold() == _DEFAULT]
    return len(alike) == 1 and pair.old_name == alike[0]
