"""People, groups, roles and settings of the organization as blocks."""

from __future__ import annotations

from ..document.model import Document, Group, Person, Settings
from .blocks import Reference
from .making import INTERVAL, Making, alert_of, cents, name_of


def add_organization(making: Making) -> None:
    """Add everything that is not of one project; projects come after it, for they refer to it."""
    document = making.state.document
    _roles(making, document)
    for label, person in (document.people or {}).items():
        if person.id is not None:
            _person(making, label, person)
    for id, address in making.state.addresses.items():
        making.people.setdefault(address, id)
    for label, group in (document.groups or {}).items():
        if group.id is not None:
            _group(making, label, group)
    _settings(making, document.settings or Settings())
    _certificates(making, document)
    for name, things in (
        ("identity provider", document.identity_providers),
        ("external key", document.external_keys),
    ):
        for label in things or {}:
            making.leave(f"The provider has no resource for an {name}: {label}.")


def _roles(making: Making, document: Document) -> None:
    for (project_id, name), id in making.state.role_ids.items():
        if project_id is None:
            making.roles[name] = id
    for label, role in (document.roles or {}).items():
        needed = {"name": name_of(role, label), "permissions": role.permissions}
        if role.id is None or making.lacks(f"the role {label}", needed):
            continue
        block = making.add(
            "Roles of the organization",
            "role",
            [label],
            {
                "role_name": needed["name"],
                "description": role.description,
                "permissions": needed["permissions"],
            },
            [role.id],
        )
        making.roles[label] = block.its("role_id")


def _person(making: Making, label: str, person: Person) -> None:
    if person.id is None:
        return
    making.people[label] = person.id
    if making.lacks(label, {"role": person.role}):
        _assigned(making, "user", label, person.id, person.id, person.roles or ())
        return
    is_managed = person.id in making.state.scim_people
    block = making.add(
        "People",
        "organization_user",
        [label.partition("@")[0]],
        {"role": person.role},
        [person.id],
        f"{label}, managed by the identity provider (SCIM)" if is_managed else label,
    )
    making.people[label] = block.its("user_id")
    _assigned(making, "user", label, person.id, block.its("user_id"), person.roles or ())


def _group(making: Making, label: str, group: Group) -> None:
    if group.id is None:
        return
    making.groups[label] = group.id
    name = name_of(group, label)
    if making.lacks(f"the group {label}", {"name": name}):
        return
    is_managed = group.id in making.state.scim_groups
    if is_managed:
        making.leave(f"The identity provider manages the members of the group {label}.")
    block = making.add(
        "Groups",
        "group",
        [label],
        {"name": name},
        [group.id],
        "managed by the identity provider (SCIM)" if is_managed else "",
    )
    making.groups[label] = block.its("group_id")
    for member in () if is_managed else group.members or ():
        found = making.people.get(member)
        person = (making.state.document.people or {}).get(member)
        id = person.id if person is not None else found if isinstance(found, str) else None
        if found is None or id is None:
            making.leave(f"The id of {member} in the group {label} is not known.")
            continue
        making.add(
            "Groups",
            "group_user",
            [label, member.partition("@")[0]],
            {"group_id": block.its("group_id"), "user_id": found},
            [group.id, id],
        )
    _assigned(making, "group", label, group.id, block.its("group_id"), group.roles or ())


def _assigned(
    making: Making, kind: str, label: str, id: str, whose: Reference | str, roles: tuple[str, ...]
) -> None:
    for role in roles:
        role_id = making.role_id(role, making.state.document.roles)
        if role_id is None:
            making.leave(f"The id of the role {role} of {label} is not known.")
            continue
        making.add(
            "Roles that are assigned in the organization",
            f"{kind}_role",
            [label.partition("@")[0], role],
            {f"{kind}_id": whose, "role_id": making.roles[role]},
            [id, role_id],
        )


def _settings(making: Making, settings: Settings) -> None:
    section = "Settings of the organization"
    if settings.spend_limit is not None and not isinstance(settings.spend_limit, str):
        making.add(
            section,
            "organization_spend_limit",
            ["organization"],
            {**INTERVAL, "threshold_amount": cents(settings.spend_limit)},
            ["organization"],
        )
    for alert in settings.spend_alerts or ():
        if alert.id is not None:
            words = [f"at_{cents(alert.amount)}"]
            making.add(section, "organization_spend_alert", words, alert_of(alert), [alert.id])
    if settings.data_retention is not None:
        making.add(
            section,
            "organization_data_retention",
            ["organization"],
            {"type": settings.data_retention},
            ["organization"],
        )


def _certificates(making: Making, document: Document) -> None:
    for label, certificate in (document.certificates or {}).items():
        if certificate.id is None:
            continue
        if certificate.content is None:
            making.leave(f"The API did not say what is in the certificate {label}.")
            continue
        name = name_of(certificate, label)
        if making.lacks(f"the certificate {label}", {"name": name}):
            continue
        making.add(
            "Certificates",
            "certificate",
            [label],
            {"name": name, "certificate": certificate.content},
            [certificate.id],
        )
        if certificate.active:
            making.leave(f"The provider has no resource that activates a certificate: {label}.")
