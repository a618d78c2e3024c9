"""The `shelfcast` command: `python -m shelfcast` and the console script."""

from __future__ import annotations

import sys

from shelfcast.cli import run
from shelfcast.commands.letters import spell_out_what_cannot_be_shown


def main() -> None:
    """Run the command line and exit with its code."""
    spell_out_what_cannot_be_shown()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
