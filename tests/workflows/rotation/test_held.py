"""What a place holds that is not the key to replace is not overwritten, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from openai_admin import InvalidInputError, RotationError
from tests.workflows.rotation.conftest import Organization
from tests.workflows.rotation.places import Place

_KEY = "is not known to be one of the service account nightly"


@pytest.mark.parametrize(
    ("held", "what"),
    [
        ("postgres://shop:pw@db/shop", f"a value that {_KEY}"),
        ("op://Prod/openai/credential", f"a value that {_KEY}"),
        ("sk-admin-abcdefghijklmnopqrstuvwxyz", f"a key that {_KEY}"),
        ("sk-svcacct-of-another-organization", f"a key that {_KEY}"),
    ],
)
async def test_another_value_is_overwritten_only_if_that_is_meant(
    held: str, what: str, organization: Organization
) -> None:
    place = Place(held)
    for key in (None, organization.key):
        with pytest.raises(InvalidInputError) as caught:
            await organization.rotate(place, key=key)
        assert str(caught.value) == (
            f"The place of --to holds {what}: name another place, or pass --replace to overwrite"
            " it."
        )
    assert (place.secret, len(await organization.keys())) == (held, 1)

    planned = await organization.rotate(place, replace=True, plan=True)
    assert planned.left[1] == f"Test it, and put it into memory, which holds {what}."
    assert (await organization.rotate(place, replace=True, finish=True)).is_finished
    assert organization.accepts(place.secret)
    assert not organization.accepts(organization.secret)


async def test_the_key_of_another_account_is_named(organization: Organization) -> None:
    accounts = organization.client.projects.service_accounts
    other = await accounts.create(organization.project, name="other")
    assert other.api_key is not None
    place = Place(other.api_key.value)
    with pytest.raises(InvalidInputError) as caught:
        await organization.rotate(place)
    assert f"holds {other.api_key.id} (" in str(caught.value)
    assert "which is not a key of the service account nightly" in str(caught.value)
    assert organization.accepts(place.secret)


@pytest.mark.parametrize("held", [None, ""])
async def test_a_plan_says_what_is_held(held: str | None, organization: Organization) -> None:
    empty = await organization.rotate(Place(held), plan=True)
    assert empty.left[1].endswith("memory, which holds nothing that can be read.")
    own = await organization.rotate(Place(organization.secret), plan=True)
    assert f"which holds {organization.key} (" in own.left[1]
    assert own.left[1].endswith("a key of the service account nightly.")


async def test_what_comes_there_meanwhile_is_kept(organization: Organization) -> None:
    class Shared(Place):
        looks = 0

        async def get(self) -> str | None:
            self.looks += 1
            if self.looks == 2:
                self.secret = "somebody-elses"
            return self.secret

    place = Shared(organization.secret)
    with pytest.raises(RotationError, match=r"changed by somebody else meanwhile.*deleted again"):
        await organization.rotate(place)
    assert place.secret == "somebody-elses"
    assert len(await organization.keys()) == 1


def _cut(secret: str) -> str:
    return secret[:20]


def _emptied(_: str) -> str:
    return ""


@pytest.mark.parametrize("change", [_cut, _emptied])
async def test_what_cannot_be_given_back_is_not_said_to_be(
    change: Callable[[str], str], organization: Organization
) -> None:
    class Changing(Place):
        async def put(self, secret: str) -> None:
            self.secret = change(secret)

    with pytest.raises(RotationError) as caught:
        await organization.rotate(Changing(organization.secret))
    assert "does not hold what it was given" in str(caught.value)
    assert "nor what it held before" in str(caught.value)
    assert "nothing was deleted" in str(caught.value)
    assert len(await organization.keys()) == 2


async def test_a_place_that_loses_what_it_held(organization: Organization) -> None:
    class Forgetful(Place):
        async def put(self, secret: str) -> None:
            self.secret = None

    with pytest.raises(RotationError, match="nor what it held before"):
        await organization.rotate(Forgetful(organization.secret))
    assert organization.accepts(organization.secret)


async def test_an_error_of_a_place_does_not_show_the_key(organization: Organization) -> None:
    class Telling(Place):
        async def get(self) -> str | None:
            if self.secret not in (None, organization.secret):
                raise ValueError(f"bad answer: {self.secret}")
            return self.secret

    place = Telling(organization.secret)
    with pytest.raises(RotationError, match="bad answer: sk-svcacct-…") as caught:
        await organization.rotate(place)
    assert place.secret is not None
    assert place.secret not in str(caught.value)
