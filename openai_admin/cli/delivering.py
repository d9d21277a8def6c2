"""What a command that delivers the audit log was asked for, and how it says what happens."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs

from ..errors import InvalidInputError
from .delivery_options import DELIVERY
from .errors import CommandError, PipeClosedError
from .parameters import flag, reworded
from .terminal import printable

if TYPE_CHECKING:
    from ..audit.delivery.delivery import Delivery
    from ..audit.delivery.receiver import Receiver
    from ..audit.formats import Format

FORMATS: tuple[Format, ...] = ("ndjson", "raw", "ocsf", "ecs")
"""The languages that events are delivered in."""


_SECONDS = 10.0  # between two heartbeats in a file
_NAMES = {name: flag(name) for name in ("to", "rotate", "keep", "token_header")} | {
    "seconds": "--batch-seconds"
}
_OF_FILES = ("rotate", "keep")
_OF_HEC = ("hec_ack", "index", "source", "sourcetype")
_OF_POSTING = ("hec", "bulk", "token_header", "receiver_timeout", *_OF_HEC)
_OF_EARLIER_FILES = ("keep", "gzip")


def _tell(sentence: str) -> None:
    print(printable(sentence), file=sys.stderr, flush=True)


@attrs.frozen
class Asked:
    """What was asked for.

    Attributes:
        written: the options as they were typed.
        to: where events go.
        format: their language.
    """

    written: Mapping[str, Any] = attrs.field(repr=False)
    to: str
    format: Format

    @classmethod
    def of(cls, written: Mapping[str, Any]) -> Self:
        """What the options of a command ask for.

        Raises:
            CommandError: options are there that do not go together.
        """
        for name in DELIVERY:
            # An empty one is a variable that is not set, and never what was meant.
            if written[name] in ("", Path()):
                raise CommandError(f"{flag(name)} is empty: pass a value, or leave it out.")
        format, to = written["format"] or "ndjson", written["to"] or "stdout"
        if format not in FORMATS:
            raise CommandError(
                f"Events are delivered as {', '.join(FORMATS)}, not as {format}; leave out --to for"
                " the others."
            )
        asked = cls(written, to, format)
        asked._check()
        return asked

    def _check(self) -> None:
        is_file, is_posted = self.to.startswith("file:"), "://" in self.to
        for names, fits, what in (
            (_OF_FILES, is_file, "--to file:PATH"),
            (_OF_POSTING, is_posted, "--to URL"),
            (_OF_HEC, self.written["hec"], "--hec"),
            (("gzip",), is_file or is_posted, "--to file:PATH or --to URL"),
            (
                _OF_EARLIER_FILES,
                is_posted or self.written["rotate"],
                "earlier files, of which there are none without --rotate",
            ),
        ):
            for name in names:
                if self.written[name] not in (None, False) and not fits:
                    raise CommandError(f"{flag(name)} is for {what}.")
        if self.to == "file:":
            raise CommandError("--to must name a file, as file:audit.ndjson.")
        if self.written["hec"] and self.written["bulk"]:
            raise CommandError("Pass --hec or --bulk, not both.")

    @property
    def file(self) -> Path | None:
        """The file that events are appended to; ``None`` where they go elsewhere."""
        return Path(self.to.removeprefix("file:")) if self.to.startswith("file:") else None

    def dead_letters(self, position: Path | None) -> Path | None:
        """The file of dead letters."""
        given: Path | None = self.written["dead_letters"]
        if given is None and position is not None:
            return position.with_name(f"{position.stem}.dead-letters.ndjson")
        return given

    def delivery(
        self,
        *,
        position: Path | None = None,
        patience: float = float("inf"),
        tell: Callable[[str], object] = _tell,
    ) -> Delivery:
        """The delivery.

        Args:
            position: the file of the position.
            patience: seconds for which the receiver may be down.
            tell: called with a sentence for a person.

        Raises:
            InvalidInputError: the receiver is not said as it must be.
            ConfigurationError: the token, the proxy or the authorities cannot be used.
        """
        from ..audit.delivery.dead_letters import DeadLetters
        from ..audit.delivery.delivery import Delivery
        from ..audit.delivery.heartbeat import Heartbeat
        from ..audit.delivery.records import Limits

        written = self.written
        try:
            limits = Limits(**_given(written, "batch_", "events", "bytes", "seconds"))
            receiver = self._receiver()
        except InvalidInputError as exc:
            raise InvalidInputError(reworded(str(exc), _NAMES)) from None
        kept = self.dead_letters(position)
        every, file = written["heartbeat"], written["heartbeat_file"]
        return Delivery(
            receiver=receiver,
            format=self.format,
            limits=limits,
            dead_letters=None if kept is None else DeadLetters(kept, receiver.name),
            patience=patience,
            heartbeat=None
            if every is None and file is None
            else Heartbeat(seconds=every or _SECONDS, file=file),
            tell=tell,
        )

    def _receiver(self) -> Receiver:
        from ..audit.delivery.file_receiver import FileReceiver
        from ..audit.delivery.rotation import Rotation
        from ..audit.delivery.standard_output import StandardOutput

        written = self.written
        if self.to == "stdout":
            return StandardOutput()
        if self.file is not None:
            rotation = Rotation.of(
                written["rotate"], keep=written["keep"], compress=bool(written["gzip"])
            )
            return FileReceiver(self.file, rotation)
        return self._web_receiver()

    def _web_receiver(self) -> Receiver:
        from ..audit.delivery.forms import Bulk, Form, Lines
        from ..audit.delivery.hec import HEC, Acknowledgements
        from ..audit.delivery.posting import SECONDS, Poster, checked_address, token_headers
        from ..audit.delivery.web_receiver import WebReceiver

        written = self.written
        address = checked_address(self.to)
        form: Form = Lines()
        if written["hec"]:
            is_own = self.format in ("ndjson", "raw")
            kind = "openai:audit" + ("" if is_own else f":{self.format}")
            form = HEC(
                source=written["source"] or "openai",
                sourcetype=written["sourcetype"] or kind,
                index=written["index"],
            )
        elif written["bulk"]:
            form = Bulk(index=written["bulk"])
        headers = token_headers(written["token_header"] or form.token_header)
        acknowledgements = Acknowledgements() if written["hec_ack"] else None
        if acknowledgements is not None:
            headers["X-Splunk-Request-Channel"] = acknowledgements.channel
        packs = written["gzip"] is not False
        seconds = written["receiver_timeout"] or SECONDS
        poster = Poster(address, headers, packs=packs, seconds=seconds)
        return WebReceiver(poster, form, acknowledgements)


def _given(written: Mapping[str, Any], prefix: str, *names: str) -> dict[str, Any]:
    """The options that were typed, without what their names have in common."""
    found = {name: written[f"{prefix}{name}"] for name in names}
    return {name: value for name, value in found.items() if value is not None}


@contextmanager
def pipe_noticed() -> Iterator[None]:
    """Tell that the reader of standard output went away from other failures.

    Raises:
        PipeClosedError: it did.
    """
    try:
        yield
    except BrokenPipeError as exc:
        raise PipeClosedError from exc
