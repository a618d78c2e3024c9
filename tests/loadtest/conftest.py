from __future__ import annotations

import sys
from pathlib import Path

LOADTEST = Path(__file__).parents[2] / "loadtest"
# The load test is scripts beside one another, as Locust loads them.
sys.path.insert(0, str(LOADTEST))
