"""All kinds of jobs, by name."""

from __future__ import annotations

from shelfcast.heavy.audit import Audit
from shelfcast.heavy.kind import Kind

KINDS: dict[str, Kind] = {kind.name: kind for kind in (Audit(),)}
