"""Tables of usage: collected, written, converted, totalled, beside aiohttp + orjson + polars."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable

import aiohttp
import orjson
import polars as pl
import pyarrow.compute  # noqa: F401 - imported here, so that it is not measured

from openai_admin import AsyncOpenAIAdmin
from openai_admin.resources.usage import ByTokens
from openai_admin.usage import queries as _queries  # noqa: F401 - else it is measured too
from openai_admin.usage.table import UsageTable

from ..clients import CONCURRENCY, DAY, HOUR, KEY, START
from ..server import running
from . import wide_server
from .line import CPU, HELD_BY_ALL, PEAK, Line, at_most, growth, to_peer
from .measuring import Measuring

_WEEK = 168
_GROUPS = 268  # a bucket: 45,024 rows a week
_DAYS = 180
_COSTS = 375  # rows of costs a day
_FIELDS: tuple[ByTokens, ...] = ("project_id", "api_key_id", "model")


_EVEN = (growth(CPU, 1.3), growth(PEAK, 1.3))


def _weeks(scale: int) -> list[tuple[int, int]]:
    step = _WEEK * HOUR
    return [(START + n * step, START + (n + 1) * step) for n in range(scale)]


async def _collect_from(base_url: str, scale: int) -> UsageTable:
    async with AsyncOpenAIAdmin(KEY, base_url=base_url, max_concurrency=CONCURRENCY) as client:
        return await client.usage.collect(
            "completions",
            start_time=START,
            end_time=_weeks(scale)[-1][1],
            bucket_width="1h",
            group_by=_FIELDS,
        )


async def _collect(measuring: Measuring, scale: int) -> None:
    with running() as server:
        server.set(groups=_GROUPS)
        await _prepare(server.base_url, scale)
        async with measuring:
            table = await _collect_from(server.base_url, scale)
    rows = len(table)
    measuring.note({"kept, B a row": measuring.kept / rows}, work=rows)


async def _collect_bare(measuring: Measuring, scale: int) -> None:
    with running() as server:
        server.set(groups=_GROUPS)
        await _prepare(server.base_url, scale)
        async with measuring:
            frame = await _frame_from(server.base_url, scale)
    measuring.note({"kept, B a row": measuring.kept / len(frame)}, work=len(frame))


def _target(start: int, end: int) -> str:
    groups = "".join(f"&group_by={field}" for field in _FIELDS)
    query = f"start_time={start}&end_time={end}&bucket_width=1h&limit={_WEEK}"
    return f"/organization/usage/completions?{query}{groups}"


async def _prepare(base_url: str, scale: int) -> None:
    """Have the server make its answers, which it keeps."""
    async with aiohttp.ClientSession() as session:
        for window in _weeks(scale):
            async with session.get(base_url + _target(*window)) as response:
                async for _ in response.content.iter_any():
                    pass


async def _frame_from(base_url: str, scale: int) -> pl.DataFrame:
    """What one would write by hand: the answers of all windows as one data frame."""
    async with aiohttp.ClientSession() as session:

        async def frame(start: int, end: int) -> pl.DataFrame:
            async with session.get(base_url + _target(start, end)) as response:
                page = orjson.loads(await response.read())
            rows = [
                {"start_time": bucket["start_time"], "end_time": bucket["end_time"], **row}
                for bucket in page["data"]
                for row in bucket["results"]
            ]
            return pl.DataFrame(rows, infer_schema_length=None)

        frames = await asyncio.gather(*(frame(*window) for window in _weeks(scale)))
    return pl.concat(frames, how="vertical_relaxed")


def _of_table(work: Callable[[UsageTable, str], object]) -> Callable[..., Awaitable[None]]:
    """A line of a table that is collected beforehand."""

    async def run(measuring: Measuring, scale: int) -> None:
        with running() as server:
            server.set(groups=_GROUPS)
            table = await _collect_from(server.base_url, scale)
        with tempfile.NamedTemporaryFile() as file, measuring:
            work(table, file.name)
        measuring.note(work=len(table))

    return run


def _of_frame(work: Callable[[pl.DataFrame, str], object]) -> Callable[..., Awaitable[None]]:
    """A peer's line: polars' own way with the same table as a data frame."""

    async def run(measuring: Measuring, scale: int) -> None:
        with running() as server:
            server.set(groups=_GROUPS)
            frame = (await _collect_from(server.base_url, scale)).to_polars()
        with tempfile.NamedTemporaryFile() as file, measuring:
            work(frame, file.name)
        measuring.note(work=len(frame))

    return run


async def _costs(measuring: Measuring, scale: int) -> None:
    """What is done with costs once they are there: their amounts are exact decimals."""
    with wide_server.running() as server:
        server.begin(_COSTS * scale)
        async with AsyncOpenAIAdmin(KEY, base_url=server.base_url) as client:
            table = await client.usage.collect(
                "costs",
                start_time=START,
                end_time=START + _DAYS * DAY,
                group_by=["project_id", "line_item"],
            )
    with tempfile.NamedTemporaryFile() as file, measuring:
        totals = table.totals(["project_id", "month"])
        frame = table.to_polars()
        table.write_json(file.name)
    assert len(totals) < len(table) == len(frame)
    measuring.note(work=len(table))


def _totals(name: str, what: str, by: list[str]) -> Line:
    def sums(frame: pl.DataFrame, _: object) -> object:
        return frame.group_by(by, maintain_order=True).agg(pl.col(pl.Int64).sum())

    work = _of_table(lambda table, _: table.totals(by))
    return Line(name, what, work, peer=_of_frame(sums), bounds=(*_EVEN, to_peer(CPU, 3)))


LINES = (
    Line(
        "collect",
        f"{_WEEK * _GROUPS:,} rows of usage collected",
        _collect,
        peer=_collect_bare,
        bounds=(*_EVEN, to_peer(CPU, 0.6), at_most(HELD_BY_ALL, 50), at_most("kept, B a row", 320)),
    ),
    Line(
        "write_json",
        "they are written as JSON",
        _of_table(UsageTable.write_json),
        peer=_of_frame(lambda frame, path: frame.write_json(path)),
        bounds=(*_EVEN, to_peer(CPU, 2)),
    ),
    Line(
        "write_csv",
        "they are written as CSV",
        _of_table(UsageTable.write_csv),
        peer=_of_frame(lambda frame, path: frame.write_csv(path)),
        bounds=(*_EVEN, to_peer(CPU, 2)),
    ),
    Line(
        "to_polars",
        "they are made a Polars data frame",
        _of_table(lambda table, _: table.to_polars()),
        bounds=_EVEN,
    ),
    _totals("totals", "they are totalled by project", ["project_id"]),
    _totals(
        "totals_wide",
        "they are totalled by hour, key and model: each row is a group",
        ["start_time", "api_key_id", "model"],
    ),
    Line(
        "costs",
        f"{_DAYS * _COSTS:,} rows of costs are totalled, made a data frame and written as JSON",
        _costs,
        bounds=_EVEN,
    ),
)
