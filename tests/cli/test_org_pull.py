"""``org pull`` on the command line."""

from __future__ import annotations

from pathlib import Path

from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import ProjectFails

from .conftest import CLI


async def test_it_writes_a_file_and_replaces_none(cli: CLI, demo: Emulator, tmp_path: Path) -> None:
    out = tmp_path / "org.yaml"
    outcome = await cli("org", "pull", "-o", str(out))
    assert (outcome.code, outcome.out) == (0, "")
    assert "171 more requests: 5 min or longer" in outcome.err
    text = out.read_text(encoding="utf-8")
    assert "rosa.jimenez@example.com: reader  # user-" in text
    demo.requests.clear()
    again = await cli("org", "pull", "-o", str(out))
    assert (again.code, len(demo.requests)) == (2, 0)
    assert "exists; pass --force to replace it" in again.err
    assert (await cli("org", "pull", "-o", str(out), "--force")).code == 0
    assert out.read_text(encoding="utf-8") == text


async def test_it_writes_the_sections_and_projects_that_are_asked_for(cli: CLI) -> None:
    outcome = await cli("org", "pull", "--only", "projects.members", "--project", "Voice Notes")
    assert outcome.code == 0
    assert "camila.rojas@example.com: member" in outcome.out
    assert "Data Platform" not in outcome.out
    assert "spend_limit" not in outcome.out
    settings = await cli("org", "pull", "--only", "settings", "--pins")
    assert "id: alert_" in settings.out
    assert "people:" not in settings.out
    wrong = await cli("org", "pull", "--only", "member")
    assert wrong.code == 2
    assert "There is no section 'member'" in wrong.err
    nowhere = await cli("org", "pull", "--project", "Voice Note")
    assert nowhere.code == 2
    assert "did you mean 'Voice Notes'?" in nowhere.err


async def test_what_is_not_known_is_told_with_exit_code_1(
    cli: CLI, demo: Emulator, tmp_path: Path
) -> None:
    failing = next(p["id"] for p in demo.store.projects if p["name"] == "Voice Notes")
    demo.faults.add(ProjectFails(project=failing, status=403))
    out = tmp_path / "org.yaml"
    asked = ("org", "pull", "--only", "projects.members", "-o", str(out), "--force")
    outcome = await cli(*asked)
    assert outcome.code == 1
    assert "Not known, and so not in this file: members of projects (Voice Notes)" in outcome.err
    assert out.read_text(encoding="utf-8").startswith("# Not known, and so not in this file: ")
    assert (await cli(*asked, "--allow-missing")).code == 0
