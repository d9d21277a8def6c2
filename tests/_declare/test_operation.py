"""Operations as they are read from their declarations, and as methods of both clients."""

from __future__ import annotations

import gc
import inspect
import warnings
from collections.abc import AsyncGenerator, Generator, Iterator
from datetime import UTC, datetime
from types import new_class
from typing import Any
from unittest.mock import create_autospec

import pytest

from openai_admin._declare.decorators import composed, get
from openai_admin._declare.effect import Effect
from openai_admin._declare.methods import operation_of
from openai_admin._declare.operation import OPERATIONS, Operation
from openai_admin._declare.pagination import AsyncPager, Pager, Paging
from openai_admin._declare.resource import Async, Blocking, Resource
from openai_admin._wire.http import Request
from openai_admin._wire.models import Page
from openai_admin._wire.types import Array, alternatives, known_values
from openai_admin.errors import InvalidInputError
from openai_admin.resources import load
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
        (operation_of(Things.list), "GET", Effect.READS, True, Paging.LAST_ID),
        (operation_of(Things.by_page), "GET", Effect.READS, True, Paging.NEXT_PAGE),
        (operation_of(Things.retrieve), "GET", Effect.READS, True, None),
        (operation_of(Things.create), "POST", Effect.ADDS, False, None),
        (operation_of(Things.archive), "POST", Effect.REMOVES, True, None),
        (operation_of(Things.delete), "DELETE", Effect.REMOVES, True, None),
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
    assert operation_of(Things.retrieve).answer is operation_of(Things.retrieve).result is Thing
    assert operation_of(Things.list).result is Thing
    assert operation_of(Things.list).answer == Page[Thing]


def test_the_parameters_of_a_read() -> None:
    parameters = operation_of(Things.list).parameters
    assert list(parameters) == ["box_id", "limit", "after", "before", "kinds", "since"]
    assert [p.place for p in parameters.values()] == ["path"] + ["query"] * 5
    assert [p.required for p in parameters.values()] == [True] + [False] * 5
    assert [p.is_array for p in parameters.values()] == [False] * 4 + [True, False]
    assert parameters["kinds"].wire == "kinds[]"
    assert parameters["limit"].wire == "limit"


def test_the_parameters_of_a_change() -> None:
    parameters = operation_of(Things.create).parameters
    assert {n: (p.wire, p.place, p.required) for n, p in parameters.items()} == {
        "box_id": ("box_id", "path", True),
        "name": ("name", "body", True),
        "size": ("size", "body", False),
        "colour": ("colour", "body", False),
        "note": ("note.text", "body", False),
    }


def test_the_documentation_is_read() -> None:
    assert operation_of(Things.list).summary == "List the things of a box."
    assert (
        operation_of(Things.list).description == "List the things of a box. The newest come first."
    )
    assert operation_of(Things.retrieve).description == "Retrieve a thing."
    docs = operation_of(Things.list).parameter_docs
    assert docs.keys() == operation_of(Things.list).parameters.keys()
    assert docs["kinds"] == "only things of these kinds."
    assert docs["since"] == "only newer things, see https://example.org/a: it explains."
    assert "1 to 100" in docs["limit"]
    assert docs["box_id"] == "the box's id."


def test_an_operation_shows_what_it_is() -> None:
    assert repr(operation_of(Things.delete)) == (
        "<Operation delete: DELETE /boxes/{box_id}/things/{thing_id}>"
    )


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
        assert OPERATIONS["a.b.retrieve"] is operation_of(made.retrieve)
        assert operation_of(made.retrieve).name == made.retrieve.__qualname__ == "a.b.retrieve"
        assert made.resource_name == "a.b"
    finally:
        OPERATIONS.clear()
        OPERATIONS.update(before)


# --- binding and preparing ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((), {}, "missing 1 required positional argument: 'box_id'"),
        (("b",), {}, "missing 1 required keyword-only argument: 'name'"),
        (("b", "x"), {"name": "x"}, "takes 2 positional arguments but 3 "),
        (("b",), {"name": "x", "sise": 1}, "unexpected keyword argument 'sise'"),
        (("b",), {"box_id": "c", "name": "x"}, "multiple values for argument 'box_id'"),
        (("b",), {"self": 1, "name": "x"}, "multiple values for argument 'self'"),
    ],
)
async def test_wrong_arguments_are_a_type_error(
    args: tuple[Any, ...], kwargs: dict[str, Any], message: str
) -> None:
    for create in on_both("create"):
        with pytest.raises(TypeError, match=rf"Things\.create\(\).*{message}"):
            create(*args, **kwargs)  # refused before it is awaited


async def test_only_what_was_passed_is_sent() -> None:
    caller = ScriptedCaller([{"id": "t"}] * 2)
    create = Things[Async](caller).create
    await create("b", name="x")
    await create(box_id="b", name="x", colour=None)
    assert [call.arguments for call in caller.calls] == [
        {"box_id": "b", "name": "x"},
        {"box_id": "b", "name": "x", "colour": None},
    ]


def test_a_read_is_prepared() -> None:
    arguments = {
        "box_id": "a/b",
        "limit": 5,
        "kinds": (kind for kind in ("a",)),
        "since": datetime(1970, 1, 2, tzinfo=UTC),
        "after": None,
    }
    call = operation_of(Things.list).prepare(arguments)
    assert call.request == Request(
        "GET",
        "/boxes/{box_id}/things",
        "/boxes/a%2Fb/things?limit=5&kinds%5B%5D=a&since=86400",
    )
    assert (call.name, call.effect, call.repeatable) == ("list", Effect.READS, True)
    assert call.answer == Page[Thing]
    assert call.arguments == {**arguments, "kinds": ["a"]}


def test_known_choices_are_sent_as_others_are() -> None:
    """Those in a list are encoded at once; a tuple of them is looked at one by one."""
    load()
    tried = 0
    for operation in OPERATIONS.values():
        needed: dict[str, Any] = {
            p.name: 1 for p in operation.parameters.values() if p.required and p.place != "path"
        }
        needed |= {p.name: "x" for p in operation.parameters.values() if p.place == "path"}
        for parameter in operation.parameters.values():
            if parameter.place != "query" or not parameter.is_array:
                continue
            (array,) = alternatives(parameter.type)
            assert isinstance(array, Array)
            choices = [v for v in known_values(array.item) if isinstance(v, str)]
            if choices:
                tried += 1
                listed = [*choices, choices[0]]
                call = operation.prepare({**needed, parameter.name: listed}, check=False)
                other = operation.prepare({**needed, parameter.name: tuple(listed)}, check=False)
                assert call == other
                assert call.arguments[parameter.name] == listed
                assert call.arguments[parameter.name] is not listed
    assert tried > 12  # the usage endpoints, and others


@pytest.mark.parametrize("wrong", [["project_id", "modell"], ["project_id", ["model"]], "model"])
def test_a_choice_that_is_not_known_is_refused(wrong: Any) -> None:
    load()
    with pytest.raises(InvalidInputError, match=r"^group_by"):
        OPERATIONS["usage.completions"].prepare({"start_time": 0, "group_by": wrong})


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
    call = operation_of(Things.create).prepare({"box_id": "b", "name": "x", **kwargs})
    assert call.request.body == body
    assert call.request.target == "/boxes/b/things"


def test_a_change_without_a_body_sends_none() -> None:
    assert (
        operation_of(Things.archive).prepare({"box_id": "b", "thing_id": "t"}).request.body is None
    )
    assert (
        operation_of(Things.delete).prepare({"box_id": "b", "thing_id": "t"}).request.body is None
    )


@pytest.mark.parametrize(
    ("operation", "arguments", "message"),
    [
        (
            operation_of(Things.list),
            {"box_id": "b", "limit": 0},
            "limit must be from 1 to 100, not 0.",
        ),
        (
            operation_of(Things.list),
            {"box_id": "b", "kinds": ["c"]},
            r"kinds\[0\] must be 'a' or 'b', not 'c'.",
        ),
        (operation_of(Things.list), {"box_id": ""}, "box_id must be an id, not ''."),
        (operation_of(Things.list), {"box_id": None}, "box_id must be text, not NoneType."),
        (operation_of(Things.create), {"box_id": "b", "name": ""}, "name must not be empty."),
        (
            operation_of(Things.create),
            {"box_id": "b", "name": None},
            "name must be text, not NoneType.",
        ),
        (
            operation_of(Things.create),
            {"box_id": "b", "name": "x", "size": None},
            "size must be a whole number",
        ),
        (
            operation_of(Things.create),
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
    call = operation_of(Things.create).prepare(
        {"box_id": "b", "name": "", "size": 1, "colour": "red"}, check=False
    )
    assert call.request.body == b'{"name":"","size":1,"colour":"red"}'
    assert operation_of(Things.list).prepare(
        {"box_id": "b", "limit": 999}, check=False
    ).request.target == ("/boxes/b/things?limit=999")


@pytest.mark.parametrize("box_id", ["", ".", ".."])
def test_paths_are_checked_always(box_id: str) -> None:
    with pytest.raises(InvalidInputError):
        operation_of(Things.retrieve).prepare({"box_id": box_id, "thing_id": "t"}, check=False)


# --- methods of the clients -----------------------------------------------------------------


async def test_an_async_method_is_awaited() -> None:
    caller = ScriptedCaller([{"id": "t", "size": 4}])
    assert await Things[Async](caller).retrieve("b", "t", full=True) == Thing(id="t", size=4)
    assert caller.targets == ["/boxes/b/things/t?full=true"]


def test_a_blocking_method_returns(portal: LoopPortal) -> None:
    caller = ScriptedCaller([{"id": "t"}])
    assert Things[Blocking].of(caller, portal).create("b", name="x") == Thing(id="t")
    assert caller.calls[0].request.body == b'{"name":"x"}'


async def test_nothing_is_sent_when_an_argument_is_refused(portal: LoopPortal) -> None:
    caller = ScriptedCaller()
    blocking, asynchronous = Things[Blocking].of(caller, portal), Things[Async](caller)
    misspelt: Any = {"name": "x", "sise": 1}
    with pytest.raises(InvalidInputError):
        blocking.create("b", name="")
    with pytest.raises(InvalidInputError):
        await asynchronous.create("b", name="")
    with pytest.raises(InvalidInputError):
        asynchronous.list("b", limit=0)
    with pytest.raises(TypeError, match="'sise'"):
        _ = asynchronous.create("b", **misspelt)  # refused before it is awaited
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
    assert Things[Blocking].of(caller, portal).total_size("b", limit=1) == 5
    assert caller.targets == ["/boxes/b/things?limit=1", "/boxes/b/things?limit=1&after=1"]


async def test_streamed_methods_are_iterated_asynchronously() -> None:
    assert [i async for i in Things[Async](ScriptedCaller(PAGES)).ids("b")] == ["1", "2"]


def test_streamed_methods_are_iterated(portal: LoopPortal) -> None:
    assert list(Things[Blocking].of(ScriptedCaller(PAGES), portal).ids("b")) == ["1", "2"]


METHODS = ["list", "retrieve", "create", "archive", "delete", "total_size", "ids", "sizes"]


def on_both(name: str) -> list[Any]:
    """A method of `Things` on each of the two clients."""
    caller, portal = ScriptedCaller(), LoopPortal()
    portal.close()
    return [getattr(Things.of(caller), name), getattr(Things.of(caller, portal), name)]


@pytest.mark.parametrize("name", METHODS)
def test_methods_are_plain_methods(name: str) -> None:
    for method in on_both(name):
        assert inspect.ismethod(method)
        assert inspect.isfunction(method.__func__)
        assert method.__name__ == name
        assert method == getattr(method.__self__, name)
        assert name in repr(method)
        assert "self" not in inspect.signature(method).parameters
        assert inspect.unwrap(method.__func__).__code__.co_filename.endswith("declared.py")


@pytest.mark.parametrize(
    ("name", "asynchronous", "blocking"),
    [
        ("list", AsyncPager[Thing], Pager[Thing]),
        ("retrieve", Thing, Thing),
        ("total_size", int, int),
        ("ids", AsyncGenerator[str, None], Generator[str, None, None]),
        ("sizes", AsyncGenerator[int, None], Generator[int, None, None]),
    ],
)
def test_signatures_say_what_each_client_gives(name: str, asynchronous: Any, blocking: Any) -> None:
    given = [inspect.signature(method).return_annotation for method in on_both(name)]
    assert given == [asynchronous, blocking]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("list", False), ("retrieve", True), ("create", True), ("total_size", True), ("ids", False)],
)
def test_what_is_awaited_is_a_coroutine_function(name: str, expected: bool) -> None:
    asynchronous, blocking = on_both(name)
    assert inspect.iscoroutinefunction(asynchronous) is expected
    assert not inspect.iscoroutinefunction(blocking)


@pytest.mark.parametrize("name", ["total_size", "ids", "sizes"])
def test_what_makes_several_requests_refuses_a_wrong_call_when_it_is_made(name: str) -> None:
    for method in on_both(name):
        with pytest.raises(TypeError, match=rf"Things\.{name}\(\) .*'sise'"):
            method("b", sise=1)
        with pytest.raises(TypeError, match=rf"Things\.{name}\(\) missing"):
            method()


def test_a_default_says_that_it_may_be_left_out() -> None:
    for method in on_both("create"):
        assert str(inspect.signature(method)) == (
            "(box_id: str, *, name: str, size: int = <may be left out>,"
            " colour: str | None = <may be left out>, note: str | None = <may be left out>)"
            " -> tests.declared.Thing"
        )


async def test_a_default_that_is_passed_on_is_not_sent() -> None:
    caller = ScriptedCaller([{"id": "t"}])
    create = Things[Async](caller).create
    bound = inspect.signature(create).bind("b", name="x")
    bound.apply_defaults()
    await create(*bound.args, **bound.kwargs)
    assert caller.calls[0].request.body == b'{"name":"x"}'


def test_every_argument_is_in_the_documentation() -> None:
    for method in on_both("list"):
        assert inspect.getdoc(method) == (
            "List the things of a box. The newest come first.\n"
            "\n"
            "Args:\n"
            "    box_id: the box's id.\n"
            "    limit: items on one page, 1 to 100; the API's default is 20.\n"
            "    after: the cursor to start after, as a page gave it.\n"
            "    before: the cursor to start before; pages then go backwards.\n"
            "    kinds: only things of these kinds.\n"
            "    since: only newer things, see https://example.org/a: it explains.\n"
            "\n"
            "Raises:\n"
            "    NotFoundError: there is no such box."
        )


async def test_an_autospec_takes_and_refuses_what_the_method_does(portal: LoopPortal) -> None:
    asynchronous = create_autospec(Things.of(ScriptedCaller()))
    blocking = create_autospec(Things.of(ScriptedCaller(), portal))
    await asynchronous.create("b", name="x")
    blocking.create("b", name="x")
    for double in (asynchronous, blocking):
        double.create.assert_called_once_with("b", name="x")
        with pytest.raises(TypeError, match="sise"):
            double.create("b", name="x", sise=1)


def test_a_forgotten_await_is_reported_by_name() -> None:
    with pytest.warns(RuntimeWarning, match=r"'Things\.create' was never awaited"):
        Things[Async](ScriptedCaller()).create("b", name="x")  # type: ignore[unused-coroutine]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Things[Async](ScriptedCaller()).list("b")
        gc.collect()


def test_methods_read_from_the_class_know_their_operation() -> None:
    for name in ("list", "create"):
        method = getattr(Things, name)
        assert isinstance(operation_of(method), Operation)
        assert operation_of(method).function is inspect.unwrap(method)


def test_an_alias_is_the_same_method_and_no_operation() -> None:
    def retrieve(self: Any) -> Thing:
        """Retrieve."""
        return Thing(id="t")

    before = dict(OPERATIONS)
    declared = get("/x")(retrieve)
    try:
        made: Any = new_class(
            "Aliased",
            (Resource,),
            {"name": "a.b"},
            lambda space: space.update(retrieve=declared, retrieve_thing=declared),
        )
        assert OPERATIONS.keys() - before.keys() == {"a.b.retrieve"}
        assert made.retrieve_thing is made.retrieve
    finally:
        OPERATIONS.clear()
        OPERATIONS.update(before)


def test_a_subclass_has_the_blocking_methods_of_its_base() -> None:
    class More(Things[Any]):
        """Things and more."""

        @composed
        async def nothing(self) -> None:
            """Do nothing."""

    portal = LoopPortal()
    blocking = More.of(ScriptedCaller([{"id": "t"}]), portal)
    try:
        assert blocking.retrieve("b", "t") == Thing(id="t")
        assert blocking.nothing() is None
        assert type(blocking).__name__ == "More"
    finally:
        portal.close()
