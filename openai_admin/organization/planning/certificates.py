"""Certificates: uploaded, renamed, activated, deactivated, deleted once they are active nowhere.

What a certificate contains is compared where the API says it, and cannot be changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from ..document.model import Certificate
from .comparing import compare_keys, compare_things, given, namesakes, not_in_file
from .context import Id, InProject, Planning
from .matching import Pair
from .model import FieldChange, From
from .resolved import Resolved
from .wording import listed

_SECTION = "certificates"
_OF_PROJECT = "projects.certificates"
_DEMANDED = (
    "Once a certificate is active, OpenAI may refuse calls without a client certificate of its "
    "authority."
)
_AT_ONCE = 10  # by the API's description
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)


@attrs.frozen(kw_only=True)
class _Switch:
    """What is to be activated or deactivated in one place.

    Attributes:
        section: the section that it is of.
        operations: what begins the names of the place's operations.
        arguments: what they take besides the certificates.
        project: the label of the project that it is.
        is_first: whether no certificate is active there yet.
    """

    section: str
    operations: str
    arguments: Mapping[str, Any] = attrs.field(factory=dict)
    project: str | None = None
    is_first: bool = False

    def add(
        self, planning: Planning, on: Mapping[Id, str], off: Mapping[Id, str]
    ) -> list[From | None]:
        """Add the steps, and give those that deactivate.

        Nothing is deactivated unless all that is to be active is.
        """
        for labels in _in_calls(on):
            self._step(planning, labels, True, ())
        activated = [
            step.id
            for step in planning.steps_of(self.section, self.project)
            if step.operation == f"{self.operations}certificates.activate"
        ]
        return [self._step(planning, labels, False, activated) for labels in _in_calls(off)]

    def _step(
        self,
        planning: Planning,
        labels: Mapping[Id, str],
        is_on: bool,
        needs: Iterable[str],
    ) -> From | None:
        names = {True: "active", False: "inactive"}
        is_removal = self.project is not None and not is_on
        return planning.add(
            self.section,
            "remove" if is_removal else "create" if self.project is not None else "change",
            ", ".join(labels.values()),
            f"{self.operations}certificates.{'activate' if is_on else 'deactivate'}",
            {**self.arguments, "certificate_ids": [*labels]},
            project=self.project,
            part="active" if is_on else "inactive",
            changes=[
                FieldChange(field=label, old=names[not is_on], new=names[is_on])
                for label in labels.values()
            ],
            needs=needs,
            notes=[_DEMANDED] if is_on and self.is_first else (),
            timing="add" if is_on else "lessen",
        )


def plan_certificates(planning: Planning) -> None:
    """Plan the organization's certificates, all but deletions (`plan_deleted_certificates`)."""
    on: dict[Id, str] = {}
    off: dict[Id, str] = {}

    def create(pair: Pair[Certificate], notes: list[str]) -> From | None:
        wanted = pair.wanted
        if wanted is None or not wanted.content:
            reason = "There is no such certificate: name its PEM file with `file:` to upload it."
            planning.impossible(_SECTION, pair.label, reason)
            return None
        made = planning.add(
            _SECTION,
            "create",
            pair.label,
            "certificates.create",
            {"certificate": wanted.content, "name": pair.name},
            changes=[FieldChange(field="name", new=pair.name), *given(wanted, ("file",))],
            notes=notes,
        )
        if made is not None and wanted.active:
            on[made] = pair.label
        return made

    def change(pair: Pair[Certificate]) -> None:
        wanted, there = pair.wanted, pair.there
        if wanted is None or there is None or there.id is None:
            return
        if not _is_same(planning, pair):
            return
        if pair.name != pair.old_name:
            planning.add(
                _SECTION,
                "change",
                pair.label,
                "certificates.update",
                {"certificate_id": there.id, "name": pair.name},
                part="name",
                changes=[FieldChange(field="name", old=pair.old_name, new=pair.name)],
                notes=namesakes(planning, "certificates", pair),
            )
        if wanted.active is None or wanted.active is there.active:
            return
        if planning.unsaid.is_unsaid(_SECTION, there.id, "active"):
            reason = "the API does not say whether it is active, so that stays as it is"
            planning.untouched(_SECTION, pair.label, "not_known", reason)
        else:
            (on if wanted.active else off)[there.id] = pair.label

    compare_things(
        planning, "certificates", _SECTION, create=create, change=change, remove=lambda pair: None
    )
    there = planning.there.certificates or {}
    is_first = not any(each.active for each in there.values())
    _Switch(section=_SECTION, operations="", is_first=is_first).add(planning, on, off)


def plan_project_certificates(planning: Planning, place: InProject) -> None:
    """Plan which certificates are active in a project."""
    wanted, there = place.wanted.certificates, place.there.certificates
    if wanted is None or not planning.is_planned(_OF_PROJECT):
        return
    if not planning.is_known(_OF_PROJECT, there, place.label) or there is None:
        return
    if not planning.is_known(_OF_PROJECT, planning.there.certificates, place.label):
        return  # which certificates its ids are of is not known
    to_be: dict[Id, str] = {}
    unclear = []
    for label in wanted:
        id = planning.reference(
            "certificates", label, section=_OF_PROJECT, subject=label, project=place.label
        )
        if id is None:
            unclear.append(label)
        else:
            to_be[id] = label
    is_: dict[Id, str] = {}
    unlisted = []
    for label in there:
        pair = planning.things("certificates").there.get(label)
        if pair is None or pair.there is None or pair.there.id is None:
            unlisted.append(label)
        else:
            is_[pair.there.id] = pair.label
    on: dict[Id, str] = {}
    off: dict[Id, str] = {}
    compare_keys(
        planning,
        _OF_PROJECT,
        Resolved(names=to_be, unclear=unclear),
        Resolved(
            names=is_,
            unclear=unlisted,
            is_told=lambda key: planning.is_told("certificates", key),
        ),
        add=lambda key: on.update({key: to_be[key]}),
        remove=lambda key: off.update({key: is_[key]}),
        project=place.label,
        id=place.id,
    )
    _Switch(
        section=_OF_PROJECT,
        operations="projects.",
        arguments={"project_id": place.id},
        project=place.label,
        is_first=not there,
    ).add(planning, on, off)


def plan_deleted_certificates(planning: Planning) -> None:
    """Plan the deletion of what is not in the file, after it was deactivated everywhere."""
    for pair in not_in_file(planning, "certificates", _SECTION):
        if pair.there is not None and pair.there.id is not None:
            _delete(planning, pair, pair.there.id)


def _delete(planning: Planning, pair: Pair[Certificate], id: str) -> None:
    projects = planning.there.projects or {}
    active = {
        project.id: label
        for label, project in projects.items()
        if pair.there_label in (project.certificates or ())
    }
    unread = {project.id for project in projects.values() if project.certificates is None}
    steps = [
        draft.step
        for draft in planning.drafts.values()
        if draft.step.arguments.get("project_id") in active.keys() | unread
        and (
            draft.step.operation == "projects.archive"
            or id in draft.step.arguments.get("certificate_ids", ())
        )
    ]
    for step in steps:
        active.pop(step.arguments["project_id"], None)
    if active:
        reason = (
            f"It is active in {listed([*active.values()])}, where the file does not deactivate it: "
            "deactivate it there first, or keep it in the file."
        )
        planning.impossible(_SECTION, pair.label, reason)
        return
    needs: list[From | str | None] = [step.id for step in steps]
    if pair.there is not None and pair.there.active:
        off = _Switch(section=_SECTION, operations="")
        needs += off.add(planning, {}, {id: pair.label})
    is_read = bool(projects) and all(each.certificates is not None for each in projects.values())
    planning.add(
        _SECTION,
        "remove",
        pair.label,
        "certificates.delete",
        {"certificate_id": id},
        changes=[FieldChange(field="name", old=pair.old_name)],
        needs=needs,
        notes=[] if is_read else ["OpenAI refuses it while it is active in a project."],
        gone=id,
    )


def _is_same(planning: Planning, pair: Pair[Certificate]) -> bool:
    """Whether a certificate is the one of the file; where it is not, the plan says so."""
    wanted, there = (each.content if each else None for each in (pair.wanted, pair.there))
    if wanted is None:
        return True
    if there is None:
        reason = "what it contains could not be read, so it is not compared with its file"
        planning.untouched(_SECTION, pair.label, "not_known", reason)
        return True
    if _contents(wanted) == _contents(there):
        return True
    reason = (
        "Its file holds a different certificate from the one that was uploaded, which cannot be "
        "replaced: give the new one its own name, and take the old one out once no client needs it."
    )
    planning.impossible(_SECTION, pair.label, reason)
    return False


def _contents(pem: str) -> Sequence[str]:
    """The certificates in a text, whatever its line ends, and the text around them."""
    return ["".join(block.split()) for block in _BLOCK.findall(pem)]


def _in_calls(labels: Mapping[Id, str]) -> Iterator[Mapping[Id, str]]:
    """As few calls as may be; one that is uploaded first has its own, which may fail with it."""
    there = [id for id in labels if isinstance(id, str)]
    for start in range(0, len(there), _AT_ONCE):
        yield {id: labels[id] for id in there[start : start + _AT_ONCE]}
    for id, label in labels.items():
        if isinstance(id, From):
            yield {id: label}
