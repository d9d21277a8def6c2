"""The examples of systemd, compose and Kubernetes: they can be read, and name options there are."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
import sys
from importlib.resources import files
from typing import Any

import pytest
import yaml

EXAMPLES = files("openai_admin.audit") / "examples"


def _text(name: str) -> str:
    return (EXAMPLES / name).read_text(encoding="utf-8")


def _unit() -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(_text("openai-admin-audit.service").replace("\\\n", " "))
    return {name: dict(parser[name]) for name in parser.sections()}


def _objects() -> dict[str, dict[str, Any]]:
    found = {each["kind"]: each for each in yaml.safe_load_all(_text("kubernetes.yaml"))}
    assert found.keys() == {"Secret", "PersistentVolumeClaim", "Deployment"}
    return found


def _container() -> dict[str, Any]:
    (container,) = _objects()["Deployment"]["spec"]["template"]["spec"]["containers"]
    return dict(container)


def _commands() -> dict[str, list[str]]:
    service = yaml.safe_load(_text("compose.yaml"))["services"]["audit"]
    return {
        "systemd": shlex.split(_unit()["Service"]["ExecStart"])[1:],
        "compose": service["command"],
        "kubernetes": _container()["args"],
    }


@pytest.mark.parametrize("name", _commands())
def test_the_command_has_only_options_that_there_are(name: str) -> None:
    arguments = _commands()[name]
    assert arguments[:2] == ["audit-logs", "tail"]
    given = {each.partition("=")[0] for each in arguments if each.startswith("--")}
    told = subprocess.run(
        [sys.executable, "-m", "openai_admin", "audit-logs", "tail", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert given <= set(re.findall(r"--[a-z-]+", told))
    assert {"--position", "--to", "--format", "--heartbeat-file"} <= given


def test_a_unit_stops_by_sigterm_and_has_time_to_deliver() -> None:
    service = _unit()["Service"]
    assert service["KillSignal"] == "SIGTERM"
    assert int(service["TimeoutStopSec"]) > 10
    assert service["RestartPreventExitStatus"] == "2"
    assert "OPENAI_ADMIN_KEY" not in service["ExecStart"]


def test_a_deployment_is_one_process_with_a_volume_and_probes_of_the_heartbeat() -> None:
    objects = _objects()
    spec = objects["Deployment"]["spec"]
    assert (spec["replicas"], spec["strategy"]["type"]) == (1, "Recreate")
    pod, container = spec["template"]["spec"], _container()
    assert pod["terminationGracePeriodSeconds"] > 10
    beat = next(a.partition("=")[2] for a in container["args"] if a.startswith("--heartbeat"))
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert beat in " ".join(container[probe]["exec"]["command"])
    claims = {
        v["persistentVolumeClaim"]["claimName"]
        for v in pod["volumes"]
        if len(v) and "persistentVolumeClaim" in v
    }
    assert claims == {objects["PersistentVolumeClaim"]["metadata"]["name"]}
    keys = {each["valueFrom"]["secretKeyRef"]["key"] for each in container["env"]}
    assert keys == set(objects["Secret"]["stringData"])
    mounts = {each["mountPath"] for each in container["volumeMounts"]}
    state = next(a.partition("=")[2] for a in container["args"] if a.startswith("--position"))
    assert state.rpartition("/")[0] in mounts
    assert beat.rpartition("/")[0] in mounts


@pytest.mark.parametrize(
    ("text", "is_ready"),
    [('{"receiver": "up", "log": "up"}', True), ('{"receiver": "down", "log": "up"}', False)],
)
def test_a_probe_sees_that_the_receiver_is_down(text: str, is_ready: bool, tmp_path: Any) -> None:
    file = tmp_path / "heartbeat.json"
    file.write_text(text)
    for probe, passes in (("readinessProbe", is_ready), ("livenessProbe", True)):
        command = _container()[probe]["exec"]["command"]
        command = [each.replace("/run/audit/heartbeat.json", str(file)) for each in command]
        assert (subprocess.run(command, check=False).returncode == 0) is passes


def test_an_image_runs_as_a_user_without_rights() -> None:
    lines = _text("Dockerfile").splitlines()
    assert "USER audit" in lines
    assert 'ENTRYPOINT ["openai-admin"]' in lines
