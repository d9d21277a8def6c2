"""Drift: what was changed by hand is found, with who did it as far as the audit log says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin, InvalidInputError
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import MissingScope
from openai_admin.organization import Drift, Drifted, drift_as_markdown, drift_as_slack
from openai_admin.organization.document.model import Document
from tests.cli.conftest import invoke
from tests.cli.webhooks import receiver, says
from tests.organization.applying.plans import Org, made

PRUNED = (
    "groups.members",
    "groups.roles",
    "people.roles",
    "projects.members",
    "projects.service_accounts",
    "projects.groups",
    "settings.spend_alerts",
)


@attrs.frozen
class Kept:
    """An organization, and its file.

    Attributes:
        org: the organization.
        group: a group with Max in it.
        role: a role that Lea has.
        file: what a file says that is kept of it.
    """

    org: Org
    group: str
    role: str
    file: Document

    async def drift(self, **options: object) -> Drift:
        """Look for drift."""
        self.org.emulator.requests.clear()
        return await self.org.client.organization.drift(self.file, **options)  # type: ignore[arg-type]

    def asked(self) -> list[str]:
        """The requests to the audit log since looking began."""
        return [r.path for r in self.org.emulator.requests if r.path.endswith("/audit_logs")]


@pytest.fixture
async def kept(emulator: Emulator) -> AsyncIterator[Kept]:
    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, max_retries=0
    ) as client:
        org = await made(emulator, client)
        group = (await client.groups.create(name="Data")).id
        await client.groups.users.create(group, user_id=org.max)
        role = (await client.roles.create(role_name="Auditor", permissions=["api.usage.read"])).id
        await client.users.roles.create(org.lea, role_id=role)
        await client.projects.spend_limit.update(
            org.project, threshold_amount=250_000, currency="USD", interval="month"
        )
        await client.spend_alerts.create(
            threshold_amount=100_000,
            currency="USD",
            interval="month",
            notification_channel={"type": "email", "recipients": ["f@example.com"]},
        )
        pulled = await client.organization.pull()
        yield Kept(org, group, role, attrs.evolve(pulled.document, prune=PRUNED))


def _by_text(drift: Drift) -> dict[str, Drifted]:
    return {each.text: each for each in drift.found}


async def test_nothing_is_asked_of_the_audit_log_where_nothing_drifted(kept: Kept) -> None:
    drift = await kept.drift()
    assert (drift.found, drift.is_known, drift.since) == ((), True, None)
    assert kept.asked() == []
    with pytest.raises(InvalidInputError, match="days must be 1 or more, not 0"):
        await kept.drift(days=0)


async def test_what_was_changed_by_hand_is_found_with_who_did_it(kept: Kept) -> None:
    org, client = kept.org, kept.org.client
    await client.groups.users.create(kept.group, user_id=org.lea)
    await client.groups.users.delete(kept.group, org.max)
    await client.users.update(org.max, role="owner")
    await client.users.roles.delete(org.lea, kept.role)
    await client.roles.update(kept.role, permissions=["api.usage.read", "api.audit_logs.read"])
    await client.projects.users.delete(org.project, org.max)
    await client.projects.users.create(org.project, user_id=org.lea, role="member")
    await client.projects.spend_limit.update(
        org.project, threshold_amount=500_000, currency="USD", interval="month"
    )
    await client.projects.hosted_tool_permissions.update(org.project, mcp={"enabled": False})
    limits = [each async for each in client.projects.rate_limits.list(org.project)]
    limit = next(each for each in limits if each.model == "gpt-5")
    await client.projects.rate_limits.update(org.project, limit.id, max_requests_per_1_minute=7)
    await client.projects.service_accounts.create(
        org.project, name="shadow", create_service_account_only=True
    )
    await client.groups.roles.create(kept.group, role_id=kept.role)
    (alert,) = [each async for each in client.spend_alerts.list()]
    await client.spend_alerts.delete(alert.id)
    await client.data_retention.update(retention_type="zero_data_retention")
    # Others of the same type, later: none of them is taken for what happened.
    other = await client.projects.create(name="Other")
    await client.projects.update(org.project, name="Search")
    await client.projects.users.create(other.id, user_id=org.max, role="member")
    await client.groups.users.create((await client.groups.create(name="More")).id, user_id=org.max)

    drift = await kept.drift()
    assert len(kept.asked()) == 1
    found = _by_text(drift)
    owner = org.emulator.store.first_owner()["email"]
    is_known = {text: (each.actor, each.changed_at is not None) for text, each in found.items()}
    who = (owner, True)
    assert is_known == {
        "Data: lea@example.com was added": who,
        "Data: max@example.com was removed": who,
        "Data: the role Auditor was added": who,
        "max@example.com: role was changed from reader to owner": who,
        "lea@example.com: the role Auditor was removed": who,
        "Role Auditor: permissions changed: + api.audit_logs.read": who,
        "Member max@example.com of Search was removed (role member)": who,
        "Member lea@example.com of Search was added (role member)": who,
        "Spend limit of Search was raised from $2,500 to $5,000": who,
        "Hosted tools of Search: mcp was changed from true to false": who,
        f"Rate limit gpt-5 of Search: max_requests_per_1_minute was lowered from"
        f" {limit.max_requests_per_1_minute:,} to 7": who,
        "Service account shadow of Search was added": who,
        "Data retention was changed from "
        f"{(kept.file.settings and kept.file.settings.data_retention)} to zero_data_retention": who,
        # Which alert a deletion was of, the log does not say.
        "Spend alert $1,000 is missing (emails f@example.com)": (None, False),
    }
    assert [(each.section, each.subject) for each in drift.left] == [
        ("groups", "More"),
        ("projects", "Other"),
    ]


async def test_each_is_named_for_what_the_event_itself_shows(kept: Kept) -> None:
    """Two people change one thing after the other: each field is of whom changed it."""
    role = attrs.evolve((kept.file.roles or {})["Auditor"], description="none")
    kept = attrs.evolve(kept, file=attrs.evolve(kept.file, roles={"Auditor": role}))
    org, first = kept.org, kept.org.client
    store = org.emulator.store
    max_, lea = (store.users.get(id)["email"] for id in (org.max, org.lea))
    owner = store.first_owner()["email"]
    limits = [each async for each in first.projects.rate_limits.list(org.project)]
    limit = next(each for each in limits if each.model == "gpt-5")
    _, key = store.issue_admin_key("Other", store.users.get(org.max), scopes=None, expires_at=None)
    async with AsyncOpenAIAdmin(key, base_url=org.emulator.base_url) as second:
        await first.roles.update(kept.role, permissions=["api.usage.read", "api.files.read"])
        await second.roles.update(kept.role, description="Reads.")
        await first.projects.hosted_tool_permissions.update(org.project, mcp={"enabled": False})
        await second.projects.hosted_tool_permissions.update(
            org.project, web_search={"enabled": False}
        )
        await first.projects.rate_limits.update(org.project, limit.id, max_requests_per_1_minute=7)
        await second.projects.rate_limits.update(org.project, limit.id, max_tokens_per_1_minute=8)
        await first.projects.users.create(org.project, user_id=org.lea, role="member")
        await second.projects.users.update(org.project, org.lea, role="owner")
        found = {text: each.actor for text, each in _by_text(await kept.drift()).items()}
        assert found == {
            "Role Auditor: permissions changed: + api.files.read": owner,
            "Role Auditor: description was changed from none to Reads.": max_,
            "Hosted tools of Search: mcp was changed from true to false": owner,
            "Hosted tools of Search: web_search was changed from true to false": max_,
            f"Rate limit gpt-5 of Search: max_requests_per_1_minute was lowered from"
            f" {limit.max_requests_per_1_minute:,} to 7": owner,
            f"Rate limit gpt-5 of Search: max_tokens_per_1_minute was lowered from"
            f" {limit.max_tokens_per_1_minute:,} to 8": max_,
            f"Member {lea} of Search was added (now role owner)": owner,
        }
        # What both did together is nobody's.
        await second.roles.update(
            kept.role, permissions=["api.usage.read", "api.files.read", "api.audit_logs.read"]
        )
    found = {text: each.actor for text, each in _by_text(await kept.drift()).items()}
    (both,) = (text for text in found if text.startswith("Role Auditor: permissions"))
    assert both.count("+ api.") == 2
    assert found[both] is None


async def test_what_is_gone_is_told_by_its_name(kept: Kept) -> None:
    client = kept.org.client
    await client.groups.delete(kept.group)
    other = await client.groups.create(name="Passing")
    await client.groups.delete(other.id)
    await client.users.roles.delete(kept.org.lea, kept.role)
    await client.roles.delete(kept.role)
    await client.projects.archive(kept.org.project)
    await client.users.delete(kept.org.max)
    await client.invites.create(email="new@example.com", role="reader")
    kept = attrs.evolve(kept, file=attrs.evolve(kept.file, prune=("people",)))
    found = _by_text(await kept.drift())
    assert {text: each.actor is not None for text, each in found.items()} == {
        "Group Data was removed": True,
        "Role Auditor was removed (permissions api.usage.read)": True,
        "Project Search was archived, which cannot be undone": True,
        "max@example.com is missing (role reader)": False,
        "new@example.com was invited (role reader)": True,
    }


async def test_what_is_protected_drifts_too(kept: Kept) -> None:
    protect = attrs.evolve(kept.file.protect, people=("max@example.com",))
    file = attrs.evolve(kept.file, protect=protect)
    await kept.org.client.users.update(kept.org.max, role="owner")
    drift = await kept.org.client.organization.drift(file)
    assert [each.text for each in drift.found] == [
        "max@example.com: role was changed from reader to owner"
    ]


async def test_without_the_audit_log_it_is_told_how_it_is(kept: Kept) -> None:
    org = kept.org
    await org.client.users.update(org.max, role="owner")
    await org.client.projects.spend_limit.delete(org.project)
    org.emulator.faults.add(MissingScope(match="audit_logs.list"))
    drift = await kept.drift()
    assert {each.text: each.actor for each in drift.found} == {
        "max@example.com: role is owner, and reader in the file": None,
        "Spend limit of Search is missing ($2,500)": None,
    }
    (lost,) = drift.log_not_known
    assert lost.reason.startswith("the key lacks")
    assert "the audit log: the key lacks" in drift_as_markdown(drift)
    assert drift.is_known


async def test_what_is_not_known_is_no_drift_and_no_peace(kept: Kept) -> None:
    kept.org.emulator.faults.add(MissingScope(match="projects.users.list"))
    drift = await kept.drift()
    assert drift.found == ()
    assert not drift.is_known
    message = json.dumps(drift_as_slack(drift))
    assert "As far as it is known" in message
    assert "members of projects" in message


async def test_the_command(kept: Kept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    org = kept.org
    monkeypatch.setenv("OPENAI_BASE_URL", org.emulator.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", org.emulator.admin_key)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    Path("org.yaml").write_text("version: 1\npeople:\n  max@example.com: reader\n")
    async with receiver(says(200, "ok")) as (address, got):
        monkeypatch.setenv("OPENAI_ADMIN_WEBHOOK_URL", address)
        none = await invoke("org", "drift", "org.yaml", "--webhook")
        assert (none.code, none.err) == (0, "")
        assert none.out.startswith("Everything that the file manages is as it says.\n")
        assert got == []
        await org.client.users.update(org.max, role="owner")
        found = await invoke("org", "drift", "org.yaml", "--webhook")
        assert (found.code, found.err) == (3, "1 thing is not as the file says.\n")
        assert "  max@example.com: role was changed from reader to owner, by " in found.out
        assert got[0]["text"] == "1 thing is not as the file says."
        told = await invoke("org", "drift", "org.yaml", "-f", "json", "--webhook")
        assert json.loads(told.out)["found"][0]["kind"] == "changed"
        assert got[1]["found"] == json.loads(told.out)["found"]
        slack = await invoke("org", "drift", "org.yaml", "-f", "slack")
        assert json.loads(slack.out)["blocks"][2:] == got[0]["blocks"][2:]
    async with receiver(says(500)) as (address, _):
        monkeypatch.setenv("OPENAI_ADMIN_WEBHOOK_URL", address)
        lost = await invoke("org", "drift", "org.yaml", "--webhook")
        assert lost.code == 3
        assert "The webhook refused the message" in lost.err
    org.emulator.faults.add(MissingScope(match="users.list"))
    unknown = await invoke("org", "drift", "org.yaml")
    assert unknown.code == 1
    assert "people" in unknown.out
    markdown = await invoke("org", "drift", "org.yaml", "-f", "markdown")
    assert markdown.out.startswith("### Drift: As far as it is known")
