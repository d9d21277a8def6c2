"""The job of taking away everything that a person holds: a plan first, then what it says."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Literal

import attrs
from typing_extensions import Doc

from ..._declare.effect import Effect
from ..._text.visible import visible
from ...client import AsyncOpenAIAdmin
from ...errors import InvalidInputError, OffboardingError
from ...insights.text import count
from ...workflows.offboarding.membership import PeopleNotKnownError
from ...workflows.offboarding.model import OffboardingPlan, OffboardingResult, Person, Step
from ...workflows.offboarding.people import BY_EVIDENCE
from ...workflows.offboarding.plan import may_be_copied
from ...workflows.offboarding.preparing import Asked, Prepared, prepare
from ...workflows.offboarding.run import run_all, works
from ...workflows.offboarding.snapshot import Reading
from ...workflows.offboarding.text import acted, described, plan_lines, told
from ..progress import say
from ..texts import quoted
from ..tool import Answer, Asking, Danger, Tool
from .acting import Do, acting_tool, facts_in
from .means import Means
from .plans import MINUTES, Plans, Shown
from .wording import respelled, without_brackets

_MOST = 40  # rows of a list in an answer
_OPTIONS = {
    "transfer-to": "transfer_to",
    "leave-ownerless": 'accept ["leave_ownerless"]',
    "myself": 'accept ["myself"]',
    "allow-unknown-owners": 'accept ["unknown_owners"]',
}
_DANGERS = frozenset({Danger.REMOVES, Danger.GRANTS, Danger.LOCKS_OUT})

State = Literal[
    "planned", "undecided", "changed", "nothing_to_do", "not_known", "done", "incomplete"
]

Who = Annotated[str | None, Doc("Who leaves: an address, id or name.")]
Heir = Annotated[
    str | None, Doc("Who becomes the owner of projects that would have none, likewise.")
]
Accepted = Annotated[
    Sequence[Literal["leave_ownerless", "myself", "unknown_owners"]] | None,
    Doc("What the user has decided where the plan asks: see its decide."),
]


@attrs.frozen(kw_only=True)
class OffboardingStep:
    """A change.

    Attributes:
        step: what is done to what.
        id: the id of what it is done to; of a membership, the person's.
    """

    step: str
    id: str


@attrs.frozen(kw_only=True)
class OffboardingAnswer:
    """An offboarding, planned or done.

    Attributes:
        state: undecided: see decide; changed: nothing was done, this is the plan as things are
            now; incomplete: see left; not_known: nothing was found, but not all could be read.
        person: who leaves.
        do: the plan's id, to pass as do once the user has agreed to it.
        steps: what is taken away, in order.
        steps_done: how many steps are done, by earlier runs too.
        left: steps that did not succeed, and what is there still.
        held_back: steps that are not done as things are, and why.
        stays: what cannot be taken away here, and why.
        keep_working: service accounts whose keys they may have copied: rotate those.
        decide: what the user must decide first.
        know: what the user should know, and nothing is done about.
        not_known: what could not be looked at, with the reason.
    """

    state: State
    person: str
    do: str | None = None
    steps: Sequence[OffboardingStep] = ()
    steps_done: int = 0
    left: Sequence[str] = ()
    held_back: Sequence[str] = ()
    stays: Sequence[str] = ()
    keep_working: Sequence[str] = ()
    decide: Sequence[str] = ()
    know: Sequence[str] = ()
    not_known: Sequence[str] = ()


@attrs.frozen
class Offboard:
    """The tool.

    Attributes:
        means: what the operator gives.
        plans: the plans that were shown.
    """

    means: Means
    plans: Plans = attrs.field(factory=Plans)

    @property
    def tool(self) -> Tool:
        """It as a tool."""
        return acting_tool(
            self.offboard,
            OffboardingAnswer,
            effect=Effect.REMOVES,
            dangers=_DANGERS,
            ask=self.ask,
            check=check,
            plans_first=True,
        )

    async def offboard(
        self,
        client: AsyncOpenAIAdmin,
        *,
        person: Who = None,
        transfer_to: Heir = None,
        accept: Accepted = None,
        do: Do = None,
    ) -> Answer:
        """Take away all that a person who leaves holds: keys, invites, roles, projects, groups,
        membership. It plans, and changes nothing; with the plan's id as do, once the user has
        agreed, it does that. Where that was cut off, plan and do again. Example: {"person":
        "ada@example.com"}
        """
        if do is None:
            arguments = _given(person=person, transfer_to=transfer_to, accept=accept)
            return await self._shown(client, arguments, await self._prepared(client, arguments))
        given = _given(person=person, transfer_to=transfer_to, accept=accept)
        plan = await self.plans.get(client, do, given)
        prepared = await self._prepared(client, plan.arguments)
        if not await self.plans.take(client, do, given, _facts(prepared.plans[0])):
            return await self._shown(client, plan.arguments, prepared, is_changed=True)
        say("offboarding")
        with _reworded():
            (result,) = await run_all(works(client, prepared, lambda _: _telling_steps()))
        return _result(result)

    async def ask(self, client: AsyncOpenAIAdmin, arguments: Mapping[str, Any]) -> Asking | None:
        """What the person is asked before a plan is carried out: the plan."""
        given = dict(arguments)
        id = given.pop("do", None)
        return None if id is None else (await self.plans.get(client, id, given)).asking

    async def _prepared(self, client: AsyncOpenAIAdmin, arguments: Mapping[str, Any]) -> Prepared:
        accepted = arguments.get("accept") or ()
        asked = Asked(
            people=[arguments["person"]],
            transfer_to=arguments.get("transfer_to"),
            leave_ownerless="leave_ownerless" in accepted,
            myself="myself" in accepted,
            allow_unknown_owners="unknown_owners" in accepted,
            journals=self.means.journals,
        )
        with _reworded():
            return await prepare(client, asked, _told_reading)

    async def _shown(
        self,
        client: AsyncOpenAIAdmin,
        arguments: Mapping[str, Any],
        prepared: Prepared,
        *,
        is_changed: bool = False,
    ) -> Answer:
        """A plan, kept where it can be carried out."""
        plan = prepared.plans[0]
        is_ready = bool(plan.steps) and not plan.undecided
        text = respelled("\n".join(plan_lines(plan)), _OPTIONS)
        kept = Shown(arguments=arguments, facts=_facts(plan), text=text, dangers=_dangers(plan))
        id = await self.plans.keep(client, kept) if is_ready else None
        state: State = "planned" if is_ready else "undecided"
        if not (plan.steps or plan.undecided):
            state = "nothing_to_do" if plan.is_empty else "not_known"
        facts = OffboardingAnswer(
            state="changed" if is_changed and is_ready else state,
            person=_name(plan.person),
            do=id,
            steps=[
                OffboardingStep(
                    step=without_brackets(acted(step.holding, plan.transfer_to)), id=step.holding.id
                )
                for step in plan.steps[:_MOST]
            ],
            steps_done=len(plan.earlier),
            held_back=_sentences(
                f"{acted(step.holding, plan.transfer_to)}: {step.obstacle}"
                for step in plan.steps[:_MOST]
                if step.obstacle
            ),
            stays=_kept(plan),
            keep_working=_reached(plan),
            decide=_sentences(plan.undecided),
            know=_sentences(n for n in plan.notes if not _is_of_accounts(plan, n)),
            not_known=_sentences(plan.not_known),
        )
        notes = [*_left_out("steps", plan.steps), *_left_out("accounts", plan.accounts)]
        return Answer(facts_in(facts), _said(plan, id, is_changed=is_changed), notes=notes)


def check(arguments: Mapping[str, Any]) -> None:
    """Refuse a call that names nobody.

    Raises:
        InvalidInputError: it passes neither ``person`` nor ``do``, or contradicts itself.
    """
    if not (arguments.get("person") or arguments.get("do")):
        raise InvalidInputError("person must name who leaves, by address, id or name.")
    if arguments.get("transfer_to") and "leave_ownerless" in (arguments.get("accept") or ()):
        raise InvalidInputError("Pass transfer_to or accept leave_ownerless, not both.")


def _given(**arguments: Any) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}


def _facts(plan: OffboardingPlan) -> Hashable:
    """What a person agrees to: where it has changed, they are asked anew."""
    heir = plan.transfer_to
    return (
        plan.person.id or plan.person.email,
        heir and heir.id,
        tuple((step.key, step.obstacle) for step in plan.steps),
        tuple(held.key for held in plan.stays),
        plan.undecided,
        plan.not_known,
    )


def _dangers(plan: OffboardingPlan) -> frozenset[Danger]:
    grants = any(step.holding.kind == "ownership" for step in plan.steps)
    locks_out = plan.acting.may_be_of(plan.person, [step.holding for step in plan.steps])
    return frozenset(
        {Danger.REMOVES}
        | ({Danger.GRANTS} if grants else set())
        | ({Danger.LOCKS_OUT} if locks_out else set())
    )


def _said(plan: OffboardingPlan, id: str | None, *, is_changed: bool) -> str:
    first = "Nothing was done: things have changed since the plan was made. " * is_changed
    who = quoted(_name(plan.person))
    if plan.undecided:
        return f"{first}Before {who} can be offboarded, the user must decide what decide lists."
    if not plan.steps:
        when = plan.finished_at
        past = f" They were offboarded on {when:%Y-%m-%d %H:%M} UTC." if when is not None else ""
        if plan.is_empty:
            return f"{first}There is nothing to take away from {who}.{past}"
        return (
            f"{first}Nothing was found to take away from {who}, but not everything could be read,"
            f" so they may hold something: not_known lists what could not be read.{past}"
        )
    steps = count(len(plan.steps), "step")
    lacks = " They may hold more than that: not_known lists what could not be read."
    return (
        f"{first}Plan to offboard {who}, in {steps}; nothing is changed yet. Show it to the user,"
        f' and only if they agree, call again with do: "{id}" (good for {MINUTES} minutes, once).'
        f"{lacks * bool(plan.not_known)}"
    )


def _kept(plan: OffboardingPlan | OffboardingResult) -> list[str]:
    return [f"{described(held)} ({held.id}): {held.stays}" for held in plan.stays[:_MOST]]


def _reached(plan: OffboardingPlan) -> list[str]:
    return [
        visible(
            f"{one.name or 'one without a name'} ({one.id}) in {one.project_name or one.project_id}"
        )
        for one in plan.accounts[:_MOST]
    ]


def _is_of_accounts(plan: OffboardingPlan, note: str) -> bool:
    """Whether a note says in words, for the command line, what the answer lists."""
    return bool(plan.accounts) and note == may_be_copied(plan.accounts)


def _left_out(what: str, things: Sequence[Any]) -> list[str]:
    more = len(things) - _MOST
    return [f"Not listed here: {more:,} more of {what}."] if more > 0 else []


def _sentences(texts: Any) -> list[str]:
    return [respelled(text, _OPTIONS) for text in texts]


def _name(person: Person) -> str:
    return without_brackets(str(person))


def _result(result: OffboardingResult) -> Answer:
    plan = result.plan
    left = [told(step, plan.transfer_to) for step in result.left]
    left += [f"{described(held)}: still there" for held in result.still_there]
    over = sum(step.is_over for step in result.steps)
    facts = OffboardingAnswer(
        state="done" if result.is_complete else "incomplete",
        person=_name(plan.person),
        steps_done=over,
        left=_sentences(left[:_MOST]),
        stays=_kept(result),
        keep_working=_reached(plan),
        not_known=_sentences(result.not_known),
    )
    notes = _left_out("left", left)
    if left or result.access_kept:
        notes.append("Not everything is over: what is left can be taken away by another plan.")
    if result.not_known:
        notes.append("Whether they hold more is not known: not_known lists what could not be read.")
    if plan.accounts:
        notes.append("Of the service accounts that keep working: rotate their keys next.")
    return Answer(facts_in(facts), _done(result), notes=notes)


def _done(result: OffboardingResult) -> str:
    over = sum(step.is_over for step in result.steps)
    steps = f"{over:,} of {count(len(result.steps), 'step')} done"
    return f"Offboarding {quoted(_name(result.person))}: {steps}."


def _told_reading(reading: Reading) -> None:
    say(f"reading the organization, {reading.done:,} of {reading.forecast.requests:,}")


def _telling_steps() -> Callable[[Step, int], None]:
    done = 0

    def tell(step: Step, total: int) -> None:
        nonlocal done
        done += 1
        say(f"step {done:,} of {total:,}: {acted(step.holding)}")

    return tell


@contextmanager
def _reworded() -> Iterator[None]:
    """Errors in the words of the tool."""
    try:
        yield
    except OSError as error:
        notes = " ".join(getattr(error, "__notes__", ()))
        why = f"{error.filename} cannot be written: {error.strerror or error}. {notes}"
        raise OffboardingError(respelled(why, _OPTIONS)) from error
    except (InvalidInputError, PeopleNotKnownError, OffboardingError) as error:
        text = str(error).replace(BY_EVIDENCE, "")  # which a file says, not a tool
        own = text.removeprefix("--transfer-to: ")
        text = respelled(own if own == text else f"transfer_to: {own}", _OPTIONS)
        kind = InvalidInputError if isinstance(error, InvalidInputError) else OffboardingError
        raise kind(text) from error
