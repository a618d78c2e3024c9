"""Any sequence of operations, on any clock: the engine's book and a plain Python one agree after every step."""

from __future__ import annotations

import pytest
from book_machine import BookMachine
from engine_process import EngineProcess
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import run_state_machine_as_test
from shelfcast.settings import Settings


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_the_book_and_the_plain_book_agree(own_engine: EngineProcess, settings: Settings) -> None:
    machine = type("Machine", (BookMachine,), {"engine_process": own_engine, "base_settings": settings})
    run_state_machine_as_test(machine, settings=EXAMPLES)


EXAMPLES = hypothesis_settings(
    max_examples=50, stateful_step_count=50, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck)
)
