"""Tables at several widths, read against snapshots, and totals in order.

``UPDATE_SNAPSHOTS=1 pytest tests/cli/test_tables.py`` rewrites them; read what changed.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from rich.cells import cell_len

from openai_admin.cli.columns import TextTable
from openai_admin.cli.comparison import Before, Comparison
from openai_admin.cli.fit import Column, fit
from openai_admin.cli.ranking import Ranking
from openai_admin.emulator import Emulator
from openai_admin.usage.table import UsageTable

from .conftest import CLI, Outcome, invoke

SNAPSHOTS = Path(__file__).parent / "tables"
NOW = datetime(2025, 3, 15, 10, 30, tzinfo=UTC)  # before the present of any machine
MONTH = ("--since", "2025-02-14", "--until", "2025-03-14")
TABLES = {
    "costs-by-project": ("costs", *MONTH, "--group-by", "project_id", "--totals", "--with-names"),
    "costs-by-day": ("costs", "--since", "2025-03-08", "--until", "2025-03-14"),
    "completions-by-model": ("usage", "completions", *MONTH, "--group-by", "model", "--totals"),
    "projects": ("projects", "list"),
    "users": ("users", "list"),
    "admin-api-keys": ("admin-api-keys", "list"),
    "items-compared": (
        *("costs", *MONTH, "--group-by", "project_id,line_item", "--with-names"),
        *("--top", "5", "--compare", "previous"),
    ),
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def fixed() -> AsyncIterator[Emulator]:
    """The demo organization at a moment that stands still."""
    async with Emulator(now=lambda: int(NOW.timestamp())) as emulator:
        yield emulator


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, fixed: Emulator) -> CLI:
    """Runs command lines on `fixed`, on a machine whose clock shows the same time."""
    monkeypatch.setattr("openai_admin.cli.usage.clock_difference", lambda caller: 0)
    monkeypatch.setenv("OPENAI_BASE_URL", fixed.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", fixed.admin_key)

    async def invoked(*line: str) -> Outcome:
        outcome = await invoke(*line)
        assert outcome.code == 0, outcome.err
        return outcome

    return invoked


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", TABLES)
async def test_at_four_widths(run: CLI, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    texts = []
    for width in (60, 80, 100, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        outcome = await run(*TABLES[name], "--format", "table")
        rows = outcome.out.splitlines()
        assert all(cell_len(row) <= width for row in rows)
        # How far this machine's clock is from the emulator's is another figure in each run.
        notes = [n for n in outcome.err.splitlines(True) if not n.startswith("The server's clock")]
        texts.append(f"--- COLUMNS={width}\n{outcome.out}{''.join(notes)}")
    text = "\n".join([f"$ openai-admin {' '.join(TABLES[name])}", *texts])
    snapshot = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        snapshot.write_text(text, encoding="utf-8")
    assert text == snapshot.read_text(encoding="utf-8")


@pytest.mark.asyncio(loop_scope="module")
async def test_the_others_and_the_total_add_up(run: CLI) -> None:
    line = ("costs", *MONTH, "--group-by", "project_id")
    every = (await run(*line, "--totals")).json
    amounts = [Decimal(row["amount"]) for row in every]
    assert amounts == sorted(amounts, reverse=True)
    first, second, others = (await run(*line, "--top", "2")).json
    assert [first | {"others": None}, second | {"others": None}] == [first, second]
    assert {k: first[k] for k in every[0]} == every[0]
    assert (others["project_id"], others["others"]) == (None, len(every) - 2)
    assert Decimal(others["amount"]) == sum(amounts[2:])
    table = (await run(*line, "--top", "2", "-f", "table")).out.splitlines()
    assert table[-2].split()[:2] == [str(len(every) - 2), "others"]
    assert f"{sum(amounts):,.2f}" in table[-1]
    assert table[-1].startswith("total so far")
    refused = ("--since", "2024-01-01", "--by", "month", "-f", "table", "--allow-missing")
    assert (await run("costs", *refused)).out.splitlines()[-1].startswith("total of what came ")
    settled = ("--until", "2025-03-10", "-f", "table")
    assert (
        "so far" not in (await run("costs", "--since", "2025-03-01", *settled, "--by", "week")).out
    )


@pytest.mark.asyncio(loop_scope="module")
async def test_a_column_sorts_and_minus_turns_round(run: CLI) -> None:
    line = ("usage", "completions", *MONTH, "--group-by", "model", "--sort")
    requests = [row["num_model_requests"] for row in (await run(*line, "num_model_requests")).json]
    turned = [row["num_model_requests"] for row in (await run(*line, "-num_model_requests")).json]
    assert requests == sorted(requests, reverse=True) == turned[::-1]
    models = [row["model"] for row in (await run(*line, "model")).json]
    assert models == sorted(models)
    assert (await invoke(*line, "modle")).err.endswith("did you mean 'model'?\n")


@pytest.mark.asyncio(loop_scope="module")
async def test_the_period_before_is_compared_exactly(run: CLI) -> None:
    group = ("--group-by", "project_id")
    rows = (await run("costs", *MONTH, *group, "--compare", "previous")).json
    earlier = (await run("costs", "--since", "2025-01-17", "--until", MONTH[1], *group)).json
    for row in rows:
        amounts = [Decimal(e["amount"]) for e in earlier if e["project_id"] == row["project_id"]]
        assert Decimal(row["previous"]) == sum(amounts)
        assert Decimal(row["change"]) == Decimal(row["amount"]) - sum(amounts)
        assert row["change_percent"] == float(round(100 * Decimal(row["change"]) / sum(amounts), 2))


@pytest.mark.asyncio(loop_scope="module")
async def test_what_cannot_be_compared_is_refused(run: CLI) -> None:
    by = await invoke("costs", "--by", "month", "--compare", "previous")
    assert (by.code, by.err) == (
        2,
        "Pass --compare or --by, not both: whole ranges are compared.\n",
    )
    every = await invoke("usage", "all", "--compare", "previous")
    assert (every.code, every.err.split(":")[0][:22]) == (2, "--compare needs --sort")
    hours = ("--since", "2025-03-15T04:00Z", "--until", "2025-03-15T07:00Z", "--width", "1h")
    shown = await run("usage", "completions", *hours, "--compare", "previous")
    assert "Compared with 2025-03-15 01:00 to 2025-03-15 04:00 (UTC).\n" in shown.err


@pytest.mark.asyncio(loop_scope="module")
async def test_no_change_is_stated_to_a_time_before_the_first_cost(
    run: CLI, fixed: Emulator
) -> None:
    youngest = max(fixed.store.projects, key=lambda project: int(project["created_at"]))
    began = datetime.fromtimestamp(youngest["created_at"], UTC)
    ends = (f"{began + timedelta(days=days):%Y-%m-%d}" for days in (10, 30))
    line = ("costs", "--since", next(ends), "--until", next(ends), "--project-ids", youngest["id"])
    outcome = await run(*line, "--compare", "previous")
    (row,) = outcome.json
    assert Decimal(row["amount"]) > Decimal(row["previous"]) > 0
    assert row["change"] is None
    assert row["change_percent"] is None
    assert "No change is stated: the period before has nothing before 20" in outcome.err


def test_amounts_of_several_currencies_have_a_total_each() -> None:
    ranking = Ranking(
        keys=["project_id"],
        metrics={None: ["amount", "currency", "quantity", "quantity_unit"]},
        measure="amount",
        top=1,
    )
    made = ranking.arranged(
        [
            row("a", "1.1", "usd", 2, "hours"),
            row("b", "2.2", "usd", 3, None),
            row("c", "9", "eur"),
            row("d", None, None),
            row("e", "0.3", "USD", 1, "hours"),
        ],
        with_totals=True,
    )
    figures = [(r["project_id"], r["amount"], r["currency"], r["quantity"]) for r in made]
    assert figures == [
        ("b", Decimal("2.2"), "usd", 3),
        (None, None, None, None),  # one of the others is not known
        (None, None, None, None),
        ("c", Decimal(9), "eur", None),
    ]


def row(id: str, amount: str | None, currency: str | None, *quantity: Any) -> dict[str, Any]:
    """A row of totals."""
    number, unit = quantity or (None, None)
    return {
        "project_id": id,
        "amount": None if amount is None else Decimal(amount),
        "currency": currency,
        "quantity": number,
        "quantity_unit": unit,
    }


def shown(columns: list[Column], rows: list[list[str]], screen: int) -> list[list[str]]:
    """The cells of each row as they are shown."""
    columns_shown = [each for line in fit(columns, rows, screen).lines for each in line]
    return [[each.shortened(row[each.index], each.width) for each in columns_shown] for row in rows]


def test_no_two_rows_are_cut_to_look_the_same() -> None:
    names = [f"Customer support of the region {n}" for n in range(10)]
    ids = [f"proj_{n}{'x' * 20}same" for n in range(9)] + [f"proj_0{'x' * 19}ysame"]
    columns = [
        Column("project_id", lambda row: row[0], kind="id", beside="project_name"),
        Column("project_name", lambda row: row[1]),
        Column("amount", lambda row: row[2], right=True, kind="measure"),
    ]
    rows = [[id, name, "12.00"] for id, name in zip(ids, names, strict=True)]
    cut = shown(columns, rows, 40)
    assert len({tuple(cells) for cells in cut}) == 10
    assert all(cells[-1] == "12.00" for cells in cut)
    same = [[id, "Test", "12.00"] for id in ids]
    assert len({tuple(cells) for cells in shown(columns, same, 30)}) == 10


def test_later_pages_do_not_look_like_earlier_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    monkeypatch.setattr("sys.stdout", file)
    monkeypatch.setenv("COLUMNS", "30")
    columns = [
        Column("id", lambda row: row[0], kind="id", beside="name"),
        Column("name", lambda row: row[1]),
        Column("amount", lambda row: row[2], right=True, kind="measure"),
    ]
    table = TextTable(file, columns)
    name = "a very long name of a project"
    table.page([(f"proj_{'x' * 20}1", name, "12.00")])
    table.page([(f"proj_{'x' * 20}2", name, "12.00"), ("proj_3", f"{name}s", "12.00")])
    lines = file.getvalue().splitlines()
    assert len(set(lines)) == 4
    assert f"proj_{'x' * 20}2" in lines[2]


def test_what_is_gone_or_new_or_in_another_currency_is_compared() -> None:
    days = [datetime(2025, 3, day, tzinfo=UTC) for day in (1, 2)]
    earlier = costs((days[0], "a", "2", "usd"), (days[0], "b", "1.5", "usd"))
    current = costs((days[1], "a", "3", "eur"), (days[1], "c", "0.5", "usd"))
    before = Before(*days)
    keys = ["project_id", "currency"]
    compared = Comparison(current, earlier, before, keys=keys, measure="amount")
    rows = map(compared.changed, compared.added(current.totals(by=keys)).rows())
    names = ("project_id", "currency", "amount", "previous", "change", "change_percent")
    assert {tuple(row[name] for name in names) for row in rows} == {
        ("a", "eur", 3, 0, 3, None),
        ("c", "usd", Decimal("0.5"), 0, Decimal("0.5"), None),
        ("a", "usd", 0, 2, -2, -100),
        ("b", "usd", 0, Decimal("1.5"), Decimal("-1.5"), -100),
    }
    assert compared.notes() == ["Compared with 2025-03-01 to 2025-03-01 (UTC)."]


def costs(*rows: tuple[datetime, str, str, str]) -> UsageTable:
    """A table of costs."""
    starts, projects, amounts, currencies = zip(*rows, strict=True)
    columns: dict[str, list[Any]] = {
        "start_time": list(starts),
        "project_id": list(projects),
        "amount": list(map(Decimal, amounts)),
        "currency": list(currencies),
    }
    dimensions = ["start_time", "project_id"]
    return UsageTable(columns, dimensions=dimensions, metrics=["amount", "currency"])


@pytest.mark.asyncio(loop_scope="module")
async def test_columns_asked_for_are_all_there_and_ids_whole(
    run: CLI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    outcome = await run("users", "list", "--columns", "id,name,email,role", "-f", "table")
    ids = [user["id"] for user in (await run("users", "list")).json]
    lines = outcome.out.splitlines()
    assert all(any(id in line for line in lines) for id in ids)
    assert "role" in outcome.out
    assert "Too wide" not in outcome.err


@pytest.mark.asyncio(loop_scope="module")
async def test_others_are_marked_in_files(run: CLI, tmp_path: Path) -> None:
    line = ("costs", *MONTH, "--group-by", "project_id", "--top", "1", "--compare", "previous")
    (_, others) = csv.DictReader(io.StringIO((await run(*line, "-f", "csv")).out))
    whole = json.loads((await run(*line)).out)
    assert others["project_id"] == ""
    assert int(others["others"]) == whole[1]["others"]
    assert others["change"] == whole[1]["change"]
    assert (await run(*line, "-o", str(tmp_path / "costs.parquet"))).code == 0
