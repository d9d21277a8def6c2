"""The id of the request that a result answers: at hand, and no part of the value."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin, to_dict
from openai_admin._wire.codec import decode
from openai_admin._wire.models import Page, evolve
from openai_admin.emulator import Emulator
from openai_admin.resources.projects import Project
from openai_admin.resources.usage.results import CompletionsUsage, UsageBucket
from tests.conftest import AsyncSurface, BlockingSurface

BODY = b'{"id": "proj_1", "object": "organization.project", "name": "One", "created_at": 0}'


@pytest.mark.parametrize("kind", [AsyncSurface, BlockingSurface])
async def test_each_answer_has_the_id_of_its_request(emulator: Emulator, kind: Any) -> None:
    surface = kind(emulator)
    created = await surface.call(lambda c: c.projects.create(name="One"))
    read = await surface.call(lambda c: c.projects.retrieve(created.id))
    users = await surface.call(lambda c: c.users.list())
    members = await surface.call(lambda c: c.projects.users.list(created.id))
    ids = [answer.request_id for answer in (created, read, users, members)]
    assert all(id.startswith("req_") for id in ids)
    assert len(set(ids)) == 4
    assert users.data[0].request_id is None
    await surface.close()


async def test_a_removal_has_it_too(emulator: Emulator) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        group = await client.groups.create(name="One")
        assert (await client.groups.delete(group.id)).request_id is not None


def test_it_is_no_part_of_the_value() -> None:
    one, other = (decode(BODY, Project, request_id=id) for id in ("req_1", "req_2"))
    assert one.request_id == "req_1"
    assert one == other == decode(BODY, Project)
    assert "req_" not in f"{one!r} {to_dict(one)} {to_dict(one, mode='json')}"


@pytest.mark.parametrize(
    "answer",
    [
        decode(BODY, Project, request_id="req_1"),
        decode(b'{"data": [], "has_more": false}', Page[Project], request_id="req_1"),
        decode(
            b'{"data": [{"start_time": 0, "end_time": 60, "results": []}], "has_more": false}',
            Page[UsageBucket[CompletionsUsage]],
            request_id="req_1",
        ),
    ],
    ids=["model", "page", "page of usage"],
)
def test_copies_and_pickles_have_it(answer: Any) -> None:
    copies = [copy.copy(answer), copy.deepcopy(answer), pickle.loads(pickle.dumps(answer))]
    assert [made.request_id for made in (answer, *copies)] == ["req_1"] * 4
    assert copies == [answer] * 3


def test_a_changed_copy_has_it_too() -> None:
    project = decode(BODY, Project, request_id="req_1")
    assert evolve(project, name="Two").request_id == "req_1"
