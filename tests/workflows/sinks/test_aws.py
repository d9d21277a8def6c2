"""A secret of AWS Secrets Manager, on moto's server; what it cannot do, a small one answers."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web

from openai_admin import SinkError
from openai_admin.workflows.sinks.aws import SecretsManagerSink
from openai_admin.workflows.sinks.sink import StagedSink, check
from tests.served import Served

OLD, NEW, OTHER = (f"sk-svcacct-{n}{'abcDEF0123456789' * 4}" for n in "123")


def _secret(moto: Any, text: str) -> str:
    """The name of a new secret."""
    name = f"app/{uuid4()}"
    moto.create_secret(Name=name, SecretString=text)
    return name


def _versions(moto: Any, name: str) -> list[list[str]]:
    """The labels of the versions, in the order in which they were made."""
    return [sorted(v) for v in moto.describe_secret(SecretId=name)["VersionIdsToStages"].values()]


async def test_a_secret_waits_until_it_is_promoted(moto: Any) -> None:
    name = _secret(moto, OLD)
    sink = SecretsManagerSink(name)
    assert isinstance(sink, StagedSink)
    assert (await check(sink), await sink.staged()) == (OLD, None)
    for _ in "twice":
        await sink.stage(NEW)
    assert _versions(moto, name) == [["AWSCURRENT"], ["AWSPENDING"]]
    assert (await sink.get(), await sink.staged()) == (OLD, NEW)
    for _ in "twice":
        await sink.promote()
    assert _versions(moto, name) == [["AWSPREVIOUS"], ["AWSCURRENT"]]
    assert (await sink.get(), await sink.staged()) == (NEW, None)
    assert str(sink) == f"aws-secretsmanager:{name}"


async def test_what_is_put_again_makes_no_other_version(moto: Any) -> None:
    name = _secret(moto, OLD)
    sink = SecretsManagerSink(name)
    for _ in "twice":
        await sink.put(NEW)
    assert len(_versions(moto, name)) == 2
    await sink.put(OLD)
    await sink.put(NEW)
    assert await sink.get() == NEW


async def test_what_an_own_rotation_left_waiting_is_replaced(moto: Any) -> None:
    name = _secret(moto, OLD)
    sink = SecretsManagerSink(name)
    await sink.stage(OTHER)
    await sink.stage(NEW)
    assert await sink.staged() == NEW
    assert _versions(moto, name) == [["AWSCURRENT"], [], ["AWSPENDING"]]


async def test_the_rotation_of_another_tool_is_not_disturbed(moto: Any) -> None:
    name = _secret(moto, OLD)
    sink = SecretsManagerSink(name)
    version = moto.put_secret_value(SecretId=name, SecretString=OTHER, VersionStages=["AWSPENDING"])
    for call in (sink.staged(), sink.stage(NEW), sink.promote(), sink.put(NEW)):
        with pytest.raises(SinkError, match="is being rotated by another tool") as caught:
            await call
        assert version["VersionId"] in str(caught.value)
    assert await sink.get() == OLD


async def test_one_key_of_a_json_object_is_replaced_and_the_others_stay(moto: Any) -> None:
    name = _secret(moto, json.dumps({"n": 1, "OPENAI_API_KEY": OLD, "ü": ["x", None]}))
    sink = SecretsManagerSink(name, "OPENAI_API_KEY")
    await sink.stage(NEW)
    assert (await sink.get(), await sink.staged()) == (OLD, NEW)
    changed = json.dumps({"n": 2, "OPENAI_API_KEY": OLD, "ü": ["x", None]})
    moto.put_secret_value(SecretId=name, SecretString=changed)  # meanwhile, by someone else
    await sink.promote()
    text = moto.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")["SecretString"]
    assert list(json.loads(text).items()) == [("n", 2), ("OPENAI_API_KEY", NEW), ("ü", ["x", None])]
    other = SecretsManagerSink(name, "more")
    assert await other.get() is None
    await other.put(OTHER)
    assert (await other.get(), await sink.get()) == (OTHER, NEW)


@pytest.mark.parametrize(
    ("text", "key", "why"),
    [
        ('{"a": "b"}', None, "is a JSON object: say which of its keys"),
        ("[1]", "a", "is not a JSON object"),
        ("sk-old", "a", "is not a JSON object"),
        ('{"a": 1}', "a", "#a is not text"),
        ('{"a": {"b": "sk-old"}}', "a.b", "has no key a.b in its JSON object, and a dot"),
    ],
)
async def test_a_secret_of_another_form_is_refused(
    text: str, key: str | None, why: str, moto: Any
) -> None:
    name = _secret(moto, text)
    sink = SecretsManagerSink(name, key)
    for call in (check(sink), sink.put(NEW)):
        with pytest.raises(SinkError, match=why):
            await call
    assert moto.get_secret_value(SecretId=name)["SecretString"] == text


async def test_a_binary_secret_and_none_are_refused(moto: Any) -> None:
    name = f"app/{uuid4()}"
    with pytest.raises(SinkError, match="is not there, or in another region: create it"):
        await check(SecretsManagerSink(name))
    moto.create_secret(Name=name, SecretBinary=b"1")
    with pytest.raises(SinkError, match="is binary: only text can hold a key"):
        await check(SecretsManagerSink(name))


async def test_boto3_logs_no_secret(moto: Any, caplog: pytest.LogCaptureFixture) -> None:
    name = _secret(moto, OLD)
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    sink = SecretsManagerSink(name)
    await sink.put(NEW)
    assert await sink.get() == NEW
    assert OLD not in caplog.text
    assert NEW not in caplog.text
    moto.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")
    assert NEW in caplog.text  # of the user's own calls, nothing is held back


class _AWS(Served):
    """Answers each of its operations as it is told; nothing, where that is ``None``."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[int, Any] | None]] = {}

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_post("/v1/", self._answer)
        return application

    async def _answer(self, request: web.Request) -> web.Response:
        name = request.headers["X-Amz-Target"].partition(".")[2]
        answer = self.answers[name].pop(0)
        if answer is None:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        status, body = answer
        return web.json_response(body, status=status)


@pytest.fixture
async def aws(environment: pytest.MonkeyPatch) -> AsyncIterator[_AWS]:
    """A server that the sinks use."""
    async with _AWS() as aws:
        environment.setenv("AWS_ENDPOINT_URL", f"{aws.base_url}/")
        yield aws


def _refusal(code: str, message: str = "Rate exceeded.", status: int = 400) -> tuple[int, Any]:
    return status, {"__type": code, "Message": message}


def _version(id: str, text: str) -> tuple[int, Any]:
    return 200, {"VersionId": id, "SecretString": text}


_CURRENT, _PENDING = "0" * 36, f"openai-admin-{'0' * 40}"
_NO_VALUE = _refusal(
    "ResourceNotFoundException",
    "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
)
_DENIED = "User: arn:aws:iam::1:user/a is not authorized to perform: secretsmanager:GetSecretValue"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (
            _refusal("AccessDeniedException", _DENIED),
            f"app cannot be read, since AWS denies access: {_DENIED}.",
        ),
        (
            _refusal("ThrottlingException"),
            "app cannot be read now, since AWS is throttling: Rate exceeded.",
        ),
        (
            _refusal("DecryptionFailure", "No key"),
            "app cannot be read: AWS answered DecryptionFailure: No key.",
        ),
        (None, "app cannot be read: Connection was closed"),
    ],
)
async def test_a_refusal_is_one_sentence(answer: Any, why: str, aws: _AWS) -> None:
    aws.answers["GetSecretValue"] = [answer]
    with pytest.raises(SinkError) as caught:
        await check(SecretsManagerSink("app"))
    assert str(caught.value).startswith(f"aws-secretsmanager:{why}")
    assert not caught.value.in_doubt


async def test_a_secret_without_a_value_holds_nothing(aws: _AWS) -> None:
    aws.answers["GetSecretValue"] = [_NO_VALUE]
    assert await SecretsManagerSink("app").get() is None


@pytest.mark.parametrize(
    ("after", "in_doubt"),
    [(_version(_PENDING, NEW), None), (_version(_CURRENT, OLD), True), (None, True)],
)
async def test_a_promotion_whose_answer_is_lost_is_looked_for(
    after: Any, in_doubt: bool | None, aws: _AWS
) -> None:
    pending = _version(_PENDING, NEW)
    aws.answers["GetSecretValue"] = [_version(_CURRENT, OLD), pending, after]
    aws.answers["UpdateSecretVersionStage"] = [None]
    promotion = SecretsManagerSink("app").promote()
    if in_doubt is None:
        await promotion
    else:
        with pytest.raises(SinkError, match="cannot be changed: Connection was closed") as caught:
            await promotion
        assert caught.value.in_doubt == in_doubt
    assert not any(aws.answers.values())


async def test_a_value_whose_answer_is_lost_is_not_what_programs_read(aws: _AWS) -> None:
    none = _refusal("ResourceNotFoundException")
    aws.answers["GetSecretValue"] = [_version(_CURRENT, OLD), none]
    aws.answers["PutSecretValue"] = [None]
    with pytest.raises(SinkError, match="cannot be changed: Connection was closed") as caught:
        await SecretsManagerSink("app").stage(NEW)
    assert not caught.value.in_doubt


@pytest.mark.parametrize(
    ("missing", "why"),
    [
        ("AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY", "there are no AWS credentials: set AWS_PROF"),
        ("AWS_SECRET_ACCESS_KEY", "Partial credentials found in env"),
        ("AWS_DEFAULT_REGION", "no AWS region is set: set AWS_REGION"),
    ],
)
async def test_what_the_environment_lacks_is_named(
    missing: str, why: str, environment: pytest.MonkeyPatch
) -> None:
    for name in missing.split():
        environment.delenv(name)
    with pytest.raises(SinkError, match=f"app cannot be read: {why}"):
        await check(SecretsManagerSink("app"))
