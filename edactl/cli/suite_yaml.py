"""Suites in YAML, read so that nothing in them changes its meaning on the way to JSON."""

from __future__ import annotations

import re

from edactl.core.pattern.fields import NumberText
from edactl.errors import InputError


def yaml_document(text: str, name: str) -> object:
    """A YAML document as JSON has it.

    Numbers keep their spelling; dates, `yes` and `on` are the strings that they are in JSON.
    Raises InputError, with `name`, for what is not YAML or when the package is not installed.
    """
    try:
        import yaml
    except ModuleNotFoundError:
        raise InputError(
            "YAML needs a package that is not installed",
            where=name,
            hint="pip install 'edactl[rules]'",
        ) from None

    class Loader(yaml.SafeLoader):
        """Knows JSON's kinds of scalars alone."""

    Loader.yaml_implicit_resolvers = {}
    for tag, expression, first in (
        ("null", r"null|~|", ["n", "~", ""]),
        ("bool", r"true|false", ["t", "f"]),
        ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", list("-0123456789")),
        ("merge", r"<<", ["<"]),
    ):
        Loader.add_implicit_resolver(
            f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{expression})$"), first
        )
    Loader.add_constructor("tag:yaml.org,2002:float", lambda _, node: NumberText(node.value))
    try:
        found: object = yaml.load(text, Loader)  # noqa: S506 -- a SafeLoader with fewer types
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"not YAML: {' '.join(str(error).split())}", where=name) from None
    return found
