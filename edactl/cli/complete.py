"""What could come next on a command line, for the shells: never an error, never a wait.

The command tree is walked as the parser sees it. Names of buses, queues, services and so on come
from `edactl.cli.completion_names`; which one a parameter takes is told by its metavar.
"""

from __future__ import annotations

import re
from typing import Any

from edactl.cli.completion_names import KINDS, names_of
from edactl.cli.options import global_options
from edactl.cli.root import COMMANDS, load_command

_KIND = re.compile(r"[A-Z/]+(?![^|\[])")


def complete(words: list[str]) -> list[str]:
    """The candidates for the last word; none when the shell should offer files."""
    *before, current = words or [""]
    parameters, position, rest = _walk(before)
    option = _awaiting_value(parameters, before)
    if option is not None:
        return _starting(_values(option, before), current)
    if current.startswith("-"):
        return _starting(_option_names(parameters), current)
    if rest is not None and not position:
        return _starting(list(rest), current)
    arguments = [one for one in parameters if one.param_type_name == "argument"]
    if not arguments:
        return []
    return _starting(_values(arguments[min(position, len(arguments) - 1)], before), current)


def _walk(before: list[str]) -> tuple[list[Any], int, dict[str, Any] | None]:
    """The parameters in force, how many arguments are given, and the verbs that may follow."""
    parameters: list[Any] = list(global_options())
    children: dict[str, Any] | None = dict.fromkeys(COMMANDS)
    given = 0
    skip = False
    for number, word in enumerate(before):
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = _takes_value(parameters, word) and number < len(before)
        elif children and word in children:
            command = children[word] or load_command(word)
            children = getattr(command, "commands", None)
            parameters = [*command.params, *global_options()]
        else:
            given += 1
    return parameters, given, children


def _find(parameters: list[Any], spelling: str) -> Any | None:
    return next((one for one in parameters if spelling in one.opts), None)


def _takes_value(parameters: list[Any], word: str) -> bool:
    if "=" in word:
        return False
    option = _find(parameters, word)
    return option is not None and not (option.is_flag or option.count)


def _awaiting_value(parameters: list[Any], before: list[str]) -> Any | None:
    if not before or not before[-1].startswith("-") or not _takes_value(parameters, before[-1]):
        return None
    return _find(parameters, before[-1])


def _values(parameter: Any, before: list[str]) -> list[str]:
    metavar = (parameter.metavar or "").strip("[].…")
    first = _KIND.match(metavar)  # what a bare name is of, where there are several kinds
    if first and first[0] in KINDS:
        return names_of(KINDS[first[0]], before)
    if metavar and metavar == metavar.lower():
        return metavar.split("|")
    return []


def _option_names(parameters: list[Any]) -> list[str]:
    options = [one for one in parameters if one.param_type_name == "option" and not one.hidden]
    return ["--help", *(max(one.opts, key=len) for one in options)]


def _starting(candidates: list[str], current: str) -> list[str]:
    return sorted({one for one in candidates if one.startswith(current)})
