"""What is in the files that a command line names; `-` is stdin, .gz and .zst are unpacked."""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from edactl.errors import InputError, UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedIOBase
    from typing import TextIO

BUFFER_BYTES = 1 << 20
CHUNK_BYTES = 65_536


def shown(name: str) -> str:
    """A file's name as messages show it."""
    return "<stdin>" if name == "-" else name


def lines_of(name: str, stdin: TextIO) -> Iterator[bytes]:
    """The lines of a file. Raises UnreadableFile for what cannot be read, also midway."""
    if name == "-":
        yield from stdin.buffer
        return
    with _opened(name) as file:
        yield from file


def batches_of(name: str, stdin: TextIO, lines: int) -> Iterator[list[bytes]]:
    """The same lines, so many at a time: whoever takes them all at once has them sooner."""
    if name == "-":
        yield from _batches_of_pipe(stdin.buffer, lines)
        return
    with _opened(name) as file:
        left = iter(file)
        while batch := list(islice(left, lines)):
            yield batch


def _batches_of_pipe(pipe: Iterable[bytes], lines: int) -> Iterator[list[bytes]]:
    """Line by line: a signal that came between two of them is not noticed once a read waits."""
    batch = []
    for line in pipe:
        batch.append(line)
        if len(batch) == lines:
            yield batch
            batch = []
    if batch:
        yield batch


def chunks_of(name: str) -> Iterator[bytes]:
    """A file's bytes, in chunks. Raises UnreadableFile for what cannot be read, also midway."""
    with _opened(name) as file:
        while chunk := file.read1(CHUNK_BYTES):
            yield chunk


@contextmanager
def _opened(name: str) -> Iterator[BufferedIOBase]:
    path = Path(name)
    try:
        with _unpacked(path) if path.suffix == ".zst" else _plain(path) as file:
            yield file
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(error, name) from None


def _plain(path: Path) -> BufferedIOBase:
    if path.suffix == ".gz":
        import gzip

        return gzip.open(path)
    return BufferedReader(path.open("rb", buffering=0), BUFFER_BYTES)


@contextmanager
def _unpacked(path: Path) -> Iterator[BufferedIOBase]:
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
            yield BufferedReader(reader, BUFFER_BYTES)
    except zstandard.ZstdError as error:
        raise InputError(f"cannot be unpacked: {error}", where=str(path)) from None


def text_of(name: str, stdin: TextIO) -> str:
    """A whole file as text. Raises UnreadableFile; what is no UTF-8 is named as such."""
    try:
        return b"".join(lines_of(name, stdin)).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(error, shown(name)) from None


def text_or_file(text: str, option: str) -> str:
    """The text of an option, or of the file that `@name` names, byte for byte.

    Raises UnreadableFile, also for what is no UTF-8.
    """
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(error, f"{option} {text[1:]}") from None
