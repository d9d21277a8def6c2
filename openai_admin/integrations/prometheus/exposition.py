"""Series as prometheus-client has them, and the texts of a scrape, made before it comes."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from ..._text.visible import visible
from .families import FAMILIES
from .series import Series

_NO_WEIGHT = re.compile(r"q\s*=\s*0(\.0*)?")


def metrics(series: Series, *, teams: bool) -> Iterator[Metric]:
    """Every family that has series, in the order of `FAMILIES`.

    Args:
        series: values by family and labels.
        teams: whether spend has teams.
    """
    for family in FAMILIES:
        values = series.get(family)
        if not values:
            continue
        of: Any = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
        metric = of(family.full_name, family.help, labels=family.labels_with(teams=teams))
        for labels, value in values.items():
            metric.add_metric([_label(label) for label in labels], value)
        yield metric


def descriptions(*, teams: bool) -> Iterator[Metric]:
    """Every family there may be, without series."""
    for family in FAMILIES:
        of: Any = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
        yield of(family.full_name, family.help, labels=family.labels_with(teams=teams))


def _label(value: str) -> str:
    """A value that can be written: no character that cannot be seen, nor half of one."""
    return visible(value.encode("utf-8", "replace").decode())


@attrs.frozen
class Body:
    """A text, and the same compressed."""

    plain: bytes
    gzipped: bytes

    @classmethod
    def of(cls, text: bytes) -> Body:
        """Compress a text."""
        return cls(text, gzip.compress(text, compresslevel=6))


@attrs.frozen
class Exposition:
    """All metrics as they are scraped, in both formats.

    Attributes:
        text: in Prometheus' format.
        openmetrics: in that of OpenMetrics.
    """

    text: Body
    openmetrics: Body

    @classmethod
    def of(cls, found: Iterable[Metric]) -> Exposition:
        """Write metrics; of 2,000 series it takes some 50 ms."""
        collected = _Collected(tuple(found))
        write_openmetrics: Any = openmetrics.generate_latest  # it has no types
        return cls(Body.of(generate_latest(collected)), Body.of(write_openmetrics(collected)))

    def answer(self, headers: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
        """The body and the headers for a scrape that accepts some formats and encodings."""
        try:
            _, content_type = choose_encoder(headers.get("Accept", ""))
        except (TypeError, ValueError):  # a version that is not one
            _, content_type = choose_encoder("")
        is_open = content_type.startswith("application/openmetrics-text")
        body = self.openmetrics if is_open else self.text
        told = {"Content-Type": content_type, "Vary": "Accept, Accept-Encoding"}
        if _takes_gzip(headers.get("Accept-Encoding", "")):
            return body.gzipped, {**told, "Content-Encoding": "gzip"}
        return body.plain, told


def _takes_gzip(accepted: str) -> bool:
    """Whether an ``Accept-Encoding`` has gzip, and not with the weight 0, which refuses it."""
    for each in accepted.lower().split(","):
        coding, *parameters = (part.strip() for part in each.split(";"))
        if coding == "gzip":
            return not any(_NO_WEIGHT.fullmatch(parameter) for parameter in parameters)
    return False


@attrs.frozen
class _Collected(Collector):
    """Metrics that were collected already."""

    found: tuple[Metric, ...]

    def collect(self) -> tuple[Metric, ...]:
        """Them."""
        return self.found
