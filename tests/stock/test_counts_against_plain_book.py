"""Counts while anything else goes on: the engine's book and a plain Python one find the same after every step."""

from __future__ import annotations

import pytest
from book_machine import CountMachine
from engine_process import EngineProcess
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import run_state_machine_as_test
from shelfcast.settings import Settings


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_any_interleaving_of_counts_comes_to_the_same(own_engine: EngineProcess, settings: Settings) -> None:
    machine = type("Machine", (CountMachine,), {"engine_process": own_engine, "base_settings": settings})
    run_state_machine_as_test(machine, settings=EXAMPLES)


EXAMPLES = hypothesis_settings(
    max_examples=25, stateful_step_count=40, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck)
)
