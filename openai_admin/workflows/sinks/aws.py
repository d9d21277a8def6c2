"""``aws-secretsmanager:ID[#JSON_KEY]``: a secret of AWS Secrets Manager."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import anyio.to_thread
import attrs
import msgspec

from ..._extras import require
from ...errors import SinkError
from .aws_errors import explained, is_not_found, is_without_value
from .aws_log import hide, quiet
from .sink import checked, told_when_cut_off

_CURRENT, _PENDING = "AWSCURRENT", "AWSPENDING"
_OWN = "openai-admin-"  # with which the ids of our versions begin
_PROMOTION = "update_secret_version_stage"
_CONNECT, _READ = 10, 30  # s, for each of the attempts that boto3 is set to make
_Result = TypeVar("_Result")


@attrs.frozen
class _Version:
    id: str
    text: str = attrs.field(repr=False)


class SecretsManagerSink:
    """A secret that is text, or one key of a secret that is a JSON object, with the others kept.

    The next secret waits as ``AWSPENDING``, and is then made ``AWSCURRENT``, as in AWS's own
    rotations. Credentials, region and endpoint are those that boto3 finds (extra ``aws``). Needs
    the permissions ``secretsmanager:GetSecretValue``, ``PutSecretValue`` and
    ``UpdateSecretVersionStage``.

    Args:
        secret_id: the secret's name or ARN.
        key: the key of the JSON object; by default the secret is the key alone.
    """

    def __init__(self, secret_id: str, key: str | None = None) -> None:
        self._id = secret_id
        self._key = key
        self._made: Any = None

    def __str__(self) -> str:
        return f"aws-secretsmanager:{self._id}{f'#{self._key}' if self._key else ''}"

    async def get(self) -> str | None:
        return await self._in_thread(self._get)

    async def put(self, secret: str) -> None:
        await self.stage(secret)
        await self.promote()
        if await self.get() != secret:
            raise SinkError(f"{self} was changed by someone else at the same time.")

    async def staged(self) -> str | None:
        """The secret that waits to be promoted.

        Raises:
            SinkError: it cannot be read, or another tool's rotation is under way.
        """
        return await self._in_thread(self._staged)

    async def stage(self, secret: str) -> None:
        text = checked(secret)
        await self._in_thread(lambda: self._stage(text))

    async def promote(self) -> None:
        with told_when_cut_off(self):
            await self._in_thread(self._promote)

    async def _in_thread(self, call: Callable[[], _Result]) -> _Result:
        with quiet():
            return await anyio.to_thread.run_sync(call, abandon_on_cancel=True)

    # --- in a worker thread --------------------------------------------------------------------

    def _get(self) -> str | None:
        current = self._version(_CURRENT)
        return self._secret_in(current.text) if current else None

    def _staged(self) -> str | None:
        pending = self._pending(self._version(_CURRENT))
        return self._secret_in(pending.text) if pending else None

    def _stage(self, secret: str) -> None:
        current = self._version(_CURRENT)
        pending = self._pending(current)
        text = self._text_with(secret, current)
        if not any(version and version.text == text for version in (current, pending)):
            self._put_pending(text, current)

    def _promote(self) -> None:
        current = self._version(_CURRENT)
        pending = self._pending(current)
        if pending is None:
            return
        secret = self._secret_in(pending.text)
        text = self._text_with(secret, current) if secret else pending.text
        # What else is in it may have been changed since it was staged.
        version = pending.id if text == pending.text else self._put_pending(text, current)
        labels = {"VersionStage": _CURRENT, "MoveToVersionId": version}
        if current:
            labels["RemoveFromVersionId"] = current.id
        try:
            self._call(_PROMOTION, labels)
        except SinkError as exc:
            if not exc.in_doubt or not self._is_current(version, exc):
                raise
        # As AWS's own rotations do; the label does no harm on the present version either.
        with suppress(SinkError):
            self._call(_PROMOTION, {"VersionStage": _PENDING, "RemoveFromVersionId": version})

    def _is_current(self, version: str, doubt: SinkError) -> bool:
        """Whether a version is the present one after a change whose answer was lost."""
        try:
            current = self._version(_CURRENT)
        except SinkError:
            raise doubt from None
        return current is not None and current.id == version

    def _pending(self, current: _Version | None) -> _Version | None:
        """The version that waits to be promoted.

        Raises:
            SinkError: it is another tool's.
        """
        pending = self._version(_PENDING)
        if pending is None or (current and pending.id == current.id):
            return None
        if not pending.id.startswith(_OWN):
            raise SinkError(
                f"{self} is being rotated by another tool: its version {pending.id} is {_PENDING}"
                " (if that was given up, remove the label with 'aws secretsmanager"
                f" update-secret-version-stage --secret-id {self._id} --version-stage {_PENDING}"
                f" --remove-from-version-id {pending.id}')."
            )
        return pending

    def _put_pending(self, text: str, current: _Version | None) -> str:
        """Make a pending version after the present one; again for the same text, it is the same."""
        after = (current.id if current else "").encode()
        version = f"{_OWN}{hmac.digest(text.encode(), after, hashlib.sha256).hex()[:40]}"
        value = {"SecretString": text, "ClientRequestToken": version, "VersionStages": [_PENDING]}
        self._call("put_secret_value", value)
        return version

    def _version(self, stage: str) -> _Version | None:
        """The version that has a label; the present one is asked for before one that waits."""
        is_absent = is_without_value if stage == _CURRENT else is_not_found
        found = self._call("get_secret_value", {"VersionStage": stage}, is_absent)
        if found is None:
            return None
        text = found.get("SecretString")
        if text is None:
            raise SinkError(f"{self} is binary: only text can hold a key.")
        return _Version(found["VersionId"], text)

    def _secret_in(self, text: str) -> str | None:
        """The key in what the whole secret holds."""
        fields = _fields(text)
        if self._key is None:
            if fields is not None:
                raise SinkError(
                    f"{self} is a JSON object: say which of its keys holds the secret, as in"
                    f" aws-secretsmanager:{self._id}#OPENAI_API_KEY."
                )
            return text or None
        if fields is None:
            raise SinkError(f"{self} is not a JSON object, which a key of it could be in.")
        if self._key not in fields and self._key.partition(".")[0] in fields:
            raise SinkError(
                f"{self._id} has no key {self._key} in its JSON object, and a dot does not lead"
                " into an object within it: name a key of the outermost one."
            )
        try:
            return msgspec.json.decode(fields[self._key], type=str) if self._key in fields else None
        except msgspec.ValidationError:
            raise SinkError(f"{self} is not text.") from None

    def _text_with(self, secret: str, current: _Version | None) -> str:
        """What the whole secret holds once the key is replaced."""
        if current:
            self._secret_in(current.text)  # it has to be of the right form
        if self._key is None:
            return secret
        fields = _fields(current.text) if current else {}
        return msgspec.json.encode({**(fields or {}), self._key: secret}).decode()

    def _call(
        self,
        name: str,
        arguments: Mapping[str, Any],
        is_nothing: Callable[[Any], bool] = lambda _: False,
    ) -> Any:
        """The answer of a call; ``None`` where its error says that there is nothing."""
        errors = require("botocore.exceptions", extra="aws")
        try:
            call = getattr(self._client(), name)
            hide()
            return call(SecretId=self._id, **arguments)
        except (errors.ClientError, errors.BotoCoreError) as exc:
            if is_nothing(exc):
                return None
            error = explained(exc, f"{self}", is_change=name != "get_secret_value")
            error.in_doubt &= name == _PROMOTION  # else what programs read is as it was
            raise error from None

    def _client(self) -> Any:
        if self._made is None:
            config = require("botocore.config", extra="aws").Config(
                connect_timeout=_CONNECT, read_timeout=_READ
            )
            session = require("boto3.session", extra="aws").Session()
            self._made = session.client("secretsmanager", config=config)
        return self._made


def _fields(text: str) -> dict[str, msgspec.Raw] | None:
    """The values of a JSON object, each as it is written; ``None`` where the text is not one."""
    try:
        return msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError:
        return None
