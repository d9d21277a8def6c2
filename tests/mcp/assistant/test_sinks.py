"""``openai-admin mcp --sink``: places that the operator names, read before the server serves."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_admin.cli.app import run as command
from openai_admin.errors import ConfigurationError
from openai_admin.mcp import ToolSelection, read_sinks
from openai_admin.mcp.catalog import chosen_tools
from tests.mcp.assistant.conftest import JOBS
from tests.mcp.serving import stdio_client, texts

SECRET = "sk-svcacct-0123456789abcdefghijklmnopqrstuvwxyz"


def test_sinks_are_named_places() -> None:
    assert read_sinks(["env=file:.env", "vault=command:vault kv put a key=-"]) == {
        "env": "file:.env",
        "vault": "command:vault kv put a key=-",
    }


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["file:.env"], "must be written as NAME=PLACE"),
        ([f"={SECRET}"], "must be written as NAME=PLACE"),
        ([SECRET], "must be written as NAME=PLACE"),
        (["my sink=file:.env"], "must be written as NAME=PLACE"),
        (["prod=.env"], "The sink prod: A place for the new key must be written as"),
        ([f"prod=command:put {SECRET}"], "The sink prod: A place must not have a key in it"),
        (["prod=command:"], "The sink prod: "),
        (["prod=file:a.env", "prod=file:b.env"], "Two sinks are called prod"),
    ],
)
def test_what_is_no_sink_is_one_sentence(
    texts: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(ConfigurationError) as error:
        read_sinks(texts)
    assert said in str(error.value)
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-0123456789")
    options = [option for text in texts for option in ("--sink", text)]
    assert command(["mcp", *options]) == 2
    out, errors = capfd.readouterr()
    assert not out
    assert said in " ".join(errors.split())
    assert SECRET not in errors
    assert "Traceback" not in errors


def test_the_demo_does_not_touch_a_file_that_is_there(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "prod.env"
    there.write_text("OPENAI_API_KEY=that-works\n")
    assert command(["mcp", "--demo", "--sink", f"prod=file:{there}"]) == 2
    assert "--sink must name a file that is not there yet" in capfd.readouterr().err


async def test_a_key_goes_from_the_demo_into_a_named_file(tmp_path: Path) -> None:
    file, state, said = (tmp_path / name for name in ("prod.env", "state", "errors"))
    options = ["--demo", "--toolset", "assistant", "--sink", f"prod=file:{file}"]
    options += ["--sink", f"lost=file:{tmp_path / 'no folder' / 'a.env'}"]
    environment = {"XDG_STATE_HOME": str(state)}
    with said.open("w") as errors:
        async with stdio_client(*options, environment=environment, errors=errors) as client:
            named = {"account": "voice-prod", "project": "Voice Notes", "sink": "prod"}
            planned = await client.call_tool("openai_admin_rotate_key", named)
            assert planned.structured_content is not None
            plan = planned.structured_content["do"]
            done = await client.call_tool("openai_admin_rotate_key", {"do": plan})
    assert not done.is_error, texts(done)
    assert file.read_text().startswith("OPENAI_API_KEY=sk-")
    assert not state.exists()  # what the demo's jobs remember ends with it
    # A place that would take nothing is told, and does not keep the server from serving.
    assert said.read_text().startswith("The sink lost would not take a key: ")


def test_a_server_that_only_reads_offers_no_job() -> None:
    offered = chosen_tools(ToolSelection(toolsets=["assistant"], read_only=True))
    assert "openai_admin_spend" in offered
    assert not {f"openai_admin_{job}" for job in JOBS} & offered.keys()
