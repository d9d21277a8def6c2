"""Lists among arguments: any iterable serves and is read once, and an empty filter is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pytest

from openai_admin import AsyncOpenAIAdmin, InvalidInputError, resources
from openai_admin._declare.operation import OPERATIONS, Parameter
from openai_admin._wire.types import Array, Choice, alternatives
from openai_admin.emulator import Emulator
from openai_admin.resources.audit_logs import AuditLogs
from openai_admin.usage.filters import EndpointName
from openai_admin.usage.queries import UsageQueries
from tests.declared import Things
from tests.doubles import ScriptedCaller

resources.load()

ARRAYS = {
    f"{operation.name}({parameter.name})": (operation, parameter)
    for operation in OPERATIONS.values()
    for parameter in operation.parameters.values()
    if parameter.is_array
}
IN_QUERIES = [name for name, (_, parameter) in ARRAYS.items() if parameter.place == "query"]
REFUSAL = (
    "{} must not be empty: the API would answer as if it were left out, for everything;"
    " leave it out if you mean that, or pass at least one value."
)
EMPTY: list[Any] = [[], (), set(), {}.keys(), iter(()), pd.Series([], dtype=str)]


def _others(parameters: Iterable[Parameter]) -> dict[str, Any]:
    """What else must be passed."""
    return {p.name: 0 if p.name == "start_time" else "x" for p in parameters if p.required}


def _item(parameter: Parameter) -> str:
    (array,) = (a for a in alternatives(parameter.type) if isinstance(a, Array))
    return str(array.item.values[0]) if isinstance(array.item, Choice) else "x"


@pytest.mark.parametrize("check", [True, False], ids=["checked", "unchecked"])
@pytest.mark.parametrize("name", IN_QUERIES)
def test_every_list_in_a_query_refuses_to_be_empty(name: str, check: bool) -> None:
    operation, parameter = ARRAYS[name]
    others = _others(operation.parameters.values())
    with pytest.raises(InvalidInputError) as caught:
        operation.prepare({**others, parameter.name: []}, check=check)
    assert str(caught.value) == REFUSAL.format(parameter.name)


def test_an_empty_text_narrows_nothing_either() -> None:
    with pytest.raises(InvalidInputError) as caught:
        OPERATIONS["usage.costs"].prepare({"start_time": 0, "project_ids": ["proj_1", ""]})
    assert str(caught.value) == "project_ids[1] must not be empty."
    for name in ("external_storage.list", "fine_tuning.checkpoints.permissions.list"):
        others = _others(OPERATIONS[name].parameters.values())
        with pytest.raises(InvalidInputError, match=r"^project_id must not be empty\.$"):
            OPERATIONS[name].prepare({**others, "project_id": ""})


@pytest.mark.parametrize("name", IN_QUERIES)
def test_every_list_in_a_query_may_be_a_generator(name: str) -> None:
    operation, parameter = ARRAYS[name]
    others = _others(operation.parameters.values())
    item = _item(parameter)
    listed = operation.prepare({**others, parameter.name: [item]})
    generated = operation.prepare({**others, parameter.name: (each for each in [item])})
    assert generated == listed
    assert item in listed.request.target


def test_an_empty_list_in_a_body_is_sent_for_it_clears() -> None:
    operation = OPERATIONS["roles.update"]
    call = operation.prepare({"role_id": "r", "permissions": iter(())})
    assert call.request.body == b'{"permissions":[]}'


@pytest.mark.parametrize("empty", EMPTY, ids=lambda empty: type(empty).__name__)
def test_any_empty_iterable_is_refused(empty: Iterable[Any]) -> None:
    with pytest.raises(InvalidInputError, match=r"^emails must not be empty: "):
        OPERATIONS["users.list"].prepare({"emails": empty})


@pytest.mark.parametrize(
    "emails",
    [
        ("a@x", "b@x"),
        {"a@x": 1, "b@x": 2}.keys(),
        (email for email in ["a@x", "b@x"]),
        pd.Series(["a@x", "b@x"]),
        pa.array(["a@x", "b@x"]),
        pa.chunked_array([["a@x"], ["b@x"]]),
    ],
    ids=lambda emails: type(emails).__name__,
)
def test_any_iterable_of_texts_serves(emails: Any) -> None:
    call = OPERATIONS["users.list"].prepare({"emails": emails})
    assert call.request.target.endswith("?emails=a@x&emails=b@x")


async def test_all_pages_are_asked_for_with_what_a_generator_gave_once() -> None:
    pages = [{"data": [{"id": "1"}], "has_more": True, "last_id": "1"}, {"data": [{"id": "2"}]}]
    caller = ScriptedCaller(pages)
    listed = Things.of(caller).list("b", kinds=(kind for kind in ("a", "b")))
    assert [thing.id async for thing in listed] == ["1", "2"]
    assert [target.count("kinds%5B%5D=") for target in caller.targets] == [2, 2]


# --- composed calls --------------------------------------------------------------------------

DAY = 86400


@pytest.fixture
async def client(demo: Emulator) -> AsyncIterator[AsyncOpenAIAdmin]:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        yield client


COMPOSED: dict[str, Callable[[Any, Any], Any]] = {
    "group_by": lambda usage, value: usage.collect(start_time=0, group_by=value),
    "project_ids": lambda usage, value: usage.collect(start_time=0, project_ids=value),
    "models": lambda usage, value: anext(
        usage.stream("completions", start_time=0, models=value), None
    ),
}


@pytest.mark.parametrize("name", COMPOSED)
@pytest.mark.parametrize(
    "wrong",
    [[], iter(()), "model", b"model", {"model": 1}],
    ids=lambda wrong: type(wrong).__name__,
)
async def test_composed_calls_refuse_the_same_before_anything_is_sent(
    name: str, wrong: Any
) -> None:
    caller = ScriptedCaller()
    with pytest.raises(InvalidInputError, match=rf"^{name} must (not be empty|be a list)"):
        await COMPOSED[name](UsageQueries.of(caller), wrong)
    assert caller.calls == []


def test_a_tail_refuses_an_empty_filter_at_once() -> None:
    caller = ScriptedCaller()
    with pytest.raises(InvalidInputError, match=r"^project_ids must not be empty"):
        AuditLogs.of(caller).tail(project_ids=())
    assert caller.calls == []


def test_one_text_in_place_of_a_list_is_shown_as_a_list() -> None:
    with pytest.raises(InvalidInputError) as caught:
        OPERATIONS["usage.costs"].prepare({"start_time": 0, "group_by": "line_item"})
    assert str(caught.value) == 'group_by must be a list: write ["line_item"], not "line_item".'


async def test_a_generator_serves_every_window_of_every_endpoint(client: AsyncOpenAIAdmin) -> None:
    ids = [project.id for project in (await client.projects.list(limit=2)).data]
    names: list[EndpointName] = ["completions", "costs"]
    by_project: list[Literal["project_id"]] = ["project_id"]
    asked: dict[str, Any] = {"start_time": "2026-01-01", "end_time": "2026-03-15"}
    listed = await client.usage.collect(names, **asked, group_by=["project_id"], project_ids=ids)
    generated = await client.usage.collect(
        names, **asked, group_by=iter(by_project), project_ids=iter(ids)
    )
    assert {row["project_id"] for row in listed} == set(ids)
    assert list(generated) == list(listed)
