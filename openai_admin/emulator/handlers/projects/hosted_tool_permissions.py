"""Which hosted tools a project may use."""

from __future__ import annotations

from ....resources.projects.hosted_tool_permissions import HostedToolPermissions
from ...replies import invalid_type, missing, unknown_parameter
from ...routing import Call, emulates
from ...rules import active_project
from ...settings import set_for_project, setting
from ...table import Record

_TOOLS = ("code_interpreter", "file_search", "image_generation", "mcp", "web_search")
_ALL_ENABLED = {tool: {"enabled": True} for tool in _TOOLS}


@emulates(HostedToolPermissions.retrieve)
def retrieve(call: Call) -> Record:
    project = call.store.projects.get(call.path["project_id"])
    return setting(call, "hosted_tool_permissions", project["id"], default=_ALL_ENABLED)


@emulates(HostedToolPermissions.update)
def update(call: Call) -> Record:
    project = active_project(call)
    changes = {tool: value for tool, value in call.body.items() if value is not None}
    for tool, value in changes.items():
        _check(tool, value)
    if changes:
        set_for_project(call, project, "hosted_tool_permissions", {**retrieve(call), **changes})
    return retrieve(call)


def _check(tool: str, value: Record) -> None:
    """Refuse what is not `{"enabled": true}` or `{"enabled": false}`."""
    if "enabled" not in value:
        raise missing(f"{tool}.enabled")
    if not isinstance(value["enabled"], bool):
        raise invalid_type(f"{tool}.enabled", "a boolean", value["enabled"])
    for name in value:
        if name != "enabled":
            raise unknown_parameter(f"{tool}.{name}")
