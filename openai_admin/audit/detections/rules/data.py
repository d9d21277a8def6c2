"""What is kept of requests and where: data retention, logging of calls, storage, encryption."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from ...event import AuditEvent
from ..model import Context, Detection, Hit, Severity
from . import attack
from .memory import Recent, Told, is_near
from .payloads import scope, settings, target, value
from .wording import named, where, who

_KEPT = 5_000

_CHANGED = frozenset(
    {
        *("organization.updated", "project.updated", "tenant.metadata.updated"),
        *("tenant.policy.updated", "tenant.product_access_policy.updated"),
    }
)
_LOGGED = {
    "disabled": 0,
    "enabled_per_call": 1,
    "enabled_for_selected_projects": 2,
    "enabled_for_all_projects": 3,
}
"""Which API calls are logged, from none to all."""

_STRICTNESS = {
    "none": 0,
    "organization_default": 1,
    "modified_abuse_monitoring": 2,
    "enhanced_modified_abuse_monitoring": 3,
    "zero_data_retention": 4,
    "enhanced_zero_data_retention": 5,
}
"""Kinds of retention, from what keeps the most to what keeps the least."""

_STORED = {
    "external_storage.registered": ("registered", "an external storage"),
    "external_storage.removed": ("removed", "an external storage"),
    "external_key.removed": ("removed", "a customer-managed encryption key"),
}
_OWNED_BY = ("account_id", "subscription_id", "tenancy_ocid", "workload_identity_project_number")


@attrs.define
class Retentions:
    """What retention and logging are, as far as the log told.

    Attributes:
        values: the value that was told last, by the scope and the setting.
        programs: the values that a program set in some project.
        projects: when a project was created.
    """

    values: Recent[tuple[str, str], str] = attrs.field(factory=lambda: Recent(_KEPT))
    programs: Recent[tuple[str, str], bool] = attrs.field(factory=lambda: Recent(_KEPT))
    projects: Recent[str, datetime | str] = attrs.field(factory=lambda: Recent(_KEPT))


@attrs.define
class Storages:
    """The accounts of clouds that storage was registered in, and what was told."""

    accounts: Recent[str, bool] = attrs.field(factory=lambda: Recent(1_000))
    told: Told = attrs.field(factory=Told)


def look_for_retention(event: AuditEvent, state: Retentions, context: Context) -> Iterator[Hit]:
    """Find a retention that was changed, and logging of calls that was reduced."""
    if event.type == "project.created":
        state.projects.set(target(event) or "", event.at or "no time")
        return
    changed = []
    for name, setting in _found(event):
        key = (scope(event), name)
        before = state.values.get(key)
        state.values.set(key, setting)
        if before != setting and not _is_expected(event, name, before, setting, state, context):
            changed.append((name, before, setting))
    if changed:
        name, before, setting = changed[0]
        was = "" if before is None else f" from “{before}”"
        yield Hit(
            about=scope(event),
            summary=f"{who(event, context)} changed {name} {where(event, context)}{was} to "
            f"“{setting}”.",
            evidence=(event,),
            severity=_severity(name, before, setting),
        )


def look_for_storage(event: AuditEvent, state: Storages, context: Context) -> Iterator[Hit]:
    """Find an external storage that came or went, or a key of one's own that was removed."""
    verb, what = _STORED[event.type or ""]
    id = target(event)
    hours = timedelta(hours=context.thresholds["once_hours"])
    if id and state.told.again((verb, id), event.at, hours):
        return
    severity: Severity | None = None
    into = ""
    if verb == "registered":
        provider = value(event, "provider")
        account = _account(provider)
        into = f" in {account}" if account else ""
        if account and account in state.accounts:
            severity, into = "medium", f"{into}, where others are"
        if account:
            state.accounts.set(account, True)
    yield Hit(
        about=id or scope(event),
        summary=f"{who(event, context)} {verb} {what} {where(event, context)}{into}: "
        f"{named(id, context)}.",
        evidence=(event,),
        severity=severity,
    )


def _found(event: AuditEvent) -> Iterator[tuple[str, str]]:
    """The settings of retention and logging that were asked for, by name, with what they say."""
    for path, inner in settings(event):
        name = path[-1]
        if isinstance(inner, bool):
            inner = "enabled" if inner else "disabled"
        if name == "api_call_logging":
            yield name, _word(inner)
            continue
        leads = [place for place, part in enumerate(path) if "retention" in part]
        if leads and (leads[-1] == len(path) - 1 or name in ("type", "value", "days")):
            whole = ".".join(path[leads[0] :])
            if isinstance(inner, str | int | float):
                yield whole, str(inner)
            elif inner is None:
                yield whole, "none"


def _word(value: Any) -> str:
    return "disabled" if value is None else str(value)


def _is_expected(
    event: AuditEvent,
    name: str,
    before: str | None,
    setting: str,
    state: Retentions,
    context: Context,
) -> bool:
    if name == "api_call_logging":
        rank = _LOGGED.get(setting.lower(), 3)
        return rank > 0 and rank >= _LOGGED.get((before or "").lower(), 0)
    created = state.projects.get(event.project_id or "")
    days = timedelta(days=context.thresholds["new_project_days"])
    if before is None and created is not None and is_near(created, event.at, days):
        return True  # how it is set up
    if event.actor.via != "api_key":
        return False
    program = (event.actor.key_id or event.actor.identity or "", setting)
    is_usual = program in state.programs
    state.programs.set(program, True)
    return is_usual and before is None


def _severity(name: str, before: str | None, setting: str) -> Severity:
    if name == "api_call_logging":
        return "high" if _LOGGED.get(setting.lower()) == 0 else "medium"
    new, old = _STRICTNESS.get(setting.lower()), _STRICTNESS.get((before or "").lower())
    if new == 0 or (new is not None and old is not None and new < old):
        return "high"
    if new is not None and new >= _STRICTNESS["zero_data_retention"]:
        return "low"
    return "medium"


def _account(provider: Any) -> str | None:
    """The account of a cloud that a storage lies in."""
    if not isinstance(provider, Mapping):
        return None
    found = next((provider[name] for name in _OWNED_BY if provider.get(name)), None)
    kind = provider.get("type")
    return None if found is None else f"{kind or 'cloud'} account {found}"


DETECTIONS = (
    Detection(
        key="retention_changed",
        title="Data retention changed, or logging of calls reduced",
        severity="medium",
        techniques=(attack.CLOUD_LOGS,),
        why="What customers were promised about their data rests on it, and calls that are not "
        "logged cannot be looked into later.",
        what_to_do="Ask the one who changed it, and whoever is answerable for data protection. Set "
        "it back with `openai-admin data-retention update`, or `projects data-retention update` of "
        "a project; logging of calls is set in the settings of the organization.",
        state=Retentions,
        look=look_for_retention,
        thresholds={"new_project_days": 7.0},
        types=_CHANGED | {"project.created"},
    ),
    Detection(
        key="external_storage_changed",
        title="External storage or encryption key changed",
        severity="high",
        techniques=(attack.TO_CLOUD_ACCOUNT, attack.TO_CLOUD_STORAGE),
        why="What a project keeps goes to the storage that is registered for it: one that somebody "
        "else owns takes all of it away, and one that is removed is no longer written to.",
        what_to_do="Check that the account and the bucket are the company's own "
        "(`openai-admin external-storage list`). If not, remove it (`openai-admin external-storage "
        "delete ID`) and find out since when data went there; if one was removed, register it "
        "again.",
        state=Storages,
        look=look_for_storage,
        thresholds={"once_hours": 24.0},
        types=frozenset(_STORED),
    ),
)
