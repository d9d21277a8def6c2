"""Operations as they are read from their declarations, and as methods of both clients."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime
from types import new_class
from typing import Any

import pytest

from openai_admin._declare.effect import Effect
from openai_admin._declare.operation import OPERATIONS, Operation
from openai_admin._declare.pagination import Paging
from openai_admin._declare.resource import Async, Blocking, Resource, get
from openai_admin._wire.codec import Page
from openai_admin._wire.http import Request
from openai_admin.errors import InvalidInputError
from tests.declared import Thing, Things
from tests.doubles import LoopPortal, ScriptedCaller


@pytest.fixture
def portal() -> Iterator[LoopPortal]:
    """What blocking calls run on."""
    portal = LoopPortal()
    yield portal
    portal.close()


# --- reading a declaration ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "method", "effect", "repeatable", "paging"),
    [
        (Things.list, "GET", Effect.READS, True, Paging.LAST_ID),
        (Things.by_page, "GET", Effect.READS, True, Paging.NEXT_PAGE),
        (Things.retrieve, "GET", Effect.READS, True, None),
        (Things.create, "POST", Effect.CHANGES, False, None),
        (Things.archive, "POST", Effect.DESTROYS, True, None),
        (Things.delete, "DELETE", Effect.DESTROYS, True, None),
    ],
)
def test_what_an_operation_does(
    operation: Operation, method: str, effect: Effect, repeatable: bool, paging: Paging | None
) -> None:
    assert operation.method == method
    assert operation.effect is effect
    assert operation.repeatable is repeatable
    assert operation.paging is paging


def test_what_an_operation_gives() -> None:
    assert Things.retrieve.answer is Things.retrieve.result is Thing
    assert Things.list.result is Thing
    assert Things.list.answer == Page[Thing]


def test_the_parameters_of_a_read() -> None:
    parameters = Things.list.parameters
    assert list(parameters) == ["box_id", "limit", "after", "before", "kinds", "since"]
    assert [p.place for p in parameters.values()] == ["path"] + ["query"] * 5
    assert [p.required for p in parameters.values()] == [True] + [False] * 5
    assert [p.is_array for p in parameters.values()] == [False] * 4 + [True, False]
    assert parameters["kinds"].wire == "kinds[]"
    assert parameters["limit"].wire == "limit"


def test_the_parameters_of_a_change() -> None:
    parameters = Things.create.parameters
    assert {n: (p.wire, p.place, p.required) for n, p in parameters.items()} == {
        "box_id": ("box_id", "path", True),
        "name": ("name", "body", True),
        "size": ("size", "body", False),
        "colour": ("colour", "body", False),
        "note": ("note.text", "body", False),
    }


def test_the_documentation_is_read() -> None:
    assert Things.list.summary == "List the things of a box."
    assert Things.list.description == "List the things of a box. The newest come first."
    assert Things.retrieve.description == "Retrieve a thing."
    docs = Things.list.parameter_docs
    assert docs.keys() == Things.list.parameters.keys()
    assert docs["kinds"] == "only things of these kinds."
    assert docs["since"] == "only newer things, see https://example.org/a: it explains."
    assert "1 to 100" in docs["limit"]
    assert docs["box_id"] == ""


def test_an_operation_shows_what_it_is() -> None:
    assert repr(Things.delete) == ("<Operation delete: DELETE /boxes/{box_id}/things/{thing_id}>")


def test_a_path_without_its_argument_is_refused_when_declared() -> None:
    with pytest.raises(TypeError, match=r"/boxes/\{box\} has no argument for \['box'\]"):

        @get("/boxes/{box}")
        def retrieve(self: Any, box_id: str) -> Thing:
            """Retrieve."""
            return Thing(id=box_id)


def test_a_named_resource_registers_its_operations() -> None:
    def retrieve(self: Any, *, full: bool | None = None) -> Thing:
        """Retrieve."""
        return Thing(id=str(full))

    before = dict(OPERATIONS)
    members = {"retrieve": get("/x")(retrieve), "note": "no operation"}
    try:
        made: Any = new_class(
            "Registered", (Resource,), {"name": "a.b"}, lambda n: n.update(members)
        )
        assert OPERATIONS.keys() - before.keys() == {"a.b.retrieve"}
        assert OPERATIONS["a.b.retrieve"] is made.retrieve
        assert made.retrieve.name == "a.b.retrieve"
        assert made.resource_name == "a.b"
    finally:
        OPERATIONS.clear()
        OPERATIONS.update(before)


# --- binding and preparing ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((), {}, "missing a required argument: 'box_id'"),
        (("b",), {}, "missing a required argument: 'name'"),
        (("b", "x"), {}, "too many positional arguments"),
        (("b",), {"name": "x", "sise": 1}, "unexpected keyword argument 'sise'"),
        (("b",), {"box_id": "c", "name": "x"}, "multiple values for argument 'box_id'"),
        (("b",), {"self": 1, "name": "x"}, "multiple values for argument 'self'"),
    ],
)
def test_wrong_arguments_are_a_type_error(
    args: tuple[Any, ...], kwargs: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        Things.create.bind(*args, **kwargs)


def test_only_what_was_passed_is_bound() -> None:
    assert Things.create.bind("b", name="x") == {"box_id": "b", "name": "x"}
    assert Things.create.bind(box_id="b", name="x", colour=None) == {
        "box_id": "b",
        "name": "x",
        "colour": None,
    }


def test_a_read_is_prepared() -> None:
    arguments = Things.list.bind(
        "a/b", limit=5, kinds=("a",), since=datetime(1970, 1, 2, tzinfo=UTC), after=None
    )
    call = Things.list.prepare(arguments)
    assert call.request == Request(
        "GET",
        "/boxes/{box_id}/things",
        "/boxes/a%2Fb/things?limit=5&kinds%5B%5D=a&since=86400",
    )
    assert (call.name, call.effect, call.repeatable) == ("list", Effect.READS, True)
    assert call.answer == Page[Thing]
    assert call.arguments == arguments


@pytest.mark.parametrize(
    ("kwargs", "body"),
    [
        ({}, b'{"name":"x"}'),
        ({"colour": None}, b'{"name":"x","colour":null}'),
        ({"size": 0}, b'{"name":"x","size":0}'),
        ({"note": "n"}, b'{"name":"x","note.text":"n"}'),
    ],
)
def test_a_body_has_what_was_passed_and_no_defaults(kwargs: dict[str, Any], body: bytes) -> None:
    call = Things.create.prepare(Things.create.bind("b", name="x", **kwargs))
    assert call.request.body == body
    assert call.request.target == "/boxes/b/things"


def test_a_change_without_a_body_sends_none() -> None:
    assert Things.archive.prepare({"box_id": "b", "thing_id": "t"}).request.body is None
    assert Things.delete.prepare({"box_id": "b", "thing_id": "t"}).request.body is None


@pytest.mark.parametrize(
    ("operation", "arguments", "message"),
    [
        (Things.list, {"box_id": "b", "limit": 0}, "limit must be from 1 to 100, not 0."),
        (Things.list, {"box_id": "b", "kinds": ["c"]}, r"kinds\[0\] must be 'a' or 'b', not 'c'."),
        (Things.list, {"box_id": ""}, "box_id must be an id, not ''."),
        (Things.list, {"box_id": None}, "box_id must be text, not NoneType."),
        (Things.create, {"box_id": "b", "name": ""}, "name must not be empty."),
        (Things.create, {"box_id": "b", "name": None}, "name must be text, not NoneType."),
        (Things.create, {"box_id": "b", "name": "x", "size": None}, "size must be a whole number"),
        (
            Things.create,
            {"box_id": "b", "name": "x", "size": 1, "colour": "red"},
            "size and colour do not go together.",
        ),
    ],
)
def test_wrong_values_are_refused(
    operation: Operation, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=f"^{message}"):
        operation.prepare(arguments)


def test_without_checks_the_api_judges() -> None:
    call = Things.create.prepare(
        {"box_id": "b", "name": "", "size": 1, "colour": "red"}, check=False
    )
    assert call.request.body == b'{"name":"","size":1,"colour":"red"}'
    assert Things.list.prepare({"box_id": "b", "limit": 999}, check=False).request.target == (
        "/boxes/b/things?limit=999"
    )


@pytest.mark.parametrize("box_id", ["", ".", ".."])
def test_paths_are_checked_always(box_id: str) -> None:
    with pytest.raises(InvalidInputError):
        Things.retrieve.prepare({"box_id": box_id, "thing_id": "t"}, check=False)


# --- methods of the clients -----------------------------------------------------------------


async def test_an_async_method_is_awaited() -> None:
    caller = ScriptedCaller([{"id": "t", "size": 4}])
    assert await Things[Async](caller).retrieve("b", "t", full=True) == Thing(id="t", size=4)
    assert caller.targets == ["/boxes/b/things/t?full=true"]


def test_a_blocking_method_returns(portal: LoopPortal) -> None:
    caller = ScriptedCaller([{"id": "t"}])
    assert Things[Blocking](caller, portal).create("b", name="x") == Thing(id="t")
    assert caller.calls[0].request.body == b'{"name":"x"}'


def test_nothing_is_sent_when_an_argument_is_refused(portal: LoopPortal) -> None:
    caller = ScriptedCaller()
    blocking, asynchronous = Things[Blocking](caller, portal), Things[Async](caller)
    misspelt: Any = {"name": "x", "sise": 1}
    with pytest.raises(InvalidInputError):
        blocking.create("b", name="")
    with pytest.raises(InvalidInputError):
        _ = asynchronous.create("b", name="")  # refused before it is awaited
    with pytest.raises(InvalidInputError):
        asynchronous.list("b", limit=0)
    with pytest.raises(TypeError, match="'sise'"):
        _ = asynchronous.create("b", **misspelt)
    assert caller.calls == []


async def test_a_client_may_leave_checking_to_the_api() -> None:
    caller = ScriptedCaller([{"id": "t"}, {"data": []}], check_inputs=False)
    await Things[Async](caller).create("b", name="")
    await Things[Async](caller).list("b", limit=0)
    assert caller.targets == ["/boxes/b/things", "/boxes/b/things?limit=0"]


PAGES = [
    {"data": [{"id": "1", "size": 2}], "has_more": True, "last_id": "1"},
    {"data": [{"id": "2", "size": 3}], "has_more": False},
]


async def test_composed_methods_are_awaited() -> None:
    assert await Things[Async](ScriptedCaller(PAGES)).total_size("b", limit=1) == 5


def test_composed_methods_block(portal: LoopPortal) -> None:
    caller = ScriptedCaller(PAGES)
    assert Things[Blocking](caller, portal).total_size("b", limit=1) == 5
    assert caller.targets == ["/boxes/b/things?limit=1", "/boxes/b/things?limit=1&after=1"]


async def test_streamed_methods_are_iterated_asynchronously() -> None:
    assert [i async for i in Things[Async](ScriptedCaller(PAGES)).ids("b")] == ["1", "2"]


def test_streamed_methods_are_iterated(portal: LoopPortal) -> None:
    assert list(Things[Blocking](ScriptedCaller(PAGES), portal).ids("b")) == ["1", "2"]


@pytest.mark.parametrize(
    "name", ["list", "retrieve", "create", "archive", "delete", "total_size", "ids"]
)
def test_bound_methods_have_name_docstring_and_signature(name: str) -> None:
    method = getattr(Things[Async](ScriptedCaller()), name)
    function = getattr(Things, name).function
    assert method.__name__ == name
    assert inspect.getdoc(method) == inspect.getdoc(function)
    assert callable(method)
    signature = inspect.signature(method)
    declared = inspect.signature(function)
    assert list(signature.parameters) == list(declared.parameters)[1:]
    assert signature.return_annotation == declared.return_annotation
    assert name in repr(method)


def test_methods_read_from_the_class_are_operations() -> None:
    assert isinstance(Things.list, Operation)
    assert isinstance(Things.create, Operation)
    assert Things.create.__doc__ == "Create a thing."
