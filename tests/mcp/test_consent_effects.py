"""Which operations are asked about, and why: all that change something, each held to the list."""

from __future__ import annotations

import pytest

from openai_admin._declare.effect import Effect
from openai_admin._declare.operation import OPERATIONS
from openai_admin.mcp import Danger
from openai_admin.mcp.consent import may_ask
from openai_admin.mcp.consent.dangers import of_call, possible_of
from openai_admin.mcp.operations import all_tools
from openai_admin.resources import load
from tests.contract import CONTRACT

load()

R, G, L = "removes", "grants", "locks-out"

ASKED: dict[str, str] = {
    "admin_api_keys.create": G,  # an admin key
    "admin_api_keys.delete": f"{R} {L}",  # the last one
    "certificates.activate": L,  # without a client certificate, nothing reaches the API any more
    "certificates.deactivate": R,
    "certificates.delete": R,
    "external_keys.delete": R,
    "external_storage.delete": R,
    "fine_tuning.checkpoints.permissions.create": G,  # a permission
    "fine_tuning.checkpoints.permissions.delete": R,
    "groups.delete": R,
    "groups.roles.create": G,  # a role, to everybody in it
    "groups.roles.delete": R,
    "groups.users.create": G,  # what the group may do
    "groups.users.delete": R,
    "invites.create": G,  # as owner, of the organization or a project
    "invites.delete": R,
    "projects.api_keys.delete": f"{R} {L}",  # one that is in use
    "projects.api_keys.update": f"{G} {L}",  # scopes; an end of its time
    "projects.archive": R,
    "projects.certificates.activate": L,
    "projects.certificates.deactivate": R,
    "projects.groups.create": G,
    "projects.groups.delete": R,
    "projects.groups.roles.create": G,
    "projects.groups.roles.delete": R,
    "projects.hosted_tool_permissions.update": L,  # a tool that programs use
    "projects.model_permissions.delete": R,
    "projects.model_permissions.update": L,  # a model that programs use
    "projects.rate_limits.update": L,  # cut by more than half
    "projects.roles.delete": R,
    "projects.roles.update": G,  # permissions
    "projects.service_accounts.api_keys.create": G,  # a key
    "projects.service_accounts.create": G,  # a key
    "projects.service_accounts.delete": R,
    "projects.service_accounts.update": f"{R} {G}",  # to owner; from owner
    "projects.service_tier_settings.update": L,
    "projects.spend_alerts.delete": R,
    "projects.spend_limit.delete": R,
    "projects.spend_limit.update": L,  # below what is spent, or half of what it was
    "projects.users.create": G,  # as owner
    "projects.users.delete": R,
    "projects.users.roles.create": G,
    "projects.users.roles.delete": R,
    "projects.update": R,  # its own encryption key
    "projects.users.update": f"{R} {G}",
    "roles.delete": R,
    "roles.update": G,
    "spend_alerts.delete": R,
    "spend_limit.delete": R,
    "spend_limit.update": L,
    "users.delete": f"{R} {L}",  # the last owner
    "users.roles.create": G,
    "users.roles.delete": R,
    "users.update": f"{R} {G} {L}",  # from owner, to owner, the last owner
    "workload_identity_providers.delete": R,
    "workload_identity_providers.federation_rules.create": G,
    "workload_identity_providers.federation_rules.delete": R,
    "workload_identity_providers.federation_rules.update": f"{G} {L}",  # switched off
    "workload_identity_providers.update": f"{G} {L}",
}
"""What is asked about, whatever the arguments."""

NEVER: dict[str, str] = {
    "certificates.create": "an uploaded certificate has no effect before it is active",
    "certificates.update": "its name",
    "data_retention.update": "nobody loses or gains access by it",
    "external_keys.create": "nothing uses it yet",
    "external_keys.validate": "it tries it",
    "external_storage.create": "nothing uses it yet",
    "external_storage.validate": "it tries it",
    "groups.create": "it has nobody and no role",
    "groups.update": "its name",
    "projects.create": "it has nobody but owners",
    "projects.data_retention.update": "nobody loses or gains access by it",
    "projects.roles.create": "nobody has it yet",
    "projects.spend_alerts.create": "a message",
    "projects.spend_alerts.update": "a message",
    "roles.create": "nobody has it yet",
    "spend_alerts.create": "a message",
    "spend_alerts.update": "a message",
    "workload_identity_providers.create": "without a rule it lets nobody in",
}
"""What is not, and why."""

CHANGES = sorted(o.name for o in OPERATIONS.values() if o.effect is not Effect.READS)


def test_each_operation_of_the_contract_that_changes_something_has_its_place() -> None:
    names = {name for name, of in CONTRACT.items() if of.method != "GET"}
    assert names <= ASKED.keys() | NEVER.keys()
    assert ASKED.keys() | NEVER.keys() == {*CHANGES}
    assert not ASKED.keys() & NEVER.keys()


@pytest.mark.parametrize("name", CHANGES)
def test_what_an_operation_may_be_asked_about(name: str) -> None:
    told = {danger.value for danger in possible_of(OPERATIONS[name])}
    assert told == {*ASKED.get(name, "").split()}


def test_what_only_reads_is_never_asked_about() -> None:
    for operation in OPERATIONS.values():
        if operation.effect is Effect.READS:
            assert not possible_of(operation), operation.name


def test_what_removes_is_asked_about_whatever_the_arguments() -> None:
    removing = {o.name for o in OPERATIONS.values() if o.effect is Effect.REMOVES}
    assert removing <= {name for name, why in ASKED.items() if R in why.split()}
    for name in removing:
        assert Danger.REMOVES in of_call(OPERATIONS[name], {})


def test_what_is_allowed_is_not_asked_about() -> None:
    for tool in all_tools():
        assert tool.operation is not None
        why = {Danger(word) for word in ASKED.get(tool.operation.name, "").split()}
        assert may_ask(tool) is bool(why)
        assert not may_ask(tool, why)
        assert not may_ask(tool, frozenset(Danger))
        for danger in why:
            assert may_ask(tool, why - {danger})


@pytest.mark.parametrize(
    ("name", "arguments", "dangers"),
    [
        ("users.update", {"role": "owner"}, G),
        ("users.update", {"role": "Owner"}, G),
        ("users.update", {"role_id": "role_1"}, G),
        ("users.update", {"technical_level": "high"}, ""),
        ("users.update", {"role": None}, ""),
        ("projects.users.create", {"role": "owner"}, G),
        ("projects.users.create", {"role": "member"}, ""),
        ("projects.users.create", {"role": "viewer"}, ""),
        ("invites.create", {"role": "owner"}, G),
        ("invites.create", {"role": "reader", "projects": []}, ""),
        ("invites.create", {"role": "reader", "projects": [{"id": "p", "role": "member"}]}, ""),
        ("invites.create", {"role": "reader", "projects": [{"id": "p", "role": "owner"}]}, G),
        ("roles.update", {"permissions": ["api.usage.read"]}, G),
        ("roles.update", {"description": "x"}, ""),
        ("projects.api_keys.update", {"scopes": []}, G),
        ("projects.api_keys.update", {"expires_in_seconds": 1}, L),
        ("workload_identity_providers.update", {"name": "x"}, ""),
        ("workload_identity_providers.update", {"enabled": False}, f"{G} {L}"),
        ("workload_identity_providers.federation_rules.update", {"enabled": True}, G),
        ("certificates.deactivate", {"certificate_ids": ["cert_1"]}, R),
    ],
)
def test_what_arguments_alone_tell(name: str, arguments: dict[str, object], dangers: str) -> None:
    told = {danger.value for danger in of_call(OPERATIONS[name], arguments)}
    assert told == {*dangers.split()}
