"""The kinds of declared methods, and the plain functions that each becomes on the two clients.

Type checkers see the overloads of ``__get__``, which say what each client gives; at run time
`resource` puts the functions in their places when a class is made.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import aclosing, closing
from functools import partial
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Generic,
    NoReturn,
    ParamSpec,
    TypeVar,
    get_args,
    overload,
)

from .._wire.models import Page
from .._wire.response import Response
from .kept import kept
from .operation import CallExecutor, Operation
from .pagination import AsyncPager, Changes, PageCursor, Pager, Paging, Portal
from .resource import (
    Async,
    AsyncResponse,
    Blocking,
    BlockingResponse,
    Declaration,
    Resource,
)
from .signature import MAY_BE_LEFT_OUT, function_taking

P = ParamSpec("P")
T = TypeVar("T")

Declared = Callable[Concatenate[Any, P], Any]
"""What a class has in place of a method; `operation_of` gives the operation."""


# As values, which take their item at run time.
_GENERATOR: Any = Generator
_ASYNC_GENERATOR: Any = AsyncGenerator
_RESPONSE: Any = Response


class _OfOperation(Declaration):  # private: what `Method` and `Listing` have in common
    operation: Operation

    def __init__(self, operation: Operation) -> None:
        super().__init__(operation.function)
        self.operation = operation

    def responding(self, *, blocking: bool) -> Callable[..., Any]:
        """A method that sends the request and gives its answer; of a listing, the first page."""
        gives = _RESPONSE[self.operation.answer]
        return self._waiting(gives) if blocking else self._awaiting(gives)

    def _awaiting(self, gives: Any) -> Callable[..., Any]:
        """An ``async def`` that sends the request when it is awaited."""
        operation = self.operation

        def call(resource: Resource[Async], arguments: dict[str, Any]) -> Coroutine[Any, Any, Any]:
            caller = resource._caller
            return caller.execute(operation.prepare(arguments, check=caller.check_inputs))

        return _in_place(_taking_the_same(self, call, awaits=True), self, gives)

    def _waiting(self, gives: Any) -> Callable[..., Any]:
        """A function that sends the request and waits for its result."""
        operation = self.operation

        def call(resource: Resource[Blocking], arguments: dict[str, Any]) -> Any:
            caller = resource._caller
            prepared = operation.prepare(arguments, check=caller.check_inputs)
            return portal_of(resource).call(partial(caller.execute, prepared))

        return _in_place(_taking_the_same(self, call), self, gives)


class Method(_OfOperation, Generic[P, T]):
    """A declared method that makes one request."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, resource: None, owner: Any) -> Declared[P]: ...
        @overload
        def __get__(
            self, resource: Resource[Async], owner: Any
        ) -> Callable[P, Coroutine[Any, Any, T]]: ...
        @overload
        def __get__(self, resource: Resource[Blocking], owner: Any) -> Callable[P, T]: ...
        @overload
        def __get__(
            self, resource: Resource[AsyncResponse], owner: Any
        ) -> Callable[P, Coroutine[Any, Any, Response[T]]]: ...
        @overload
        def __get__(
            self, resource: Resource[BlockingResponse], owner: Any
        ) -> Callable[P, Response[T]]: ...
        def __get__(self, resource: Resource[Any] | None, owner: Any) -> Any: ...

    @kept
    def asynchronous(self) -> Callable[..., Any]:
        """An ``async def`` that sends the request when it is awaited."""
        return self._awaiting(self.operation.result)

    @kept
    def blocking(self) -> Callable[..., Any]:
        """A function that sends the request and waits for its result."""
        return self._waiting(self.operation.result)


class Listing(_OfOperation, Generic[P, T]):
    """A declared method that lists: it returns a pager."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, resource: None, owner: Any) -> Declared[P]: ...
        @overload
        def __get__(self, resource: Resource[Async], owner: Any) -> Callable[P, AsyncPager[T]]: ...
        @overload
        def __get__(self, resource: Resource[Blocking], owner: Any) -> Callable[P, Pager[T]]: ...
        @overload
        def __get__(
            self, resource: Resource[AsyncResponse], owner: Any
        ) -> Callable[P, Coroutine[Any, Any, Response[Page[T]]]]: ...
        @overload
        def __get__(
            self, resource: Resource[BlockingResponse], owner: Any
        ) -> Callable[P, Response[Page[T]]]: ...
        def __get__(self, resource: Resource[Any] | None, owner: Any) -> Any: ...

    @kept
    def asynchronous(self) -> Callable[..., Any]:
        """A function that returns a pager, which is awaited or iterated."""
        return self._made(AsyncPager)

    @kept
    def blocking(self) -> Callable[..., Any]:
        """A function that fetches the first page and returns a pager."""
        return self._made(Pager)

    def _made(self, kind: Any) -> Callable[..., Any]:
        operation = self.operation

        def call(resource: Resource[Any], arguments: dict[str, Any]) -> Any:
            return pager_of(operation, arguments, resource._caller, resource._portal)

        return _in_place(_taking_the_same(self, call), self, kind[operation.result])


def pager_of(
    operation: Operation,
    arguments: Mapping[str, Any],
    caller: CallExecutor,
    portal: Portal | None = None,
) -> Any:
    """The pager of a listing: an `AsyncPager`, or a `Pager` where there is a portal.

    Raises:
        InvalidInputError: an argument is not one that the API accepts.
    """
    paging = operation.paging
    if paging is None:
        raise TypeError(f"{operation.name} does not list")
    query = _Query(operation, paging, caller, arguments)
    if portal is None:
        return AsyncPager(query.fetch, query.walk)
    return Pager(query.fetch, query.walk, portal)


class _Query:  # private: what a pager asks; closures would be ten objects for each call
    __slots__ = ("_caller", "_first", "_operation", "_paging")

    def __init__(
        self,
        operation: Operation,
        paging: Paging,
        caller: CallExecutor,
        arguments: Mapping[str, Any],
    ) -> None:
        self._operation = operation
        self._paging = paging
        self._caller = caller
        # Its arguments are those with which all pages are asked for.
        self._first = operation.prepare(arguments, check=caller.check_inputs)

    def fetch(self, changes: Changes) -> Coroutine[Any, Any, Any]:
        """The page with some arguments in place of the first one's."""
        call = self._first
        if changes:
            call = self._operation.prepare({**call.arguments, **changes}, check=False)
        return self._caller.execute(call)

    def walk(self) -> PageCursor:
        """The cursors of a pass."""
        operation, arguments = self._operation, self._first.arguments
        if operation.walk is not None:
            return operation.walk(operation.name, arguments, self._caller.server_now)
        backwards = bool(arguments.get("before")) and not arguments.get("after")
        return PageCursor(self._paging, backwards=backwards)


class _Several(Declaration):  # private: what `Composed` and `Streamed` have in common
    def responding(self, *, blocking: bool) -> Any:
        """Nothing: what makes several requests has no single answer."""
        return property(partial(_no_response, self.function.__qualname__))


def _no_response(name: str, resource: Resource[Any]) -> NoReturn:
    raise AttributeError(
        f"with_response has no {name}: it makes several requests, and so has no single response."
    )


class Composed(_Several, Generic[P, T]):
    """An ordinary ``async def`` of a resource that makes several requests, on both clients."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, resource: None, owner: Any) -> Declared[P]: ...
        @overload
        def __get__(
            self, resource: Resource[Async], owner: Any
        ) -> Callable[P, Coroutine[Any, Any, T]]: ...
        @overload
        def __get__(self, resource: Resource[Blocking], owner: Any) -> Callable[P, T]: ...
        def __get__(self, resource: Resource[Any] | None, owner: Any) -> Any: ...

    @kept
    def asynchronous(self) -> Callable[..., Any]:
        """The function itself."""
        return _evaluated(self)

    @kept
    def blocking(self) -> Callable[..., Any]:
        """The function, run on the portal."""
        function = self.function

        def call(resource: Resource[Blocking], arguments: dict[str, Any]) -> Any:
            return portal_of(resource).call(partial(function, twin(resource), **arguments))

        return _in_place(_taking_the_same(self, call), self, self.hints["return"])


class Streamed(_Several, Generic[P, T]):
    """An asynchronous generator of a resource, on both clients."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, resource: None, owner: Any) -> Declared[P]: ...
        @overload
        def __get__(
            self, resource: Resource[Async], owner: Any
        ) -> Callable[P, AsyncGenerator[T, None]]: ...
        @overload
        def __get__(
            self, resource: Resource[Blocking], owner: Any
        ) -> Callable[P, Generator[T, None, None]]: ...
        def __get__(self, resource: Resource[Any] | None, owner: Any) -> Any: ...

    @kept
    def asynchronous(self) -> Callable[..., Any]:
        """The function itself."""
        return _evaluated(self)

    @kept
    def blocking(self) -> Callable[..., Any]:
        """The function, run on the portal step by step."""
        function = self.function

        def call(resource: Resource[Blocking], arguments: dict[str, Any]) -> Any:
            return portal_of(resource).iterate(partial(function, twin(resource), **arguments))

        method = _taking_the_same(self, call)
        return _in_place(method, self, _GENERATOR[self._item, None, None])

    @property
    def _item(self) -> Any:
        """What the function yields."""
        return get_args(self.hints["return"])[0]


class Batched(Streamed[P, T]):
    """A generator of lists whose items are yielded one by one: each list crosses threads whole."""

    @kept
    def asynchronous(self) -> Callable[..., Any]:
        """The function, its lists taken apart."""
        function = self.function

        def call(resource: Resource[Async], arguments: dict[str, Any]) -> Any:
            return _each(function(resource, **arguments))

        method = _taking_the_same(self, call)
        return _in_place(method, self, _ASYNC_GENERATOR[self._item, None])

    @kept
    def blocking(self) -> Callable[..., Any]:
        """The function, run on the portal list by list."""
        function = self.function

        def call(resource: Resource[Blocking], arguments: dict[str, Any]) -> Any:
            work = partial(function, twin(resource), **arguments)
            return _each_blocking(portal_of(resource).iterate(work))

        method = _taking_the_same(self, call)
        return _in_place(method, self, _GENERATOR[self._item, None, None])

    @property
    def _item(self) -> Any:
        """The item type of the lists that the function yields."""
        return get_args(super()._item)[0]


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


def portal_of(resource: Resource[Blocking | BlockingResponse]) -> Portal:
    """What a blocking resource runs its calls on."""
    portal = resource._portal
    assert portal is not None  # noqa: S101 - `Resource.of` gives no blocking resource without one
    return portal


def twin(resource: Resource[Any]) -> Resource[Async]:
    """The same resource of the asynchronous client, for what is written once for both."""
    made: Resource[Async] = resource._asynchronous(resource._caller)
    return made


def operation_of(method: Callable[..., Any]) -> Operation:
    """The operation of a declared method, taken from the class or from a client."""
    operation: Operation = method.operation  # type: ignore[attr-defined] # set by `_in_place`
    return operation


def _evaluated(declared: Declaration) -> Callable[..., Any]:
    """The declared function, its annotations as types and no longer as text."""
    declared.function.__annotations__ = dict(declared.hints)
    return declared.function


def _taking_the_same(
    declared: Declaration, call: Callable[[Any, dict[str, Any]], Any], *, awaits: bool = False
) -> Callable[..., Any]:
    """A function that takes what the declared one takes."""
    like: Any = declared.function
    return function_taking(like.__qualname__, like, call, awaits=awaits)


def _in_place(function: Any, declared: Declaration, returns: Any) -> Callable[..., Any]:
    """A function with the name, signature and documentation of the declared one it replaces."""
    like: Any = declared.function
    hints = {**declared.hints, "return": returns}
    parameters = [
        p.replace(
            annotation=hints.get(name, p.annotation),
            default=MAY_BE_LEFT_OUT if p.default is ... else p.default,
        )
        for name, p in inspect.signature(like).parameters.items()
    ]
    function.__module__ = like.__module__
    function.__name__ = like.__name__
    function.__qualname__ = like.__qualname__
    function.__annotations__ = hints
    function.__wrapped__ = like  # so that its source is found
    function.__signature__ = inspect.Signature(parameters, return_annotation=returns)
    if declared.operation is not None:
        function.operation = declared.operation
        # The declared one has it too: tools that look for the source show what they find there.
        like.__doc__ = declared.operation.docs.whole
        like.__signature__ = inspect.Signature(
            parameters, return_annotation=declared.hints["return"]
        )
    function.__doc__ = like.__doc__
    made: Callable[..., Any] = function
    return made
