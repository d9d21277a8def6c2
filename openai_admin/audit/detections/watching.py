"""The detections over the stream of events, each finding once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs

from ..event import AuditEvent
from .model import Context, Detection, Directory, Finding
from .settings import Settings

MOST_REMEMBERED = 10_000
"""Findings that are known to have been told; an older one would be told again."""


@attrs.define
class Failure:
    """What a detection could not look at.

    Attributes:
        detection: its key.
        events: how many events those were.
        first: the first one's id.
        reason: what was raised at the first.
    """

    detection: str
    events: int
    first: str | None
    reason: str

    def __str__(self) -> str:
        events = "1 event" if self.events == 1 else f"{self.events:,} events, the first"
        where = f" ({self.first})" if self.first else ""
        return f"{self.detection} could not look at {events}{where}: {self.reason}"


class _Looking:
    """A detection at work: its state, and what it may know."""

    def __init__(self, detection: Detection[Any], directory: Directory, settings: Settings) -> None:
        self.detection = detection
        self.state = detection.state()
        self.failure: Failure | None = None
        self._thresholds = {**detection.thresholds, **settings.of(detection).thresholds}
        self.know(directory)

    def know(self, directory: Directory) -> None:
        self._context = Context(directory=directory, thresholds=self._thresholds)

    def look(self, event: AuditEvent) -> Iterator[Finding]:
        """What it finds at an event; nothing where it fails, which is noted."""
        try:
            hits = tuple(self.detection.look(event, self.state, self._context))
            found = tuple(Finding.of(self.detection, hit) for hit in hits)
        except Exception as error:  # noqa: BLE001 - what it was not made for costs itself
            self._fail(event, error)
            return iter(())
        return iter(found)

    def _fail(self, event: AuditEvent, error: Exception) -> None:
        if self.failure is None:
            reason = f"{type(error).__name__}: {error}".rstrip(": ")
            self.failure = Failure(self.detection.key, 0, event.id, reason)
        self.failure.events += 1


class Watch:
    """Detections that look at events one after another, the oldest first.

    Nothing here knows the time or reads anything: the same events give the same findings. Each
    finding comes once, whatever comes again; what is kept for that is bounded, as is the state of
    each detection. An event is looked at in its place, also one without a time, and a late one when
    it comes. A detection that fails at an event goes on with the next, and the others are not
    touched by it: `failures` says so.

    Args:
        detections: what looks.
        directory: what is known of the organization.
        settings: what is changed of the detections, and what is accepted.
        told: the ids of findings that were told before, the oldest first.
    """

    def __init__(
        self,
        detections: Iterable[Detection[Any]],
        directory: Directory = Directory(),  # noqa: B008 - immutable
        settings: Settings = Settings(),  # noqa: B008 - immutable
        *,
        told: Iterable[str] = (),
    ) -> None:
        self._settings = settings
        self._directory = directory
        self._told: OrderedDict[str, None] = OrderedDict.fromkeys(told)
        self._at_work = [
            _Looking(each, directory, settings) for each in detections if settings.of(each).enabled
        ]
        self._of_all = [each for each in self._at_work if each.detection.types is None]
        self._of_type: dict[str, list[_Looking]] = {}
        for each in self._at_work:
            for type in each.detection.types or ():
                self._of_type.setdefault(type, []).append(each)

    @property
    def detections(self) -> Sequence[Detection[Any]]:
        """The detections that look."""
        return [each.detection for each in self._at_work]

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What detections could not look at, by detection."""
        return tuple(each.failure for each in self._at_work if each.failure is not None)

    def know(self, directory: Directory) -> None:
        """Use what is known of the organization from now on."""
        self._directory = directory
        for each in self._at_work:
            each.know(directory)

    def feed(self, event: AuditEvent) -> tuple[Finding, ...]:
        """Look at an event.

        Returns:
            What was found, and was not told before; what is accepted has its `accepted`.
        """
        looking = [*self._of_type.get(event.type or "", ()), *self._of_all]
        found = [finding for each in looking for finding in each.look(event)]
        return tuple(
            self._settings.judged(finding, self._directory)
            for finding in found
            if self._is_new(finding.id)
        )

    def _is_new(self, id: str) -> bool:
        is_new = id not in self._told
        self._told[id] = None
        self._told.move_to_end(id)
        while len(self._told) > MOST_REMEMBERED:
            self._told.popitem(last=False)
        return is_new
