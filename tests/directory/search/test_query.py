"""What a text tells by itself: an id, an address, a secret, the ends of a key."""

from __future__ import annotations

import pytest

from openai_admin.directory.search.query import Query, fold
from openai_admin.errors import InvalidInputError

SECRET = "sk-proj-Canary0123456789abcdWXYZ"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Renée   ÅSTRÖM ", "renee astrom"),
        ("Sølvi Łuk", "solvi luk"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("ﬁle", "file"),
    ],
)
def test_letter_case_accents_and_spaces_make_no_difference(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("proj_abc", {"project"}),
        ("user-abc", {"person", "service_account"}),
        ("svc_acct_abc", {"person", "service_account"}),
        ("key_abc", {"key", "admin_key"}),
        ("cert_abc", {"certificate"}),
        ("Search", set()),
        ("project one", set()),
    ],
)
def test_an_id_tells_its_kind(text: str, kinds: set[str]) -> None:
    assert Query.of(text).id_kinds == kinds


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"  {SECRET}\n",
        f"OPENAI_API_KEY={SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"the key '{SECRET}' leaked",
    ],
)
def test_a_secret_is_recognized_and_not_shown(text: str) -> None:
    query = Query.of(text)
    assert query.text == "sk-proj-…WXYZ"
    assert "Canary" not in repr(query)
    assert query.secret is not None
    assert "Canary" not in repr(query.secret)


@pytest.mark.parametrize("text", ["sk-learn-notebooks-production", "sk-short", "task-runner"])
def test_a_name_that_begins_alike_is_no_secret(text: str) -> None:
    assert Query.of(text).secret is None


@pytest.mark.parametrize(
    ("text", "redacted", "is_it"),
    [
        (SECRET, "sk-proj-...WXYZ", True),
        (SECRET, "sk-...WXYZ", True),
        (SECRET, "sk-proj-Can********cdWXYZ", True),
        (SECRET, "sk-…WXYZ", True),
        (SECRET, "sk-proj-...wxyz", False),
        (SECRET, "sk-svcacct-...WXYZ", False),
        (SECRET, "sk-proj-...", False),
        (SECRET, "hidden", False),
        ("sk-...WXYZ", "sk-proj-...WXYZ", True),
        ("…WXYZ", "sk-proj-...WXYZ", True),
        ("sk-admin-...WXYZ", "sk-proj-...WXYZ", False),
        ("...cdWXYZ", "sk-proj-...WXYZ", True),
        ("WXYZ", "sk-proj-...WXYZ", True),
        ("XYZ", "sk-proj-...WXYZ", False),
    ],
)
def test_a_key_is_recognized_by_its_ends(text: str, redacted: str, *, is_it: bool) -> None:
    assert Query.of(text).ends_as(redacted) is is_it


@pytest.mark.parametrize("text", ["", "  \n", "́"])
def test_nothing_to_look_for_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="it is empty"):
        Query.of(text)


def test_what_is_not_text_is_refused_without_showing_it() -> None:
    with pytest.raises(InvalidInputError) as caught:
        Query.of(SECRET.encode())
    assert str(caught.value) == "text must be text, not bytes."
