"""What things are called."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.directory.naming import id_of, label_of, name_of


@pytest.mark.parametrize(
    ("thing", "name", "id", "label"),
    [
        ({"id": "proj_1", "name": "Search"}, "Search", "proj_1", "Search"),
        ({"id": "u", "name": "Ada", "email": "a@example.org"}, "a@example.org", "u", None),
        ({"id": "role_1", "role_name": "Reader"}, "Reader", "role_1", "Reader"),
        ({"id": "k", "name": None}, None, "k", "k"),
        ({"type": "user", "user": {"id": "u", "email": "a@b"}}, "a@b", None, "a@b"),
        ({"type": "service_account", "service_account": {"id": "sa"}}, None, None, "sa"),
        ({"type": "aws"}, None, None, "aws"),
        ({"id": "e", "type": "project.created", "effective_at": 1, "project": {"name": "x"}},
         "project.created", "e", "project.created"),
        ({"model": "gpt-5", "id": "rl-1"}, None, "rl-1", "rl-1"),
        ({"name": "", "id": "p"}, None, "p", "p"),
        ({}, None, None, None),
    ],
)  # fmt: skip
def test_names_ids_and_labels(
    thing: dict[str, Any], name: str | None, id: str | None, label: str | None
) -> None:
    assert (name_of(thing), id_of(thing)) == (name, id)
    assert label_of(thing) == (label or name)
