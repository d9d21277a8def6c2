"""Which key a rotation replaces."""

from __future__ import annotations

from typing import Any

import pytest

from openai_admin import InvalidInputError
from openai_admin.workflows.rotation.keys import Key, Listed, base_name, one_named, replaced_key

_SECRET = "sk-svcacct-abcdefghijklmnop"


@pytest.mark.parametrize(
    "redacted",
    [
        "sk-svcacct-...mnop",
        "sk-svcacct-********mnop",
        "sk-svcacct-****...mnop",
        "sk-…mnop",
        "***jklmnop",
        "••••mnop",
    ],
)
def test_a_secret_is_recognized_under_any_mask(redacted: str) -> None:
    assert Key(id="key_1", redacted=redacted).may_be(_SECRET)


@pytest.mark.parametrize(
    "redacted", [None, "", "***", "sk-...nop", "sk-...mnoq", "sk-proj-...mnop", _SECRET, "mnop"]
)
def test_what_is_shown_must_fit_and_be_enough(redacted: str | None) -> None:
    assert not Key(id="key_1", redacted=redacted).may_be(_SECRET)


_MATCHING = Key(id="key_m", redacted="sk-svcacct-...mnop")
_OTHER = Key(id="key_o", redacted="sk-svcacct-...zzzz")
_ANOTHER = Key(id="key_a", redacted="sk-svcacct-...yyyy")
_FOREIGN = Key(id="key_f", redacted="sk-svcacct-...mnop", is_own=False)
_UNSURE = Key(id="key_u", redacted="sk-svcacct-...mnop", is_own=None)
_MASKED = Key(id="key_x", redacted=None)


def _chosen(keys: list[Key], **given: Any) -> str | None:
    listed = Listed(keys=tuple(keys), unreadable=given.pop("unreadable", 0))
    given = {"held": _SECRET, "named": None, **given}
    key = replaced_key(listed, whose="the service account ci", **given)
    return key.id if key is not None else None


@pytest.mark.parametrize(
    ("keys", "given", "id"),
    [
        ([_MATCHING, _OTHER, _ANOTHER], {}, "key_m"),
        ([_MATCHING, _OTHER], {"unreadable": 1}, "key_m"),
        ([_OTHER], {}, "key_o"),
        ([_MASKED], {}, "key_x"),
        ([_OTHER], {"held": None}, "key_o"),
        ([], {}, None),
        ([_MATCHING], {"named": "none"}, None),
        ([_OTHER, _ANOTHER], {"named": "key_a"}, "key_a"),
        ([_OTHER, _UNSURE], {"named": "key_u"}, "key_u"),
    ],
)
def test_the_key_to_replace(keys: list[Key], given: dict[str, Any], id: str | None) -> None:
    assert _chosen(keys, **given) == id


@pytest.mark.parametrize(
    ("keys", "given", "why"),
    [
        ([_OTHER, _ANOTHER], {}, "it has 2, and the sink holds none of them.*key_o.*key_a"),
        ([_OTHER, _ANOTHER], {"held": None}, "it has 2, and what the sink holds is not known"),
        ([_MATCHING, Key(id="key_2", redacted="sk-...mnop")], {}, "several fits"),
        ([_OTHER, _FOREIGN], {}, "key_f.*is not a key of the service account ci"),
        ([_UNSURE], {}, "does not say whose it is.*key_u"),
        ([_OTHER, _UNSURE], {"held": None}, "1 of those listed do not say whose they are"),
        ([_OTHER], {"unreadable": 2}, "2 of those listed could not be read"),
        ([], {"unreadable": 1}, "1 of those listed could not be read"),
        ([_OTHER], {"named": "key_9"}, "has no key 'key_9'.*key_o"),
        ([_FOREIGN], {"named": "key_f"}, "has no key 'key_f'"),
    ],
)
def test_what_cannot_be_told_is_asked(keys: list[Key], given: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        _chosen(keys, **given)


def test_a_key_is_named_by_id_name_or_end() -> None:
    first = Key(id="key_1", name="ci", redacted="sk-...aaaa")
    second = Key(id="key_2", name="Deploy (rotation 00ff-2)", redacted="sk-...bbbb")
    listed = Listed(keys=(first, second))
    found = {text: one_named(listed, text, whose="it") for text in ("key_1", "ci", "CI", "aaaa")}
    assert set(found.values()) == {first}
    assert one_named(listed, "Deploy", whose="it") == second
    assert base_name("Deploy (rotation 00ff-2)") == "Deploy"
    assert base_name("Deploy (rotation 00ff-2 for key_1)") == "Deploy"

    twins = Listed(keys=(first, Key(id="key_3", name="ci")))
    with pytest.raises(InvalidInputError, match=r"2 keys of it are called 'ci'.*key_1.*key_3"):
        one_named(twins, "ci", whose="it")


def test_a_key_itself_names_it_and_is_not_shown() -> None:
    key = Key(id="key_1", redacted="sk-admin-...aaaa")
    secret = "sk-admin-" + "b" * 40 + "aaaa"
    assert one_named(Listed(keys=(key,)), secret, whose="the organization") == key
    with pytest.raises(InvalidInputError) as caught:
        one_named(Listed(keys=(key,)), secret + "c", whose="the organization")
    assert "bbbb" not in str(caught.value)
