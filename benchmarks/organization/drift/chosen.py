"""What there is in an organization that can be changed by hand, chosen at random."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, TypeVar

import openai

from openai_admin.emulator import Emulator
from openai_admin.emulator.roles import Scope
from openai_admin.emulator.table import Record

T = TypeVar("T")


class NothingToChangeError(Exception):
    """There is no such thing in the organization."""


class Chosen:
    """Chooses what is changed.

    Args:
        emulator: where the organization is.
        client: the official client.
        random: decides.
    """

    def __init__(self, emulator: Emulator, client: openai.AsyncOpenAI, random: Random) -> None:
        self._store = emulator.store
        self._api = client.admin.organization
        self._random = random
        self._number = 0
        self._keeps_default = False
        self.archived: list[str] = []
        """The ids of projects that were archived."""

    def _one(self, things: Any) -> Any:
        found = [*things]
        if not found:
            raise NothingToChangeError
        return self._random.choice(found)

    def _some(self, things: Sequence[T]) -> list[T]:
        return self._random.sample(things, self._random.randint(1, min(4, len(things))))

    def _chance(self, part: float) -> bool:
        return self._random.random() < part

    def _project(self) -> str:
        active = [each["id"] for each in self._store.projects if each["status"] == "active"]
        return str(self._one(active))

    def _group(self) -> str:
        return str(self._one(each["id"] for each in self._store.groups if not is_managed(each)))

    def _role(self, project: str | None) -> str:
        """A role that is not OpenAI's own."""
        place = None if project is None else self._store.projects.get(project)
        roles: list[Record] = [*Scope(self._store, place).roles]
        return str(self._one(each["id"] for each in roles if not each["predefined_role"]))

    def _given(self, tables: Any) -> tuple[Any, str]:
        """Whoever has a role, and the role."""
        holder, role = self._one((who, each["id"]) for who, of in tables.items() for each in of)
        return holder, role

    def _member(self) -> tuple[str, str]:
        project = self._project()
        return project, self._one(self._store.project_users[project])["id"]

    def _account(self) -> tuple[str, str]:
        project = self._project()
        return project, self._one(self._store.project_service_accounts[project])["id"]

    def _rule(self) -> tuple[str, str]:
        provider = self._one(self._store.workload_identity_providers)["id"]
        return provider, self._one(self._store.federation_rules[provider])["id"]

    def _alert(self) -> Any:
        return {
            "currency": "USD",
            "interval": "month",
            "threshold_amount": self._random.randint(1, 12) * 10_050,
            "notification_channel": {"type": "email", "recipients": [f"{self._number}@web.com"]},
        }


def is_managed(group: Record) -> bool:
    """Whether an identity provider, or the tenant, manages a group."""
    return bool(group["is_scim_managed"] or group["group_type"] == "tenant_group")
