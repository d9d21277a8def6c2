"""Nodes into the models, by cattrs; each mistake is noted where it stands, and reading goes on."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
from cattrs import Converter

from ..._declare.arguments import one_of, shown, suggest
from ...errors import InvalidInputError
from ..sections import SECTIONS
from . import allowed
from .checks import check_labels, check_list, finished
from .model import Document
from .nodes import Entry, ListNode, MappingNode, Node, ScalarNode
from .scalars import NotReadError, amount, any_scalar, boolean, whole_number
from .shorthand import ALONE, NOT_IN_FILE, SHORTHAND, TEMPLATES, is_missing
from .spot import Reading, Spot, WrongError

_MOST_NAMED = 8  # choices, where one of them is suggested

Hook = Callable[[Spot, Any], Any]


def structured(root: MappingNode, reading: Reading) -> Document:
    """What the top of a file says.

    Raises:
        DocumentError: something is wrong with the file.
    """
    reading.places[()] = root.place
    document = _try(Spot(root, (), None, reading), Document)
    reading.mistakes.check()
    made: Document = document
    return made


def _model_hook(cls: Any) -> Hook:
    hints = {n: h for n, h in get_type_hints(cls).items() if (cls, n) not in NOT_IN_FILE}
    required = {a.name for a in attrs.fields(cls) if a.default is attrs.NOTHING}

    def hook(spot: Spot, _: Any) -> Any:
        spot = _spelled_out(spot, cls)
        found: dict[str, Any] = {}
        missing = set(required)
        for name, child in _children(spot, cls):
            if name in hints:
                missing.discard(name)
                found[name] = _try(child, hints[name])
            elif cls is not Document or not name.startswith(TEMPLATES):
                _unknown(spot, child, name, tuple(hints))
        for name in sorted(missing):
            spot.note(f"{name!r} is missing here.")
        found = {name: value for name, value in found.items() if value is not _WRONG}
        if required - found.keys():
            raise WrongError
        return finished(spot, cls(**found))

    return hook


def _spelled_out(spot: Spot, cls: type) -> Spot:
    """What stands in short as the mapping that it stands for."""
    if isinstance(spot.node, MappingNode):
        return spot
    short = SHORTHAND.get(cls)
    is_list = isinstance(spot.node, ListNode)
    if short is None or spot.is_null or (is_list and (cls, short) not in ALONE):
        raise spot.wrong_kind(f"a mapping or the {short} alone" if short else "a mapping")
    entries = {short: Entry(spot.place, spot.node)}
    return attrs.evolve(spot, node=MappingNode(spot.place, entries))


def _children(spot: Spot, cls: type | None) -> Iterator[tuple[str, Spot]]:
    """What stands in a mapping, by key; of a model where there is a class."""
    node = spot.node
    if not isinstance(node, MappingNode):
        raise spot.wrong_kind("a mapping")
    for key, entry in node.entries.items():
        path = (*spot.path, key)
        spot.reading.places[path] = entry.place
        yield key, Spot(entry.node, path, (cls, key) if cls else spot.field, spot.reading)


def _unknown(spot: Spot, child: Spot, name: str, known: tuple[str, ...]) -> None:
    meant = suggest(name, known)
    takes = "" if "did you mean" in meant else f"; allowed are {one_of(known)}"
    spot.note(f"there is no key {shown(name)} here{takes}{meant}", at=child.place)


def _mapping(spot: Spot, hint: Any) -> dict[str, Any]:
    of = get_args(hint)[1]
    known = tuple(allowed.keys(spot.field)) if spot.field else ()
    made: dict[str, Any] = {}
    for label, child in _children(spot, None):
        if known and label not in known:
            _unknown(spot, child, label, known)
        else:
            made[label] = _try(child, of)
    made = {label: value for label, value in made.items() if value is not _WRONG}
    check_labels(spot, made)
    _check_rule(spot, made)
    return made


def _tuple(spot: Spot, hint: Any) -> tuple[Any, ...]:
    node = spot.node
    is_alone = isinstance(node, ScalarNode) and spot.field in ALONE and not node.is_null
    if is_alone:
        node = ListNode(node.place, (node,))
    if not isinstance(node, ListNode):
        raise spot.wrong_kind("a list")
    of = get_args(hint)[0]
    made = []
    for i, item in enumerate(node.items):
        path = (*spot.path, i)
        spot.reading.places[path] = item.place
        named = spot.path if is_alone else path
        made.append(_try(Spot(item, named, spot.field, spot.reading), of))
    check_list(spot, made)
    return tuple(each for each in made if each is not _WRONG)


def _union(spot: Spot, hint: Any) -> Any:
    members = [each for each in get_args(hint) if each is not types.NoneType]
    texts = tuple(t for each in members if get_origin(each) is Literal for t in get_args(each))
    rest = [each for each in members if get_origin(each) is not Literal]
    if isinstance(spot.node, ScalarNode) and spot.node.text in texts:
        return spot.node.text
    if len(rest) > 1:
        return _anything(spot, hint)
    return _CONVERTER.structure(attrs.evolve(spot, others=texts), rest[0])


def _text(spot: Spot, _: Any) -> str:
    node = spot.node
    if not isinstance(node, ScalarNode) or node.is_null:
        raise spot.wrong_kind("text")
    if is_missing(spot.field, node.text):
        raise spot.wrong("must not be empty; write a text, or take the line out.")
    known = allowed.choices(spot.field) if spot.field else ()
    if spot.field == (Document, "prune") and node.text in {*SECTIONS} - {*known}:
        reason = "it has nothing that is removed for not being in the file"
        raise spot.wrong(f"cannot be {shown(node.text)}: {reason}.")
    if known and node.text not in known:
        raise spot.wrong(_not_known(node.text, (*known, *spot.others)))
    return node.text


def _not_known(text: str, known: tuple[str, ...]) -> str:
    meant = suggest(text, known)
    if len(known) > _MOST_NAMED and "did you mean" in meant:
        return f"cannot be {shown(text)}{meant}"
    return f"must be {one_of(known)}, not {shown(text)}{meant}"


def _scalar(read: Callable[[ScalarNode], Any], what: str) -> Hook:
    def hook(spot: Spot, _: Any) -> Any:
        if not isinstance(spot.node, ScalarNode) or spot.node.is_null:
            raise spot.wrong_kind(what)
        try:
            return read(spot.node)
        except NotReadError as exc:
            or_else = f"; or write {one_of(spot.others)}." if spot.others else "."
            raise spot.wrong(f"{str(exc).removesuffix('.')}{or_else}") from None

    return hook


_read_amount = _scalar(amount, "an amount in dollars")
_read_number = _scalar(whole_number, "a whole number")


def _money(spot: Spot, hint: Any) -> Decimal:
    value: Decimal = _read_amount(spot, hint)
    least = allowed.bounds(spot.field).least if spot.field else None
    if least is not None and value < allowed.dollars(least):
        instead = f"; for none, write {one_of(spot.others)}." if spot.others else "."
        raise spot.wrong(f"must be at least {allowed.dollars(least)} dollars, not {value}{instead}")
    return value


def _number(spot: Spot, hint: Any) -> int:
    value: int = _read_number(spot, hint)
    _check_rule(spot, value)
    return value


def _anything(spot: Spot, hint: Any) -> Any:
    """What YAML takes it for, or the text that was written where the API takes text alone."""
    return _text(spot, hint) if spot.field in allowed.TEXTS else _plain(spot, spot.node)


def _plain(spot: Spot, node: Node) -> Any:
    if isinstance(node, ListNode):
        return [_plain(spot, each) for each in node.items]
    if isinstance(node, MappingNode):
        return {key: _plain(spot, entry.node) for key, entry in node.entries.items()}
    if node.is_null:
        raise spot.wrong("has no value; write one, or take the line out.")
    try:
        return any_scalar(node)
    except NotReadError as exc:
        raise spot.wrong(str(exc)) from None


def _check_rule(spot: Spot, value: Any) -> None:
    """Look whether the operation that a value goes to takes it."""
    parameter = allowed.argument(spot.field) if spot.field else None
    if parameter is None:
        return
    try:
        parameter.rule(value, spot.name, True)
    except InvalidInputError as exc:
        raise spot.wrong(str(exc).removeprefix(spot.name).lstrip()) from None


_WRONG: Any = object()


def _try(spot: Spot, hint: Any) -> Any:
    try:
        return _CONVERTER.structure(spot, hint)
    except WrongError:
        return _WRONG


def _is_mapping(hint: Any) -> bool:
    origin = get_origin(hint)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _is_tuple(hint: Any) -> bool:
    origin: Any = get_origin(hint)
    return origin is tuple


def _is_union(hint: Any) -> bool:
    origin: Any = get_origin(hint)
    return origin in (Union, types.UnionType)


def _converter() -> Converter:
    made = Converter()
    made.register_structure_hook_factory(attrs.has, _model_hook)
    made.register_structure_hook_func(_is_mapping, _mapping)
    made.register_structure_hook_func(_is_tuple, _tuple)
    made.register_structure_hook_func(_is_union, _union)
    made.register_structure_hook_func(lambda hint: hint is Any, _anything)
    made.register_structure_hook(str, _text)
    made.register_structure_hook(int, _number)
    made.register_structure_hook(bool, _scalar(boolean, "true or false"))
    made.register_structure_hook(Decimal, _money)
    return made


_CONVERTER = _converter()
