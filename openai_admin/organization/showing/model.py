"""A plan as it is shown, whatever it is written as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs

from ..planning.model import Action

SIGNS: Mapping[Action, str] = {"create": "+", "change": "~", "remove": "-"}
"""What stands before a step."""


@attrs.frozen
class Value:
    """A value, or what is added to or taken from a list.

    Attributes:
        text: the value in words.
        kind: whether there will be it, or will be no more.
    """

    text: str
    kind: Literal["new", "old"] = "new"


@attrs.frozen(kw_only=True)
class Change:
    """What changes of something.

    Attributes:
        field: what it is; empty where what it is of says it.
        values: the values: one, the old and the new, or what is added to and taken from a list.
        joint: what stands between them.
    """

    field: str
    values: tuple[Value, ...]
    joint: str = " → "


@attrs.frozen(kw_only=True)
class Subject:
    """What a line is about.

    Attributes:
        noun: what it is, as ``spend limit``; empty where its group says it.
        name: what it is called; empty where there is one alone.
    """

    noun: str = ""
    name: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.noun, self.name)))


@attrs.frozen(kw_only=True)
class Row:
    """A step.

    Attributes:
        action: what it does.
        subject: what it is about.
        changes: what changes.
        power: why it grants power, as a sentence; ``None`` where it does not.
        is_final: whether it cannot be undone.
        notes: what else to know, a sentence each.
    """

    action: Action
    subject: Subject
    changes: tuple[Change, ...] = ()
    power: str | None = None
    is_final: bool = False
    notes: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Group:
    """Steps that belong together.

    Attributes:
        title: what they are about, as ``People``, or a project.
        rows: the steps.
    """

    title: Subject
    rows: tuple[Row, ...]


@attrs.frozen(kw_only=True)
class Remark:
    """Something beside the steps.

    Attributes:
        what: what it is about, in words.
        text: what is said of it.
        joint: what stands between them.
    """

    what: str
    text: str
    joint: str = ": "


@attrs.frozen(kw_only=True)
class Remarks:
    """Remarks of one kind.

    Attributes:
        title: what they have in common.
        rows: they.
        is_bad: whether they prevent something, or leave something unknown.
    """

    title: str
    rows: tuple[Remark, ...]
    is_bad: bool = False


@attrs.frozen(kw_only=True)
class Shown:
    """A plan to be written.

    Attributes:
        summary: how much it does, as a sentence.
        groups: its steps.
        remarks: what prevents it, what it leaves as it is, what is not known.
    """

    summary: str
    groups: tuple[Group, ...]
    remarks: tuple[Remarks, ...]
