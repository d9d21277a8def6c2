"""What is looked for in the audit log, by ids: what a person's names were resolved to."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

import attrs

from ..._declare.arguments import suggest, unix_seconds
from ...errors import InvalidInputError
from ...insights.recorded import texts_in
from ...resources.audit_logs.event_types import EVENT_TYPES, is_tenant_scoped
from ..event import AuditEvent

_TYPE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_KNOWN = frozenset[str](EVENT_TYPES)
_TYPO = 0.85  # how alike two types are of which one is the other mistyped

BACK = timedelta(days=30)
"""How far back is looked where nothing is said."""

WINDOW = timedelta(hours=1)
"""How long a stretch around a moment is where nothing is said."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@attrs.frozen(kw_only=True)
class Subjects:
    """People, service accounts or keys, by all that events call them.

    Attributes:
        ids: their ids.
        emails: their addresses, in lower case.
    """

    ids: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()

    def has_part_in(self, event: AuditEvent) -> bool:
        """Whether one of them did what an event tells, or it was done to one."""
        actor = event.actor
        own = {actor.user_id, actor.service_account_id, actor.key_id}
        if not self.ids.isdisjoint(own) or (actor.email or "").lower() in self.emails:
            return True
        texts = set(texts_in(event.payload))
        return not self.ids.isdisjoint(texts) or any(
            text.lower() in self.emails for text in texts if "@" in text
        )


@attrs.frozen(kw_only=True)
class Asked:
    """What is looked for; events must meet all of it.

    Attributes:
        since: the earliest moment.
        until: the first moment not included.
        people: people and service accounts of whom one must have a part in an event.
        keys: keys of which one must, as what was used or what was changed.
        project_ids: the projects in one of which it must have happened.
        types: the types, written out; ``None`` is all.
        networks: the networks from one of which it must have come.
        tenant: whether the events of the tenant above the organization are looked through too.
    """

    since: datetime
    until: datetime
    people: Subjects | None = None
    keys: Subjects | None = None
    project_ids: tuple[str, ...] = ()
    types: tuple[str, ...] | None = None
    networks: tuple[Network, ...] = ()
    tenant: bool = False

    def is_met_by(self, event: AuditEvent) -> bool:
        """Whether an event of the listings of `queries` is what is looked for.

        Of people, or else of keys, the API says what they have a part in: it may know more of an
        event than the event tells.
        """
        types = self.types or ()
        if not _KNOWN.issuperset(types) and event.type not in types:
            return False
        if self.people is not None and self.keys is not None and not self.keys.has_part_in(event):
            return False
        return not self.networks or _is_from(event.actor.origin.ip, self.networks)

    def queries(self) -> list[dict[str, Any]]:
        """The arguments of the listings that together have all of it.

        The API combines filters of different kinds, so that who did something and to whom it was
        done are asked for apart.
        """
        base: dict[str, Any] = {"effective_at": (self.since, self.until)}
        if self.project_ids:
            base["project_ids"] = list(self.project_ids)
        scoped = [{**base, **scope} for scope in self._scopes()]
        who = self.people or self.keys
        if who is None:
            return scoped
        parts: list[dict[str, Any]] = []
        if who.ids:
            parts += [{"actor_ids": sorted(who.ids)}, {"resource_ids": sorted(who.ids)}]
        if who.emails:
            parts.append({"actor_emails": sorted(who.emails)})
        return [{**scope, **part} for scope in scoped for part in parts]

    def _scopes(self) -> list[dict[str, Any]]:
        """By types, and whether they are the tenant's, which are listed apart from all others."""
        if self.types is None:
            return [{}, {"tenant_only": True}] if self.tenant else [{}]
        own = [type for type in self.types if not is_tenant_scoped(type)]
        above = [type for type in self.types if is_tenant_scoped(type)]
        scopes: list[dict[str, Any]] = []
        if own:
            scopes.append(_narrowed(own))
        if above:
            scopes.append({**_narrowed(above), "tenant_only": True})
        return scopes


def _narrowed(types: Collection[str]) -> dict[str, Any]:
    """The argument that asks for types; none where one is not known, which cannot be asked for."""
    return {"event_types": list(types)} if _KNOWN.issuperset(types) else {}


def types_of(patterns: Iterable[str]) -> tuple[str, ...] | None:
    """The types that patterns stand for, as ``project.*``; ``None`` without a pattern.

    A type that is written out may be one that only a later version knows, unless it is nearly one
    of those that are known.

    Args:
        patterns: types, or patterns with ``*`` and ``?``.

    Raises:
        InvalidInputError: one stands for none.
    """
    found: dict[str, None] = {}
    meant: list[str]
    patterns = [pattern.strip() for pattern in patterns]
    for pattern in patterns:
        meant = [*(type for type in EVENT_TYPES if fnmatchcase(type, pattern.lower()))]
        if not meant and _TYPE.fullmatch(pattern):
            meant = [pattern] if not get_close_matches(pattern, EVENT_TYPES, cutoff=_TYPO) else []
        if not meant:
            what = "pattern" if set(pattern) & set("*?[") else "type"
            raise InvalidInputError(
                f"types: no type of event matches the {what} {pattern!r}"
                f"{suggest(pattern, list(EVENT_TYPES))}"
            )
        found.update(dict.fromkeys(meant))
    return tuple(found) if patterns else None


def networks_of(addresses: Iterable[str]) -> tuple[Network, ...]:
    """Networks, and addresses as networks of one.

    Raises:
        InvalidInputError: one is neither.
    """
    found = []
    for text in addresses:
        try:
            found.append(ipaddress.ip_network(text.strip(), strict=False))
        except ValueError:
            raise InvalidInputError(
                f"ip must be an address or a network, as 203.0.113.7 or 203.0.113.0/24, not"
                f" {text!r}."
            ) from None
    return tuple(found)


def around(moment: datetime, window: timedelta, *, now: datetime) -> tuple[datetime, datetime]:
    """The stretch of time around a moment, half of it before.

    Raises:
        InvalidInputError: the window is not positive, or all of it is in the future.
    """
    if window <= timedelta(0):
        raise InvalidInputError("window must be longer than 0.")
    since, until = moment - window / 2, moment + window / 2
    if since >= now:
        raise InvalidInputError(f"around must not be in the future: {moment:%Y-%m-%d %H:%M}.")
    return since, until


def stretch(
    since: datetime | None,
    until: datetime | None,
    moment: datetime | None,
    window: timedelta | None,
    *,
    now: datetime,
) -> tuple[datetime, datetime]:
    """The stretch of time that is asked for: from one moment to another, or around one.

    Args:
        since: when it begins; by default 30 days before its end.
        until: when it ends, not included; by default now.
        moment: what it lies around instead.
        window: how long it is then; by default an hour.
        now: the present.

    Raises:
        InvalidInputError: it is empty, both ways are used, or a moment has no time zone.
    """
    since, until, moment = (
        None if given is None else datetime.fromtimestamp(unix_seconds(given, name), UTC)
        for name, given in (("since", since), ("until", until), ("around", moment))
    )
    if moment is not None:
        if since is not None or until is not None:
            raise InvalidInputError("Pass around, or since and until, not both.")
        return around(moment, WINDOW if window is None else window, now=now)
    if window is not None:
        raise InvalidInputError("window needs around, the moment to look around.")
    end = now if until is None else until
    start = end - BACK if since is None else since
    if start >= end:
        raise InvalidInputError(f"since must be before until, not {start} and {end}.")
    return start, end


def _is_from(ip: str | None, networks: Collection[Network]) -> bool:
    if ip is None:
        return False
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in networks)
