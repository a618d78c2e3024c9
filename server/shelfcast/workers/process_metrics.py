"""The metrics of many processes as one: what each says of itself, added up.

Counters and histograms are summed, and those of a worker that is gone stay in the sum: no counter ever falls. Gauges
are summed too, except where `metrics` says that the lowest or the highest speaks for all. What the runtime says of a
process (CPU time, memory, descriptors) keeps the process apart by a label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from prometheus_client import REGISTRY, CollectorRegistry, Metric, generate_latest
from prometheus_client.registry import Collector

from shelfcast import metrics

PROCESS_LABEL = "worker"
_OF_PROCESS = ("process_", "python_")
_SUMMED = ("counter", "histogram", "summary")
_SINCE = "_created"
"""When a counter began: says nothing of a sum."""

_Labels = tuple[tuple[str, str], ...]


class Sample(Struct, array_like=True, frozen=True):
    """One number; its labels in the order of the instrument."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


class Family(Struct, array_like=True, frozen=True):
    """All samples of one instrument."""

    name: str
    help: str
    kind: str
    samples: list[Sample]


def own_metrics(registry: CollectorRegistry = REGISTRY) -> list[Family]:
    """What the instruments of this process say."""
    return [
        Family(
            family.name,
            family.documentation,
            family.type,
            [
                Sample(sample.name, tuple(sample.labels.items()), sample.value)
                for sample in family.samples
                if not sample.name.endswith(_SINCE)
            ],
        )
        for family in registry.collect()
    ]


class Retired:
    """The counters of processes that are gone, added up."""

    def __init__(self) -> None:
        self.families: list[Family] = []

    def add(self, metrics: Iterable[Family]) -> None:
        """Keep the counters of a process that has ended."""
        counters = [family for family in metrics if family.kind in _SUMMED and not _is_of_process(family)]
        self.families = list(_summed([self.families, counters]))


def exposition(of_process: Mapping[str, Sequence[Family]], retired: Retired) -> bytes:
    """All of it in Prometheus' text format; `of_process` has the metrics of each process by its name. That of a server
    that is one process is empty, and labels nothing."""
    shared = [[family for family in families if not _is_of_process(family)] for families in of_process.values()]
    apart = [
        Family(family.name, family.help, family.kind, [_labelled(sample, process) for sample in family.samples])
        for process, families in of_process.items()
        for family in families
        if _is_of_process(family)
    ]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Fixed([*_summed([retired.families, *shared]), *_summed([apart])]))
    return generate_latest(registry)


def total(families: Iterable[Family], name: str) -> float:
    """The sum of an instrument's samples."""
    return sum(sample.value for family in families if family.name == name for sample in family.samples)


class _Fixed(Collector):
    """Families that were collected already."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        for family in self._families:
            metric = Metric(family.name, family.help, family.kind)
            for sample in family.samples:
                metric.add_sample(sample.name, dict(sample.labels), sample.value)
            yield metric


def _is_of_process(family: Family) -> bool:
    return family.name.startswith(_OF_PROCESS)


def _labelled(sample: Sample, process: str) -> Sample:
    labels = (*sample.labels, (PROCESS_LABEL, process)) if process else sample.labels
    return Sample(sample.name, labels, sample.value)


def _summed(sources: Iterable[Iterable[Family]]) -> Iterator[Family]:
    """One family a name, one sample a label set."""
    heads: dict[str, Family] = {}
    values: dict[str, dict[tuple[str, _Labels], float]] = {}
    for families in sources:
        for family in families:
            heads.setdefault(family.name, family)
            merged = values.setdefault(family.name, {})
            for sample in family.samples:
                key = (sample.name, sample.labels)
                merged[key] = _merge(family, merged[key], sample.value) if key in merged else sample.value
    for name, head in heads.items():
        samples = [Sample(sample, labels, value) for (sample, labels), value in values[name].items()]
        yield Family(name, head.help, head.kind, samples)


def _merge(family: Family, one: float, other: float) -> float:
    if family.name in metrics.LOWEST_SPEAKS:
        return min(one, other)
    if family.name in metrics.HIGHEST_SPEAKS:
        return max(one, other)
    return one + other
