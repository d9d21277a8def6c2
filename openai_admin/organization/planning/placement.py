"""Where a project's data stays, and the key that encrypts it: settings of the project itself."""

from __future__ import annotations

from typing import Any

from ..document.model import NONE
from .context import InProject, Planning
from .model import FieldChange

_SECTION = "projects"
_WORLDWIDE = "GLOBAL"
_FIXED = (
    "The residency of a project is fixed when it is made, and this one has {}, not {}: correct "
    "`residency`, take it out, or make a new project."
)
_NOT_TOLD = "OpenAI does not say where its data stays, so `{}` is not compared"


def placement(planning: Planning, place: InProject) -> None:
    """Plan residency, geography and external key of a project that there is."""
    if place.is_new or not planning.is_planned(_SECTION):
        return
    _residency(planning, place)
    _geography(planning, place)
    _external_key(planning, place)


def _residency(planning: Planning, place: InProject) -> None:
    wanted, there = place.wanted.residency, place.there.residency
    if wanted is None or wanted == (there or _WORLDWIDE):
        return
    if there is None:
        reason = _NOT_TOLD.format("residency")
        planning.untouched(_SECTION, place.label, "not_known", reason, project=place.label)
        return
    planning.impossible(_SECTION, place.label, _FIXED.format(there, wanted), project=place.label)


def _geography(planning: Planning, place: InProject) -> None:
    """Compare the older setting with the region that begins a residency, as in ``EU_STORAGE``."""
    wanted, residency = place.wanted.geography, place.there.residency
    there = place.there.geography or (residency.partition("_")[0] if residency else None)
    if wanted is None or (there is not None and wanted.upper() == there.upper()):
        return
    if there is None:
        reason = _NOT_TOLD.format("geography")
        planning.untouched(_SECTION, place.label, "not_known", reason, project=place.label)
        return
    _update(
        planning,
        place,
        "geography",
        FieldChange(field="geography", old=there, new=wanted),
        wanted,
        notes=["OpenAI may refuse to move a project that there is to another region."],
    )


def _external_key(planning: Planning, place: InProject) -> None:
    wanted, there = place.wanted.external_key, place.there.external_key
    if wanted is None:
        return
    id = None
    if wanted != NONE:
        id = planning.reference(
            "external_keys", wanted, section=_SECTION, subject=place.label, project=place.label
        )
        if id is None:
            return
    old = planning.things("external_keys").there.get(there) if there is not None else None
    old_id = old.there.id if old is not None and old.there is not None else there
    if id == old_id or (id is None and there in (None, NONE)):
        return
    change = FieldChange(field="external_key", old=there, new=None if id is None else wanted)
    _update(planning, place, "external_key_id", change, id)


def _update(
    planning: Planning,
    place: InProject,
    argument: str,
    change: FieldChange,
    value: Any,
    notes: list[str] | None = None,
) -> None:
    planning.add(
        _SECTION,
        "change",
        place.label,
        "projects.update",
        {"project_id": place.id, argument: value},
        project=place.label,
        part=change.field,
        changes=[change],
        notes=notes or (),
    )
