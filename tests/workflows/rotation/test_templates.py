"""Names in the placeholders of a place: as they are, or not at all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from openai_admin import InvalidInputError
from openai_admin.workflows.rotation.model import Rotated, Wishes
from openai_admin.workflows.rotation.several import All, service_accounts
from openai_admin.workflows.rotation.templates import filled, refuse_shared
from tests.workflows.rotation.conftest import Organization


@pytest.mark.parametrize(
    ("template", "name", "place"),
    [
        ("file:s/{account}.env", "Proj 0", "file:s/Proj 0.env#OPENAI_API_KEY"),
        ("file:s/{account}.env", "\u65e5\u672c", "file:s/\u65e5\u672c.env#OPENAI_API_KEY"),
        ("file:s/{account}.env", "U\u0308n", "file:s/\u00dcn.env#OPENAI_API_KEY"),
        ("file:s/{account}.env", "a#b", "file:s/a#b.env#OPENAI_API_KEY"),
        ("file:s/{account}.env", "$(x); '`", "file:s/$(x); '`.env#OPENAI_API_KEY"),
        ("file:s/{account}", "~root", "file:s/~root#OPENAI_API_KEY"),
        ("file:~/{account}.env", "x", "file:~/x.env#OPENAI_API_KEY"),
        ("file:.env#KEY_{account}", "a1", "file:.env#KEY_a1"),
        ("command:put {account}", "Z\u00fc-rich.1", "command:put Z\u00fc-rich.1"),
        ("keyring:openai/{account}", "a b#c", "keyring:openai/a b#c"),
        ("aws-secretsmanager:a/{account}#k", "x.y", "aws-secretsmanager:a/x.y#k"),
    ],
)
def test_a_name_is_put_in_as_it_is(template: str, name: str, place: str) -> None:
    assert filled(template, {"account": name}) == place


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("file:s/{account}/key", ".."),
        ("file:s/{account}", "."),
        ("file:{account}", "~root"),
        ("file:s/{account}", "../x"),
        ("file:s/{account}", "a\\b"),
        ("file:s/{account}", "a\0b"),
        ("file:s/{account}", "a\u202eb"),
        ("file:.env#KEY_{account}", "a#B"),
        ("file:.env#KEY_{account}", "a b"),
        ("command:sh -c 'put {account}'", "x; id"),
        ("command:put {account}", "$(id)"),
        ("command:put {account}", "a b"),
        ("command:put {account}", "--all"),
        ("command:put {account}", "@file"),
        ("command:put {account}", "a'b"),
        ("keyring:openai/{account}", "a/b"),
        ("aws-secretsmanager:{account}", "arn:aws:x"),
    ],
)
def test_a_name_that_would_be_more_is_refused(template: str, name: str) -> None:
    with pytest.raises(InvalidInputError, match=r"cannot be put in for \{account\}.*account_id"):
        filled(template, {"account": name})


def test_places_that_a_disk_may_take_for_one_are_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    for first, second in (("real/A", "real/a"), ("real/a", "link/a"), ("real/ss", "real/\u00df")):
        places = [("x", f"file:{tmp_path}/{first}#K"), ("y", f"file:{tmp_path}/{second}#K")]
        with pytest.raises(InvalidInputError, match="the same place"):
            refuse_shared(places)
    refuse_shared(
        [("x", "file:/a#K"), ("y", "file:/a#k"), ("z", "keyring:s/a"), ("w", "keyring:s/A")]
    )


@pytest.fixture
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def _outcomes(found: Sequence[Rotated]) -> dict[str, str]:
    return {each.whose: each.outcome for each in found}


@pytest.mark.usefixtures("_own_state")
async def test_a_key_in_use_elsewhere_is_not_deleted_at_once(organization: Organization) -> None:
    client, folder = organization.client, organization.folder
    made = await client.projects.service_accounts.create(organization.project, name="My \u00dcn 1")
    assert made.api_key is not None
    await client.projects.service_accounts.create(organization.project, name="a/b")
    held = folder / "My \u00dcn 1.env"
    os.close(os.open(held, os.O_CREAT, 0o600))
    held.write_text(f"OPENAI_API_KEY={made.api_key.value}\n")
    template = f"file:{folder}/{{account}}.env"

    found = await service_accounts(
        client._caller, None, All(template=template, wishes=Wishes(finish=True))
    )
    assert _outcomes(found) == {"a/b": "failed", "nightly": "failed", "My \u00dcn 1": "finished"}
    assert not organization.accepts(made.api_key.value)
    assert organization.accepts(held.read_text().partition("=")[2].strip())
    assert organization.accepts(organization.secret)
    assert "holds no key yet" in str({each.whose: each.error for each in found}["nightly"])

    told: list[str] = []

    async def agree(planned: Sequence[Rotated]) -> None:
        told.extend(each.rotation.notes[0] for each in planned if each.rotation is not None)

    every = All(template=template, wishes=Wishes(), agree=agree)
    found = await service_accounts(client._caller, None, every)
    assert _outcomes(found) == {"a/b": "failed", "nightly": "overlap", "My \u00dcn 1": "skipped"}
    assert len(told) == 1
    assert f"whatever uses {organization.key}" in told[0]
    assert organization.accepts(organization.secret)
