"""Federation rules of workload identity providers, on each client, over a real socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator import workload_identity as stored
from openai_admin.errors import BadRequestError
from tests.conftest import AsyncSurface, Surface
from tests.resources.people import HOSTILE_IDS, add_project, ids, payloads, refused_unsent, told

MATCHERS = {"repo": "acme/web", "protected": True, "attempt": 1, "ratio": 0.5}


@attrs.frozen
class World:
    """A provider, a project and two service accounts of it, and calls about them."""

    emulator: Emulator
    provider: str
    project: str
    account: str
    other_account: str

    def creating(self, **changes: Any) -> Callable[[Any], Any]:
        """The creation of a rule with some changes, as a call of a client."""
        rule = {
            "attribute_matchers": MATCHERS,
            "project_id": self.project,
            "service_account_id": self.account,
        }
        return lambda c: c.workload_identity_providers.federation_rules.create(
            self.provider, **rule | changes
        )

    def about(self, change: str, id: str, **arguments: Any) -> Callable[[Any], Any]:
        """Another call about one rule."""
        return lambda c: getattr(c.workload_identity_providers.federation_rules, change)(
            workload_identity_provider_id=self.provider,
            workload_identity_federation_rule_id=id,
            **arguments,
        )

    def listing(self, **arguments: Any) -> Callable[[Any], Any]:
        """A listing of the provider's rules."""
        return lambda c: c.workload_identity_providers.federation_rules.list(
            self.provider, **arguments
        )

    @property
    def rules(self) -> list[dict[str, Any]]:
        """The stored rules."""
        return list(self.emulator.store.federation_rules[self.provider])


@pytest.fixture
def world(emulator: Emulator) -> World:
    store = emulator.store
    project = add_project(emulator)
    accounts = [
        store.project_service_accounts[project].add(
            {
                "object": "organization.project.service_account",
                "id": store.new_id("service_account"),
                "name": name,
                "role": "member",
                "created_at": store.now(),
            }
        )["id"]
        for name in ("deploy", "evaluate")
    ]
    return World(emulator, add_provider(emulator), project, *accounts)


def add_provider(emulator: Emulator) -> str:
    """Put a provider into the organization, and give its id."""
    settings = {"name": "CI", "issuer": "https://id.example.com", "audience": "openai"}
    store = emulator.store
    return str(stored.add_provider(store, settings, created_at=store.now())["id"])


async def test_rules_go_with_their_service_account(world: World, surface: Surface) -> None:
    gone = await surface.call(world.creating())
    kept = await surface.call(world.creating(service_account_id=world.other_account))
    await surface.call(
        lambda c: c.projects.service_accounts.delete(
            service_account_id=world.account, project_id=world.project
        )
    )
    assert [rule["id"] for rule in world.rules] == [kept.id]
    (event,) = payloads(world.emulator, "workload_identity_provider_mapping.deleted")
    assert (event["id"], event["service_account_id"]) == (gone.id, world.account)


async def test_the_life_of_a_rule(world: World, surface: Surface) -> None:
    made = await surface.call(world.creating())
    assert made.attribute_matchers == MATCHERS
    assert {name: type(value) for name, value in made.attribute_matchers.items()} == {
        name: type(value) for name, value in MATCHERS.items()
    }
    assert made.workload_identity_provider_id == world.provider
    assert (made.project_id, made.service_account_id) == (world.project, world.account)
    assert (made.name, made.description, made.enabled) == (None, None, True)
    assert made.permissions.type == "service_account_default"
    assert made == await surface.call(world.about("retrieve", made.id))

    restricted = {"type": "restricted", "scopes": ["model.request"]}
    changed = await surface.call(
        world.about(
            "update",
            made.id,
            name="Deploy",
            description="From the main branch",
            enabled=False,
            permissions=restricted,
            attribute_matchers={"repo": "acme/api"},
        )
    )
    assert (changed.name, changed.description) == ("Deploy", "From the main branch")
    assert (changed.enabled, changed.attribute_matchers) == (False, {"repo": "acme/api"})
    assert changed.permissions.scopes == ["model.request"]
    plain = await surface.call(world.about("update", made.id, name=None, description=None))
    assert (plain.name, plain.description, plain.enabled) == (None, None, False)

    with pytest.raises(surface.errors.ConflictError, match="federation rules"):
        await surface.call(lambda c: c.workload_identity_providers.delete(world.provider))
    gone = await surface.call(world.about("delete", made.id))
    assert (gone.id, gone.deleted) == (made.id, True)
    for change in ("retrieve", "update", "delete"):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(world.about(change, made.id))
    await surface.call(lambda c: c.workload_identity_providers.delete(world.provider))

    kind = "workload_identity_provider_mapping"
    assert await told(surface) == [
        f"{kind}.created",
        f"{kind}.updated",
        f"{kind}.updated",
        f"{kind}.deleted",
        "workload_identity_provider.deleted",
    ]
    assert payloads(world.emulator, f"{kind}.deleted") == [
        {
            "id": made.id,
            "identity_provider_id": world.provider,
            "project_id": world.project,
            "service_account_id": world.account,
        }
    ]
    log = await surface.items(lambda c: c.audit_logs.list(project_ids=[world.project]))
    assert len(log) == 4


async def test_listing_by_service_account(world: World, surface: Surface) -> None:
    accounts = [world.account, world.other_account, world.account, world.account]
    made = [await surface.call(world.creating(service_account_id=id)) for id in accounts]
    listed = await surface.items(world.listing(limit=1, service_account_id=world.account))
    assert ids(listed) == ids([made[0], made[2], made[3]])
    newest = await surface.items(world.listing(limit=3, order="desc"))
    assert ids(newest) == ids(made)[::-1]
    assert await surface.items(world.listing(service_account_id="svc_acct_none")) == []


async def test_each_provider_for_itself(world: World, surface: Surface) -> None:
    made = await surface.call(world.creating())
    other = attrs.evolve(world, provider=add_provider(world.emulator))
    assert await surface.items(other.listing()) == []
    for change in ("retrieve", "update", "delete"):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(other.about(change, made.id))
    nowhere = attrs.evolve(world, provider="wip_none")
    for call in (nowhere.creating(), nowhere.listing(), nowhere.about("delete", made.id)):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(call)
    assert ids(await surface.items(world.listing())) == [made.id]


async def test_service_accounts_that_are_none(world: World, surface: Surface) -> None:
    elsewhere = add_project(world.emulator, "Elsewhere")
    for changes in (
        {"service_account_id": "svc_acct_none"},
        {"project_id": "proj_none"},
        {"project_id": elsewhere},
    ):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(world.creating(**changes))
    assert world.rules == []


async def test_a_provider_has_fifty_at_most(world: World) -> None:
    surface = AsyncSurface(world.emulator)
    for _ in range(50):
        last = await surface.call(world.creating())
    with pytest.raises(BadRequestError, match="50 federation rules"):
        await surface.call(world.creating())
    await surface.call(world.about("delete", last.id))
    await surface.call(world.creating())
    await surface.close()


async def test_archived_projects_take_no_rules(world: World, surface: Surface) -> None:
    made = await surface.call(world.creating())
    await surface.call(lambda c: c.projects.archive(world.project))
    for call in (world.creating(), world.about("update", made.id, enabled=True)):
        with pytest.raises(surface.errors.BadRequestError, match="archived"):
            await surface.call(call)
    # A rule can always be taken away, or its provider could not be deleted.
    await surface.call(world.about("delete", made.id))


@pytest.mark.parametrize(
    ("param", "changes"),
    [
        ("attribute_matchers", {"attribute_matchers": ["repo"]}),
        ("attribute_matchers.repo", {"attribute_matchers": {"repo": None}}),
        ("attribute_matchers.repo", {"attribute_matchers": {"repo": ["acme/web"]}}),
        ("attribute_matchers", {"attribute_matchers": {"": "acme/web"}}),
        ("project_id", {"project_id": 7}),
        ("enabled", {"enabled": 1}),
        ("permissions", {"permissions": "all"}),
        ("permissions.type", {"permissions": {}}),
        ("permissions.type", {"permissions": {"type": "all"}}),
        ("permissions.scopes", {"permissions": {"type": "restricted"}}),
        ("permissions.scopes", {"permissions": {"type": "restricted", "scopes": "all"}}),
        ("permissions.scopes[0]", {"permissions": {"type": "restricted", "scopes": [1]}}),
        ("permissions.scopes", {"permissions": {"type": "service_account_default", "scopes": []}}),
    ],
)
async def test_shapes_that_are_none(world: World, param: str, changes: dict[str, Any]) -> None:
    emulator = world.emulator
    await refused_unsent(emulator, world.creating(**changes))
    body = {
        "attribute_matchers": MATCHERS,
        "project_id": world.project,
        "service_account_id": world.account,
    }
    path = f"/organization/workload_identity_providers/{world.provider}/federation_rules"
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(BadRequestError) as caught:
            await client.request("POST", path, body=body | changes)
    assert caught.value.param == param
    assert world.rules == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
async def test_numbers_that_no_json_has(world: World, value: float) -> None:
    await refused_unsent(world.emulator, world.creating(attribute_matchers={"ratio": value}))


@pytest.mark.parametrize("name", [" ", "n" * 100_000, "a\x00b", "a\nb"])
async def test_names_that_are_none(world: World, surface: Surface, name: str) -> None:
    made = await surface.call(world.creating(name="Deploy"))
    update = world.about("update", made.id, enabled=False, name=name)
    for call in (world.creating(name=name), update, world.creating(description="d" * 3000)):
        with pytest.raises(surface.errors.BadRequestError):
            await surface.call(call)
    (left,) = world.rules
    assert (left["name"], left["enabled"]) == ("Deploy", True)


@pytest.mark.parametrize("id", HOSTILE_IDS)
async def test_ids_that_name_nothing(world: World, surface: Surface, id: str) -> None:
    for change in ("retrieve", "update", "delete"):
        with pytest.raises(surface.errors.NotFoundError):
            await surface.call(world.about(change, id))


async def test_what_the_client_refuses(world: World) -> None:
    matchers: Any = {1: "acme/web"}
    await refused_unsent(
        world.emulator,
        world.creating(attribute_matchers=matchers),
        world.creating(name=""),
        world.creating(project_id=""),
        world.creating(service_account_id=""),
        world.about("update", "wifr_1", enabled=None),
        world.about("update", "", enabled=True),
        world.about("retrieve", ".."),
        world.about("delete", "."),
        attrs.evolve(world, provider="").creating(),
        world.listing(limit=0),
        world.listing(limit=101),
    )


async def test_demo_rules(demo: Emulator, demo_surface: Surface) -> None:
    (provider,) = await demo_surface.items(lambda c: c.workload_identity_providers.list())
    rules = await demo_surface.items(
        lambda c: c.workload_identity_providers.federation_rules.list(provider.id, limit=1)
    )
    assert len(rules) == 2
    for rule in rules:
        assert rule.service_account_id in demo.store.project_service_accounts[rule.project_id]
