"""Service accounts of projects: made without a key, renamed, given a role, removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..document.model import ServiceAccount
from .comparing import compare_things, namesakes
from .context import InProject, Planning
from .federation_rules import rules_for
from .matching import Pair
from .model import FieldChange, From
from .wording import listed

_SECTION = "projects.service_accounts"
_WITHOUT_A_KEY = "It is made without a key; `openai-admin rotate service-account` makes one."


def plan_service_accounts(planning: Planning, place: InProject) -> None:
    """Plan the service accounts of a project."""

    def create(pair: Pair[ServiceAccount], notes: list[str]) -> From | None:
        made = planning.add(
            _SECTION,
            "create",
            pair.label,
            "projects.service_accounts.create",
            {
                "project_id": place.id,
                "name": pair.name,
                "create_service_account_only": True,
            },
            project=place.label,
            changes=[FieldChange(field="name", new=pair.name)],
            notes=[*notes, _WITHOUT_A_KEY],
        )
        role = pair.wanted.role if pair.wanted is not None else None
        if made is not None and role is not None:
            # An account that is made alone has no role yet.
            update(pair, made, {"role": role}, [FieldChange(field="role", new=role)], part="role")
        return made

    def change(pair: Pair[ServiceAccount]) -> None:
        if pair.wanted is None or pair.there is None or pair.there.id is None:
            return
        arguments: dict[str, Any] = {}
        changes = []
        if pair.name != pair.old_name:
            arguments["name"] = pair.name
            changes.append(FieldChange(field="name", old=pair.old_name, new=pair.name))
        old, role = pair.there.role, pair.wanted.role
        if role is not None and role != old:
            arguments["role"] = role
            changes.append(FieldChange(field="role", old=old, new=role))
        if arguments:
            notes = (
                namesakes(planning, "service_accounts", pair, place) if "name" in arguments else ()
            )
            update(pair, pair.there.id, arguments, changes, notes=notes)

    def update(
        pair: Pair[ServiceAccount],
        id: str | From,
        arguments: dict[str, Any],
        changes: list[FieldChange],
        part: str | None = None,
        notes: Iterable[str] = (),
    ) -> None:
        planning.add(
            _SECTION,
            "change",
            pair.label,
            "projects.service_accounts.update",
            {"project_id": place.id, "service_account_id": id, **arguments},
            project=place.label,
            part=part,
            changes=changes,
            notes=notes,
        )

    def remove(pair: Pair[ServiceAccount]) -> None:
        if pair.there is None or pair.there.id is None:
            return
        planning.add(
            _SECTION,
            "remove",
            pair.label,
            "projects.service_accounts.delete",
            {"project_id": place.id, "service_account_id": pair.there.id},
            project=place.label,
            changes=[
                FieldChange(field="name", old=pair.old_name),
                FieldChange(field="role", old=pair.there.role),
            ],
            notes=["Its keys stop working at once.", *_rules(planning, place, pair)],
            gone=pair.there.id,
        )

    compare_things(
        planning,
        "service_accounts",
        _SECTION,
        create=create,
        change=change,
        remove=remove,
        place=place,
    )


def _rules(planning: Planning, place: InProject, pair: Pair[ServiceAccount]) -> Iterator[str]:
    """A note of the federation rules that stand for an account, which go with it."""
    rules = rules_for(planning, place.label, pair.there_label)
    if rules:
        yield f"The federation rules that stand for it stop working, too: {listed(rules)}."
