"""What a wheel or an sdist needs besides the source: the pages, built of server/web where there is a Node to do it.

An sdist carries the built pages and no source of theirs, so building from one, and installing, needs no Node.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PagesHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the pages before they are packed. An editable installation takes them as they are: `make` builds those."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before each build. Raises what the build of the pages raises."""
        node = Path(self.root) / "server" / "web" / "node.py"
        if version == "editable" or not node.exists():
            return
        web = runpy.run_path(str(node))
        missing = web["missing_node"]()
        if missing:
            self.app.display_warning(missing)
        else:
            web["build"]()
        if not web["BUILT"].is_dir():
            self.app.display_warning("This package has no pages; everything else is in it.")
