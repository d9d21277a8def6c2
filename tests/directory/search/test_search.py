"""Finding things, on a server that answers as the API has been seen to, and on the emulator."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin, FindResult, OpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.errors import APIConnectionError, AuthenticationError, InvalidInputError
from tests.directory.acme import (
    ACCOUNTS_A,
    ACCOUNTS_B,
    GROUPS,
    KEYS_A,
    KEYS_B,
    KEYS_OLD,
    PROJECTS,
    REFUSALS,
    USERS,
    account,
    page,
    person,
    refused,
    settle,
)
from tests.directory.api import API, CUTS, Said

KEY = "sk-admin-canary0123456789abcdWXYZ"
SECRET = "sk-proj-Secret0123456789abcdTail"
ADMIN_KEYS = "/organization/admin_api_keys"
INVITES = "/organization/invites"
ROLES = "/organization/roles"
CERTIFICATES = "/organization/certificates"
NONE = refused(404, "There is no such thing.")


@pytest.fixture
def acme(api: API) -> API:
    """The small organization."""
    settle(api)
    return api


async def find(api: API, text: str, **settings: Any) -> FindResult:
    async with AsyncOpenAIAdmin(KEY, base_url=api.url, max_retries=0) as client:
        return await client.find(text, **settings)


def labels(found: FindResult) -> list[tuple[str, str, str]]:
    return [(hit.kind, hit.label, hit.match) for hit in found.hits]


async def test_the_better_match_comes_first(acme: API) -> None:
    acme.said[GROUPS] = page(
        {"id": "group_1", "name": "Research voice"},
        {"id": "group_2", "name": "Invoice team"},
        {"id": "group_3", "name": "VOICE"},
        {"id": "group_4", "name": "Voices"},
    )
    found = await find(acme, "voice")
    assert labels(found) == [
        ("project", "Voice", "equal"),
        ("group", "VOICE", "equal"),
        ("group", "Research voice", "starts"),
        ("group", "Voices", "starts"),
        ("group", "Invoice team", "contains"),
    ]
    assert found.is_complete
    assert found.near == ()


async def test_words_are_found_without_accents_and_in_any_order(acme: API) -> None:
    acme.said[USERS] = page({"id": "user-1", "name": "Renée Åström", "email": None})
    assert labels(await find(acme, "astrom renee")) == [("person", "Renée Åström", "contains")]


async def test_a_typo_is_told_what_was_perhaps_meant(acme: API) -> None:
    found = await find(acme, "serach")
    assert found.hits == ()
    assert [(hit.label, hit.match) for hit in found.near] == [("Search", "near")]
    found = await find(acme, "ad@acme.example")
    assert [hit.email for hit in found.near] == ["ada@acme.example"]


async def test_an_id_takes_one_request(acme: API) -> None:
    acme.said[f"{PROJECTS}/proj_old"] = Said(
        body={"id": "proj_old", "name": "Old", "status": "archived"}
    )
    found = await find(acme, "proj_old")
    assert [(hit.id, hit.match, hit.status) for hit in found.hits] == [
        ("proj_old", "id", "archived")
    ]
    assert dict(acme.asked) == {f"{PROJECTS}/proj_old": 1}


async def test_the_id_of_a_key_ends_the_search_where_it_is_found(acme: API) -> None:
    acme.said[f"{ADMIN_KEYS}/key_robot"] = NONE
    found = await find(acme, "key_robot")
    (hit,) = found.hits
    assert (hit.kind, hit.project, hit.owner, hit.match) == ("key", "Voice", "Robot", "id")
    assert acme.asked[USERS] == acme.asked[ACCOUNTS_A] == acme.asked[KEYS_OLD] == 0


@pytest.mark.parametrize("name", REFUSALS)
async def test_what_is_found_by_its_id_is_found_whatever_else_is_refused(
    acme: API, name: str
) -> None:
    acme.said[f"{ADMIN_KEYS}/key_robot"] = NONE
    acme.said[KEYS_A] = REFUSALS[name]
    found = await find(acme, "key_robot")
    assert labels(found) == [("key", "Robot's", "id")]
    assert found.is_complete
    acme.said[KEYS_B] = page()
    assert not (await find(acme, "key_robot")).is_complete


async def test_a_name_that_looks_like_an_id_is_found_as_a_name(acme: API) -> None:
    acme.said[f"{GROUPS}/group_robots"] = NONE
    acme.said[GROUPS] = page({"id": "group_1", "name": "group_robots"})
    assert labels(await find(acme, "group_robots")) == [("group", "group_robots", "equal")]


async def test_an_address_takes_two_requests(acme: API) -> None:
    acme.said[INVITES] = page({"id": "invite-1", "email": "ADA@acme.example", "status": "accepted"})
    found = await find(acme, "ada@acme.example")
    assert [(hit.kind, hit.id, hit.status) for hit in found.hits] == [
        ("person", "user-ada", None),
        ("invite", "invite-1", "accepted"),
    ]
    assert dict(acme.asked) == {USERS: 1, INVITES: 1}
    assert acme.queries[USERS][0]["emails"] == "ada@acme.example"


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_request_that_is_refused_leaves_it_to_the_listing(acme: API, name: str) -> None:
    acme.said[f"{USERS}/user-ada"] = REFUSALS[name]
    found = await find(acme, "user-ada", kinds=["person"])
    assert labels(found) == [("person", "Ada", "id")]
    assert found.is_complete


async def test_a_secret_finds_its_key_and_goes_nowhere(
    acme: API, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "openai_admin")
    acme.said[KEYS_B] = page(
        {"id": "key_1", "name": "Mine", "redacted_value": "sk-proj-...Tail", "owner": None},
        {"id": "key_2", "name": "Not mine", "redacted_value": "sk-svcacct-...Tail", "owner": None},
    )
    found = await find(acme, f"Bearer {SECRET}")
    assert [(hit.id, hit.field) for hit in found.hits] == [("key_1", "redacted value")]
    assert found.is_secret
    assert (found.text, found.kinds) == ("sk-proj-…Tail", ("key", "admin_key"))
    seen = f"{found!r} {caplog.text} {acme.queries} {[*acme.asked]}"
    assert "Secret0123456789" not in seen
    assert not {USERS, GROUPS, ACCOUNTS_A} & acme.asked.keys()


async def test_the_secret_of_an_admin_key_is_looked_for_among_these_alone(acme: API) -> None:
    acme.said[ADMIN_KEYS] = page(
        {"id": "key_9", "name": None, "redacted_value": "sk-admin-...Tail"}
    )
    found = await find(acme, "sk-admin-Secret0123456789abcdTail")
    assert [(hit.kind, hit.label) for hit in found.hits] == [("admin_key", "sk-admin-...Tail")]
    assert dict(acme.asked) == {ADMIN_KEYS: 1}


async def test_odd_keys_are_found_with_what_is_known_of_them(acme: API) -> None:
    used = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
    acme.said[KEYS_A] = page(
        {"id": "key_1", "name": "odd 1", "owner": None, "last_used_at": None},
        {"id": "key_2", "name": "odd 2", "owner": {"type": "user", "user": None}, "expires_at": 1},
        {
            "id": "key_3",
            "name": "odd 3",
            "owner": {"type": "user", "id": "user-flat", "name": "Flat"},
            "last_used_at": used,
        },
        {
            "id": "key_4",
            "name": None,
            "redacted_value": "sk-…odd4",
            "owner": account("svc_acct_1", "Bot"),
        },
        {"id": "key_5", "name": "odd 5", "owner_project_access": "inactive"},
    )
    found = await find(acme, "odd", kinds=["key"])
    told = {hit.id: (hit.owner, hit.last_used, hit.status) for hit in found.hits}
    assert told == {
        "key_1": (None, "never", None),
        "key_2": (None, None, "expired"),
        "key_3": ("Flat", datetime(2026, 11, 1, tzinfo=UTC), None),
        "key_5": (None, None, "its owner has no access to the project"),
    }
    (tail,) = (await find(acme, "odd4", kinds=["key"])).hits
    assert (tail.id, tail.owner, tail.owner_id) == ("key_4", "Bot", "svc_acct_1")


async def test_a_key_that_is_listed_with_admin_keys_too_is_one_key_of_its_project(
    acme: API,
) -> None:
    acme.said[ADMIN_KEYS] = page(
        {"id": "key_robot", "name": "Robot's", "redacted_value": "sk-svcacct-…obot"},
        {"id": "key_else", "name": "Robot's other", "redacted_value": "sk-proj-…else"},
        {"id": "key_bot", "name": "Robot's third"},  # which kind it is, it does not say
    )
    found = await find(acme, "robot")
    keys = [hit for hit in found.hits if hit.kind in ("key", "admin_key")]
    assert [(hit.kind, hit.id, hit.project) for hit in keys] == [
        ("key", "key_robot", "Voice"),
        ("key", "key_else", None),
        ("admin_key", "key_bot", None),
    ]


async def test_who_has_left_is_found_by_a_key(acme: API) -> None:
    (hit,) = (await find(acme, "grace", kinds=["person", "key"], projects=None)).hits[:1]
    assert (hit.kind, hit.id, hit.email) == ("person", "user-gone", "user-gone@acme.example")
    assert hit.status == "not in the organization, but has a key"


async def test_nobody_is_said_to_have_left_where_people_are_not_known(acme: API) -> None:
    acme.said[USERS] = REFUSALS["403"]
    found = await find(acme, "grace")
    assert [hit.kind for hit in found.hits] == ["key"]
    assert [part.kind for part in found.not_known] == ["people"]


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_costs_itself_and_is_named(acme: API, name: str) -> None:
    acme.said[KEYS_A] = REFUSALS[name]
    found = await find(acme, "robot")
    assert {hit.id for hit in found.hits} == {"svc_acct_b", "key_robot"}
    (part,) = found.not_known
    assert (part.kind, part.project_id) == ("keys of projects", "proj_a")
    assert found.names == {"proj_a": "Search"}
    assert not found.is_complete


async def test_refused_projects_leave_what_is_in_them_unknown(acme: API) -> None:
    acme.said[PROJECTS] = REFUSALS["403"]
    found = await find(acme, "ada")
    assert [hit.kind for hit in found.hits] == ["person"]
    assert {part.kind for part in found.not_known} == {
        "projects",
        "keys of projects",
        "service accounts",
        "roles of projects",
    }
    assert "project" not in found.kinds
    assert "role" in found.kinds


async def test_a_wrong_key_and_a_dead_server_are_errors(api: API) -> None:
    api.otherwise = refused(401, "Incorrect API key provided.")
    with pytest.raises(AuthenticationError):
        await find(api, "ada")
    api.otherwise = CUTS
    with pytest.raises(APIConnectionError):
        await find(api, "ada")


async def test_what_cannot_be_read_is_counted(acme: API) -> None:
    acme.said[USERS] = page({"id": "user-ada", "name": "Ada"}, {"name": "no id"})
    found = await find(acme, "ada", kinds=["person"])
    assert len(found.hits) == 1
    assert found.unread == {"people": 1}
    assert not found.is_complete


async def test_many_projects_are_not_looked_into_unless_that_is_asked_for(acme: API) -> None:
    acme.said[PROJECTS] = page(
        *({"id": f"proj_{n}", "name": f"P{n}", "status": "active"} for n in range(51))
    )
    key = {"id": "key_1", "name": "Robot's", "owner": person("user-ada", "Ada")}
    acme.said[f"{PROJECTS}/proj_7/api_keys"] = page(key)
    found = await find(acme, "robot")
    assert found.hits == ()
    (sentence,) = found.left_out
    assert sentence == (
        "The service accounts, keys and roles of 51 projects were not looked through, which takes"
        " 153 requests or more: everywhere=True sends them."
    )
    assert not any(path.endswith("/api_keys") for path in acme.asked)
    for asked in ({"kinds": ["key"]}, {"everywhere": True}, {"projects": ["P7"]}):
        assert [hit.id for hit in (await find(acme, "robot", **asked)).hits] == ["key_1"]


async def test_projects_narrow_it_to_what_is_in_them(acme: API) -> None:
    acme.said[f"{PROJECTS}/proj_b/users"] = page(
        {"id": "user-rob", "name": "Rob", "role": "member"}
    )
    found = await find(acme, "rob", projects=["voice"])
    assert {(hit.kind, hit.id, hit.project) for hit in found.hits} == {
        ("person", "user-rob", "Voice"),
        ("service_account", "svc_acct_b", "Voice"),
        ("key", "key_robot", "Voice"),
    }
    assert not {KEYS_A, ACCOUNTS_A, USERS, GROUPS} & acme.asked.keys()
    assert acme.asked[ACCOUNTS_B] == 1


async def test_a_key_that_is_in_no_project_looked_into_is_said_to_be_perhaps_elsewhere(
    acme: API,
) -> None:
    found = await find(acme, SECRET)
    assert found.hits == ()
    assert found.left_out == ("The keys of 1 archived project were not looked through.",)
    assert acme.asked[KEYS_OLD] == 0


BAD: list[tuple[Any, dict[str, Any], str]] = [
    ("", {}, "text must have something to look for; it is empty."),
    ("ada", {"kinds": ["persn"]}, "not 'persn'; did you mean 'person'?"),
    ("ada", {"kinds": "person"}, "kinds must be several kinds, as ['person'], not a text."),
    ("ada", {"kinds": []}, "kinds must name at least one; it is empty."),
    ("ada", {"projects": [" "]}, "projects must be names or ids; one is empty or not a text."),
    ("ada", {"projects": []}, "projects must name at least one; it is empty."),
    ("ada", {"projects": "Search"}, "projects must be several, as ['Search'], not a text."),
    ("ada", {"kinds": ["group"], "projects": ["proj_a"]}, "these are not in a project."),
    (SECRET, {"kinds": ["person"]}, "a secret is a key's."),
]


@pytest.mark.parametrize(("text", "settings", "told"), BAD)
async def test_bad_input_is_refused_before_anything_is_sent(
    acme: API, text: Any, settings: dict[str, Any], told: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await find(acme, text, **settings)
    assert told in str(caught.value)
    assert "Secret0123456789" not in str(caught.value)
    assert not acme.asked


async def test_a_project_whose_name_is_refused_is_looked_into(acme: API) -> None:
    acme.said[f"{PROJECTS}/proj_b"] = REFUSALS["lasting 500"]
    found = await find(acme, "robot", kinds=["key"], projects=["proj_b"])
    assert [(hit.id, hit.project_id, hit.project) for hit in found.hits] == [
        ("key_robot", "proj_b", None)
    ]
    assert [(part.kind, part.status) for part in found.not_known] == [("projects", 500)]


async def test_an_unknown_project_lists_what_is_near(acme: API) -> None:
    with pytest.raises(InvalidInputError, match="no project has the name 'Serch'; did you mean"):
        await find(acme, "ada", projects=["Serch"])
    acme.said[f"{PROJECTS}/proj_x"] = NONE
    with pytest.raises(InvalidInputError, match="no project has the id 'proj_x'"):
        await find(acme, "ada", projects=["proj_x"])


async def test_every_kind_is_found_on_both_clients(demo: Emulator) -> None:
    """By its id and by its name, as its listing tells them."""

    def block(text: str) -> FindResult:
        with OpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
            return client.find(text)

    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        project = (await client.projects.list()).data[1]
        first: dict[str, Any] = {
            "person": (await client.users.list()).data[0],
            "project": project,
            "service_account": (await client.projects.service_accounts.list(project.id)).data[0],
            "key": (await client.projects.api_keys.list(project.id)).data[0],
            "admin_key": (await client.admin_api_keys.list()).data[0],
            "group": (await client.groups.list()).data[0],
            "invite": (await client.invites.list()).data[0],
            "certificate": (await client.certificates.list()).data[0],
            "role": (await client.roles.list()).data[0],
        }
        for kind, thing in first.items():
            hit = (await client.find(thing.id)).hits[0]
            assert (hit.kind, hit.id, hit.match) == (kind, thing.id, "id")
        name = first["key"].name
        found = await client.find(name)
        assert ("key", first["key"].id) in [(hit.kind, hit.id) for hit in found.hits]
        assert found == await asyncio.to_thread(block, name)


async def test_keys_that_cannot_be_compared_are_told(acme: API) -> None:
    shown = ["", None, "[REDACTED]", "***", "sk-proj-Sec...", "sk-svcacct-..."]
    acme.said[KEYS_A] = page(
        *({"id": f"key_{n}", "name": f"K{n}", "redacted_value": v} for n, v in enumerate(shown)),
        {"id": "key_none", "name": "None"},
    )
    acme.said[KEYS_B] = page({"id": "key_b", "name": "Alike", "redacted_value": "sk-proj-...Tail"})
    found = await find(acme, SECRET)
    assert [hit.id for hit in found.hits] == ["key_b"]
    assert [(hit.id, hit.match) for hit in found.not_compared] == [
        ("key_4", "starts"),
        *((f"key_{n}", "near") for n in range(4)),
        ("key_none", "near"),
    ]
    assert not found.is_complete


async def test_the_address_of_who_left_finds_them_and_their_keys(acme: API) -> None:
    acme.said[f"{USERS}/user-gone"] = NONE
    for text in ("user-gone@acme.example", "user-gone"):
        found = await find(acme, text)
        told = {(hit.kind, hit.id, hit.field) for hit in found.hits}
        how = "address" if "@" in text else "id"
        assert told == {("person", "user-gone", how), ("key", "key_gone", "owner")}
        found = await find(acme, text, kinds=["key"])
        assert [(hit.id, hit.why) for hit in found.hits] == [("key_gone", "its owner is this")]


async def test_the_roles_of_projects_are_looked_through(acme: API) -> None:
    shared = {"id": "role-api-project-owner", "name": "owner", "predefined_role": True}
    own = {"id": "role_1", "name": "Prompt editor", "predefined_role": False}
    for project, roles in (("proj_a", [shared]), ("proj_b", [shared, own])):
        acme.said[f"/projects/{project}/roles"] = page(*roles)
    acme.said[ROLES] = page(
        {"id": "role-api-organization-owner", "name": "owner", "predefined_role": True}
    )
    acme.said[f"{ROLES}/role_1"] = acme.said[f"{ROLES}/{shared['id']}"] = NONE
    for text in ("role_1", "prompt editor"):
        (hit,) = (await find(acme, text)).hits
        assert (hit.kind, hit.id, hit.project) == ("role", "role_1", "Voice")
    (hit,) = (await find(acme, "role-api-project-owner")).hits
    assert (hit.id, hit.match, hit.project) == ("role-api-project-owner", "id", None)


async def test_a_part_of_an_id_needs_four_characters(acme: API) -> None:
    acme.said[GROUPS] = page({"id": "group_aB3dE", "name": "Red"})
    for text, match in (("aB3d", "contains"), ("B3dE", "contains"), ("group_aB3d", "starts")):
        assert labels(await find(acme, text)) == [("group", "Red", match)]
    for text in ("B3d", "group_", "group"):
        assert labels(await find(acme, text)) == []


async def test_a_wrong_key_takes_two_requests(api: API) -> None:
    body = {"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}}
    api.otherwise = Said(401, body)
    with pytest.raises(AuthenticationError):
        await find(api, "ada")
    assert sum(api.asked.values()) == 2


async def test_what_may_be_a_secret_without_its_beginning_is_not_sent(acme: API) -> None:
    await find(acme, f"proj-{SECRET[8:20]}")
    assert not any(SECRET[8:20] in path for path in acme.asked)
