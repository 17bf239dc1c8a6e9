"""Counts and figures in Prometheus' form, by its client library, which is an extra ("metrics")."""

from collections.abc import Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from anoncloud.server.metrics.table import PREFIX, SQL_BOUNDS, SQL_SECONDS, Count, Figure, Metric
from anoncloud.server.metrics.tally import Tally


class _Shown(Collector):
    """Makes families of one tally and of what is so at the moment."""

    def __init__(self, tally: Tally, figures: Mapping[Figure, float]) -> None:
        self._tally = tally
        self._figures = figures

    def collect(self) -> Iterator[Family]:
        for what in Count:
            yield self._counter(what)
        for figure, value in self._figures.items():
            gauge = GaugeMetricFamily(PREFIX + figure.value.name, figure.value.text)
            gauge.add_metric([], value)
            yield gauge
        yield self._histogram(SQL_SECONDS)

    def _counter(self, what: Count) -> Family:
        metric = what.value
        labels = [metric.label] if metric.label else []
        counter = CounterMetricFamily(PREFIX + metric.name, metric.text, labels=labels)
        if not labels:
            counter.add_metric([], self._tally.counts[what, ""])
        for (counted, label), number in sorted(
            self._tally.counts.items(), key=lambda item: item[0][1]
        ):
            if labels and counted is what:
                counter.add_metric([label], number)
        return counter

    def _histogram(self, metric: Metric) -> Family:
        histogram = HistogramMetricFamily(PREFIX + metric.name, metric.text)
        names = [*map(str, SQL_BOUNDS), "+Inf"]
        buckets = list(zip(names, accumulate(self._tally.sql.buckets), strict=True))
        histogram.add_metric([], buckets, self._tally.sql.sum)
        return histogram


def exposition(tally: Tally, figures: Mapping[Figure, float]) -> bytes:
    """Write all metrics in Prometheus' text format, the process's own (CPU, memory) among them."""
    registry = CollectorRegistry()
    registry.register(_Shown(tally, figures))
    ProcessCollector(registry=registry)
    return generate_latest(registry)
