"""What answers each operation: one module for each resource.

A handler is a function bound to a declared operation. It reads its `Call`, changes the store,
writes the audit log, and returns the JSON object of the answer::

    from ..listing import after_last_id, page
    from ..replies import conflict
    from ..routing import Call, emulates
    from ..table import Record, public
    from ...resources.projects import Projects


    @emulates(Projects.create)
    def create(call: Call) -> Record:
        store = call.store
        project = store.projects.add(
            {
                "object": "organization.project",
                "id": store.new_id("project"),
                "name": call.body["name"],
                "created_at": store.now(),
                "archived_at": None,
                "status": "active",
            }
        )
        event = {"id": project["id"], "data": {"name": project["name"]}}
        call.audit("project.created", event, project=project)
        return public(project)


    @emulates(Projects.list)
    def list_projects(call: Call) -> Record:
        archived = call.query.boolean("include_archived")
        wanted = None if archived else lambda project: project["status"] == "active"
        return after_last_id(page(call.query, call.store.projects, where=wanted))

A handler is a plain function where it can be: nothing then comes between its checks and its
changes. Check everything first, then change, so that an error leaves nothing half done. Modules
of this package are found automatically; a module needs no entry anywhere.

**Checked before a handler runs**: the key and its scopes, unknown query parameters; of the body,
that it is an object, that the required fields are there, that no field is unknown, and the JSON
types and choices that the operation declares, lists and their items included; that a project in
the path is not archived, where the operation is about what the project has. What is left to the
handler: ranges, lengths, formats, and the rules of the organization. Members of nested
objects are not checked either.

**Call** (`routing`): `store`; `path`, the decoded path arguments by name; `query`; `body`, empty
if there was none (`"name" in call.body` tells what was sent, null included); `credential`, the
key; `actor`, the caller in audit log shape; `audit(event_type, payload, project=…)`.

**Query** (`query`): `text(name)`, `required(name)`, `integer(name, minimum=…, maximum=…)`,
`boolean(name)`, `choice(name, choices)` return None for what was not sent; `texts(name)` and
`choices(name, choices)` return the items of an array, however it was sent; `integers(name,
members)` returns the members of an object (`effective_at[gte]=…`). Names are without brackets.

**Table** (`table`, on `store.projects`, `store.project_users[project_id]` …): `get(id)` or the
API's 404, `find(id)` or None, `first(where, having=…)`, `some(ids)`, `add(record)`,
`update(id, changes)`, `remove(id)`, `id in table`, `len(table)`, iteration oldest first. What is
looked for often has a key in `lookups`, and is found by it (`having={"email": {address}}`) without
looking at each record; `scoped.scopes_of(id)` are the scopes that have a record. Records are plain
dicts in wire shape and never changed in place, nested values included: `update` takes the new
values and returns the new record. Fields that begin with an underscore are private;
`public(record)` leaves them out. A scoped table is created when it is first asked for, so look the
scope up first (`store.projects.get(project_id)`). What exists once is in `store.settings`, under
`("spend_limit",)` or `("spend_limit", project_id)`.

**Listings** (`listing`): `page(query, table, having=…, between=…, where=…, render=…,
limit=Limit(default=20, maximum=100, minimum=1), order="asc"|"desc", orders=…)` reads `limit`,
`after`, `before` and `order`, and is put into `after_last_id(…)`, `after_next(…)` or
`after_item_id(…)`; `one_page(records)` is the envelope without a cursor. `render` makes an item of
each record, `public` unless told otherwise.

**Errors** (`replies`, raised): `not_found(kind, id)`, `invalid(param, message)`,
`invalid_choice(param, value, choices)`, `below_minimum` and `above_maximum(param, value, bound)`,
`missing(param)`, `bad_request(message)`, `conflict(message)` (409), or `EmulatedError` itself. They
are returned by the call and must be raised.

**Store** (`store`): `new_id(kind)`, `new_secret(prefix)` and `now()` in place of randomness and
the clock; `first_owner()`. `issue_admin_key(name, owner)`, and `add_project_key` of
`project_keys`, make a key's record and let calls be made with it; whatever deletes a key says so
with `refuse_key(id)`. `redact(value, mask="...")` of `replies` makes a `redacted_value`.

**Beside the Admin API** there is `GET /models` alone (`..models`), as `models.list`, for the keys
of projects. No declared operation describes it, so it has no handler here; faults can have it.
"""

from __future__ import annotations

import importlib
import pkgutil


def load() -> None:
    """Import every handler module, at every depth, so that it binds its handlers."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(module.name)
