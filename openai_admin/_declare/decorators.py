"""How methods of a resource are declared."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from .._wire.models import Page
from .effect import Effect, Predicate, never
from .methods import Batched, Composed, Listing, Method, Streamed
from .operation import Check, Operation, Walk
from .pagination import Paging

P = ParamSpec("P")
T = TypeVar("T")


def get(path: str) -> Callable[[Callable[Concatenate[Any, P], T]], Method[P, T]]:
    """Declare an operation that reads one thing."""

    def declare(function: Callable[Concatenate[Any, P], T]) -> Method[P, T]:
        return Method(Operation(function, "GET", path, Effect.READS, repeatable=True))

    return declare


def listing(
    path: str, *, paging: Paging, walk: Walk | None = None, check: Check | None = None
) -> Callable[[Callable[Concatenate[Any, P], Page[T]]], Listing[P, T]]:
    """Declare an operation that lists: it returns a page.

    Args:
        path: the path template.
        paging: how it pages.
        walk: makes the cursors of a pass, where the idiom's own do not do.
        check: looks at all arguments together and raises `InvalidInputError`.
    """

    def declare(function: Callable[Concatenate[Any, P], Page[T]]) -> Listing[P, T]:
        operation = Operation(
            function,
            "GET",
            path,
            Effect.READS,
            repeatable=True,
            paging=paging,
            walk=walk,
            check=check,
        )
        return Listing(operation)

    return declare


def post(
    path: str,
    effect: Effect,
    *,
    repeatable: bool | None = None,
    grants: Predicate = never,
    final: bool = False,
    check: Check | None = None,
) -> Callable[[Callable[Concatenate[Any, P], T]], Method[P, T]]:
    """Declare an operation that changes something.

    Args:
        path: the path template.
        effect: what it does to what is there.
        repeatable: whether sending it twice has the effect of sending it once; by default,
            unless it adds something.
        grants: whether a call gives somebody power: a role, a key, ownership, a permission.
        final: whether what it does cannot be undone.
        check: looks at all arguments together and raises `InvalidInputError`.
    """

    def declare(function: Callable[Concatenate[Any, P], T]) -> Method[P, T]:
        operation = Operation(
            function,
            "POST",
            path,
            effect,
            repeatable=effect is not Effect.ADDS if repeatable is None else repeatable,
            grants=grants,
            final=final,
            check=check,
        )
        return Method(operation)

    return declare


def delete(
    path: str, *, final: bool = False
) -> Callable[[Callable[Concatenate[Any, P], T]], Method[P, T]]:
    """Declare an operation that removes something; removing it twice has no further effect.

    Args:
        path: the path template.
        final: whether what it removes cannot be restored, as with a key.
    """

    def declare(function: Callable[Concatenate[Any, P], T]) -> Method[P, T]:
        operation = Operation(
            function, "DELETE", path, Effect.REMOVES, repeatable=True, final=final
        )
        return Method(operation)

    return declare


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
