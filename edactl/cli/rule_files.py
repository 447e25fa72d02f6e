"""The rule files that `--rules` names: one file, the files of a folder, or a cdk.out."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from edactl.cli.opened import shown, text_of
from edactl.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edactl.cli.context import CommandContext
    from edactl.core.rule_files import NamedRule, SkippedRule

SUFFIXES = (".json", ".yaml", ".yml", ".tf")
_TERRAFORM = (".tf", ".tf.json", "terraform.tfvars", ".auto.tfvars")
_NOT_ENTERED = {"node_modules", "__pycache__", "venv"}
_ASSET = "asset."
_SPEAKS_OF_RULES = re.compile(r"(?i)event_?pattern|event_?bridge|filter_?(policy|criteria|pattern)")


def found_in(
    context: CommandContext, name: str, given: Sequence[str]
) -> Iterator[NamedRule | SkippedRule]:
    """The rules of the file or folder, and what had to be skipped.

    `given` are parameters as `NAME=VALUE`. A file of a folder that holds no rules is told of under
    `-v`; one that cannot be read is an error when it speaks of rules, and a warning otherwise.
    Raises InputError when there is no rule at all.
    """
    from edactl.core.rule_files import rules_in

    parameters = parameters_of(given)
    if not Path(name).is_dir():
        yield from rules_in(text_of(name, sys.stdin), shown(name), parameters)
        return
    some = False
    broken: list[InputError] = []
    for found in _in_folder(context, Path(name), parameters, broken):
        some = True
        yield found
    if not some:
        raise broken[0] if broken else _nothing_in(name)
    for error in broken:
        context.messages.warn(f"{error.message}; left out")


def _nothing_in(name: str) -> InputError:
    return InputError(
        f"no {', '.join(SUFFIXES)} file in it holds a rule",
        where=name,
        hint="-v says what each file was taken for",
    )


def parameters_of(given: Sequence[str]) -> dict[str, str]:
    """The values by name. Raises UsageError for what is no NAME=VALUE."""
    found: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not name or not equals:
            raise UsageError(f'--parameter "{one}" is no NAME=VALUE', hint="--parameter Stage=prod")
        found[name] = value
    return found


def _in_folder(
    context: CommandContext,
    folder: Path,
    parameters: Mapping[str, str],
    broken: list[InputError],
) -> Iterator[NamedRule | SkippedRule]:
    from edactl.core.rule_files import NoRules

    for files in _folders(folder):
        module = [one for one in files if one.endswith(_TERRAFORM)]
        for names in [module, *([one] for one in files if one not in module)]:
            texts: dict[str, str] = {}
            try:
                texts = {one: text_of(one, sys.stdin) for one in names}
                yield from _found(texts, parameters, is_module=names is module)
            except NoRules as error:
                context.messages.detail(error.message)
            except InputError as error:
                if any(_SPEAKS_OF_RULES.search(text) for text in texts.values()):
                    raise
                broken.append(error)


def _found(
    texts: Mapping[str, str], parameters: Mapping[str, str], *, is_module: bool
) -> list[NamedRule | SkippedRule]:
    from edactl.core.rule_files import rules_among, rules_of_module

    if is_module:
        return rules_of_module(texts, parameters) if texts else []
    [(name, text)] = texts.items()
    return rules_among(text, name, parameters)


def _folders(folder: Path) -> Iterator[list[str]]:
    """The files of each folder that may hold rules, by name; of a cdk.out its templates."""
    synthesized: list[str] = []
    for directory, folders, files in os.walk(folder):
        if {"cdk.out", "manifest.json"} <= set(files):
            synthesized.append(directory)
        folders[:] = sorted(
            one for one in folders if not one.startswith((".", _ASSET)) and one not in _NOT_ENTERED
        )
        suffixes = (
            (".template.json",)
            if directory.startswith(tuple(synthesized))
            else (*SUFFIXES, *_TERRAFORM)
        )
        wanted = sorted(one for one in files if one.endswith(suffixes) and one[0] != ".")
        yield [str(Path(directory) / one) for one in wanted]
