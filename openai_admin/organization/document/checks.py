"""What is wrong with a part of the file though each of its values could be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs

from ..._declare.arguments import shown, suggest
from ...errors import InvalidInputError
from ..folding import folded
from . import allowed
from .mistakes import Place
from .model import (
    Certificate,
    ExternalKey,
    IdentityProvider,
    Named,
    Project,
    RateLimit,
)
from .pem import certificate_of
from .scalars import NotReadError
from .shorthand import ADDRESS, OF_ONE, PEOPLE, RECIPIENTS, SETS, USER_ID
from .spot import Spot, WrongError


def check_labels(spot: Spot, made: Mapping[str, Any]) -> None:
    """Look at the labels of a mapping: no address twice, no name that several have."""
    places = {label: spot.reading.places[*spot.path, label] for label in made}
    if spot.field in PEOPLE:
        _check_addresses(spot, places.items())
    named = {label: thing for label, thing in made.items() if isinstance(thing, Named)}
    names: dict[str, str] = {}
    for label, thing in named.items():
        name = label if thing.name is None else thing.name
        if not label.strip() or not (name.strip() or thing.id):
            wrong = "must have more than blanks" if name else "must not be empty"
            spot.note(f"a name {wrong}.", at=places[label])
        other = names.setdefault(name, label)
        if other != label and (thing.id is None or named[other].id is None):
            spot.note(
                f"{shown(other)} and {shown(label)} have the same name {shown(name)}:"
                " pin both with 'id'.",
                at=places[label],
            )


def check_list(spot: Spot, made: Sequence[Any]) -> None:
    """Look at the items of a list: none twice, where it is a set."""
    texts = [
        (each, spot.reading.places[*spot.path, i])
        for i, each in enumerate(made)
        if isinstance(each, str)
    ]
    if spot.field in PEOPLE | RECIPIENTS:
        _check_addresses(spot, texts)
    elif spot.field in SETS:
        seen: set[str] = set()
        for text, place in texts:
            if text in seen:
                spot.note(f"{shown(text)} stands in this list twice.", at=place)
            seen.add(text)


def _check_addresses(spot: Spot, labels: Iterable[tuple[str, Place]]) -> None:
    seen: dict[str, tuple[str, Place]] = {}
    for label, place in labels:
        is_person = spot.field in PEOPLE and re.fullmatch(USER_ID, label)
        if not (is_person or re.fullmatch(ADDRESS, label)):
            spot.note(f"{shown(label)} is not an address such as ana@example.com.", at=place)
        small = folded(label)
        if small in seen:
            other, before = seen[small]
            spelling = "" if other == label else f", there as {shown(other)}"
            spot.note(
                f"the address {shown(label)} stands here twice, first in line"
                f" {before.line}{spelling}.",
                at=place,
            )
        seen.setdefault(small, (label, place))


def finished(spot: Spot, made: Any) -> Any:
    """A part of the file once it was looked at as a whole, with what belongs to it filled in.

    Raises:
        WrongError: it cannot be used.
    """
    if not isinstance(made, RateLimit):  # of which a model's has one id in all projects
        _check_default(spot, made)
        _check_pin(spot, made)
    check = _CHECKS.get(type(made))
    return made if check is None else check(spot, made)


def _check_default(spot: Spot, made: Any) -> None:
    for name in OF_ONE if spot.path[:1] == ("defaults",) else ():
        if getattr(made, name, None) is not None and (*spot.path, name) in spot.reading.places:
            place = spot.reading.places[*spot.path, name]
            sentence = f"{name!r} cannot stand in the defaults, which hold for each project."
            spot.note(sentence, at=place)


def _check_pin(spot: Spot, made: Any) -> None:
    id = getattr(made, "id", None)
    if id is None:
        return
    before = spot.reading.pins.setdefault((type(made), id), spot.path)
    if before != spot.path:
        place = spot.reading.places[before]
        spot.note(f"the id {shown(id)} is pinned twice, first in {place}.")


def _project(spot: Spot, made: Project) -> Project:
    if made.residency is not None and made.geography is not None:
        spot.note("'residency' and 'geography' say the same; keep one of them.")
    return made


def _identity_provider(spot: Spot, made: IdentityProvider) -> IdentityProvider:
    if made.discovery_url is not None and made.jwks is not None:
        spot.note("'discovery_url' and 'jwks' exclude each other; keep one of them.")
    if made.jwks is not None:
        try:
            allowed.check_keys(made.jwks)
        except InvalidInputError as exc:
            sentence = str(exc).removeprefix("verification.")
            spot.note(sentence, at=spot.reading.places[*spot.path, "jwks"])
    return made


def _external_key(spot: Spot, made: ExternalKey) -> ExternalKey:
    needed, more = allowed.key_details(made.type)
    for name in made.details:
        if name not in (*needed, *more):
            known = (*needed, *more)
            spot.note(
                f"the details of a key of the type {made.type!r} have no {shown(name)}; they are"
                f" {', '.join(known)}{suggest(name, known)}",
                at=spot.reading.places.get((*spot.path, "details")),
            )
    missing = [name for name in needed if name not in made.details]
    if missing:
        *first, last = map(repr, missing)
        names = f"{', '.join(first)} and {last}" if first else last
        spot.note(f"the details of a key of the type {made.type!r} need {names}.")
    return made


def _certificate(spot: Spot, made: Certificate) -> Certificate:
    if made.file is None:
        return made
    try:
        content = certificate_of(made.file, beside=spot.place.file)
    except NotReadError as exc:
        at = spot.reading.places[*spot.path, "file"]
        spot.note(f"the file {shown(made.file)} {exc}", at=at)
        raise WrongError from None
    return attrs.evolve(made, content=content)


_CHECKS: Mapping[type, Callable[[Spot, Any], Any]] = {
    Project: _project,
    IdentityProvider: _identity_provider,
    ExternalKey: _external_key,
    Certificate: _certificate,
}
