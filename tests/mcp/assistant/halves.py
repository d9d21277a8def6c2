"""A client of which the model sees one half of each result, as most clients show it."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from mcp import Client

from tests.mcp.serving import texts

Half = Literal["text", "structured"]
HALVES: tuple[Half, ...] = ("text", "structured")

_PLAN = re.compile(r"plan-[0-9a-f]+")
_CONTINUE = re.compile(r'continue: "([\w-]+)"')
_CODE = re.compile(r'confirm: "([A-Z0-9]+)"')


class Model:
    """What an assistant's model has seen of its calls.

    Attributes:
        calls: how many it made.
        size: the bytes that it was shown.
        seen: what it was shown last.
        failed: whether that was an error.
    """

    def __init__(self, client: Client, half: Half) -> None:
        self.calls = 0
        self.size = 0
        self.seen = ""
        self.failed = False
        self._client = client
        self._half = half

    async def call(self, tool: str, **arguments: Any) -> str:
        """Call a tool; returns the half of the result that is shown."""
        result = await self._client.call_tool(f"openai_admin_{tool}", arguments)
        self.failed = bool(result.is_error)
        # An error has no structured half, and every client shows its text.
        is_text = self._half == "text" or self.failed
        shown = texts(result) if is_text else json.dumps(result.structured_content)
        self.calls += 1
        self.size += len(shown.encode())
        self.seen = shown
        return shown

    async def call_to_end(self, tool: str, **arguments: Any) -> str:
        """The same; what is not done within the server's patience is waited for further."""
        told = await self.call(tool, **arguments)
        while found := _CONTINUE.search(told):
            told = await self.call(tool, **{"continue": found[1]})
        return told

    @property
    def plan(self) -> str:
        """The id of the plan that was shown last."""
        found = _PLAN.search(self.seen)
        assert found, self.seen
        return found[0]

    @property
    def code(self) -> str:
        """The code that the last refusal showed."""
        found = _CODE.search(self.seen)
        assert found, self.seen
        return found[1]

    def check_task(self) -> None:
        """Hold the bounds of a task: three calls, eight kilobytes."""
        assert self.calls <= 3
        assert self.size <= 8 * 1024, self.size
