"""``openai-admin rotate`` on the demo organization."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from openai_admin.cli.config import Connection, find_connection, store_connection
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import NotYetVisible
from tests.cli.conftest import CLI

_ACCOUNT = ("rotate", "service-account", "nightly-evals", "--project", "Default project")


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


async def test_a_service_account_in_two_runs(cli: CLI, demo: Emulator, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    to = ("--to", f"file:{file}")

    refused = await cli(*_ACCOUNT, *to)
    assert (refused.code, refused.out) == (2, "")
    assert "pass --yes" in refused.err
    planned = (await cli(*_ACCOUNT, *to, "--plan", "--format", "json")).json
    assert planned["state"] == "planned"
    assert not file.exists()

    first = (await cli(*_ACCOUNT, *to, "--yes", "--format", "json")).json
    assert (first["state"], first["old_key"]) == ("overlap", planned["old_key"])
    secret = file.read_text().partition("=")[2].strip()
    (row,) = (await cli("rotate", "status", "--format", "json")).json
    assert (row["state"], row["new_key"]) == ("overlap", first["new_key"])
    assert row["due"] == first["due"]
    bad = tmp_path / "state" / "openai-admin" / "rotations" / "bad.jsonl"
    bad.write_bytes(b"\0" * 512)
    status = await cli("rotate", "status", "--format", "json")
    assert (status.code, json.loads(status.out)) == (1, [row])
    assert f"{bad} is not a rotation's journal" in " ".join(status.err.split())
    bad.write_text("")  # as a full disk, or whoever empties it, leaves it
    status = await cli("rotate", "status", "--format", "json")
    assert (status.code, json.loads(status.out)) == (1, [row])
    assert f"{bad} has no whole line" in " ".join(status.err.split())
    bad.unlink()

    waiting = await cli(*_ACCOUNT, *to, "--yes", "--format", "table")
    assert waiting.code == 0
    assert "To do: Delete the old key" in waiting.err
    assert secret not in waiting.out + waiting.err

    last = (await cli(*_ACCOUNT, *to, "--yes", "--finish", "--format", "json")).json
    assert last["state"] == "finished"
    assert (await cli("rotate", "status", "--format", "json")).json == []
    journal, lines = Path(last["journal"]), Path(last["journal"]).read_text()
    cleared = {"what": "cleared", "attempt": 9, "unseen": "maybe", "at": "2026-01-01T00:00:00Z"}
    journal.write_text(lines + json.dumps(cleared) + "\n")
    doubtful = await cli("rotate", "status", "--format", "json")
    assert "Whether a key maybe was made is not known" in " ".join(doubtful.err.split())
    journal.write_text(lines)

    held = file.read_text()
    young = (await cli(*_ACCOUNT, *to, "--yes", "--older-than", "1d", "--format", "json")).json
    assert (young["state"], young["done"]) == ("skipped", [])
    over = (await cli(*_ACCOUNT, *to, "--yes", "--finish", "--format", "json")).json
    assert (over["state"], over["id"], over["done"]) == ("finished", last["id"], [])
    assert "pass --again" in over["notes"][0]
    assert file.read_text() == held
    again = (await cli(*_ACCOUNT, *to, "--yes", "--again", "--format", "json")).json
    assert (again["state"], again["old_key"]) == ("overlap", last["new_key"])


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("service-account", "--to", "file:x"), "Name a service account, or pass --all"),
        (("service-account", "ci", "--to", "file:x"), "with --project"),
        (("service-account", "ci", "--all", "--to", "file:x"), "or --all, not both"),
        (("admin-key", "--to", "file:x"), "Name a key, or pass --all"),
        (("admin-key", "", "--to", "file:x"), "its name is empty"),
        (
            ("admin-key", "--all", "--to", "file:{key}", "--abandon"),
            "--abandon is for one",
        ),
        (("admin-key", "k", "--to", "file:x", "--overlap", "soon"), "must be a length of time"),
        (("admin-key", "k", "--to", "nowhere:x", "--yes"), "must be written as"),
        (("admin-key", "--all", "--to", "file:x", "--yes"), "cannot go to the same place"),
        (("admin-key", "--all", "--to", "file:{x}", "--yes"), "{x} is unknown"),
        (("admin-key", "k", "--to", "profile:no", "--yes"), "There is no profile"),
    ],
)
async def test_wrong_usage(arguments: tuple[str, ...], why: str, cli: CLI, demo: Emulator) -> None:
    outcome = await cli("rotate", *arguments)
    assert outcome.code in (1, 2)
    assert why in " ".join(outcome.err.split())
    assert not demo.requests


async def test_the_key_of_a_profile(cli: CLI, demo: Emulator) -> None:
    store_connection("work", Connection(demo.admin_key, base_url=demo.base_url), in_keyring=False)
    outcome = await cli(
        *("rotate", "admin-key", "Emulator", "--to", "profile", "--profile", "work"),
        *("--yes", "--finish", "--format", "json"),
    )
    assert outcome.json["state"] == "finished"
    stored = find_connection("work")
    assert stored.base_url == demo.base_url
    assert stored.admin_key != demo.admin_key
    assert (await cli("projects", "list", "--profile", "work", "--limit", "1")).code == 0


async def test_all_accounts_of_a_project(cli: CLI, tmp_path: Path) -> None:
    arguments = ("rotate", "service-account", "--all", "--project", "Customer Support Assistant")
    to = ("--to", f"file:{tmp_path}/{{project}}-{{account}}.env", "--yes", "--format", "json")
    rows = (await cli(*arguments, *to, "--older-than", "90d")).json
    assert {row["outcome"] for row in rows} == {"overlap"}
    assert len(rows) > 1

    again = (await cli(*arguments, *to, "--older-than", "90d", "--finish")).json
    assert [row["outcome"] for row in again] == ["finished"] * len(rows)
    assert [row["new_key"] for row in again] == [row["new_key"] for row in rows]

    young = (await cli(*arguments, *to, "--older-than", "90d")).json
    assert {row["outcome"] for row in young} == {"skipped"}


async def test_a_demo_replaces_no_key_that_works(cli: CLI, tmp_path: Path) -> None:
    held, new = tmp_path / ".env", tmp_path / "new.env"
    held.touch(0o600)
    held.write_text("OPENAI_API_KEY=sk-works\n")
    demo = ("--demo", "rotate", "service-account", "--yes", "--finish")
    one = (*demo, "nightly-evals", "--project", "Default project", "--to")
    every = (*demo, "--all", "--project", "Default project", "--to")
    for arguments in (
        (*one, f"file:{held}"),
        (*one, "command:tee x"),
        (*every, "command:tee {account}"),
    ):
        refused = await cli(*arguments)
        assert refused.code == 2
        assert "must name a file that is not there yet" in " ".join(refused.err.split())
    assert held.read_text() == "OPENAI_API_KEY=sk-works\n"
    done = await cli(*one, f"file:{new}")
    assert done.code == 0
    assert "The demo organization ends with this command" in done.err
    assert new.exists()


async def test_a_key_in_doubt_fails(cli: CLI, demo: Emulator, tmp_path: Path) -> None:
    to = ("--to", f"file:{tmp_path / '.env'}", "--yes", "--format", "json")
    assert (await cli(*_ACCOUNT, *to, "--finish")).code == 0
    late = demo.faults.add(NotYetVisible(seconds=600, as_key=False))
    first = (await cli(*_ACCOUNT, *to, "--again")).json
    # As if the answer to a creation had been lost before, a minute ago.
    journal = Path(first["journal"])
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    found = [{**line, "at": _earlier(line["at"])} for line in lines]
    lost = {"what": "cleared", "attempt": 9, "unseen": "lost", "at": found[0]["at"]}
    journal.write_text("".join(json.dumps(line) + "\n" for line in (*found, lost)))

    doubtful = await cli(*_ACCOUNT, *to, "--finish")
    told = json.loads(doubtful.out)
    assert (doubtful.code, told["state"]) == (1, "unsettled")
    assert told["not_known"] in " ".join(doubtful.err.split())
    (row,) = (await cli("rotate", "status", "--format", "json")).json
    assert (row["state"], row["due"]) == ("finishing", told["due"])
    demo.faults.remove(late)
    last = await cli(*_ACCOUNT, *to, "--finish")
    assert (last.code, last.json["state"]) == (0, "finished")


def _earlier(moment: str) -> str:
    return (datetime.fromisoformat(moment) - timedelta(minutes=1)).isoformat()
