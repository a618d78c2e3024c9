"""How the suite is shared out among processes: test by test, except where tests share something slow to start."""

from __future__ import annotations

import os

import pytest
from xdist.scheduler import LoadScopeScheduling

PROCESSES_A_CORE = 2
"""Tests wait more than they compute: for processes, for clocks, for the disk."""
PROCESSES_MAX = 8
TOGETHER = {
    "tests/deploy/test_balancer_tls.py": "stack",
    "tests/deploy/test_monitoring.py": "stack",
    "tests/deploy/test_two_nodes.py": "stack",
    "tests/engine/test_cluster.py": "engine cluster",
    "tests/packaging/test_wheel.py": "wheel",
}
"""File → what its tests share. One process runs all tests of a name, one after another."""
FILE_BY_FILE = ("tests/pages/",)
"""Folders whose files go to one process as a whole: each process opens a browser of its own."""


class Sharing(LoadScopeScheduling):
    """Hands the largest groups out first, then single tests in the order they were collected in."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith(FILE_BY_FILE):
            return file
        return TOGETHER.get(file, nodeid)


def processes(config: pytest.Config) -> int:
    """How many processes `-n auto` is: none for tests that are picked out, where starting them would take longer."""
    picked_out = config.option.keyword or (config.args and all(".py" in argument for argument in config.args))
    return 0 if picked_out else min(PROCESSES_A_CORE * len(os.sched_getaffinity(0)), PROCESSES_MAX)
