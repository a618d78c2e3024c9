"""Any sequence of sales and trims: a book whose entries leave goes on as the plain one, and is audited as before."""

from __future__ import annotations

import pytest
from book_machine import ArchiveMachine
from engine_process import EngineProcess
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import run_state_machine_as_test
from shelfcast.settings import Settings


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_entries_leave_at_any_place_and_nothing_changes(own_engine: EngineProcess, settings: Settings) -> None:
    machine = type("Machine", (ArchiveMachine,), {"engine_process": own_engine, "base_settings": settings})
    run_state_machine_as_test(machine, settings=EXAMPLES)


EXAMPLES = hypothesis_settings(
    max_examples=40, stateful_step_count=40, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck)
)
