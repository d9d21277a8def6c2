"""``openai-admin detect --follow``: findings as their events come, until Ctrl-C."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from .._text.visible import json_text
from .alone import alone
from .connect import connected
from .detect_forms import Looking, at_least, listed, post, show
from .output_file import reported
from .position_file import check_position, position_of, save_position, tell_outage
from .terminal import printable
from .unread import told_elsewhere
from .webhook import Webhook

if TYPE_CHECKING:
    from .._wire.models import Unreadable
    from ..audit.detections.following import Follower
    from ..audit.detections.model import Finding
    from ..audit.detections.told import ToldFindings

_TRIES = 6  # to post findings, with pauses that grow from
_PAUSE = 2.0  # seconds
_TAKEN = "Another detect follows with {}: end that one, or name another file."


async def follow(
    following: Looking, since: datetime | None, file: Path | None, poll: float
) -> None:
    """Tell what is found, until the command is ended.

    Args:
        following: what looks, and how it is told.
        since: from when on, where the position is new; ``None`` for now.
        file: keeps how far the log was read.
        poll: seconds between two looks at the log.
    """
    from ..audit.detections.following import OVERLAP, Follower
    from ..audit.detections.told import ToldFindings

    check_position(file)
    with alone(file, _TAKEN.format(file)), told_elsewhere():
        position = position_of(file, since)
        if file is None and since is not None:
            position.floor = int(since.timestamp())
        told = ToldFindings(None if file is None else file.with_name(f"{file.name}.findings"))
        async with connected(following.target, on_event=tell_outage) as client:
            follower = Follower(
                client=client,
                detections=following.detections,
                settings=following.settings,
                position=position,
                told=told,
                history=following.history,
                poll=poll,
                with_lookups=following.names,
            )
            await follower.begin()
            telling = _Telling(following, follower, told)
            telling.begin()
            save_position(position)
            events = client.audit_logs.tail(
                since=position,
                poll=poll,
                overlap=OVERLAP,
                unreadable=telling.take_odd,
            )
            async with aclosing(events):
                async for event in events:
                    await telling.tell(await follower.take(event))
                    save_position(position)


@attrs.define
class _Telling:
    """Findings told as they come.

    A finding is kept as told once it is written and posted: where the process is killed before,
    it is told again, with the same id.
    """

    following: Looking
    follower: Follower
    told: ToldFindings
    _failed: set[str] = attrs.field(factory=set)
    _kinds: set[str] = attrs.field(factory=set)
    _posting: set[asyncio.Task[None]] = attrs.field(factory=set)

    def begin(self) -> None:
        """Say what is watched, and what is not known."""
        from ..audit.detections.showing import counted

        known, learned = self.follower.known, self.follower.learned_from
        days = self.follower.history / timedelta(days=1)
        watching = counted(len(self.follower.watch.detections), "detection")
        _say(
            f"Watching the audit log with {watching}; learned from {counted(learned, 'event')} of"
            f" the {days:g} days before."
        )
        _say("Events of the tenant above the organization are not followed.")
        for line in known.notes:
            _say(line)
        for line in known.directory.not_known:
            _say(f"Not known: {line.rstrip('.')}.")

    async def tell(self, found: Sequence[Finding]) -> None:
        """Write findings, post them, and keep that they were told."""
        findings = self._write(found)
        self._say_failures()
        await self._finish(found, findings)

    def take_odd(self, odd: Unreadable) -> None:
        """Tell what is found at what could not be read as an event."""
        found = self.follower.take_odd(odd)
        self._say_failures()
        if found:
            findings = self._write(found)
            task = asyncio.get_running_loop().create_task(self._finish(found, findings))
            self._posting.add(task)
            task.add_done_callback(self._posting.discard)

    def _write(self, found: Sequence[Finding]) -> list[Finding]:
        """Write those that are to be told; the others are known now as well."""
        following, names = self.following, self.follower.known.directory.names
        findings = [
            each
            for each in at_least(found, following.least)
            if each.accepted is None or following.shows_accepted
        ]
        if following.form == "table":
            from .detect_text import lines_of, what_to_do

            for each in findings:
                lines = [*lines_of(each, names, sys.stdout)]
                if each.detection not in self._kinds:
                    self._kinds.add(each.detection)
                    lines += what_to_do(each, sys.stdout)
                show("".join(f"{line}\n" for line in (*lines, "")))
        elif findings:
            organization = self.follower.client._caller.organization_told()
            rows = listed(findings, names, following.form, organization)
            show("".join(f"{json_text(row)}\n" for row in rows))
        return findings

    async def _finish(self, found: Sequence[Finding], findings: Sequence[Finding]) -> None:
        new = [each for each in findings if each.accepted is None]
        if new and self.following.receiver is not None:
            await self._post(self.following.receiver, new)
        for each in found:
            self._keep(each.id)

    def _keep(self, id: str) -> None:
        with reported("the file of the findings that were told"):
            self.told.add(id)

    async def _post(self, receiver: Webhook, findings: Sequence[Finding]) -> None:
        summary = findings[0].summary if len(findings) == 1 else f"{len(findings):,} findings"
        failure = None
        for number in range(_TRIES):
            failure = await post(
                receiver,
                summary,
                findings,
                self.follower.known.directory.names,
                self.following.asked,
                organization_id=self.follower.client._caller.organization_told(),
            )
            if failure is None:
                return
            await asyncio.sleep(_PAUSE * 2**number)
        ids = ", ".join(each.id for each in findings)
        _say(f"{failure} It was tried {_TRIES} times; not posted: {ids}.")

    def _say_failures(self) -> None:
        for failure in self.follower.watch.failures:
            if failure.detection not in self._failed:
                self._failed.add(failure.detection)
                _say(f"Not known: {failure}.")


def _say(line: str) -> None:
    print(printable(line), file=sys.stderr, flush=True)
