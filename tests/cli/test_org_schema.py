"""``org schema`` and a file with mistakes, on the command line."""

from __future__ import annotations

from openai_admin.organization.document.schema import document_schema

from .conftest import invoke


async def test_it_is_printed_as_json() -> None:
    ended = await invoke("org", "schema")
    assert (ended.code, ended.json) == (0, document_schema())
