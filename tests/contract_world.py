"""The demo organization as the contract's examples use it: bare calls, and objects to call with."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import attrs
from yarl import URL

from openai_admin._declare.operation import OPERATIONS
from openai_admin.emulator import Emulator
from tests.pem import CERTIFICATE

Arguments = dict[str, Any]

PROVIDER = {
    "name": "Contract",
    "type": "oidc",
    "issuer": "https://issuer.example.com",
    "audience": "https://api.openai.com/v1",
    "description": "Builds.",
    "attribute_transformations": [{"attribute": "repo", "expression": "assertion.repository"}],
    "verification": {"type": "discovery", "discovery_url": None},
    "enabled": True,
}
ALERT = {
    "currency": "USD",
    "interval": "month",
    "threshold_amount": 50_000,
    "notification_channel": {
        "type": "email",
        "recipients": ["ada@example.com"],
        "subject_prefix": "Spend",
    },
}
LIMIT = {"currency": "USD", "interval": "month", "threshold_amount": 100_000}


@attrs.frozen
class World:
    """The demo organization, and bare calls to it: none of our clients is involved."""

    emulator: Emulator
    session: aiohttp.ClientSession

    async def try_to_send(
        self, name: str, arguments: Mapping[str, Any], *, body: Any = None
    ) -> tuple[int, bytes]:
        """The status and the answer of a call, whose arguments or whole body may be any JSON."""
        request = OPERATIONS[name].prepare(arguments, check=False).request
        content = request.body if body is None else json.dumps(body).encode()
        url = URL(self.emulator.base_url + "/" + request.target.lstrip("/"), encoded=True)
        headers = {
            "Authorization": f"Bearer {self.emulator.admin_key}",
            "Content-Type": "application/json",
        }
        async with self.session.request(
            request.method, url, data=content, headers=headers
        ) as response:
            return response.status, await response.read()

    async def send(self, name: str, arguments: Mapping[str, Any]) -> bytes:
        """The body of the answer to a call, which must succeed."""
        OPERATIONS[name].prepare(arguments)
        status, answer = await self.try_to_send(name, arguments)
        assert status == 200, f"{name}: {status} {answer.decode()}"
        return answer

    async def call(self, name: str, /, **arguments: Any) -> Any:
        """The decoded answer to a call, which must succeed."""
        return json.loads(await self.send(name, arguments))

    async def make(self, name: str, /, **arguments: Any) -> str:
        """Create an object with a call, and return its id."""
        created = await self.call(name, **arguments)
        return str(created["id"])

    async def project(self) -> str:
        """A new project."""
        return await self.make("projects.create", name="Contract")

    async def busy_project(self) -> str:
        """The project of the demo organization that has the most keys."""
        keys = self.emulator.store.project_api_keys
        return str(max(keys, key=lambda project_id: len(keys[project_id])))

    async def user(self) -> str:
        """A member of the organization who is not an owner."""
        users = (await self.call("users.list", limit=100))["data"]
        return str(next(user["id"] for user in users if user["role"] != "owner"))

    async def group(self) -> str:
        """A new group."""
        return await self.make("groups.create", name="Contract")

    async def role(self) -> str:
        """A new role of the organization."""
        return await self.make(
            "roles.create",
            role_name="contract-reader",
            permissions=["api.organization.read"],
            description="Reads.",
        )

    async def project_role(self, project_id: str) -> str:
        """A new role of a project."""
        return await self.make(
            "projects.roles.create",
            project_id=project_id,
            role_name="contract-reader",
            permissions=["api.organization.projects.read"],
        )

    async def member(self, project_id: str) -> str:
        """Somebody who was just added to a project."""
        user_id = await self.user()
        await self.call(
            "projects.users.create", project_id=project_id, user_id=user_id, role="member"
        )
        return user_id

    async def service_account(self, project_id: str) -> str:
        """A new service account, with a key."""
        return await self.make(
            "projects.service_accounts.create", project_id=project_id, name="contract-bot"
        )

    async def certificate(self) -> str:
        """A new certificate, not active."""
        return await self.make("certificates.create", certificate=CERTIFICATE, name="Contract")

    async def provider(self) -> str:
        """A new workload identity provider."""
        return await self.make("workload_identity_providers.create", **PROVIDER)

    async def rule(self) -> Arguments:
        """A new federation rule, as path arguments."""
        arguments = await EXAMPLES["workload_identity_providers.federation_rules.create"](self)
        rule_id = await self.make(
            "workload_identity_providers.federation_rules.create", **arguments
        )
        return {
            "workload_identity_provider_id": arguments["workload_identity_provider_id"],
            "workload_identity_federation_rule_id": rule_id,
        }


Example = Callable[[World], Awaitable[Arguments]]
EXAMPLES: dict[str, Example] = {}


def example(*names: str) -> Callable[[Example], Example]:
    """Let a function return the arguments of these operations."""

    def bind(function: Example) -> Example:
        for name in names:
            assert name not in EXAMPLES
            EXAMPLES[name] = function
        return function

    return bind
