"""Rate limits of a project, one record for each model."""

from __future__ import annotations

from ....resources.projects.rate_limits import ProjectRateLimits
from ...listing import Limit, after_last_id, page
from ...rate_limits import LIMITS, rate_limits_of
from ...replies import invalid
from ...routing import Call, emulates
from ...rules import active_project, integer_of
from ...table import Record

_FIELDS = (
    "max_requests_per_1_minute",
    "max_tokens_per_1_minute",
    "max_images_per_1_minute",
    "max_audio_megabytes_per_1_minute",
    "max_requests_per_1_day",
    "batch_1_day_max_input_tokens",
)
_PAGE = Limit(default=100)


@emulates(ProjectRateLimits.list)
def list_limits(call: Call) -> Record:
    project = call.store.projects.get(call.path["project_id"])
    table = rate_limits_of(call.store, project["id"])
    return after_last_id(page(call.query, table, render=_rendered, limit=_PAGE))


@emulates(ProjectRateLimits.update)
def update(call: Call) -> Record:
    project = active_project(call)
    table = rate_limits_of(call.store, project["id"])
    limit = table.get(call.path["rate_limit_id"])
    changes: Record = {}
    for field in call.body:
        if limit.get(field) is None:
            raise invalid(field, f"model '{limit['model']}' has no such limit.")
        # The organization's own limit; a project is never given more.
        most = LIMITS[limit["model"]][field]
        changes[field] = integer_of(call.body, field, maximum=most)
    if changes:
        limit = table.update(limit["id"], changes)
        event = {"id": limit["id"], "changes_requested": changes}
        call.audit("rate_limit.updated", event, project=project)
    return _rendered(limit)


def _rendered(limit: Record) -> Record:
    """A rate limit with every field, null where the model has no such limit."""
    return {**dict.fromkeys(_FIELDS), **limit}
