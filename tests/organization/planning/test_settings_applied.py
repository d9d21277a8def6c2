"""What is planned of settings, limits, certificates and identities, carried out and taken back."""

from __future__ import annotations

from decimal import Decimal

import attrs

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.organization.document.model import (
    Certificate,
    Document,
    ExternalKey,
    ExternalStorage,
    FederationRule,
    IdentityProvider,
    Models,
    Project,
    RateLimit,
    ServiceAccount,
    ServiceTiers,
    Settings,
    SpendAlert,
)
from openai_admin.organization.planning.model import Plan
from openai_admin.organization.pulling import trimmed
from openai_admin.organization.sections import PRUNABLE, SECTIONS
from tests.pem import CERTIFICATE

_PROJECTS = ("Document Intake", "Search Relevance")
_SECTIONS = [
    section
    for section in SECTIONS
    if section.partition(".")[0] in ("settings", "certificates", "external_keys")
    or section.startswith("identity_providers")
    or section
    in (
        "projects",
        "projects.service_accounts",
        "projects.rate_limits",
        "projects.spend_limit",
        "projects.spend_alerts",
        "projects.models",
        "projects.hosted_tools",
        "projects.service_tiers",
        "projects.data_retention",
        "projects.certificates",
        "projects.external_storage",
    )
]
_PRUNE = tuple(section for section in PRUNABLE if section in _SECTIONS and section != "projects")
_ALERT = SpendAlert(amount=Decimal("99.50"), emails=("ops@example.com",))
_BUCKET = {
    "type": "aws",
    "bucket": "northwind-search",
    "role_arn": "arn:aws:iam::123456789012:role/openai-storage",
}


async def test_what_is_planned_is_so_once_it_is_applied_and_can_be_taken_back(
    demo: Emulator,
) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        before = await _there(client)
        assert (await _plan(client, attrs.evolve(before, prune=_PRUNE))).steps == ()
        wanted = _wanted(before)
        await _apply(client, wanted)
        assert (await _plan(client, wanted)).steps == ()
        await _apply(client, _again(before))
        assert await _there(client) == before


async def test_the_rules_of_a_provider_that_goes_are_read_to_go_before_it(demo: Emulator) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        wanted = Document(identity_providers={}, prune=("identity_providers",))
        await _apply(client, wanted)
        assert [each async for each in client.workload_identity_providers.list()] == []


async def _there(client: AsyncOpenAIAdmin) -> Document:
    """What there is, as a person would keep it."""
    state = await client.organization.observe(sections=_SECTIONS, projects=_PROJECTS)
    return trimmed(state, pins=False).document


async def _plan(client: AsyncOpenAIAdmin, wanted: Document) -> Plan:
    made = await client.organization.plan(wanted)
    left = [each for each in made.untouched if each.section != "projects"]
    assert (made.impossible, left, made.not_known) == ((), [], ())
    assert {(each.kind, each.subject in _PROJECTS) for each in made.untouched} <= {
        ("not_in_file", False)
    }
    return made


async def _apply(client: AsyncOpenAIAdmin, wanted: Document) -> None:
    made = await _plan(client, wanted)
    applied = await client.organization.apply(made, force=[each.kind for each in made.exceeded])
    assert applied.left == ()


def _again(before: Document) -> Document:
    """What there was, with what a file says of a project that has no external key."""
    projects = before.projects or {}
    label = _PROJECTS[0]
    without = attrs.evolve(projects[label], external_key="none")
    return attrs.evolve(before, prune=_PRUNE, projects={**projects, label: without})


def _wanted(before: Document) -> Document:
    """Something else of everything."""
    assert before.projects
    assert before.settings
    intake, search = (before.projects[label] for label in _PROJECTS)
    accounts, alerts = intake.service_accounts, before.settings.spend_alerts
    assert accounts
    assert alerts
    kept = {label: account for label, account in accounts.items() if label != "intake-backfill"}
    key = before.external_keys and before.external_keys["payments-ekm"]
    assert key
    return Document(
        prune=_PRUNE,
        settings=Settings(
            spend_limit="none",
            spend_alerts=(alerts[0], attrs.evolve(alerts[1], amount=Decimal(21_000)), _ALERT),
            data_retention="enhanced_modified_abuse_monitoring",
        ),
        projects={
            "Document Intake": Project(
                external_key="intake-ekm",
                service_accounts={**kept, "intake-next": ServiceAccount(role="owner")},
                rate_limits={"gpt-5": RateLimit(max_requests_per_1_minute=1)},
                spend_limit=Decimal("1250.50"),
                spend_alerts=(),
                models=Models(mode="allow_list", models=("gpt-5",)),
                hosted_tools={"mcp": False},
                service_tiers=ServiceTiers(default="fast", enabled=()),
                data_retention="zero_data_retention",
                certificates=("next", "api-gateway"),
                external_storage=(),
            ),
            "Search Relevance": Project(
                service_accounts=search.service_accounts,
                spend_limit=Decimal(5),
                spend_alerts=(_ALERT,),
                service_tiers=ServiceTiers(enabled="all"),
                external_storage=(ExternalStorage(provider=_BUCKET),),
            ),
        },
        certificates={
            "api-gateway": Certificate(active=False),
            "next": Certificate(file="next.pem", content=CERTIFICATE, active=True),
            **{
                label: Certificate()
                for label in before.certificates or ()
                if label != "api-gateway"
            },
        },
        external_keys={
            "payments-ekm": key,
            "intake-ekm": ExternalKey(type=key.type, purpose=key.purpose, details=key.details),
        },
        identity_providers={
            "Buildkite": IdentityProvider(
                issuer="https://agent.buildkite.com",
                audience="https://api.openai.com/v1",
                transformations={"pipeline": "claims.pipeline_slug"},
                rules={
                    "intake": FederationRule(
                        project="Document Intake",
                        service_account="intake-next",
                        attributes={"pipeline": "intake"},
                        permissions=("model.request",),
                        enabled=False,
                    )
                },
            )
        },
    )
