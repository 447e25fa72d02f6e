"""What `terraform show -json` prints of a state or a plan.

Source: Terraform, "JSON output format".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.rule_files.documents import Members, Unresolved, items, members, text_of_value
from edactl.core.rule_files.terraform import TerraformResource, terraform_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edactl.core.rule_files.rules import Found

_KNOWN_LATER = "is known after apply alone"


def is_show(document: Mapping[str, object]) -> bool:
    """Whether it is a state or a plan as `terraform show -json` prints it."""
    return "format_version" in document and ("values" in document or "planned_values" in document)


def show_rules(document: Members, source: str) -> Iterator[Found]:
    """What its resources hold to test; of a plan, as they will be."""
    values = members(document.get("planned_values", document.get("values")))
    later = {
        text_of_value(members(one).get("address")): members(members(one).get("change"))
        for one in items(document.get("resource_changes"))
    }
    configured = _configured(members(members(document.get("configuration")).get("root_module")))
    resources = [
        TerraformResource(
            address,
            text_of_value(resource.get("type")),
            _values(resource, members(later.get(address)), configured),
            f"{source} ({address})",
        )
        for resource in _resources(members(values.get("root_module")))
        for address in [text_of_value(resource.get("address"))]
    ]
    return terraform_rules(resources)


def _resources(module: Members) -> Iterator[Members]:
    for one in items(module.get("resources")):
        if members(one).get("mode", "managed") == "managed":
            yield members(one)
    for child in items(module.get("child_modules")):
        yield from _resources(members(child))


def _values(resource: Members, change: Members, configured: Mapping[str, Members]) -> Members:
    """The values of a resource; what a plan cannot know yet refers to what it is made from."""
    values = members(resource.get("values"))
    unknown = members(change.get("after_unknown"))
    address = text_of_value(resource.get("address"))
    expressions = members(configured.get(_without_indexes(address)))
    prefix = _module_of(_without_indexes(address))
    for key, is_unknown in unknown.items():
        if is_unknown is True and key not in values:
            references = items(members(expressions.get(key)).get("references"))
            first = text_of_value(references[0]) if references else ""
            of = prefix + ".".join(first.split(".")[:2]) if first else ""
            values[key] = Unresolved(f"${{{first or key}}}", f"{key}, which {_KNOWN_LATER}", of)
    return values


def _configured(module: Members, prefix: str = "") -> dict[str, Members]:
    """The expressions of each resource by its address, indexes left out."""
    found = {
        prefix + text_of_value(members(one).get("address")): members(
            members(one).get("expressions")
        )
        for one in items(module.get("resources"))
    }
    for name, call in members(module.get("module_calls")).items():
        found |= _configured(members(members(call).get("module")), f"{prefix}module.{name}.")
    return found


def _without_indexes(address: str) -> str:
    parts = [one.partition("]") for one in address.split("[")]
    return parts[0][0] + "".join(rest for _, _, rest in parts[1:])


def _module_of(address: str) -> str:
    return address.removesuffix(".".join(address.split(".")[-2:]))
