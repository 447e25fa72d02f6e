"""The operators of Terraform's expressions; arithmetic comes as it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.pattern.fields import NumberText
from edactl.core.rule_files.documents import Unresolved
from edactl.core.rule_files.hcl import as_written, nodes, text_of

if TYPE_CHECKING:
    from lark import Token, Tree

    from edactl.core.rule_files.hcl_values import Module


def unary(module: Module, tree: Tree[Token]) -> object:
    """`-x` and `!x`."""
    [inner] = nodes(tree)
    sign, found = text_of(tree)[0], module.value(inner)
    if sign == "-" and isinstance(found, NumberText):
        return NumberText(f"-{found}".replace("--", ""))
    if sign == "!" and isinstance(found, bool):
        return not found
    return found if isinstance(found, Unresolved) else as_written(tree)


def binary(module: Module, tree: Tree[Token]) -> object:
    """Comparisons for equality, and the logical operators."""
    left, term = nodes(tree)
    sign, right = nodes(term)
    values = module.value(left), module.value(right)
    for one in values:
        if isinstance(one, Unresolved):
            return one
    match text_of(sign):
        case "==":
            return values[0] == values[1]
        case "!=":
            return values[0] != values[1]
        case "&&":
            return values == (True, True)
        case "||":
            return True in values
    return as_written(tree)


def conditional(module: Module, tree: Tree[Token]) -> object:
    """`test ? then : otherwise`."""
    test, then, otherwise = nodes(tree)
    found = module.value(test)
    if isinstance(found, bool):
        return module.value(then if found else otherwise)
    return found if isinstance(found, Unresolved) else as_written(tree)
