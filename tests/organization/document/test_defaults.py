"""Defaults hold for every project that says nothing else."""

from __future__ import annotations

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
