"""Sentences about arguments, with the names of the command line."""

from __future__ import annotations

import pytest

from openai_admin.cli.parameters import reworded

NAMES = {"name": "--name", "role": "--role", "user_id": "USER_ID", "user_ids": "--user-ids"}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("name must be text, not int.", "--name must be text, not int."),
        ("user_ids[0] must be text.", "--user-ids[0] must be text."),
        ("Pass role or user_id, not both; role is newer.",
         "Pass --role or USER_ID, not both; --role is newer."),
        ("role must be 'role' or 'user_id', not \"user_id's name\".",
         "--role must be 'role' or 'user_id', not \"user_id's name\"."),
        ("The API's role has the name of a user_id.", "The API's role has the name of a USER_ID."),
        ("It needs role, name.", "It needs --role, --name."),
        ("projects.name and my_user_id are others.", "projects.name and my_user_id are others."),
    ],
)  # fmt: skip
def test_a_sentence(sentence: str, expected: str) -> None:
    assert reworded(sentence, NAMES) == expected


def test_without_names_a_sentence_stays() -> None:
    assert reworded("name must be text.", {}) == "name must be text."
