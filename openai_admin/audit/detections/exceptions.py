"""Exceptions: findings that somebody has accepted, with the reason, and until when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date
from ipaddress import IPv4Network, IPv6Network, ip_address

import attrs

from ..event import AuditEvent
from .model import Directory, Finding

Network = IPv4Network | IPv6Network


@attrs.frozen(kw_only=True)
class AcceptedRisk:
    """Findings that are expected, and told as accepted.

    All that is given must be so of a finding: it is about one of these, or each event of its
    evidence is theirs. Of a finding with several events each must come from these networks and
    countries: the address that is not expected is what it tells of.

    Attributes:
        detections: the keys of the detections that it is for.
        reason: why they are accepted.
        until: the last day, UTC, of events that it covers.
        persons: addresses or ids of people, or ids or names of service accounts.
        keys: ids or names of keys.
        projects: ids or names of projects.
        networks: where sessions come from.
        countries: codes of countries, in upper case.
    """

    detections: frozenset[str]
    reason: str
    until: date
    persons: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    projects: frozenset[str] = frozenset()
    networks: frozenset[Network] = frozenset()
    countries: frozenset[str] = frozenset()

    def covers(self, finding: Finding, directory: Directory) -> bool:
        """Whether a finding is expected; one of no known time never is."""
        if finding.detection not in self.detections or finding.at is None:
            return False
        if finding.at.astimezone(UTC).date() > self.until:
            return False
        about = {finding.about, *_called(finding.about, directory)}
        return all(
            bool(folded & {_folded(name) for name in about})
            or all(is_theirs(event) for event in finding.evidence)
            for folded, is_theirs in self._tests(directory)
        )

    def _tests(
        self, directory: Directory
    ) -> Iterator[tuple[frozenset[str], Callable[[AuditEvent], bool]]]:
        """What it asks for, each with what says whether an event is so."""
        for names, in_event in (
            (self.persons, _persons),
            (self.keys, _keys),
            (self.projects, _projects),
        ):
            if names:
                folded = frozenset(map(_folded, names))
                yield folded, _is_of(folded, in_event, directory)
        if self.networks:
            yield frozenset(), self._is_from_networks
        if self.countries:
            yield frozenset(), self._is_from_countries

    def _is_from_networks(self, event: AuditEvent) -> bool:
        try:
            address = ip_address(event.actor.origin.ip or "")
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.networks)

    def _is_from_countries(self, event: AuditEvent) -> bool:
        return (event.actor.origin.country or "").upper() in self.countries


Named = Callable[[AuditEvent], tuple[str | None, ...]]


def _is_of(
    folded: frozenset[str], in_event: Named, directory: Directory
) -> Callable[[AuditEvent], bool]:
    def is_of(event: AuditEvent) -> bool:
        ids = [each for each in in_event(event) if each is not None]
        names = {name for id in ids for name in (id, *_called(id, directory))}
        return bool(folded & {_folded(name) for name in names})

    return is_of


def _persons(event: AuditEvent) -> tuple[str | None, ...]:
    return event.actor.user_id, event.actor.email, event.actor.service_account_id


def _keys(event: AuditEvent) -> tuple[str | None, ...]:
    is_key = event.type is not None and "api_key" in event.type
    return event.actor.key_id, event.target_id if is_key else None


def _projects(event: AuditEvent) -> tuple[str | None, ...]:
    is_project = event.type is not None and event.type.startswith("project.")
    return event.project_id, event.project_name, event.target_id if is_project else None


def _called(id: str, directory: Directory) -> Iterator[str]:
    """What else the directory calls something."""
    sources: tuple[Mapping[str, str], ...] = (directory.emails, directory.names)
    return (source[id] for source in sources if id in source)


def _folded(text: str) -> str:
    return text.strip().casefold()
