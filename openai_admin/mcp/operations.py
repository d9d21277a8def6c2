"""The declared operations as tools."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import attrs

from .._declare.effect import Effect
from .._declare.operation import OPERATIONS, Operation, Parameter
from .._declare.pagination import Paging
from .._wire.codec import to_dict
from .._wire.fields import secret_paths
from .._wire.models import Page
from .._wire.odd import odd_fields
from .._wire.one_time import may_lack_secret
from .._wire.removal import is_confirmed, removed_id, why_unconfirmed
from .._wire.types import Time, alternatives, read
from ..client import AsyncOpenAIAdmin
from ..errors import APIError, OneTimeSecret, OutcomeUnknownError
from ..resources import load
from .failures import log_doubt
from .names import PREFIX, SEED, Named, own_parameters, seed_parameters, tool_name
from .pages import LEFT_OUT, fitting_list
from .schema import Schema, argument_schema, result_schema, takes_null
from .texts import counted, named, named_list
from .times import now_of, read_times
from .tool import Answer, Argument, Run, Tool
from .unread import UNREADABLE, apart, telling
from .usage import ADAPTED, MISSING, NOTES, check_usage, is_usage, usage_run

SECRET: Schema = {
    "type": "string",
    "description": "The one-time secret that was created. It is shown only now: store it.",
}


def seed_tools(*, plain_names: bool = False) -> list[Tool]:
    """The published server's 47 tools, with only its parameters.

    Args:
        plain_names: list ``project_ids`` for ``project_ids[]``, for clients that cannot send the
            latter; either is taken.
    """
    load()
    return [
        _tool(OPERATIONS[operation], seed_parameters(parameters), plain_names)
        for operation, parameters in SEED.values()
    ]


def all_tools(*, plain_names: bool = False) -> list[Tool]:
    """Every operation. Those published have further parameters of today's API, all optional."""
    load()
    made: list[Tool] = []
    for operation in OPERATIONS.values():
        name = tool_name(operation).removeprefix(PREFIX)
        parameters = seed_parameters(SEED[name][1]) if name in SEED else []
        known = {p.argument for p in parameters}
        parameters += [p for p in own_parameters(operation) if p.argument not in known]
        made.append(_tool(operation, parameters, plain_names))
    return made


def _tool(operation: Operation, parameters: list[Named], plain_names: bool) -> Tool:
    name = tool_name(operation)

    prepare = check_usage(operation) if is_usage(operation) else operation.prepare
    carry_out = usage_run(operation) if is_usage(operation) else _run(operation)

    def check(arguments: Mapping[str, Any]) -> None:
        prepare(read_times(arguments, now=datetime.now(UTC)))

    async def run(client: AsyncOpenAIAdmin, arguments: Mapping[str, Any]) -> Answer:
        return await carry_out(client, read_times(arguments, now=now_of(client)))

    return Tool(
        name=name,
        title=name.removeprefix(PREFIX).replace("_", " ").capitalize(),
        description=_description(operation),
        arguments=tuple(_argument(operation, p, plain_names) for p in parameters),
        output=_output(operation),
        effect=operation.effect,
        repeatable=operation.repeatable,
        check=check,
        run=run,
        operation=operation,
    )


def _argument(operation: Operation, named: Named, plain_names: bool) -> Argument:
    parameter = operation.parameters[named.argument]
    bare = named.name.removesuffix("[]")
    name, alias = (bare, named.name) if plain_names else (named.name, bare)
    # In a body null means "none"; in a query it can only mean that nothing is asked. The published
    # tools do not have it.
    nullable = parameter.place == "body" and not named.published
    schema = argument_schema(parameter.type, nullable=nullable)
    doc = operation.parameter_docs[named.argument] or _fallback_doc(parameter)
    if any(isinstance(kind, Time) for kind in alternatives(parameter.type)):
        doc = f"{doc.rstrip('.')}; in Unix seconds."
    return Argument(
        name=name,
        passed_as=named.argument,
        required=named.required,
        schema={**schema, "description": doc[:1].upper() + doc[1:]},
        nullable=takes_null(schema),
        alias=alias if alias != name else None,
    )


def _fallback_doc(parameter: Parameter) -> str:
    return f"{parameter.name.replace('_', ' ')}."


def _description(operation: Operation) -> str:
    text = " ".join(operation.description.split())
    if is_usage(operation):
        return (
            f"{text} An answer that would be too long is returned in parts: go on with page set to"
            " next_page and the other arguments unchanged. Recent days are restated, and today is"
            " incomplete."
        )
    if operation.paging is not None:
        return f"{text} One page; while has_more is true, {_GO_ON[operation.paging]}."
    if secret_paths(read(operation.result)):
        return (
            f"{text} The field secret has the value: show it to the user once, and never repeat it."
        )
    return text


_GO_ON: Mapping[Paging, str] = {
    Paging.LAST_ID: "go on with after set to last_id",
    Paging.LAST_ITEM: "go on with after set to last_id",
    Paging.NEXT: "go on with after set to next",
    Paging.NEXT_PAGE: "go on with page set to next_page",
}


def _output(operation: Operation) -> Schema:
    schema = result_schema(read(operation.answer))
    properties = dict(schema["properties"])
    if operation.paging is not None:
        properties |= {"left_out": LEFT_OUT, "unreadable": UNREADABLE}
        if is_usage(operation):
            properties |= {"adapted": ADAPTED, "missing": MISSING, "notes": NOTES}
        return {**schema, "properties": properties, "required": ["data", "has_more"]}
    if secret_paths(read(operation.result)):
        # All else may be missing, where the API's response cannot be read.
        properties |= {"secret": SECRET, "unreadable": UNREADABLE}
        return {"type": "object", "properties": properties}
    return {**schema, "properties": {**properties, "unreadable": UNREADABLE}}


# --- carrying out --------------------------------------------------------------------------


def _run(operation: Operation) -> Run:
    secrets = secret_paths(read(operation.result))

    async def run(client: AsyncOpenAIAdmin, arguments: Mapping[str, Any]) -> Answer:
        lost = False
        try:
            found = await operation.of(client)(**arguments)
        except OutcomeUnknownError as error:
            if error.secret is not None:
                return _unread_secret(error, error.secret)
            found, lost = await _looked_up(error), True
        except asyncio.CancelledError as cancellation:
            log_doubt(cancellation)
            raise
        if isinstance(found, Page):
            return _page_answer(operation.paging, found, arguments)
        structured = to_dict(found, mode="read", secrets=True)
        for path in secrets:
            secret = _take(structured, path)
            if secret is not None:
                structured["secret"] = secret
        told = _LOST if lost else _done(operation, "secret" in structured)
        if secrets and not lost and "secret" not in structured and not may_lack_secret(arguments):
            told = _WITHOUT_ANY
        if operation.method == "DELETE":
            id = removed_id(operation.path, arguments)
            if not is_confirmed(found, id):
                told = f"{why_unconfirmed(found, id)} {_UNCONFIRMED}"
        return telling(Answer(structured, told, named(structured)), odd_fields(found))

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


def _page_answer(paging: Paging | None, page: Page[Any], arguments: Mapping[str, Any]) -> Answer:
    """A page of things, what could not be read of it apart."""
    read_part, odd = apart(page)
    if paging is None:
        return telling(_items_answer(_without_nulls(read_part)), odd)
    cursor = paging.cursor(page)
    if paging in (Paging.LAST_ID, Paging.LAST_ITEM):
        read_part["last_id"] = cursor  # also where the API leaves it out, or nothing can be read
    return telling(_list_answer(paging, _without_nulls(read_part), cursor, arguments), odd)


def _list_answer(
    paging: Paging, page: dict[str, Any], cursor: str | None, arguments: Mapping[str, Any]
) -> Answer:
    page = fitting_list(page, paging, arguments)
    answer = _items_answer(page)
    left = page.get("left_out", {}).get("items")
    if left:
        more = f" {left} more of this page did not fit; {_GO_ON[paging]}."
    elif page["has_more"] and cursor:
        more = f" There are more: {_GO_ON[paging]}."
    elif page["has_more"]:
        more = " There are more, but the API has not said how to go on: ask for a larger page."
    else:
        more = " There are no more."
    return attrs.evolve(answer, summary=answer.summary + more)


def _items_answer(page: dict[str, Any]) -> Answer:
    things = page["data"]
    return Answer(page, f"{counted(len(things), 'item')}.", named_list(things))


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
