"""Lines of the files that a command line names; `-` is stdin, .gz is unpacked on the way."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from edactl.errors import InputError, UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

BUFFER_BYTES = 1 << 20


def shown(name: str) -> str:
    """A file's name as messages show it."""
    return "<stdin>" if name == "-" else name


def lines_of(name: str, stdin: TextIO) -> Iterator[bytes]:
    """The lines of a file. Raises UnreadableFile for what cannot be read, also midway."""
    if name == "-":
        yield from stdin.buffer
        return
    path = Path(name)
    try:
        if path.suffix == ".gz":
            import gzip

            with gzip.open(path) as packed:
                yield from packed
        elif path.suffix == ".zst":
            yield from _unpacked(path)
        else:
            with path.open("rb", buffering=BUFFER_BYTES) as file:
                yield from file
    except (OSError, EOFError) as error:
        raise UnreadableFile(error, name) from None


def _unpacked(path: Path) -> Iterator[bytes]:
    try:
        import zstandard
    except ModuleNotFoundError:
        raise InputError(
            "zstd files need a package that is not installed",
            where=str(path),
            hint="pip install 'edactl[rules]', or zstdcat it into -",
        ) from None
    try:
        with path.open("rb") as packed:
            reader = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
            yield from io.BufferedReader(reader, BUFFER_BYTES)
    except zstandard.ZstdError as error:
        raise InputError(f"cannot be unpacked: {error}", where=str(path)) from None


def text_of(name: str, stdin: TextIO) -> str:
    """A whole file as text. Raises UnreadableFile; what is no UTF-8 is named as such."""
    try:
        return b"".join(lines_of(name, stdin)).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(error, shown(name)) from None


def text_or_file(text: str, option: str) -> str:
    """The text of an option, or of the file that `@name` names."""
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(error, f"{option} {text[1:]}") from None


def files_in(name: str, suffixes: Sequence[str]) -> list[str]:
    """The file itself, or the files of these suffixes in and below a folder, by name."""
    path = Path(name)
    if not path.is_dir():
        return [name]
    found = sorted(str(one) for one in path.rglob("*") if one.suffix in suffixes and one.is_file())
    if not found:
        raise InputError(f"no {' or '.join(suffixes)} file in it", where=name)
    return found
