"""What is set of a project as a whole: its models, its hosted tools, its service tiers."""

from __future__ import annotations

from typing import Any

from ..document.model import Models
from .context import InProject, Planning
from .model import FieldChange


def plan_models(planning: Planning, place: InProject) -> None:
    """Plan which models a project may use: a list is set as a whole."""
    section, wanted, there = "projects.models", place.wanted.models, place.there.models
    if wanted is None or not planning.is_planned(section):
        return
    if not planning.is_known(section, there, place.label) or _meant(wanted) == _meant(there):
        return
    new = wanted if isinstance(wanted, Models) else None
    old = there if isinstance(there, Models) else None
    listed = {} if new is None else {"mode": new.mode, "model_ids": [*new.models]}
    planning.add(
        section,
        "remove" if new is None else "create" if old is None else "change",
        "models",
        "projects.model_permissions." + ("update" if listed else "delete"),
        {"project_id": place.id, **listed},
        project=place.label,
        changes=[
            FieldChange(field=field, old=is_, new=to_be)
            for field in ("mode", "models")
            if (is_ := getattr(old, field, None)) != (to_be := getattr(new, field, None))
        ],
    )


def plan_hosted_tools(planning: Planning, place: InProject) -> None:
    """Plan which hosted tools a project may use: those of the file alone."""
    section, wanted, there = (
        "projects.hosted_tools",
        place.wanted.hosted_tools,
        {} if place.is_new else place.there.hosted_tools,
    )
    if wanted is None or not planning.is_planned(section):
        return
    if not planning.is_known(section, there, place.label) or there is None:
        return
    changes = [
        FieldChange(field=tool, old=there.get(tool), new=may)
        for tool, may in wanted.items()
        if there.get(tool) is not may
    ]
    if changes:
        planning.add(
            section,
            "change",
            "hosted tools",
            "projects.hosted_tool_permissions.update",
            {
                "project_id": place.id,
                **{change.field: {"enabled": change.new} for change in changes},
            },
            project=place.label,
            changes=changes,
        )


def plan_service_tiers(planning: Planning, place: InProject) -> None:
    """Plan the service tiers of a project: what the file says of them alone."""
    section, wanted, there = (
        "projects.service_tiers",
        place.wanted.service_tiers,
        place.there.service_tiers,
    )
    if wanted is None or not planning.is_planned(section):
        return
    if not place.is_new and not planning.is_known(section, there, place.label):
        return
    changes = [
        FieldChange(field=field, old=old, new=new)
        for field in ("default", "enabled")
        if (new := getattr(wanted, field)) is not None
        and _unordered(new) != _unordered(old := getattr(there, field, None))
    ]
    if changes:
        names = {"default": "default", "enabled": "enabled_tiers"}
        planning.add(
            section,
            "change",
            "service tiers",
            "projects.service_tier_settings.update",
            {
                "project_id": place.id,
                **{names[change.field]: _as_list(change.new) for change in changes},
            },
            project=place.label,
            changes=changes,
        )


def _meant(models: Models | str | None) -> tuple[str, frozenset[str]]:
    """What a list of models comes to: without one, and with none denied, all may be used."""
    if isinstance(models, Models):
        return models.mode, frozenset(models.models)
    return "deny_list", frozenset()


def _unordered(value: Any) -> Any:
    return frozenset(value) if isinstance(value, tuple) else value


def _as_list(value: Any) -> Any:
    return [*value] if isinstance(value, tuple) else value
