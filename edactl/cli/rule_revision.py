"""A version of rules as `rule diff` takes it: files, files of a git revision, or a live bus."""

from __future__ import annotations

import posixpath
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from edactl.cli.rule_sources import Source, compiled, patterns_of, rules_of
from edactl.core.arn import is_arn
from edactl.errors import InputError

if TYPE_CHECKING:
    from edactl.cli.context import CommandContext
    from edactl.core.pattern import Pattern

BUS = "bus:"
_SHOWN = 200


def version_of(context: CommandContext, name: str, options: Source) -> dict[str, Pattern]:
    """The compiled patterns of `FILE`, `DIR`, `REV:PATH` or `bus:NAME`.

    `options` holds what else the command line says of sources. A file that exists wins over a
    revision of that spelling. Raises InputError for what git does not have, in git's words.
    """
    if name.startswith(BUS) or is_arn(name):
        return _of_bus(context, name.removeprefix(BUS), options)
    if not Path(name).exists() and ":" in name:
        return _of_revision(context, name, options)
    return patterns_of(context, Source("", name, "", False, options.dialect, options.parameters))


def _of_bus(context: CommandContext, bus: str, options: Source) -> dict[str, Pattern]:
    """The rules of a live bus, which may have none yet."""
    source = Source("", "", bus, options.managed, options.dialect)
    return {
        one.name: compiled(
            f'rule "{one.name}" of {one.source}', one.pattern, options.dialect or one.dialect
        )
        for one in rules_of(context, source)
    }


def _of_revision(context: CommandContext, name: str, options: Source) -> dict[str, Pattern]:
    with TemporaryDirectory(prefix="edactl-") as folder:
        where = _checked_out(name, Path(folder))
        source = Source("", str(where), "", False, options.dialect, options.parameters)
        try:
            found = patterns_of(context, source)
            # a name tells where the rule stands, where two have the same: as the other version does
            return {key.replace(f"{folder}/", ""): one for key, one in found.items()}
        except InputError as error:
            place = f"{name.partition(':')[0]}:"
            raise InputError(error.message.replace(f"{folder}/", place), hint=error.hint) from None


def _checked_out(name: str, folder: Path) -> Path:
    """Copies of the revision's files under the folder; the path that was asked for, in it."""
    revision, _, path = name.partition(":")
    if revision.startswith("-"):
        raise InputError("is no git revision", where=name, hint=f"./{name} if it is a file")
    kind = _git(name, "cat-file", "-t", name).decode().strip()
    whole = _from_top(name, path)
    for file in [whole] if kind == "blob" else _listed(name, revision, whole):
        copy = folder / file
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(_git(name, "cat-file", "blob", f"{revision}:{file}"))
    return folder / whole


def _from_top(name: str, path: str) -> str:
    """The path from the repository's top; git reads it from here when it begins with a dot."""
    here = ""
    if path.startswith(("./", "../")):
        here = _git(name, "rev-parse", "--show-prefix").decode().strip()
    return posixpath.normpath(posixpath.join(here, path))


def _listed(name: str, revision: str, folder: str) -> list[str]:
    listed = _git(name, "ls-tree", "-rz", "--full-tree", revision, "--", f"{folder}/")
    entries = [one.partition("\t") for one in listed.decode().split("\0") if one]
    return [path for about, _, path in entries if about.split()[1] == "blob"]


def _git(name: str, *arguments: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 -- git's own arguments, no shell
            ["git", *arguments],  # noqa: S607 -- the operator's git
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise InputError(
            f"git cannot be started: {error.strerror}",
            where=name,
            hint="a FILE, a DIR or bus:NAME needs no git",
        ) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0][:_SHOWN]
        raise InputError(
            f"no such file, and no such revision: {said.removeprefix('fatal: ')}",
            where=name,
            hint="REV:PATH, with PATH from the top of the repository: git ls-tree -r REV",
        )
    return done.stdout
