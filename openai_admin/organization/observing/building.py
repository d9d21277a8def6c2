"""A state made of what came: pure, so that it can be done in a worker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from ...directory.not_known import NotKnown
from ...directory.reading import Reads
from ...resources.certificates import Certificate
from ...resources.roles import Role
from ..document import model
from ..state import State
from . import clouds, money, parts
from .answers import Answers
from .gaps import Gaps
from .given import by_group, is_openais, words
from .identity import Identity
from .invited import granted, invite_ids, open_invites
from .labels import in_order, labels_of
from .names import Names, names_in, own
from .needs import OF_PEOPLE, Needs
from .people import People, scim, scim_groups
from .projects import Projects
from .told import Told


def state_of(
    answers: Answers,
    needs: Needs,
    reads: Reads,
    *,
    read_at: datetime,
    organization: str | None,
    acting_user: str | None,
) -> State:
    """What came, as the file says it.

    Args:
        answers: what came.
        needs: what was asked for.
        reads: what was refused, and what could not be read.
        read_at: the server's time.
        organization: the organization's id.
        acting_user: the user whose key was used.
    """
    gaps = Gaps()
    gaps.take(reads)
    if needs.any(*OF_PEOPLE) and answers.invites is None:
        gaps.incomplete.add(("people", None))
    names = names_in(answers, open_invites(answers, read_at, gaps))
    if names.people.keys() - names.addresses.keys():  # whom it is of, is told of each
        gaps.incomplete.add(("people", None))
    if needs.acting and answers.admin_keys is not None and acting_user is None:
        gaps.unsaid("owner of the admin key in use", "the admin keys do not tell it beyond doubt")
    document = _document(answers, needs, names, gaps)
    return State(
        document=attrs.evolve(document, organization=organization),
        read_at=read_at,
        sections=needs.sections,
        incomplete=frozenset(gaps.incomplete),
        unsaid=frozenset(gaps.fields),
        read_into=answers.into,
        invites=invite_ids(answers, read_at),
        granted=granted(names),
        addresses=names.addresses,
        archived=names.archived if needs.of_projects else {},
        scim_people=scim(answers.people or ()),
        scim_groups=scim_groups(answers.groups or ()),
        role_ids=dict(_role_ids(answers)),
        inherited=dict(_inherited(answers, names)),
        acting_user=acting_user,
        # Sorted, since answers come in any order, and the file is to be the same each time.
        not_known=tuple(sorted((*reads.not_known, *gaps.not_known), key=_order)),
    )


def _order(part: NotKnown) -> tuple[str, str, str, str]:
    return part.kind, part.project_id or "", part.endpoint or "", part.reason


def _document(answers: Answers, needs: Needs, names: Names, gaps: Gaps) -> model.Document:
    people = People(answers, needs, names, gaps)
    return model.Document(
        people=people.people(),
        groups=people.groups(),
        roles=people.roles(),
        projects=Projects(answers, needs, names, gaps).all() if needs.of_projects else None,
        settings=_settings(answers, needs, gaps),
        certificates=_certificates(answers, names, gaps)
        if needs.any("certificates", "projects.certificates")
        else None,
        identity_providers=Identity(answers, names, gaps).providers(),
        external_keys=None
        if answers.external_keys is None or not needs.of_external_keys
        else clouds.keys(answers.external_keys, names.external_keys, gaps),
    )


def _settings(answers: Answers, needs: Needs, gaps: Gaps) -> model.Settings | None:
    if not needs.any("settings.spend_limit", "settings.spend_alerts", "settings.data_retention"):
        return None
    return model.Settings(
        spend_limit=money.limit(answers.spend_limit, "spend limit", gaps),
        spend_alerts=money.alerts(answers.spend_alerts, "spend alerts", gaps),
        data_retention=None
        if answers.data_retention is None
        else Told(
            answers.data_retention, gaps, "settings.data_retention", "the organization"
        ).field("type", "data_retention"),
    )


def _certificates(
    answers: Answers, names: Names, gaps: Gaps
) -> dict[str, model.Certificate] | None:
    if answers.certificates is None:
        return None
    labels = names.certificates
    return in_order(
        {
            labels[c.id]: _certificate(c, labels[c.id], answers.contents, gaps)
            for c in answers.certificates
        }
    )


def _certificate(
    of: Certificate, label: str, contents: Mapping[str, str], gaps: Gaps
) -> model.Certificate:
    told = Told(of, gaps, "certificates", f"the certificate {label}", (of.id,))
    return model.Certificate(
        id=of.id,
        name=told.name(label),
        content=contents.get(of.id),
        active=told.field("active"),
    )


def _role_ids(answers: Answers) -> Iterable[tuple[tuple[str | None, str], str]]:
    """The ids of roles by place and what the file calls them."""
    places: dict[str | None, Iterable[Role]] = {None: answers.roles or ()}
    places.update(answers.parts.get(parts.ROLES.kind, {}))
    for place, roles in places.items():
        of_project = place is not None
        for role in roles:
            if is_openais(role):
                for word in words(role, of_project=of_project):
                    yield (place, word), role.id
        labels = labels_of(own(roles))
        for id, label in labels.items():
            yield (place, label), id


def _inherited(
    answers: Answers, names: Names
) -> Iterable[tuple[tuple[str | None, str], Mapping[str, tuple[str, ...]]]]:
    """The roles that people have through groups, with the groups, by place and user."""
    for user_id, listed in answers.roles_of_people.items():
        if found := by_group(listed, names.roles, of_project=False):
            yield (None, user_id), found
    for (project_id, user_id), listed in answers.roles_of_members.items():
        labels = labels_of(own(answers.part(parts.ROLES, project_id)))
        if found := by_group(listed, labels, of_project=True):
            yield (project_id, user_id), found
