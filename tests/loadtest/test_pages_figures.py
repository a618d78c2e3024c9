"""What the bench of the pages computes of its readings."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest
from loadtest.conftest import LOADTEST

MIB = 2**20


@pytest.fixture(scope="module")
def figures() -> ModuleType:
    """Loaded by its file: beside it lies a `pages`, which the tests of the pages are called as well."""
    spec = importlib.util.spec_from_file_location("pages_figures", LOADTEST / "bench" / "pages_figures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def samples(heaps: list[float], nodes: list[float] | None = None) -> list[dict[str, float]]:
    counts = nodes or [500.0] * len(heaps)
    return [
        {"minute": minute, "heap_bytes": heap * MIB, "nodes": count}
        for minute, (heap, count) in enumerate(zip(heaps, counts, strict=True))
    ]


@pytest.mark.parametrize(
    ("heaps", "flat"),
    [
        ([3.0] * 9, True),
        ([2.0, 3.0, 3.4, 3.5, 3.5, 3.5, 3.5, 3.6, 3.5], True),  # builds up, then stays
        ([3.0, 3.0, 3.0, 3.0, 9.0, 3.0, 3.0, 9.0, 3.0], True),  # something passing
        ([3.0, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 3.7, 3.8], False),
    ],
)
def test_what_is_built_up_in_the_beginning_is_no_growth_and_what_goes_on_is(
    figures: ModuleType, heaps: list[float], flat: bool
) -> None:
    assert figures.growth(samples(heaps))["flat"] is flat


def test_a_store_that_is_still_filling_up_is_allowed_for_and_nothing_beside_it(figures: ModuleType) -> None:
    filling = samples([3.0 + 0.1 * minute for minute in range(9)])
    assert figures.growth(filling, 0.1 * MIB)["flat"]
    assert not figures.growth(filling, 0.04 * MIB)["flat"]


def test_nodes_that_nobody_lets_go_are_growth_whatever_the_heap_says(figures: ModuleType) -> None:
    grown = figures.growth(samples([3.0] * 9, [500.0 + 60 * number for number in range(9)]))
    assert (grown["flat"], grown["nodes"]) == (False, 180.0)


def test_growth_is_a_slope_over_the_second_half(figures: ModuleType) -> None:
    found = figures.growth(samples([1.0, 2.0, 3.0, 3.0, 3.0, 3.5, 4.0, 4.5, 5.0]))
    assert found["heap_bytes_a_minute"] == pytest.approx(0.5 * MIB)


def test_of_a_heap_what_the_page_holds_is_told_from_what_the_engine_makes_of_its_program(figures: ModuleType) -> None:
    types = ["hidden", "code", "object", "concatenated string", "native"]
    meta = {"node_fields": ["type", "name", "id", "self_size"], "node_types": [types, "string", "number", "number"]}
    rows = [[0, 0, 1, 4], [1, 0, 3, 4096], [2, 0, 5, 24], [3, 0, 7, 20], [4, 0, 9, 800], [2, 0, 11, 16]]
    heap = {"snapshot": {"meta": meta}, "nodes": [number for row in rows for number in row]}
    assert figures.values(heap) == {"values": 3, "values_bytes": 60}


def test_a_frame_that_comes_late_counts_those_that_should_have_come_before(figures: ModuleType) -> None:
    found = figures.frames([1000 / 60] * 57 + [50.0])
    assert (found["a_second"], found["lost_share"]) == (pytest.approx(58.0), pytest.approx(2 / 60))
    assert figures.frames([16.0, 17.0, 18.0])["lost_share"] == 0


def test_the_main_threads_time_is_a_share_of_the_seconds_between_two_readings(figures: ModuleType) -> None:
    before = dict.fromkeys(figures.DURATIONS.values(), 1.0)
    after = before | {"TaskDuration": 1.5, "ScriptDuration": 1.2}
    found = figures.main_thread(before, after, 10.0)
    assert found["task_ms_a_second"] == pytest.approx(50.0)
    assert found["script_ms_a_second"] == pytest.approx(20.0)
    assert found["layout_ms_a_second"] == 0
