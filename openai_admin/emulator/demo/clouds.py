"""What ties the demo organization to its clouds: a key, storage, and a workload's identity."""

from __future__ import annotations

from ..external_keys import add_external_key
from ..external_storage import add_external_storage, described
from ..metering.shape import DAY
from ..store import Store
from ..workload_identity import add_provider, add_rule
from .projects import PlannedProject

_ACCOUNT = "arn:aws:iam::123456789012:role"


def add_clouds(store: Store, projects: tuple[PlannedProject, ...]) -> None:
    """Fill the tables of external keys, external storage and workload identity providers."""
    by_name = {project.plan.name: project for project in projects}
    _add_key(store, by_name["Checkout Fraud Review"])
    _add_storage(store, by_name["Document Intake"])
    _add_identities(store, (by_name["Developer Copilot"], by_name["Data Platform"]))


def _add_key(store: Store, project: PlannedProject) -> None:
    key = add_external_key(
        store,
        {
            "type": "aws",
            "name": "payments-ekm",
            "external_id": store.organization["id"],
            "kms_arn": "arn:aws:kms:eu-central-1:123456789012:key/1f2a7c44-demo",
            "role_arn": f"{_ACCOUNT}/openai-ekm",
        },
        created_at=store.now() - 210 * DAY,
    )
    store.projects.update(project.id, {"external_key_id": key["id"]})


def _add_storage(store: Store, project: PlannedProject) -> None:
    bucket = {
        "type": "aws",
        "bucket": "northwind-document-intake",
        "role_arn": f"{_ACCOUNT}/openai-storage",
    }
    add_external_storage(
        store,
        project.record,
        described(store, bucket),
        created_at=store.now() - 160 * DAY,
        status="validated",
    )


def _add_identities(store: Store, projects: tuple[PlannedProject, ...]) -> None:
    created_at = store.now() - 120 * DAY
    provider = add_provider(
        store,
        {
            "name": "GitHub Actions",
            "description": "Deployments and evaluations of the main repositories",
            "issuer": "https://token.actions.githubusercontent.com",
            "audience": "https://api.openai.com/v1",
            "attribute_transformations": [
                {"attribute": "repository", "expression": "claims.repository"},
                {"attribute": "protected", "expression": "claims.ref_protected == 'true'"},
            ],
        },
        created_at=created_at,
    )
    for number, project in enumerate(projects):
        account = next(iter(store.project_service_accounts[project.id]))
        add_rule(
            store,
            provider,
            {
                "name": f"{account['name']} from CI",
                "attribute_matchers": {
                    "repository": f"northwind/{account['name']}",
                    "protected": True,
                },
                "project_id": project.id,
                "service_account_id": account["id"],
            },
            created_at=created_at + (number + 1) * DAY,
        )
