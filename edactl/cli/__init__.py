"""The command line: `main(argv)` returns the exit status.

`--version` is answered before anything is imported; the rest loads `edactl.cli.run`.
"""

from __future__ import annotations

import sys

# Python's 700 has it look over the same modules and rules again and again while they are made
OBJECTS_BETWEEN_COLLECTIONS = 50_000


def main(argv: list[str] | None = None) -> int:
    """Run one command line (without the program's name) and return its exit status."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    match arguments:
        case ["--version"]:
            return _tell_version()
        case ["__complete", *words]:
            return _complete(words)
        case ["__refresh-names", kind, *options]:
            from edactl.cli.refresh_names import refresh

            refresh(kind, options)
            return 0
    if argv is None:
        import gc

        gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    from edactl.cli.run import run

    status = run(arguments)
    if argv is None:
        from edactl.cli.signals import end_process

        end_process(status)
    return status


def _tell_version() -> int:
    from edactl import __version__

    try:
        print(f"edactl {__version__}", flush=True)  # noqa: T201 -- a closed stdout is no error to it
    except OSError as error:  # a full disk, a closed pipe
        from edactl.cli.run import ended_by

        return ended_by(error)
    return 0


def _complete(words: list[str]) -> int:
    """Candidates for a shell: a TAB must never show an error, whatever went wrong."""
    try:
        from edactl.cli.complete import complete

        sys.stdout.write("".join(f"{word}\n" for word in complete(words)))
        sys.stdout.flush()
    except Exception:  # noqa: BLE001, S110 -- no candidates is the answer
        pass
    return 0
