"""The declared operations as tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import attrs

from .._declare.arguments import one_of
from .._declare.effect import Effect
from .._declare.operation import OPERATIONS, Operation
from .._declare.pagination import Paging
from .._wire.fields import secret_paths
from .._wire.models import Page
from .._wire.odd import odd_fields
from .._wire.one_time import may_lack_secret
from .._wire.removal import is_confirmed, removed_id, why_unconfirmed
from .._wire.types import read
from ..client import AsyncOpenAIAdmin
from ..errors import APIError, InvalidInputError, OneTimeSecret, OutcomeUnknownError
from ..resources import load
from .bounding import CONCISE_BYTES, PAGE_BYTES
from .detail import DETAIL_ARGUMENT, shortened, take_detail
from .facts import facts_of
from .names import PREFIX, SEED, Named, own_parameters, seed_parameters, tool_name
from .pages import LEFT_OUT, fitting_list
from .parameters import GO_ON, arguments_of, clearable_in, description_of
from .schema import Schema, result_schema
from .texts import counted
from .times import now_of, read_times
from .tool import Answer, Run, Tool
from .unread import UNREADABLE, apart, telling
from .usage import USAGE, check_usage, is_usage, usage_run

SECRET: Schema = {
    "type": "string",
    "description": "The one-time secret that was created. It is shown only now: store it.",
}


def seed_tools(*, seed_names: bool = False) -> list[Tool]:
    """The published server's 47 tools.

    Args:
        seed_names: list its parameters to the letter, with ``project_ids[]`` for ``project_ids``;
            many clients refuse the brackets. Either is taken.
    """
    load()
    return [
        _tool(OPERATIONS[operation], seed_parameters(parameters), seed_names)
        for operation, parameters in SEED.values()
    ]


def all_tools() -> list[Tool]:
    """Every operation.

    Those published have further parameters of today's API, all optional, and need only what the API
    needs today.
    """
    load()
    made: list[Tool] = []
    for operation in OPERATIONS.values():
        name = tool_name(operation).removeprefix(PREFIX)
        parameters = [
            attrs.evolve(each, required=operation.parameters[each.argument].required)
            for each in (seed_parameters(SEED[name][1]) if name in SEED else [])
        ]
        known = {p.argument for p in parameters}
        parameters += [p for p in own_parameters(operation) if p.argument not in known]
        made.append(_tool(operation, parameters, False))
    return made


def _tool(operation: Operation, parameters: list[Named], seed_names: bool) -> Tool:
    name = tool_name(operation)

    in_short = not seed_names and operation.paging is not None and not is_usage(operation)
    changing = [p for p in parameters if operation.parameters[p.argument].place == "body"]
    is_update = operation.effect is Effect.OVERWRITES and not any(p.required for p in changing)
    prepare = check_usage(operation) if is_usage(operation) else operation.prepare
    carry_out = usage_run(operation) if is_usage(operation) else _run(operation, in_short=in_short)

    def check(arguments: Mapping[str, Any]) -> None:
        if in_short:
            arguments, _ = take_detail(arguments)
        if is_update and changing and not any(p.argument in arguments for p in changing):
            names = one_of([p.name for p in changing])
            raise InvalidInputError(f"There is nothing to change: pass {names}.")
        prepare(read_times(arguments, now=datetime.now(UTC)))

    async def run(client: AsyncOpenAIAdmin, arguments: Mapping[str, Any]) -> Answer:
        return await carry_out(client, read_times(arguments, now=now_of(client)))

    return Tool(
        name=name,
        title=name.removeprefix(PREFIX).replace("_", " ").capitalize(),
        description=description_of(operation, parameters),
        arguments=(
            *arguments_of(operation, parameters, seed_names=seed_names),
            *((DETAIL_ARGUMENT,) if in_short else ()),
        ),
        output=_output(operation),
        effect=operation.effect,
        repeatable=operation.repeatable,
        check=check,
        run=run,
        operation=operation,
        clearable=() if seed_names else clearable_in(operation, parameters),
    )


def _output(operation: Operation) -> Schema:
    schema = result_schema(read(operation.answer))
    properties = dict(schema["properties"])
    if operation.paging is not None:
        properties |= {"left_out": LEFT_OUT, "unreadable": UNREADABLE}
        if is_usage(operation):
            properties |= USAGE
        return {**schema, "properties": properties, "required": ["data", "has_more"]}
    if secret_paths(read(operation.result)):
        # All else may be missing, where the API's response cannot be read.
        properties |= {"secret": SECRET, "unreadable": UNREADABLE}
        return {"type": "object", "properties": properties}
    return {**schema, "properties": {**properties, "unreadable": UNREADABLE}}


# --- carrying out --------------------------------------------------------------------------


def _run(operation: Operation, *, in_short: bool) -> Run:
    secrets = secret_paths(read(operation.result))

    async def run(client: AsyncOpenAIAdmin, arguments: Mapping[str, Any]) -> Answer:
        lost, detailed = False, True
        if in_short:
            arguments, detailed = take_detail(arguments)
        try:
            found = await operation.of(client)(**arguments)
        except OutcomeUnknownError as error:
            if error.secret is not None:
                return _unread_secret(error, error.secret)
            found, lost = await _looked_up(error), True
        if isinstance(found, Page):
            return _page_answer(operation, found, arguments, detailed=detailed)
        structured = facts_of(found, secrets=True)
        for path in secrets:
            secret = _take(structured, path)
            if secret is not None:
                structured = {"secret": secret, **structured}
        told = _LOST if lost else _done(operation, "secret" in structured)
        if secrets and not lost and "secret" not in structured and not may_lack_secret(arguments):
            told = _WITHOUT_ANY
        if operation.method == "DELETE":
            id = removed_id(operation.path, arguments)
            if not is_confirmed(found, id):
                told = f"{why_unconfirmed(found, id)} {_UNCONFIRMED}"
        return telling(Answer(structured, told), odd_fields(found))

    return run


def _unread_secret(error: OutcomeUnknownError, secret: OneTimeSecret) -> Answer:
    """The secret of what was created, where nothing else of the API's response can be read."""
    return Answer({"secret": secret.value}, f"{error.message} {_STORE}")


async def _looked_up(error: OutcomeUnknownError) -> Any:
    """What a change whose response was lost has created.

    Raises:
        OutcomeUnknownError: nothing is found that it may have created, or what is found may have
            been there before.
    """
    try:
        found = None if error.find is None else await error.reconcile()
    except OutcomeUnknownError as undecided:
        undecided.add_note(f"The call itself ended with: {error.__cause__}")
        raise undecided from error
    except APIError:
        found = (
            None  # looking failed as well: that the outcome is unknown is still what to say first
        )
    if found is None:
        raise error
    return found


_UNCONFIRMED = "Do not say that it was deleted; look with the list tool whether it is there."
_STORE = (
    "The secret is in the field secret of the result, only now: it cannot be read again. Have the"
    " user store it now, and do not repeat it."
)
_WITHOUT_ANY = (
    "It was created, but no secret came with the API's response, and none can be read later. Tell"
    " the user: a new key is needed, and what was created may have to be deleted."
)
_LOST = (
    "Done, as far as can be seen: the API's response was lost or cannot be read, and this is what"
    " was found to have been created. A secret that came with the response cannot be read again."
)


def _page_answer(
    operation: Operation, page: Page[Any], arguments: Mapping[str, Any], *, detailed: bool
) -> Answer:
    """A page of things, what could not be read of it apart."""
    paging = operation.paging
    facts, odd = apart(page)
    cursor = None if paging is None else paging.cursor(page)
    if paging in (Paging.LAST_ID, Paging.LAST_ITEM):
        facts["last_id"] = cursor  # also where the API leaves it out, or nothing can be read
    facts = _without_nulls(facts)
    notes: Sequence[str] = ()
    if not detailed:
        facts, notes = shortened(facts)
    if paging is not None:
        most = PAGE_BYTES if detailed else CONCISE_BYTES
        facts = fitting_list(facts, paging, arguments, most)
    told = f"{counted(len(facts['data']), 'item')}."
    if paging is not None:
        told = f"{told} {_how_to_go_on(paging, facts, cursor)}"
    return telling(Answer(facts, told, notes=notes), odd)


def _how_to_go_on(paging: Paging, page: Mapping[str, Any], cursor: str | None) -> str:
    left = page.get("left_out", {})
    if "fits" in left:
        return f"{left['items']} more did not fit: ask again with limit {left['fits']}."
    if left:
        return f"{left['items']} more of this page did not fit; {GO_ON[paging]}."
    if page["has_more"] and cursor:
        return f"There are more: {GO_ON[paging]}."
    if page["has_more"]:
        return "There are more, but the API has not said how to go on: ask for a larger page."
    return "There are no more."


def _done(operation: Operation, has_secret: bool) -> str:
    if operation.effect is Effect.READS:
        return "Found."
    return f"Done. {_STORE}" if has_secret else "Done."


def _take(structured: dict[str, Any], path: tuple[str, ...]) -> Any:
    """A secret, taken out of where the API put it."""
    inner: Any = structured
    for name in path[:-1]:
        inner = inner.get(name) if isinstance(inner, dict) else None
    return inner.pop(path[-1], None) if isinstance(inner, dict) else None


def _without_nulls(page: dict[str, Any]) -> dict[str, Any]:
    """A page without the cursors that it does not have."""
    return {name: value for name, value in page.items() if value is not None}
