"""All kinds of jobs, by name."""

from __future__ import annotations

from shelfcast.heavy.audit import Audit
from shelfcast.heavy.kind import Kind
from shelfcast.heavy.preview import Preview

KINDS: dict[str, Kind] = {kind.name: kind for kind in (Audit(), Preview())}
