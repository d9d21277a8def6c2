"""What becomes of a key because of who has it, where the API is said to do so."""

from __future__ import annotations

import attrs
from aiohttp import web

from ..handlers.projects.api_keys import owner_access
from ..replies import bad_request, no_access_to_project
from .fault import Exchange, Fault
from .refusals import refusal


@attrs.frozen(kw_only=True)
class OwnerLeft(Fault):
    """Calls with a project's key whose owner has no access to the project answer 401.

    The code is `invalid_project`, which the API has answered with to keys of people who had left.
    """

    async def apply(self, exchange: Exchange) -> web.Response:
        store = exchange.environment.store
        secret = exchange.request.headers.get("Authorization", "").partition(" ")[2].strip()
        key = store.keys.of(secret)
        if key is not None and key.project_id is not None:
            record = store.project_api_keys[key.project_id].find(key.id)
            if record is not None:
                access = owner_access(store, key.project_id, record["owner"])
                if access == "inactive":
                    return refusal(no_access_to_project())
        return await exchange.run()


@attrs.frozen(kw_only=True)
class UndeletableKeys(Fault):
    """The deletion of a project's key is refused with 400 where a service account has it.

    So says an older reference: "an error if the key belonged to a service account".
    """

    match: str = "projects.api_keys.delete"

    async def apply(self, exchange: Exchange) -> web.Response:
        if exchange.operation == "projects.api_keys.delete":
            key = exchange.environment.store.keys.find(exchange.request.path.rpartition("/")[2])
            if key is not None and key.owner_type == "service_account":
                return refusal(bad_request("API keys of service accounts cannot be deleted."))
        return await exchange.run()
