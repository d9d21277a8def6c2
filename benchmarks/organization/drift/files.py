"""Files as a person edits them, who was told what cannot come back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import attrs

from openai_admin.organization.document.defaults import settled
from openai_admin.organization.document.model import Document, Project


def without(document: Document, labels: Collection[str]) -> Document:
    """A file without some projects, and without the rules that name them."""
    projects: Mapping[str, Project] | None = document.projects and {
        label: each for label, each in document.projects.items() if label not in labels
    }
    providers = document.identity_providers and {
        label: attrs.evolve(
            provider,
            rules=provider.rules
            and {n: r for n, r in provider.rules.items() if r.project not in labels},
        )
        for label, provider in document.identity_providers.items()
    }
    return attrs.evolve(document, projects=projects, identity_providers=providers)


def unpinned(value: Any, ids: Collection[str]) -> Any:
    """Models without some of their ids."""
    if attrs.has(type(value)):
        fields = {a.name: unpinned(getattr(value, a.name), ids) for a in attrs.fields(type(value))}
        if fields.get("id") in ids:  # of several of one name, the pin alone allows for the name
            fields |= {"id": None} | ({"name": None} if "name" in fields else {})
        return attrs.evolve(value, **fields)
    if isinstance(value, Mapping):
        return {label: unpinned(each, ids) for label, each in value.items()}
    return tuple(unpinned(each, ids) for each in value) if isinstance(value, tuple) else value


def without_roles(document: Document) -> set[tuple[str | None, str]]:
    """Whose roles do not stand in a file, by the project's name and address."""
    document = settled(document)
    places: list[tuple[str | None, Mapping[str, Any]]] = [(None, document.people or {})]
    places += [(p.name or n, p.members or {}) for n, p in (document.projects or {}).items()]
    return {
        (place, address.casefold())
        for place, people in places
        for address, each in people.items()
        if each.roles is None
    }
