"""Admin keys, the ones that the emulator itself is called with."""

from __future__ import annotations

from ...resources.admin_api_keys import YEAR, AdminAPIKeys
from ..listing import after_last_id, page
from ..routing import Call, emulates
from ..rules import integer_of, name_of
from ..table import Record, public


@emulates(AdminAPIKeys.list)
def list_keys(call: Call) -> Record:
    # By the public description, and cartography's fetcher goes on at `last_id` alone.
    return after_last_id(page(call.query, call.store.admin_api_keys))


@emulates(AdminAPIKeys.create)
def create(call: Call) -> Record:
    store = call.store
    name = name_of(call.body)
    seconds = integer_of(call.body, "expires_in_seconds", minimum=1, maximum=YEAR)
    owner = store.users.find(call.credential.owner["id"]) or store.first_owner()
    scopes = call.credential.scopes  # a key cannot create one that may do more than itself
    key, value = store.issue_admin_key(
        str(name),
        owner,
        scopes=scopes,
        expires_at=None if seconds is None else store.now() + seconds,
    )
    event = {"id": key["id"], "data": {"scopes": sorted(scopes or ())}}
    call.audit("api_key.created", event)
    return {**public(key), "value": value}


@emulates(AdminAPIKeys.retrieve)
def retrieve(call: Call) -> Record:
    return public(call.store.admin_api_keys.get(call.path["key_id"]))


@emulates(AdminAPIKeys.delete)
def delete(call: Call) -> Record:
    key = call.store.admin_api_keys.remove(call.path["key_id"])
    call.store.refuse_key(key["id"])
    call.audit("api_key.deleted", {"id": key["id"]})
    return {"object": "organization.admin_api_key.deleted", "id": key["id"], "deleted": True}
