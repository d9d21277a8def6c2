"""The job of replacing a key: a plan first, then what it says; the new key goes to a place alone.

The assistant sees neither key. It names one of the places that the operator of the server has
named at its start, and no other.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Literal

import attrs
from typing_extensions import Doc

from ..._declare.effect import Effect
from ...client import AsyncOpenAIAdmin
from ...errors import InvalidInputError, RotationError, SinkError
from ...resources.admin_api_keys import AdminAPIKey
from ...workflows.offboarding.acting import acting_key
from ...workflows.rotation.model import Rotation, Wishes
from ...workflows.rotation.starting import admin_key, service_account
from ...workflows.sinks.sink import Sink
from ..progress import say
from ..texts import quoted
from ..tool import Answer, Asking, Danger, Tool
from ..values import iso
from .acting import Do, acting_tool, facts_in
from .means import NO_SINK, Means
from .plans import MINUTES, Plans, Shown
from .wording import respelled

_OPTIONS = {
    "key": "key",
    "finish": 'action: "finish"',
    "abandon": 'action: "abandon"',
    "again": 'action: "again"',
}
_DANGERS = frozenset(Danger)
_WITHOUT_OVERLAP = (
    "There is no overlap: what has not taken the new key from its place stops working at once."
)

State = Literal["planned", "changed", "skipped", "overlap", "unsettled", "finished", "abandoned"]

Account = Annotated[str | None, Doc("The service account, by name or id; none for an admin key.")]
Project = Annotated[str | None, Doc("Its project, by name or id.")]
OldKey = Annotated[
    str | None,
    Doc("The key to replace, by name or id; an account's is by default the one in the sink."),
]
Into = Annotated[str | None, Doc("The place for the new key.")]
Action = Annotated[
    Literal["rotate", "finish", "again", "abandon"],
    Doc(
        "rotate: begin or go on; finish: delete the old key once the new one is in place, at once;"
        " again: begin another after the last; abandon: keep the old key."
    ),
]


@attrs.frozen(kw_only=True)
class RotationAnswer:
    """A rotation, planned or as far as it is.

    Attributes:
        state: changed: nothing was done, this is the plan as things are now; overlap: both keys
            work until due; unsettled: a key may be left over.
        whose: what has the key.
        do: the plan's id, to pass as do once the user has agreed to it.
        old_key: the id of the key that is replaced.
        new_key: the id of the new key, once there is one.
        left_over: the ids of other keys that were made and are to be deleted, too.
        sink: the name of the place for the new key.
        place: what that place is.
        done: what this call did.
        left: what is left to do, in order.
        due: when the rest is due; plan again then.
        know: what the user should know.
        not_known: what kept it from its end, as it is not known.
    """

    state: State
    whose: str
    do: str | None = None
    old_key: str | None = None
    new_key: str | None = None
    left_over: Sequence[str] = ()
    sink: str | None = None
    place: str | None = None
    done: Sequence[str] = ()
    left: Sequence[str] = ()
    due: str | None = None
    know: Sequence[str] = ()
    not_known: str | None = None


class _Unnamed:
    """Stands for the place that the operator has not named, in a plan."""

    def __str__(self) -> str:
        return "a place that the operator has yet to name"

    async def get(self) -> str | None:
        return None

    async def put(self, secret: str) -> None:
        raise SinkError(NO_SINK)


class _ChangedError(Exception):
    """What is to be done is not what the plan said."""

    def __init__(self, now: Rotation) -> None:
        super().__init__()
        self.now = now


@attrs.frozen
class RotateKey:
    """The tool.

    Attributes:
        means: what the operator gives.
        plans: the plans that were shown.
    """

    means: Means
    plans: Plans = attrs.field(factory=Plans)

    @property
    def tool(self) -> Tool:
        """It as a tool, whose ``sink`` is one of those that there are."""
        made = acting_tool(
            self.rotate_key,
            RotationAnswer,
            effect=Effect.REMOVES,
            dangers=_DANGERS,
            ask=self.ask,
            check=self.check,
            plans_first=True,
        )
        if not self.means.sinks:
            return made
        choices = {"enum": [*self.means.sinks]}
        return attrs.evolve(
            made,
            arguments=tuple(
                attrs.evolve(a, schema={**a.schema, **choices}) if a.name == "sink" else a
                for a in made.arguments
            ),
        )

    async def rotate_key(
        self,
        client: AsyncOpenAIAdmin,
        *,
        account: Account = None,
        project: Project = None,
        key: OldKey = None,
        sink: Into = None,
        action: Action = "rotate",
        do: Do = None,
    ) -> Answer:
        """Replace a key of a service account, or an admin key. It plans, and changes nothing; with
        the plan's id as do, once the user has agreed, it makes and tests a new key and puts it into
        the sink, never into an answer. A day later plan and do again: the old key is deleted.
        Example: {"account": "etl-prod", "project": "Data", "sink": "prod"}
        """
        given = _given(
            account=account,
            project=project,
            key=key,
            sink=sink,
            action=None if action == "rotate" else action,
        )
        if do is None:
            say("looking at the keys")
            rotation = await self._rotated(client, given, Wishes(plan=True))
            return await self._shown(client, given, rotation)
        plan = await self.plans.get(client, do, given)

        async def agree(now: Rotation) -> None:
            if not await self.plans.take(client, do, given, _facts(now)):
                raise _ChangedError(now)

        say("rotating the key")
        try:
            rotation = await self._rotated(client, plan.arguments, Wishes(agree=agree))
        except _ChangedError as changed:
            return await self._shown(client, plan.arguments, changed.now, is_changed=True)
        summary = _done(rotation) if rotation.done else _waiting(rotation)
        return self._answer(plan.arguments, rotation, summary)

    async def ask(self, client: AsyncOpenAIAdmin, arguments: Mapping[str, Any]) -> Asking | None:
        """What the person is asked before a plan is carried out: the plan."""
        given = _given(**{**arguments, "do": None})
        if given.get("action") == "rotate":
            del given["action"]
        id = arguments.get("do")
        return None if id is None else (await self.plans.get(client, id, given)).asking

    def check(self, arguments: Mapping[str, Any]) -> None:
        """Refuse a call that names no key, or no place that there is.

        Raises:
            InvalidInputError: it does.
        """
        if arguments.get("do"):
            return
        self.means.sink(arguments.get("sink"))
        if arguments.get("account") and not arguments.get("project"):
            raise InvalidInputError("project must name the service account's project.")
        if arguments.get("project") and not arguments.get("account"):
            raise InvalidInputError("account must name the service account in the project.")
        if not (arguments.get("account") or arguments.get("key")):
            raise InvalidInputError(
                "Name what has the key: account and project, or key for an admin key."
            )

    async def _rotated(
        self, client: AsyncOpenAIAdmin, given: Mapping[str, Any], wishes: Wishes
    ) -> Rotation:
        action = given.get("action")
        to: str | Sink = self.means.sink(given.get("sink")) or _Unnamed()
        wishes = attrs.evolve(
            wishes,
            finish=action == "finish",
            again=action == "again",
            abandon=action == "abandon",
            journals=self.means.journals,
        )
        caller = client._caller
        with _reworded():
            if "account" not in given:
                return await admin_key(caller, given["key"], to=to, wishes=wishes)
            return await service_account(
                caller,
                given["account"],
                project=given["project"],
                to=to,
                wishes=attrs.evolve(wishes, key=given.get("key")),
            )

    async def _shown(
        self,
        client: AsyncOpenAIAdmin,
        given: Mapping[str, Any],
        rotation: Rotation,
        *,
        is_changed: bool = False,
    ) -> Answer:
        """A plan, kept where it can be carried out."""
        is_ready = rotation.state == "planned" and bool(rotation.left)
        if not is_ready:
            return self._answer(given, rotation, _waiting(rotation))
        own = await _own(client, rotation)
        if given.get("action") == "finish" and rotation.new_key is None:
            own.append(_WITHOUT_OVERLAP)
        first = "Nothing was done: things have changed since the plan was made. " * is_changed
        if not self.means.sinks:
            summary = f"{first}Plan for a key of {_whose(rotation)}, not to be carried out here."
            return self._answer(given, rotation, summary, NO_SINK, *own)
        plan = Shown(
            arguments=given,
            facts=_facts(rotation),
            text=" ".join([_heading(given, rotation), *_sentences(rotation.left), *own]),
            dangers=_dangers(rotation, locks_out=bool(own)),
        )
        id = await self.plans.keep(client, plan)
        summary = (
            f"{first}Plan for a key of {_whose(rotation)}; nothing is changed yet. Show it to the"
            f' user, and only if they agree, call again with do: "{id}" (good for {MINUTES}'
            " minutes, once)."
        )
        return self._answer(given, rotation, summary, *own, id=id, is_changed=is_changed)

    def _answer(
        self,
        given: Mapping[str, Any],
        rotation: Rotation,
        summary: str,
        *notes: str,
        id: str | None = None,
        is_changed: bool = False,
    ) -> Answer:
        sinks = self.means.sinks
        name = given.get("sink", next(iter(sinks), None))
        facts = RotationAnswer(
            state="changed" if is_changed else rotation.state,
            whose=rotation.whose,
            do=id,
            old_key=rotation.old_key,
            new_key=rotation.new_key,
            left_over=rotation.left_over,
            sink=name,
            place=rotation.sink if sinks else None,
            done=_sentences(rotation.done),
            left=_sentences(rotation.left),
            due=iso(rotation.due),
            know=_sentences(rotation.notes),
            not_known=None
            if rotation.not_known is None
            else respelled(rotation.not_known, _OPTIONS),
        )
        return Answer(facts_in(facts), summary, notes=notes)


def _given(**arguments: Any) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}


def _facts(rotation: Rotation) -> Hashable:
    """What a person agrees to: where it has changed, they are asked anew."""
    new = rotation.new_key
    keys = rotation.old_key, new, rotation.left_over
    return rotation.account, keys, rotation.sink, len(rotation.left)


def _heading(given: Mapping[str, Any], rotation: Rotation) -> str:
    into = f" ({given['sink']})" if "sink" in given else ""
    return f"Rotate a key of {rotation.whose} into {rotation.sink}{into}."


def _dangers(rotation: Rotation, *, locks_out: bool) -> frozenset[Danger]:
    grants = {Danger.GRANTS} if rotation.kind == "admin_key" else set()
    return frozenset({Danger.REMOVES} | grants | ({Danger.LOCKS_OUT} if locks_out else set()))


async def _own(client: AsyncOpenAIAdmin, rotation: Rotation) -> list[str]:
    """That the key that is replaced is the one that this server runs with, or may be."""
    if rotation.kind != "admin_key" or rotation.old_key is None:
        return []
    listed: list[AdminAPIKey] = [key async for key in client.admin_api_keys.list(limit=100)]
    acting = await acting_key(client._caller, listed)
    if not acting.may_be(rotation.old_key):
        return []
    doubt = "is" if acting.is_known else "may be"
    sentence = (
        f"{rotation.old_key} {doubt} the key that this server runs with: once it is deleted, no"
        " tool works until the person who runs the server has started it with the new one."
    )
    return [sentence]


def _whose(rotation: Rotation) -> str:
    """What has the key, whose name people have written."""
    return quoted(rotation.whose)


def _waiting(rotation: Rotation) -> str:
    """What is said of a rotation of which nothing can be done now."""
    if rotation.state == "overlap":
        when = f" until {iso(rotation.due)}" if rotation.due else ""
        return (
            f"The new key of {_whose(rotation)} is in its place, and {_valid(rotation)} work{when}:"
            ' nothing is to be done before, unless the user wants action: "finish".'
        )
    return f"Nothing is to be done now for a key of {_whose(rotation)}: {rotation.state}."


def _valid(rotation: Rotation) -> str:
    """Which keys work while both do."""
    if not rotation.left_over:
        return "both keys"
    return f"both keys and {', '.join(rotation.left_over)}, which an earlier run made,"


def _done(rotation: Rotation) -> str:
    if rotation.state == "overlap":
        when = f" after {iso(rotation.due)}" if rotation.due else " once the overlap is over"
        return (
            f"The new key of {_whose(rotation)} is in its place, and {_valid(rotation)} work."
            f" Plan and do the same again{when} to delete what is left."
        )
    if rotation.state == "unsettled":
        return f"All was done for {_whose(rotation)}, but a key may be left over: see not_known."
    return f"The rotation for {_whose(rotation)} is {rotation.state}."


def _sentences(texts: Any) -> list[str]:
    return [respelled(text, _OPTIONS) for text in texts]


@contextmanager
def _reworded() -> Iterator[None]:
    """Errors in the words of the tool."""
    try:
        yield
    except SinkError as error:
        raise SinkError(respelled(str(error), _OPTIONS), in_doubt=error.in_doubt) from error
    except (InvalidInputError, RotationError) as error:
        kind = RotationError if isinstance(error, RotationError) else InvalidInputError
        raise kind(respelled(str(error), _OPTIONS)) from error
