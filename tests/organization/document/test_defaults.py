"""Defaults hold for every project that says nothing else."""

from __future__ import annotations

import attrs

from openai_admin.organization.document.defaults import settled
from openai_admin.organization.document.reading import read_text


def test_defaults_are_laid_under_each_project() -> None:
    found = settled(
        read_text(
            """
defaults:
  spend_limit: 100
  spend_alerts: [{amount: 80}]
  geography: EU
  members: {ana@example.com: owner, ben@example.com: member}
  models: {mode: allow_list, models: [gpt-5]}
projects:
  Plain: {}
  Own:
    spend_limit: none
    spend_alerts: []
    residency: GLOBAL
    members: {ben@example.com: {roles: [Deployer]}, cy@example.com: member}
    models: {mode: deny_list, models: []}
  Gone: {archived: true}
"""
        ).document
    )
    wanted = read_text(
        """
projects:
  Plain:
    spend_limit: 100
    spend_alerts: [{amount: 80}]
    geography: EU
    members: {ana@example.com: owner, ben@example.com: member}
    models: {mode: allow_list, models: [gpt-5]}
  Own:
    spend_limit: none
    spend_alerts: []
    residency: GLOBAL
    members:
      ana@example.com: owner
      ben@example.com: {roles: [Deployer]}
      cy@example.com: member
    models: {mode: deny_list, models: []}
  Gone: {archived: true}
"""
    ).document
    assert found == wanted
    assert settled(wanted) is wanted


def test_people_who_stand_there_without_roles_are_to_have_none_where_roles_are_pruned() -> None:
    found = read_text(
        """
prune: all
people: {ana@example.com: owner, ben@example.com: {role: reader, roles: [Auditor]}}
groups: {Ops: {members: []}}
projects: {Core: {members: {ben@example.com: member}}, Data: {}}
"""
    ).document
    wanted = settled(found)
    assert {label: one.roles for label, one in (wanted.people or {}).items()} == {
        "ana@example.com": (),
        "ben@example.com": ("Auditor",),
    }
    # A pull says of every group which roles it has: one of which nothing is said is not managed.
    assert (wanted.groups or {})["Ops"].roles is None
    projects = wanted.projects or {}
    assert [one.roles for one in (projects["Core"].members or {}).values()] == [()]
    assert projects["Data"].members is None
    for prune in ((), ("people", "groups", "roles", "projects.roles")):
        other = attrs.evolve(found, prune=prune)
        assert settled(other) == other
