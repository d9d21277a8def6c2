"""The page's example is a file that is read, and has everything that can stand in one."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest

from openai_admin import DocumentError
from openai_admin.organization.document.defaults import settled
from openai_admin.organization.document.model import Document, Project, Protected
from openai_admin.organization.document.reading import read
from openai_admin.organization.document.shorthand import OF_ONE
from openai_admin.organization.document.writing import text_of
from tests.pem import CERTIFICATE

from .test_schema import VALIDATOR, parsed

PAGE = Path(__file__).parents[3] / "openai_admin/organization/README.md"
SECTION = PAGE.read_text(encoding="utf-8").partition("## The file")[2].partition("\n## ")[0]


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example, as a file."""
    (found,) = re.findall(r"```yaml\n(.*?)```", SECTION, flags=re.DOTALL)
    path = tmp_path / "org.yaml"
    path.write_text(found)
    (tmp_path / "gateway.pem").write_text(CERTIFICATE)
    return path


def test_the_example_is_complete(example: Path) -> None:
    document = read(example).document
    missing = [a.name for a in attrs.fields(Document) if getattr(document, a.name) is None]
    projects = [document.defaults, *(document.projects or {}).values()]
    missing += [
        attribute.name
        for attribute in attrs.fields(Project)
        if attribute.name not in OF_ONE
        and all(getattr(project, attribute.name) is None for project in projects)
    ]
    assert missing == ["geography"]  # residency says the same
    assert document.protect != Protected()
    VALIDATOR.validate(parsed(example.read_text()))
    copilot = (settled(document).projects or {})["Copilot"]
    assert str(copilot.spend_limit) == "1250.50"
    assert copilot.spend_alerts is not None
    assert copilot.hosted_tools == {"web_search": True, "mcp": False}


def test_what_is_written_of_it_is_the_same(example: Path) -> None:
    document = read(example).document
    example.write_text(text_of(document))
    assert read(example).document == document


def test_mistakes_are_told_as_the_page_says(example: Path) -> None:
    text = example.read_text()
    wrong = text.replace("ben@example.com: reader", "ben@example.com: raeder", 1)
    example.write_text(wrong.replace("    members:\n      ana", "    membres:\n      ana", 1))
    with pytest.raises(DocumentError) as caught:
        read(example)
    told = [each.replace(str(example), "org.yaml") for each in caught.value.mistakes]
    assert told == SECTION.split("```\n")[2].splitlines()
