"""Values of Terraform's expressions, as far as a module's own files tell them.

Known: literals, templates, heredocs, objects and lists, `var` with a default or a given value,
`local`, attributes of the module's own resources, conditionals, == and !=, and the functions below.
Everything else comes as `Unresolved`, with the expression as it is written.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from textwrap import dedent
from typing import TYPE_CHECKING

from edactl.core.rule_files.documents import (
    Members,
    Unfolded,
    Unresolved,
    text_of_value,
)
from edactl.core.rule_files.hcl import as_written, nodes, parsed, text_of
from edactl.core.rule_files.hcl_operators import binary, conditional, unary
from edactl.core.rule_files.hcl_text import number_text, template_parts, unescaped
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lark import Token, Tree


# what the id of such a resource is
_IDS = {
    "aws_s3_bucket": "bucket",
    "aws_cloudwatch_event_bus": "name",
    "aws_cloudwatch_event_rule": "name",
}


@dataclass
class Module:
    """What a module's files tell: values of variables, locals and its resources' attributes.

    `locals` and `resources` hold expressions, evaluated when they are asked for. `variables` may
    have values for other references too, by their whole name, as `aws_sqs_queue.q.arn`.
    """

    variables: Mapping[str, object] = field(default_factory=dict)
    locals: Mapping[str, Tree[Token]] = field(default_factory=dict)
    resources: Mapping[str, Mapping[str, Tree[Token]]] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)
    _known: Unfolded = field(default_factory=Unfolded)

    def value(self, tree: Tree[Token]) -> object:
        """What an expression gives."""
        evaluate = _EVALUATE.get(tree.data)
        return evaluate(self, tree) if evaluate else as_written(tree)

    def template(self, text: str) -> object:
        """What a text with `${…}` in it gives; a text that is one expression gives its value."""
        parts = template_parts(text)
        if parts is None:
            return Unresolved(text, f"the template {text[:60]!r}")
        return _joined(
            [self._expression(part) if is_expression else part for is_expression, part in parts]
        )

    def _expression(self, text: str) -> object:
        found: list[Tree[Token]] = []
        with suppress(InputError):
            found = list(nodes(parsed(f"it = {text}", text)))
        if len(found) != 1:  # none, or more than one line
            return Unresolved(f"${{{text}}}", text)
        [_, expression] = nodes(found[0])
        return self.value(expression)

    def reference(self, steps: tuple[str, ...]) -> object:
        """What `var.x`, `local.x` or `type.name.attribute` stands for."""
        shown = ".".join(steps)
        if shown in self._known.values:
            return self._known.values[shown]
        if shown in self._asked:
            return Unresolved(f"${{{shown}}}", f"{shown}, which refers to itself")
        self._asked.add(shown)
        try:
            found = self._referred(steps, shown)
        finally:
            self._asked.discard(shown)
        return self._known.keep(shown, found)

    def _referred(self, steps: tuple[str, ...], shown: str) -> object:
        if shown in self.variables:
            return self.variables[shown]
        match steps:
            case ("var", name, *rest):
                found = self.variables.get(name, _told_by(name, f"var.{name}"))
                return _inside(found, rest, shown)
            case ("local", name, *rest) if name in self.locals:
                return _inside(self.value(self.locals[name]), rest, shown)
            case (kind, name, attribute, *rest) if f"{kind}.{name}" in self.resources:
                written = self.resources[f"{kind}.{name}"]
                own = _IDS.get(kind, "id") if attribute == "id" else attribute
                if own in written and "for_each" not in written:
                    found = _inside(self.value(written[own]), rest, shown)
                    if not isinstance(found, Unresolved):
                        return found
        return _told_by(shown, shown, ".".join(steps[:2]))


def _told_by(name: str, shown: str, resource: str = "") -> Unresolved:
    hint = f"{shown} (--parameter {name}=VALUE tells it)"
    return Unresolved(f"${{{shown}}}", hint, resource)


def _inside(value: object, steps: list[str], shown: str) -> object:
    for step in steps:
        if isinstance(value, Unresolved):
            return value
        if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return Unresolved(f"${{{shown}}}", shown)
    return value


def _term(module: Module, tree: Tree[Token]) -> object:
    [inner, *_] = nodes(tree)
    return module.value(inner)


def _joined(values: list[object]) -> object:
    if len(values) == 1:
        return values[0]
    text = "".join(text_of_value(one) for one in values)
    for one in values:
        if isinstance(one, Unresolved):
            return Unresolved(text, one.what, one.resource)
        if isinstance(one, dict | list):
            return Unresolved(text, f'the template "{text[:60]}"')
    return text


def _string(module: Module, tree: Tree[Token]) -> object:
    values: list[object] = []
    for part in nodes(tree):
        [inner] = part.children
        if not isinstance(inner, str):
            [*_, expression] = [inner, *nodes(inner)]
            known = inner.data == "interpolation"
            values.append(module.value(expression) if known else as_written(inner))
        elif inner.startswith(("$${", "%%{")):
            values.append(inner[1:])
        else:
            values.append(unescaped(inner))
    return _joined(values or [""])


def _heredoc(module: Module, tree: Tree[Token]) -> object:
    opening, _, rest = text_of(tree).partition("\n")
    body = rest[: rest.rstrip().rfind("\n") + 1]  # without the line that closes it
    return module.template(dedent(body) if opening.startswith("<<-") else body)


def _tuple(module: Module, tree: Tree[Token]) -> object:
    return [module.value(one) for one in nodes(tree)]


def _object(module: Module, tree: Tree[Token]) -> object:
    made = Members()
    for element in nodes(tree):
        key, value = nodes(element)
        name = _key(module, key)
        if isinstance(name, Unresolved):
            return name
        made[name] = module.value(value)
        made.lines[name] = element.meta.line
    return made


def _key(module: Module, tree: Tree[Token]) -> str | Unresolved:
    written = text_of(tree)
    if re.fullmatch(r"[\w-]+", written):
        return written
    [inner, *_] = nodes(tree)
    found = module.value(inner)
    return found if isinstance(found, Unresolved) else text_of_value(found)


def _literal(_module: Module, tree: Tree[Token]) -> object:
    return {"true": True, "false": False, "null": None}[text_of(tree)]


def _number(_module: Module, tree: Tree[Token]) -> object:
    return number_text(text_of(tree))


def _identifier(module: Module, tree: Tree[Token]) -> object:
    return module.reference((text_of(tree),))


def _attribute(module: Module, tree: Tree[Token]) -> object:
    """`a.b`, `a["b"]` and `a[0]`: a reference as far as names go, then into the value."""
    steps = _steps(tree)
    if steps is not None:
        return module.reference(steps)
    of, at = nodes(tree)
    value = module.value(of)
    step = text_of(at).lstrip(".") if at.data == "get_attr" else _index(module, at)
    if isinstance(value, Unresolved):
        return Unresolved(as_written(tree).shown, as_written(tree).what, value.resource)
    return step if isinstance(step, Unresolved) else _inside(value, [step], as_written(tree).what)


def _steps(tree: Tree[Token]) -> tuple[str, ...] | None:
    """The names of `a.b.c`; None for what has more than names in it."""
    if tree.data == "identifier":
        return (text_of(tree),)
    children = list(nodes(tree))
    if tree.data == "expr_term" and len(children) == 1:
        return _steps(children[0])
    if tree.data != "get_attr_expr_term":
        return None
    before = _steps(children[0])
    return None if before is None else (*before, text_of(children[1]).lstrip("."))


def _index(module: Module, tree: Tree[Token]) -> str | Unresolved:
    if tree.data == "short_index":
        return text_of(tree).lstrip(".")
    [inner, *_] = nodes(tree)
    found = module.value(inner)
    return found if isinstance(found, Unresolved) else text_of_value(found)


def _call(module: Module, tree: Tree[Token]) -> object:
    from edactl.core.rule_files.hcl_functions import FUNCTIONS

    name, *given = nodes(tree)
    function = FUNCTIONS.get(text_of(name))
    arguments = [module.value(one) for each in given for one in nodes(each)]
    spread = any(one == "..." for each in given for one in each.children)
    if function is None or not arguments or spread:
        return as_written(tree)
    found = function(arguments)
    return as_written(tree) if found is None else found


_EVALUATE: dict[str, Callable[[Module, Tree[Token]], object]] = {
    "expr_term": _term,
    "string": _string,
    "heredoc_template": _heredoc,
    "heredoc_template_trim": _heredoc,
    "tuple": _tuple,
    "object": _object,
    "literal_value": _literal,
    "int_lit": _number,
    "float_lit": _number,
    "unary_op": unary,
    "binary_op": binary,
    "conditional": conditional,
    "identifier": _identifier,
    "get_attr_expr_term": _attribute,
    "index_expr_term": _attribute,
    "function_call": _call,
}
