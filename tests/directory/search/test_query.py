"""What a text tells by itself: an id, an address, a secret, the ends of a key."""

from __future__ import annotations

import pytest

from openai_admin._text.secrets import without_secrets
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
    ("text", "redacted", "is_it"),  # None: it does not show whether
    [
        (SECRET, "sk-proj-...WXYZ", True),
        (SECRET, "sk-...WXYZ", True),
        (SECRET, "sk-proj-Can********cdWXYZ", True),
        (SECRET, "sk-…WXYZ", True),
        (SECRET, "sk-proj-...wxyz", False),
        (SECRET, "sk-svcacct-...WXYZ", False),
        (SECRET, "sk-proj-...", None),
        (SECRET, "sk-svcacct-...", False),
        (SECRET, "sk-proj-Cana****", None),
        (SECRET, "hidden", None),
        (SECRET, "[REDACTED]", None),
        (SECRET, "***", None),
        (SECRET, "", None),
        (SECRET, None, None),
        ("sk-...WXYZ", "", None),
        ("sk-...WXYZ", "sk-svcacct-...", None),
        ("ada", "", False),
        ("sk-abc...def", "sk-abc...def", True),
        ("sk-abc...def", "sk-xyz...def", False),
        ("def", "sk-abc...def", True),
        ("ef", "sk-abc...def", False),
        ("[REDACTED]", "[REDACTED]", True),
        ("sk-...WXYZ", "sk-proj-...WXYZ", True),
        ("…WXYZ", "sk-proj-...WXYZ", True),
        ("sk-admin-...WXYZ", "sk-proj-...WXYZ", False),
        ("...cdWXYZ", "sk-proj-...WXYZ", True),
        ("WXYZ", "sk-proj-...WXYZ", True),
        ("XYZ", "sk-proj-...WXYZ", False),
    ],
)
def test_a_key_is_recognized_by_its_ends(
    text: str, redacted: str | None, *, is_it: bool | None
) -> None:
    assert Query.of(text).is_of(redacted) is is_it


BODY = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlWXYZ"


@pytest.mark.parametrize(
    ("text", "redacted", "is_it"),
    [
        (f"SK-PROJ-{BODY}", "sk-proj-...WXYZ", True),
        (f"sk-proj-{BODY[:9]}\u200b{BODY[9:]}", "sk-proj-AbC...WXYZ", True),
        (f"sk\u2011proj\u2011{BODY}\u00a0", "sk-proj-...WXYZ", True),
        (f"proj-{BODY}", "sk-proj-...WXYZ", True),
        (BODY, "sk-svcacct-...WXYZ", True),
        (f"key={BODY}", "sk-...wxyz", False),
        (f"sess-{BODY}", "sk-proj-...WXYZ", False),
        (f"sk-None-{BODY}", "sk-None-...WXYZ", True),
    ],
)
def test_a_damaged_secret_is_one_all_the_same(text: str, redacted: str, *, is_it: bool) -> None:
    query = Query.of(text)
    assert query.secret is not None
    assert BODY[9:] not in f"{query!r} {query.text}"
    assert query.is_of(redacted) is is_it


def test_a_hidden_text_is_not_shown() -> None:
    query = Query.of("hunter2…tail", is_hidden=True)
    assert query.text == "…"
    assert "tail" not in repr(query)


def test_what_may_have_lost_its_beginning_is_no_id() -> None:
    assert Query.of(f"proj-{BODY[:18]}").id_kinds == set()


def test_a_wrapped_secret_is_refused_without_showing_it() -> None:
    with pytest.raises(InvalidInputError, match="must be one line") as caught:
        Query.of(f"sk-proj-{BODY[:20]}\n{BODY[20:]}")
    assert BODY[:9] not in str(caught.value)


@pytest.mark.parametrize("text", ["", "  \n", "́"])
def test_nothing_to_look_for_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="it is empty"):
        Query.of(text)


def test_what_is_not_text_is_refused_without_showing_it() -> None:
    with pytest.raises(InvalidInputError) as caught:
        Query.of(SECRET.encode())
    assert str(caught.value) == "text must be text, not bytes."


_BODY = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKl"
_KEY = f"sk-proj-{_BODY}T3BlbkFJmnopqrstuvwxyzwXyZ"
_IN_TENS = " ".join(_KEY[at : at + 10] for at in range(0, len(_KEY), 10))


@pytest.mark.parametrize("text", [_IN_TENS, f"{_KEY[:40]} {_KEY[40:]}", f"leaked {_KEY} in slack"])
def test_a_secret_with_blanks_inside_is_one(text: str) -> None:
    query = Query.of(text)
    assert query.secret == _KEY
    assert query.text == "sk-proj-…wXyZ"
    assert _BODY[:6] not in without_secrets(text)


def test_words_are_not_joined_to_a_secret() -> None:
    for text in ("sk-learn Python3x1 for Everybody", "task-force for 2026", "sk-team is mine"):
        assert Query.of(text).secret is None
        assert without_secrets(text) == text


@pytest.mark.parametrize("length", [12, 15, 20])
def test_a_longer_end_of_a_secret_is_compared_and_not_shown(length: int) -> None:
    query = Query.of(_KEY[-length:])
    assert query.text == "…"
    assert query.is_of("sk-proj-...wXyZ")
    assert not query.is_of("sk-proj-...wXyA")


def test_several_secrets_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="look for each alone"):
        Query.of(f"{_KEY} {_KEY[:-1]}Q")
    assert Query.of(f"{_KEY} {_KEY}").secret == _KEY
