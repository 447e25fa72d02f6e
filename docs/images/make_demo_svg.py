"""Runs `edactl demo` and keeps what it shows as docs/images/demo.svg."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

LINES = 34


def main() -> None:
    """Write the picture beside this file."""
    done = subprocess.run(
        [sys.executable, "-m", "edactl", "demo"], capture_output=True, text=True, check=True
    )
    with Path("/dev/null").open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=100, file=nowhere)
        for line in done.stdout.splitlines()[:LINES]:
            style = "dim" if line.startswith("#") else "bold" if line.startswith("$") else ""
            console.print(Text(line, style=style))
        console.save_svg(str(Path(__file__).with_name("demo.svg")), title="edactl demo")


if __name__ == "__main__":
    main()
