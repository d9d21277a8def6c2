"""``find``: rows in every form, what is said of what is missing, and secrets that are not shown."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from tests.directory.acme import KEYS_A, KEYS_B, PROJECTS, page, refused, settle
from tests.directory.api import API, serving

from .conftest import CLI, invoke

KEY = "sk-admin-canary0123456789abcdWXYZ"
SECRET = "sk-proj-Secret0123456789abcdTail"


@pytest.fixture
async def acme(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[API]:
    """The small organization, which command lines are run on."""
    async with serving() as api:
        settle(api)
        monkeypatch.setenv("OPENAI_BASE_URL", api.url)
        monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
        yield api


async def test_rows_as_json_csv_and_a_table(cli: CLI, demo: Emulator) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        key = (await client.admin_api_keys.list()).data[0]
    (row,) = (await cli("find", key.id)).json
    assert (row["kind"], row["id"], row["name"]) == ("admin_key", key.id, key.name)
    assert (row["match"], row["why"]) == ("id", "its id is this")
    assert key.owner is not None
    assert row["owner"] == key.owner.name
    table = await cli("find", key.id, "--format", "table")
    assert table.code == 0
    assert f"{key.owner.name}" in table.out
    assert key.id in table.out
    csv = await cli("find", key.id, "--format", "csv", "--columns", "kind,id")
    assert csv.out == f"kind,id\nadmin_key,{key.id}\n"


async def test_words_need_no_quotes(acme: API) -> None:
    acme.said[PROJECTS] = page({"id": "proj_a", "name": "Old Search", "status": "archived"})
    found = await invoke("find", "old", "search", "--kind", "project,group", "-f", "csv")
    assert (found.code, found.err) == (0, "")
    assert "project,proj_a,Old Search,,,,,archived,,,,equal,name,its name is this\n" in found.out


async def test_nothing_found_says_what_was_perhaps_meant(acme: API) -> None:
    found = await invoke("find", "serach", "--format", "table")
    assert found.code == 1
    assert found.err == "Nothing called 'serach' was found; did you mean 'Search'?\n"
    assert "proj_a" in found.out
    found = await invoke("find", "zzz", "--kind", "key,group", "--format", "json")
    assert (found.code, found.out) == (1, "[]\n")
    assert found.err == "Nothing called 'zzz' was found among the keys of projects and groups.\n"


async def test_what_is_refused_is_named_beside_what_was_found(acme: API) -> None:
    acme.said[KEYS_A] = refused(403, "Not for you.")
    found = await invoke("find", "robot")
    assert found.code == 1
    assert "key_robot" in found.out
    assert found.err == (
        "Not looked through: keys of projects (Search): the API answered 403, “Not for you”.\n"
    )


async def test_what_cannot_be_read_may_be_what_is_looked_for(acme: API) -> None:
    acme.said[KEYS_B] = page({"name": "without an id"})
    found = await invoke("find", "robot")
    assert found.code == 1
    assert "svc_acct_b" in found.out
    assert "Not looked through: keys of projects: 1 of what came could not be read.\n" in found.err


async def test_what_was_left_out_is_said(acme: API) -> None:
    acme.said[PROJECTS] = page(
        *({"id": f"proj_{n}", "name": f"P{n}", "status": "active"} for n in range(101))
    )
    found = await invoke("find", "ada")
    assert found.code == 1
    assert found.err == (
        "The service accounts, keys and roles of 101 projects were not looked through, which takes"
        " 303 requests or more: --everywhere sends them.\n"
    )
    found = await invoke("find", "p77", "--everywhere")
    assert found.code == 0
    assert found.err == (
        "There are 303 listings to look through: where the API grants no more than 8 requests a"
        " minute, that takes up to 37 min 52 s; --project narrows it.\n"
        "Found the project P77 (proj_77).\n"
    )


async def test_a_secret_is_read_from_standard_input_and_never_shown(acme: API) -> None:
    acme.said[KEYS_A] = page()
    acme.said[KEYS_B] = page({"id": "key_1", "name": "Mine", "redacted_value": "sk-proj-...Tail"})
    found = await invoke("find", "-", "-vv", "--format", "table", stdin=f"{SECRET}\n")
    assert found.code == 0
    assert "key_1" in found.out
    assert "command line" not in found.err
    typed = await invoke("find", SECRET, "-vv", "--format", "table")
    assert typed.code == 0
    assert typed.out == found.out
    assert "on a command line, the shell's history keeps it" in typed.err
    for shown in (found.out, found.err, typed.err):
        assert "Secret0123456789" not in shown


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["key", SECRET, "--kind", "group"], "--kind and --project leave nothing to look through"),
        ([SECRET, SECRET, "--kind", "kay"], "not 'kay'; did you mean 'key'?"),
        ([""], "TEXT must have something to look for; it is empty."),
        ([], "Missing argument 'TEXT'"),
        (["ada", "--project", ""], "--project must not be empty"),
        (["ada", "--columns", "nme"], "did you mean 'name'?"),
    ],
)
async def test_bad_usage_is_refused_before_anything_is_sent(
    acme: API, arguments: list[str], told: str
) -> None:
    found = await invoke("find", *arguments)
    assert found.code == 2
    assert told in found.err
    assert "Secret0123456789" not in found.err
    assert not acme.asked


async def test_an_empty_input_has_nothing_to_look_for(acme: API) -> None:
    found = await invoke("find", "-")
    assert (found.code, found.err) == (2, "TEXT must have something to look for; it is empty.\n")
    assert not acme.asked


async def test_keys_that_cannot_be_compared_are_named_and_listed_where_they_begin_so(
    acme: API,
) -> None:
    acme.said[KEYS_A] = page(*({"id": f"key_{n}", "name": f"K{n}"} for n in range(4)))
    acme.said[KEYS_B] = page({"id": "key_b", "name": "Cut", "redacted_value": "sk-proj-Sec..."})
    found = await invoke("find", "-", "--format", "csv", "--columns", "id,why", stdin=SECRET)
    assert found.code == 1
    assert found.out == 'id,why\nkey_b,"its first characters are these, its last are not shown"\n'
    assert found.err == (
        "No key with these first and last characters was found among the keys of projects and"
        " admin keys. The keys of 1 archived project were not looked through. 5 keys could not be"
        " compared, since the API does not show enough of them: Cut (key_b) of Voice, K0 (key_0)"
        " of Search, K1 (key_1) of Search and 2 more.\n"
    )


async def test_what_is_read_from_standard_input_is_never_shown(acme: API) -> None:
    found = await invoke("find", "-", "-vv", "--format", "table", stdin="pass phrase\n")
    assert found.code == 1
    assert "Nothing called what was given was found." in found.err
    assert "phrase" not in found.err + found.out
    for arguments, stdin in ((["-"], f"{SECRET[:20]}\n{SECRET[20:]}\n"), ([f"a\n{SECRET}"], "")):
        found = await invoke("find", *arguments, stdin=stdin)
        assert (found.code, found.err) == (
            2,
            "TEXT must be one line; join the lines where a secret was wrapped.\n",
        )


async def test_where_everything_is_refused_nothing_is_said_of_what_there_is(acme: API) -> None:
    acme.said = {}
    acme.otherwise = refused(403, "Not for you.")
    found = await invoke("find", "ada")
    assert found.code == 1
    assert found.err == (
        "Nothing could be looked through. Not looked through: admin keys, certificates, groups,"
        " invites, keys of projects, people, projects, roles, roles of projects and service"
        " accounts: the API answered 403, “Not for you”.\n"
    )


async def test_the_status_is_shown_on_a_narrow_screen(
    acme: API, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    found = await invoke("find", "user-gone@acme.example", "--format", "table")
    assert "not in the organization, but has a key" in found.out


async def test_a_long_text_is_shortened_in_its_quotes(acme: API) -> None:
    found = await invoke("find", "e" * 5000)
    assert f"Nothing called '{'e' * 79}…' was found." in found.err
