"""A group of operations, on either client.

::

    class Projects(Resource[Mode], name="projects"):
        @post("/organization/projects", effect=Effect.ADDS)
        def create(self, *, name: str, geography: str | None = ...) -> Project:
            '''Create a project.'''
            ...

Names in ``{}`` fill the path; the rest become the query (GET, DELETE) or the JSON body (POST). A
default of ``...`` says: may be left out, and is then not sent.
"""

from __future__ import annotations

import types
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, Generic, TypeVar, get_type_hints, overload

from .._forks import importing
from .kept import kept
from .operation import OPERATIONS, CallExecutor, Operation
from .pagination import Portal


class Async:
    """Marks a resource whose methods are awaited."""


class Blocking:
    """Marks a resource whose methods block."""


class AsyncResponse:
    """Marks a resource whose methods are awaited, and give a `Response`."""


class BlockingResponse:
    """Marks a resource whose methods block, and give a `Response`."""


Mode = TypeVar("Mode", covariant=True)
R = TypeVar("R", bound="Resource[Any]")
R_co = TypeVar("R_co", bound="Resource[Any]", covariant=True)


class Declaration(ABC):
    """A declared method, until its class is created: then functions replace it.

    Attributes:
        function: what was declared.
        operation: the operation that it is; ``None`` where it makes several requests.
    """

    operation: Operation | None = None

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        # Only type checkers ask what `self` is, and at run time that class is not there yet.
        function.__annotations__.pop("self", None)

    # What follows is cached: evaluating annotations takes time, and an alias is the same function
    # under another name.

    @kept
    def hints(self) -> Mapping[str, Any]:
        """The annotations, evaluated, without their constraints."""
        return get_type_hints(self.function)

    @kept
    @abstractmethod
    def asynchronous(self) -> Callable[..., Any]:
        """The method of an asynchronous client's resource."""

    @kept
    @abstractmethod
    def blocking(self) -> Callable[..., Any]:
        """The method of a blocking client's resource."""

    @abstractmethod
    def responding(self, *, blocking: bool) -> Any:
        """What a resource has in its place that gives a `Response`."""


class Resource(Generic[Mode]):
    """A group of operations, for one of the two clients.

    Each resource is a class with asynchronous methods, and has a twin with blocking ones. Both are
    made from the same declarations when the class is; all that a call does is in plain methods.
    Those whose methods give a `Response` are made when `with_response` first needs them.

    Attributes:
        resource_name: its place in the tree, such as ``"projects.users"``.
    """

    resource_name: ClassVar[str] = ""
    _asynchronous: ClassVar[type[Resource[Any]]]
    _blocking: ClassVar[type[Resource[Any]]]
    _declared: ClassVar[Mapping[str, Declaration]] = MappingProxyType({})
    _blocks: ClassVar[bool] = False
    _responds: ClassVar[bool] = False

    def __init_subclass__(
        cls, *, name: str = "", twin_of: type[Resource[Any]] | None = None, **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        if twin_of is not None:
            return  # it is like its twin, except for the methods in its body
        declared = {n: v for n, v in vars(cls).items() if isinstance(v, Declaration)}
        has_parts = any(isinstance(v, part) for v in vars(cls).values())
        if name:
            cls.resource_name = name
            _register(name, declared)
        cls._declared = {**cls._declared, **declared}
        for attribute, declaration in declared.items():
            setattr(cls, attribute, declaration.asynchronous)
        cls._asynchronous = cls._blocking = cls
        bases: list[Any] = [b for b in cls.__bases__ if issubclass(b, Resource)]
        twins = [b._blocking for b in bases if getattr(b, "_blocking", b) is not b]
        if declared or has_parts or twins:
            body = {n: d.blocking for n, d in declared.items()}
            cls._blocking = cls._twin({**body, "_blocks": True}, *twins)

    @classmethod
    def _twin(cls, body: dict[str, Any], *bases: Any) -> Any:
        """A class like this one, except for some methods."""
        face = {n: getattr(cls, n) for n in ("__module__", "__qualname__", "__doc__")}
        return types.new_class(
            cls.__name__, (cls, *bases), {"twin_of": cls}, lambda space: space.update(face | body)
        )

    @classmethod
    @cache
    def _responding(cls, *, blocking: bool) -> Any:
        """The twin whose methods give a `Response`."""
        body = {n: d.responding(blocking=blocking) for n, d in cls._declared.items()}
        return cls._twin({**body, "_blocks": blocking, "_responds": True})

    def __init__(self, caller: CallExecutor, portal: Portal | None = None) -> None:
        self._caller = caller
        self._portal = portal

    @classmethod
    def of(
        cls, caller: CallExecutor, portal: Portal | None = None, *, responds: bool = False
    ) -> Any:
        """The resource of a client: with blocking methods where there is a portal to block on.

        Args:
            caller: sends its calls; where it `responds`, one that gives a `Response` for each.
            portal: what it blocks on.
            responds: whether its methods give a `Response`.
        """
        return cls._class_of(blocking=portal is not None, responds=responds)(caller, portal)

    @classmethod
    def _class_of(cls, *, blocking: bool, responds: bool) -> Any:
        """The one of its classes with methods of this kind."""
        if responds:
            return cls._responding(blocking=blocking)
        return cls._blocking if blocking else cls._asynchronous

    def __dir__(self) -> list[str]:
        # What is offered while one types: what is the API's.
        return [name for name in super().__dir__() if name not in {"of", "resource_name"}]

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError(
            "A client and its resources can be neither pickled nor copied; create a new client."
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._caller!r}>"


class part(Generic[R_co]):  # noqa: N801 - a decorator
    """Another resource of the same client, made when it is first asked for, and kept.

    A class has the resource's class in its place, with the methods that its instances will have:
    so does `unittest.mock.create_autospec` of a client's class.

    Args:
        function: gives the resource's class, which it may import.
    """

    def __init__(self, function: Callable[[Any], type[R_co]]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, resource: None, owner: Any) -> type[R_co]: ...
    @overload
    def __get__(self, resource: Resource[Any], owner: Any) -> R_co: ...
    def __get__(self, resource: Resource[Any] | None, owner: Any) -> Any:
        with importing():
            kind = self._function(resource)
        if resource is None:
            return self._class(kind, owner)
        # No lock, for the reason that `kept` gives.
        return vars(resource).setdefault(self._name, self._made(kind, resource))

    def _class(self, kind: type[Resource[Any]], owner: type[Resource[Any]]) -> Any:
        return kind._class_of(blocking=owner._blocks, responds=owner._responds)

    def _made(self, kind: type[Resource[Any]], resource: Resource[Any]) -> Any:
        return kind.of(resource._caller, resource._portal, responds=resource._responds)


def _register(name: str, declared: dict[str, Declaration]) -> None:
    for attribute, declaration in declared.items():
        function, operation = declaration.function, declaration.operation
        if attribute != function.__name__:
            continue  # an alias
        # Errors and warnings should name a method as the caller wrote it.
        function.__qualname__ = f"{name}.{attribute}"
        if operation is not None:
            operation.name = f"{name}.{attribute}"
            OPERATIONS[operation.name] = operation
