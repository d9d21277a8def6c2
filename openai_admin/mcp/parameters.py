"""The parameters of operations as tools list them, and what is said of both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from .._declare.operation import Operation, Parameter
from .._declare.pagination import Paging
from .._wire.fields import secret_paths
from .._wire.types import Nullable, Record, Time, alternatives, field_types, read
from .names import Named
from .schema import argument_schema, described_as
from .times import EFFECTIVE, PASSED
from .tool import Argument

GO_ON: Mapping[Paging, str] = {
    Paging.LAST_ID: "go on with after set to last_id",
    Paging.LAST_ITEM: "go on with after set to last_id",
    Paging.NEXT: "go on with after set to next",
    Paging.NEXT_PAGE: "go on with page set to next_page",
}
"""How each kind of listing goes on."""

_BRACKETS = "[]"
_UNIX_TIME = "in Unix seconds"
_SAID_OTHERWISE = {("audit_logs.list", EFFECTIVE): "when the events happened."}
_SAID_OF_SEED: Mapping[tuple[str, str], str] = {
    ("audit_logs.list", EFFECTIVE): (
        "when the events happened: from `gte` or after `gt`, until before `lt` or up to `lte`."
    ),
}
"""What is said of arguments that Python takes in more ways than JSON."""
_CLAUSE = re.compile(r"(?<=[.;:,])\s+")


def arguments_of(
    operation: Operation, parameters: Sequence[Named], *, seed_names: bool
) -> tuple[Argument, ...]:
    """What a tool takes.

    Args:
        operation: its operation.
        parameters: the operation's parameters that it has.
        seed_names: write them as the published server does.
    """
    return tuple(_argument(operation, each, parameters, seed_names) for each in parameters)


def _argument(
    operation: Operation, named: Named, offered: Sequence[Named], seed_names: bool
) -> Argument:
    parameter = operation.parameters[named.argument]
    doc = (
        (_SAID_OF_SEED if seed_names else _SAID_OTHERWISE).get((operation.name, parameter.name))
        or operation.parameter_docs[named.argument]
        or f"{parameter.name.replace('_', ' ')}."
    )
    doc = _as_offered(doc, operation, offered)
    schema = argument_schema(parameter.type)
    is_time = any(isinstance(kind, Time) for kind in alternatives(parameter.type))
    if is_time and seed_names:
        doc, schema = f"{doc.rstrip('.')}; {_UNIX_TIME}.", {"type": "integer"}
    elif not seed_names and (is_time or parameter.name == EFFECTIVE):
        doc, schema = f"{doc.rstrip('.')}: {PASSED[parameter.name]}.", {"type": "string"}
    bare = named.name.removesuffix(_BRACKETS)
    name = named.name if seed_names else bare
    known = dict.fromkeys([bare, bare + _BRACKETS, parameter.wire, parameter.name])
    if not parameter.is_array:
        del known[bare + _BRACKETS]
    return Argument(
        name=name,
        passed_as=named.argument,
        required=named.required,
        schema=described_as(schema, doc),
        type=parameter.type,
        aliases=tuple(alias for alias in known if alias != name),
    )


def clearable_in(operation: Operation, parameters: Sequence[Named]) -> tuple[str, ...]:
    """What of an operation's body may be null, by the names of a tool's parameters."""
    body = [
        (named, operation.parameters[named.argument])
        for named in parameters
        if operation.parameters[named.argument].place == "body"
    ]
    return tuple(name for named, parameter in body for name in _nullable_in(named, parameter))


def _nullable_in(named: Named, parameter: Parameter) -> Iterator[str]:
    if isinstance(parameter.type, Nullable) and not named.required:
        yield named.name
    for kind in alternatives(parameter.type):
        if isinstance(kind, Record):
            for field, inner in field_types(kind.cls).items():
                if isinstance(inner, Nullable) and field not in kind.required:
                    yield f"{named.name}.{field}"


def description_of(operation: Operation, parameters: Sequence[Named]) -> str:
    """What a tool does, without words on parameters that it does not have."""
    text = _as_offered(operation.description, operation, parameters)
    if operation.paging is Paging.NEXT_PAGE:
        return (
            f"{text} An answer that would be too long is returned in parts: go on with page set to"
            " next_page and the other arguments unchanged. Recent days are restated, and today is"
            " incomplete."
        )
    if operation.paging is not None:
        return f"{text} One page; while has_more is true, {GO_ON[operation.paging]}."
    if secret_paths(read(operation.result)):
        return (
            f"{text} The field secret has the value: show it to the user once, and never repeat it."
        )
    return text


def _as_offered(text: str, operation: Operation, offered: Sequence[Named]) -> str:
    """A documentation's text for who knows the offered parameters, by the tool's names of them.

    What names another, or something that only Python has, is left out by the clause.
    """
    text = " ".join(text.split()).replace(": True}", ": true}").replace(": False}", ": false}")
    for named in offered:
        text = text.replace(f"`{named.argument}`", f"`{named.name.removesuffix(_BRACKETS)}`")
    known = {word for named in offered for word in (named.argument, named.name)}
    others = [re.escape(name) for name in operation.parameters if name not in known]
    unknown = re.compile(rf"`(?:{'|'.join([*others, 'None'])}|[A-Z]\w*\.\w+)`")
    if not unknown.search(text):
        return text
    kept = " ".join(each for each in _CLAUSE.split(text) if not unknown.search(each))
    return re.sub(r"[;:,]$", ".", kept)
