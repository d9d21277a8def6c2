"""What the file protects is there: a name that stands for nothing would protect nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..._declare.arguments import shown, suggest
from .context import Planning


def refuse_unknown(planning: Planning) -> None:
    """Say which names under `protect` stand for nothing; where not all was read, nothing."""
    protect, there, wanted = planning.wanted.protect, planning.there, planning.wanted
    people = planning.people
    for address in protect.people if _is_read(planning, "people") else ():
        if people.label(address) is None and people.in_file(address) is None:
            known = [*people.there, *people.wanted]
            _refuse(planning, "people", f"no person {shown(address)}", address, known)
    for kind, labels in (
        ("groups", protect.groups),
        ("roles", protect.roles),
        ("projects", protect.projects),
    ):
        if _is_read(planning, kind):
            known = [*_names([getattr(there, kind), getattr(wanted, kind)])]
            for label in labels:
                if label not in known:
                    _refuse(planning, kind, f"no {kind[:-1]} {shown(label)}", label, known)
    if protect.service_accounts and _are_accounts_read(planning):
        parts = (there.projects, wanted.projects)
        known = [*_names(each.service_accounts for of in parts for each in (of or {}).values())]
        for label in protect.service_accounts:
            if label not in known:
                _refuse(
                    planning,
                    "projects.service_accounts",
                    f"no service account {shown(label)}",
                    label,
                    known,
                )


def _is_read(planning: Planning, kind: str) -> bool:
    return getattr(planning.there, kind) is not None and planning.is_whole(kind)


def _are_accounts_read(planning: Planning) -> bool:
    """Whether all service accounts of all projects were read."""
    return _is_read(planning, "projects") and all(
        each.service_accounts is not None
        and planning.is_whole("projects.service_accounts", each.id)
        for each in (planning.there.projects or {}).values()
    )


def _names(parts: Iterable[Mapping[str, Any] | None]) -> list[str]:
    """Labels, names and ids of things."""
    found: dict[str, None] = {}
    for part in parts:
        for label, each in (part or {}).items():
            found |= dict.fromkeys(filter(None, (label, each.name, each.id)))
    return list(found)


def _refuse(planning: Planning, section: str, what: str, label: str, known: Iterable[str]) -> None:
    near = suggest(label, [*known])
    reason = f"`protect` names it, and there is {what}{near}"
    under = ("protect", section.rpartition(".")[2])
    planning.impossible(section, label, reason, named=label, under=under)
