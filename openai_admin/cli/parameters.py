"""An operation's arguments as a command's arguments and options."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from .._declare.operation import Operation, Parameter
from .._wire.fields import KIND, wire_fields, wire_name
from .._wire.models import model_of
from .._wire.types import Scalar, alternatives, read
from ..directory.kinds import KINDS
from ..errors import InvalidInputError
from .values import Reader, reader, record_fields

KEYWORD = inspect.Parameter.KEYWORD_ONLY


class Arguments:
    """The arguments of one operation, on the command line.

    Args:
        operation: the operation.
        without: arguments that are not offered.
        aliases: further names of options.
        values: further known values of arguments that are lists.
    """

    def __init__(
        self,
        operation: Operation,
        *,
        without: frozenset[str] = frozenset(),
        aliases: Mapping[str, str] | None = None,
        values: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._docs = operation.parameter_docs
        self._description = operation.description
        self._aliases = aliases or {}
        self._parameters = {n: p for n, p in operation.parameters.items() if n not in without}
        self._readers: dict[str, Reader] = {
            n: reader(p.type, place=p.place).also((values or {}).get(n, ()))
            for n, p in self._parameters.items()
        }

    def signature(self) -> list[inspect.Parameter]:
        """The parameters of the command's function, as typer reads them."""
        return [
            self._argument(p) if p.place == "path" else self._option(p)
            for p in self._parameters.values()
        ]

    def values(self, written: Mapping[str, Any]) -> dict[str, Any]:
        """The operation's arguments from those of the command line; what was not given is left out.

        Raises:
            InvalidInputError: something cannot be read.
        """
        now = datetime.now(UTC)
        return {
            name: self._readers[name].read(written[name], self.written_name(name), now)
            for name in self._parameters
            if written.get(name) is not None
        }

    def written_name(self, name: str) -> str:
        """An argument's name on the command line."""
        parameter = self._parameters[name]
        if parameter.place == "path":
            return name.upper()
        return "/".join(self._flags(name))

    def names(self) -> dict[str, str]:
        """The arguments' names on the command line, by Python's."""
        return {name: self.written_name(name) for name in self._parameters}

    def reworded(self, error: InvalidInputError) -> InvalidInputError:
        """An error with the names of the command line in place of Python's."""
        return InvalidInputError(reworded(str(error), self.names()))

    def description(self) -> str:
        """What the operation does, with the names of the command line."""
        return self.renamed(self._description)

    def renamed(self, text: str, but: Collection[str] = ()) -> str:
        """A documentation's text with the names of the command line for arguments in backticks.

        Args:
            text: the text.
            but: names that mean something else in this text.
        """

        def written(found: re.Match[str]) -> str:
            name = found[1]
            known = name in self._parameters and name not in but
            return self.written_name(name) if known else found[0]

        return re.sub(r"`(\w+)`", written, text)

    def _flags(self, name: str) -> list[str]:
        return [flag(name), *filter(None, [self._aliases.get(name)])]

    def _argument(self, parameter: Parameter) -> inspect.Parameter:
        info = typer.Argument(metavar=parameter.name.upper(), help=self._help(parameter))
        return inspect.Parameter(parameter.name, KEYWORD, annotation=Annotated[str, info])

    def _option(self, parameter: Parameter) -> inspect.Parameter:
        read = self._readers[parameter.name]
        names = self._flags(parameter.name)
        if read.flag:
            off = f"--no-{parameter.name.replace('_', '-')}"
            info = typer.Option("/".join([names[0], off]), help=self._help(parameter))
            kind: Any = bool
        else:
            info = typer.Option(
                *names,
                metavar=read.metavar,
                help=self._help(parameter),
                autocompletion=_completion(read.choices, many=read.many),
            )
            kind = list[str] if read.many else str
        if parameter.required:
            return inspect.Parameter(parameter.name, KEYWORD, annotation=Annotated[kind, info])
        return inspect.Parameter(
            parameter.name, KEYWORD, annotation=Annotated[kind | None, info], default=None
        )

    def _help(self, parameter: Parameter) -> str:
        doc = self._docs[parameter.name].rstrip(".")
        doc = self.renamed(doc, but=record_fields(parameter.type))
        hint = self._readers[parameter.name].hint
        kind = KINDS.get(parameter.name)
        if kind is not None and kind.is_named(self._parameters):
            named = "ids or names" if self._readers[parameter.name].many else "or its name"
            hint = "; ".join(filter(None, (hint, named)))
        text = f"{doc} ({hint})" if doc and hint else doc or hint
        return f"{text[:1].upper()}{text[1:]}." if text else ""


def reworded(text: str, names: Mapping[str, str]) -> str:
    """A sentence with other names for the arguments that it names.

    What is in quotes is a value and stays. A name that could be any word is taken for an argument's
    only where sentences name arguments: at the beginning, and in lists of what to pass.
    """
    known = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    if not known:
        return text
    lead = r"(?P<lead>^|\b(?:[Pp]ass|or|and|needs|takes?) |[:,;] )?"
    pattern = rf"(?<!\w)'[^']*'|\"[^\"]*\"|{lead}(?<![\w.-])(?P<name>{known})(?!\w)"

    def other(found: re.Match[str]) -> str:
        name, lead = found["name"], found["lead"]
        if name is None or (lead is None and "_" not in name):
            return found[0]
        return f"{lead or ''}{names[name]}"

    return re.sub(pattern, other, text)


def flag(name: str) -> str:
    """An option as it is typed, by its parameter's name."""
    return f"--{name.replace('_', '-')}"


def _completion(choices: tuple[str, ...], *, many: bool) -> Callable[[str], list[str]] | None:
    if not choices:
        return None

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",") if many else ("", "", incomplete)
        return [before + comma + c for c in choices if c.startswith(last)]

    return complete


def most_per_page(operation: Operation) -> int | None:
    """The most items that the API takes for one page of a listing."""
    parameter = operation.parameters.get("limit")
    kinds = alternatives(parameter.type) if parameter else ()
    most = next((k.bounds.most for k in kinds if isinstance(k, Scalar)), None)
    return None if most is None else int(most)


def result_fields(operation: Operation) -> list[str]:
    """The names of a result's fields; of one item, for a listing."""
    fields = wire_fields(model_of(read(operation.result)))
    return [wire_name(a) for a in fields if a.name != KIND]
