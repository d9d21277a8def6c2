"""What refers to things that were not listed, which a plan would refuse: left out, and named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from .document.model import Document, FederationRule, Group, IdentityProvider, Person, Project
from .state import State

_ALWAYS_THERE = frozenset({"owner", "member", "viewer", "reader"})


@attrs.frozen
class Referring:
    """Leaves out what refers to what there is not, as far as that is known.

    Attributes:
        state: what there is.
        unsaid: is told what was left out, a text each.
    """

    state: State
    unsaid: list[str]

    def document(self, of: Document) -> Document:
        """A document all of whose names stand for something."""
        return attrs.evolve(
            of,
            people=each(of.people, lambda label, one: self._given(one, label)),
            groups=each(of.groups, lambda label, one: self._given(one, f"the group {label}")),
            projects=each(of.projects, self._project),
            identity_providers=each(of.identity_providers, self._provider),
        )

    def _given(self, of: Person | Group, what: str) -> Any:
        lost = self._lost(of.roles, None)
        if not lost:
            return of
        self._leave(f"roles of {what}", f"the role {lost}")
        return attrs.evolve(of, roles=None)

    def _lost(self, roles: tuple[str, ...] | None, project: Project | None) -> str | None:
        """A role that somebody has and that was not listed where it should have been."""
        place = None if project is None else project.id
        if (self.state.document if project is None else project).roles is None:
            return None
        known = {name for of, name in self.state.role_ids if of == place} | _ALWAYS_THERE
        return next((role for role in roles or () if role not in known), None)

    def _project(self, label: str, project: Project) -> Project:
        there = self.state.document
        members = dict(project.members or {})
        for name, member in members.items():
            if lost := self._lost(member.roles, project):
                self._leave(f"roles of {name} in {label}", f"the role {lost}")
                members[name] = attrs.evolve(member, roles=None)
        groups = dict(project.groups or {})
        for name, group in {**groups}.items():
            lost = self._lost(group.roles, project)
            if lost or (there.groups is not None and name not in there.groups):
                what = f"the role {lost}" if lost else "which"
                self._leave(f"the group {name} in {label}", what)
                del groups[name]
        certificates = project.certificates
        if there.certificates is not None:
            unlisted = [one for one in certificates or () if one not in there.certificates]
            if unlisted:
                self._leave(f"certificates of {label}", f"the certificate {unlisted[0]}")
                certificates = None
        return attrs.evolve(
            project,
            members=None if project.members is None else members,
            groups=groups if groups or not project.groups else None,
            certificates=certificates,
        )

    def _provider(self, label: str, provider: IdentityProvider) -> IdentityProvider:
        if provider.rules is None:
            return provider
        rules = {
            name: rule for name, rule in provider.rules.items() if self._is_there(label, name, rule)
        }
        return attrs.evolve(provider, rules=rules if rules or not provider.rules else None)

    def _is_there(self, provider: str, label: str, rule: FederationRule) -> bool:
        projects = self.state.document.projects
        if projects is None:
            return True
        project = projects.get(rule.project)
        accounts = None if project is None else project.service_accounts
        if project is None:
            lost = f"the project {rule.project}"
        elif accounts is not None and rule.service_account not in accounts:
            lost = f"the service account {rule.service_account}"
        else:
            return True
        self._leave(f"the rule {label} of the provider {provider}", lost)
        return False

    def _leave(self, what: str, lost: str) -> None:
        refers = "is not listed in the organization"
        sentence = f"{what}, which {refers}" if lost == "which" else f"{what}: {lost} {refers}"
        self.unsaid.append(sentence)


def each(
    mapping: Mapping[str, Any] | None, made: Callable[[str, Any], Any]
) -> dict[str, Any] | None:
    """Things by label, each made anew."""
    if mapping is None:
        return None
    return {label: made(label, thing) for label, thing in mapping.items()}
