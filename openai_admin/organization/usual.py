"""What most projects have in common said once, as a person would write it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from .document.model import Document, Project

_WHOLE = (
    "external_key",
    "spend_limit",
    "spend_alerts",
    "models",
    "service_tiers",
    "data_retention",
    "certificates",
    "external_storage",
)
_BY_LABEL = ("rate_limits", "hosted_tools")
_OFTEN_EMPTY = ("groups", "roles", "service_accounts")


def with_defaults(document: Document) -> Document:
    """A document whose `defaults` say what more than half of the projects have.

    Each project then says only what is otherwise, so that `defaults.settled` gives back what there
    was. Of what is not known of some project nothing is said in common: it would hold for that one
    as well.

    Args:
        document: a document without `defaults`.
    """
    projects = document.projects or {}
    if len(projects) < 2:
        return document
    usual: dict[str, Any] = {}
    for name, in_common in _SAID_ONCE.items():
        values = [getattr(project, name) for project in projects.values()]
        found = None if None in values else in_common(values)
        usual |= {} if found is None else {name: found}
    if not usual:
        return document
    left = {label: _without(project, usual) for label, project in projects.items()}
    return attrs.evolve(document, defaults=Project(**usual), projects=left)


def _in_common(values: Sequence[Any]) -> Any:
    """The value that more than half have; ``None`` for none."""
    (text, number), *_ = Counter(map(str, values)).most_common(1)
    return next(v for v in values if str(v) == text) if number * 2 > len(values) else None


def _labels_in_common(values: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Likewise for each label that all have: the others would get one that they have not."""
    labels = [label for label in values[0] if all(label in value for value in values)]
    found = {label: _in_common([value[label] for value in values]) for label in labels}
    return {label: value for label, value in found.items() if value is not None} or None


def _empty_in_common(values: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Nothing, where more than half have nothing."""
    return {} if sum(not value for value in values) * 2 > len(values) else None


_SAID_ONCE: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    **dict.fromkeys(_OFTEN_EMPTY, _empty_in_common),
    **dict.fromkeys(_WHOLE, _in_common),
    **dict.fromkeys(_BY_LABEL, _labels_in_common),
}
"""What is looked at, with what finds what is to be said of it."""


def _without(project: Project, usual: Mapping[str, Any]) -> Project:
    """A project that says only what is otherwise than usual."""
    left: dict[str, Any] = {}
    for name, value in usual.items():
        own = getattr(project, name)
        if name in _WHOLE:
            left[name] = None if own == value else own
        else:
            left[name] = {k: v for k, v in own.items() if k not in value or v != value[k]} or None
    return attrs.evolve(project, **left)
