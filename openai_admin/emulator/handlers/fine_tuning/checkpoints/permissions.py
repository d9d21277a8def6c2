"""Which projects may use the checkpoint of a fine-tuned model.

The emulator trains no models: whatever is named as the API names checkpoints is one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from .....resources.fine_tuning.checkpoints.permissions import CheckpointPermissions
from ....listing import Limit, after_last_id, one_page, page
from ....replies import not_found
from ....routing import Call, emulates
from ....rules import active_project
from ....table import Order, Record, Table

_CHECKPOINT = re.compile(r"ft:[\w.-]+:[\w-]*:[\w-]*:[\w-]+(:ckpt-step-\d+)?", re.ASCII)
"""`ft:MODEL:ORGANIZATION:SUFFIX:ID`, and the step of one that is not the last."""

_PAGE = Limit(default=10)
_ORDERS: Mapping[str, Order] = {"ascending": "asc", "descending": "desc"}


@emulates(CheckpointPermissions.list)
def list_permissions(call: Call) -> Record:
    project_id = call.query.text("project_id")
    wanted = None if project_id is None else (lambda p: p["project_id"] == project_id)
    found = page(call.query, _permissions(call), where=wanted, limit=_PAGE, orders=_ORDERS)
    return after_last_id(found)


@emulates(CheckpointPermissions.create)
def create(call: Call) -> Record:
    permissions = _permissions(call)
    ids = dict.fromkeys(call.body["project_ids"])
    # The body names the projects here, not the path.
    projects = [active_project(attrs.evolve(call, path={"project_id": id})) for id in ids]
    return one_page([_given(call, permissions, project) for project in projects])


@emulates(CheckpointPermissions.delete)
def delete(call: Call) -> Record:
    permission = _permissions(call).remove(call.path["permission_id"])
    call.audit("checkpoint.permission.deleted", {"id": permission["id"]})
    return {"object": "checkpoint.permission", "id": permission["id"], "deleted": True}


def _permissions(call: Call) -> Table:
    checkpoint = call.path["fine_tuned_model_checkpoint"]
    if not _CHECKPOINT.fullmatch(checkpoint):
        raise not_found("fine-tuned model checkpoint", checkpoint)
    return call.store.checkpoint_permissions[checkpoint]


def _given(call: Call, permissions: Table, project: Record) -> Record:
    """The project's permission, which is given if it does not have it yet."""
    known = permissions.first(lambda permission: permission["project_id"] == project["id"])
    if known is not None:
        return known
    permission = permissions.add(
        {
            "object": "checkpoint.permission",
            "id": call.store.new_id("checkpoint_permission"),
            "created_at": call.store.now(),
            "project_id": project["id"],
        }
    )
    data = {
        "project_id": project["id"],
        "fine_tuned_model_checkpoint": call.path["fine_tuned_model_checkpoint"],
    }
    event = {"id": permission["id"], "data": data}
    call.audit("checkpoint.permission.created", event, project=project)
    return permission
