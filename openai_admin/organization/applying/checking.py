"""What is refused before anything is sent: a plan that is not to be applied, or cannot be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..._declare.arguments import shown, suggest
from ..._declare.effect import Effect
from ..._declare.operation import OPERATIONS, Operation
from ..._text.visible import visible
from ..._wire.fields import secret_paths
from ..._wire.types import read
from ...errors import InvalidInputError
from ...resources import load
from ..planning.model import Exceeded, From, Impossible, Plan, Step
from ..planning.thresholds import KINDS
from ..planning.wording import ended

_STANDING = "id_of_what_another_step_makes"
_MOST = 5  # things that are named; there may be hundreds


def check(plan: Plan, force: Collection[str] = ()) -> None:
    """Make sure that a plan may be applied, and that each of its steps is a call that can be made.

    Args:
        plan: the plan.
        force: the kinds of thresholds that may be passed.

    Raises:
        InvalidInputError: something in it is impossible, it passes a threshold that is not forced,
            there is no kind of those in `force`, or a step is not one that can be made.
    """
    check_possible(plan)
    check_forced(plan.exceeded, force)
    load()
    known: set[str] = set()
    for step in plan.steps:
        _check_step(step, known)
        known.add(step.id)


def check_possible(plan: Plan) -> None:
    """Refuse a plan that has something impossible.

    Raises:
        InvalidInputError: it does.
    """
    if plan.impossible:
        raise InvalidInputError(
            f"The plan cannot be applied: {_listed([*map(_prevented, plan.impossible)])}"
        )


def check_kinds(force: Collection[str]) -> None:
    """Refuse to force what is not a kind of threshold. One that a plan does not pass is harmless.

    Raises:
        InvalidInputError: there is no such kind.
    """
    if isinstance(force, str):
        raise InvalidInputError(f"force must be a list of kinds, not {shown(force)}.")
    for kind in force:
        if kind not in KINDS:
            raise InvalidInputError(
                f"There is nothing to force of the kind {shown(kind)}{suggest(kind, KINDS)}"
            )


def check_forced(exceeded: Sequence[Exceeded], force: Collection[str]) -> None:
    """Refuse thresholds that are not forced.

    Raises:
        InvalidInputError: there are some, or there is no kind of those that are forced.
    """
    check_kinds(force)
    left = [each for each in exceeded if each.kind not in force]
    if left:
        options = " ".join(f"--force {kind}" for kind in dict.fromkeys(each.kind for each in left))
        raise InvalidInputError(
            f"The plan is not applied: {_listed([each.reason for each in left])} Pass {options} if"
            " you mean it."
        )


def operation_of(step: Step) -> Operation:
    """The operation of a step that was checked."""
    return OPERATIONS[step.operation]


def makers(value: Any) -> tuple[str, ...]:
    """The steps that make what an argument names, wherever in it."""
    if isinstance(value, From):
        return (value.step,)
    if isinstance(value, Mapping):
        value = [*value.values()]
    if isinstance(value, list | tuple):
        return tuple(dict.fromkeys(step for each in value for step in makers(each)))
    return ()


def filled(value: Any, ids: Mapping[str, str]) -> Any:
    """An argument with the ids of what other steps made in their places.

    Args:
        value: the argument.
        ids: the ids by step; where one lacks, something stands in its place that shows its form.
    """
    if isinstance(value, From):
        return ids.get(value.step, _STANDING)
    if isinstance(value, Mapping):
        return {name: filled(each, ids) for name, each in value.items()}
    return [filled(each, ids) for each in value] if isinstance(value, list | tuple) else value


def _check_step(step: Step, known: Collection[str]) -> None:
    """Make sure that a step can be made after some others.

    Raises:
        InvalidInputError: it cannot be.
    """
    if step.id in known:
        raise _wrong(step, "there are two of that name")
    operation = OPERATIONS.get(step.operation)
    if operation is None or operation.effect is Effect.READS:
        raise _wrong(step, f"there is no operation {shown(step.operation)} that changes something")
    if _makes_key(operation, step.arguments):
        raise _wrong(step, f"{operation.name} makes a key, which no plan does")
    for need in (*step.needs, *makers(step.arguments)):
        if need not in known:
            raise _wrong(step, f"it needs {shown(need)}, which no earlier step is called")
    if unknown := [name for name in step.arguments if name not in operation.parameters]:
        raise _wrong(step, f"{operation.name} has no argument {shown(unknown[0])}")
    needed = [p.name for p in operation.parameters.values() if p.required]
    if lacking := [name for name in needed if name not in step.arguments]:
        raise _wrong(step, f"it lacks {lacking[0]}")
    try:
        operation.prepare(filled(step.arguments, {}))
    except InvalidInputError as error:
        raise _wrong(step, str(error).rstrip(".")) from error


def _makes_key(operation: Operation, arguments: Mapping[str, Any]) -> bool:
    """Whether a call makes a secret that is shown once, for which a plan has no place."""
    if arguments.get("create_service_account_only") is True:
        return False
    return bool(secret_paths(read(operation.answer)))


def _wrong(step: Step, why: str) -> InvalidInputError:
    return InvalidInputError(f"The step {visible(step.id)} cannot be made: {why}.")


def _prevented(impossible: Impossible) -> str:
    return f"{impossible.where}: {impossible.reason}" if impossible.where else impossible.reason


def _listed(reasons: Sequence[str]) -> str:
    """Sentences, as far as somebody reads them."""
    told = [ended(reason) for reason in dict.fromkeys(reasons)]
    more = [f"There are {len(told) - _MOST:,} more."] if len(told) > _MOST else []
    return " ".join([*told[:_MOST], *more])
