"""Sinks as they are written for ``--to``."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_admin import InvalidInputError
from openai_admin.workflows.sinks.forms import sink_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("file:.env", "file:{here}/.env#OPENAI_API_KEY"),
        ("file:a/../.env#KEY", "file:{here}/.env#KEY"),
        ("file:a#b.env#KEY", "file:{here}/a#b.env#KEY"),
        ("file:~/.env", "file:{home}/.env#OPENAI_API_KEY"),
        ("secret-file:run/openai#1", "secret-file:{here}/run/openai#1"),
        ("command:gh secret set KEY", "command:gh …"),
        ("command:cat | sh -c 'cat >a'", "command:cat | sh …"),
        ("keyring:https://a/b/key", "keyring:https://a/b/key"),
        ("aws-secretsmanager:app/key", "aws-secretsmanager:app/key"),
        (
            "aws-secretsmanager:arn:aws:secretsmanager:us-east-1:1:secret:a-b#K",
            "aws-secretsmanager:arn:aws:secretsmanager:us-east-1:1:secret:a-b#K",
        ),
    ],
)
def test_a_text_names_a_sink(
    text: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    assert str(sink_of(text)) == name.format(here=tmp_path, home="/home/me")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "sk-proj-secret",
            "must be written as 'file:…', 'secret-file:…', 'command:…', 'keyring:…' or 'aws-",
        ),
        ("vault:sk-proj-secret", "must be written as 'file:…'"),
        ("", "must be written as 'file:…'"),
        ("file:", "must be written as file:PATH"),
        ("file:#KEY", "must be written as file:PATH"),
        ("file:.env#", "must be written as file:PATH"),
        ("file:a#b.env", "end a path that has a '#' itself with #OPENAI_API_KEY"),
        ("file:a\0b", "file:PATH"),
        ("file:new/", "file:new/ is a folder: name a file in it."),
        ("file:new/#KEY", "file:new/ is a folder: name a file in it."),
        ("secret-file:", "must be written secret-file:PATH"),
        ("secret-file:new/", "secret-file:new/ is a folder"),
        ("command:", "must be written as command:PROGRAM"),
        ("keyring:app", "keyring:SERVICE/USER"),
        ("keyring:/key", "keyring:SERVICE/USER"),
        ("keyring:app/", "keyring:SERVICE/USER"),
        ("aws-secretsmanager:", "aws-secretsmanager:ID"),
        ("aws-secretsmanager:a#", "aws-secretsmanager:ID"),
    ],
)
def test_what_names_none_is_refused_and_not_repeated(text: str, why: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        sink_of(text)
    assert why in str(caught.value)
    assert "sk-proj" not in str(caught.value)


def test_a_file_with_a_hash_in_its_name_is_not_taken_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a#b").touch()
    with pytest.raises(InvalidInputError, match="write file:a#b#NAME if that is meant"):
        sink_of("file:a#b")
    assert str(sink_of("file:a#b#KEY")) == f"file:{tmp_path}/a#b#KEY"
