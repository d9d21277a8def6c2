"""A store of secrets: AWS Secrets Manager, as moto has it, on a socket.

A command can be killed at each of its requests.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from .launcher import Launcher

_REGION = "eu-central-1"
_OURS = "harness"  # the access key of requests that are not the command's
_WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing of each request."""


class Store:
    """The store, in a thread of this process."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._app: _WSGI = DomainDispatcherApplication(create_backend_app)
        self._server = make_server(
            "127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet
        )
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._server.server_port}",
            "AWS_DEFAULT_REGION": _REGION,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }
        """What a command needs to find it."""
        self._client = boto3.client(
            "secretsmanager",
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name=_REGION,
            aws_access_key_id=_OURS,
            aws_secret_access_key="testing",
        )

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._thread.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()
        await asyncio.to_thread(self._server.shutdown)
        self._thread.join()
        self._server.server_close()

    def fill(self, name: str, secret: str) -> None:
        """Make it hold one secret, of which this is the only version."""
        for known in self._client.list_secrets()["SecretList"]:
            self._client.delete_secret(SecretId=known["ARN"], ForceDeleteWithoutRecovery=True)
        self._client.create_secret(Name=name, SecretString=secret)

    def held(self, name: str) -> str:
        """The secret's present value."""
        # moto takes another version where no label is named.
        answer = self._client.get_secret_value(SecretId=name, VersionStage="AWSCURRENT")
        return answer["SecretString"]

    def versions(self, name: str) -> dict[str, str]:
        """The secret's versions by their staging labels, as ``AWSCURRENT``."""
        described = self._client.describe_secret(SecretId=name)
        return {
            label: self._client.get_secret_value(SecretId=name, VersionId=version)["SecretString"]
            for version, labels in described["VersionIdsToStages"].items()
            for label in labels
        }

    def _answer(
        self, environment: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        is_ours = f"Credential={_OURS}/" in environment.get("HTTP_AUTHORIZATION", "")
        is_counted = self._launcher.running and not is_ours
        when = self._launcher.reached("store") if is_counted else None
        if when == "before":
            self._kill()
            start_response("500 Internal Server Error", [])  # to nobody
            return []
        answer = list(self._app(environment, start_response))
        if when == "after":
            self._kill()
        return answer

    def _kill(self) -> None:
        asyncio.run_coroutine_threadsafe(self._launcher.kill(), self._loop).result()
