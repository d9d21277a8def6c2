"""The customer's own storage of projects: connected and disconnected; it cannot be changed."""

from __future__ import annotations

from collections import Counter

from ..._declare.arguments import shown, suggest
from ..document.model import ExternalStorage
from .comparing import MAY_BE_THERE, NOT_IN_FILE
from .context import InProject, Planning
from .model import FieldChange

SECTION = "projects.external_storage"
_NAMED_BY = ("bucket", "container")
"""What a storage is called in its cloud."""


def plan_external_storage(planning: Planning, place: InProject) -> None:
    """Plan the storage of a project."""
    wanted, there = place.wanted.external_storage, place.there.external_storage
    if wanted is None or not planning.is_planned(SECTION):
        return
    if not planning.is_known(SECTION, there, place.label) or there is None:
        return
    left = list(there)
    made: Counter[str] = Counter()
    for storage in wanted:
        if storage.id is not None and storage.id not in {each.id for each in there}:
            reason = f"No external storage has the id {shown(storage.id)}" + suggest(
                storage.id, [each.id for each in there]
            )
            planning.impossible(SECTION, _subject(storage), reason, project=place.label)
            continue
        found = next((each for each in left if _is_found(storage, each)), None)
        if found is None and not planning.is_whole(SECTION, place.id):
            planning.untouched(
                SECTION, _subject(storage), "not_known", MAY_BE_THERE, project=place.label
            )
            continue
        if found is None:
            made[_subject(storage)] += 1
            _create(planning, place, storage, made[_subject(storage)])
            continue
        left.remove(found)
        if not _says(storage, found):
            reason = (
                "An external storage cannot be changed: put a new one without `id` into the file, "
                "and take this one out."
            )
            planning.impossible(SECTION, _subject(storage), reason, project=place.label)
    for storage in left:
        if planning.is_pruned(SECTION):
            _remove(planning, place, storage)
        else:
            reason = NOT_IN_FILE.format(SECTION)
            planning.untouched(
                SECTION, _subject(storage), "not_in_file", reason, project=place.label
            )


def _create(planning: Planning, place: InProject, storage: ExternalStorage, number: int) -> None:
    planning.add(
        SECTION,
        "create",
        _subject(storage),
        "external_storage.create",
        {"project_id": place.id, "provider": {**storage.provider}},
        project=place.label,
        part=str(number) if number > 1 else None,
        changes=[FieldChange(field=name, new=value) for name, value in storage.provider.items()],
        notes=["It is pending until it is validated: `openai-admin external-storage validate`."],
    )


def _remove(planning: Planning, place: InProject, storage: ExternalStorage) -> None:
    planning.add(
        SECTION,
        "remove",
        _subject(storage),
        "external_storage.delete",
        {"external_storage_id": storage.id},
        project=place.label,
        part=storage.id,
        changes=[FieldChange(field=name, old=value) for name, value in storage.provider.items()],
        notes=["What it holds is left as it is. Without any, a project's data retention is reset."],
        gone=storage.id,
        touches={"project_id": place.id},
    )


def _is_found(wanted: ExternalStorage, there: ExternalStorage) -> bool:
    return wanted.id == there.id if wanted.id is not None else _says(wanted, there)


def _says(wanted: ExternalStorage, there: ExternalStorage) -> bool:
    """Whether a storage is as the file says; the API adds what it finds out by itself."""
    return all(there.provider.get(name) == value for name, value in wanted.provider.items())


def _subject(storage: ExternalStorage) -> str:
    names = [str(storage.provider[key]) for key in _NAMED_BY if key in storage.provider]
    return names[0] if names else str(storage.provider.get("type"))
