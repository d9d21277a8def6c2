"""``python -m tests.questions``: the twelve answers as a table."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.questions.questions import QUESTIONS, Answer
from tests.questions.world import world

SURFACES = ("cli", "python", "mcp")


async def main() -> None:
    """Ask, and print each answer beside the independent sum."""
    print("| question | independent sum | CLI | Python | MCP |\n|---|---|---|---|---|")
    async with world() as org:
        for question in QUESTIONS.values():
            truth = question.truth(org)
            cells = [question.text, _shown(truth)]
            for surface in SURFACES:
                answer = await getattr(question, surface)(org)
                wrong = "**differs:** " if question.differs(surface, answer, truth) else ""
                cells.append(f"{wrong}{_shown(answer)}")
            print(f"| {' | '.join(cells)} |", flush=True)


def _shown(answer: Answer) -> str:
    """The largest figure of an answer, and the sum of all; all of them where they are few."""
    if len(answer) <= 3:
        return "; ".join(_row(key, figure) for key, figure in answer.items())
    key, largest = max(answer.items(), key=lambda item: max(_numbers(item[1])))
    total = sum((n for figure in answer.values() for n in _numbers(figure)), Decimal(0))
    return f"{len(answer)} rows, sum {_number(total)}; first {_row(key, largest)}"


def _row(key: Any, figure: Any) -> str:
    parts = figure if isinstance(figure, tuple) else (figure,)
    named = isinstance(parts[0], str)
    what = parts[0] if named else ", ".join(key) if isinstance(key, tuple) else key
    return f"{what} {' + '.join(map(_number, parts[1:] if named else parts))}"


def _numbers(figure: Any) -> Iterator[Decimal]:
    for part in figure if isinstance(figure, tuple) else (figure,):
        if isinstance(part, int | Decimal):
            yield Decimal(part)


def _number(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


asyncio.run(main())
