"""What an operation of the API is: read once from its declaration, used by every reader.

The clients, the CLI, the MCP server, the emulator and the contract test all work from the
`Operation` that a declared method becomes (see `resource`).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from functools import reduce
from typing import Any, Literal, Protocol, get_args, get_type_hints

import attrs
import msgspec

from .._wire.http import Request, build_request, encode_parameter
from .._wire.types import Array, Bounds, Choice, Nullable, Type, not_empty, read, takes_list
from ..events import Event
from .arguments import Rule, Wire, compile_rule
from .documentation import Docstring
from .effect import Effect, Predicate, never
from .kept import kept
from .pagination import PageCursor, Paging

Check = Callable[[Mapping[str, Any]], None]
"""Looks at all arguments of a call together and raises `InvalidInputError`."""

Walk = Callable[[str, Mapping[str, Any], Callable[[], datetime | None]], PageCursor]
"""Makes the cursors of one pass through a listing from the operation's name, its arguments, and
what tells the server's time."""


OPERATIONS: dict[str, Operation] = {}
"""Every operation declared so far, by name; `resources.load` makes that all of them.
Global: it is the registry that the other readers of a declaration go through."""


class Call(msgspec.Struct, frozen=True):  # a struct, as each call makes one
    """One call, ready to be sent.

    Attributes:
        name: the operation's name, or the method and path of an undeclared one.
        effect: what it does.
        repeatable: whether it may be sent twice.
        arguments: what was passed, iterables as lists.
        request: the request.
        answer: what the answer decodes into; `Any` for decoded JSON.
    """

    name: str
    effect: Effect
    repeatable: bool
    arguments: Mapping[str, Any]
    request: Request
    answer: Any


class Announce(Protocol):
    """Passes an event on to the client's log and listener."""

    def __call__(self, kind: Callable[..., Event], /, **what: Any) -> None:
        """Make an event of a kind and pass it on; ``call`` and ``operation`` are filled in."""
        ...


class CallExecutor(Protocol):
    """Sends a call and returns its decoded result (see `session.Caller`).

    Attributes:
        check_inputs: whether arguments are checked before they are sent.
    """

    check_inputs: bool

    def execute(self, call: Call) -> Coroutine[Any, Any, Any]:
        """Send a call, with retries and pacing, and decode its answer."""
        ...

    def server_now(self) -> datetime | None:
        """The server's time, to about a second; ``None`` while no answer has told it."""
        ...

    def check_usable(self) -> None:
        """Raise `ClientClosedError` once the client is closed."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Sleep; raise `ClientClosedError` at once when the client is or gets closed."""
        ...

    def announcer(self, operation: str) -> Announce:
        """What tells the client's listener of events that belong together, as those of a call."""
        ...

    @property
    def base_url(self) -> str:
        """The address of the API."""
        ...

    @property
    def lacks_certificate(self) -> bool | None:
        """Whether the API is shown no client certificate; ``None`` where that is not known."""
        ...

    def organization_told(self) -> str | None:
        """The organization that the newest answers name; ``None`` while none has named one."""
        ...


@attrs.frozen
class Parameter:
    """One argument of an operation.

    Attributes:
        name: its Python name.
        wire: its name on the wire.
        place: where it goes.
        required: whether it must be passed.
        type: what it may be.
        rule: puts a value into its wire form, and checks it.
    """

    name: str
    wire: str
    place: Literal["path", "query", "body"]
    required: bool
    type: Type = attrs.field(repr=False)
    rule: Rule = attrs.field(repr=False)

    @property
    def is_array(self) -> bool:
        """Whether it takes a list."""
        return takes_list(self.type)


class Operation:
    """One operation of the API, read from its declaration.

    Attributes:
        name: its place in the tree, such as ``"projects.users.list"``.
        method: the HTTP method.
        path: the path template below the base address.
        effect: what it does to what is there.
        repeatable: whether sending it twice has the effect of sending it once.
        paging: how it pages, for listings.
        walk: makes the cursors of a pass, for listings that hold answers against what was asked.
        grants: whether a call gives somebody power: a role, a key, ownership, a permission.
        final: whether what it does cannot be undone.
        function: the method as it was declared.
        signature: its signature, ``self`` included.
        parameters: its arguments by Python name, in the order of the signature.
        answer: the declared return type, which a whole answer decodes into.
        result: the same; for listings, whose answer is a `Page`, the type of one item.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        method: str,
        path: str,
        effect: Effect,
        *,
        repeatable: bool,
        paging: Paging | None = None,
        walk: Walk | None = None,
        grants: Predicate = never,
        final: bool = False,
        check: Check | None = None,
    ) -> None:
        self.name = function.__name__
        self.method = method
        self.path = path
        self.effect = effect
        self.repeatable = repeatable
        self.paging = paging
        self.walk = walk
        self.grants = grants
        self.final = final
        self.function = function
        self.signature = inspect.signature(function)
        self._check = check
        hints = get_type_hints(function, include_extras=True)
        self.answer: Any = hints.pop("return")
        self.result: Any = get_args(self.answer)[0] if paging else self.answer
        self.parameters = self._read_parameters(hints)
        self._has_body = any(p.place == "body" for p in self.parameters.values())

    def of(self, client: Any) -> Callable[..., Any]:
        """The method of a client that makes this operation's calls."""
        method: Callable[..., Any] = reduce(getattr, self.name.split("."), client)
        return method

    def _read_parameters(self, hints: Mapping[str, Any]) -> dict[str, Parameter]:
        in_path = set(re.findall(r"\{(\w+)\}", self.path))
        place: Literal["query", "body"] = "body" if self.method == "POST" else "query"
        parameters: dict[str, Parameter] = {}
        for name, given in list(self.signature.parameters.items())[1:]:
            described = read(hints[name])
            in_query = place == "query" and name not in in_path
            if in_query:
                described = not_empty(described)
            wire = described.mark(Wire)
            parameters[name] = Parameter(
                name=name,
                wire=wire.name if wire else name,
                place="path" if name in in_path else place,
                required=given.default is inspect.Parameter.empty,
                type=described,
                rule=compile_rule(described, in_query=in_query),
            )
        missing = in_path - parameters.keys()
        if missing:
            raise TypeError(f"{self.path} has no argument for {sorted(missing)}")
        return parameters

    @kept  # each command and each tool asks for it, and parsing takes time
    def docs(self) -> Docstring:
        """The declaration's documentation."""
        return Docstring.of(self.function, self.parameters)

    @property
    def summary(self) -> str:
        """The documentation's first sentence."""
        return self.docs.summary

    @property
    def description(self) -> str:
        """The documentation without its sections."""
        return self.docs.description

    @property
    def parameter_docs(self) -> Mapping[str, str]:
        """What the documentation says about each argument."""
        return self.docs.arguments

    def prepare(self, arguments: Mapping[str, Any], *, check: bool = True) -> Call:
        """The request for some arguments.

        Raises:
            InvalidInputError: an argument is not one that the API accepts.
        """
        path: dict[str, Any] = {}
        query: list[str] = []
        body: dict[str, Any] = {}
        listed: dict[str, Any] = {}  # in place of iterables, which may be read only once
        choices = self._choices
        for name, value in arguments.items():
            parameter = self.parameters[name]
            if parameter.place == "query":
                if value is None:
                    continue
                if name in choices and (encoded := choices[name].encoded(value)):
                    query.append(encoded)
                    if type(value) is list:
                        listed[name] = value[:]
                    continue
                sent = parameter.rule(value, name, check)
                query.append(encode_parameter(parameter.wire, sent))
                if type(sent) is list:
                    listed[name] = sent
            elif parameter.place == "path":
                path[name] = value
            else:
                sent = body[parameter.wire] = parameter.rule(value, name, check)
                if type(sent) is list:
                    listed[name] = sent
        if listed:
            arguments = {**arguments, **listed}
        if check and self._check is not None:
            self._check(arguments)
        request = build_request(
            self.method,
            self.path,
            path=path,
            query="&".join(query),
            body=body,
            has_body=self._has_body,
        )
        return Call(self.name, self.effect, self.repeatable, arguments, request, self.answer)

    @kept  # when the first call is made: importing this package makes all operations
    def _choices(self) -> Mapping[str, _Choices]:
        """The choices among the parameters of the query, by name."""
        return {
            name: _Choices(parameter.wire, values, parameter.is_array)
            for name, parameter in self.parameters.items()
            if parameter.place == "query" and (values := _choices_of(parameter.type))
        }

    def __repr__(self) -> str:
        return f"<Operation {self.name}: {self.method} {self.path}>"


class _Choices:  # private: what a query encodes fast
    """A parameter of choices: a known one needs no check, and its encoding is known too.

    Args:
        wire: the parameter's name on the wire.
        values: the choices.
        listed: whether it takes a list of them.
    """

    def __init__(self, wire: str, values: tuple[str, ...], listed: bool) -> None:
        self._known = {value: encode_parameter(wire, value) for value in values}
        self._listed = listed

    def encoded(self, value: Any) -> str | None:
        """What a value is sent as; nothing for what has to be looked at."""
        if not self._listed:
            return self._known.get(value) if type(value) is str else None
        if type(value) is not list:
            return None
        try:
            return "&".join([self._known[each] for each in value])
        except (KeyError, TypeError):
            return None


def _choices_of(described: Type) -> tuple[str, ...]:
    """The texts that an argument is one of, or a list of."""
    match described:
        case Nullable(of):
            return _choices_of(of)
        case Array(Choice(values, marks=()), Bounds(least=None | 1, most=None), marks=()):
            pass
        case Choice(values, marks=()):
            pass
        case _:
            return ()
    return tuple(value for value in values if type(value) is str)
