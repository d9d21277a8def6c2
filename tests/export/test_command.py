"""The command ``export``."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from openai_admin.emulator import Emulator, Status
from tests.cli.conftest import invoke
from tests.cli.processes import COMMAND, Terminal, environment
from tests.export.datasets import days, endpoints_in


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, demo: Emulator) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("OPENAI_BASE_URL", demo.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", demo.admin_key)


async def test_it_says_what_it_did_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "dataset"
    done = await invoke("export", str(out), "--since", "2w", "--endpoints", "costs,users")
    assert done.code == 0, done.err
    assert done.out == ""
    assert re.fullmatch(
        rf"{re.escape(str(out))}: 15 days written with [\d,]+ rows, 0 kept, 2 pages\.\n"
        r"Costs are not grouped by user_id: the API refuses that \(“.+”\)\.\n",
        done.err,
    )
    assert endpoints_in(out) == {"costs", "users"}
    again = await invoke("export", str(out), "--since", "2w", "--endpoints", "costs,users")
    assert ": 4 days written" in again.err
    assert "11 kept, 1 page." in again.err


async def test_last_month_ends_with_it(tmp_path: Path) -> None:
    out = tmp_path / "dataset"
    done = await invoke("export", str(out), "--since", "last-month", "--endpoints", "costs")
    assert done.code == 0, done.err
    found = sorted(day for _, day in days(out))
    assert found[0].endswith("-01")
    assert len({day[:7] for day in found}) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["there.txt"], "there.txt is a file; name a folder."),
        (["out", "--since", "soon"], "--since is not a valid time: 'soon'"),
        (["out", "--endpoints", "cost"], "no endpoint 'cost' to export"),
        (["out", "--bucket-width", "2d"], "'2d' is not one of '1m', '1h', '1d'"),
        (["out", "--restate-days", "-1"], "greater than or equal to 0"),
        ([], "OUT"),
    ],
)
async def test_it_refuses_in_a_sentence(
    arguments: list[str],
    sentence: str,
    demo: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.txt").write_text("mine")
    refused = await invoke("export", *arguments)
    assert refused.code == 2
    assert sentence in refused.err
    assert refused.err.count("\n") == 1
    assert not demo.requests
    assert not Path("out").exists()


async def test_without_the_extra_it_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    refused = await invoke("export", str(tmp_path / "out"))
    assert refused.code == 2
    assert refused.err == "This needs pyarrow: pip install 'openai-admin[arrow]'.\n"


async def test_a_key_without_the_right_is_named_at_the_end(
    tmp_path: Path, demo: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", demo.add_key(scopes=["api.usage.read"]))
    done = await invoke("export", str(tmp_path), "--since", "2d", "--endpoints", "costs,audit_logs")
    assert done.code == 1
    assert "refuses it: audit_logs: the key lacks `api.audit_logs.read`.\n" in done.err
    assert endpoints_in(tmp_path) == {"costs"}


async def test_a_401_beside_answers_is_a_refusal_and_alone_a_wrong_key(
    tmp_path: Path, demo: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    rejected = {"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}
    for name in ("costs", "embeddings"):
        demo.faults.add(Status(match=f"usage.{name}", status=401, body=rejected))
    line = ["export", str(tmp_path), "--since", "2d", "--endpoints"]
    done = await invoke(*line, "costs,embeddings,completions")
    assert done.code == 1
    assert done.err.endswith(
        "\nLeft out, since the API refuses it: embeddings and costs: the API answered 401,"
        " “Incorrect API key provided”.\n"
    )
    assert endpoints_in(tmp_path) == {"completions"}
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-" + "0" * 40)
    wrong = await invoke(*line, "costs,embeddings")
    assert wrong.code == 1
    assert wrong.err.startswith("401: Incorrect API key provided")
    assert wrong.err.endswith("check OPENAI_ADMIN_KEY or store a key with 'openai-admin login'.\n")
    assert wrong.err.count("\n") == 1


def test_a_full_disk_is_reported_in_a_sentence_and_the_next_run_goes_on(
    tmp_path: Path, demo: Emulator
) -> None:
    """Files may be no larger than 2000 bytes, which fails as a full disk does: at write."""
    out = tmp_path / "dataset"
    arguments = [*COMMAND, "export", str(out), "--demo", "--since", "3d", "--endpoints", "costs"]
    env = environment({"PYTHONDONTWRITEBYTECODE": "1"})

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    full = subprocess.run(
        arguments,
        env=env,
        preexec_fn=limited,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert full.returncode == 1
    # A busy machine may have said before that a request waits.
    assert full.stderr.splitlines()[-1] == f"{out} cannot be written: {os.strerror(27)}."
    assert not list(out.rglob("*.part"))
    again = subprocess.run(
        arguments, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert again.returncode == 0, again.stderr
    assert endpoints_in(out) == {"costs"}


def test_a_terminal_sees_how_far_it_is(tmp_path: Path) -> None:
    out = tmp_path / "dataset"
    arguments = ("export", str(out), "--demo", "--since", "90d", "--endpoints", "usage")
    with Terminal(*arguments, env={"COLUMNS": "120"}) as terminal:
        terminal.wait_for("Exporting")
        terminal.wait_for("pages.")
        assert terminal.code() == 0
    screen = re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", terminal.screen)
    assert re.search(r"\d+/\d+", screen)
    assert re.search(r"\d+:\d+ left", screen)
