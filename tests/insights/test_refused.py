"""Whatever the API refuses is not known, in every form, and everything else is found.

Each refusal of the world page meets a review, its report as figures, Markdown, terminal and page,
the questions of the MCP server, and the command.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode
from xml.etree import ElementTree

import attrs
import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from jsonschema import Draft202012Validator

from openai_admin import AsyncOpenAIAdmin
from openai_admin.allocation import Allocation
from openai_admin.cli.report_text import write_report
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import (
    CutJSON,
    FeatureOff,
    Grouping,
    Lookback,
    MissingScope,
    OtherShape,
    ProjectFails,
    Status,
    TooWide,
)
from openai_admin.emulator.faults.fault import Exchange, Fault
from openai_admin.emulator.faults.raw import content
from openai_admin.insights import Review, known, review, whole_days
from openai_admin.insights.budgets import Budget
from openai_admin.insights.findings import FINDINGS, LIMITS
from openai_admin.insights.periods import midnight
from openai_admin.mcp.insight import insight_tools
from openai_admin.report import document, figures, to_html, to_markdown, to_svg
from tests.cli.conftest import invoke

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNUSUAL = frozenset({"anomalies", "around_anomalies"})
COSTS = UNUSUAL | {"by_project", "by_model", "by_line_item", "movers", "projection"}
DERIVED = {
    "near_thresholds": "thresholds",
    "near_rate_limits": "rate_limits",
    "daily": "projection",
}
"""What is not known where a finding is not."""
CONSUMERS = frozenset({"by_key", "by_user"})
BILL = frozenset({"models", "reconciliation"})
KEYS = frozenset({"stale_keys", "never_used_keys", "keys_of_former_members"})
BUDGETS = [Budget(name="all", limit=Decimal(1))]
MONEY = COSTS | {"budgets"} | CONSUMERS | BILL | {"months", "cache_savings", "by_team"}
RULES = "[[rule]]\nproject = '*'\nteam = 'All'\n"
MANAGED = frozenset(FINDINGS) - MONEY
ADMIN_KEYS = frozenset({"stale_admin_keys", "non_expiring_admin_keys"})
NEEDS_MANAGEMENT = KEYS | ADMIN_KEYS | {"inactive_owners", "pending_invites", "rate_limits"}


@attrs.frozen
class Refusal:
    """What the API refuses, and what is not known for it.

    Attributes:
        name: the case.
        faults: what the emulator refuses; ``{project}`` is a project's id.
        lost: the findings that are not known.
        partial: those that are known in part.
        words: what must be said.
        scopes: of the key; ``None`` for everything.
    """

    name: str
    faults: tuple[Any, ...] = ()
    lost: frozenset[str] = frozenset()
    partial: frozenset[str] = frozenset()
    words: str = ""
    scopes: tuple[str, ...] | None = None


def status(code: int, *operations: str) -> tuple[Status, ...]:
    return tuple(Status(status=code, match=operation) for operation in operations)


@attrs.frozen(kw_only=True)
class LaterPages(Fault):
    """Pages are small, and only the first one of a listing comes."""

    async def apply(self, exchange: Exchange) -> web.Response:
        query = parse_qs(exchange.query)
        if "after" in query:
            return await Status(status=500).apply(exchange)
        return await exchange.run(urlencode({**query, "limit": 5}, doseq=True))


OWNERS = frozenset({"inactive_owners"})
HOLDERS = frozenset({"by_key"})
"""What says less where the owners of keys are not known."""
LACKS = "the key lacks `api.management.read`"
REFUSALS = (
    Refusal(
        "a usage-only key",
        lost=NEEDS_MANAGEMENT | {"ending_certificates", "thresholds", "around_anomalies"},
        partial=HOLDERS,
        words=LACKS,
        scopes=("api.usage.read",),
    ),
    Refusal(
        "a management-only key",
        lost=MONEY | OWNERS | {"rate_limits", "thresholds", "ending_certificates", "busy_hours"},
        words="the key lacks `api.usage.read`",
        scopes=("api.management.read",),
    ),
    *(
        Refusal(
            f"a missing scope for people ({form})",
            (MissingScope(match="users.list", form=form),),
            lost=frozenset({"keys_of_former_members"}) | OWNERS,
            words=LACKS,
        )
        for form in ("403", "401", "text")
    ),
    *(
        Refusal(
            f"the audit log is off ({code})",
            (FeatureOff(match="audit_logs.list", status=code),),
            lost=OWNERS | {"around_anomalies"},
            words="This organization does not have the feature 'audit logs'",
        )
        for code in (400, 403, 404)
    ),
    *(
        Refusal(
            f"certificates are off ({code})",
            (FeatureOff(match="certificates.list", status=code),),
            lost=frozenset({"ending_certificates"}),
            words="This organization does not have the feature 'certificates'",
        )
        for code in (400, 403, 404)
    ),
    *(
        Refusal(
            f"one project fails ({code})",
            (ProjectFails(project="{project}", status=code),),
            partial=KEYS | HOLDERS | {"rate_limits", "thresholds", "ending_certificates"},
            words=f"the API answered {code}",
        )
        for code in (400, 403, 500)
    ),
    *(
        Refusal(
            f"keys of projects fail ({code})",
            status(code, "projects.api_keys.list"),
            lost=KEYS,
            partial=HOLDERS,
            words=f"the API answered {code}",
        )
        for code in (403, 404, 500)
    ),
    Refusal(
        "projects fail",
        status(500, "projects.list"),
        lost=KEYS | {"rate_limits"},
        partial=HOLDERS | {"thresholds", "ending_certificates"},
        words="the API answered 500",
    ),
    Refusal(
        "people fail",
        status(404, "users.list"),
        lost=frozenset({"keys_of_former_members"}) | OWNERS,
        words="the API answered 404",
    ),
    Refusal(
        "invites fail",
        status(400, "invites.list"),
        lost=frozenset({"pending_invites"}),
        words="the API answered 400",
    ),
    Refusal(
        "admin keys fail",
        status(503, "admin_api_keys.list"),
        lost=ADMIN_KEYS | OWNERS,
        words="the API answered 503",
    ),
    Refusal(
        "spend limits fail",
        status(403, "spend_limit.retrieve"),
        partial=frozenset({"thresholds"}),
        words="the API answered 403",
    ),
    Refusal(
        "all spend limits and alerts fail",
        status(403, "*spend_limit.retrieve", "*spend_alerts.list"),
        lost=frozenset({"thresholds"}),
        words="the API answered 403",
    ),
    Refusal(
        "rate limits fail",
        status(403, "projects.rate_limits.list"),
        lost=frozenset({"rate_limits"}),
        words="the API answered 403",
    ),
    Refusal(
        "costs fail",
        status(403, "usage.costs"),
        lost=MONEY | OWNERS | {"thresholds"},
        words="the API answered 403",
    ),
    Refusal(
        "a grouping by line item",
        (Grouping(match="usage.costs", fields=("line_item",)),),
        lost=UNUSUAL | BILL | {"by_model", "by_line_item", "movers", "cache_savings"},
        words="costs by line item: the API does not group that",
    ),
    Refusal(
        "one endpoint of usage fails",
        status(500, "usage.embeddings"),
        lost=BILL,
        partial=frozenset({"rate_limits", "busy_hours"}),
        words="usage (embeddings)",
    ),
    Refusal(
        "all usage but costs fails",
        status(403, "usage.[!c]*", "usage.completions"),
        lost=BILL | {"rate_limits", "busy_hours"},
        words="the API answered 403",
    ),
    Refusal(
        "an answer of another shape",
        (OtherShape(match="invites.list"),),
        lost=frozenset({"pending_invites"}),
        words="the answer could not be read",
    ),
    Refusal(
        "an answer that ends early",
        (CutJSON(match="users.list"),),
        lost=frozenset({"keys_of_former_members"}) | OWNERS,
        words="the answer could not be read",
    ),
    Refusal(
        "people end after a page",
        (LaterPages(match="users.list"),),
        lost=frozenset({"keys_of_former_members"}),
        partial=OWNERS,
        words="people after the first 5: the API answered 500",
    ),
    Refusal(
        "keys of projects end after a page",
        (LaterPages(match="projects.api_keys.list"),),
        partial=KEYS | HOLDERS,
        words=") after the first 5",
    ),
    Refusal(
        "rate limits end after a page",
        (LaterPages(match="projects.rate_limits.list"),),
        lost=frozenset({"rate_limits"}),
        words="rate limits of projects: the API answered 500",
    ),
)
QUERIES = (
    ("a look-back of 20 days", Lookback(match="usage.costs", days=20)),
    ("a vague look-back", Lookback(match="usage.*", days=20, vague=True)),
    ("a grouping by key", Grouping(match="usage.costs", fields=("api_key_id",), param=False)),
    ("too wide a page", TooWide(match="usage.costs", window=10 * 86_400)),
)
"""Refusals of a query, which may adapt: what comes of it is either known or said not to be."""

EACH = pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.name)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def organization() -> AsyncIterator[Emulator]:
    async with Emulator(state="demo") as emulator:
        yield emulator


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def project(organization: Emulator) -> str:
    """A project that has keys and limits."""
    async with AsyncOpenAIAdmin(organization.admin_key, base_url=organization.base_url) as client:
        async for each in client.projects.list(limit=100):
            if each.name == "Data Platform":
                return each.id
    raise LookupError("the demo organization has no such project")


@pytest.fixture
def key(refusal: Refusal, organization: Emulator, project: str) -> Iterator[str]:
    """A key to which the organization refuses what the test's case says."""
    for fault in refusal.faults:
        is_of_one = isinstance(fault, ProjectFails)
        organization.faults.add(attrs.evolve(fault, project=project) if is_of_one else fault)
    if refusal.scopes is None:
        yield organization.admin_key
    else:
        yield organization.add_key(scopes=refusal.scopes)
    organization.faults.clear()


@pytest_asyncio.fixture(loop_scope="module")
async def client(key: str, organization: Emulator) -> AsyncIterator[AsyncOpenAIAdmin]:
    """A client with that key."""
    async with AsyncOpenAIAdmin(key, base_url=organization.base_url, max_retries=0) as client:
        yield client


_REVIEWED: dict[str, Review] = {}  # by case; each takes a second


async def reviewed(refusal: Refusal, client: AsyncOpenAIAdmin) -> Review:
    """A review under a refusal, made once for all tests."""
    if refusal.name not in _REVIEWED:
        _REVIEWED[refusal.name] = await review(
            client, allocation=Allocation.from_text(RULES), budgets=BUDGETS
        )
    return _REVIEWED[refusal.name]


def forms(found: Review) -> Iterator[tuple[str, str]]:
    """Everything that people read of a review, in each form, without what escapes it."""
    yield "Markdown", to_markdown(found).replace("\\", "")
    written = io.StringIO()
    write_report(found, written)
    yield "terminal", " ".join(written.getvalue().split())
    page = to_html(found).partition('<script type="application/json"')[0]
    yield "page", page.replace("&#39;", "'")


def all_clear(key: str) -> str:
    """What a finding says where there is nothing, up to its first figure."""
    finding = FINDINGS[key]
    return finding.none.format_map(finding.thresholds).lower()


@EACH
async def test_exactly_the_part_that_is_refused_is_not_known(
    refusal: Refusal, client: AsyncOpenAIAdmin
) -> None:
    found = await reviewed(refusal, client)
    assert {key for key in FINDINGS if found.why_not_known(key)} == refusal.lost
    assert {key for key in FINDINGS if found.left_out(key)} == refusal.partial
    for key in refusal.lost:
        assert not FINDINGS[key].rows(found)
        (said,) = FINDINGS[key].sentences(found)
        assert said.startswith("Not checked: ")
        assert FINDINGS[key].worst(found) == "warn"
    for key in refusal.partial:
        assert "Not looked at: " in " ".join(FINDINGS[key].sentences(found))
    assert any(FINDINGS[key].rows(found) for key in FINDINGS.keys() - refusal.lost)


@EACH
async def test_it_is_none_in_python(refusal: Refusal, client: AsyncOpenAIAdmin) -> None:
    found = await reviewed(refusal, client)
    of = {**{key: key for key in FINDINGS}, **DERIVED}
    assert {name for name, key in of.items() if key in refusal.lost} == {
        name for name in of if getattr(found, name) is None
    }
    for name, key in of.items():
        assert found.why_not_known(name) == found.why_not_known(key)


@EACH
async def test_no_form_of_the_report_has_a_figure_of_it(
    refusal: Refusal, client: AsyncOpenAIAdmin
) -> None:
    found = await reviewed(refusal, client)
    clear = [all_clear(key) for key in refusal.lost if all_clear(key)]
    if refusal.lost & KEYS or refusal.partial & KEYS:
        clear.append("every key is in use")
    if refusal.lost >= COSTS:
        clear += ["$0.00", "there were no costs", "no costs to"]
    for form, text in forms(found):
        assert refusal.words in text, form
        assert "Not known, and so in no figure: " in text, form
        assert ("ot checked: " in text) is bool(refusal.lost), form
        for words in clear:
            assert words not in text.lower(), form
    made = document(found)
    by_target = {tile.target: tile for tile in made.tiles}
    for target, keys in (
        ("projects", {"by_project"}),
        ("projection", {"projection"}),
        ("anomalies", {"anomalies"}),
        ("thresholds", {finding.key for finding in LIMITS.findings}),
        ("keys", KEYS | ADMIN_KEYS | OWNERS | {"pending_invites"}),
    ):
        tile = by_target[target]
        if keys & (refusal.lost | refusal.partial):
            assert tile.tone != "good"
            assert tile.value not in ("0", "$0.00", "?")
            assert "not checked: " in tile.note or "not looked at: " in tile.note
        if keys <= refusal.lost:
            assert tile.value == "not known"


@EACH
async def test_figures_of_it_are_null(refusal: Refusal, client: AsyncOpenAIAdmin) -> None:
    made = json.loads(json.dumps(figures(await reviewed(refusal, client))))
    names = {
        "by_project": "projects",
        "by_model": "models",
        "by_line_item": "line_items",
        "by_key": "api_keys",
        "by_user": "users",
        "by_team": "teams",
        "models": "tokens",
        "thresholds": "near_thresholds",
        "rate_limits": "near_rate_limits",
    }
    null = {key for key in FINDINGS if made[names.get(key, key)] is None}
    assert null == refusal.lost
    assert (made["total"] is None) is ("by_project" in refusal.lost)
    assert made["not_known"]
    assert all(part["reason"] for part in made["not_known"])


@EACH
async def test_the_questions_of_the_mcp_server_say_so(
    refusal: Refusal, client: AsyncOpenAIAdmin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "allocation.toml").write_text(RULES)
    monkeypatch.setenv("OPENAI_ADMIN_ALLOCATION", str(tmp_path / "allocation.toml"))
    tools = {tool.name.removeprefix("openai_admin_insight_"): tool for tool in insight_tools()}
    answers = {name: await tool.run(client, {}) for name, tool in tools.items()}
    for name, answer in answers.items():
        Draft202012Validator(dict(tools[name].output)).validate(answer.structured)
    reviewed = answers["review"].structured
    found, lost = reviewed["findings"], refusal.lost - {"budgets"}  # which no question gives
    assert {key for key, each in found.items() if each.get("rows", ()) is None} == lost
    assert {key for key, each in found.items() if each["count"] is None} == lost
    assert {key for key, each in found.items() if each.get("not_known")} == refusal.partial - lost
    told = reviewed["not_known"]
    assert any(refusal.words.lower() in each.lower() for each in told)
    keys = answers["stale_keys"]
    for field, key in (
        ("stale", "stale_keys"),
        ("never_used", "never_used_keys"),
        ("of_former_members", "keys_of_former_members"),
        ("stale_admin", "stale_admin_keys"),
        ("non_expiring_admin", "non_expiring_admin_keys"),
    ):
        assert (keys.structured["counts"][field] is None) is (key in refusal.lost)
        if key in refusal.lost:
            assert all_clear(key) not in keys.summary.lower()
    access = answers["access_review"]
    of_people = re.compile(r"(^|, | and )people( after| and|,|:)", re.IGNORECASE)
    are_counted = not any(map(of_people.search, told))
    assert (access.structured["people"] is not None) is are_counted
    looked_at = ("people", "invites", "admin keys", "the audit log")  # which costs are not
    is_less = any(part in each.lower() for each in told for part in looked_at)
    for key in ("inactive_owners", "pending_invites"):
        is_lost = is_less and key in refusal.lost
        assert (f"{FINDINGS[key].heading}: not checked" in access.summary) is is_lost
    for name, figure, needed in (
        ("spend", "groups", {"by_project"}),
        ("movers", "groups", {"by_project", "by_model"}),
        ("anomalies", "days", {"anomalies"}),
        ("projection", "spent", {"projection"}),
    ):
        answer, is_lost = answers[name], not needed.isdisjoint(refusal.lost)
        assert (answer.structured[figure] is None) is is_lost
        assert ("ot checked: " in answer.summary) is is_lost
        assert ("$0.00" in answer.summary) is False
    total = answers["movers"].structured["total"]
    assert (total is None) is ("by_project" in refusal.lost)
    if "movers" in refusal.lost and total is not None:
        assert "change" not in total or answers["movers"].structured["groups"] is None
    assert (keys.structured["projects_looked_at"] is None) is ("stale_keys" in refusal.lost)


@pytest.mark.parametrize(
    "refusal",
    [each for each in REFUSALS if each.scopes or "40" in each.words],
    ids=lambda refusal: refusal.name,
)
async def test_the_command_writes_the_report_and_ends_with_1(
    refusal: Refusal, key: str, organization: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", organization.base_url)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", key)
    outcome = await invoke("report")
    assert outcome.code == 1
    assert "Spend and access" in outcome.out
    assert outcome.err.startswith("Not everything asked for is known: ")
    assert refusal.words in outcome.err


@pytest.mark.parametrize(
    "refusal", [Refusal(name, (fault,)) for name, fault in QUERIES], ids=lambda each: each.name
)
async def test_a_query_that_is_refused_is_never_zero(
    refusal: Refusal, client: AsyncOpenAIAdmin
) -> None:
    found = await review(client)
    made = figures(found)
    if found.why_not_known("by_project"):
        assert made["total"] is None
    else:
        assert known(found.by_project).total.cost > 0
    for form, text in forms(found):
        assert "There were no costs" not in text, form


@pytest.mark.parametrize("refusal", [Refusal("none")], ids=["none"])
async def test_a_read_only_key_is_refused_nothing(
    refusal: Refusal, organization: Emulator, client: AsyncOpenAIAdmin
) -> None:
    key = organization.add_key(read_only=True)
    async with AsyncOpenAIAdmin(key, base_url=organization.base_url) as reader:
        found = await review(reader)
    everything = await review(client, now=found.now)
    assert found.not_known == everything.not_known == ()
    of_files = {"by_team", "budgets"}  # no allocation and no budgets were given
    assert not any(
        found.why_not_known(key) or found.left_out(key) for key in FINDINGS.keys() - of_files
    )
    unknown = {name for name, each in figures(found).items() if each is None}
    assert unknown == {"nothing_before", "teams", "budgets"}
    in_use = "non_expiring_admin_keys"  # among them are the two that are used here
    for key in NEEDS_MANAGEMENT - {"rate_limits", in_use}:
        assert FINDINGS[key].rows(found) == FINDINGS[key].rows(everything)
    ids = [{k.key_id for k in FINDINGS[in_use].rows(each)} for each in (found, everything)]
    assert ids[0] == ids[1] != set()
    assert "ot checked" not in to_markdown(found)


@attrs.frozen(kw_only=True)
class Gone(Fault):
    """Costs have no bucket of some days."""

    first: int
    end: int

    async def apply(self, exchange: Exchange) -> web.Response:
        answer = await exchange.run()
        page = msgspec.json.decode(content(answer))
        page["data"] = [b for b in page["data"] if not self.first <= b["start_time"] < self.end]
        return web.json_response(page)


@pytest.mark.parametrize("refusal", [Refusal("none")], ids=["none"])
@pytest.mark.parametrize("gone", ["the period", "the period before", "its last day"])
async def test_costs_of_which_days_are_gone_are_not_known(
    gone: str, refusal: Refusal, organization: Emulator, client: AsyncOpenAIAdmin
) -> None:
    meant = whole_days(30, now=datetime.now(UTC))
    days = meant if gone == "the period" else meant.before()
    start = days.end - timedelta(days=1) if gone == "its last day" else days.start
    first, end = (int(midnight(day).timestamp()) for day in (start, days.end))
    organization.faults.add(Gone(match="usage.costs", first=first, end=end))
    found = await review(client)
    made = figures(found)
    if gone == "the period":
        assert made["total"] is made["projects"] is made["users"] is made["anomalies"] is None
        assert document(found).tiles[0].value == "not known"
        for chart in ("projects", "models", "movers", "projection"):
            drawn = ElementTree.fromstring(to_svg(found, chart))
            texts = [
                "".join(text.itertext()) for text in drawn.iter("{http://www.w3.org/2000/svg}text")
            ]
            assert "not known" in texts
            assert any(text.startswith("Not checked: ") for text in texts)
            assert "$" not in "".join(drawn.itertext())
    else:
        assert known(found.by_project).total.cost > 0
        for breakdown in (found.by_project, found.by_user):
            assert {g.change for g in known(breakdown).groups} == {None}
        assert made["previous_total"] is None
        assert found.movers is made["movers"] is None
        assert document(found).tiles[0].note.startswith("the period before is not known")
    for form, text in forms(found):
        assert "$0.00 |" not in text, form
        assert "| new" not in text, form
        assert "no answer has a bucket for it" in text, form
