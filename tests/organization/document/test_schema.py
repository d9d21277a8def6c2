"""The schema takes what reading takes, and refuses the structure that reading refuses."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from openai_admin import DocumentError
from openai_admin.organization.document.reading import read_text
from openai_admin.organization.document.schema import document_schema

VALIDATOR = jsonschema.Draft202012Validator(document_schema())

TAKEN = [
    "version: 1",
    "prune: all\nprotect: {projects: [A], people: [a@b.c]}",
    "x-small: &s {spend_limit: none}\nprojects: {A: *s, B: {<<: *s, archived: true}}",
    "people: {a@b.c: owner, user-1: {roles: [A]}}\ngroups: {G: {members: [a@b.c]}}",
    """
defaults: {hosted_tools: {mcp: false}, service_tiers: {default: fast, enabled: [flex]}}
projects:
  A:
    residency: GLOBAL
    members: {a@b.c: owner, b@b.c: {role: viewer, roles: []}}
    groups: {G: viewer, H: [member, X], I: {roles: []}}
    service_accounts: {ci: member, cd: {}}
    rate_limits: {gpt-5: {max_requests_per_1_minute: 0}}
    spend_limit: 1250.50
    spend_alerts: [{amount: 0, emails: [a@b.c]}]
    models: {mode: deny_list, models: [o3]}
    data_retention: none
    external_storage: [{provider: {type: aws, bucket: b, role_arn: r}}]
""",
    """
identity_providers:
  gh:
    issuer: https://x
    audience: y
    rules: {r: {project: A, service_account: ci, attributes: {n: 1, b: true, t: x, f: 0.5}}}
external_keys: {k: {type: oci, details: {region: r, vault_ocid: v, key_ocid: k}}}
""",
    "groups: {1: {name: 2}}\nroles: {true: {description: 5}}\nprotect: {projects: [123]}",
    "groups: {A: {id: g, name: ' '}}",
]
REFUSED = [
    "version: 2",
    "- a",
    "peopel: {}",
    "people: [a@b.c]",
    "people: {ana: owner}",
    "people: {a@b.c: boss}",
    "people: {a@b.c: {rolse: []}}",
    "people: {a@b.c: [owner]}",
    "prune: [people.role]",
    "prune: [people, people]",
    "protect: {project: []}",
    "defaults: {id: proj_1}",
    "defaults: {archived: true}",
    "groups: {A: {members: }}",
    "groups: {A: {members: a@b.c}}",
    "groups: {A: {members: [ana]}}",
    "settings: {spend_limit: '500'}",
    "settings: {spend_limit: 0}",
    "settings: {spend_limit: nothing}",
    "settings: {spend_alerts: [{}]}",
    "settings: {data_retention: organization_default}",
    "projects: {A: {models: all}}",
    "projects: {A: {models: {models: [o3]}}}",
    "projects: {A: {models: {mode: allow_list}}}",
    "projects: {A: {residency: EU}}",
    "projects: {A: {hosted_tools: {web: true}}}",
    "projects: {A: {hosted_tools: {mcp: yes}}}",
    "projects: {A: {service_tiers: {enabled: [slow]}}}",
    "projects: {A: {rate_limits: {g: {max_requests_per_1_minute: -1}}}}",
    "projects: {A: {rate_limits: {g: {max_requests: 1}}}}",
    "projects: {A: {groups: {G: [viewer, viewer]}}}",
    "projects: {A: {external_storage: [{provider: {type: aws, bukket: b}}]}}",
    "certificates: {c: {content: x}}",
    "organization: ''",
    "groups: {'': {}}",
    "groups: {' ': {id: g}}",
    "groups: {A: {name: ' '}}",
    "groups: {A: {id: ''}}",
    "groups: {A: {members: [a@b.c, a@b.c]}}",
    "groups: {A: {members: ['a @b.c']}}",
    "settings: {spend_limit: .inf}",
    "settings: {spend_limit: 99999999999999}",
    "settings: {spend_alerts: [{amount: 5, emails: [x]}]}",
    "projects: {A: {rate_limits: {g: {max_requests_per_1_minute: 1000000000000000000}}}}",
    "projects: {A: {residency: GLOBAL, geography: EU}}",
    "defaults: {roles: {A: {id: r}}}",
    "defaults: {service_accounts: {A: {name: B}}}",
    "identity_providers: {i: {issuer: x, audience: y, discovery_url: u, jwks: {keys: []}}}",
    "external_keys: {k: {type: aws}}",
    "external_keys: {k: {type: aws, details: {kms_arn: x}}}",
    "external_keys: {k: {type: oci, details: {region: r, vault_ocid: v, key_ocid: k, kms_arn: x}}}",
    "identity_providers: {i: {issuer: x}}",
    "external_keys: {k: {type: ibm}}",
    "external_keys: {k: {type: aws, details: {kms_arm: x}}}",
    "external_keys: {k: {type: aws, details: {kms_arn: [x]}}}",
]


def parsed(text: str) -> Any:
    """What another reader of YAML 1.2 makes of a text."""
    return YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize("text", TAKEN)
def test_what_is_read_validates(text: str) -> None:
    assert read_text(text)
    VALIDATOR.validate(parsed(text))


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused_does_not_validate(text: str) -> None:
    with pytest.raises(DocumentError):
        read_text(text)
    assert not VALIDATOR.is_valid(parsed(text))


def test_everything_in_it_is_described() -> None:
    def undescribed(schema: Any) -> list[str]:
        if not isinstance(schema, dict):
            return []
        found = [
            name
            for name, each in schema.get("properties", {}).items()
            if "description" not in each and schema.get("description")
        ]
        return found + [name for each in schema.values() for name in undescribed(each)]

    schema = document_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert undescribed(schema) == []
