"""What a person is asked before a call, and whether they are: it may take a look to know."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from ..._declare.operation import Operation
from ..._text.visible import spelled_out
from ...client import AsyncOpenAIAdmin
from ...directory.concerns import concerns, has_concerns
from ..tool import Asking, Danger, Tool
from .before import taken_away, told_of_call
from .dangers import of_call
from .things import look_up
from .wording import described, power

LOOKING = 10.0
"""Seconds that may be spent on looking at what a call is about."""
_MOST_CHARACTERS = 4_000  # of a question


async def asking_of(
    tool: Tool,
    client: AsyncOpenAIAdmin,
    connection: str,
    arguments: Mapping[str, Any],
    allowed: Collection[Danger] = (),
) -> Asking | None:
    """What is asked before a call: what it does to what, by its name, and what speaks against it.

    Nothing is changed by it.

    Args:
        tool: the tool.
        client: the client of the connection.
        connection: the connection's name.
        arguments: the call's arguments.
        allowed: what is done without asking.

    Returns:
        ``None`` where there is nothing to ask.

    Raises:
        NotFoundError: there is no such thing.
    """
    if tool.operation is not None:
        asking = await _of_operation(tool.operation, client, arguments, frozenset(allowed))
    elif tool.ask is not None:
        asking = await tool.ask(client, arguments)
    else:
        asking = Asking("", tool.dangers)
    if asking is None or asking.dangers <= frozenset(allowed):
        return None
    text = f"{tool.title} in {spelled_out(connection)}{'' if tool.operation else '. '}{asking.text}"
    lines = map(spelled_out, text.split("\n"))  # a plan has lines, but no name in it
    return Asking(_bounded("\n".join(lines)), asking.dangers)


async def _of_operation(
    operation: Operation,
    client: AsyncOpenAIAdmin,
    arguments: Mapping[str, Any],
    allowed: frozenset[Danger],
) -> Asking | None:
    dangers = set(of_call(operation, arguments))
    warnings: list[str] = []
    if has_concerns(operation) and Danger.LOCKS_OUT not in allowed:
        warnings = await _warnings(operation, client, arguments)
        if warnings:
            dangers.add(Danger.LOCKS_OUT)
    by_state = told_of_call(operation, arguments) - allowed
    if dangers <= allowed and not by_state:
        return None
    things = await look_up(client, operation, arguments, LOOKING)
    if by_state and (sentence := taken_away(operation, arguments, things)):
        warnings.insert(0, sentence)
        dangers |= by_state
    if dangers <= allowed:
        return None
    about = described(operation, arguments, things)
    sentences = [
        f": {about}." if about else ".",
        *(power(operation, arguments, things) if Danger.GRANTS in dangers else ()),
        *warnings,
        *(["This cannot be undone."] if operation.final else ()),
    ]
    return Asking(" ".join(sentences), frozenset(dangers))


async def _warnings(
    operation: Operation, client: AsyncOpenAIAdmin, arguments: Mapping[str, Any]
) -> list[str]:
    try:
        async with asyncio.timeout(LOOKING):
            return await concerns(client, operation, arguments)
    except TimeoutError:
        return [f"Its consequences could not be checked within {LOOKING:.0f} s."]


def _bounded(text: str) -> str:
    if len(text) <= _MOST_CHARACTERS:
        return text
    rest = len(text) - _MOST_CHARACTERS
    return f"{text[:_MOST_CHARACTERS]}… ({rest:,} more characters are not shown.)"
