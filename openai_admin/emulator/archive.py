"""Archiving: a project stays, but what belongs to it goes."""

from __future__ import annotations

from .store import Store


def empty(store: Store, project_id: str) -> None:
    """Take out of an archived project its people and service accounts, and refuse its keys.

    The API's listings of users and service accounts leave out archived projects' [mkdev's
    provider]; their keys stop working.
    """
    for key in store.project_api_keys[project_id]:
        store.refuse_key(key["id"])
    store.project_users.discard(project_id)
    store.project_service_accounts.discard(project_id)
    for holder in [key for key in store.project_user_roles if key[0] == project_id]:
        store.project_user_roles.discard(holder)
