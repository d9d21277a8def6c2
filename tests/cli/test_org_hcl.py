"""``org hcl``: what is refused is named in the file and makes the exit code 1."""

from __future__ import annotations

from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import FeatureOff

from .conftest import CLI


async def test_what_is_refused_is_named(cli: CLI, demo: Emulator) -> None:
    whole = await cli("org", "hcl")
    assert whole.code == 0
    assert "not known" not in (whole.out + whole.err).lower()
    demo.faults.add(FeatureOff(match="certificates.*"))
    ended = await cli("org", "hcl", "--project", "Data Platform")
    assert ended.code == 1
    assert "certificates" in ended.err
    assert "\n# Not known, and so not in this file: " in ended.out
    assert 'resource "openai_project" "data_platform" {' in ended.out
    assert ended.out.count('resource "openai_project" ') == 1
