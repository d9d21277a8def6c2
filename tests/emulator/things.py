"""A small resource of the tests' own, declared and emulated as real ones are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from openai_admin._declare.decorators import delete, get, listing, post
from openai_admin._declare.effect import Effect
from openai_admin._declare.methods import operation_of
from openai_admin._declare.pagination import Paging
from openai_admin._declare.resource import Mode, Resource
from openai_admin._wire.models import Page
from openai_admin.emulator.listing import after_last_id, page
from openai_admin.emulator.routing import Call, Handlers
from openai_admin.emulator.table import Record, public


class Things(Resource[Mode]):
    """Things of a project; without a name, so that no registry knows them."""

    @listing("/organization/projects/{project_id}/things", paging=Paging.LAST_ID)
    def list(
        self,
        project_id: str,
        *,
        after: str | None = None,
        before: str | None = None,
        limit: int | None = None,
        order: Literal["asc", "desc"] | None = None,
    ) -> Page[dict[str, Any]]:
        """List the things of a project."""

    @get("/organization/projects/{project_id}/things/{thing_id}")
    def retrieve(self, project_id: str, thing_id: str) -> dict[str, Any]:
        """Retrieve a thing."""

    @post("/organization/projects/{project_id}/things", Effect.ADDS)
    def create(
        self,
        project_id: str,
        *,
        name: str,
        size: int = ...,
        colour: Literal["red", "blue"] | None = ...,
        tags: Sequence[str] = ...,
        options: dict[str, Any] = ...,
    ) -> dict[str, Any]:
        """Create a thing."""

    @post("/organization/projects/{project_id}/things/activate", Effect.OVERWRITES)
    def activate(self, project_id: str) -> dict[str, Any]:
        """Activate all things."""

    @delete("/organization/projects/{project_id}/things/{thing_id}")
    def delete(self, project_id: str, thing_id: str) -> dict[str, Any]:
        """Delete a thing."""


for _operation in (
    operation_of(Things.list),
    operation_of(Things.retrieve),
    operation_of(Things.create),
    operation_of(Things.activate),
    operation_of(Things.delete),
):
    _operation.name = f"projects.things.{_operation.name}"

HANDLERS = Handlers()


@HANDLERS.emulates(Things.list)
def list_things(call: Call) -> Record:
    return after_last_id(page(call.query, call.store.project_users[call.path["project_id"]]))


@HANDLERS.emulates(Things.retrieve)
def retrieve_thing(call: Call) -> Record:
    return public(call.store.project_users[call.path["project_id"]].get(call.path["thing_id"]))


@HANDLERS.emulates(Things.create)
async def create_thing(call: Call) -> Record:
    things = call.store.project_users[call.path["project_id"]]
    thing = things.add({"id": call.store.new_id("user"), **call.body, "_secret": "canary"})
    call.audit("user.added", {"id": thing["id"]})
    return public(thing)


@HANDLERS.emulates(Things.activate)
def activate_things(call: Call) -> Record:
    return {"activated": len(call.store.project_users[call.path["project_id"]])}


@HANDLERS.emulates(Things.delete)
def delete_thing(call: Call) -> Record:
    if call.path["thing_id"] == "broken":
        raise RuntimeError("a mistake in a handler")
    thing = call.store.project_users[call.path["project_id"]].remove(call.path["thing_id"])
    return {"id": thing["id"], "deleted": True}
