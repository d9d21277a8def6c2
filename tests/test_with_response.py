"""`with_response`: the result, and what came beside it."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from openai_admin import (
    AsyncOpenAIAdmin,
    NotFoundError,
    OpenAIAdmin,
    OutcomeUnknownError,
    Page,
    Response,
)
from openai_admin._wire.response import ResponseHeaders
from openai_admin.emulator import Drop, Emulator, Latency, Status
from openai_admin.resources.projects import Project
from tests.conftest import AsyncSurface, BlockingSurface

SURFACES = pytest.mark.parametrize("kind", [AsyncSurface, BlockingSurface])


def client_of(emulator: Emulator, **settings: Any) -> AsyncOpenAIAdmin:
    return AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url, **settings)


@SURFACES
async def test_a_result_comes_with_its_status_headers_and_request(
    emulator: Emulator, kind: Any
) -> None:
    surface = kind(emulator)
    response = await surface.call(lambda c: c.with_response.projects.create(name="One"))
    assert isinstance(response, Response)
    assert isinstance(response.value, Project)
    assert (response.status, response.attempts) == (200, 1)
    assert response.request_id == response.value.request_id == response.headers["X-Request-ID"]
    assert response.headers["openai-organization"].startswith("org-")
    assert response.seconds > 0
    assert {response: "known"}[response] == "known"
    await surface.close()


@SURFACES
async def test_a_listing_gives_its_first_page(emulator: Emulator, kind: Any) -> None:
    surface = kind(emulator)
    for name in ("One", "Two"):
        await surface.call(lambda c, name=name: c.projects.create(name=name))
    response = await surface.call(lambda c: c.with_response.projects.list(limit=1))
    assert isinstance(response.value, Page)
    assert response.value.has_more
    assert len(response.value.data) == 1
    assert response.request_id == response.value.request_id
    await surface.close()


@SURFACES
async def test_an_undeclared_call_has_its_response_too(emulator: Emulator, kind: Any) -> None:
    surface = kind(emulator)
    response = await surface.call(
        lambda c: c.with_response.request("GET", "/organization/users", query={"limit": 1})
    )
    assert response.value["object"] == "list"
    assert response.request_id == response.headers["x-request-id"]
    await surface.close()


async def test_what_was_tried_again_says_how_often(emulator: Emulator) -> None:
    emulator.faults.add(Status(status=503, times=2))
    async with client_of(emulator) as client:
        response = await client.with_response.users.list()
    assert response.attempts == 3
    assert response.status == 200
    assert response.seconds > 0


async def test_other_settings_hold(emulator: Emulator) -> None:
    emulator.faults.add(Status(status=503))
    async with client_of(emulator) as client:
        once = client.with_options(max_retries=0)
        with pytest.raises(Exception, match="503") as caught:
            await once.with_response.users.list()
        assert caught.value.attempts == 1  # type: ignore[attr-defined] # of an APIError
        assert once.with_response is not client.with_response
        assert client.with_response is client.with_response


async def test_equal_reads_share_an_answer_and_each_has_its_response(emulator: Emulator) -> None:
    emulator.faults.add(Latency(seconds=0.05))
    async with client_of(emulator) as client:
        first, second = await asyncio.gather(
            *(client.with_response.projects.list() for _ in range(2))
        )
    assert len(emulator.requests) == 1
    assert first is not second
    assert first.value is not second.value
    assert attrs.evolve(first, seconds=0) == attrs.evolve(second, seconds=0)


async def test_a_secret_that_is_shown_once_is_in_the_value_alone(emulator: Emulator) -> None:
    async with client_of(emulator) as client:
        response = await client.with_response.admin_api_keys.create(name="ci")
    secret = response.value.value
    assert secret.startswith("sk-admin-")
    assert secret not in f"{response!r} {response.headers!r}"
    assert secret not in str(pickle.dumps(response))
    assert pickle.loads(pickle.dumps(response)).headers == response.headers


async def test_a_removal_whose_answer_was_lost_ends_well_with_a_404(emulator: Emulator) -> None:
    async with client_of(emulator) as client:
        group = await client.groups.create(name="One")
        emulator.faults.add(Drop(match="groups.delete", times=1, after_effect=True))
        response = await client.with_response.groups.delete(group.id)
    assert (response.status, response.attempts) == (404, 2)
    assert response.value.id == group.id


async def test_a_creation_in_doubt_is_looked_for_without_responses(emulator: Emulator) -> None:
    emulator.faults.add(Drop(match="projects.create", times=1, after_effect=True))
    async with client_of(emulator) as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.with_response.projects.create(name="One")
        try:
            found = [await caught.value.reconcile(wait=0)]
        except OutcomeUnknownError as undecided:  # it was created in the second of the call
            found = undecided.candidates
    assert [project.name for project in found] == ["One"]


async def test_an_addition_that_was_made_before_is_read_back(emulator: Emulator) -> None:
    async with client_of(emulator) as client:
        project = await client.projects.create(name="One")
        user = (await client.users.list()).data[0]
        emulator.faults.add(Drop(match="projects.users.create", times=1, after_effect=True))
        add = client.with_response.projects.users.create
        response = await add(project.id, user_id=user.id, role="member")
    assert response.value.id == user.id
    assert response.attempts == 2


@pytest.mark.parametrize("kind", [AsyncOpenAIAdmin, OpenAIAdmin])
@pytest.mark.parametrize(
    ("get", "name"),
    [
        (lambda tree: tree.usage.stream, "usage.stream"),
        (lambda tree: tree.usage.collect, "usage.collect"),
        (lambda tree: tree.audit_logs.tail, "audit_logs.tail"),
        (lambda tree: tree.insights.review, "insights.review"),
    ],
)
def test_what_makes_several_requests_says_why_it_is_not_there(
    kind: Any, get: Callable[[Any], Any], name: str
) -> None:
    tree = kind("sk-admin-x").with_response
    with pytest.raises(AttributeError) as caught:
        get(tree)
    assert str(caught.value) == (
        f"with_response has no {name}: it makes several requests, and so has no single response."
    )
    with pytest.raises(AttributeError, match=r"has no check: .*; use the client's own\.$"):
        tree.check  # noqa: B018 - it is looked up
    with pytest.raises(AttributeError, match=r"has no sing\.$"):
        tree.sing  # noqa: B018 - likewise


async def test_a_refusal_is_raised_as_ever(emulator: Emulator) -> None:
    async with client_of(emulator) as client:
        with pytest.raises(NotFoundError):
            await client.with_response.projects.retrieve("proj_none")


def test_headers_are_found_by_names_in_any_letter_case_and_stay_as_they_are() -> None:
    headers = ResponseHeaders([("X-One", "1"), ("Vary", "a"), ("vary", "b")])
    assert headers["x-one"] == headers.get("X-ONE") == "1"
    assert headers["Vary"] == "a, b"
    assert "VARY" in headers
    assert 5 not in headers  # type: ignore[comparison-overlap] # that is the question
    assert list(headers) == ["x-one", "vary"]
    assert headers == {"x-one": "1", "vary": "a, b"}
    with pytest.raises(TypeError):
        headers["x"] = "y"  # type: ignore[index] # that is the question
    with pytest.raises(KeyError):
        headers["x"]
