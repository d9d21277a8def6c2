"""Lines of YAML: what fits stands in one line, the rest one below the other."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

WIDTH = 96
"""The longest line that is made of several things."""


@attrs.frozen
class Fields:
    """A mapping to be written.

    Attributes:
        entries: what stands in it.
        may_flow: whether it may stand in one line, within braces.
        apart: whether there is an empty line between its entries.
        alike: whether all of its mappings have more lines where one of them needs them.
    """

    entries: tuple[Field, ...]
    may_flow: bool = False
    apart: bool = False
    alike: bool = False


@attrs.frozen
class Items:
    """A list to be written."""

    items: tuple[Item, ...]


@attrs.frozen
class Text:
    """A scalar to be written.

    Attributes:
        alone: how it ends a line.
        within: how it stands within brackets.
    """

    alone: str
    within: str


Value = Text | Fields | Items


@attrs.frozen
class Item:
    """What stands in a list.

    Attributes:
        value: it.
        comment: what is said beside it.
    """

    value: Value
    comment: str = ""


@attrs.frozen
class Field:
    """A key and what belongs to it.

    Attributes:
        key: the key, quoted already.
        value: what belongs to it.
        comment: what is said beside it.
    """

    key: str
    value: Value
    comment: str = ""


def lines_of(fields: Fields, indent: str = "") -> Iterator[str]:
    """The lines of a mapping."""
    is_long = fields.alike and not all(_fits(each, indent) for each in fields.entries)
    for i, field in enumerate(_opened(fields) if is_long else fields.entries):
        if i and fields.apart:
            yield ""
        yield from _lines(f"{indent}{field.key}:", field.value, field.comment, indent)


def _fits(field: Field, indent: str) -> bool:
    alone = _in_one_line(field.value)
    return alone is not None and len(indent) + len(field.key) + 2 + len(alone) <= WIDTH


def _opened(fields: Fields) -> Iterator[Field]:
    """The entries of a mapping, none of which stands in one line."""
    for field in fields.entries:
        if isinstance(field.value, Fields):
            field = attrs.evolve(field, value=attrs.evolve(field.value, may_flow=False))
        yield field


def _lines(begun: str, value: Value, comment: str, indent: str) -> Iterator[str]:
    """The lines of a value, after what begins its first one."""
    aside = f"  # {comment}" if comment else ""
    alone = value.alone if isinstance(value, Text) else _in_one_line(value)
    if alone is not None and (isinstance(value, Text) or len(begun) + 1 + len(alone) <= WIDTH):
        yield f"{begun} {alone}{aside}"
    elif isinstance(value, Fields):
        yield f"{begun}{aside}"
        yield from lines_of(value, f"{indent}  ")
    elif isinstance(value, Items):
        yield f"{begun}{aside}"
        for item in value.items:
            yield from _item(item, f"{indent}  ")


def _item(item: Item, indent: str) -> Iterator[str]:
    if not isinstance(item.value, Fields) or _fits(Field("", item.value), indent):
        yield from _lines(f"{indent}-", item.value, item.comment, indent)
        return
    first, *rest = lines_of(item.value, f"{indent}  ")
    aside = f"  # {item.comment}" if item.comment else ""
    yield f"{indent}- {first.strip()}{aside}"
    yield from rest


def _in_one_line(value: Value) -> str | None:
    """A value within brackets or braces; ``None`` where it, or what is in it, needs more lines."""
    if isinstance(value, Text):
        return value.within
    if isinstance(value, Items):
        texts = [_in_one_line(each.value) for each in value.items if not each.comment]
        if None in texts or len(texts) < len(value.items):
            return None
        return f"[{', '.join(filter(None, texts))}]"
    if value.entries and not value.may_flow:
        return None
    pairs = [(each.key, _in_one_line(each.value)) for each in value.entries if not each.comment]
    if len(pairs) < len(value.entries) or any(text is None for _, text in pairs):
        return None
    return f"{{{', '.join(f'{key}: {text}' for key, text in pairs)}}}"
