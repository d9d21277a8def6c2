"""Names where the API takes ids."""

from __future__ import annotations

import pytest

from openai_admin.directory.kinds import KINDS
from openai_admin.emulator import Emulator
from openai_admin.emulator.store import ID_PREFIXES
from tests.cli.conftest import CLI


def test_what_the_emulator_makes_looks_like_ids() -> None:
    plain = {name.removesuffix("s"): kind for name, kind in KINDS.items()}
    kinds = {"key_id": "api_key"}
    for name, kind in plain.items():
        prefix = ID_PREFIXES[kinds.get(name, name.removesuffix("_id"))]
        assert kind.is_id(f"{prefix}abc"), name
        assert not kind.is_id("Voice Notes"), name
        assert not kind.is_id(f"{prefix}abc@example.com"), name


async def test_a_name_is_looked_up_and_an_id_is_not(cli: CLI, demo: Emulator) -> None:
    project = (await cli("projects", "retrieve", "voice notes")).json
    assert project["name"] == "Voice Notes"
    demo.requests.clear()
    key, *_ = (await cli("projects", "api-keys", "list", project["id"])).json
    assert len(demo.requests) == 1
    person = (await cli("users", "list", "--limit", "1")).json[0]
    demo.requests.clear()
    assert (await cli("users", "retrieve", person["email"].upper())).json["id"] == person["id"]
    assert len(demo.requests) == 2  # for the address, and for the person
    found = await cli("projects", "api-keys", "retrieve", "Voice Notes", key["name"])
    assert found.json["id"] == key["id"]
    by_name = await cli("costs", "--since", "2d", "--whole-days", "--totals",
                        "--project-ids", "Voice Notes", "--api-key-ids", key["name"])  # fmt: skip
    by_id = await cli("costs", "--since", "2d", "--whole-days", "--totals",
                      "--project-ids", project["id"], "--api-key-ids", key["id"])  # fmt: skip
    assert by_name.json == by_id.json
    assert by_id.json[0]["amount"] != "0"


async def test_what_nothing_is_called_or_several_things_are(cli: CLI, demo: Emulator) -> None:
    unknown = await cli("costs", "--project-ids", "Voice Nots")
    assert (unknown.code, unknown.out) == (2, "")
    assert unknown.err == (
        "--project-ids: no project has the name 'Voice Nots'; did you mean 'Voice Notes'?\n"
    )
    person = (await cli("users", "list", "--limit", "1")).json[0]["email"]
    for typed, near in (
        (person.replace("@", "x@"), f"; did you mean {person!r}?"),
        ("qqq@" + person.partition("@")[2], "."),  # another of the same domain is not near
    ):
        missed = await cli("users", "retrieve", typed)
        assert missed.err == f"USER_ID: no person has the address {typed!r}{near}\n"
    first, second = [(await cli("projects", "create", "--name", "Twin")).json["id"] for _ in "ab"]
    await cli("projects", "archive", second, "--yes")
    demo.requests.clear()
    several = await cli("projects", "archive", "twin", "--yes")
    assert (several.code, several.out) == (2, "")
    assert several.err == (
        "PROJECT_ID: 2 projects have the name 'twin'; pass the id of one:"
        f" {first}; {second} (archived).\n"
    )
    assert {request.method for request in demo.requests} == {"GET"}


async def test_a_change_says_what_it_is_made_to(cli: CLI) -> None:
    created = (await cli("projects", "create", "--name", "Old")).json["id"]
    dry = await cli("projects", "archive", "Old", "--dry-run")
    assert dry.code == 2
    assert dry.err.endswith("cannot be looked up with --dry-run, which sends nothing.\n")
    archived = await cli("projects", "archive", "old", "--yes")
    assert archived.json["status"] == "archived"
    assert archived.err == f'The project is {created}, "Old".\n'


@pytest.mark.parametrize("totals", [(), ("--totals",)])
async def test_a_filter_that_nothing_has_is_said(cli: CLI, totals: tuple[str, ...]) -> None:
    line = ("costs", "--since", "2d", "--whole-days", *totals)
    nothing = await cli(*line, "--project-ids", "proj_none", "--api-key-ids", "key_none")
    assert nothing.err.startswith(
        "No project has the id proj_none.\nNo key of these projects has the id key_none now.\n"
    )
    if totals:
        (row,) = nothing.json
        assert (row["amount"], row["currency"]) == ("0", "usd")
