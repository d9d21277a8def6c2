"""The looks of ``openai-admin guard``: what they find is told, and done where that is wanted."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from .._files import replaced
from .._text.visible import json_text
from ..audit.guard.findings import Done, KeyBurst, Look, Proposal, as_json
from ..audit.guard.limiting import lower
from ..audit.guard.looking import Guard
from ..audit.guard.running import looks
from ..audit.guard.settings import GuardSettings
from ..errors import APIError, InvalidInputError
from .errors import CommandError
from .guard_text import text_of
from .output_file import reported
from .prompt import confirm
from .terminal import printable
from .webhook import Webhook

if TYPE_CHECKING:
    from ..client import AsyncOpenAIAdmin

_REMEMBERED = timedelta(days=7)


@attrs.frozen(kw_only=True)
class Watch:
    """What the command was asked for.

    Attributes:
        projects: the projects to watch, by id or name.
        settings: what else is watched, and what is too much.
        every: seconds between looks; ``None`` for one look.
        does_limit: whether limits are lowered without a question.
        asks: whether somebody can be asked.
        state: where it is kept what was told.
        asked: the form that was asked for by name.
        form: the form.
        receiver: where findings are posted to.
    """

    projects: Sequence[str]
    settings: GuardSettings
    every: float | None
    does_limit: bool
    asks: bool
    state: Path | None
    asked: str | None
    form: str
    receiver: Webhook | None


@attrs.define
class Told:
    """Which bursts were told, and what was done about them, also by earlier runs.

    Attributes:
        file: where that is kept; ``None`` for this run alone.
        ended: whether each burst was over when it was told, by key, project and beginning.
    """

    file: Path | None
    ended: dict[tuple[str, str, str], bool] = attrs.field(factory=dict)

    @classmethod
    def of(cls, file: Path | None) -> Told:
        """What earlier runs told.

        Raises:
            CommandError: the file has something else, or cannot be read.
        """
        if file is None or not file.exists():
            return cls(file)
        try:
            told = json.loads(file.read_text(encoding="utf-8"))["told"]
            return cls(file, {(r["key"], r["project"], r["began"]): bool(r["ended"]) for r in told})
        except OSError as exc:
            raise CommandError(f"{file} cannot be read: {exc.strerror or exc}.", code=1) from None
        except (ValueError, KeyError, TypeError):
            raise CommandError(
                f"{file} is not a file that 'guard --state' wrote: remove it, or name another."
            ) from None

    def is_news(self, burst: KeyBurst) -> bool:
        """Whether an earlier run did not tell of it, as it is."""
        known = self._known(burst)
        return known is None or (burst.ended and not self.ended[known])

    def is_new(self, burst: KeyBurst) -> bool:
        """Whether nobody told of it before."""
        return self._known(burst) is None

    def add(self, burst: KeyBurst) -> None:
        """Say that a burst was told, and keep that."""
        known = self._known(burst) or self._of(burst)
        self.ended[known] = burst.ended
        oldest = (burst.last - _REMEMBERED).isoformat()
        self.ended = {of: ended for of, ended in self.ended.items() if of[2] >= oldest}
        if self.file is None:
            return
        rows = [
            {"key": key, "project": project, "began": began, "ended": ended}
            for (key, project, began), ended in self.ended.items()
        ]
        with reported(str(self.file)), replaced(self.file) as path:
            path.write_text(json_text({"told": rows}, indent=1) + "\n", encoding="utf-8")

    def _known(self, burst: KeyBurst) -> tuple[str, str, str] | None:
        """The burst as it was told: one that begins a little earlier or later is the same."""
        key, project, _ = self._of(burst)
        for of in self.ended:
            if of[:2] == (key, project):
                began = datetime.fromisoformat(of[2])
                if burst.began - timedelta(minutes=15) <= began <= burst.last:
                    return of
        return None

    @staticmethod
    def _of(burst: KeyBurst) -> tuple[str, str, str]:
        return burst.key_id, burst.project_id or "", burst.began.isoformat()


async def watching(client: AsyncOpenAIAdmin, watch: Watch) -> tuple[list[str], list[str]]:
    """Look, once or on and on, and tell.

    Returns:
        Of one look: what was found, and what is not known, a sentence each.

    Raises:
        CommandError: a project is not known, or nothing can be written.
    """
    told = Told.of(watch.state)
    ids = [await _project(client, named) for named in watch.projects]
    settings = attrs.evolve(watch.settings, project_ids=ids)
    guard = Guard(client, settings)
    if watch.every is None:
        return await _once(client, guard, watch, told)
    before: tuple[str, ...] = ()
    async with aclosing(looks(guard, every=watch.every)) as found:
        async for look in found:
            if isinstance(look, str):
                _say(look)
                continue
            if not before and look.reported is not None:
                _say(f"Watching; usage is reported until {look.reported:%Y-%m-%d %H:%M} UTC.")
            for sentence in look.not_known:
                if sentence not in before:
                    _say(f"Not known: {sentence}.")
            before = look.not_known or ("",)
            for burst in look.news:
                if told.is_news(burst):
                    await _tell(client, guard, watch, told, burst, look)
    return [], []


async def _once(
    client: AsyncOpenAIAdmin, guard: Guard, watch: Watch, told: Told
) -> tuple[list[str], list[str]]:
    look = await guard.look()
    news = [burst for burst in look.news if told.is_news(burst)]
    shown = [await _acted(client, guard, watch, told, burst, look) for burst in news]
    lacks = [f"Not known: {sentence}." for sentence in look.not_known]
    if look.reported is None:
        lacks.append("No use of any key was reported for the last day, so that nothing was judged.")
    else:
        _say(
            f"Looked at the hour before {look.reported:%Y-%m-%d %H:%M} UTC, the latest minute"
            " that is reported."
        )
    if watch.form == "json":
        _write(json_text([as_json(burst) for burst in shown], indent=2) + "\n")
    else:
        _write("".join(_line(watch, burst) for burst in shown))
    for burst in shown:
        told.add(burst)
        lacks += [f"Not known of {burst.key_id}: {each}." for each in burst.not_known]
        lacks += await _posted(watch, burst)
        lacks += [done.what for done in burst.done if done.succeeded is not True]
    if not shown:
        _say("No key is used far more than usual.")
    summary = (
        f"{len(shown)} {'key is' if len(shown) == 1 else 'keys are'} used far more than usual."
    )
    return ([summary] if shown else []), lacks


async def _tell(
    client: AsyncOpenAIAdmin, guard: Guard, watch: Watch, told: Told, burst: KeyBurst, look: Look
) -> None:
    is_asked = watch.asks
    if is_asked:
        _write(_line(watch, burst))
    burst = await _acted(client, guard, watch, told, burst, look)
    if not is_asked or burst.done:
        _write(_line(watch, burst))
    told.add(burst)
    for sentence in await _posted(watch, burst):
        _say(sentence)


async def _acted(
    client: AsyncOpenAIAdmin, guard: Guard, watch: Watch, told: Told, burst: KeyBurst, look: Look
) -> KeyBurst:
    """The finding with what was done about it: once, and not of what is over."""
    if burst.ended or burst.done or not told.is_new(burst):
        return burst
    done: list[Done] = []
    for proposal in burst.proposals:
        if proposal.action == "limit" and (
            watch.does_limit or (watch.asks and await _agreed(burst, proposal))
        ):
            done.append(await lower(client, proposal, now=look.at))
        elif proposal.action == "delete" and watch.asks and await _agreed(burst, proposal):
            done.append(await _deleted(client, burst, look.at))
    if done:
        burst = attrs.evolve(burst, done=tuple(done))
        guard.note(burst)
    return burst


async def _agreed(burst: KeyBurst, proposal: Proposal) -> bool:
    print(printable(f"{burst.summary}\n{proposal.what}"), file=sys.stderr)
    question = "Lower it?" if proposal.action == "limit" else f"Delete the key {burst.key}?"
    return await confirm(printable(question))


async def _deleted(client: AsyncOpenAIAdmin, burst: KeyBurst, now: datetime) -> Done:
    try:
        await client.projects.api_keys.delete(str(burst.project_id), burst.key_id)
    except APIError as error:
        is_known = isinstance(error, APIError) and not _in_doubt(error)
        what = "was not deleted" if is_known else "may have been deleted, or not"
        return Done(
            action="delete",
            what=f"The key {burst.key} {what}: {error.in_general().rstrip('.')}.",
            undo=None,
            at=now,
            succeeded=False if is_known else None,
        )
    return Done(
        action="delete",
        what=f"The key {burst.key} was deleted.",
        undo=None,
        at=now,
        succeeded=True,
    )


def _in_doubt(error: APIError) -> bool:
    from ..errors import OutcomeUnknownError

    return isinstance(error, OutcomeUnknownError)


async def _project(client: AsyncOpenAIAdmin, named: str) -> str:
    """The id of a project by its id or name."""
    from ..directory.reading import PAGE

    if named.startswith("proj_"):
        return named
    found = [p async for p in client.projects.list(limit=PAGE) if p.name == named]
    if len(found) != 1:
        count = "no project" if not found else f"{len(found)} projects"
        raise InvalidInputError(f"There is {count} named {named!r}: pass the id of one.")
    return found[0].id


def _line(watch: Watch, burst: KeyBurst) -> str:
    if watch.form == "table":
        return text_of(burst)
    return json_text(as_json(burst)) + "\n"


async def _posted(watch: Watch, burst: KeyBurst) -> list[str]:
    """Post a finding; what went wrong, as a sentence."""
    if watch.receiver is None:
        return []
    is_slack = watch.asked not in ("json", "ndjson")
    message: dict[str, Any] = {"text": "\n".join([burst.summary, *(d.what for d in burst.done)])}
    if not is_slack:
        message["findings"] = [as_json(burst)]
    failure = await watch.receiver.post(message, wants_ok=is_slack)
    return [] if failure is None else [failure]


def _say(text: str) -> None:
    print(printable(text), file=sys.stderr, flush=True)


def _write(text: str) -> None:
    with reported("standard output"):
        print(text, end="")
        sys.stdout.flush()
