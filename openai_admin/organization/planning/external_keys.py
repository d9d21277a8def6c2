"""External keys: registered and removed; nothing of one can be changed."""

from __future__ import annotations

from ..document.model import ExternalKey
from .comparing import changed, compare_things, given, not_in_file
from .context import Planning
from .matching import Pair
from .model import FieldChange, From
from .wording import listed

_SECTION = "external_keys"
_UNCHANGEABLE = (
    "An external key cannot be changed, and in {} this one differs from the file: add a new key "
    "under another name, give it to the projects, and take this one out."
)


def plan_external_keys(planning: Planning) -> None:
    """Plan the external keys, all but removals (`plan_removed_external_keys`)."""

    def create(pair: Pair[ExternalKey], notes: list[str]) -> From | None:
        wanted = pair.wanted
        if wanted is None:
            return None
        settings = {"type": wanted.type, "name": pair.name, **wanted.details}
        if wanted.purpose is not None:
            settings["purpose"] = wanted.purpose
        return planning.add(
            _SECTION,
            "create",
            pair.label,
            "external_keys.create",
            settings,
            changes=[
                FieldChange(field="name", new=pair.name),
                *given(wanted, ("type", "purpose", "details")),
            ],
            notes=notes,
        )

    def change(pair: Pair[ExternalKey]) -> None:
        differs = _differences(planning, pair)
        if differs:
            reason = _UNCHANGEABLE.format(listed(differs))
            planning.impossible(_SECTION, pair.label, reason)

    compare_things(
        planning, "external_keys", _SECTION, create=create, change=change, remove=lambda pair: None
    )


def plan_removed_external_keys(planning: Planning) -> None:
    """Plan the removal of what is not in the file, after projects have let go of it."""
    for pair in not_in_file(planning, "external_keys", _SECTION):
        if pair.there is None or pair.there.id is None:
            continue
        using = {
            project.id: label
            for label, project in (planning.there.projects or {}).items()
            if project.external_key == pair.there_label
        }
        releases = [
            draft.step
            for draft in planning.drafts.values()
            if "external_key_id" in draft.step.arguments
            and draft.step.arguments.get("project_id") in using
        ]
        for step in releases:
            using.pop(step.arguments["project_id"], None)
        if using:
            reason = (
                f"It is used by {listed([*using.values()])}: give them another key with "
                "`external_key:` first, or keep it in the file."
            )
            planning.impossible(_SECTION, pair.label, reason)
            continue
        planning.add(
            _SECTION,
            "remove",
            pair.label,
            "external_keys.delete",
            {"external_key_id": pair.there.id},
            changes=[
                FieldChange(field="name", old=pair.old_name),
                FieldChange(field="type", old=pair.there.type),
            ],
            needs=[step.id for step in releases],
            notes=_notes(planning),
            gone=pair.there.id,
        )


def _notes(planning: Planning) -> list[str]:
    """What to know before a key goes."""
    lost = "What was encrypted with it may not be readable any more."
    if planning.there.projects is not None:
        return [lost]
    return [lost, "OpenAI refuses it while a project uses it."]


def _differences(planning: Planning, pair: Pair[ExternalKey]) -> list[str]:
    """What differs of a key, of what the file says; what is not known of it is told."""
    wanted, there = pair.wanted, pair.there
    if wanted is None or there is None:
        return []
    differs = [change.field for change in changed(there, wanted, ("type", "purpose"))]
    differs += [name for name, value in wanted.details.items() if there.details.get(name) != value]
    differs = differs if pair.name == pair.old_name else ["name", *differs]
    unsaid = [name for name in differs if planning.unsaid.is_unsaid(_SECTION, there.id, name)]
    if unsaid:
        reason = f"the API does not say its {listed(unsaid)}, so that is not compared"
        planning.untouched(_SECTION, pair.label, "not_known", reason)
    return [name for name in differs if name not in unsaid]
