"""``openai-admin demo``: what the demo organization spent, fetched through the real client."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, NamedTuple

import typer

from .._declare.dates import period
from ..usage.line_items import derive
from ..usage.money import add_up
from ..usage.table import UsageTable
from .columns import Column, TextTable
from .connect import Target, connected
from .dates import DEFAULT_RANGE
from .lazy import Command
from .loop import run
from .output_file import opened
from .progress import Progress
from .table import money
from .terminal import paint

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_BAR = 30
_BLOCK = "█"


class _Spend(NamedTuple):
    """What was spent on something."""

    name: str
    amount: Decimal


@app.command(cls=Command)
def demo() -> None:
    """Show what the demo organization spent in the last 30 days, by project and by model.

    The organization is made up, and its API answers on a local socket; the figures come through
    the client as real ones would. For the same figures: openai-admin costs --demo
    --group-by project_id --with-names --totals.
    """
    run(_demo())


async def _demo() -> None:
    async with (
        Progress("Fetching costs") as progress,
        connected(Target(demo=True), on_event=progress.show_wait) as client,
    ):
        start = period(DEFAULT_RANGE, "start_time", now=datetime.now(UTC)).start
        fetched = await client.usage.collect(
            "costs", start_time=start, group_by=["project_id", "line_item"]
        )
        table = await client.usage.name(fetched)
        with progress.quiet(), opened(None) as file:
            _show(file, table, start)


def _show(file: IO[str], table: UsageTable, start: datetime) -> None:
    total = _sum(table["amount"])
    days = f"{start:%Y-%m-%d} to {datetime.now(UTC):%Y-%m-%d} (UTC)"
    file.write(paint(f"Demo organization, {days}: {money(total)} USD\n", "1", file))
    projects = _spend(zip(table["project_name"], table["amount"], strict=True))
    models = _spend(zip(derive("model", table["line_item"]), table["amount"], strict=True))
    for title, spends in (("project", projects), ("model", models)):
        file.write("\n")
        _table(file, title, spends, total)
    dates = [moment.date().isoformat() for moment in table["start_time"]]
    busiest = _spend(zip(dates, table["amount"], strict=True))[0]
    file.write(f"\nThe busiest day was {busiest.name}: {money(busiest.amount)} USD\n")


def _sum(amounts: Iterable[Decimal | None]) -> Decimal:
    return add_up(a for a in amounts if a is not None)


def _spend(pairs: Iterable[tuple[str | None, Decimal | None]]) -> list[_Spend]:
    """The sums by name, the largest first."""
    sums: dict[str, Decimal] = {}
    for name, amount in pairs:
        key = name or "(none)"
        sums[key] = sums.get(key, Decimal(0)) + (amount or 0)
    return sorted((_Spend(n, a) for n, a in sums.items()), key=lambda s: (-s.amount, s.name))


def _table(file: IO[str], title: str, spends: list[_Spend], total: Decimal) -> None:
    most = spends[0].amount if spends else Decimal(1)
    block = _BLOCK if _can_draw(file) else "#"
    columns = [
        Column(title, lambda s: s.name),
        Column("USD", lambda s: money(s.amount), right=True, kind="measure"),
        Column(
            "share", lambda s: f"{s.amount / total:.1%}" if total else "", right=True, kind="detail"
        ),
        Column("", lambda s: block * round(_BAR * s.amount / most) if most else "", kind="detail"),
    ]
    TextTable(file, columns).page(spends)


def _can_draw(file: IO[str]) -> bool:
    try:
        _BLOCK.encode(getattr(file, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True
