"""The answer of a call that is not done when its patience ends: what is there, how to go on."""

from __future__ import annotations

import attrs
from mcp_types import CallToolResult, TextContent

from .patience import KEPT, Work
from .results import error_result, result_of
from .schema import Schema, or_null
from .texts import counted
from .tool import Tool

CONTINUE = "continue"
"""The argument that names the work to go on with."""

CONTINUE_SCHEMA: Schema = {
    **or_null({"type": "string"}),
    "description": "The id that an unfinished answer gave.",
}

_NAMED = 5  # operations


class TooEarlyError(Exception):
    """It is not known yet what a call would do, and so what to ask."""


def takes_continue(tool: Tool) -> bool:
    """Whether a tool has the argument: the API's operations have only their own."""
    return tool.operation is None and tool.target is None


def unfinished(tool: Tool, work: Work, seconds: float) -> CallToolResult:
    """What is answered before the work is done.

    A tool's result must be as its schema says, which only what the work offers is; else the answer
    is text alone.

    Args:
        tool: the tool.
        work: what is not done.
        seconds: for how long it has run.
    """
    work.told = True
    how = _how_to_go_on(tool, work)
    offered = work.progress.offered
    if offered is not None:
        said = f"Incomplete: this is what is known after {seconds:.0f} s. {_state(work)} {how}"
        return result_of(attrs.evolve(offered, notes=[said, *offered.notes]))
    return error_result(
        f"Not done after {seconds:.0f} s, and going on in the background. {_state(work)} {how}"
    )


def late(result: CallToolResult, seconds: float) -> CallToolResult:
    """A result that lay there already, with a note that it is not one of now.

    Args:
        result: the result, which nobody had got.
        seconds: how long ago its call was made.
    """
    note = (
        f"This came of the same call {seconds:.0f} s ago, which nobody had the answer to; it was"
        " not made again."
    )
    first, *others = result.content
    if isinstance(first, TextContent):
        first = TextContent(type="text", text=f"{note}\n{first.text}")
    facts = result.structured_content
    if facts is not None:
        facts = {**facts, "notes": [note, *facts.get("notes", ())]}
    return result.model_copy(update={"content": [first, *others], "structured_content": facts})


def not_looked(work: Work, seconds: float) -> str:
    """What is said where it is not known yet what a call would do, and so what to ask."""
    return (
        f"After {seconds:.0f} s it is not known yet what this call would affect, and nothing was"
        f" changed. {_state(work)} Make the same call again."
    )


def nothing_to_continue(id: str) -> str:
    """What is said where an id names nothing."""
    return (
        f"There is nothing to continue under {id}: it was delivered, or nobody asked for it in"
        f" {KEPT / 60:.0f} minutes; make the call without {CONTINUE}."
    )


def _state(work: Work) -> str:
    """What it does now, and what has come so far."""
    answers = work.progress.answers
    doing = f"Now: {work.progress.message}. " if work.progress.message else ""
    if not answers:
        return f"{doing}The API has not answered yet."
    named = [f"{name} {number}" for name, number in answers.most_common(_NAMED)]
    if len(answers) > _NAMED:
        named.append(f"{len(answers) - _NAMED} more")
    total = counted(answers.total(), "answer")
    return f"{doing}So far {total} of the API came ({', '.join(named)}); the rest is missing."


def _how_to_go_on(tool: Tool, work: Work) -> str:
    kept = f"within {KEPT / 60:.0f} minutes"
    if takes_continue(tool):
        return f'To go on, call {tool.name} again with {CONTINUE}: "{work.id}", {kept}.'
    once = "; nothing is sent a second time" if work.changes else ""
    return f"To go on, make the same call again, {kept}{once}."
