"""What a client gets for a call: the same facts twice, as text and as structured content.

Most clients show the model one half of a result and hide the other, so each half is whole: the text
is made of the structured part.
"""

from __future__ import annotations

from typing import Any

from mcp_types import CallToolResult, TextContent

from .._text.visible import spelled_out
from .bounding import bounded
from .gathered import gathered
from .rendering import rendered
from .schema import Schema
from .texts import DATA_NOTE
from .tool import Answer

COMMON: Schema = {
    "summary": {"type": "string", "description": "The answer in words."},
    "notes": {
        "type": "array",
        "items": {"type": "string"},
        "description": "What is lacking or in doubt.",
    },
}
"""The fields that every structured result may have beside those of its tool."""


def listed_schema(output: Schema) -> Schema:
    """The schema of a tool's structured results, with the fields that all have."""
    return gathered({**output, "properties": {**output.get("properties", {}), **COMMON}})


def result_of(answer: Answer) -> CallToolResult:
    """The result of a call that was carried out.

    A name within a sentence of ours cannot begin a line of its own, nor turn or hide any of it.
    """
    structured, cut = bounded(answer.structured)
    summary, *notes = map(spelled_out, [answer.summary, *answer.notes, *cut, DATA_NOTE])
    facts: dict[str, Any] = {"summary": summary, **structured, "notes": notes}
    parts = [summary, *notes, rendered(structured)]
    return CallToolResult(
        content=[TextContent(type="text", text="\n".join(parts))], structured_content=facts
    )


def error_result(text: str) -> CallToolResult:
    """The result of a call that was not."""
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)
