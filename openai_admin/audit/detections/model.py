"""What a detection is, what it finds, and what it may know beside the events."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

import attrs

from ..._wire.portable import Portable
from ..event import AuditEvent

S = TypeVar("S")

Severity = Literal["informational", "low", "medium", "high", "critical"]
"""How bad it is if it is true, the least first; the words are OCSF's."""

Threshold = int | float
"""A number that a detection decides by, which its settings can change."""


@attrs.frozen
class Technique:
    """A technique of MITRE ATT&CK.

    Attributes:
        id: as ``T1098.003``.
        name: as ``Additional Cloud Roles``.
        tactic: what it serves, as ``Persistence``.
    """

    id: str
    name: str
    tactic: str

    @property
    def address(self) -> str:
        """The page that describes it."""
        return f"https://attack.mitre.org/techniques/{self.id.replace('.', '/')}/"


@attrs.frozen(kw_only=True)
class Directory:
    """What detections know of the organization beside its log; what is not known stays empty.

    Attributes:
        domains: the organization's own domains, in lower case; empty where they are not known.
        owner_roles: the ids of roles that make their holder an owner of the organization.
        powerful_roles: the ids of roles that can change access, keys or settings, with what they
            can; those of `owner_roles` among them.
        emails: the addresses of people by their ids, of those who left too where the log told.
        names: names of projects, service accounts, groups, roles and keys, by id.
        key_owners: who each key belongs to: the id of a person or a service account, by key.
        left: the ids of people who leave within the log that is looked at, where it was known
            beforehand: when they act they may be members no more, or still.
        not_known: what could not be read, a sentence each.
    """

    domains: frozenset[str] = frozenset()
    owner_roles: frozenset[str] = frozenset()
    powerful_roles: Mapping[str, str] = attrs.field(factory=dict)
    emails: Mapping[str, str] = attrs.field(factory=dict)
    names: Mapping[str, str] = attrs.field(factory=dict)
    key_owners: Mapping[str, str] = attrs.field(factory=dict)
    left: frozenset[str] = frozenset()
    not_known: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Context:
    """What a detection may use beside the event and its own state.

    Attributes:
        directory: what is known of the organization.
        thresholds: the detection's numbers, with the settings' changes, by name.
    """

    directory: Directory = Directory()
    thresholds: Mapping[str, Threshold] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Hit:
    """What a detection found at an event.

    Attributes:
        about: what it is about, for one finding of each: as ``user-abc`` or ``key-abc``.
        summary: what happened, as one sentence with names and numbers.
        evidence: the events that show it, the oldest first; the last is the one it was found at.
        severity: how bad it is, where that is not the detection's.
        learned: what was usual, as a sentence, where a threshold came from the organization's own
            history.
    """

    about: str
    summary: str
    evidence: tuple[AuditEvent, ...]
    severity: Severity | None = None
    learned: str | None = None


@attrs.frozen(kw_only=True)
class Detection(Generic[S]):
    """Something to look for in the log.

    Attributes:
        key: its name, as ``owner_granted``.
        title: what it finds, as a heading: ``Owner or powerful role granted``.
        severity: how bad it is if it is true.
        techniques: the techniques of ATT&CK that it may show.
        why: why that matters, as a sentence.
        what_to_do: what to look at and do, as sentences.
        state: makes the state that `look` keeps between events, of a size that is bounded.
        look: is given each event in the order of time, with the state and what else is known, and
            says what it found. It is pure but for its state.
        thresholds: the numbers it decides by, with their defaults, by name.
        types: the types of events that it is given; ``None`` is all.
    """

    key: str
    title: str
    severity: Severity
    techniques: tuple[Technique, ...]
    why: str
    what_to_do: str
    state: Callable[[], S]
    look: Callable[[AuditEvent, S, Context], Iterable[Hit]]
    thresholds: Mapping[str, Threshold] = attrs.field(factory=dict)
    types: frozenset[str] | None = None


@attrs.frozen(kw_only=True)
class Finding(Portable):
    """What was found in the log, with what it takes to judge it.

    Attributes:
        detection: the detection's key.
        title: the detection's title.
        severity: how bad it is if it is true.
        at: when the event happened at which it was found, UTC; ``None`` where it did not say.
        about: what it is about, by id.
        summary: what happened.
        why: why that matters.
        what_to_do: what to look at and do.
        techniques: the techniques of ATT&CK that it may show.
        evidence: the events that show it, the oldest first.
        learned: what was usual, where that was learned.
        accepted: why it is accepted, where an exception of the settings covers it.
    """

    detection: str
    title: str
    severity: Severity
    at: datetime | None
    about: str
    summary: str
    why: str
    what_to_do: str
    techniques: tuple[Technique, ...]
    evidence: tuple[AuditEvent, ...]
    learned: str | None = None
    accepted: str | None = None

    @classmethod
    def of(cls, detection: Detection[Any], hit: Hit) -> Finding:
        """The finding that a detection's hit is."""
        return cls(
            detection=detection.key,
            title=detection.title,
            severity=hit.severity or detection.severity,
            at=hit.evidence[-1].at,
            about=hit.about,
            summary=hit.summary,
            why=detection.why,
            what_to_do=detection.what_to_do,
            techniques=detection.techniques,
            evidence=hit.evidence,
            learned=hit.learned,
        )

    @property
    def id(self) -> str:
        """The same for the same finding of the same events, also in another run."""
        ids = (str(event.id) for event in self.evidence)
        text = "\n".join((self.detection, self.about, *ids))
        encoded = text.encode("utf-8", "surrogatepass")  # an id may be no Unicode
        return f"finding-{hashlib.blake2b(encoded, digest_size=12).hexdigest()}"
