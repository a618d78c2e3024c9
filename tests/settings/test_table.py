"""The table of settings that `make docs` writes between its markers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from shelfcast.settings.table import BEGIN, END, main, spelled, with_tables


def test_what_stands_around_the_tables_stays() -> None:
    page = f"# A\n\nBefore.\n\n{BEGIN}\nstale\n{END}\n\nBehind.\n"
    written = with_tables(page)
    assert written.startswith(f"# A\n\nBefore.\n\n{BEGIN}\n")
    assert written.endswith(f"{END}\n\nBehind.\n")
    assert "stale" not in written
    assert with_tables(written) == written


def test_the_command_writes_the_pages_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# A\n\n{BEGIN}\n{END}\n", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["shelfcast.settings.table", str(page)])
    main()
    assert page.read_text(encoding="utf-8") == with_tables(f"# A\n\n{BEGIN}\n{END}\n")


@pytest.mark.parametrize("page", ["", BEGIN, f"{END}\n{BEGIN}", f"{BEGIN}{BEGIN}{END}", f"{BEGIN}{END}{END}"])
def test_a_page_without_both_markers_is_left_alone(page: str) -> None:
    with pytest.raises(ValueError, match="each once"):
        with_tables(page)


@pytest.mark.parametrize(
    ("value", "unit", "says"),
    [
        (0, "ms", ""),
        (50, "ms", ""),
        (1_000, "ms", "1 s"),
        (1_500, "ms", "1.5 s"),
        (75_000, "ms", "75 s"),
        (300_000, "ms", "5 min"),
        (86_400_000, "ms", "24 h"),
        (500, "bytes", ""),
        (16_384, "bytes", "16 KiB"),
        (1_048_576, "bytes", "1 MiB"),
        (4_096, "", ""),
    ],
)
def test_a_default_is_spelled_in_larger_units_where_that_is_shorter(value: float, unit: str, says: str) -> None:
    assert spelled(value, unit) == says
