"""Which handler answers a request: bound to declared operations, found by path and method."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from .._declare.methods import operation_of
from .._declare.operation import Operation
from .auth import Credential, required_scope
from .body import NO_BODY, BodyRules
from .query import Query
from .replies import EmulatedError
from .store import Store
from .table import Record


@attrs.frozen(kw_only=True)
class Call:
    """One request as a handler sees it: who asks what, checked against the operation."""

    store: Store
    path: Mapping[str, str]
    """The path arguments, percent-decoded, by the names in the operation's template."""
    query: Query
    body: Record
    """The JSON object that was sent; empty if there was none."""
    credential: Credential

    @property
    def actor(self) -> Record:
        """The caller as audit log events name it."""
        return self.credential.actor

    def audit(self, event_type: str, payload: Record, *, project: Record | None = None) -> None:
        """Write an audit log event in the caller's name; see `Store.audit`."""
        self.store.audit(event_type, payload, actor=self.actor, project=project)


Handler = Callable[[Call], Record | Awaitable[Record]]
HandlerT = TypeVar("HandlerT", bound=Handler)


class Handlers:
    """Handlers by the operation that each of them answers."""

    def __init__(self) -> None:
        self.bound: dict[str, tuple[Operation, Handler]] = {}

    def emulates(self, method: Callable[..., Any]) -> Callable[[HandlerT], HandlerT]:
        """Bind the decorated function to a declared operation: `@emulates(Projects.create)`."""
        operation = operation_of(method)

        def bind(handler: HandlerT) -> HandlerT:
            if operation.name in self.bound:
                raise ValueError(f"{operation.name} has a handler already")
            self.bound[operation.name] = (operation, handler)
            return handler

        return bind


# Global, as OPERATIONS is: handler modules fill it when they are imported.
HANDLERS = Handlers()
emulates = HANDLERS.emulates


@attrs.frozen
class Route:
    """What answers one kind of request, with all that can be known before one comes."""

    name: str
    """The name of the operation."""
    method: str
    path: str
    """The template, without the base path."""
    handler: Handler
    scope: str
    path_names: tuple[str, ...] = ()
    query_names: frozenset[str] = frozenset()
    body_rules: BodyRules = NO_BODY
    in_project: bool = False
    """Whether it is about what a project has, rather than about the project."""

    @classmethod
    def of(cls, operation: Operation, handler: Handler) -> Route:
        """The route of an operation and its handler."""
        parameters = operation.parameters.values()
        body = {p.wire: p for p in parameters if p.place == "body"}
        return cls(
            name=operation.name,
            method=operation.method,
            path=operation.path,
            handler=handler,
            scope=required_scope(operation.name, operation.method),
            path_names=tuple(s[1:-1] for s in _segments(operation.path) if s.startswith("{")),
            query_names=frozenset(
                p.wire.partition("[")[0] for p in parameters if p.place == "query"
            ),
            body_rules=BodyRules(
                {name: p.type for name, p in body.items()},
                required=[name for name, p in body.items() if p.required],
            ),
            in_project="/{project_id}/" in operation.path and operation.name != "projects.archive",
        )


class _Node:
    """One segment of the tree of path templates."""

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.placeholder: _Node | None = None
        self.routes: dict[str, Route] = {}


class Router:
    """Finds the route of a request; a literal path segment wins over a path argument."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            self._add(route)

    def find(self, method: str, path: str, decode: Callable[[str], str]) -> tuple[Route, Record]:
        """The route of a request and its path arguments, or the API's 404 or 405.

        `path` is as it was sent, without the base path; `decode` undoes percent-encoding of one
        segment, so that an encoded slash stays inside its argument.
        """
        known = False
        segments = [decode(segment) for segment in _segments(path)]
        for node, arguments in _matches(self._root, segments):
            known = known or bool(node.routes)
            route = node.routes.get(method)
            if route is not None:
                return route, dict(zip(route.path_names, arguments, strict=True))
        raise _method_not_allowed(method, path) if known else _no_such_url(method, path)

    def _add(self, route: Route) -> None:
        node = self._root
        for segment in _segments(route.path):
            if segment.startswith("{"):
                node.placeholder = node.placeholder or _Node()
                node = node.placeholder
            else:
                node = node.literals.setdefault(segment, _Node())
        node.routes[route.method] = route


def _matches(node: _Node, segments: Sequence[str]) -> Iterable[tuple[_Node, list[str]]]:
    if not segments:
        yield node, []
        return
    segment, rest = segments[0], segments[1:]
    literal = node.literals.get(segment)
    if literal is not None:
        yield from _matches(literal, rest)
    if node.placeholder is not None and segment:
        for found, arguments in _matches(node.placeholder, rest):
            yield found, [segment, *arguments]


def _segments(path: str) -> list[str]:
    return path.removeprefix("/").split("/")


def _no_such_url(method: str, path: str) -> EmulatedError:
    return EmulatedError(404, f"Invalid URL ({method} /v1{path})", code="unknown_url")


def _method_not_allowed(method: str, path: str) -> EmulatedError:
    return EmulatedError(
        405,
        f"Not allowed to {method} on /v1{path}. "
        "(HINT: Perhaps you meant to use a different HTTP method?)",
        code="method_not_supported",
    )
