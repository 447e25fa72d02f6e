"""Runs `edactl demo` and keeps what it shows as docs/images/demo.svg."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

LINES = 26
DEAD_LETTER = "# A channel opens in New Zealand"
END = "# Nothing temporary"
TOLD = tuple(
    f'"{name}"' for name in ["origin", "reason", "target", "sent", "deleted", "outcome", "verdict"]
)


def main() -> None:
    """Write the picture beside this file."""
    done = subprocess.run(
        [sys.executable, "-m", "edactl", "demo"], capture_output=True, text=True, check=True
    )
    with Path("/dev/null").open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=100, file=nowhere)
        for line in _shown(done.stdout.splitlines()):
            style = "dim" if line.startswith("#") else "bold" if line.startswith("$") else ""
            console.print(Text(line, style=style))
        console.save_svg(str(Path(__file__).with_name("demo.svg")), title="edactl demo")


def _shown(lines: list[str]) -> list[str]:
    """How it begins, and what follows the dead letter: the commands, and what tells most."""
    start = next(at for at, line in enumerate(lines) if line.startswith(DEAD_LETTER))
    end = next(at for at, line in enumerate(lines) if line.startswith(END))
    letter = [line for line in lines[start:end] if line[:1] in {"#", "$"} or _tells(line)]
    return [*lines[:LINES], "…", *letter]


def _tells(line: str) -> bool:
    return line.strip().startswith(TOLD)


if __name__ == "__main__":
    main()
