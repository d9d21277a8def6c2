"""An organization as a file: the same each time, and read back it leaves nothing to do."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from pathlib import Path
from typing import Any

import attrs
import pytest

import openai_admin
from openai_admin import OpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import FeatureOff, ProjectFails, UnknownValues
from openai_admin.organization.document.defaults import settled
from openai_admin.organization.document.model import Document, Project, RateLimit
from openai_admin.organization.document.reading import read
from openai_admin.organization.planning.making import plan
from openai_admin.organization.usual import with_defaults
from tests.furnished import furnished
from tests.organization.observing.test_observing import Shuffled, client_of
from tests.organizations import organization


@pytest.mark.parametrize("seed", range(1, 7))
async def test_the_file_is_the_same_and_leaves_nothing_to_do(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "org.yaml"
    async with organization(seed) as emulator, client_of(emulator) as client:
        pulled = await client.organization.pull()
        pinned = await client.organization.pull(pins=True)
        state = await client.organization.observe()
        emulator.faults.add(Shuffled())
        assert (await client.organization.pull()).text() == pulled.text()
    assert pulled.not_known == ()
    for each in (pulled, pinned):
        path.write_text(each.text())
        document = read(path).document
        assert settled(document) == settled(each.document)
        found = plan(document, state)
        assert (found.steps, found.impossible, found.not_known) == ((), (), ())


async def test_a_section_within_another_says_nothing_of_that_one() -> None:
    async with furnished(5) as emulator, client_of(emulator) as client:
        whole = (await client.organization.pull()).document
        pulled = await client.organization.pull(only=["people.roles", "projects.members"])
    assert {person.role for person in (whole.people or {}).values()} == {"owner", "reader"}
    assert {person.role for person in (pulled.document.people or {}).values()} == {None}
    keys = {project.external_key for project in (settled(whole).projects or {}).values()}
    assert keys - {"none"}
    assert {p.external_key for p in (settled(pulled.document).projects or {}).values()} == {None}


async def test_a_key_that_a_project_was_given_by_hand_is_taken_away() -> None:
    async with furnished(1) as emulator, client_of(emulator) as client:
        key = next(iter(emulator.store.external_keys))["id"]
        for project in emulator.store.projects:
            emulator.store.projects.update(project["id"], {"external_key_id": None})
        pulled = await client.organization.pull()
        changed = [p["id"] for p in emulator.store.projects if p["status"] == "active"]
        emulator.store.projects.update(changed[0], {"external_key_id": key})
        (step,) = (await client.organization.plan(pulled.document)).steps
    assert step.arguments == {"project_id": changed[0], "external_key_id": None}


async def test_the_demo_organization_is_read_back_without_anything_to_do(
    demo: Emulator, tmp_path: Path
) -> None:
    async with client_of(demo) as client:
        pulled = await client.organization.pull()
        state = await client.organization.observe()
    path = tmp_path / "org.yaml"
    path.write_text(pulled.text())
    found = plan(read(path).document, state)
    assert (found.steps, found.impossible, found.not_known) == ((), (), ())
    assert len(pulled.text().splitlines()) < 500


async def test_what_is_not_known_is_named_and_does_not_stand_there(demo: Emulator) -> None:
    async with client_of(demo) as client:
        (failing,) = [p.id async for p in client.projects.list() if p.name == "Voice Notes"]
        demo.faults.add(ProjectFails(project=failing))
        demo.faults.add(FeatureOff(match="certificates.*"))
        pulled = await client.organization.pull()
    text = pulled.text()
    document = settled(pulled.document)
    assert document.certificates is None
    voice = (document.projects or {})["Voice Notes"]
    assert attrs.evolve(voice, name=None) == Project(external_key="none", external_storage=())
    comments = re.sub(r"\n#   ", " ", text)
    begun = "# Not known, and so not in this file: "
    assert f"{begun}Voice Notes: nothing of it could be read (the API answered 500, “" in comments
    assert f"{begun}certificates: the API answered 403, “" in comments
    assert comments.count("Voice Notes:") == 2  # what is said of it, and it
    assert max(len(line) for line in text.splitlines() if line.startswith("#")) <= 100


def test_what_most_projects_have_is_said_once() -> None:
    def limits(**of: int) -> dict[str, RateLimit]:
        return {m: RateLimit(max_requests_per_1_minute=n) for m, n in of.items()}

    document = Document(
        projects={
            "a": Project(
                models="none", rate_limits=limits(x=1, y=2), groups={}, spend_limit="none"
            ),
            "b": Project(
                models="none", rate_limits=limits(x=1, y=3), groups={}, spend_limit="none"
            ),
            "c": Project(models="none", rate_limits=limits(x=5, y=2, z=9), groups={}),
        }
    )
    said = with_defaults(document)
    assert said.defaults == Project(models="none", rate_limits=limits(x=1, y=2), groups={})
    assert said.projects == {
        "a": Project(spend_limit="none"),  # that of "c" is not known
        "b": Project(spend_limit="none", rate_limits=limits(y=3)),
        "c": Project(rate_limits=limits(x=5, z=9)),
    }
    assert settled(said) == document
    assert with_defaults(Document(projects={"a": Project(models="none")})).defaults is None


async def test_what_could_not_be_read_is_not_written_as_empty(demo: Emulator) -> None:
    demo.faults.add(FeatureOff(match="projects.groups.roles.*"))
    async with client_of(demo) as client:
        pulled = await client.organization.pull(only=["projects.groups"])
    projects = settled(pulled.document).projects or {}
    assert projects["Marketing Studio"].groups is None
    assert projects["Mobile App"].groups == {}
    assert {part.kind for part in pulled.not_known} == {"roles of groups in projects"}


async def test_what_a_file_cannot_say_is_named(demo: Emulator, tmp_path: Path) -> None:
    demo.faults.add(UnknownValues(fields=("role", "type", "mode", "default")))
    async with client_of(demo) as client:
        pulled = await client.organization.pull()
    kinds = {part.kind for part in pulled.not_known}
    assert kinds >= {"federation rules", "spend alerts", "spend alerts of projects"}
    # Which of the roles that are listed comes with a membership is not known, or where keys are.
    others = {each.partition(" of ")[0] for each in kinds}
    assert others == {"federation rules", "spend alerts", "roles", "discovery url", "jwks"}
    assert any("role of people / " in what for what in pulled.unsaid)
    assert any("data retention of settings is '" in what for what in pulled.unsaid)
    path = tmp_path / "org.yaml"
    path.write_text(pulled.text())
    assert settled(read(path).document) == settled(pulled.document)
    assert "# Not in this file: " in pulled.text()


async def test_the_head_says_for_what_defaults_hold_and_what_is_left_out(demo: Emulator) -> None:
    async with client_of(demo) as client:
        whole = (await client.organization.pull(only=["projects.models"])).text()
        one = (await client.organization.pull(projects=["Mobile App"], only=["projects"])).text()
        people = (await client.organization.pull(only=["people"])).text()
    assert "# What stands in 'defaults' holds for every project here that says nothing" in whole
    assert "# 2 archived projects are left out.\n" in whole
    assert not [text for text in (one, people) if "archived" in text or "'defaults'" in text]


async def test_the_blocking_client_pulls_too(emulator: Emulator) -> None:
    def people() -> int:
        with OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
            return len(client.organization.pull(only=["people"]).document.people or {})

    assert await asyncio.to_thread(people) == 1


async def test_the_page_shows_what_is_pulled(demo: Emulator) -> None:
    page = (
        Path(openai_admin.__file__)
        .parent.joinpath("organization", "README.md")
        .read_text(encoding="utf-8")
    )
    section = page.partition("\n## Pull\n")[2].partition("\n## ")[0]
    (shown,) = re.findall(r"^```yaml\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    async with client_of(demo) as client:
        text = (await client.organization.pull()).text()
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else f"{re.escape(line)}\n" for line in shown.splitlines()
    )
    assert re.search(pattern, text)


async def test_planning_asks_only_those_for_roles_of_whom_the_file_says_some(
    demo: Emulator,
) -> None:
    async with client_of(demo) as client:
        document = (await client.organization.pull()).document

        async def asked(**changed: Any) -> Counter[str]:
            demo.requests.clear()
            found = await client.organization.plan(attrs.evolve(document, **changed))
            assert (found.steps, found.not_known) == ((), ())
            return Counter(request.operation for request in demo.requests)

        few, all_of_them = await asked(), await asked(prune=("people",))
        with_roles = [one for one in (document.people or {}).values() if one.roles]
        assert few["users.roles.list"] == len(with_roles) > 0
        assert few["projects.users.roles.list"] < all_of_them["projects.users.roles.list"]
        assert all_of_them["users.roles.list"] == len(demo.store.users)
