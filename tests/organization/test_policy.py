"""The policy of the page, over the JSON of plans for an organization in the emulator."""

from __future__ import annotations

import attrs
import pytest

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.organization.document.model import (
    Document,
    Group,
    Member,
    Person,
    Project,
    ProjectGroup,
    Role,
)
from tests.organization.plan_policy import denied

_READER = "rosa.jimenez@example.com"
_MANAGES = ("api.management.read", "api.management.write")

OWNERS = {
    "a member": Document(people={_READER: Person(role="owner")}),
    "somebody invited": Document(people={"new@web.com": Person(role="owner")}),
    "a member of a project": Document(
        projects={"Mobile App": Project(members={"ana@example.com": Member(role="owner")})}
    ),
}
