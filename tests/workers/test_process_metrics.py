"""How the metrics of many processes become one scrape. Pure."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.parser import text_string_to_metric_families
from shelfcast.workers.process_metrics import Family, Retired, exposition, own_metrics


def process(sold: int, *, live: int = 1, tick_s: float = 0.05, memory: int = 100) -> list[Family]:
    """What a worker says that sold so many."""
    registry = CollectorRegistry()
    counter = Counter("shelfcast_sold", "Units.", ["sku"], registry=registry)
    histogram = Histogram("shelfcast_call_seconds", "Calls.", buckets=(1, 2), registry=registry)
    for _ in range(sold):
        counter.labels("mug").inc()
        histogram.observe(1.5)
    Gauge("shelfcast_connections", "Open sockets.", registry=registry).set(sold)
    Gauge("shelfcast_feed_live", "Feed.", ["pool"], registry=registry).labels("main").set(live)
    Gauge("shelfcast_tick_seconds", "Tick.", ["room"], registry=registry).labels("evening").set(tick_s)
    Gauge("process_resident_memory_bytes", "Memory.", registry=registry).set(memory)
    return own_metrics(registry)


def values(text: bytes) -> dict[str, float]:
    return {
        sample.name + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_counters_and_gauges_are_added_up_where_no_one_speaks_for_all() -> None:
    workers = {"1": process(3), "2": process(4, live=0, tick_s=0.2, memory=300)}
    assert values(exposition(workers, Retired())) == {
        "shelfcast_sold_total sku=mug": 7,
        "shelfcast_call_seconds_bucket le=1.0": 0,
        "shelfcast_call_seconds_bucket le=2.0": 7,
        "shelfcast_call_seconds_bucket le=+Inf": 7,
        "shelfcast_call_seconds_count": 7,
        "shelfcast_call_seconds_sum": 10.5,
        "shelfcast_connections": 7,
        "shelfcast_feed_live pool=main": 0,
        "shelfcast_tick_seconds room=evening": 0.2,
        "process_resident_memory_bytes worker=1": 100,
        "process_resident_memory_bytes worker=2": 300,
    }


def test_what_a_worker_counted_stays_when_it_is_gone_and_its_gauges_go_with_it() -> None:
    retired = Retired()
    for sold in (5, 6):
        retired.add(process(sold))
    found = values(exposition({"1": process(1)}, retired))
    assert found["shelfcast_sold_total sku=mug"] == 12
    assert found["shelfcast_call_seconds_bucket le=2.0"] == 12
    assert found["shelfcast_connections"] == 1
    assert [name for name in found if name.startswith("process_")] == ["process_resident_memory_bytes worker=1"]


def test_a_worker_that_has_said_nothing_yet_takes_nothing_away() -> None:
    retired = Retired()
    retired.add([])
    retired.add(process(2))
    assert values(exposition({"1": [], "2": process(1)}, retired))["shelfcast_sold_total sku=mug"] == 3
