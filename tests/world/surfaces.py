"""One question asked on every surface: both clients, the command line, the MCP server, the export.

Each gives what it gave back in one form (`Seen`), so that a case can be held against all of them.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pyarrow.dataset
from mcp import Client
from mcp_types import CallToolResult

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin._declare.operation import OPERATIONS
from openai_admin._wire.codec import to_dict
from openai_admin.cli.confirm import may_ask
from openai_admin.emulator import Emulator
from openai_admin.errors import APIError
from openai_admin.events import ItemUnreadable
from openai_admin.export import Summary, export
from openai_admin.mcp import Danger, Settings, ToolSelection
from openai_admin.mcp.names import tool_name
from tests.cli.conftest import invoke
from tests.mcp.serving import connections_to, http_client, listening, texts

SURFACES = ("async", "blocking", "cli", "mcp", "export")
CLIENTS = ("async", "blocking")

Arguments = Mapping[str, Any]

_TOLD = re.compile(r"(?<![\[\d.])(\d+) items? (?:and \d+ fields? )?could not be read")
"""How many items could not be read, as people are told."""
_ITEM = re.compile(r"\$\.data\[\d+\]")
"""The place of an item in a page."""


@attrs.frozen
class Seen:
    """What a surface gave of a listing.

    Attributes:
        items: the fields that were asked for, of each item.
        unreadable: how many items it says it could not read.
        raw: those as they came, where the surface keeps them.
    """

    items: list[dict[str, Any]]
    unreadable: int = 0
    raw: list[Any] = attrs.field(factory=list)


@attrs.frozen
class Asked:
    """A listing that is asked for.

    Attributes:
        operation: its name.
        fields: the fields that are looked at; dots lead into nested ones.
        arguments: its arguments.
        exported: its name in the export.
        where: which rows of the export belong to it.
    """

    operation: str
    fields: Sequence[str]
    arguments: Arguments = attrs.field(factory=dict)
    exported: str = ""
    where: Callable[[Arguments], bool] = lambda row: True


def plain(value: Any) -> Any:
    """A value as every surface can give it: moments as Unix seconds."""
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return int(moment.timestamp())
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT.*", value):
        return int(datetime.fromisoformat(value).timestamp())
    return int(value) if isinstance(value, float) else value


def at(value: Any, path: str) -> Any:
    """What is at a place of a model or of JSON; None where the way there ends."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
    return plain(value)


def _fields(item: Any, fields: Sequence[str]) -> dict[str, Any]:
    return {field: at(item, field) for field in fields}


@asynccontextmanager
async def mcp_client(emulator: Emulator) -> Any:
    """A client of an MCP server that has every tool and asks no questions."""
    everything = ToolSelection(toolsets=("all",), globs=("*",))
    settings = Settings(choice=everything, allowed=frozenset(Danger))
    async with (
        connections_to(emulator) as connections,
        listening(connections, settings) as url,
        http_client(url) as client,
    ):
        yield client


async def tool(client: Client, operation: str, arguments: Arguments) -> CallToolResult:
    """The result of the tool that an operation is."""
    return await client.call_tool(tool_name(OPERATIONS[operation]), dict(arguments))


# --- listings -------------------------------------------------------------------------------


async def listed(surface: str, emulator: Emulator, asked: Asked, folder: Path) -> Seen:
    """All items of a listing, on a surface."""
    read: Mapping[str, Callable[..., Any]] = {
        "async": _by_async,
        "blocking": _by_blocking,
        "cli": _by_cli,
        "mcp": _by_mcp,
        "export": _by_export,
    }
    seen: Seen = await read[surface](emulator, asked, folder)
    return seen


async def _by_async(emulator: Emulator, asked: Asked, folder: Path) -> Seen:
    events: list[Any] = []
    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, on_event=events.append
    ) as client:
        pager = OPERATIONS[asked.operation].of(client)(**asked.arguments)
        pages = [page async for page in pager.pages()]
    return _of_pages(pages, asked, events)


async def _by_blocking(emulator: Emulator, asked: Asked, folder: Path) -> Seen:
    events: list[Any] = []

    def read() -> list[Any]:
        with OpenAIAdmin(
            emulator.admin_key, base_url=emulator.base_url, on_event=events.append
        ) as client:
            return list(OPERATIONS[asked.operation].of(client)(**asked.arguments).pages())

    return _of_pages(await asyncio.to_thread(read), asked, events)


def _of_pages(pages: Sequence[Any], asked: Asked, events: Sequence[Any]) -> Seen:
    parts = [part for page in pages for part in page.unreadable]
    assert len([event for event in events if isinstance(event, ItemUnreadable)]) == len(parts)
    items = [_fields(item, asked.fields) for page in pages for item in page.data]
    return Seen(items, len(parts), [to_dict(part.raw) for part in parts])


async def _by_cli(emulator: Emulator, asked: Asked, folder: Path) -> Seen:
    arguments = {name: value for name, value in asked.arguments.items() if name != "limit"}
    words = _words(asked.operation, arguments)
    columns = ",".join(asked.fields)
    outcome = await invoke(*words, "--all", "-f", "json", "--columns", columns)
    told = _TOLD.search(outcome.err)
    assert outcome.code == (1 if told else 0), outcome.err
    rows = json.loads(outcome.out)
    # A column that leads into a nested field is called by the whole way there.
    items = [{field: plain(row[field]) for field in asked.fields} for row in rows]
    if not told:
        return Seen(items)
    whole = await invoke(*words, "--all", "-f", "raw")  # as it came
    raw = [row for row in json.loads(whole.out) if not _has_id(row)]
    return Seen(items, int(told[1]), raw)


def _has_id(row: Any) -> bool:
    return isinstance(row, Mapping) and isinstance(row.get("id"), str)


def _words(operation: str, arguments: Arguments) -> list[str]:
    """A command and its arguments."""
    words = operation.replace("_", "-").split(".")
    places = {p.name: p.place for p in OPERATIONS[operation].parameters.values()}
    words += [str(value) for name, value in arguments.items() if places[name] == "path"]
    for name, value in arguments.items():
        if places[name] != "path":
            words += _option(name, value)
    return words


def _option(name: str, value: Any) -> list[str]:
    if isinstance(value, Mapping):  # a period from a moment on
        value = f"{datetime.fromtimestamp(value['gte'], UTC):%Y-%m-%dT%H:%M:%SZ}..now"
    if value is True:
        return [f"--{name.replace('_', '-')}"]
    return [f"--{name.replace('_', '-')}", str(value)]


async def _by_mcp(emulator: Emulator, asked: Asked, folder: Path) -> Seen:
    arguments = dict(asked.arguments)
    items: list[Any] = []
    raw: list[Any] = []
    unreadable = 0
    async with mcp_client(emulator) as client:
        for _ in range(50):
            result = await tool(client, asked.operation, arguments)
            assert not result.is_error, texts(result)
            page = result.structured_content
            assert "left_out" not in page  # else the next page does not begin where this ended
            items += [_fields(item, asked.fields) for item in page["data"]]
            told = _TOLD.search(texts(result))
            unreadable += int(told[1]) if told else 0
            parts = page["unreadable"]["parts"] if "unreadable" in page else ()
            raw += [part["raw"] for part in parts if _ITEM.fullmatch(part["place"])]
            if not page["has_more"]:
                return Seen(items, unreadable, raw)
            arguments["after"] = page["last_id"]
    raise AssertionError("the pages do not end")


async def _by_export(emulator: Emulator, asked: Asked, folder: Path) -> Seen:
    rows = await exported_rows(emulator, asked.exported, folder)
    raw = [json.loads(row["unreadable"]) for row in rows if row.get("unreadable")]
    readable = [
        {field: _exported(row, field) for field in asked.fields}
        for row in rows
        if row["id"] is not None and asked.where(row)
    ]
    return Seen(readable, len(raw), raw)


def _exported(row: Arguments, field: str) -> Any:
    """A column of the dataset; nested fields have columns of their own or are JSON."""
    for name in (field, field.replace(".", "_")):
        if name in row:
            return plain(row[name])
    outer, _, inner = field.partition(".")
    value = row.get(outer)
    return at(json.loads(value), inner) if isinstance(value, str) else None


async def exported_rows(
    emulator: Emulator, endpoint: str, folder: Path, *, days: int = 2
) -> list[dict[str, Any]]:
    """The rows of a dataset that is made new."""
    _, rows = await exported(emulator, endpoint, folder, days=days)
    return rows


async def exported(
    emulator: Emulator, endpoint: str, folder: Path, *, days: int
) -> tuple[Summary, list[dict[str, Any]]]:
    """What the making of a dataset says, and its rows."""
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        since = datetime.fromtimestamp(emulator.store.now() // 86_400 * 86_400 - days * 86_400, UTC)
        done = await export(client, folder, since=since, endpoints=[endpoint])
    files = list(folder.glob(f"*/{endpoint}/*/*.parquet"))
    if not files:  # no day was written
        return done, []
    dataset = pyarrow.dataset.dataset(files)
    rows: list[dict[str, Any]] = dataset.to_table().to_pylist()
    return done, rows


# --- single calls ---------------------------------------------------------------------------


@attrs.frozen
class Done:
    """How a single call ended on a surface.

    Attributes:
        failed: whether it is an error there.
        text: what people see.
        result: the result's fields, where it has one.
        error: the exception, on a client.
    """

    failed: bool
    text: str
    result: dict[str, Any] = attrs.field(factory=dict)
    error: APIError | None = None


async def called(surface: str, emulator: Emulator, operation: str, arguments: Arguments) -> Done:
    """A single call, on a surface other than the export."""
    if surface in CLIENTS:
        return await _call_client(surface, emulator, operation, arguments)
    if surface == "cli":
        return await _call_cli(operation, arguments)
    async with mcp_client(emulator) as client:
        result = await tool(client, operation, arguments)
    whole = result.structured_content or {}
    return Done(bool(result.is_error), f"{texts(result)}\n{json.dumps(whole)}", whole)


async def _call_client(
    surface: str, emulator: Emulator, operation: str, arguments: Arguments
) -> Done:
    async def asynchronously() -> Any:
        async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
            return await OPERATIONS[operation].of(client)(**arguments)

    def blockingly() -> Any:
        with OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
            return OPERATIONS[operation].of(client)(**arguments)

    try:
        if surface == "async":
            result = await asynchronously()
        else:
            result = await asyncio.to_thread(blockingly)
    except APIError as error:
        return Done(True, str(error), error=error)
    fields = {a.name: getattr(result, a.name) for a in attrs.fields(type(result))}
    return Done(False, "", fields)


async def _call_cli(operation: str, arguments: Arguments) -> Done:
    given = dict(arguments)
    secret = given.pop("secret_file", None)
    words = _words(operation, given)
    words += ["--secret-file", str(secret)] if secret else []
    words += ["--yes"] if may_ask(OPERATIONS[operation]) else []
    outcome = await invoke(*words, "-f", "json")
    result = json.loads(outcome.out) if outcome.out.startswith(("{", "[")) else {}
    if isinstance(result, list):
        (result,) = result
    return Done(outcome.code != 0, outcome.err + outcome.out, result)


def total(values: Sequence[Any]) -> Decimal:
    """A sum of amounts, by value."""
    return sum((Decimal(str(value)) for value in values if value is not None), Decimal(0))
