"""What the API did not say of a thing is not known: nowhere empty, and no step relies on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

import attrs

from openai_admin._wire.codec import to_dict
from openai_admin._wire.fields import wire_fields, wire_name
from openai_admin._wire.models import Entity
from openai_admin._wire.structure import structure
from openai_admin.directory.reading import Reads
from openai_admin.emulator import Emulator
from openai_admin.organization.document.defaults import settled
from openai_admin.organization.observing.answers import Answers
from openai_admin.organization.observing.building import state_of
from openai_admin.organization.observing.needs import Needs
from openai_admin.organization.observing.parts import USERS
from openai_admin.organization.observing.reading import Reading
from openai_admin.organization.planning.making import plan
from openai_admin.organization.pulling import trimmed
from openai_admin.organization.state import State
from tests.organization.observing.test_observing import client_of

ODD = {"odd": [True]}
"""Of another type than any field that a file is about."""
ABSENT: Any = object()
SAY_NONE = {
    "assignment_sources",
    "description",
    "discovery_url",
    "external_key_id",
    "residency",
    "subject_prefix",
}
"""Fields that say that there is none where they are null or do not come, as is described."""
SOME = ("Checkout Fraud Review", "Developer Copilot", "Document Intake")
"""Projects of the demo organization that have something of every kind."""
MOST = 12
"""People who are looked at: more of them take longer, and are no different."""


async def test_what_is_not_told_is_not_known(demo: Emulator) -> None:
    async with client_of(demo) as client:
        read_at = datetime.now(UTC)
        reads = Reads(client._caller)
        needs = Needs(contents=False, projects=SOME)
        reading = Reading(client, reads, needs)
        await reading.all()

    def observed(answers: Answers) -> State:
        return state_of(
            answers, needs, reads, read_at=read_at, organization=None, acting_user="user-x"
        )

    came = _few(reading.answers)
    classes = {id(e): frozenset(map(type, _entities(e))) for e in _entities(came)}
    numbers = Counter(type(entity) for entity in _entities(came))
    there = observed(came)
    healthy = trimmed(there, pins=True)
    file = settled(healthy.document)
    assert healthy.lacks() == ()
    names = dict(_names(there.document))
    wrong: list[str] = []
    tried = 0
    for cls, field in sorted(_fields(came), key=str):
        for turn in range(3 if numbers[cls] < 3 else 1):
            state = observed(_without(came, classes, cls, field, turn))
            if state == there:
                continue
            odd = trimmed(state, pins=True)
            place = f"{cls.__name__}.{field}, {turn}"
            said = settled(odd.document)
            tried += 1
            wrong += [f"{place}: the file says {each}" for each in _others(said, file, names)]
            if said != file and not odd.lacks():
                wrong.append(f"{place}: nothing is named")
            again = plan(said, there)
            wrong += [f"{place}: then {each.id} {each.changes}" for each in again.steps]
            wrong += [f"{place}: then {each.reason}" for each in again.impossible]
            wrong += [f"{place}: {s.id} {s.changes}" for s in plan(file, state).steps]
    assert wrong == []
    assert tried > 60


def _few(answers: Answers) -> Answers:
    """What came, with few people."""
    people = (answers.people or [])[:MOST]
    ids = {person.id for person in people}

    def few(users: Mapping[str, Any]) -> dict[str, Any]:
        return {of: [each for each in listed if each.id in ids] for of, listed in users.items()}

    return attrs.evolve(
        answers,
        people=people,
        users_of_groups=few(answers.users_of_groups),
        parts={**answers.parts, USERS.kind: few(answers.parts[USERS.kind])},
    )


def _entities(value: Any) -> Iterator[Entity]:
    """Everything that came, at every depth."""
    if isinstance(value, Entity):
        yield value
    if attrs.has(type(value)):
        value = [getattr(value, a.name) for a in attrs.fields(type(value)) if a.name != "extra"]
    elif isinstance(value, Mapping):
        value = [*value.values()]
    for each in value if isinstance(value, list | tuple) else ():
        yield from _entities(each)


def _names(value: Any) -> Iterator[tuple[str, str]]:
    """What things are called, by id."""
    if attrs.has(type(value)):
        value = {a.name: getattr(value, a.name) for a in attrs.fields(type(value))}
    for label, each in value.items() if isinstance(value, Mapping) else ():
        if isinstance(getattr(each, "id", None), str):
            yield each.id, label
        yield from _names(each)


def _fields(answers: Answers) -> set[tuple[type[Entity], str]]:
    """The fields of all that came that need not be there."""
    return {
        (type(entity), attribute.name)
        for entity in _entities(answers)
        for attribute in wire_fields(type(entity))
        if attribute.default is not attrs.NOTHING and attribute.name != "object"
    }


def _without(
    answers: Answers,
    classes: Mapping[int, frozenset[type]],
    cls: type[Entity],
    field: str,
    turn: int,
) -> Answers:
    """What came, with a field null, of another type, or absent, in turn."""
    turns = count(turn)
    wire = wire_name(getattr(attrs.fields(cls), field))

    def spoil(entity: Any, raw: Any) -> None:
        if isinstance(entity, list):
            for one, its in zip(entity, raw, strict=True):
                spoil(one, its)
        if not isinstance(entity, Entity):
            return
        for attribute in wire_fields(type(entity)):
            value = getattr(entity, attribute.name)
            if isinstance(value, Entity | list):
                spoil(value, raw[wire_name(attribute)])
        if type(entity) is cls and raw.get(wire) is not None:
            instead = (None, ODD, ABSENT)[next(turns) % 3]
            if field in SAY_NONE:
                instead = ODD
            if instead is ABSENT:
                del raw[wire]
            else:
                raw[wire] = instead

    def made(value: Any) -> Any:
        if isinstance(value, Entity):
            if cls not in classes[id(value)]:
                return value
            raw = to_dict(value)
            spoil(value, raw)
            return structure(raw, type(value))
        if isinstance(value, list):
            return [made(each) for each in value]
        if isinstance(value, dict):
            return {key: made(each) for key, each in value.items()}
        return value

    return attrs.evolve(
        answers, **{a.name: made(getattr(answers, a.name)) for a in attrs.fields(Answers)}
    )


def _others(
    odd: Any, healthy: Any, names: Mapping[str, str], path: tuple[str, ...] = ()
) -> Iterator[str]:
    """What a file says otherwise than another one; it may say less, and ids in place of names."""
    if odd is None or odd == healthy:
        return
    if attrs.has(type(odd)) and type(odd) is type(healthy):
        for name in (a.name for a in attrs.fields(type(odd))):
            if name not in ("id", "name"):
                there = getattr(healthy, name)
                yield from _others(getattr(odd, name), there, names, (*path, name))
    elif isinstance(odd, Mapping) and isinstance(healthy, Mapping) and odd:
        for label, one in odd.items():
            yield from _others(one, healthy.get(names.get(label, label)), names, (*path, label))
    elif isinstance(odd, tuple) and isinstance(healthy, tuple) and odd and healthy:
        if not {map(str, odd)} <= {map(str, healthy)} and attrs.has(type(odd[0])):
            yield f"{path} {odd}"
    elif not isinstance(odd, str) or names.get(odd) != healthy:
        yield f"{path} {odd}, not {healthy}"
