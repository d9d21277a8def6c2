"""``openai-admin offboard`` on an organization of a few people."""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from openai_admin.cli.errors import CommandError
from openai_admin.cli.offboard import _telling
from openai_admin.cli.people_file import people_of
from openai_admin.cli.progress import Progress
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import MissingScope, Status
from openai_admin.insights.access.forecast import Forecast
from openai_admin.workflows.offboarding import evidence
from openai_admin.workflows.offboarding.record import Record
from openai_admin.workflows.offboarding.snapshot import Reading
from tests.cli.conftest import invoke
from tests.workflows.offboarding.leaving import Org, add_person, client_of, made, of


@pytest.fixture
async def org(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Org]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("OPENAI_BASE_URL", emulator.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", emulator.admin_key)
    async with client_of(emulator) as client:
        yield await made(emulator, client)


async def test_a_plan_changes_nothing(org: Org) -> None:
    shown = await invoke("offboard", "lea@example.com", "--plan", "-f", "table")
    # As it is, it could not be carried out.
    assert (shown.code, shown.err) == (2, "This plan cannot be carried out as it is.\n")
    assert "What will be done, in this order (11 steps):" in shown.out
    assert "What must be decided before anything is done:" in shown.out
    decided = ("offboard", "Lea Roth", "--plan", "--transfer-to", "Max Muster")
    assert (await invoke(*decided, "-f", "table")).code == 0
    (plan,) = (await invoke(*decided)).json["plans"]
    assert [step["holding"]["kind"] for step in plan["steps"]][-1] == "membership"
    rows = (await invoke(*decided, "-f", "csv")).out.splitlines()
    assert rows[0].startswith("person,kind,id,name,project_id,project_name,role,redacted_value,")
    assert [row.split(",")[1] for row in rows[1:]] == [
        step["holding"]["kind"] for step in plan["steps"]
    ]
    org.emulator.store.users.update(org.lea, {"email": "=lea@example.com"})
    guarded = await invoke(
        *("offboard", org.lea, "--plan", "--leave-ownerless"),
        *("-f", "csv", "--csv-dialect", "excel"),
    )
    assert guarded.out.splitlines()[1].startswith("'=lea@example.com,admin_key,")
    assert {request.method for request in org.emulator.requests} == {"GET"}


async def test_what_is_missing_is_said_before_anything_is_sent(org: Org, tmp_path: Path) -> None:
    for arguments, sentence in (
        ((), "Name who leaves"),
        (("lea@example.com",), "There is no terminal to ask on"),
        (("lea@example.com", "--yes", "--evidence", "lea.txt"), "must end in .md or .json"),
        (("lea@example.com", "--plan", "--from-file", str(tmp_path / "none")), "cannot be read"),
        (
            ("lea@example.com", "--yes", "--transfer-to", "max", "--leave-ownerless"),
            "not both",
        ),
        (("lea@example.com", "--yes", "--csv-dialect", "excel"), "--csv-dialect is for CSV"),
        (("", "--yes"), "named by an empty text"),
    ):
        refused = await invoke("offboard", *arguments)
        assert (refused.code, refused.out) == (2, ""), arguments
        assert sentence in refused.err
    assert not org.emulator.requests
    undecided = await invoke("offboard", "lea@example.com", "--yes")
    assert (undecided.code, undecided.out) == (2, "")
    assert "pass --transfer-to PERSON" in undecided.err
    assert {request.method for request in org.emulator.requests} == {"GET"}


async def test_it_is_done_and_recorded_and_what_is_left_is_told(org: Org, tmp_path: Path) -> None:
    org.emulator.faults.add(Status(match="groups.users.delete", status=403))
    path = tmp_path / "lea.md"
    arguments = ("offboard", org.lea, "--yes", "--transfer-to", "max@example.com")
    done = await invoke(*arguments, "--evidence", str(path), "-f", "table")
    # The group has gone with the membership.
    assert done.code == 0, done.out + done.err
    assert "12 of 12 steps done, 1 of them gone already." in done.out
    assert done.err == f"Evidence: {path}\n"
    assert of(org.emulator, org.lea) == []
    again = await invoke(*arguments, "--evidence", str(path))
    assert again.json["results"][0]["is_complete"]
    for who, option in (("LEA@example.com", "--yes"), ("Lea Roth", "--plan")):
        repeated = await invoke("offboard", who, option, "-f", "table")
        assert (repeated.code, repeated.err) == (0, "")
        assert "lready offboarded on " in repeated.out
    unknown = await invoke("offboard", "lea@exampl.com", "--yes")
    assert (unknown.code, unknown.out) == (2, "")
    assert "is known with the address 'lea@exampl.com'; did you mean " in unknown.err

    org.emulator.faults.add(Status(match="projects.api_keys.delete", status=500))
    left = await invoke("offboard", "max@example.com", "--yes", "--leave-ownerless", "-f", "table")
    assert left.code == 1
    assert 'delete project key "max-ci"' in left.out
    assert "refused (the API answered 500" in left.out
    assert left.err == "Not everything was taken away from Max Muster <max@example.com>.\n"


async def test_without_a_place_for_a_journal_nothing_is_done(
    org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    refused = await invoke("offboard", org.max, "--yes", "-f", "csv")
    assert (refused.code, refused.out) == (1, "")
    assert "cannot be read and written there (Not a directory): set XDG_STATE_HOME" in refused.err
    planned = await invoke("offboard", "lea@example.com", "--leave-ownerless", "--plan")
    assert planned.code == 1
    assert "what earlier runs did: The journals in " in planned.err
    status = await invoke("rotate", "status")
    assert (status.code, status.out) == (1, "[]\n")
    assert "/file/openai-admin/rotations cannot be read (Not a directory)." in status.err
    assert {request.method for request in org.emulator.requests} == {"GET"}


async def test_several_from_a_file(org: Org, tmp_path: Path) -> None:
    add_person(org.emulator, "Ada One")
    path = tmp_path / "people.csv"
    path.write_text("Name,Email\nAda,ada@example.com\nMax,MAX@example.com\nX,x@example.com\n")
    unknown = await invoke("offboard", "--from-file", str(path), "--yes")
    assert (unknown.code, unknown.out) == (2, "")
    assert "'x@example.com'" in unknown.err
    assert {request.method for request in org.emulator.requests} == {"GET"}
    evidence = tmp_path / "all.json"
    done = await invoke(
        *("offboard", "--from-file", str(path), "max@example.com", "--yes", "--skip-unknown"),
        *("-f", "table", "--evidence", str(evidence)),
    )
    assert done.code == 0, done.out + done.err
    assert "Left out: No member, key or invite is known" in done.err
    assert done.out.count("Offboarding ") == 2
    assert [line.split()[:2] for line in done.out.splitlines()[-2:]] == [
        ["Max", "Muster"],
        ["Ada", "One"],
    ]
    both = await invoke("offboard", org.lea, "Olivia Owner", "--plan", "--myself", "-f", "table")
    told = " ".join(both.out.split())  # without the ends of the screen's lines
    assert told.count("or all others are offboarded in the same run") == 2


async def test_a_long_read_is_told_before_it_begins(capsys: pytest.CaptureFixture[str]) -> None:
    tell = _telling(Progress("Reading"), demo=False)
    forecast = Forecast.of({"keys": 500, "members": 490, "groups": 20})
    for done in (0, 1):
        tell(Reading(done=done, forecast=forecast))
    told = capsys.readouterr().err
    assert told.startswith("This takes about 1,010 more requests: up to 1 h 2 min")
    assert told.count("\n") == 1
    tell(Reading(done=0, forecast=Forecast.of({"keys": 3})))
    _telling(Progress("Reading"), demo=True)(Reading(done=0, forecast=forecast))
    assert capsys.readouterr().err == ""


def test_a_file_names_people(tmp_path: Path) -> None:
    path = tmp_path / "people"
    for text, people in (
        ("# gone\na@x.com\n\nB@x.com\nb@x.com\n", ["a@x.com", "B@x.com"]),
        ("\ufeffid, email\nu1, a@x.com\nu2,\n", ["a@x.com"]),
        ("id\nuser-1\n", ["user-1"]),
        ("Ada Lovelace\n", ["Ada Lovelace"]),
        ("name;email\nLovelace, Ada;a@x.com\n", ["a@x.com"]),
        ("name\temail\nAda\ta@x.com\n", ["a@x.com"]),
    ):
        path.write_text(text, encoding="utf-8")
        assert people_of(path) == people
    for text, sentence in (
        ("a@x.com,b@x.com\n", "several columns"),
        ("email\n", "names nobody"),
        ("", "names nobody"),
    ):
        path.write_text(text)
        with pytest.raises(CommandError, match=sentence):
            people_of(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(CommandError, match="not a text file"):
        people_of(path)


async def test_evidence_that_cannot_be_written_says_how_far_it_came(
    org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = 0
    write = evidence.write

    def fail(path: Path, record: Record) -> None:
        nonlocal written
        written += 1
        if written == 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, record)

    path = tmp_path / "lea.md"
    arguments = ("offboard", org.lea, "--yes", "--leave-ownerless", "--evidence", str(path))
    with monkeypatch.context() as patch:
        patch.setattr(evidence, "write", fail)
        stopped = await invoke(*arguments)
    assert stopped.code == 1
    assert f"{path} cannot be written: No space left on device. Offboarding" in stopped.err
    assert "was cut off after 3 of 11 steps: do the same again to go on." in stopped.err
    assert (await invoke(*arguments)).json["results"][0]["is_complete"]


async def test_what_is_not_found_is_not_known_where_something_is_refused(org: Org) -> None:
    org.emulator.faults.add(MissingScope(match="invites.list"))
    refused = await invoke("offboard", "x@example.com", "--yes")
    assert (refused.code, refused.out) == (1, "")
    assert "Not all could be looked through: invites: the key lacks" in refused.err
    unknown = await invoke("offboard", org.lea, "--plan", "--transfer-to", "x@example.com")
    assert (unknown.code, unknown.out) == (1, "")
    assert unknown.err.startswith("--transfer-to: No member")
    org.emulator.faults.clear()
    several = await invoke("offboard", "Le", "--plan")
    assert (several.code, several.out) == (2, "")
    assert "did you mean 'lea@example.com' or 'Lea Roth'?" in several.err
