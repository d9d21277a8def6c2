"""What an operation of the API is: read once from its declaration, used by every reader.

The clients, the CLI, the MCP server, the emulator and the contract test all work from the
`Operation` that a declared method becomes (see `resource`).
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Literal, Protocol, get_args, get_type_hints

import attrs

from .._wire.http import Request, build_request
from .._wire.types import Type, read, takes_list
from .arguments import Rule, Wire, compile_rule
from .effect import Effect
from .pagination import Paging

Check = Callable[[Mapping[str, Any]], None]
"""Looks at all arguments of a call together and raises `InvalidInputError`."""

OPERATIONS: dict[str, Operation] = {}
"""Every operation declared so far, by name; `resources.load` makes that all of them.
Global: it is the registry that the other readers of a declaration walk."""


@attrs.frozen
class Call:
    """One call, ready to be sent.

    Attributes:
        name: the operation's name, or the method and path of an undeclared one.
        effect: what it does.
        repeatable: whether it may be sent twice.
        arguments: what was passed.
        request: the request.
        answer: what the answer decodes into; `Any` for decoded JSON.
    """

    name: str
    effect: Effect
    repeatable: bool
    arguments: Mapping[str, Any]
    request: Request
    answer: Any


class CallExecutor(Protocol):
    """What sends a call and gives back its decoded result (see `client.Caller`)."""

    @property
    def check_inputs(self) -> bool:
        """Whether arguments are checked before they are sent."""
        ...

    async def execute(self, call: Call) -> Any:
        """Send a call, with retries and pacing, and decode its answer."""
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
        effect: whether it reads, changes or destroys.
        repeatable: whether sending it twice does what sending it once does.
        paging: how it pages, for listings.
        function: the method as it was declared.
        signature: its signature, ``self`` included.
        parameters: its arguments by Python name, in the order of the signature.
        answer: the declared return type, which a whole answer decodes into.
        result: the same; of one item, for listings, whose answer is a `Page`.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        method: str,
        path: str,
        effect: Effect,
        repeatable: bool,
        paging: Paging | None = None,
        check: Check | None = None,
    ) -> None:
        self.name = function.__name__
        self.method = method
        self.path = path
        self.effect = effect
        self.repeatable = repeatable
        self.paging = paging
        self.function = function
        self.__doc__ = function.__doc__
        self.signature = inspect.signature(function)
        self._check = check
        hints = get_type_hints(function, include_extras=True)
        self.answer: Any = hints.pop("return")
        self.result: Any = get_args(self.answer)[0] if paging else self.answer
        self.parameters = self._read_parameters(hints)
        self._names = frozenset(self.parameters)
        self._required = frozenset(p.name for p in self.parameters.values() if p.required)
        kinds = self.signature.parameters
        keyword_only = inspect.Parameter.KEYWORD_ONLY
        self._positional = [n for n in self.parameters if kinds[n].kind is not keyword_only]
        self._has_body = any(p.place == "body" for p in self.parameters.values())

    def _read_parameters(self, hints: Mapping[str, Any]) -> dict[str, Parameter]:
        in_path = set(re.findall(r"\{(\w+)\}", self.path))
        place: Literal["query", "body"] = "body" if self.method == "POST" else "query"
        parameters: dict[str, Parameter] = {}
        for name, given in list(self.signature.parameters.items())[1:]:
            described = read(hints[name])
            wire = described.mark(Wire)
            parameters[name] = Parameter(
                name=name,
                wire=wire.name if wire else name,
                place="path" if name in in_path else place,
                required=given.default is inspect.Parameter.empty,
                type=described,
                rule=compile_rule(described),
            )
        missing = in_path - parameters.keys()
        if missing:
            raise TypeError(f"{self.path} has no argument for {sorted(missing)}")
        return parameters

    # The next three are cached: each command and each tool asks for them, and parsing takes time.

    @cached_property
    def summary(self) -> str:
        """The docstring's first sentence."""
        paragraph = " ".join(inspect.cleandoc(self.__doc__ or "").partition("\n\n")[0].split())
        return re.split(r"(?<=[.!?])\s", paragraph, maxsplit=1)[0]

    @cached_property
    def description(self) -> str:
        """The docstring without its sections."""
        return re.split(r"\n\n?(?:Args|Raises|Returns):\n", inspect.cleandoc(self.__doc__ or ""))[0]

    @cached_property
    def parameter_docs(self) -> dict[str, str]:
        """What the docstring's ``Args:`` section says of each argument."""
        docs = dict(COMMON_PARAMETER_DOCS)
        docs.update(_argument_docs(inspect.cleandoc(self.__doc__ or "")))
        return {name: docs.get(name, "") for name in self.parameters}

    def bind(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What was passed, by Python name.

        Raises:
            TypeError: an argument is missing or unknown, worded as Python words it.
        """
        # Binding by the signature costs more than all else before the request is sent; a call
        # that is plainly right does without.
        if len(args) <= len(self._positional) and self._names.issuperset(kwargs):
            arguments = dict(zip(self._positional, args, strict=False))
            if arguments.keys().isdisjoint(kwargs):
                arguments.update(kwargs)
                if self._required.issubset(arguments):
                    return arguments
        arguments = self.signature.bind(None, *args, **kwargs).arguments
        del arguments["self"]
        return arguments

    def prepare(self, arguments: Mapping[str, Any], *, check: bool = True) -> Call:
        """The request for some arguments.

        Raises:
            InvalidInputError: an argument is not one the API takes.
        """
        path: dict[str, Any] = {}
        query: list[tuple[str, Any]] = []
        body: dict[str, Any] = {}
        for name, value in arguments.items():
            parameter = self.parameters[name]
            if parameter.place == "path":
                path[name] = value
            elif parameter.place == "query":
                if value is not None:
                    query.append((parameter.wire, parameter.rule(value, name, check)))
            else:
                body[parameter.wire] = parameter.rule(value, name, check)
        if check and self._check is not None:
            self._check(arguments)
        request = build_request(
            self.method, self.path, path=path, query=query, body=body, has_body=self._has_body
        )
        return Call(self.name, self.effect, self.repeatable, arguments, request, self.answer)

    def __repr__(self) -> str:
        return f"<Operation {self.name}: {self.method} {self.path}>"


COMMON_PARAMETER_DOCS: Mapping[str, str] = {
    "limit": "items on one page, 1 to 100; the API's default is 20.",
    "after": "the cursor to begin behind, as a page gave it.",
    "before": "the cursor to begin in front of; the walk then goes backwards.",
    "order": "by time of creation, `asc` or `desc`.",
    "start_time": "the beginning, inclusive.",
    "end_time": "the end, exclusive; now, when left out.",
    "bucket_width": "the width of a bucket: `1m`, `1h` or `1d`, the API's default.",
    "group_by": "the fields to have a row for each value of.",
    "project_ids": "only these projects.",
    "user_ids": "only these users.",
    "api_key_ids": "only these API keys.",
    "models": "only these models.",
    "page": "the cursor of the page to begin with, as `next_page` gave it.",
    "project_id": "the project's id, such as `proj_abc`.",
    "user_id": "the user's id, such as `user-abc`.",
    "group_id": "the group's id.",
    "role_id": "the role's id.",
}
"""What an argument means wherever its operation's docstring says nothing else of it."""


def _argument_docs(doc: str) -> dict[str, str]:
    """The ``Args:`` section of a docstring, by argument."""
    section = re.search(r"^Args:\n((?:[ \t]+.*\n?|\n)+)", doc, re.MULTILINE)
    if section is None:
        return {}
    entries = re.split(r"^(?=\w+: )", textwrap.dedent(section[1]), flags=re.MULTILINE)
    pairs = (e.partition(": ") for e in entries if e.strip())
    return {name.strip(): " ".join(text.split()) for name, _, text in pairs}
