"""Rate limits of projects: only those in the file; there is no way back to OpenAI's own."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ..._declare.arguments import one_of, shown, suggest
from ..document.model import RateLimit
from .comparing import changed, given
from .context import InProject, Planning
from .wording import listed

_SECTION = "projects.rate_limits"
_NOT_WHOLE = "not all limits of the project could be read, and those of this model did not come"
LIMITS = tuple(field.name for field in attrs.fields(RateLimit) if field.name != "id")
"""What may be limited of a model."""


def plan_rate_limits(planning: Planning, place: InProject) -> None:
    """Plan the rate limits of a project."""
    wanted = place.wanted.rate_limits
    if not wanted or not planning.is_planned(_SECTION):
        return
    there = planning.standing.shared_limits if place.is_new else place.there.rate_limits
    if place.is_new and not there:
        _say_later(planning, place)
    elif planning.is_known(_SECTION, there, place.label) and there is not None:
        for model, limit in wanted.items():
            _plan(planning, place, model, limit, there)


def _plan(
    planning: Planning,
    place: InProject,
    model: str,
    wanted: RateLimit,
    limits: Mapping[str, RateLimit],
) -> None:
    there = limits.get(model)
    if there is None and not place.is_new and not planning.is_whole(_SECTION, place.id):
        planning.untouched(_SECTION, model, "not_known", _NOT_WHOLE, project=place.label)
        return
    if there is None:
        near = suggest(model, list(limits))
        reason = f"The project has no rate limits for {shown(model)}{near}"
        planning.impossible(_SECTION, model, reason, project=place.label)
        return
    ids = {"project_id": place.id, "rate_limit_id": there.id}
    unsaid = planning.unsaid.among(
        _SECTION, "change", ids, [c.field for c in given(wanted, LIMITS)]
    )
    if unsaid:
        reason = f"the API does not say its {listed(unsaid)}, so nothing of it is changed"
        planning.untouched(_SECTION, model, "not_known", reason, project=place.label)
        return
    refused = _refused(model, wanted, there)
    if refused is not None:
        planning.impossible(_SECTION, model, refused, project=place.label)
        return
    # What OpenAI gives a new project is not known, so all that is wanted is sent.
    changes = changed(None if place.is_new else there, wanted, LIMITS)
    if changes:
        planning.add(
            _SECTION,
            "change",
            model,
            "projects.rate_limits.update",
            {
                **ids,
                **{change.field: change.new for change in changes},
            },
            project=place.label,
            changes=changes,
        )


def _refused(model: str, wanted: RateLimit, there: RateLimit) -> str | None:
    """Why a limit cannot be changed as the file says."""
    if wanted.id is not None and wanted.id != there.id:
        return f"The rate limit of {shown(model)} has the id {there.id}, not {wanted.id}."
    missing = [
        name
        for name in LIMITS
        if getattr(wanted, name) is not None and getattr(there, name) is None
    ]
    if not missing:
        return None
    has = [name for name in LIMITS if getattr(there, name) is not None]
    return f"{shown(model)} has no limit {one_of(missing)}; it has {', '.join(has) or 'no limits'}."


def _say_later(planning: Planning, place: InProject) -> None:
    reason = (
        "the limits of a new project are known once it was made: plan again, after this is applied"
    )
    planning.untouched(_SECTION, place.label, "not_known", reason, project=place.label)
