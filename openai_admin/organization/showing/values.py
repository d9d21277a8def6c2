"""Values of the file in words, and what changes from one to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..._text.visible import visible
from ..document.model import NONE
from ..planning.model import FieldChange
from ..planning.wording import listed
from .model import Change, Value

_MONEY = frozenset(("spend_limit", "amount"))
_LONGEST = 300  # characters of one text, as a key set
_NOTHING = "none"


def change_of(change: FieldChange, *, was_nothing: bool) -> Change | None:
    """What changes, in words; ``None`` where nothing does.

    Args:
        change: the change.
        was_nothing: whether what there was is not worth a word: the thing is made.
    """
    field, old, new = change.field, change.old, change.new
    if was_nothing or (old is None and new is None):
        return None if new is None else _change(field, Value(value_text(field, new)))
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return _change(field, *_of_mapping(old, new), joint=", ")
    if _is_list(old) and _is_list(new) and (parts := _of_list(old, new)):
        return _change(field, *parts, joint=", ")
    return _change(
        field, Value(value_text(field, old), "old"), Value(value_text(field, new), "new")
    )


def loss_of(change: FieldChange) -> Change | None:
    """What there was of something that is removed; ``None`` where that was nothing."""
    old = change.old
    if old is None or (_is_list(old) and not old):
        return None
    text = listed([*map(_text, old)]) if _is_list(old) else value_text(change.field, old)
    return _change(change.field, Value(text, "old"))


def value_text(field: str, value: Any) -> str:
    """A value in words: dollars as ``$1,250.50``, numbers with commas."""
    if value is None or value == NONE:
        return _NOTHING
    if field in _MONEY:
        return dollars(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{_text(name)}: {value_text('', each)}" for name, each in value.items())
    if _is_list(value):
        return ", ".join(map(_text, value)) or _NOTHING
    return _text(value)


def dollars(amount: Any) -> str:
    """An amount of US dollars: ``$500``, ``$1,250.50``."""
    exact = Decimal(str(amount))
    return f"${exact:,.0f}" if exact == exact.to_integral_value() else f"${exact:,.2f}"


def _change(field: str, *values: Value, joint: str = " → ") -> Change:
    return Change(field=visible(field), values=values, joint=joint)


def _of_list(old: Sequence[Any], new: Sequence[Any]) -> list[Value]:
    added = [Value(f"+ {_text(each)}", "new") for each in new if each not in old]
    return added + [Value(f"- {_text(each)}", "old") for each in old if each not in new]


def _of_mapping(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Value]:
    parts = []
    for name in dict.fromkeys((*old, *new)):
        is_, to_be = (each.get(name) for each in (old, new))
        if is_ != to_be:
            was = [Value(f"- {_text(name)}: {value_text('', is_)}", "old")] if name in old else []
            parts += was
            if name in new:
                parts.append(Value(f"+ {_text(name)}: {value_text('', to_be)}", "new"))
    return parts


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return f"{value:,}"
    text = visible(str(value))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)
