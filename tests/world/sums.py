"""Usage and costs added up on every surface."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import attrs

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import OpenAIAdminError
from openai_admin.usage.table import UsageTable
from tests.cli.conftest import invoke
from tests.mcp.serving import texts
from tests.world.surfaces import exported, mcp_client, tool

DAY = 86_400
DAYS = 6
PER_PAGE = 2


@attrs.frozen
class Question:
    """What is added up: a field of all rows of the last whole days, by some dimension."""

    endpoint: Literal["costs", "completions"]
    group_by: str
    field: str

    def window(self, org: Emulator) -> tuple[int, int]:
        """The beginning and the end, in Unix seconds."""
        today = org.store.now() // DAY * DAY
        return today - DAYS * DAY, today

    def value(self, row: Any) -> Decimal:
        """The field of a row as the API has it, or as MCP results have money; nothing is 0."""
        found = row.get(self.field)
        if isinstance(found, dict):
            found = found["amount"] if "amount" in found else found.get("value")
        return _number(found)


COSTS = Question("costs", "line_item", "amount")
TOKENS = Question("completions", "model", "input_tokens")


@attrs.frozen
class Sum:
    """What a surface says: a sum, and whether it says that something is wrong with it.

    Attributes:
        value: the sum; NaN where there is none.
        is_told: whether it says so.
        error: why there is none, for whoever reads a failed test.
    """

    value: Decimal
    is_told: bool
    error: str = attrs.field(default="", eq=False)


def _number(value: Any) -> Decimal:
    return Decimal(0) if value is None else Decimal(str(value))


async def summed(surface: str, org: Emulator, question: Question, folder: Path) -> list[Sum]:
    """The sums that a surface gives: one, or one for each way there is to get it."""
    if surface == "cli":
        return await _by_cli(org, question)
    if surface == "mcp":
        return await _by_mcp(org, question)
    if surface == "export":
        return await _by_export(org, question, folder)
    with _warnings() as warned:
        if surface == "async":
            return await _by_async(org, question, warned)
        return await asyncio.to_thread(_by_blocking, org, question, warned)


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """What is logged as a warning meanwhile."""
    found: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage())

    handler = Handler(logging.WARNING)
    logger = logging.getLogger("openai_admin")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING)  # the command line raises it
    yield found
    logger.setLevel(level)
    logger.removeHandler(handler)


def _query(org: Emulator, question: Question) -> dict[str, Any]:
    start, end = question.window(org)
    return {"start_time": start, "end_time": end, "group_by": [question.group_by]}


def _from_rows(rows: Sequence[Any], question: Question) -> Decimal:
    """The sum over rows as models."""
    values = [getattr(row, question.field) for row in rows]
    return sum((_number(getattr(value, "value", value)) for value in values), Decimal(0))


def _from_table(table: UsageTable, question: Question) -> Sum:
    value = sum(map(_number, table[question.field]), Decimal(0))
    return Sum(value, bool(table.missing or table.unreadable))


async def _by_async(org: Emulator, question: Question, warned: list[str]) -> list[Sum]:
    query = _query(org, question)
    async with AsyncOpenAIAdmin(org.admin_key, base_url=org.base_url) as client:
        listing = getattr(client.usage, question.endpoint)
        try:
            rows = [r async for b in listing(**query, limit=PER_PAGE) for r in b.results]
            walked = Sum(_from_rows(rows, question), bool(warned))
        except OpenAIAdminError as error:
            walked = Sum(Decimal("NaN"), True, repr(error))
        try:
            table = await client.usage.collect(question.endpoint, **query)
        except OpenAIAdminError as error:
            return [walked, Sum(Decimal("NaN"), True, repr(error))]
        return [walked, _from_table(table, question)]


def _by_blocking(org: Emulator, question: Question, warned: list[str]) -> list[Sum]:
    query = _query(org, question)
    with OpenAIAdmin(org.admin_key, base_url=org.base_url) as client:
        listing: Callable[..., Any] = getattr(client.usage, question.endpoint)
        try:
            rows = [row for bucket in listing(**query, limit=PER_PAGE) for row in bucket.results]
            walked = Sum(_from_rows(rows, question), bool(warned))
        except OpenAIAdminError as error:
            walked = Sum(Decimal("NaN"), True, repr(error))
        try:
            table = client.usage.collect(question.endpoint, **query)
        except OpenAIAdminError as error:
            return [walked, Sum(Decimal("NaN"), True, repr(error))]
        return [walked, _from_table(table, question)]


async def _by_cli(org: Emulator, question: Question) -> list[Sum]:
    words = ["costs"] if question is COSTS else ["usage", question.endpoint]
    start, end = (f"{datetime.fromtimestamp(t, UTC):%Y-%m-%dT%H:%MZ}" for t in question.window(org))
    outcome = await invoke(
        *words, "--since", start, "--until", end, "--group-by", question.group_by, "-f", "json"
    )
    is_told = outcome.code != 0 or bool(outcome.err.strip())
    rows = json.loads(outcome.out or "[]")
    return [Sum(sum((_number(row[question.field]) for row in rows), Decimal(0)), is_told)]


async def _by_mcp(org: Emulator, question: Question) -> list[Sum]:
    async with mcp_client(org) as client:
        arguments = {**_query(org, question), "limit": PER_PAGE}
        value, is_told = Decimal(0), False
        for _ in range(20):
            result = await tool(client, f"usage.{question.endpoint}", arguments)
            if result.is_error:
                return [Sum(Decimal("NaN"), True, texts(result))]
            page: Any = result.structured_content
            rows = [row for bucket in page["data"] for row in bucket["results"]]
            value += sum(map(question.value, rows), Decimal(0))
            said = texts(result)
            is_told |= "could not be read" in said or "Missing, and in no sum" in said
            if not page["has_more"]:
                break
            arguments["page"] = page["next_page"]
        return [Sum(value, is_told)]


async def _by_export(org: Emulator, question: Question, folder: Path) -> list[Sum]:
    try:
        done, rows = await exported(org, question.endpoint, folder, days=DAYS)
    except OpenAIAdminError as error:
        return [Sum(Decimal("NaN"), True, repr(error))]
    today = f"{datetime.fromtimestamp(question.window(org)[1], UTC):%Y-%m-%d}"
    is_told = bool(done.missing or done.unreadable)
    inside = [row for row in rows if str(row["date"]) < today]
    return [Sum(sum((_number(row[question.field]) for row in inside), Decimal(0)), is_told)]
