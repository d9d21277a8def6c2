"""The steps of a plan in the making, and what there is instead of them.

What must never be touched is kept out here, whatever section asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import attrs

from .guarding import Guard
from .model import Action, FieldChange, From, Impossible, Step, Untouched
from .needed import Needed, Needs
from .placing import Path, Places
from .unsaid import Unsaid
from .wording import listed

Timing = Literal["first", "add", "lessen", "remove"]
"""When a step is made, as far as nothing else decides it: what makes owners, what adds and changes,
what leaves somebody with less, what removes."""


@attrs.frozen(kw_only=True)
class Draft:
    """A step with what its place in the order is found by.

    Attributes:
        step: the step.
        timing: when it is made.
        gone: the id of the thing that there is no more after it; every step that names the thing
            comes before.
    """

    step: Step
    timing: Timing
    gone: str | None = None


class Steps:
    """The steps that were found so far.

    Args:
        guard: what no step may touch.
        needs: says what must be known before a step may be made.
        places: where things stand in the file.
        unsaid: what is not known of what there is.

    Attributes:
        drafts: the steps, by their ids.
        gone: the ids of what some of them remove.
        guard: what no step may touch.
        needed: what must be known, beyond what is managed, to tell what the steps take away; of
            those that were kept out too.
        unsaid: what is not known of what there is.
    """

    def __init__(self, guard: Guard, needs: Needs, places: Places, unsaid: Unsaid) -> None:
        self.guard = guard
        self.needed = Needed()
        self._needs = needs
        self._places = places
        self.unsaid = unsaid
        self.drafts: dict[str, Draft] = {}
        self.gone: set[str] = set()
        self._by_place: dict[tuple[str, str | None], list[str]] = {}
        self._removing: dict[tuple[str, frozenset[tuple[str, Any]]], From] = {}
        self._untouched: dict[Untouched, None] = {}
        self._impossible: dict[Impossible, None] = {}

    def add(
        self,
        section: str,
        action: Action,
        subject: str,
        operation: str,
        arguments: Mapping[str, Any],
        *,
        project: str | None = None,
        part: str | None = None,
        changes: Iterable[FieldChange] = (),
        needs: Iterable[From | str | None] = (),
        notes: Iterable[str] = (),
        timing: Timing | None = None,
        gone: str | None = None,
        touches: Mapping[str, Any] | None = None,
    ) -> From | None:
        """Add a step, unless what it is about is protected, managed elsewhere, or not known.

        Args:
            section: the section that it is of.
            action: whether it makes, changes or removes something.
            subject: what it is about, by label.
            operation: the operation of the API.
            arguments: its arguments; a `From` may stand anywhere in them, also in lists and
                mappings, and is needed without being named in `needs`.
            project: the label of the project that it is in.
            part: what tells it from other steps of the same section, action and subject.
            changes: what changes.
            needs: steps that must have been done before; ``None`` is passed over.
            notes: what else a person should know, one sentence each.
            timing: when it is made; by default by its action.
            gone: the id of the thing that it removes.
            touches: the ids of what it is about that are not among its arguments, as operations
                call them; what is protected is looked for among them, too.

        Returns:
            where another step takes the id of what it makes from; ``None`` where it was kept out.
        """
        judged = self.guard.judge(operation, {**(touches or {}), **arguments})
        self.needed |= self._needs.of(operation, arguments) | judged.needed
        kept = judged.kept
        if kept is not None:
            self.untouched(section, subject, kept.kind, kept.reason, project=project)
            return None
        changes = tuple(changes)
        unsaid = self.unsaid.among(section, action, arguments, [each.field for each in changes])
        if unsaid:
            reason = f"the API does not say its {listed(unsaid)}, so nothing of it is changed"
            self.untouched(section, subject, "not_known", reason, project=project)
            return None
        id = "/".join(
            _in_path(each)
            for each in (section, action, None if section == "projects" else project, subject, part)
            if each is not None
        )
        needed = [each.step for each in makers_in(arguments)]
        needed += [each.step if isinstance(each, From) else each for each in needs if each]
        step = Step(
            id=id,
            section=section,
            action=action,
            subject=subject,
            project=project,
            operation=operation,
            arguments=arguments,
            changes=changes,
            needs=tuple(dict.fromkeys(needed)),
            notes=tuple(notes),
        )
        if id in self.drafts:
            raise ValueError(f"two steps are called {id}")
        timing = timing or ("remove" if action == "remove" else "add")
        self.drafts[id] = Draft(step=step, timing=timing, gone=gone)
        self._by_place.setdefault((section, project), []).append(id)
        if action == "remove" and all(isinstance(each, str) for each in arguments.values()):
            self._removing[operation, frozenset(arguments.items())] = From(step=id)
        if gone is not None:
            self.gone.add(gone)
        return From(step=id)

    def removing(self, operation: str, **arguments: str) -> From | None:
        """The step that removes something with these arguments, where one was found."""
        return self._removing.get((operation, frozenset(arguments.items())))

    def steps_of(self, section: str, project: str | None = None) -> list[Step]:
        """The steps of a section that were found so far, of a project or of the organization."""
        return [self.drafts[id].step for id in self._by_place.get((section, project), ())]

    def require(self, step: From, *needed: From) -> None:
        """Have a step wait for others, which were found later."""
        draft = self.drafts[step.step]
        needs = dict.fromkeys((*draft.step.needs, *(each.step for each in needed)))
        changed = attrs.evolve(draft.step, needs=tuple(needs))
        self.drafts[step.step] = attrs.evolve(draft, step=changed)

    def note(self, step: From, note: str) -> None:
        """Have a step tell one more thing."""
        draft = self.drafts[step.step]
        changed = attrs.evolve(draft.step, notes=(*draft.step.notes, note))
        self.drafts[step.step] = attrs.evolve(draft, step=changed)

    def untouched(
        self,
        section: str,
        subject: str,
        kind: Literal["scim", "protected", "not_in_file", "not_known", "invited"],
        reason: str,
        *,
        project: str | None = None,
        within: str | None = None,
        named: str | None = None,
        under: Path | None = None,
    ) -> None:
        """Say that something differs from the file and stays as it is; the same once.

        Args:
            section: the section that it is of.
            subject: what it is about, by label.
            kind: the reason for programs.
            reason: why.
            project: the label of its project.
            within: the label under which it stands in the file, where the subject is another.
            named: the name in it that is the reason.
            under: where in the file that stands, where it is not in the section.
        """
        places = self._places
        if under is not None:
            where = places.of(section, subject, project, named=named, under=under)
        elif kind == "not_in_file":
            where = None
        else:
            where = places.of_present(section, within or subject, project, named=named)
        untouched = Untouched(
            section=section,
            subject=subject,
            project=project,
            reason=reason,
            kind=kind,
            where=where,
        )
        self._untouched[untouched] = None

    def impossible(
        self,
        section: str,
        subject: str,
        reason: str,
        *,
        project: str | None = None,
        named: str | None = None,
        under: Path | None = None,
    ) -> None:
        """Say that something cannot be done, why, and what is possible instead; the same once.

        Args:
            section: the section that it is of.
            subject: what it is about, by label.
            reason: why.
            project: the label of its project.
            named: the name in it that is the reason.
            under: where in the file that stands, where it is not in the section.
        """
        where = self._places.of(section, subject, project, named=named, under=under)
        impossible = Impossible(
            section=section, subject=subject, project=project, reason=reason, where=where
        )
        self._impossible[impossible] = None

    @property
    def left(self) -> tuple[Untouched, ...]:
        """What stays as it is though it differs."""
        return tuple(self._untouched)

    @property
    def prevented(self) -> tuple[Impossible, ...]:
        """What cannot be done."""
        return tuple(self._impossible)


def makers_in(value: object) -> Iterator[From]:
    """Every `From` in an argument, however deep."""
    if isinstance(value, From):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from makers_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from makers_in(each)


def _in_path(text: str) -> str:
    return text.replace("%", "%25").replace("/", "%2F")
