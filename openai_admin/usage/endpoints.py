"""What each usage endpoint can be asked and what it counts, read from its declaration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, get_args

import attrs

from .._declare.arguments import compile_rule, one_of, suggest
from .._declare.operation import OPERATIONS, Operation
from .._wire.fields import KIND, wire_fields
from .._wire.types import Array, Type, alternatives, known_values, read
from ..errors import InvalidInputError
from ..resources.usage import MAX_BUCKETS, MAX_COST_BUCKETS
from ..resources.usage.results import Cost
from .line_items import DERIVED

_fields_to_group_by = compile_rule(read(Sequence[str]), in_query=True)

_NOT_FILTERS = frozenset({"start_time", "end_time", "bucket_width", "group_by", "limit", "page"})


@attrs.frozen
class Endpoint:
    """One usage endpoint, or costs.

    Attributes:
        name: as the method of `client.usage` is called.
        operation: its declaration.
        row: the class of its result rows.
        groups: the fields it can group by.
        filters: the arguments that narrow it.
        metrics: the fields it counts, in the order of its rows.
        labels: the fields that say what is called how; tables have them only where asked for.
    """

    name: str
    operation: Operation
    row: type
    groups: tuple[str, ...]
    filters: frozenset[str]
    metrics: tuple[str, ...]
    labels: tuple[str, ...] = ()

    @property
    def derived(self) -> tuple[str, ...]:
        """What it can be grouped by though the API does not (see `DERIVED`)."""
        return tuple(DERIVED) if "line_item" in self.groups else ()

    def asked(self, groups: Sequence[str]) -> list[str]:
        """What to ask the API to group by, for the endpoint to be grouped by some fields."""
        fields = [g for g in groups if g in self.groups]
        needed = any(g in self.derived for g in groups)
        return list(dict.fromkeys([*fields, "line_item"])) if needed else fields

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy its name, which says all else."""
        return _endpoint, (self.name,)

    def per_page(self, width: str) -> int:
        """The most buckets of a width on one page.

        Raises:
            InvalidInputError: the endpoint has no buckets of that width.
        """
        if self.name == "costs":
            if width != "1d":
                raise InvalidInputError(
                    f"costs come by day only: bucket_width '1d', not {width!r}."
                )
            return MAX_COST_BUCKETS
        if width not in MAX_BUCKETS:
            raise InvalidInputError(
                f"bucket_width must be {one_of(list(MAX_BUCKETS))}, not {width!r}."
            )
        return MAX_BUCKETS[width]


@cache  # read once from the declarations, which do not change
def endpoints() -> dict[str, Endpoint]:
    """Every endpoint by name, costs last."""
    names = [n.removeprefix("usage.") for n in OPERATIONS if n.startswith("usage.")]
    return {name: _endpoint(name) for name in names}


def _endpoint(name: str) -> Endpoint:
    operation = OPERATIONS[f"usage.{name}"]
    (row,) = get_args(operation.result)
    groups = _groups(operation.parameters["group_by"].type)
    fields = [a.name for a in wire_fields(row)]
    others = tuple(f for f in fields if f not in groups and f != KIND)
    filters = frozenset(operation.parameters) - _NOT_FILTERS
    if row is Cost:
        metrics = ("amount", "currency", "quantity", "quantity_unit")
        labels = tuple(f for f in others if f not in metrics)
        return Endpoint(name, operation, row, groups, filters, metrics, labels)
    return Endpoint(name, operation, row, groups, filters, others)


def _groups(group_by: Type) -> tuple[str, ...]:
    """The values that the items of a list may have."""
    lists = [a for a in alternatives(group_by) if isinstance(a, Array)]
    return tuple(value for each in lists for value in known_values(each.item))


def chosen(names: str | Iterable[str], *, width: str, filters: frozenset[str]) -> list[Endpoint]:
    """The endpoints with these names.

    ``"all"`` means all that have buckets of that width and can be narrowed by those filters.

    Raises:
        InvalidInputError: a name is unknown, a filter unknown or not one of a named endpoint's.
    """
    known = endpoints()
    everywhere = frozenset().union(*(e.filters for e in known.values()))
    for unknown in sorted(filters - everywhere):
        raise InvalidInputError(
            f"There is no filter {unknown!r}; filters are {one_of(sorted(everywhere))}"
            f"{suggest(unknown, sorted(everywhere))}"
        )
    if names == "all":
        everything = [
            e
            for e in known.values()
            if filters <= e.filters and (e.name != "costs" or width == "1d")
        ]
        if not everything:
            raise InvalidInputError(
                f"No endpoint with buckets of {width!r} has all the filters {sorted(filters)}."
            )
        return everything
    result: list[Endpoint] = []
    for name in [names] if isinstance(names, str) or not isinstance(names, Iterable) else names:
        if not isinstance(name, str):
            raise InvalidInputError(f"An endpoint is named by text, as 'costs', not by {name!r}.")
        if name not in known:
            raise InvalidInputError(
                f"There is no usage endpoint {name!r}; there are {one_of(list(known))}"
                f"{suggest(name, list(known))}"
            )
        missing = sorted(filters - known[name].filters)
        if missing:
            raise InvalidInputError(f"{name} cannot be narrowed by {one_of(missing)}.")
        result.append(known[name])
    if not result:
        raise InvalidInputError("Name at least one usage endpoint.")
    return result


def grouped(
    meant: Sequence[Endpoint], group_by: Iterable[str] | None, *, derived: bool = False
) -> list[str]:
    """The grouping fields, each once; each is one that some endpoint has.

    Args:
        meant: the endpoints.
        group_by: the fields.
        derived: whether `Endpoint.derived` are among those that endpoints have.

    Raises:
        InvalidInputError: none of them has it, or there are none: ``None`` says not to group.
    """
    if group_by is None:
        return []
    asked: list[str] = _fields_to_group_by(group_by, "group_by", True)
    fields = list(dict.fromkeys(f for e in meant for f in e.groups))
    if derived:
        fields = list(dict.fromkeys([*fields, *(f for e in meant for f in e.derived)]))
    for field in asked:
        if field not in fields:
            raise InvalidInputError(
                f"group_by: none of these endpoints has {field!r}; there are {one_of(fields)}"
                f"{suggest(field, fields)}"
            )
    return list(dict.fromkeys(asked))


def asked_by(meant: Sequence[Endpoint], groups: Sequence[str]) -> list[str]:
    """The fields to group by, and those that some of the endpoints are asked for instead."""
    return list(dict.fromkeys([*groups, *(g for e in meant for g in e.asked(groups))]))
