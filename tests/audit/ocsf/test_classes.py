"""Which class of OCSF a type of event goes to, and in which fields what it says is."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin.audit.kinds import kind_of
from openai_admin.audit.ocsf.classes import CLASSES
from openai_admin.resources.audit_logs import EVENT_TYPES
from tests.audit.events import event
from tests.audit.ocsf.made import ocsf


@pytest.mark.parametrize(
    ("type", "payload", "class_uid", "activity", "fields"),
    [
        (
            "user.added",
            {"id": "user-zoe", "data": {"role": "owner"}},
            3001,
            "Create",
            {
                "user": {"uid": "user-zoe", "type_id": 1, "type": "User"},
                "user_result": {
                    "uid": "user-zoe",
                    "type_id": 1,
                    "type": "User",
                    "groups": [{"name": "owner", "type": "Role"}],
                },
            },
        ),
        ("user.updated", {"id": "user-zoe"}, 3001, "Updated", {}),
        ("user.deleted", {"id": "user-zoe"}, 3001, "Delete", {}),
        (
            "service_account.created",
            {"id": "svc_1"},
            3001,
            "Create",
            {"user": {"uid": "svc_1", "type_id": 4, "type": "Service"}},
        ),
        ("login.succeeded", {}, 3002, "Logon", {"status": "Success", "is_remote": True}),
        (
            "login.failed",
            {"error_code": "bad_password", "error_message": "It is wrong."},
            3002,
            "Logon",
            {
                "status": "Failure",
                "status_code": "bad_password",
                "status_detail": "It is wrong.",
                "service": {"name": "OpenAI"},
            },
        ),
        ("logout.failed", {}, 3002, "Logoff", {"status": "Failure"}),
        ("tenant.session_revocation.started", {}, 3002, "Started", {}),
        (
            "role.assignment.created",
            {
                "id": "role-1:user-zoe",
                "principal_type": "user",
                "principal_id": "user-zoe",
                "resource_type": "api.project",
                "resource_id": "proj_9",
            },
            3005,
            "Assign Privileges",
            {
                "user": {"uid": "user-zoe", "type_id": 1, "type": "User"},
                "privileges": ["role-1"],
                "resources": [{"uid": "proj_9", "type": "api.project"}],
                "unmapped": {"payload": {"id": "role-1:user-zoe", "principal_type": "user"}},
            },
        ),
        (
            "tenant.resource_role_assignment.created",
            {"id": "ra_77", "principal_id": "u9"},
            3005,
            "Assign Privileges",
            {
                "user": {"uid": "u9", "type_id": 1, "type": "User"},
                "privileges": ["Unknown"],
                "unmapped": {"payload": {"id": "ra_77"}},
            },
        ),
        (
            "role.assignment.created",
            {"id": "role_9", "principal_type": "user_group", "principal_id": "group-1"},
            3006,
            "Assign Privileges",
            {"group": {"uid": "group-1"}, "privileges": ["role_9"]},
        ),
        (
            "role.assignment.created",
            {"id": "role_9", "principal_type": "Group", "principal_id": "group-1"},
            3006,
            "Assign Privileges",
            {"group": {"uid": "group-1"}, "privileges": ["role_9"]},
        ),
        (
            "role.assignment.deleted",
            {"id": "role-1:group_1", "principal_type": "group", "principal_id": "group_1"},
            3006,
            "Revoke Privileges",
            {"group": {"uid": "group_1"}, "privileges": ["role-1"]},
        ),
        (
            "role.bound_to_resource",
            {"id": "conn_1", "role_id": "role-1", "permissions": ["read"], "resource_id": "conn_1"},
            3005,
            "Assign Privileges",
            {
                "user": {"uid": "role-1", "type_id": 99, "type": "Role"},
                "privileges": ["role-1", "read"],
            },
        ),
        (
            "group.created",
            {"id": "group_1", "data": {"group_name": "Ops"}},
            3006,
            "Create",
            {"group": {"uid": "group_1", "name": "Ops"}},
        ),
        (
            "group.updated",
            {"id": "group_1", "changes_requested": {"users_removed": ["user-zoe"]}},
            3006,
            "Remove User",
            {
                "group": {"uid": "group_1"},
                "user": {"uid": "user-zoe", "type_id": 1, "type": "User"},
            },
        ),
        (
            "group.updated",
            {"id": "g", "changes_requested": {"group_name": "A"}},
            3006,
            "Updated",
            {},
        ),
        ("tenant.group.member.added", {}, 3006, "Add User", {}),
        (
            "api_key.created",
            {"id": "key_9", "data": {"scopes": ["all"]}},
            3004,
            "Create",
            {
                "entity": {
                    "uid": "key_9",
                    "type_id": 99,
                    "type": "API key",
                    "data": {"scopes": ["all"]},
                }
            },
        ),
        (
            "rate_limit.updated",
            {"id": "rl-1", "changes_requested": {"max_requests_per_1_minute": 5}},
            3004,
            "Update",
            {
                "entity_result": {
                    "uid": "rl-1",
                    "type_id": 99,
                    "type": "Rate limit",
                    "data": {"max_requests_per_1_minute": 5},
                }
            },
        ),
        (
            "role.created",
            {"id": "role-1", "role_name": "Auditor"},
            3004,
            "Create",
            {
                "entity": {
                    "uid": "role-1",
                    "name": "Auditor",
                    "type_id": 5,
                    "type": "Policy",
                    "policy": {"uid": "role-1", "name": "Auditor"},
                }
            },
        ),
        (
            "certificates.activated",
            {"certificates": [{"id": "cert_1", "name": "One"}]},
            3004,
            "Activate",
            {
                "entity": {
                    "uid": "cert_1",
                    "name": "One",
                    "type_id": 99,
                    "type": "Certificates",
                    "data": {"certificates": [{"id": "cert_1", "name": "One"}]},
                }
            },
        ),
        (
            "ip_allowlist.created",
            {"id": "ip_1", "name": "Office", "allowed_ips": ["203.0.113.0/24"]},
            3004,
            "Create",
            {
                "entity": {
                    "uid": "ip_1",
                    "name": "Office",
                    "type_id": 7,
                    "type": "Network Zone",
                    "data": {"allowed_ips": ["203.0.113.0/24"]},
                },
                "unmapped": None,
            },
        ),
        ("scim.disabled", {"id": "scim_1"}, 3004, "Disable", {}),
        ("ip_allowlist.config.deactivated", {"configs": []}, 3004, "Deactivate", {}),
        ("tenant.domains.migrated", None, 3004, "Move", {}),
        (
            "invite.sent",
            {"id": "invite-1", "data": {"email": "zoe@example.com", "role": "reader"}},
            3004,
            "Create",
            {},
        ),
        (
            "tenant.user.looked_up",
            {"id": "user-zoe"},
            6003,
            "Read",
            {
                "api": {"operation": "tenant.user.looked_up", "service": {"name": "OpenAI"}},
                "resources": [{"uid": "user-zoe", "type": "user"}],
            },
        ),
        ("widget.frobnicated", {"id": "w_1"}, 6003, "Frobnicated", {"status": "Unknown"}),
        ("project.frozen", {"id": "proj_1"}, 3004, "Frozen", {"severity": "Unknown"}),
        ("single", None, 6003, "Unknown", {}),
    ],
)
def test_a_type_goes_to_its_class(
    type: str, payload: Any, class_uid: int, activity: str, fields: dict[str, Any]
) -> None:
    made = ocsf(event(type, payload))
    assert (made["class_uid"], made["activity_name"]) == (class_uid, activity)
    assert {name: made.get(name) for name in fields} == fields


def test_every_class_takes_some_types() -> None:
    assert {kind_of(type).area for type in EVENT_TYPES} == set(CLASSES)
