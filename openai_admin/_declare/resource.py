"""How operations are declared, and what a declared method is on each client.

::

    class Projects(Resource[Mode], name="projects"):
        @post("/organization/projects", idempotent=False)
        def create(self, *, name: str, geography: str | None = ...) -> Project:
            '''Create a project.'''
            ...

Names in ``{}`` fill the path; the rest become the query (GET, DELETE) or the JSON body (POST). A
default of ``...`` says: may be left out, and is then not sent.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import aclosing, closing
from functools import partial
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload

from .._wire.codec import Page
from .effect import Effect
from .operation import OPERATIONS, CallExecutor, Check, Operation
from .pagination import AsyncPager, Changes, PageCursor, Pager, Paging, Portal

P = ParamSpec("P")
T = TypeVar("T")


class Async:
    """Marks a resource whose methods are awaited."""


class Blocking:
    """Marks a resource whose methods block."""


Mode = TypeVar("Mode", covariant=True)


class Resource(Generic[Mode]):
    """A group of operations, for one of the two clients.

    ``name`` is the resource's place in the tree, such as ``"projects.users"``.
    """

    resource_name: str = ""

    def __init_subclass__(cls, *, name: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not name:
            return
        cls.resource_name = name
        for attribute, value in vars(cls).items():
            if isinstance(value, Method | Listing):
                value.operation.name = f"{name}.{attribute}"
                OPERATIONS[value.operation.name] = value.operation

    def __init__(self, caller: CallExecutor, portal: Portal | None = None) -> None:
        self._caller = caller
        self._portal = portal

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._caller!r}>"


class _Target(Protocol):
    """What a bound method runs."""

    function: Callable[..., Any]

    def invoke(self, resource: Resource[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run it for a resource of either client."""
        ...


class _Bound:
    """A declared method on a resource; private, since callers know it as a plain method."""

    def __init__(self, target: _Target, resource: Resource[Any]) -> None:
        self._target = target
        self._resource = resource
        self.__doc__ = target.function.__doc__
        self.__name__ = target.function.__name__

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self._target.invoke(self._resource, args, kwargs)

    @property
    def __signature__(self) -> inspect.Signature:
        signature = inspect.signature(self._target.function)
        return signature.replace(parameters=list(signature.parameters.values())[1:])

    def __repr__(self) -> str:
        return f"<method {self.__name__} of {self._resource!r}>"


class Method(Generic[P, T]):
    """A declared method that makes one request."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.function = operation.function

    @overload
    def __get__(self, resource: None, owner: Any) -> Operation: ...
    @overload
    def __get__(
        self, resource: Resource[Async], owner: Any
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...
    @overload
    def __get__(self, resource: Resource[Blocking], owner: Any) -> Callable[P, T]: ...
    def __get__(self, resource: Resource[Any] | None, owner: Any) -> Any:
        return self.operation if resource is None else _Bound(self, resource)

    def invoke(self, resource: Resource[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the operation for a resource of either client."""
        caller, portal = resource._caller, resource._portal
        arguments = self.operation.bind(*args, **kwargs)
        call = self.operation.prepare(arguments, check=caller.check_inputs)
        if portal is None:
            return caller.execute(call)
        return portal.call(partial(caller.execute, call))


class Listing(Generic[P, T]):
    """A declared method that lists: it gives a pager."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.function = operation.function

    @overload
    def __get__(self, resource: None, owner: Any) -> Operation: ...
    @overload
    def __get__(self, resource: Resource[Async], owner: Any) -> Callable[P, AsyncPager[T]]: ...
    @overload
    def __get__(self, resource: Resource[Blocking], owner: Any) -> Callable[P, Pager[T]]: ...
    def __get__(self, resource: Resource[Any] | None, owner: Any) -> Any:
        return self.operation if resource is None else _Bound(self, resource)

    def invoke(self, resource: Resource[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Make the pager for a resource of either client."""
        arguments = self.operation.bind(*args, **kwargs)
        return pager_of(self.operation, arguments, resource._caller, resource._portal)


def pager_of(
    operation: Operation,
    arguments: Mapping[str, Any],
    caller: CallExecutor,
    portal: Portal | None = None,
) -> Any:
    """The pager of a listing: an `AsyncPager`, or a `Pager` where there is a portal.

    Raises:
        InvalidInputError: an argument is not one the API takes.
    """
    paging = operation.paging
    if paging is None:
        raise TypeError(f"{operation.name} is no listing")
    first = operation.prepare(arguments, check=caller.check_inputs)

    async def fetch(changes: Changes) -> Any:
        call = operation.prepare({**arguments, **changes}, check=False) if changes else first
        return await caller.execute(call)

    backwards = bool(arguments.get("before")) and not arguments.get("after")
    walk = partial(PageCursor, paging, backwards=backwards)
    return AsyncPager(fetch, walk) if portal is None else Pager(fetch, walk, portal)


class Composed(Generic[P, T]):
    """An ordinary ``async def`` of a resource that makes several requests, on both surfaces."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    @overload
    def __get__(self, resource: None, owner: Any) -> Composed[P, T]: ...
    @overload
    def __get__(
        self, resource: Resource[Async], owner: Any
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...
    @overload
    def __get__(self, resource: Resource[Blocking], owner: Any) -> Callable[P, T]: ...
    def __get__(self, resource: Resource[Any] | None, owner: Any) -> Any:
        return self if resource is None else _Bound(self, resource)

    def invoke(self, resource: Resource[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the function for a resource of either client."""
        work = partial(self.function, _async_twin(resource), *args, **kwargs)
        return work() if resource._portal is None else resource._portal.call(work)


class Streamed(Generic[P, T]):
    """An asynchronous generator of a resource, on both surfaces."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    @overload
    def __get__(self, resource: None, owner: Any) -> Streamed[P, T]: ...
    @overload
    def __get__(
        self, resource: Resource[Async], owner: Any
    ) -> Callable[P, AsyncGenerator[T, None]]: ...
    @overload
    def __get__(
        self, resource: Resource[Blocking], owner: Any
    ) -> Callable[P, Generator[T, None, None]]: ...
    def __get__(self, resource: Resource[Any] | None, owner: Any) -> Any:
        return self if resource is None else _Bound(self, resource)

    def invoke(self, resource: Resource[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the generator for a resource of either client."""
        work = partial(self.function, _async_twin(resource), *args, **kwargs)
        return work() if resource._portal is None else resource._portal.iterate(work)


class Batched(Streamed[P, T]):
    """A generator of lists whose items are given one by one: each list crosses threads whole."""

    def invoke(self, resource: Resource[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the generator for a resource of either client."""
        work = partial(self.function, _async_twin(resource), *args, **kwargs)
        if resource._portal is None:
            return _each(work())
        return _each_blocking(resource._portal.iterate(work))


async def _each(batches: AsyncGenerator[Sequence[T], None]) -> AsyncGenerator[T, None]:
    async with aclosing(batches):
        async for batch in batches:
            for item in batch:
                yield item
            del batch  # not kept while the next one is waited for


def _each_blocking(batches: Generator[Sequence[T], None, None]) -> Generator[T, None, None]:
    with closing(batches):
        for batch in batches:
            yield from batch
            del batch


def _async_twin(resource: Resource[Any]) -> Resource[Any]:
    """The same resource of the asynchronous client, for the code of `composed` and `streamed`."""
    return resource if resource._portal is None else type(resource)(resource._caller)


def composed(function: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]) -> Composed[P, T]:
    """Declare an ``async def`` that makes several requests."""
    return Composed(function)


def streamed(function: Callable[Concatenate[Any, P], AsyncGenerator[T, None]]) -> Streamed[P, T]:
    """Declare an asynchronous generator that makes several requests."""
    return Streamed(function)


def batched(
    function: Callable[Concatenate[Any, P], AsyncGenerator[Sequence[T], None]],
) -> Streamed[P, T]:
    """Declare an asynchronous generator of lists, whose items the caller gets one by one."""
    return Batched(function)


def get(path: str) -> Callable[[Callable[Concatenate[Any, P], T]], Method[P, T]]:
    """Declare an operation that reads one thing."""
    return _method("GET", path, Effect.READS, repeatable=True)


def post(
    path: str, *, idempotent: bool, destroys: bool = False, check: Check | None = None
) -> Callable[[Callable[Concatenate[Any, P], T]], Method[P, T]]:
    """Declare an operation that changes something.

    Args:
        path: the path template.
        idempotent: whether sending it twice does what sending it once does. A creation is not.
        destroys: whether it takes something away for good, as archiving does.
        check: looks at all arguments together and raises `InvalidInputError`.
    """
    effect = Effect.DESTROYS if destroys else Effect.CHANGES
    return _method("POST", path, effect, repeatable=idempotent, check=check)


def delete(path: str) -> Callable[[Callable[Concatenate[Any, P], T]], Method[P, T]]:
    """Declare an operation that removes something; a second removal does no more."""
    return _method("DELETE", path, Effect.DESTROYS, repeatable=True)


def _method(
    method: str, path: str, effect: Effect, *, repeatable: bool, check: Check | None = None
) -> Callable[[Callable[Concatenate[Any, P], T]], Method[P, T]]:
    def declare(function: Callable[Concatenate[Any, P], T]) -> Method[P, T]:
        operation = Operation(
            function, method=method, path=path, effect=effect, repeatable=repeatable, check=check
        )
        return Method(operation)

    return declare


def listing(
    path: str, *, paging: Paging, check: Check | None = None
) -> Callable[[Callable[Concatenate[Any, P], Page[T]]], Listing[P, T]]:
    """Declare an operation that lists: it answers with a page."""

    def declare(function: Callable[Concatenate[Any, P], Page[T]]) -> Listing[P, T]:
        operation = Operation(
            function,
            method="GET",
            path=path,
            effect=Effect.READS,
            repeatable=True,
            paging=paging,
            check=check,
        )
        return Listing(operation)

    return declare
