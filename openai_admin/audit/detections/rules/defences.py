"""Safeguards that were switched off or opened: provisioning and sign-on, lists of addresses,
mutual TLS.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import attrs

from ...event import AuditEvent
from ..model import Context, Detection, Hit
from . import attack
from .addresses import wide
from .memory import Recent, Told, is_near
from .payloads import addresses, objects, scope, settings, target, texts, value
from .wording import named, where, who

_ORGANIZATION = frozenset({"organization.updated", "tenant.metadata.updated"})
_SETTINGS = _ORGANIZATION | {"project.updated", "tenant.policy.updated"}

_OFF = {
    "scim.disabled": "switched provisioning (SCIM) off",
    "tenant.scim.deletion.requested": "asked for provisioning (SCIM) to be deleted",
    "tenant.sso_connection.deleted": "deleted a single sign-on connection",
    "tenant.session_policy.deleted": "deleted a policy of sessions",
    "tenant.policy.deleted": "deleted a policy of the tenant",
    "tenant.policy.detached": "detached a policy of the tenant",
}
_SIGN_ON_NAMES = ("scim", "sso", "mfa", "saml", "single_sign_on", "two_factor")
_ALLOWLIST_NAMES = ("allowlist", "allow_list", "allowed_ips", "whitelist")
_TLS_NAMES = ("mtls", "mutual_tls", "client_certificate", "client_certificates")
_OFF_WORDS = frozenset({"disabled", "off", "none", "false", "optional", "inactive", "no"})


@attrs.define
class Switches:
    """What was told lately."""

    told: Told = attrs.field(factory=Told)


@attrs.define
class Lists:
    """What is known of lists of addresses.

    Attributes:
        told: what was told lately.
        wide: the entries of each list that were too wide, by the list's id.
        off: the lists that were deactivated.
        active: when each was activated that is active.
    """

    told: Told = attrs.field(factory=Told)
    wide: Recent[str, tuple[str, ...]] = attrs.field(factory=lambda: Recent(1_000))
    off: Recent[str, bool] = attrs.field(factory=lambda: Recent(1_000))
    active: Recent[str, datetime | str] = attrs.field(factory=lambda: Recent(1_000))


@attrs.define
class Certificates:
    """When certificates became active, by where and which.

    Attributes:
        told: what was told lately.
        active: when each was activated that is active, by the scope and its id.
    """

    told: Told = attrs.field(factory=Told)
    active: Recent[tuple[str, str], datetime | str] = attrs.field(factory=lambda: Recent(5_000))


def look_for_sign_on(event: AuditEvent, state: Switches, context: Context) -> Iterator[Hit]:
    """Find provisioning, single sign-on or a policy of them that was switched off."""
    what = _OFF.get(event.type or "") or _switched_off(event, _SIGN_ON_NAMES)
    if what is None:
        return
    kind = "scim" if "scim" in (event.type or "") else f"{event.type} {target(event)}"
    if state.told.again(kind, event.at, timedelta(hours=context.thresholds["once_hours"])):
        return
    is_policy = "policy" in (event.type or "")
    yield Hit(
        about=target(event) or "organization",
        summary=f"{who(event, context)} {what}.",
        evidence=(event,),
        severity="medium" if is_policy else None,
    )


def look_for_lists(event: AuditEvent, state: Lists, context: Context) -> Iterator[Hit]:
    """Find a list of allowed addresses that was opened to the world or taken out of force."""
    type = event.type or ""
    if type == "ip_allowlist.config.activated":
        for id in _listed(event):
            state.off.drop(id)
            state.active.set(id, event.at or "no time")
        return
    what = _list_weakened(event, state, context)
    if what is None:
        return
    ids = _listed(event)
    if type.endswith(("deleted", "deactivated")):
        known = [id for id in ids if state.off.get(id)]
        for id in ids:
            state.off.set(id, True)
            state.active.drop(id)
        days = timedelta(days=context.thresholds["rotation_days"])
        is_replaced = any(is_near(at, event.at, days) for _, at in state.active.items())
        if is_replaced or (ids and known == list(ids)):
            return
    about = ", ".join(ids) or "organization"
    hours = timedelta(hours=context.thresholds["once_hours"])
    if state.told.again((about, what), event.at, hours):
        return
    yield Hit(about=about, summary=f"{who(event, context)} {what}.", evidence=(event,))


def look_for_mutual_tls(event: AuditEvent, state: Certificates, context: Context) -> Iterator[Hit]:
    """Find client certificates that are no longer asked for, and were not replaced."""
    if event.type in _SETTINGS:
        what = _switched_off(event, _TLS_NAMES)
        if what is not None:
            hours = timedelta(hours=context.thresholds["once_hours"])
            if not state.told.again(scope(event), event.at, hours):
                summary = f"{who(event, context)} {what} {where(event, context)}."
                yield Hit(about=scope(event), summary=summary, evidence=(event,))
        return
    place = scope(event)
    ids = texts([part.get("id") for part in _certificates(event)]) or texts(target(event))
    if event.type == "certificates.activated":
        for id in ids:
            state.active.set((place, id), event.at or "no time")
        return
    for id in ids:
        state.active.drop((place, id))
    others = [at for (where_active, _), at in state.active.items() if where_active == place]
    days = timedelta(days=context.thresholds["rotation_days"])
    if any(is_near(at, event.at, days) for at in others):
        return
    hours = timedelta(hours=context.thresholds["once_hours"])
    if state.told.again((place, ids), event.at, hours):
        return
    left = f"; {len(others)} that were activated before stay" if others else ""
    yield Hit(
        about=place,
        summary=f"{who(event, context)} deactivated client certificates "
        f"{where(event, context)}, and activated none in their place{left}: "
        f"{', '.join(named(id, context) for id in ids) or 'not said which'}.",
        evidence=(event,),
        severity="medium" if others or event.project_id is not None else None,
    )


def _list_weakened(event: AuditEvent, state: Lists, context: Context) -> str | None:
    """What was done to a list of addresses that weakens it."""
    type, ids = event.type or "", ", ".join(_listed(event))
    if type == "ip_allowlist.deleted":
        return f"deleted the list of allowed addresses {ids}"
    if type == "ip_allowlist.config.deactivated":
        return f"took the list of allowed addresses {ids} out of force"
    if type in _SETTINGS:
        what = _switched_off(event, _ALLOWLIST_NAMES)
        entries: tuple[str, ...] = tuple(
            text
            for path, inner in settings(event)
            if any(name in path[-1] for name in _ALLOWLIST_NAMES)
            for text in addresses(inner)
        )
    else:
        what, entries = None, addresses(value(event, "allowed_ips", "ips", "addresses", "cidrs"))
        if type.endswith("updated") and not entries and _was_emptied(event):
            what = f"emptied the list of allowed addresses {ids}"
    limits = context.thresholds
    opened = wide(entries, int(limits["widest_v4"]), int(limits["widest_v6"]))
    before = state.wide.get(ids) or ()
    if entries:
        state.wide.set(ids, opened)
    if not set(opened) - set(before):
        return what
    return f"opened the list of allowed addresses {ids} to {', '.join(opened[:5])}".replace(
        "  ", " "
    )


def _was_emptied(event: AuditEvent) -> bool:
    return any(part.get("allowed_ips") == [] for part in objects(event))


def _listed(event: AuditEvent) -> tuple[str, ...]:
    configs = value(event, "configs")
    if isinstance(configs, dict):
        configs = [configs]
    if isinstance(configs, list):
        ids = [part.get("id") if isinstance(part, dict) else part for part in configs]
        return texts(ids)
    return texts(configs) or texts(target(event))


def _certificates(event: AuditEvent) -> Iterator[dict[str, Any]]:
    given = value(event, "certificates")
    if given is None and isinstance(event.payload, list):
        given = event.payload
    for part in given if isinstance(given, list) else [given]:
        if isinstance(part, dict):
            yield part
        elif isinstance(part, str):
            yield {"id": part}


def _switched_off(event: AuditEvent, names: tuple[str, ...]) -> str | None:
    """The setting of one of these names that was switched off, as what was done."""
    if event.type not in _SETTINGS:
        return None
    for path, inner in settings(event):
        leads = [name for name in path if any(word in name for word in names)]
        if leads and _is_off(path[-1], inner, is_whole=path[-1].endswith(names)):
            return f"switched {'.'.join(path[path.index(leads[0]) :])} off"
    return None


def _is_off(name: str, inner: Any, *, is_whole: bool) -> bool:
    if not (is_whole or any(w in name for w in ("enabl", "enforc", "requir", "activ", "status"))):
        return False
    return inner is False or (isinstance(inner, str) and inner.lower() in _OFF_WORDS)


_ONCE = {"once_hours": 24.0}

DETECTIONS = (
    Detection(
        key="scim_disabled",
        title="Provisioning or single sign-on switched off",
        severity="high",
        techniques=(attack.MODIFY_AUTHENTICATION, attack.IMPAIR_DEFENSES),
        why="Without provisioning those who leave the company keep their access, and without "
        "single sign-on its rules for passwords and second factors no longer hold.",
        what_to_do="Ask the one who did it whether a change of the identity provider was planned. "
        "If not, switch it on again in the settings of the organization, and look for people who "
        "were added or given roles since: `openai-admin audit-logs search --type 'user.*'`.",
        state=Switches,
        look=look_for_sign_on,
        thresholds=_ONCE,
        types=frozenset(_OFF) | _SETTINGS,
    ),
    Detection(
        key="ip_allowlist_weakened",
        title="List of allowed addresses opened or taken out of force",
        severity="high",
        techniques=(attack.CLOUD_FIREWALL,),
        why="A stolen key works from anywhere once the list lets the world in.",
        what_to_do="Put the list back as it was, in the settings of the organization, unless the "
        "one who changed it can say why it had to be. Then look at which addresses came since: "
        "`openai-admin audit-logs search --around TIME --window 2h`.",
        state=Lists,
        look=look_for_lists,
        thresholds={**_ONCE, "widest_v4": 8, "widest_v6": 20, "rotation_days": 7.0},
        types=_SETTINGS
        | {
            *("ip_allowlist.created", "ip_allowlist.updated", "ip_allowlist.deleted"),
            *("ip_allowlist.config.activated", "ip_allowlist.config.deactivated"),
        },
    ),
    Detection(
        key="mtls_weakened",
        title="Mutual TLS switched off",
        severity="high",
        techniques=(attack.IMPAIR_DEFENSES, attack.MODIFY_AUTHENTICATION),
        why="Without a client certificate that is asked for, a stolen key alone is enough.",
        what_to_do="Activate the certificate again (`openai-admin certificates activate`, or "
        "`projects certificates activate`) unless it was replaced; `openai-admin certificates "
        "list` says which are active. Then look at the keys that were used since.",
        state=Certificates,
        look=look_for_mutual_tls,
        thresholds={**_ONCE, "rotation_days": 7.0},
        types=_SETTINGS | {"certificates.activated", "certificates.deactivated"},
    ),
)
