"""A small organization as its listings tell it, and what has been answered in their stead."""

from __future__ import annotations

from typing import Any

from .api import API, Said

SCOPES = "You have insufficient permissions. Missing scopes: api.management.read."


def page(*items: Any, more: bool = False) -> Said:
    """A page of a listing."""
    last = items[-1].get("id") if items else None
    return Said(body={"object": "list", "data": [*items], "has_more": more, "last_id": last})


def refused(status: int, message: str) -> Said:
    """A refusal in the API's form."""
    return Said(status, {"error": {"message": message, "code": None}})


REFUSALS = {
    "401 with scopes": refused(401, SCOPES),
    "403": refused(403, "Not for you."),
    "403 as text": Said(403, {"error": "Not for you."}),
    "404": refused(404, "There is no such thing."),
    "400 archived": refused(400, "The project is archived."),
    "lasting 500": refused(500, "The server had an error."),
    "504 of a gateway": Said(504, b"<html>Gateway Time-out</html>"),
    "another shape": Said(200, {"data": 7}),
    "a web page": Said(200, b"<html>Sign in</html>"),
    "an error in a 200": refused(200, "Not for you."),
}


def person(id: str, name: str | None) -> dict[str, Any]:
    """A person who has a key."""
    return {"type": "user", "user": {"id": id, "name": name, "email": f"{id}@acme.example"}}


def account(id: str, name: str) -> dict[str, Any]:
    """A service account that has a key."""
    return {"type": "service_account", "service_account": {"id": id, "name": name}}


PROJECTS = "/organization/projects"
USERS = "/organization/users"
GROUPS = "/organization/groups"
KEYS_A, KEYS_B, KEYS_OLD = (f"{PROJECTS}/proj_{p}/api_keys" for p in ("a", "b", "old"))
ACCOUNTS_A, ACCOUNTS_B = (f"{PROJECTS}/proj_{p}/service_accounts" for p in ("a", "b"))

NAMES = {
    "proj_a": "Search",
    "proj_b": "Voice",
    "proj_old": "Old",
    "user-ada": "Ada",
    "user-bob": "bob@acme.example",
    "user-gone": "Grace",
    "svc_acct_a": "Crawler",
    "svc_acct_b": "Robot",
    "key_ada": "Ada's",
    "key_gone": "Grace's",
    "key_bot": "sk-…bot",
    "key_robot": "Robot's",
}
"""What all that is listed is called."""


def settle(api: API) -> None:
    """Let a server have the organization: ``user-gone`` has left, but not her key."""
    active = {"created_at": 0, "status": "active"}
    api.said = {
        PROJECTS: page(
            {"id": "proj_a", "name": "Search", **active},
            {"id": "proj_old", "name": "Old", "created_at": 0, "status": "archived"},
            {"id": "proj_b", "name": "Voice", **active},
        ),
        USERS: page(
            {"id": "user-ada", "name": "Ada", "email": "ada@acme.example", "role": "owner"},
            {"id": "user-bob", "name": None, "email": "bob@acme.example", "role": "reader"},
        ),
        GROUPS: page({"id": "group_1", "name": "Engineers", "created_at": 0}),
        KEYS_A: page(
            {"id": "key_ada", "name": "Ada's", "owner": person("user-ada", "Ada Elsewhere")},
            {"id": "key_gone", "name": "Grace's", "owner": person("user-gone", "Grace")},
            {"id": "key_bot", "name": None, "redacted_value": "sk-…bot", "owner": None},
        ),
        KEYS_B: page(
            {"id": "key_robot", "name": "Robot's", "owner": account("svc_acct_b", "Robot")},
        ),
        KEYS_OLD: REFUSALS["400 archived"],
        ACCOUNTS_A: page({"id": "svc_acct_a", "name": "Crawler", "role": "member"}),
        ACCOUNTS_B: page({"id": "svc_acct_b", "name": "Robot", "role": "member"}),
    }
