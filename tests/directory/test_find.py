"""Names looked up where ids are taken, also where not every listing can be read."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin, InvalidInputError, PermissionDeniedError
from openai_admin.directory.find import unknown_ids, with_ids

from . import acme
from .acme import KEYS_A, KEYS_B, PROJECTS, REFUSALS, page, person
from .api import API

KEY = "sk-admin-canary0123456789abcdWXYZ"


@pytest.fixture(autouse=True)
def _acme(api: API) -> None:
    acme.settle(api)


def client_of(api: API) -> AsyncOpenAIAdmin:
    return AsyncOpenAIAdmin(KEY, base_url=api.url, max_retries=0)


async def looked_up(api: API, **arguments: Any) -> tuple[dict[str, Any], list[str], list[str]]:
    """The arguments with ids, what was found in words, and the notes."""
    async with client_of(api) as client:
        known, found, notes = await with_ids(client, "usage.completions", arguments, str)
    return known, list(map(str, found)), notes


async def test_each_kind_is_found_in_its_listing(api: API) -> None:
    known, found, notes = await looked_up(
        api,
        project_ids=["proj_a", "voice"],
        user_ids=["Ada", "BOB@acme.example"],
        api_key_ids=["Robot's"],
        group_id="Engineers",
    )
    assert known == {
        "project_ids": ["proj_a", "proj_b"],
        "user_ids": ["user-ada", "user-bob"],
        "api_key_ids": ["key_robot"],
        "group_id": "group_1",
    }
    assert found[0] == 'The project is proj_b, "Voice".'
    assert notes == []
    assert (await looked_up(api, project_id="Old"))[0] == {"project_id": "proj_old"}  # archived


async def test_an_id_of_another_form_is_an_id(api: API) -> None:
    api.said[PROJECTS] = page(
        {"id": "legacy", "name": "One", "status": "active"},
        {"id": "proj_2", "name": "legacy", "status": "active"},
    )
    known, _, _ = await looked_up(api, project_id="legacy")
    assert known == {"project_id": "legacy"}


async def test_a_listing_that_is_refused_is_told(api: API) -> None:
    api.said[KEYS_A] = REFUSALS["403"]
    known, _, notes = await looked_up(
        api, project_ids=["proj_a", "proj_b"], api_key_ids=["Robot's"]
    )
    assert known["api_key_ids"] == ["key_robot"]
    assert notes == [
        'Another key may have the name "Robot\'s": 1 listing could not be read (Not for you).'
    ]
    with pytest.raises(InvalidInputError, match=r"no key has the name 'Ada'.*1 listing could not"):
        await looked_up(api, project_ids=["proj_a", "proj_b"], api_key_ids=["Ada"])
    api.said[PROJECTS] = REFUSALS["403"]
    with pytest.raises(PermissionDeniedError) as refused:
        await looked_up(api, project_id="Voice")
    (note,) = refused.value.__notes__
    assert note.startswith("project_id: 'Voice' does not look like an id (proj_…)")


async def test_several_of_a_name_are_listed(api: API) -> None:
    key = {"name": "Ada's", "owner": person("user-ada", "Ada")}
    api.said[KEYS_B] = page({"id": "key_2", **key})
    with pytest.raises(InvalidInputError) as several:
        await looked_up(api, project_ids=["proj_a", "proj_b"], api_key_ids=["Ada's"])
    assert str(several.value) == (
        'api_key_ids: 2 keys have the name "Ada\'s"; pass the id of one: key_ada; key_2.'
    )


async def test_what_cannot_be_asked_is_not_said_to_be_unknown(api: API) -> None:
    api.said["/organization/projects/proj_x"] = REFUSALS["404"]
    api.said["/organization/users/user-x"] = REFUSALS["403"]
    async with client_of(api) as client:
        told = await unknown_ids(
            client, {"project_ids": ["proj_x"], "user_ids": ["user-x", "svc_acct_x"]}
        )
    assert told == [
        "No project has the id proj_x.",
        "Whether anything has the id user-x is not known: Not for you.",
    ]
