"""The command line: `main(argv)` returns the exit status.

`--version` is answered before anything is imported; the rest loads `edactl.cli.run`.
"""

from __future__ import annotations

import sys


def main(argv: list[str] | None = None) -> int:
    """Run one command line (without the program's name) and return its exit status."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    if arguments == ["--version"]:
        from edactl import __version__

        sys.stdout.write(f"edactl {__version__}\n")
        return 0
    from edactl.cli.run import run

    return run(arguments)
