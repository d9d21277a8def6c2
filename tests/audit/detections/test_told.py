"""The file of what was told: bounded, kept through kills, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_admin import InvalidInputError
from openai_admin.audit.detections import told
from openai_admin.audit.detections.told import ToldFindings


def id_of(number: int) -> str:
    """The id of a finding."""
    return f"finding-{number:024x}"


def test_what_was_told_is_there_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "position.json.findings"
    first = ToldFindings(file)
    first.add(id_of(1))
    first.add(id_of(2))
    second = ToldFindings(file)
    second.add(id_of(3))
    assert list(ToldFindings(file)) == [id_of(1), id_of(2), id_of(3)]


def test_a_line_that_was_not_written_to_its_end_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "findings"
    file.write_text(f"{id_of(1)}\n{id_of(2)[:12]}")
    assert list(ToldFindings(file)) == [id_of(1)]


def test_the_oldest_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "MOST_REMEMBERED", 2)
    kept = ToldFindings(tmp_path / "findings")
    for number in range(5):
        kept.add(id_of(number))
    assert list(kept) == [id_of(3), id_of(4)]


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "findings"
    file.write_text("hello\nworld\n")
    with pytest.raises(InvalidInputError, match="does not hold the ids of findings"):
        ToldFindings(file)
    assert file.read_text() == "hello\nworld\n"


def test_without_a_file_they_are_kept_in_memory() -> None:
    kept = ToldFindings()
    kept.add(id_of(1))
    assert list(kept) == [id_of(1)]
