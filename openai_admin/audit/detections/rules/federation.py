"""Federation rules that let in more than one workload."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from ...event import AuditEvent
from ..model import Context, Detection, Hit
from . import attack
from .memory import Recent
from .payloads import settings, target
from .wording import named, where, who

_TYPES = frozenset(
    {
        "workload_identity_provider_mapping.created",
        "workload_identity_provider_mapping.updated",
        "workload_identity_provider.created",
        "workload_identity_provider.updated",
        "tenant.workload_identity.mapping.created",
        "tenant.workload_identity.mapping.updated",
        "tenant.workload_identity.provider.created",
        "tenant.workload_identity.provider.updated",
        "tenant.workload_identity.binding.created",
    }
)
_TEXT_ONLY = frozenset({"name", "title", "description", "display_name", "metadata", "id"})
_MATCHERS = frozenset({"attribute_matchers", "matchers", "attribute_conditions", "conditions"})


@attrs.define
class Rules:
    """The wildcards that each rule was told with."""

    wildcards: Recent[str, frozenset[str]] = attrs.field(factory=lambda: Recent(5_000))


def look_for_wildcards(event: AuditEvent, state: Rules, context: Context) -> Iterator[Hit]:
    """Find a rule that matches with a ``*``, or that asks for nothing."""
    found = frozenset(_wildcards(event))
    rule = target(event) or ""
    before = state.wildcards.get(rule) or frozenset()
    if not found - before:
        if rule and _says_matchers(event):
            state.wildcards.set(rule, found)
        return
    if rule:
        state.wildcards.set(rule, found)
    everything = any(wanted.rpartition("=")[2].strip("*:/.") == "" for wanted in found)
    yield Hit(
        about=rule or "rule",
        summary=f"{who(event, context)} let a federation rule {where(event, context)} match "
        f"{', '.join(sorted(found))}: {named(rule or None, context)}.",
        evidence=(event,),
        severity="high" if everything else "medium",
    )


def _wildcards(event: AuditEvent) -> Iterator[str]:
    for path, inner in settings(event):
        if _TEXT_ONLY & set(path):
            continue
        if path[-1] in _MATCHERS and inner in ({}, []):
            yield f"{path[-1]}=*"
        for text in _texts(inner):
            if "*" in text:
                yield f"{path[-1]}={text}"
        if "*" in path[-1]:
            yield f"{path[-1]}=*"


def _texts(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield one


def _says_matchers(event: AuditEvent) -> bool:
    return any(path[-1] in _MATCHERS for path, _ in settings(event))


DETECTIONS = (
    Detection(
        key="wildcard_federation_rule",
        title="Federation rule with a wildcard",
        severity="high",
        techniques=(attack.TRUST_MODIFICATION, attack.TRUSTED_RELATIONSHIP),
        why="A rule with a wildcard gives a service account to every workload that it matches, "
        "those of strangers on the same platform among them.",
        what_to_do="Let the rule name the one workload that needs it: `openai-admin "
        "workload-identity-providers federation-rules update`. Until then look at what the service "
        "account does: `openai-admin audit-logs search --person ID`.",
        state=Rules,
        look=look_for_wildcards,
        types=_TYPES,
    ),
)
