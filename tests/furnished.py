"""What `organizations` leaves out of an organization: limits, alerts, settings, and what ties it to
clouds, made at random from a seed.

What is odd on purpose: alerts at one amount, limits of all models or of none, lists of models that
are empty, service accounts of which several have one name in a rule, a rule that is disabled,
certificates without a name that tells them apart from the project's.
"""

from __future__ import annotations

from random import Random

from openai_admin.emulator import Emulator
from openai_admin.emulator.certificates import content
from openai_admin.emulator.external_keys import add_external_key
from openai_admin.emulator.external_storage import add_external_storage, described
from openai_admin.emulator.rate_limits import LIMITS, rate_limits_of
from openai_admin.emulator.roles import Scope
from openai_admin.emulator.spend import add_alert, alert_settings, set_limit
from openai_admin.emulator.table import Record
from openai_admin.emulator.workload_identity import add_provider, add_rule

from .organizations import SMALL, Size, organization

_ROLE = "arn:aws:iam::123456789012:role"
_RETENTIONS = (
    "organization_default",
    "none",
    "zero_data_retention",
    "modified_abuse_monitoring",
    "enhanced_modified_abuse_monitoring",
)
TOOLS = ("code_interpreter", "file_search", "image_generation", "mcp", "web_search")


def furnished(seed: int, *, size: Size = SMALL) -> Emulator:
    """An organization of a seed with everything that a file can have."""
    emulator = organization(seed, size=size)
    furnish(emulator, seed)
    return emulator


def furnish(emulator: Emulator, seed: int) -> None:
    """Put the rest into an emulator that `organizations.fill` has filled."""
    _Furnishing(emulator, Random(f"furnished/{seed}")).everything()


class _Furnishing:
    def __init__(self, emulator: Emulator, random: Random) -> None:
        self.store = emulator.store
        self.random = random
        self.created = self.store.now() - 40 * 86_400
        self.keys = [self.add_key(number) for number in range(random.randint(0, 2))]

    def everything(self) -> None:
        store = self.store
        self.take_what_nobody_gives()
        self.give_groups_a_role()
        for certificate in store.certificates:  # the text stays when the name changes
            store.certificates.update(certificate["id"], {"_pem": content(certificate)})
        self.limit(None)
        self.alerts(None)
        if self.chance(0.3):
            store.settings["data_retention",] = {"type": self.random.choice(_RETENTIONS[2:])}
        for project in store.projects:
            if project["status"] == "active":
                self.project(project)
        for number in range(self.random.randint(0, 2)):
            self.add_provider(number)

    def take_what_nobody_gives(self) -> None:
        """Take OpenAI's own roles beside a membership's, as no call of the API can give them."""
        for scope in (
            Scope(self.store),
            *(Scope(self.store, each) for each in self.store.projects),
        ):
            own = [role["id"] for role in scope.roles if role["predefined_role"]]
            for user in self.store.users:
                given = scope.user_table(user["id"])
                for id in own:
                    if id in given:
                        given.remove(id)

    def give_groups_a_role(self) -> None:
        """Give each group in a project a role, as nothing can be given access without one."""
        for project in self.store.projects:
            scope = Scope(self.store, project)
            member = next(role["id"] for role in scope.roles if role["name"] == "member")
            for group in self.store.project_groups[project["id"]]:
                if not len(scope.group_table(group["id"])):
                    scope.group_table(group["id"]).add({"id": member})

    def project(self, project: Record) -> None:
        store, random, id = self.store, self.random, project["id"]
        self.limit(project)
        self.alerts(project)
        if self.chance(0.4):
            self.rates(id)
        if self.chance(0.4):
            models = random.sample([*LIMITS], random.randint(0, 4))
            mode = random.choice(("allow_list", "deny_list"))
            store.settings["model_permissions", id] = {"mode": mode, "model_ids": models}
        if self.chance(0.4):
            tools = {tool: {"enabled": self.chance(0.5)} for tool in TOOLS}
            store.settings["hosted_tool_permissions", id] = tools
        if self.chance(0.4):
            store.settings["service_tier_settings", id] = {
                "default": random.choice(("standard", "fast")),
                "enabled_tiers": random.choice(("all", ["flex"], ["fast"], ["flex", "fast"])),
            }
        if self.chance(0.4):
            store.settings["data_retention", id] = {"type": random.choice(_RETENTIONS)}
        if self.keys and self.chance(0.4):
            store.projects.update(id, {"external_key_id": random.choice(self.keys)["id"]})
        if self.chance(0.3):
            provider = {"type": "aws", "bucket": "files", "role_arn": f"{_ROLE}/storage"}
            add_external_storage(
                store,
                project,
                described(store, provider),
                created_at=self.created,
                status="validated",
            )

    def limit(self, project: Record | None) -> None:
        if self.chance(0.5):
            set_limit(self.store, project, self.random.randint(1, 5_000_000))

    def alerts(self, project: Record | None) -> None:
        amounts = [self.random.randint(1, 9) * 10_050 for _ in range(self.random.randint(0, 3))]
        for amount in amounts:
            addresses = self.random.sample(
                ["finance@example.com", "ops@example.com", "Lead@Example.com"],
                self.random.randint(1, 3),
            )
            prefix = "[OpenAI]" if self.chance(0.3) else None
            add_alert(self.store, project, alert_settings(amount, addresses, prefix))

    def rates(self, project_id: str) -> None:
        table = rate_limits_of(self.store, project_id)
        for limit in self.random.sample([*table], self.random.randint(1, 4)):
            fields = [name for name in LIMITS[limit["model"]] if self.chance(0.6)]
            table.update(
                limit["id"],
                {name: self.random.randint(1, LIMITS[limit["model"]][name]) for name in fields},
            )

    def add_key(self, number: int) -> Record:
        settings: Record = {
            "type": "aws",
            "name": f"key-{number}",
            "external_id": self.store.organization["id"],
            "kms_arn": f"arn:aws:kms:eu-central-1:123456789012:key/{number}",
            "role_arn": f"{_ROLE}/ekm",
        }
        return add_external_key(self.store, settings, created_at=self.created)

    def add_provider(self, number: int) -> None:
        store, random = self.store, self.random
        mapping = {"attribute": "repository", "expression": "claims.repository"}
        provider = add_provider(
            store,
            {
                "name": f"Provider {number}",
                "description": "Deployments" if self.chance(0.5) else None,
                "issuer": f"https://issuer-{number}.example.com",
                "audience": "https://api.openai.com/v1",
                "enabled": self.chance(0.8),
                "attribute_transformations": [mapping] if self.chance(0.5) else [],
            },
            created_at=self.created,
        )
        accounts = [
            (project["id"], account["id"])
            for project in store.projects
            if project["status"] == "active"
            for account in store.project_service_accounts[project["id"]]
        ]
        for index in range(random.randint(0, 3) if accounts else 0):
            project_id, account_id = random.choice(accounts)
            scopes: Record = {"type": "restricted", "scopes": ["api.model.request"]}
            add_rule(
                store,
                provider,
                {
                    "name": f"Rule {index}",
                    "description": "From CI" if self.chance(0.3) else None,
                    "attribute_matchers": {"repository": f"example/{index}"},
                    "project_id": project_id,
                    "service_account_id": account_id,
                    "enabled": self.chance(0.8),
                    **({"permissions": scopes} if self.chance(0.2) else {}),
                },
                created_at=self.created,
            )

    def chance(self, part: float) -> bool:
        return self.random.random() < part
