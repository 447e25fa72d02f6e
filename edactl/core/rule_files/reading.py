"""From a file's text to its rules: what kind of file it is, is told by what is in it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from edactl.core.rule_files.documents import Members, read_json
from edactl.core.rule_files.listing import is_listing, is_rule_map, listed_rules
from edactl.core.rule_files.rules import NamedRule, NoRules
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edactl.core.rule_files.rules import Found

_LINE = re.compile(r":(\d+)")
_NO_PARAMETERS: Mapping[str, str] = {}
_KINDS = (
    "a map of names to patterns, describe-rule, list-rules, edactl rule pull, CloudFormation, SAM,"
    " cdk.out, terraform show -json, .tf, serverless.yml"
)


def rules_in(text: str, source: str, parameters: Mapping[str, str] = _NO_PARAMETERS) -> list[Found]:
    """The rules of one file that was given by name.

    Takes a map from names to patterns, rules as AWS and `edactl rule pull` print them,
    CloudFormation and SAM templates, what `terraform show -json` prints, Terraform's own files and
    serverless.yml, in JSON, YAML or HCL. `parameters` are values that a template leaves open.
    Raises InputError, with the place, for a file that cannot be read, and NoRules for one that
    holds none.
    """
    return _bounded(text, source, parameters, by_name=True)


def rules_among(
    text: str, source: str, parameters: Mapping[str, str] = _NO_PARAMETERS
) -> list[Found]:
    """The same for a file that was found in a folder, and may be something else altogether."""
    return _bounded(text, source, parameters, by_name=False)


def rules_of_module(texts: Mapping[str, str], parameters: Mapping[str, str]) -> list[Found]:
    """The rules of one folder's Terraform files, by name, which see each other's values."""
    from edactl.core.rule_files.terraform_module import module_rules

    hcl = {name: text for name, text in texts.items() if not name.endswith(".json")}
    documents = {
        name: document
        for name, text in texts.items()
        if name.endswith(".json") and isinstance(document := read_json(text, name), Members)
    }
    try:
        found = list(module_rules(hcl, documents, parameters))
        return [_placed(one, texts) for one in found]
    except RecursionError:
        raise InputError("nested too deep", where=next(iter(texts))) from None


def _bounded(
    text: str, source: str, parameters: Mapping[str, str], *, by_name: bool
) -> list[Found]:
    try:
        found = _read(text, source, parameters, by_name=by_name)
    except RecursionError:
        raise InputError("nested too deep", where=source) from None
    if not found:
        raise NoRules("no rules in it", where=source, hint=f"what is read: {_KINDS}")
    return [_placed(one, [source]) for one in found]


def _placed(found: Found, files: Iterable[str]) -> Found:
    """The rule with its file and line as data; `source` says them as `FILE:LINE (ID)`."""
    for file in files:
        rest = found.source.removeprefix(file)
        if isinstance(found, NamedRule) and (not rest or rest[0] in ": "):
            line = _LINE.match(rest)
            return replace(found, file=file, line=int(line[1]) if line else None)
    return found


def _read(text: str, source: str, parameters: Mapping[str, str], *, by_name: bool) -> list[Found]:
    if not text.strip():
        raise NoRules("it is empty: no rules in it", where=source, hint=f"what is read: {_KINDS}")
    if _is_hcl(text, source):
        return rules_of_module({source: text}, parameters)
    found: list[Found] = []
    for document in _documents(text, source):
        found += _of_document(document, source, parameters, by_name=by_name)
    return found


def _is_hcl(text: str, source: str) -> bool:
    if source.endswith((".tf", ".hcl")):
        return True
    if source.endswith((".json", ".yaml", ".yml")) or text.lstrip()[:1] in "{[":
        return False
    from edactl.core.rule_files.hcl import looks_like_hcl

    return looks_like_hcl(text)


def _documents(text: str, source: str) -> list[object]:
    opens_json = text.lstrip()[:1] in {"{", "["}
    if source.endswith(".json") or (opens_json and not source.endswith((".yaml", ".yml"))):
        return [read_json(text, source)]
    from edactl.core.rule_files.yaml_documents import read_yaml

    if opens_json:  # JSON is nearly YAML: surrogate pairs are escaped in another way
        with suppress(InputError):
            return [read_json(text, source)]
    return read_yaml(text, source)


def _of_document(
    document: object, source: str, parameters: Mapping[str, str], *, by_name: bool
) -> Iterable[Found]:
    if isinstance(document, Members):
        found = _of_template(document, source, parameters)
        if found is not None:
            return found
    if by_name or is_listing(document) or is_rule_map(document):
        return listed_rules(document, source)
    return []


def _of_template(
    document: Members, source: str, parameters: Mapping[str, str]
) -> Iterable[Found] | None:
    """What a template holds; None when it is none. Each reader is imported for its own kind."""
    if "Resources" in document:
        from edactl.core.rule_files.template import is_template, template_rules

        if is_template(document):
            return template_rules(document, source, parameters)
    if "service" in document:
        from edactl.core.rule_files.serverless import is_serverless, serverless_rules

        if is_serverless(document):
            return serverless_rules(document, source, parameters)
    if "format_version" in document:
        from edactl.core.rule_files.terraform_show import is_show, show_rules

        if is_show(document):
            return show_rules(document, source)
    if source.endswith(".tf.json"):
        from edactl.core.rule_files.terraform_module import module_rules

        return module_rules({}, {source: document}, parameters)
    return None
