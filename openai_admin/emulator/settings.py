"""Settings that exist once, for the organization or for a project."""

from __future__ import annotations

from .routing import Call
from .table import Record


def setting(call: Call, *key: str, default: Record) -> Record:
    """A setting as it was last set, with defaults for the fields that were never set."""
    return {**default, **call.store.settings.get(key, {})}


def set_for_organization(call: Call, name: str, value: Record) -> None:
    """Keep a setting of the organization.

    The API has no event for these settings alone, so the audit log records a changed
    organization, with the new values under the setting's name.
    """
    call.store.settings[(name,)] = value
    event = {"id": call.store.organization["id"], "changes_requested": {name: value}}
    call.audit("organization.updated", event)


def set_for_project(call: Call, project: Record, name: str, value: Record) -> None:
    """Keep a setting of a project; likewise, the audit log records a changed project."""
    call.store.settings[name, project["id"]] = value
    event = {"id": project["id"], "changes_requested": {name: value}}
    call.audit("project.updated", event, project=project)
