"""Commands on an API that refuses parts of the question: what they say, and how they end."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Outcome, invoke
from tests.served import KEY
from tests.usage.refusing import Asked, RefusingServer, before, by, refused

DAY = 86_400


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RefusingServer]:
    """A server that refuses nothing yet, which commands talk to."""
    async with RefusingServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
        yield server


async def costs(*options: str) -> Outcome:
    command = ("costs", "--since", "40d", "--group-by", "project_id,user_id", "--format", "json")
    return await invoke(*command, *options)


def back(days: int) -> int:
    return (int(time.time()) // DAY - days) * DAY


FORMS = [(), ("--totals",)]


@pytest.mark.parametrize("form", FORMS)
async def test_what_came_is_written_though_a_window_was_refused(
    server: RefusingServer, form: tuple[str, ...]
) -> None:
    lost = range(back(69), back(20))  # of windows that begin 79, 48 and 17 days ago
    server.rules = [lambda asked: refused("No.", status=403) if asked.start in lost else None]
    server.per_page = 10
    line = ("usage", "completions", "--since", "80d", "--format", "json", *form)
    for options, code in ((), 1), (("--allow-missing",), 0):
        shown = await invoke(*line, *options)
        assert shown.code == code
        rows = json.loads(shown.out)
        if form:
            assert [(row["input_tokens"], row["complete"]) for row in rows] == [(28, False)]
        else:
            ages = [*range(79, 69, -1), *range(17, -1, -1)]
            days = [time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(back(age))) for age in ages]
            assert [row["start_time"] for row in rows] == days
        start, end = (time.strftime("%Y-%m-%d", time.gmtime(back(age))) for age in (69, 17))
        assert (
            "Parts could not be fetched and are not in the result: completions from"
            f" {start}T00:00:00Z to {end}T00:00:00Z: 403: No" in shown.err
        )


async def test_a_table_says_that_a_total_is_of_what_came(server: RefusingServer) -> None:
    server.rules = [lambda asked: refused("No.", status=403) if asked.start == back(0) else None]
    server.per_page = 2
    line = ("usage", "completions", "--since", "3d", "--totals", "--format", "table")
    assert (await invoke(*line)).out.splitlines()[1].split(maxsplit=1) == ["2", "of what came"]


@pytest.mark.parametrize("form", FORMS)
async def test_where_nothing_answers_nothing_is_written(
    server: RefusingServer, form: tuple[str, ...], tmp_path: Path
) -> None:
    out = tmp_path / "usage.csv"
    line = ("usage", "completions", "--since", "40d", "--out", str(out), *form)
    statuses: list[int] = []
    for status, codes in (401, (1, 1)), (403, (1, 0)):
        statuses.append(status)
        server.rules = [lambda asked: refused("No.", status=statuses[-1])]
        for options, code in zip(((), ("--allow-missing",)), codes, strict=True):
            shown = await invoke(*line, *options)
            assert (shown.code, out.exists()) == (code, code == 0)
            assert (
                f"completions from {time.strftime('%Y-%m-%d', time.gmtime(back(39)))}" in shown.err
            )
            assert shown.err.count(f"{status}: No") == 1
    assert len(out.read_text().splitlines()) == 1


async def test_nothing_of_several_endpoints_names_them(server: RefusingServer) -> None:
    server.rules = [
        lambda asked: refused("No costs." if asked.endpoint == "costs" else "No.", status=403)
    ]
    shown = await invoke("usage", "all", "--since", "3d", "--totals")
    assert (shown.code, shown.out) == (1, "")
    assert shown.err.startswith("Nothing could be fetched: audio speeches, ")
    assert (shown.err.count("403: No;"), shown.err.count("403: No costs")) == (1, 1)


async def test_what_is_not_known_has_no_total(server: RefusingServer) -> None:
    server.rules = [lambda asked: refused("No.", status=403)]
    line = ["costs", "--since", "3d", "--totals", "--allow-missing", "--format", "table"]
    shown = await invoke(*line)
    assert (shown.code, shown.out) == (0, "")
    assert "costs from " in shown.err


@pytest.mark.parametrize("form", FORMS)
async def test_lost_days_are_told_and_end_with_1(
    server: RefusingServer, form: tuple[str, ...]
) -> None:
    server.rules = [before(back(10))]
    shown = await costs(*form)
    assert shown.code == 1
    assert shown.err.count("Costs start on ") == 1
    assert shown.err.count("Too far back") == 1
    assert "The result lacks what the API refused." in shown.err
    rows = json.loads(shown.out)
    assert len(rows) == (1 if form == ("--totals",) else 11)
    assert (await costs(*form, "--allow-missing")).code == 0


@pytest.mark.parametrize("form", FORMS)
async def test_a_lost_field_is_null_and_told(server: RefusingServer, form: tuple[str, ...]) -> None:
    server.rules = [by("user_id", "Cannot group by 'user_id'.")]
    shown = await costs(*form)
    assert shown.code == 1
    assert shown.err.count("Costs are not grouped by user_id: the API refuses that (“") == 1
    rows: list[dict[str, Any]] = json.loads(shown.out)
    assert {(row["project_id"], row["user_id"]) for row in rows} == {("project_id-1", None)}


@pytest.mark.parametrize("form", FORMS)
async def test_narrower_windows_lose_nothing(server: RefusingServer, form: tuple[str, ...]) -> None:
    def wide(asked: Asked) -> Any:
        return refused("Internal.", status=500) if asked.buckets > 12 else None

    server.rules = [wide]
    shown = await costs(*form)
    assert shown.code == 0
    assert shown.err.count("narrower windows") == 1


async def test_what_several_endpoints_lack_for_one_reason_is_one_sentence(
    server: RefusingServer,
) -> None:
    command = ("usage", "all", "--since", "40d", "--group-by", "user_id,api_key_id", "--totals")
    first = back(10)
    server.rules = [
        before(first),
        lambda asked: refused("Group by project_id only.") if asked.groups else None,
    ]
    shown = await invoke(*command)
    refuses, lost = "the API refuses", "are not grouped by user_id and api_key_id"
    start = time.strftime("start on %Y-%m-%d", time.gmtime(first))
    told = shown.err.strip().splitlines()
    assert told[:2] == [
        f"Completions, decisions and 10 more {start}: {refuses} earlier days (“Too far back”).",
        f"Completions, decisions and 8 more {lost}: {refuses} that (“Group by project_id only”).",
    ]
    assert shown.err.count(refuses) == 2
    server.rules = [
        lambda asked: refused("No.") if asked.start < first or asked.endpoint == "costs" else None
    ]
    shown = await invoke(*command)
    assert shown.err.count("No") == 2
    assert "audio speeches, audio transcriptions and 9 more from " in shown.err
