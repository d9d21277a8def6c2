"""What is written reads as the same, whatever names there are, and is always the same text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from openai_admin.organization.document import model
from openai_admin.organization.document.model import Document
from openai_admin.organization.document.reading import read_text
from openai_admin.organization.document.writing import text_of

T = TypeVar("T")

ODD = [
    *("yes", "No", "on", "~", "null", "none", "true", "NaN", ".inf", "1e3", "1_000", "010", "0x1F"),
    *("2024", "2026-01-31", "12:30:00", "=", "<<", "-", "?", "- a", "a: b", "a #b", "#a", "a:"),
    *(
        "@ana",
        "`x`",
        "%x",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "[a]",
        "{a: b}",
        "a, b",
        "'a'",
        '"a"',
        "a\\b",
    ),
    *(
        " a",
        "a ",
        "a\nb",
        "\ta",
        "a\r\n",
        "\u202egpj.exe",
        "\u200f",
        "\ufeffa",
        "\x00",
        "\x85",
        "\u2028",
    ),
    *(
        "😀",
        "Größe",
        "数据",
        "e\u0301",
        "---",
        "...",
        "x-a",
        "...\na",
        "\uffff",
        "a\u00a0b",
        "key: |",
    ),
]
CALLED = [each for each in ODD if each.strip()]
"""Those that something can be called whose id does not stand in the file."""

NAMES = st.one_of(
    st.sampled_from(CALLED), st.text(min_size=1, max_size=12).filter(lambda text: text.strip())
)
TEXTS = st.one_of(st.sampled_from(["", " "]), NAMES)
CENTS = st.integers(1, 10**9).map(lambda cents: Decimal(cents) / 100)
ADDRESSES = st.builds(
    "{}@example.com".format,
    st.one_of(
        st.sampled_from(["ana", "1", "o'k"]),
        NAMES.filter(lambda name: re.fullmatch(r"[^@\s\x00-\x1f\x7f]+", name)),
    ),
)


def some(kind: type[T], **fields: st.SearchStrategy[object]) -> st.SearchStrategy[T]:
    """Instances of a model with some of its fields."""
    optional = {name: st.one_of(st.none(), values) for name, values in fields.items()}
    return st.builds(kind, **optional)


def several(
    values: st.SearchStrategy[object], labels: st.SearchStrategy[str] = NAMES
) -> st.SearchStrategy[Mapping[str, object]]:
    """Mappings of some things by label."""
    return st.dictionaries(labels, values, max_size=3)


def many(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    """Tuples of texts, each once."""
    return st.lists(values, max_size=4, unique_by=str.casefold).map(tuple)


PEOPLE = st.dictionaries(
    ADDRESSES, some(model.Person, role=st.just("owner"), roles=many(NAMES)), max_size=3
).filter(lambda people: len({each.casefold() for each in people}) == len(people))
ALERTS = st.lists(
    st.builds(
        model.SpendAlert,
        amount=CENTS,
        emails=many(ADDRESSES),
        subject_prefix=st.one_of(st.none(), TEXTS),
    ),
    max_size=2,
).map(tuple)
PROJECTS = several(
    some(
        model.Project,
        groups=several(st.builds(model.ProjectGroup, roles=many(NAMES))),
        roles=several(some(model.Role, description=TEXTS, permissions=many(NAMES))),
        service_accounts=several(some(model.ServiceAccount, role=st.just("member"))),
        spend_limit=st.one_of(st.just("none"), CENTS),
        spend_alerts=ALERTS,
        models=st.one_of(
            st.just("none"),
            st.builds(model.Models, mode=st.just("deny_list"), models=many(NAMES)),
        ),
        hosted_tools=several(st.booleans(), st.sampled_from(["mcp", "web_search"])),
        certificates=many(NAMES),
    )
)
RULES = several(
    st.builds(
        model.FederationRule,
        project=TEXTS,
        service_account=NAMES,
        attributes=several(
            st.one_of(
                TEXTS,
                st.booleans(),
                st.integers(-(10**17), 10**17),
                st.floats(allow_nan=False, allow_infinity=False),
            )
        ),
        permissions=st.one_of(st.none(), st.just("service_account_default"), many(NAMES)),
    )
)
DOCUMENTS = some(
    Document,
    organization=NAMES,
    people=PEOPLE,
    groups=several(some(model.Group, members=many(ADDRESSES), roles=many(NAMES))),
    projects=PROJECTS,
    identity_providers=several(
        st.builds(model.IdentityProvider, issuer=TEXTS, audience=NAMES, rules=RULES)
    ),
).map(lambda document: attrs.evolve(document, protect=model.Protected(projects=("a b", "no"))))


@settings(max_examples=10, deadline=None)  # some hundreds were tried when this was written
@given(DOCUMENTS)
def test_what_is_written_reads_as_the_same(document: Document) -> None:
    text = text_of(document, notes=[*ODD])
    read = read_text(text).document
    assert read == document
    assert text_of(read, notes=[*ODD]) == text


def test_every_odd_name_stands_where_a_name_can() -> None:
    names = dict.fromkeys(CALLED, model.Group(members=("a@example.com",), roles=tuple(ODD)))
    document = Document(
        groups=names,
        projects={
            each: model.Project(groups={each: model.ProjectGroup(roles=(each,))}) for each in CALLED
        },
        roles={each: model.Role(description=each) for each in CALLED},
        external_keys={
            "k": model.ExternalKey(
                type="oci", details=dict.fromkeys(["region", "vault_ocid", "key_ocid"], "0123")
            )
        },
    )
    assert read_text(text_of(document)).document == document


def test_ids_are_comments_beside_what_they_are_of() -> None:
    document = read_text(
        """
people: {ana@example.com: owner, ben@example.com: reader}
groups: {Data: {members: [ana@example.com]}}
projects:
  A:
    service_accounts: {ci: member}
    spend_alerts: [{amount: 10, emails: [ana@example.com]}]
  B (proj_2): {id: proj_2, name: B}
"""
    ).document
    known = read_text(
        """
people: {ana@example.com: {id: user-1}, ben@example.com: {id: user-2}}
groups: {Data: {id: group-1}}
projects:
  A:
    id: proj_1
    service_accounts: {ci: {id: svc_1}}
    spend_alerts: [{id: alert_1, amount: 10}]
  B (proj_2): {id: proj_2, name: B}
"""
    ).document
    text = text_of(document, known=known, managed={"user-2", "group-1"}, notes=["One\ntwo."])
    assert (
        text
        == """\
# One\\ntwo.
version: 1

people:
  ana@example.com: owner  # user-1
  ben@example.com: reader  # user-2, managed by the identity provider (SCIM)

groups:
  Data:  # group-1, managed by the identity provider (SCIM)
    members: [ana@example.com]

projects:
  A:  # proj_1
    service_accounts:
      ci: member  # svc_1
    spend_alerts:
      - {amount: 10, emails: [ana@example.com]}  # alert_1

  B (proj_2):
    id: proj_2
    name: B
"""
    )


def test_limits_are_laid_out_alike() -> None:
    short = "gpt-5: {max_requests_per_1_minute: 5, max_tokens_per_1_minute: 30}"
    long = short.replace("gpt-5", "o3").replace("}", ", max_audio_megabytes_per_1_minute: 9}")
    for limits, line in ((short, f"{short}\n"), (f"{short}, {long}", "gpt-5:\n        max_")):
        document = read_text(f"projects: {{A: {{rate_limits: {{{limits}}}}}}}").document
        assert f"      {line}" in text_of(document)
