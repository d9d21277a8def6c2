"""``openai-admin budget``: its exit codes, in a world that answers oddly or not at all."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
import pytest_asyncio

from openai_admin.emulator import Emulator, Status
from openai_admin.emulator.faults import Grouping, MissingScope, Odd
from tests.cli.conftest import CLI, Outcome, invoke

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def organization() -> AsyncIterator[Emulator]:
    async with Emulator() as emulator:
        yield emulator


@pytest.fixture
def budget(monkeypatch: pytest.MonkeyPatch, organization: Emulator) -> CLI:
    """Runs the command on the demo organization, without faults."""
    organization.faults.clear()
    monkeypatch.setenv("OPENAI_BASE_URL", organization.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", organization.admin_key)

    async def run(*arguments: str) -> Outcome:
        return await invoke("budget", *arguments)

    return run


async def test_below_the_limit(budget: CLI) -> None:
    (row,) = (await budget("--limit", "20000000")).json
    assert (row["standing"], row["passed"], row["limit"]) == ("within", False, "20000000")
    assert 0 < Decimal(row["spent"]) < 20_000_000


async def test_above_the_limit(budget: CLI) -> None:
    found = await budget("--limit", "0.01", "--project", "Voice *", "--format", "table")
    assert found.code == 3
    assert "Voice * is over its budget of 0.01 usd for " in found.err
    headings = found.out.split()
    for title in ("period", "spent", "limit", "currency", "forecast", "chance", "standing"):
        assert title in headings  # whatever the width: rows take several lines
    assert "80% between" in found.out
    assert headings[-1] == "passed"


async def test_the_limit_to_the_last_digit(budget: CLI) -> None:
    (row,) = (await budget("--limit", "1e6".replace("e6", "000000"), "--last-month")).json
    at = await budget("--limit", row["spent"], "--last-month")
    assert at.code == 0
    below = Decimal(row["spent"]) - Decimal("0.000000001")
    assert (await budget("--limit", str(below), "--last-month")).code == 3


async def test_the_limits_and_alerts_of_the_api(budget: CLI) -> None:
    found = await budget("--from-api", "--last-month")
    rows = {row["budget"]: row for row in json.loads(found.out)}
    assert rows["organization: limit"]["limit"] == "30000"  # dollars, of 3,000,000 cents
    assert rows["organization: alert at 15000"]["passed"] is True
    assert found.code == 3
    assert "organization: alert at 15000 is over its budget" in found.err


@attrs.frozen
class _Case:
    faults: tuple[Any, ...]
    says: str
    options: tuple[str, ...] = ()
    scopes: tuple[str, ...] | None = None


UNKNOWN = {
    "costs of some days": _Case(
        (Odd(names=("currency_absent",), match="usage.costs", share=0.1),),
        "without a currency do not count",
    ),
    "amounts that cannot be read": _Case(
        (Odd(names=("amount_word",), match="usage.costs", share=0.1),), "are not known, or not all"
    ),
    "a grouping": _Case(
        (Grouping(fields=("project_id",)),),
        "the API did not group costs by project_id",
        ("--project", "Voice Notes"),
    ),
    "names": _Case(
        (Status(status=500, match="projects.list"),),
        "not all names of projects are known",
        ("--project", "Voice *"),
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
async def test_below_the_limit_with_unknown_parts(
    name: str, budget: CLI, organization: Emulator
) -> None:
    case = UNKNOWN[name]
    for fault in case.faults:
        organization.faults.add(fault)
    found = await budget("--limit", "20000000", *case.options)
    assert found.code == 1, found.err
    assert case.says in found.err
    (row,) = json.loads(found.out)
    assert (row["standing"], row["passed"], row["expected"]) == ("not known", None, None)


async def test_what_is_not_known_may_be_allowed(budget: CLI, organization: Emulator) -> None:
    organization.faults.add(Grouping(fields=("project_id",)))
    options = ("--project", "Voice Notes", "--allow-missing")
    found = await budget("--limit", "20000000", *options)
    assert found.code == 0
    assert "Whether Voice Notes is over budget is not known" in found.err


async def test_rows_with_names_of_the_past(budget: CLI, organization: Emulator) -> None:
    organization.faults.add(Odd(names=("row_names",), match="usage.costs"))
    assert (await budget("--limit", "1", "--project", "Voice *")).code == 3


async def test_what_is_known_is_above_the_limit(budget: CLI, organization: Emulator) -> None:
    organization.faults.add(Odd(names=("currency_absent",), match="usage.costs", share=0.1))
    found = await budget("--limit", "1")
    assert found.code == 3
    assert "at least " in found.err


async def test_costs_that_are_refused(budget: CLI, organization: Emulator) -> None:
    organization.faults.add(MissingScope(match="usage.*"))
    found = await budget("--limit", "1")
    assert (found.code, found.out) == (1, "")
    assert "could not be fetched" in found.err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "There is no budget: pass --limit, --file or --from-api."),
        (("--limit", "20k"), "is not an amount in dollars"),
        (("--limit", "-1"), "is not an amount in dollars"),
        (("--limit", "1", "--project", "Vioce Notes"), "did you mean 'Voice Notes'?"),
        (("--limit", "1", "--project", "proj_none"), "No project has the id proj_none."),
        (("--limit", "1", "--project", "Vioce *"), "--project: no project matches 'Vioce *'."),
        (("--limit", "1", "--month", "2026-Q1"), "--month: '2026-Q1' is not a month"),
        (("--limit", "1", "--probability", "0.9"), "--probability is for --on forecast."),
        (("--project", "x"), "--project and --period are for --limit"),
        (("--file", "none.toml"), "none.toml cannot be read: No such file or directory."),
        (("--file", "{file}", "--probability", "0.9", "--on", "forecast"), "--probability is for"),
        (("--file", "{file}", "--format", "table"), "line 7: team: nothing is allocated"),
        (
            ("--limit", "1", "--project", ""),
            "--project must not be empty: pass the name or the id of a project",
        ),
        (("--limit", "1", "--project", "Voice Notes,Vioce"), "--project: "),
        (("--limit", "1", "--last-month", "--period", "week"), "--last-month is not a week"),
    ],
)
async def test_wrong_usage(
    options: tuple[str, ...], says: str, budget: CLI, tmp_path: Path, monkeypatch: Any
) -> None:
    file, rules = tmp_path / "budgets.toml", tmp_path / "allocation.toml"
    file.write_text('\n\n\n[[budget]]\nname = "a"\nlimit = 1\nteam = "wbe"\n')
    rules.write_text('[[rule]]\nproject = "Voice Notes"\nteam = "web"\n')
    monkeypatch.setenv("OPENAI_ADMIN_ALLOCATION", str(rules))
    found = await budget(*(option.format(file=file) for option in options))
    assert found.code == 2, found
    assert says in found.err
    assert found.out == ""


async def test_a_model_that_nothing_was_spent_on(budget: CLI, tmp_path: Path) -> None:
    file = tmp_path / "budgets.toml"
    file.write_text('[[budget]]\nname = "a"\nlimit = 9_000_000\nmodels = ["gpt5"]\n')
    found = await budget("--file", str(file))
    assert found.code == 1
    assert "no costs of the last weeks match 'gpt5' of models (did you mean 'gpt-5'?)" in found.err


async def test_what_could_not_be_read_of_another_period(
    budget: CLI, organization: Emulator
) -> None:
    organization.faults.add(Odd(names=("amount_word",), match="usage.costs", share=0.1))
    found = await budget("--limit", "20000000", "--allow-missing")
    assert found.code == 0
    assert "could not be read" in found.err


async def test_an_organization_without_limits_and_alerts(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Emulator(state="empty") as empty:
        monkeypatch.setenv("OPENAI_BASE_URL", empty.base_url)
        monkeypatch.setenv("OPENAI_ADMIN_KEY", empty.admin_key)
        found = await invoke("budget", "--from-api")
    assert (found.code, found.json) == (0, [])
    assert "The API has no spend limits or alerts." in found.err


async def test_a_file_of_teams(budget: CLI, tmp_path: Path, monkeypatch: Any) -> None:
    file, rules = tmp_path / "budgets.toml", tmp_path / "allocation.toml"
    file.write_text(
        '[[budget]]\nname = "web"\nlimit = 1\nteam = "web"\n'
        '[[budget]]\nname = "rest"\nlimit = 1\nteam = "data"\nperiod = "year"\non = "forecast"\n'
    )
    rules.write_text(
        '[[rule]]\nproject = "Voice Notes"\nteam = "web"\n'
        '[[rule]]\nproject = "none"\nteam = "data"\n'
    )
    found = await budget("--file", str(file), "--allocation", str(rules), "--format", "json")
    web, rest = json.loads(found.out)
    assert found.code == 3
    assert (web["passed"], rest["passed"], rest["spent"]) == (True, None, "0")
    assert "Whether rest is over budget is not known: there is too little history" in found.err
