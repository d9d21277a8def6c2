"""The file is read strictly: each mistake is told with its line, and nothing is guessed."""

from __future__ import annotations

import re
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from openai_admin import DocumentError
from openai_admin.errors import InvalidInputError
from openai_admin.organization.document.model import (
    Member,
    Person,
    ProjectGroup,
    RateLimit,
    ServiceAccount,
    ServiceTiers,
)
from openai_admin.organization.document.reading import read, read_text
from tests.organization.document.mistakes import mistakes_of
from tests.pem import CERTIFICATE

SAMPLE = """
version: 1
prune: groups
people:
  ana@example.com: owner
  ben@example.com: {role: reader, roles: [Billing]}
projects:
  Platform:
    members: {ana@example.com: owner, ben@example.com: {role: member}}
    groups: {Data: viewer, Web: [member, Deployer]}
    service_accounts: {ci: member}
    rate_limits: {gpt-5: {max_requests_per_1_minute: 0}}
    spend_limit: 1250.50
    service_tiers: {enabled: all}
    models: none
"""
KEY = "sk-proj-" + "aB3dE5gH7jK9" * 4


def test_what_stands_in_short_is_what_it_stands_for() -> None:
    document = read_text(SAMPLE).document
    assert document.prune == ("groups",)
    assert document.people == {
        "ana@example.com": Person(role="owner"),
        "ben@example.com": Person(role="reader", roles=("Billing",)),
    }
    assert document.projects is not None
    project = document.projects["Platform"]
    assert project.members == {
        "ana@example.com": Member(role="owner"),
        "ben@example.com": Member(role="member"),
    }
    assert project.groups == {
        "Data": ProjectGroup(roles=("viewer",)),
        "Web": ProjectGroup(roles=("member", "Deployer")),
    }
    assert project.service_accounts == {"ci": ServiceAccount(role="member")}
    assert project.rate_limits == {"gpt-5": RateLimit(max_requests_per_1_minute=0)}
    assert project.spend_limit == Decimal("1250.50")
    assert project.service_tiers == ServiceTiers(enabled="all")
    assert project.models == "none"
    assert project.certificates is None


def test_texts_are_what_was_written_whatever_yaml_takes_them_for() -> None:
    document = read_text(
        """
groups:
  no: {members: []}
  2024: {members: []}
  1_000: {members: []}
  010: {members: []}
  2026-01-31: {roles: [on, 1.10, 1:30, null, =]}
external_keys:
  k: {type: aws, details: {external_id: 0012, kms_arn: 1e3, role_arn: off}}
""".replace("null", "'null'")
    ).document
    assert document.groups is not None
    assert list(document.groups) == ["no", "2024", "1_000", "010", "2026-01-31"]
    assert document.groups["2026-01-31"].roles == ("on", "1.10", "1:30", "null", "=")
    assert document.external_keys is not None
    details = document.external_keys["k"].details
    assert details == {"external_id": "0012", "kms_arn": "1e3", "role_arn": "off"}


def test_all_mistakes_are_told_together_in_the_order_of_lines() -> None:
    text = "projects: {A: {models: x}}\npeople:\n" + "".join(
        f"  p{i}@example.com: boss\n" for i in range(30)
    )
    found = mistakes_of(text)
    lines = [int(re.findall(r"line (\d+):", each)[0]) for each in found[:-1]]
    assert lines == [1, *range(3, 22)]
    assert found[-1] == "There are 11 more mistakes."


def test_a_mistake_is_one_of_input() -> None:
    with pytest.raises(InvalidInputError, match=r"^org\.yaml, line 1: .*\norg\.yaml, line 2: "):
        read_text("a: 1\nb: 2\n")


def test_a_secret_is_refused_and_not_shown() -> None:
    text = f"people:\n  a@b.c: boss\n# {KEY}\nx: -----BEGIN PRIVATE KEY-----\n"
    found = mistakes_of(text)
    assert [each[:7] for each in found] == ["line 3:", "line 4:"]
    assert KEY[-20:] not in "".join(found)


def test_aliases_repeat_and_merge() -> None:
    document = read_text(
        """
x-small: &small {spend_limit: 100, models: none}
projects:
  A: *small
  B: {<<: *small, spend_limit: 200}
"""
    ).document
    assert document.projects is not None
    limits = {label: (each.spend_limit, each.models) for label, each in document.projects.items()}
    assert limits == {"A": (Decimal(100), "none"), "B": (Decimal(200), "none")}


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_written_is_read_or_has_mistakes(seed: int) -> None:
    random = Random(seed)
    lines = SAMPLE.splitlines()
    signs = [":", "- ", "{", "]", "*a", "&a", "<<: ", "'", "#", "!x ", "~", "|", "\t", "@", "\x00"]
    for _ in range(25):
        mixed = [*lines]
        for _ in range(random.randint(1, 3)):
            i = random.randrange(len(mixed))
            place = random.randint(0, len(mixed[i]))
            mixed[i] = mixed[i][:place] + random.choice(signs) + mixed[i][place:]
            mixed.insert(random.randrange(len(mixed)), random.choice(lines))
        with suppress(DocumentError):  # anything else fails the test
            read_text("\n".join(mixed))


def test_aliases_do_not_multiply_without_end() -> None:
    lines = ["x-0: &a0 [a, a, a, a, a, a, a, a, a, a]"]
    lines += [f"x-{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    assert mistakes_of("\n".join(lines)) == [
        "org.yaml is too big: it has more than 1,000,000 parts, with what aliases repeat."
    ]


def test_a_folder_is_put_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("version: 1\npeople: {a@b.c: owner}\nprojects:\n  A: {}\n")
    (tmp_path / "b.yml").write_text("version: 1\nprojects:\n  B: {}\n")
    (tmp_path / "notes.txt").write_text("not read")
    found = read(tmp_path)
    assert list(found.document.projects or ()) == ["A", "B"]
    assert found.where(("projects", "B", "members", "a@b.c")) == f"{tmp_path / 'b.yml'}, line 3"
    assert found.where(("groups",)) == str(tmp_path)
    (tmp_path / "c.yml").write_text("projects:\n  A: {}\npeople: []\nsettings: {}\n")
    (tmp_path / "d.yml").write_text("settings: {}\n")
    with pytest.raises(DocumentError) as caught:
        read(tmp_path)
    assert list(caught.value.mistakes) == [
        (
            f"{tmp_path / 'c.yml'}, line 2: projects: 'A' stands in {tmp_path / 'a.yaml'}, line 4"
            " already."
        ),
        f"{tmp_path / 'c.yml'}, line 3: 'people' stands in {tmp_path / 'a.yaml'}, line 2 already.",
        f"{tmp_path / 'd.yml'}, line 1: 'settings' stands in {tmp_path / 'c.yml'}, line 4 already.",
    ]


def test_a_file_of_a_folder_is_not_left_out_since_it_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("version: 1\nprune: [roles]\nroles: {}\n")
    (tmp_path / "b.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(DocumentError) as caught:
        read(tmp_path)
    told = f"{tmp_path / 'b.yaml'} cannot be read: No such file or directory."
    assert list(caught.value.mistakes) == [told]
    (tmp_path / "elsewhere.yaml").write_text("x-nothing: {}\n")
    assert read(tmp_path).document.roles == {}


def test_a_version_of_yaml_that_is_not_known_is_told() -> None:
    text = "# of ours\n%YAML 1.3\n---\nversion: 1\n"
    assert mistakes_of(text) == ["line 2: only YAML 1.1 and 1.2 are read: take the line %YAML out."]


def test_addresses_differ_by_their_letters_and_not_by_the_case_of_those() -> None:
    people = "version: 1\npeople:\n  stra\u00dfe@example.com: reader\n"
    assert len(read_text(people + "  strasse@example.com: reader\n").document.people or ()) == 2
    (told,) = mistakes_of(people + "  STRA\u00dfE@example.com: reader\n")
    assert told.endswith("stands here twice, first in line 3, there as 'stra\u00dfe@example.com'.")


def test_files_that_are_not_ones(tmp_path: Path) -> None:
    for name, data, told in [
        ("latin.yaml", b"people:\n  # J\xfcrgen\n", ", line 2: this is not text in UTF-8."),
        ("big.yaml", b"#" * (8 * 2**20 + 1), " is too big: it has more than 8 MiB."),
        ("no/such.yaml", None, " cannot be read: No such file or directory."),
    ]:
        path = tmp_path / name
        if data is not None:
            path.write_bytes(data)
        with pytest.raises(DocumentError) as caught:
            read(path)
        assert str(caught.value) == f"{path}{told}"
    (tmp_path / "empty").mkdir()
    with pytest.raises(DocumentError, match=r"has no files \*\.yaml or \*\.yml"):
        read(tmp_path / "empty")


def test_certificates_are_read_beside_the_file(tmp_path: Path) -> None:
    pem = CERTIFICATE
    secret = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
    (tmp_path / "corp.pem").write_text(pem)
    (tmp_path / "key.pem").write_text(
        f"{pem}-----BEGIN PRIVATE KEY-----\n{secret}\n-----END PRIVATE KEY-----\n"
    )
    (tmp_path / "text.pem").write_text("corp")
    file = tmp_path / "org.yaml"
    file.write_text("certificates:\n  corp: {file: corp.pem, active: true}\n")
    certificate = (read(file).document.certificates or {})["corp"]
    assert (certificate.content, certificate.active) == (pem, True)
    file.write_text("certificates:\n  a: {file: key.pem}\n  b:\n    file: text.pem\n")
    with pytest.raises(DocumentError) as caught:
        read(file)
    assert list(caught.value.mistakes) == [
        (
            f"{file}, line 2: certificates / a: the file 'key.pem' holds a private key: name the"
            " certificate alone."
        ),
        (
            f"{file}, line 4: certificates / b: the file 'text.pem' holds no PEM certificate"
            " (-----BEGIN CERTIFICATE-----)."
        ),
    ]
