"""The fonts a browser is given: all of the machine, or one family only, as on the barest of machines."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

MACHINES = "the machine's fonts"
ONE_FAMILY = "one family"
FONTS = (MACHINES, ONE_FAMILY)

_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


def knowing_one_family(folder: Path) -> dict[str, str] | None:
    """The environment of a program that knows the machine's bold sans-serif and no other font; None where there is
    none. In bold, since that is the widest, and most of an overlay is set in it."""
    fc_match = shutil.which("fc-match")
    if fc_match is None:
        return None
    asked = [fc_match, "--format=%{file}", "sans-serif:bold"]
    file = Path(subprocess.run(asked, capture_output=True, text=True, check=False).stdout)
    if not file.is_file():
        return None
    fonts = folder / "fonts"
    fonts.mkdir()
    (fonts / file.name).symlink_to(file)
    config = folder / "fonts.conf"
    config.write_text(_FONTCONFIG.format(fonts=fonts, cache=folder / "font-cache"))
    return {"FONTCONFIG_FILE": str(config)}
