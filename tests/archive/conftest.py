from __future__ import annotations

from pathlib import Path

import pytest
from shelfcast.archive.store import ArchiveStore
from shelfcast.settings import Settings


@pytest.fixture
def store(tmp_path: Path) -> ArchiveStore:
    """An archive in a folder that is not there yet."""
    return ArchiveStore(Settings(archive_url=str(tmp_path / "archive")))
