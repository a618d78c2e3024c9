"""How a bench ends: what it found is judged, written, shown, and told by its exit code."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def conclude(result: dict[str, Any], faults: list[str], out: Path, show: Callable[[dict[str, Any]], None]) -> int:
    """Write the result with its machine and faults to `out`, and `show` it; 0 where there are no faults, else 1."""
    result["machine"] = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    result["faults"] = faults
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    show(result)
    print("\n".join(faults), file=sys.stderr)
    return 1 if faults else 0
