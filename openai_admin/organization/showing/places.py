"""Where a step stands in a plan that is shown, and what it is called there."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from ..._text.visible import visible
from ..sections import SECTIONS
from .model import Subject
from .values import dollars

_TITLES = {
    "people": "People",
    "groups": "Groups",
    "roles": "Roles",
    "projects": "Projects",
    "settings": "Organization",
    "certificates": "Certificates",
    "identity_providers": "Identity providers",
    "external_keys": "External keys",
}
_TITLE_ORDER = {first: number for number, first in enumerate(_TITLES)}
_SECTION_ORDER = {section: number for number, section in enumerate(SECTIONS)}
_NOUNS: Mapping[str, str] = {
    "projects": "project",
    "projects.members": "member",
    "projects.groups": "group",
    "projects.roles": "role",
    "projects.service_accounts": "service account",
    "projects.rate_limits": "rate limit",
    "projects.spend_alerts": "spend alert",
    "projects.certificates": "active certificate",
    "projects.external_storage": "external storage",
    "settings.spend_alerts": "spend alert",
    "identity_providers.rules": "rule",
}
"""What things are called in their group, where that does not say it."""

_ALONE: Mapping[str, str] = {
    "people": "person",
    "people.roles": "roles of",
    "groups": "group",
    "groups.members": "members of",
    "groups.roles": "roles of",
    "roles": "role",
    "certificates": "certificate",
    "identity_providers": "identity provider",
    "external_keys": "external key",
}
"""What things are called that stand by themselves."""


def title_of(section: str, project: str | None) -> Subject:
    """The title of a section's group: each project has one of its own."""
    if project is not None:
        return Subject(noun="Project", name=visible(project))
    first = section.partition(".")[0]
    return Subject(noun=_TITLES.get(first, first))


def order_of(section: str, subject: str, project: str | None) -> tuple[int, str, int, str]:
    """By what things are put in order to be shown; what is equal stays in its order."""
    first = section.partition(".")[0]
    place = "" if project is None else project.casefold()
    inner = place or first == "settings"
    return (
        _TITLE_ORDER.get(first, len(_TITLE_ORDER)),
        place,
        _SECTION_ORDER.get(section, len(_SECTION_ORDER)) if inner else 0,
        subject.casefold(),
    )


def subject_of(section: str, subject: str, project: str | None, *, alone: bool = False) -> Subject:
    """What something is called.

    Args:
        section: the section that it is of.
        subject: its label.
        project: the label of its project.
        alone: whether no title says what it is.
    """
    noun = _NOUNS.get(section, "")
    if alone:
        noun = noun or _ALONE.get(section, "")
    name = visible(subject)
    if section.endswith("spend_alerts"):
        name = _amount(subject)
    if section == "projects" and project == subject and not alone:
        name = ""
    return Subject(noun=noun, name=name)


def where(project: str | None, section: str) -> str:
    """In which project something is, behind its name; empty for the organization."""
    return "" if project is None or section == "projects" else f" ({visible(project)})"


def _amount(subject: str) -> str:
    try:
        return dollars(Decimal(subject))
    except InvalidOperation:
        return visible(subject)
