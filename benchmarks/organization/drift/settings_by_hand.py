"""Changes by hand of limits, settings, certificates, keys, storage and identities."""

from __future__ import annotations

from typing import Any

from openai_admin.emulator.rate_limits import LIMITS
from tests.furnished import TOOLS

from .chosen import Chosen

_RETENTIONS = ("zero_data_retention", "modified_abuse_monitoring")


class SettingsByHand(Chosen):
    """Whatever the official client can do to them."""

    async def do_rate_limit(self) -> Any:
        model = self._random.choice([*LIMITS])
        changed = {
            name: self._random.randint(1, most)
            for name, most in LIMITS[model].items()
            if self._chance(0.5)
        }
        return await self._api.projects.rate_limits.update_rate_limit(
            f"rl-{model}",
            project_id=self._project(),
            **changed,  # type: ignore[arg-type]
        )

    async def do_spend_limit(self) -> Any:
        cents = self._random.randint(1, 9_000_000)
        given: Any = {"currency": "USD", "interval": "month", "threshold_amount": cents}
        if self._chance(0.3):
            return await self._api.spend_limit.update(**given)
        return await self._api.projects.spend_limit.update(self._project(), **given)

    async def do_remove_spend_limit(self) -> Any:
        if self._chance(0.3):
            return await self._api.spend_limit.delete()
        return await self._api.projects.spend_limit.delete(self._project())

    async def do_add_alert(self) -> Any:
        if self._chance(0.3):
            return await self._api.spend_alerts.create(**self._alert())
        return await self._api.projects.spend_alerts.create(self._project(), **self._alert())

    async def do_change_alert(self) -> Any:
        if self._chance(0.3):
            alert = self._one(self._store.spend_alerts)["id"]
            return await self._api.spend_alerts.update(alert, **self._alert())
        project = self._project()
        alert = self._one(self._store.project_spend_alerts[project])["id"]
        return await self._api.projects.spend_alerts.update(
            alert, project_id=project, **self._alert()
        )

    async def do_remove_alert(self) -> Any:
        if self._chance(0.3):
            return await self._api.spend_alerts.delete(self._one(self._store.spend_alerts)["id"])
        project = self._project()
        alert = self._one(self._store.project_spend_alerts[project])["id"]
        return await self._api.projects.spend_alerts.delete(alert, project_id=project)

    async def do_models(self) -> Any:
        if self._chance(0.4):
            return await self._api.projects.model_permissions.delete(self._project())
        return await self._api.projects.model_permissions.update(
            self._project(),
            mode=self._random.choice(("allow_list", "deny_list")),
            model_ids=self._random.sample([*LIMITS], self._random.randint(0, 4)),
        )

    async def do_tools(self) -> Any:
        tools: Any = {tool: {"enabled": self._chance(0.5)} for tool in self._some(TOOLS)}
        return await self._api.projects.hosted_tool_permissions.update(self._project(), **tools)

    async def do_tiers(self) -> Any:
        tiers: list[Any] = ["all", ["flex"], ["fast"]]
        return await self._api.projects.service_tier_settings.update(
            self._project(),
            default=self._random.choice(("standard", "fast")),
            enabled_tiers=self._random.choice(tiers),
        )

    async def do_retention(self) -> Any:
        retention: Any = self._random.choice(_RETENTIONS)
        if self._chance(0.2):
            return await self._api.data_retention.update(retention_type=retention)
        return await self._api.projects.data_retention.update(
            self._project(), retention_type=retention
        )

    # Certificates, keys, storage and identities.

    async def do_rename_certificate(self) -> Any:
        id = self._one(self._store.certificates)["id"]
        return await self._api.certificates.update(id, name=f"Renamed {self._number}")

    async def do_switch_certificate(self) -> Any:
        ids = [self._one(self._store.certificates)["id"]]
        of = self._random.choice(("activate", "deactivate"))
        if self._chance(0.4):
            return await getattr(self._api.certificates, of)(certificate_ids=ids)
        project = self._project()
        return await getattr(self._api.projects.certificates, of)(project, certificate_ids=ids)

    async def do_add_external_key(self) -> Any:
        arn = "arn:aws:kms:eu-central-1:123456789012:key/hand"
        role = "arn:aws:iam::123456789012:role/hand"
        return await self._api.external_keys.create(
            type="aws",
            name=f"by-hand-{self._number}",
            external_id=self._store.organization["id"],
            kms_arn=arn,
            role_arn=role,
        )

    async def do_external_key(self) -> Any:
        key = self._one(self._store.external_keys)["id"] if self._chance(0.6) else None
        return await self._api.projects.update(self._project(), external_key_id=key)

    async def do_remove_external_key(self) -> Any:
        return await self._api.external_keys.delete(self._one(self._store.external_keys)["id"])

    async def do_add_storage(self) -> Any:
        role = "arn:aws:iam::123456789012:role/hand"
        return await self._api.external_storage.create(
            project_id=self._project(),
            provider={"type": "aws", "bucket": f"by-hand-{self._number}", "role_arn": role},
        )

    async def do_remove_storage(self) -> Any:
        return await self._api.external_storage.delete(
            self._one(self._store.external_storage)["id"]
        )

    async def do_add_provider(self) -> Any:
        return await self._api.workload_identity_providers.create(
            name=f"By hand {self._number}",
            issuer=f"https://hand-{self._number}.example.com",
            audience="https://api.openai.com/v1",
            type="oidc",
        )

    async def do_change_provider(self) -> Any:
        provider = self._one(self._store.workload_identity_providers)
        choices: list[Any] = [
            {"name": f"Renamed {self._number}"},
            {"enabled": self._chance(0.5)},
            {"attribute_transformations": []},
        ]
        if provider["description"] is not None:  # a file cannot say that there is none
            choices.append({"description": f"Changed {self._number}"})
        changed = self._random.choice(choices)
        return await self._api.workload_identity_providers.update(provider["id"], **changed)

    async def do_remove_provider(self) -> Any:
        id = self._one(self._store.workload_identity_providers)["id"]
        return await self._api.workload_identity_providers.delete(id)

    async def do_add_rule(self) -> Any:
        provider = self._one(self._store.workload_identity_providers)["id"]
        project, account = self._account()
        return await self._api.workload_identity_providers.federation_rules.create(
            provider,
            name=f"By hand {self._number}",
            attribute_matchers={"repository": "example/hand"},
            project_id=project,
            service_account_id=account,
        )

    async def do_change_rule(self) -> Any:
        provider, rule = self._rule()
        return await self._api.workload_identity_providers.federation_rules.update(
            rule,
            workload_identity_provider_id=provider,
            enabled=self._chance(0.5),
            attribute_matchers={"repository": f"example/changed-{self._number}"},
        )

    async def do_remove_rule(self) -> Any:
        provider, rule = self._rule()
        return await self._api.workload_identity_providers.federation_rules.delete(
            rule, workload_identity_provider_id=provider
        )
