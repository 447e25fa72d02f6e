"""A Terraform module's files, .tf and .tf.json, into resources with their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.rule_files.documents import Members, Unresolved, items, members
from edactl.core.rule_files.hcl import Block, read_hcl
from edactl.core.rule_files.hcl_values import Module
from edactl.core.rule_files.rules import SkippedRule
from edactl.core.rule_files.terraform import READERS, RULE, TerraformResource, terraform_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lark import Token, Tree

    from edactl.core.rule_files.rules import Found

_TYPE_AND_NAME = 2
VALUES = ".tfvars"


def module_rules(
    texts: Mapping[str, str], documents: Mapping[str, Members], given: Mapping[str, str]
) -> Iterator[Found]:
    """What the files of one folder hold to test.

    `texts` are .tf and .tfvars files by name, `documents` read .tf.json files; they see each
    other's variables and locals, as Terraform has it. `given` has values by name, for variables and
    other references. What another module or the provider would tell stays open.
    """
    files = {source: read_hcl(text, source) for source, text in texts.items()}
    blocks = [one for file in files.values() for one in file.blocks]
    said = {
        name: Module().value(value)
        for source, file in files.items()
        if source.endswith(VALUES)
        for name, value in file.attributes.items()
    }
    module = _module(blocks, {**said, **given})
    made: list[TerraformResource] = []
    for one in blocks:
        if one.kind == "resource" and len(one.labels) == _TYPE_AND_NAME:
            resource = _resource(one, module)
            if _count(one, module) != "0":
                made.append(resource)
            elif resource.type == RULE or resource.type in READERS:
                yield SkippedRule(resource.name, "its count is 0", resource.source)
    for source, document in documents.items():
        made += _of_json(document, source, module)
    yield from terraform_rules(made)


def _module(blocks: list[Block], given: Mapping[str, object]) -> Module:
    module = Module()
    variables: dict[str, object] = {}
    local: dict[str, Tree[Token]] = {}
    resources: dict[str, Mapping[str, Tree[Token]]] = {}
    for one in blocks:
        if one.kind == "variable" and one.labels and "default" in one.attributes:
            variables[one.labels[0]] = module.value(one.attributes["default"])
        elif one.kind == "locals":
            local |= one.attributes
        elif one.kind == "resource" and len(one.labels) == _TYPE_AND_NAME:
            resources[".".join(one.labels)] = one.attributes
    return Module({**variables, **given}, local, resources)


def _count(one: Block, module: Module) -> object:
    return module.value(one.attributes["count"]) if "count" in one.attributes else None


def _resource(one: Block, module: Module) -> TerraformResource:
    address = ".".join(one.labels)
    where = f"{one.source}:{one.line} ({address})"
    return TerraformResource(address, one.labels[0], _values(one, module), where)


def _values(block: Block, module: Module) -> Members:
    """The attributes, evaluated, and the inner blocks by kind."""
    made = Members((key, module.value(one)) for key, one in block.attributes.items())
    inner: dict[str, list[object]] = {}
    for one in block.blocks:
        if one.kind == "dynamic":
            name = "".join(one.labels)
            what = f'the block dynamic "{name}", which is not unfolded'
            inner.setdefault(name, []).append(Unresolved(f"${{{name}}}", what))
        else:
            inner.setdefault(one.kind, []).append(_values(one, module))
    made.update(inner)
    return made


def _of_json(document: Members, source: str, module: Module) -> Iterator[TerraformResource]:
    for body in items(document.get("resource")):
        for kind, named in members(body).items():
            for name, values in members(named).items():
                address = f"{kind}.{name}"
                found = members(_templates(next(iter(items(values)), None), module))
                yield TerraformResource(address, kind, found, f"{source} ({address})")


def _templates(value: object, module: Module) -> object:
    """Every text of a JSON module is a template."""
    match value:
        case dict():
            return Members((key, _templates(one, module)) for key, one in value.items())
        case list():
            return [_templates(one, module) for one in value]
        case str() if "${" in value or "%{" in value:
            return module.template(value)
    return value
