"""HCL that Terraform's parser takes, with the names that the provider's documentation has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import hcl2
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.organization.document.model import (
    Document,
    Group,
    Member,
    Person,
    Project,
    ProjectGroup,
    Role,
    ServiceAccount,
)
from openai_admin.organization.hcl.writing import hcl_of
from openai_admin.organization.state import State
from tests.organizations import organization

FACTS = json.loads(
    (Path(__file__).parents[1] / "data/terraform_provider_openai.json").read_text(encoding="utf-8")
)["resources"]
SOME = ["Developer Copilot", "Marketing Studio"]
"""Projects of the demo organization that have something of every kind."""

_REFERENCE = re.compile(r"\b(openai_\w+)\.(\w+)(?:\.(\w+))?")


def bare(value: Any) -> Any:
    """What the parser gives, without the quotes that it keeps."""
    if isinstance(value, dict):
        return {bare(k): bare(v) for k, v in value.items() if k != "__is_block__"}
    if isinstance(value, list):
        return [bare(each) for each in value]
    return value[1:-1] if isinstance(value, str) and value.startswith('"') else value


def read(text: str) -> tuple[dict[tuple[str, str], dict[str, Any]], list[dict[str, str]]]:
    """The resources of a text by type and name, and its imports."""
    found = bare(hcl2.loads(text))
    resources = [
        ((kind, name), attributes)
        for block in found["resource"]
        for kind, named in block.items()
        for name, attributes in named.items()
    ]
    assert len(dict(resources)) == len(resources)
    return dict(resources), found["import"]


def check(text: str) -> Counter[str]:
    """Hold a text to the provider's facts; gives how many resources of each type it has."""
    resources, imports = read(text)
    for (kind, name), attributes in resources.items():
        facts = FACTS[kind]
        known = {*facts.get("required", ()), *facts.get("optional", ())}
        assert attributes.keys() <= known, (kind, name)
        assert facts.get("required", {}).keys() <= attributes.keys(), (kind, name)
        for values in attributes.get("projects", ()):
            assert values.keys() == facts["nested"]["projects"].keys()
    targets = Counter(each["to"] for each in imports)
    assert targets == Counter(f"${{{kind}.{name}}}" for kind, name in resources)
    for each in imports:
        kind = each["to"].removeprefix("${").partition(".")[0]
        assert each["id"].count("/") == FACTS[kind]["import"].count("/")
        assert all(each["id"].split("/"))
    for line in text.splitlines():
        if line.startswith("#") or '"' in line:
            continue
        for kind, name, attribute in _REFERENCE.findall(line):
            assert (kind, name) in resources
            assert not attribute or attribute in FACTS[kind]["read_only"]
    return Counter(kind for kind, _ in resources)


def formatted(text: str) -> str:
    """A text as Terraform lays it out."""
    return subprocess.run(
        ["terraform", "fmt", "-"], input=text, capture_output=True, check=True, text=True
    ).stdout


async def test_the_demo_organization(demo: Emulator) -> None:
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url) as client:
        state = await client.organization.observe(projects=SOME)
    text = hcl_of(state)
    counts = check(text)
    document = state.document
    assert counts["openai_project"] == len(SOME)
    assert counts["openai_group"] == len(document.groups or ())
    invited = [address for address in state.invites if (document.people or {})[address].id is None]
    assert counts["openai_invite"] == len(invited) > 0
    assert "# The pending invite to sofia.papadopoulou@example.com, who is a member" in text
    assert counts["openai_certificate"] == len(document.certificates or ()) > 0
    assert counts.keys() >= FACTS.keys() - {"openai_project_group_role"}
    assert "# The provider has no resource for an external key: payments-ekm." in text
    if shutil.which("terraform") is not None:  # not everywhere; the parser above always looks
        assert formatted(text) == text


@pytest.mark.parametrize("seed", [1, 5])
async def test_organizations_with_everything_odd(seed: int) -> None:
    async with (
        organization(seed) as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
    ):
        state = await client.organization.observe()
    assert check(hcl_of(state))["openai_project"] > 0


def test_names_that_mean_something_to_hcl() -> None:
    odd = [
        "${var.x}",
        "%{if}",
        'a"b',
        "a\\b",
        "a\nb",
        "Größe",
        "数据",
        "1",
        "",
        "é é",
        "E_E",
        "\u202e",
    ]
    state = State(
        document=Document(
            people={
                "ana@example.com": Person(id="user-1", role="owner"),
                "ana@example.org": Person(id="user-2", role="reader", roles=tuple(odd)),
            },
            groups={"G": Group(id="g", members=("ana@example.com", "gone@example.com"))},
            roles={each: Role(id=f"role_{i}", permissions=()) for i, each in enumerate(odd)},
            projects={
                each: Project(
                    id=f"proj_{i}",
                    members={"gone@example.com": Member(role="owner")},
                    groups={"G": ProjectGroup(roles=("unheard of", "viewer"))},
                    hosted_tools={"mcp": True},
                )
                for i, each in enumerate(odd)
            },
        ),
        read_into=frozenset(f"proj_{i}" for i in range(len(odd) - 1)),
        role_ids={(f"proj_{i}", "viewer"): "role-viewer" for i in range(len(odd))},
    )
    text = hcl_of(state, notes=["not known:\nall"])
    counts = check(text)
    assert counts["openai_project"] == len(odd) - 1
    assert counts["openai_user_role"] == len(odd)
    assert text.count("# not known:\\nall\n") == 1
    assert "# The id of gone@example.com in the group G is not known.\n" in text
    for lack in (
        "the id of gone@example.com",
        "the id of the role unheard of of G",
        "whether each hosted tool may be used",
    ):
        assert f"# In the project 1, {lack} is not known.\n" in text
    assert counts["openai_project_group"] == len(odd) - 1
    if shutil.which("terraform") is not None:
        assert formatted(text) == text


def test_no_resource_has_what_is_not_known() -> None:
    roles = {"Auditor": Role(id="role_1", name=None, permissions=None)}
    state = State(
        document=Document(
            people={"user-ana": Person(id="user-ana", roles=("Auditor",))},
            groups={"group_1": Group(id="group_1", members=("user-ana",), roles=())},
            roles=roles,
            projects={
                "proj_1": Project(id="proj_1"),
                "Core": Project(
                    id="proj_2", service_accounts={"svc_1": ServiceAccount(id="svc_1")}
                ),
            },
        ),
        read_into=frozenset({"proj_1", "proj_2"}),
        role_ids={(None, "Auditor"): "role_1"},
    )
    text = hcl_of(state)
    resources, _ = read(text)
    assert [*resources] == [("openai_user_role", "user_ana_auditor"), ("openai_project", "core")]
    for lack in (
        "permissions of the role Auditor",
        "role of user-ana",
        "name of the group group_1",
        "name of the project proj_1",
        "name of the service account svc_1 of Core",
    ):
        assert f"# The API did not say the {lack}.\n" in text
