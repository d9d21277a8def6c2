"""``org schema`` and a file with mistakes, on the command line."""

from __future__ import annotations

from openai_admin import DocumentError
from openai_admin.cli.errors import explain
from openai_admin.organization.document.schema import document_schema
from openai_admin.organization.planning.schema import plan_schema

from .conftest import invoke


async def test_it_is_printed_as_json() -> None:
    ended = await invoke("org", "schema")
    assert (ended.code, ended.json) == (0, document_schema())
    of_plan = await invoke("org", "schema", "--plan")
    assert of_plan.json == plan_schema()


def test_mistakes_of_a_file_are_told_a_line_each() -> None:
    error = DocumentError(["org.yaml, line 1: a.", "org.yaml, line 2: b\u202e."])
    assert explain(error) == ("org.yaml, line 1: a.\norg.yaml, line 2: b\\u202e.", 2)
