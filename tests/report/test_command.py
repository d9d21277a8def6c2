"""The command ``report``: what it writes, and what it refuses."""

from __future__ import annotations

import io
import json
import os
import pty
import resource
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.cli.app import run
from openai_admin.cli.report import _write, report
from openai_admin.cli.report_forms import CHARTS as NAMED
from openai_admin.cli.webhook import VARIABLE
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import FeatureOff
from openai_admin.report import CHARTS
from tests.cli.conftest import invoke
from tests.cli.processes import COMMAND, environment
from tests.cli.webhooks import receiver, says

QUESTIONS = (
    "What did we spend, and where?",
    "What changed?",
    "What will the month cost?",
    "Which keys and people need attention?",
)


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, demo: Emulator) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("OPENAI_BASE_URL", demo.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", demo.admin_key)


async def test_it_answers_the_four_questions() -> None:
    shown = await invoke("report")
    assert shown.code == 0, shown.err
    places = [shown.out.index(question) for question in QUESTIONS]
    assert places == sorted(places)


async def test_it_writes_each_kind_of_file(tmp_path: Path, client: AsyncOpenAIAdmin) -> None:
    begins = {
        "html": b"<!doctype html>",
        "md": b"# Spend and access",
        "png": b"\x89PNG",
        "svg": b"<svg",
        "json": b"{",
    }
    for ending, start in begins.items():
        out = tmp_path / f"report.{ending}"
        done = await invoke("report", "--days", "7", "-o", str(out))
        assert done.code == 0, done.err
        assert out.read_bytes().startswith(start)
    period = json.loads((tmp_path / "report.json").read_text())["period"]
    table = await client.usage.collect(
        "costs", start_time=f"{period['start']}T00:00Z", end_time=f"{period['end']}T00:00Z"
    )
    total = json.loads((tmp_path / "report.json").read_text())["total"]
    assert Decimal(total) == sum(table["amount"])
    assert {path.suffix[1:] for path in tmp_path.iterdir() if path.is_file()} == set(begins)


async def test_it_writes_all_rows_to_a_folder_that_is_empty(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    done = await invoke("report", "--days", "7", "--full", "--tables", str(folder))
    assert done.code == 0, done.err
    assert QUESTIONS[0] in done.out
    assert "by_project.csv" in {path.name for path in folder.iterdir()}
    assert done.err == f"Wrote {len(list(folder.iterdir()))} files to {folder}.\n"
    refused = await invoke("report", "--tables", str(folder))
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == f"{folder} is not empty; pass --force to replace files in it.\n"


async def test_days_that_the_api_does_not_go_back_to_are_asked_for_and_told(demo: Emulator) -> None:
    done = await invoke("report", "--month", "2019-01", "--compare", "none", "--brief")
    assert (done.code, len(demo.requests) > 10) == (1, True)
    assert "Spent in January 2019: not known" in done.out
    assert "Earliest supported start date" in done.err


async def test_nothing_is_written_where_nothing_is_known(demo: Emulator, tmp_path: Path) -> None:
    demo.faults.add(FeatureOff(match="*"))
    done = await invoke("report", "-o", str(tmp_path / "page.html"))
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("Nothing was written. Not everything asked for is known: ")
    assert not list(tmp_path.iterdir())


async def test_it_is_as_wide_as_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for columns, most in (("80", 80), ("", 160)):
        monkeypatch.setenv("COLUMNS", columns)
        shown = await invoke("report", "--days", "7")
        assert max(map(len, shown.out.splitlines())) == most


async def test_the_charts_that_it_names_are_those_that_there_are() -> None:
    assert set(NAMED) == set(CHARTS)
    assert report.__doc__


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-o", "report.pdf"], "A report is written to a file that ends in .html"),
        (["-o", "report.html", "--chart", "models"], "--chart is for images"),
        (["-o", "report.png", "--chart", "pie"], "There is no chart 'pie'"),
        (["--chart", "models"], "--chart is for images"),
        (["-o", "missing/report.html"], "there is no folder missing"),
        (["--days", "0"], "greater than or equal to 1"),
        (["-o", "there.md"], "there.md exists; pass --force"),
        (["-o", "{month}.md"], "{month} needs one month, as --month 2026-10."),
        (["--last-month", "-o", "{moth}.md"], "{moth} stands for nothing"),
        (["--days", "7", "--last-month"], "Pass --days or a period, not both."),
        (["--month", "2999-01"], "--month lies in the future"),
        (["--since", "2026-10-01T12:00Z"], "--since must be the beginning of a day"),
        (["--brief", "-o", "report.html"], "--brief is text, not html"),
        (["--brief", "--full"], "Pass --brief or --full, not both."),
    ],
)
async def test_it_refuses_in_a_sentence_before_it_asks(
    arguments: list[str],
    sentence: str,
    demo: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.md").write_text("mine")
    refused = await invoke("report", *arguments)
    assert refused.code == 2
    assert sentence in refused.err
    assert refused.err.count("\n") == 1
    assert not demo.requests
    assert Path("there.md").read_text() == "mine"


async def test_force_replaces(tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    out.write_text("old")
    done = await invoke("report", "-o", str(out), "--force")
    assert done.code == 0
    assert out.read_text().startswith("# Spend")


@pytest.mark.parametrize(("module", "file"), [("jinja2", "a.html"), ("vl_convert", "a.png")])
async def test_without_the_extra_it_says_how_to_get_it(
    module: str, file: str, tmp_path: Path, demo: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    refused = await invoke("report", "-o", str(tmp_path / file))
    assert refused.code == 2
    assert refused.err == f"This needs {module}: pip install 'openai-admin[report]'.\n"
    assert not demo.requests


def test_a_terminal_needs_neither_charts_nor_templates(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['openai-admin', 'report', '--demo']\n"
        "from openai_admin.__main__ import main\n"
        "try: main()\n"
        "finally: print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment({"XDG_CONFIG_HOME": str(tmp_path)}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert QUESTIONS[0] in done.stdout
    assert not {"jinja2", "vl_convert"} & set(done.stderr.split())
    assert "rich.table" in done.stderr.split()


def test_what_does_not_fit_leaves_nothing(tmp_path: Path, demo: Emulator) -> None:
    """Files may be no larger than a few bytes, which fails as a full disk does: at write."""
    out = tmp_path / "report.md"
    done = subprocess.run(
        [*COMMAND, "report", "--demo", "-o", str(out)],
        env=environment({"XDG_CONFIG_HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"{out} cannot be written: {os.strerror(27)}.\n"
    assert list(tmp_path.iterdir()) == []


async def test_what_is_not_known_is_told_and_may_be_allowed(demo: Emulator, tmp_path: Path) -> None:
    demo.faults.add(FeatureOff(match="users.list"))
    out = tmp_path / "report.json"
    for flags, code in (((), 1), (("--allow-missing", "--force"), 0)):
        done = await invoke("report", "--days", "7", "-o", str(out), *flags)
        assert (done.code, done.out) == (code, "")
        assert "Not everything asked for is known: " in done.err
        assert "does not have the feature 'users'" in done.err
        assert out.exists()


async def test_a_month_costs_what_costs_say_to_the_last_digit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = await invoke("report", "--month", "last-month", "-o", "spend-{month}.json")
    assert done.code == 0, done.err
    (file,) = tmp_path.glob("spend-????-??.json")
    (costs,) = (await invoke("costs", "--last-month", "--totals")).json
    written = json.loads(file.read_text())
    assert written["total"] == costs["amount"]
    assert written["period"]["start"] == f"{file.stem.removeprefix('spend-')}-01"
    assert written["projection"] is None


async def test_it_is_shown_in_ten_lines_and_posted(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("--last-month", "--project", "Voice Notes", "--webhook", "--brief", "-o", "-")
    async with receiver(says(200, "ok")) as (address, got):
        monkeypatch.setenv(VARIABLE, address)
        done = await invoke("report", *arguments)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Spend and access of Voice Notes: ")
    assert 5 < len(done.out.splitlines()) <= 10
    (message,) = got
    assert message["text"].splitlines()[0] in done.out


async def test_a_webhook_that_refuses_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "report.md"
    async with receiver(says(403, "action_prohibited")) as (address, got):
        monkeypatch.setenv(VARIABLE, address)
        done = await invoke("report", "-vv", "--webhook", "--allow-missing", "-o", str(out))
    assert done.code == 1
    told = "The webhook refused the message: it answered 403, action_prohibited.\n"
    assert done.err.endswith(f"Wrote {out}.\n{told}")
    assert len(got) == 1
    assert out.read_text().startswith("# Spend and access")
    assert "SECRET" not in done.err + done.out + out.read_text()


def test_an_image_is_not_written_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    _, screen = pty.openpty()
    with os.fdopen(screen, "w") as terminal, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", terminal)
        patch.setattr(sys, "stderr", told := io.StringIO())
        assert run(["report", "--format", "png", "-o", "-"]) == 2
    assert told.getvalue() == ("png is not text: name a file with --out, or pipe it somewhere.\n")


def test_an_image_is_written_to_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", io.TextIOWrapper(written))
        _write(b"\x89PNG", None)
        assert written.getvalue() == b"\x89PNG"
