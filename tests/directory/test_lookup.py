"""Ids named from listings, as far as they can be read, with few requests, on both clients."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin, ClientClosedError, OpenAIAdmin
from openai_admin._transport.connection import Timeout
from openai_admin.directory.lookup import NameLookup, Wanted
from openai_admin.usage.table import UsageTable

from . import acme
from .acme import (
    ACCOUNTS_A,
    ACCOUNTS_B,
    GROUPS,
    KEYS_A,
    KEYS_B,
    KEYS_OLD,
    NAMES,
    PROJECTS,
    REFUSALS,
    USERS,
    page,
    refused,
)
from .api import API, HANGS, Said

KEY = "sk-admin-canary0123456789abcdWXYZ"
COLUMN = {"proj": "project_id", "user": "user_id", "svc_": "user_id", "key_": "api_key_id"}
CLIENTS = pytest.mark.parametrize("blocking", [False, True], ids=["async", "blocking"])


@pytest.fixture(autouse=True)
def _acme(api: API) -> None:
    acme.settle(api)


def table(*ids: str, names: dict[str, dict[str, str]] | None = None) -> UsageTable:
    """A table with a row for each id, in the column where it belongs."""
    columns: dict[str, list[Any]] = {
        column: [id if COLUMN[id[:4]] == column else None for id in ids]
        for column in dict.fromkeys(COLUMN[id[:4]] for id in ids)
    }
    columns["amount"] = [Decimal(n) for n in range(len(ids))]
    return placed(columns, names=names)


def placed(
    columns: dict[str, list[Any]], names: dict[str, dict[str, str]] | None = None
) -> UsageTable:
    """A table of columns, all but the amount dimensions."""
    dimensions = [name for name in columns if name != "amount"]
    return UsageTable(columns, dimensions=dimensions, metrics=["amount"], names=names)


async def named(
    api: API, plain: UsageTable, *, blocking: bool = False, timeout: float | Timeout = 60.0
) -> UsageTable:
    """The table with names, by one of the clients, which does not try again."""
    settings: dict[str, Any] = {"base_url": api.url, "max_retries": 0, "timeout": timeout}
    if not blocking:
        async with AsyncOpenAIAdmin(KEY, **settings) as client:
            return await plain.with_names(client)

    def ask() -> UsageTable:
        with OpenAIAdmin(KEY, **settings) as client:
            return plain.with_names(client)

    return await asyncio.to_thread(ask)


def names_by_id(with_names: UsageTable) -> dict[str, str | None]:
    """The name beside each id."""
    pairs = [
        (id, name)
        for column in ("project_id", "user_id", "api_key_id")
        if column in with_names.columns
        for id, name in zip(
            with_names[column], with_names[column.replace("_id", "_name")], strict=True
        )
    ]
    return {id: name for id, name in pairs if id is not None}


def without(*ids: str) -> dict[str, str | None]:
    """All names, but for those of some ids."""
    return {id: None if id in ids else name for id, name in NAMES.items()}


def asked(*paths: str) -> Counter[str]:
    return Counter(paths)


@CLIENTS
async def test_everything_is_named_and_each_list_is_read_once(api: API, blocking: bool) -> None:
    with_names = await named(api, table(*NAMES), blocking=blocking)
    assert names_by_id(with_names) == NAMES
    assert with_names.unnamed == []
    assert api.asked == asked(USERS, PROJECTS, KEYS_A, KEYS_B, ACCOUNTS_A, ACCOUNTS_B)
    assert api.queries[PROJECTS] == [{"limit": "100", "include_archived": "true"}]
    for path in (KEYS_A, KEYS_B):
        assert api.queries[path] == [{"limit": "100", "owner_project_access": "any"}]


@pytest.mark.parametrize(
    ("ids", "paths"),
    [
        (["proj_a", "proj_old"], [PROJECTS]),
        (["user-ada", "user-bob"], [USERS]),
        (["svc_acct_a"], [PROJECTS, ACCOUNTS_A, ACCOUNTS_B]),
        (["user-ada", "user-gone"], [USERS, PROJECTS, KEYS_A, KEYS_B]),
        (["user-gone", "svc_acct_b"], [USERS, PROJECTS, KEYS_A, KEYS_B]),
        (["key_robot"], [PROJECTS, KEYS_A, KEYS_B]),
    ],
    ids=lambda value: " ".join(value) if str(value[0])[0] != "/" else "",
)
async def test_only_what_is_needed_is_asked_for(api: API, ids: list[str], paths: list[str]) -> None:
    with_names = await named(api, table(*ids))
    assert names_by_id(with_names) == {id: NAMES[id] for id in ids}
    assert api.asked == asked(*paths)


async def test_names_that_rows_came_with_go_first_and_need_no_request(api: API) -> None:
    known = {"project_id": {"proj_a": "Once"}, "user_id": {"user-gone": "grace@acme.example"}}
    with_names = await named(api, table("proj_a", "user-gone", names=known))
    assert names_by_id(with_names) == {"proj_a": "Once", "user-gone": "grace@acme.example"}
    assert not api.asked
    with_names = await named(api, table("proj_a", "proj_b", names=known))
    assert names_by_id(with_names) == {"proj_a": "Once", "proj_b": "Voice"}


@pytest.mark.parametrize("project", ["proj_a", "proj_b"])
async def test_only_projects_beside_the_ids_are_asked(api: API, project: str) -> None:
    keys = ["key_robot", "key_nobody"]
    plain = placed({"project_id": [project, project], "api_key_id": keys, "amount": [1, 2]})
    with_names = await named(api, plain)
    found = "Robot's" if project == "proj_b" else None
    assert with_names["api_key_name"] == [found, None]
    assert api.asked == asked(PROJECTS, f"{PROJECTS}/{project}/api_keys")


async def test_archived_projects_are_asked_only_for_keys_that_are_in_them(api: API) -> None:
    plain = placed({"project_id": ["proj_old"], "api_key_id": ["key_old"], "amount": [1]})
    with_names = await named(api, plain)
    assert with_names["project_name"] == ["Old"]
    assert with_names["api_key_name"] == [None]
    (told,) = with_names.unnamed
    assert told.startswith("Names of keys are not known: 400: The project is archived (")
    assert api.asked == asked(PROJECTS, KEYS_OLD)
    api.said[KEYS_OLD] = page({"id": "key_old", "name": "Old's"})
    assert (await named(api, plain))["api_key_name"] == ["Old's"]
    api.asked.clear()
    await named(api, table(*NAMES, "key_nobody"))
    assert KEYS_OLD not in api.asked


async def test_a_project_that_refuses_is_named_where_others_answer(api: API) -> None:
    api.said[KEYS_B] = Said(500, {"error": {"message": "Sorry"}})
    (told,) = (await named(api, table("key_ada", "key_robot"))).unnamed
    assert told.startswith("Names of keys in Voice are not known: 500: Sorry (")


async def test_reading_stops_once_all_is_named(api: API) -> None:
    """Pages that follow would be refused, and are not asked for."""
    many = 40
    projects = [
        {"id": f"proj_{n}", "name": f"P{n}", "created_at": 0, "status": "active"}
        for n in range(many)
    ]
    api.said[PROJECTS] = page(*projects)
    for n in range(many):
        keys = [{"id": f"key_{n}", "name": f"K{n}"}]
        api.said[f"{PROJECTS}/proj_{n}/api_keys"] = page(*keys, more=True)
    api.said[USERS] = page({"id": "user-ada", "name": "Ada", "role": "owner"}, more=True)
    with_names = await named(api, table("key_0", "user-ada"))
    assert names_by_id(with_names) == {"key_0": "K0", "user-ada": "Ada"}
    assert with_names.unnamed == []
    assert api.asked[USERS] == 1
    assert api.asked[f"{PROJECTS}/proj_0/api_keys"] == 1
    assert f"{PROJECTS}/proj_{many - 1}/api_keys" not in api.asked


async def test_who_is_in_no_list_has_no_name_and_nothing_is_amiss(api: API) -> None:
    gone = ["proj_x", "user-x", "svc_acct_x", "key_x"]
    with_names = await named(api, table(*gone))
    assert names_by_id(with_names) == dict.fromkeys(gone)
    assert with_names.unnamed == []
    assert set(api.asked.values()) == {1}


# Which names are lost with a listing, of all that is wanted.
LOST: dict[str, tuple[list[str], list[str]]] = {
    "users": (["/organization/users"], ["user-bob"]),
    "projects": (
        [PROJECTS],
        [id for id in NAMES if id not in ("user-ada", "user-bob")],
    ),
    "keys": (
        [KEYS_A, KEYS_B],
        ["user-gone", *(id for id in NAMES if id.startswith("key_"))],
    ),
    "keys of one project": ([KEYS_A], ["user-gone", "key_ada", "key_gone", "key_bot"]),
    "service accounts": ([ACCOUNTS_A, ACCOUNTS_B], ["svc_acct_a"]),
    "service accounts of one project": ([ACCOUNTS_A], ["svc_acct_a"]),
}


@CLIENTS
@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("where", LOST)
async def test_a_refused_listing_costs_its_names_alone(
    api: API, where: str, refusal: str, blocking: bool
) -> None:
    paths, lost = LOST[where]
    api.said |= dict.fromkeys(paths, REFUSALS[refusal])
    plain = table(*NAMES)
    with_names = await named(api, plain, blocking=blocking)
    assert with_names["amount"] == plain["amount"]
    expected = without(*lost)
    if where == "users":  # whose keys tell their names as well
        expected["user-ada"] = "Ada Elsewhere"
    assert names_by_id(with_names) == expected
    assert len(with_names.unnamed) == 1
    (told,) = with_names.unnamed
    assert told.startswith("Names of ")
    assert any(path in told for path in paths)
    for id, kind in (("proj", "projects"), ("user", "people"), ("key_", "keys")):
        assert (kind in told.partition(" are not known: ")[0]) == any(i[:4] == id for i in lost)
    body = REFUSALS[refusal].body
    words = body["error"] if isinstance(body, dict) and "error" in body else ""
    words = words if isinstance(words, str) else words["message"]
    assert words.rstrip(".") in told
    assert set(api.asked.values()) == {1}


async def test_a_listing_that_does_not_answer_costs_its_names_alone(api: API) -> None:
    api.said[KEYS_A] = HANGS
    ids = ["proj_a", "key_ada", "key_robot"]
    with_names = await named(api, table(*ids), timeout=Timeout(attempt=3))
    assert names_by_id(with_names) == {"proj_a": "Search", "key_ada": None, "key_robot": "Robot's"}
    (told,) = with_names.unnamed
    assert KEYS_A in told


async def test_the_same_reason_is_told_once(api: API) -> None:
    ids = ["user-x", "svc_acct_x", "key_x"]
    for path in (USERS, KEYS_A, KEYS_B, ACCOUNTS_A, ACCOUNTS_B):
        api.said[path] = refused(403, "Not for you.")
    (told,) = (await named(api, table(*ids))).unnamed
    assert told.startswith("Names of people, service accounts and keys are not known: 403: Not for")
    assert told.count("Not for you") == 1
    assert told.endswith(" The same happened to 4 others.")
    api.said[KEYS_B] = refused(500, "The server had an error.")
    first, second = (await named(api, table(*ids))).unnamed
    assert first.endswith(" The same happened to 3 others.")
    assert second.startswith("Names of people and keys are not known: 500: The server")


async def test_a_refusal_that_costs_no_name_is_not_told(api: API) -> None:
    api.said[KEYS_B] = refused(403, "Not for you.")
    assert (await named(api, table("key_ada"))).unnamed == []
    plain = placed({"project_id": ["proj_a"], "api_key_id": ["key_x"], "amount": [1]})
    assert (await named(api, plain)).unnamed == []  # it is in project A, which was read


async def test_a_listing_that_breaks_off_keeps_what_came(api: API) -> None:
    api.said[USERS] = page({"id": "user-ada", "name": "Ada", "role": "owner"}, more=True)
    api.later[USERS] = refused(500, "The server had an error.")
    with_names = await named(api, table("user-ada", "user-bob"))
    assert names_by_id(with_names) == {"user-ada": "Ada", "user-bob": None}
    (told,) = with_names.unnamed
    assert told.startswith("Names of people are not known: 500")


async def test_without_projects_nothing_in_them_is_asked_for(api: API) -> None:
    """As for a key that may read usage alone."""
    for path in (USERS, PROJECTS):
        api.said[path] = REFUSALS["401 with scopes"]
    plain = table(*NAMES)
    with_names = await named(api, plain)
    assert names_by_id(with_names) == dict.fromkeys(NAMES)
    (told,) = with_names.unnamed
    assert "api.management.read" in told
    assert api.asked == asked(USERS, PROJECTS)


ODD: list[Any] = [7, None, {"name": "no id"}, {"id": None}, {"id": 5, "name": "five"}]


@pytest.mark.parametrize("odd", ODD, ids=map(str, range(len(ODD))))
@pytest.mark.parametrize("path", [USERS, PROJECTS, KEYS_A, ACCOUNTS_A])
async def test_an_item_that_cannot_be_read_does_not_end_a_listing(
    api: API, path: str, odd: Any
) -> None:
    listed = api.said[path].body
    api.said[path] = Said(body={**listed, "data": [odd, *listed["data"]]})
    assert names_by_id(await named(api, table(*NAMES))) == NAMES


@pytest.mark.parametrize(
    ("path", "id", "told"),
    [
        (USERS, "user-x", "Names of people are not known: 1 item could not be read"),
        (PROJECTS, "proj_x", "Names of projects are not known: 1 item could not be read"),
        (KEYS_B, "key_x", "1 item could not be read among the keys of project proj_b."),
    ],
)
async def test_an_item_that_cannot_be_read_may_be_the_one(
    api: API, path: str, id: str, told: str
) -> None:
    listed = api.said[path].body
    api.said[path] = Said(body={**listed, "data": [{"name": "no id"}, *listed["data"]]})
    (sentence,) = (await named(api, table(id))).unnamed
    assert told in sentence


async def test_what_is_listed_without_a_name_is_called_by_its_id(api: API) -> None:
    api.said[PROJECTS] = page({"id": "proj_a", "name": None, "created_at": 0})
    assert names_by_id(await named(api, table("proj_a"))) == {"proj_a": "proj_a"}


async def test_a_closed_client_is_no_refusal(api: API) -> None:
    client = AsyncOpenAIAdmin(KEY, base_url=api.url)
    await client.close()
    with pytest.raises(ClientClosedError):
        await table("proj_a").with_names(client)


async def groups(api: API, ids: Iterable[str]) -> NameLookup:
    async with AsyncOpenAIAdmin(KEY, base_url=api.url, max_retries=0) as client:
        lookup = NameLookup(client._caller)
        await lookup.find(Wanted(groups=frozenset(ids)))
    return lookup


async def test_groups_are_named(api: API) -> None:
    lookup = await groups(api, ["group_1"])
    assert lookup.names == {"group_1": "Engineers"}
    assert api.asked == asked(GROUPS)
    api.said[GROUPS] = refused(403, "Not for you.")
    (unknown,) = (await groups(api, ["group_1"])).unknown()
    assert unknown.of == ("groups",)


async def test_lists_that_were_read_elsewhere_are_not_asked_for(api: API) -> None:
    async with AsyncOpenAIAdmin(KEY, base_url=api.url, max_retries=0) as client:
        projects = [p async for p in client.projects.list(include_archived=True)]
        users = [u async for u in client.users.list()]
        api.asked.clear()
        lookup = NameLookup(client._caller)
        lookup.learn("projects", projects)
        lookup.learn("people", users)
        lookup.learn("keys", [])
        wanted = ["user-ada", "user-gone", "svc_acct_b"]
        await lookup.find(Wanted(users=dict.fromkeys(wanted, frozenset())))
    assert lookup.names["user-ada"] == "Ada"
    assert lookup.names["svc_acct_b"] == "Robot"
    assert "user-gone" not in lookup.names
    assert api.asked == asked(ACCOUNTS_A, ACCOUNTS_B)
