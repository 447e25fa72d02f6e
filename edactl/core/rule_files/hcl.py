"""Terraform's own language into blocks: parsed by python-hcl2, which is imported for it alone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.core.rule_files.documents import Unresolved
from edactl.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lark import Token, Tree

_BLOCK = re.compile(
    r"^(resource|variable|locals|module|provider|terraform|data|output)\b[^=:{\n]*\{", re.MULTILINE
)


@dataclass(frozen=True)
class Block:
    """One block: `resource "type" "name" { … }`; attributes are expressions, not yet evaluated."""

    kind: str
    labels: tuple[str, ...]
    line: int
    source: str
    attributes: dict[str, Tree[Token]] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)


def looks_like_hcl(text: str) -> bool:
    """Whether a block of Terraform's opens at the start of some line."""
    return bool(_BLOCK.search(text))


def read_hcl(text: str, source: str) -> Block:
    """The file as one block. Raises InputError with line and column, or without the package."""
    return _body(parsed(text, source), "", (), 1, source)


def parsed(text: str, source: str) -> Tree[Token]:
    """The file's body, as the library's tree."""
    try:
        from hcl2 import parses_to_tree
        from lark.exceptions import UnexpectedInput
    except ModuleNotFoundError:
        raise InputError(
            "Terraform's files need a package that is not installed",
            where=source,
            hint="pip install 'edactl[rules]', or give what terraform show -json prints",
        ) from None
    try:
        [body] = nodes(parses_to_tree(text))
    except UnexpectedInput as error:
        raise InputError(
            f"not HCL: {_unexpected(error)}", where=f"{source}:{error.line}:{error.column}"
        ) from None
    return body


def _unexpected(error: Exception) -> str:
    found = str(getattr(error, "token", None) or getattr(error, "char", "")).strip()
    return f"unexpected {found[:20]!r}" if found else "it ends too early"


def _body(tree: Tree[Token], kind: str, labels: tuple[str, ...], line: int, source: str) -> Block:
    made = Block(kind, labels, line, source)
    for one in nodes(tree):
        if one.data == "block":
            made.blocks.append(_block(one, source))
        else:
            name, value = nodes(one)
            made.attributes[text_of(name)] = value
    return made


def _block(tree: Tree[Token], source: str) -> Block:
    [kind, *labels] = [one for one in nodes(tree) if one.data in _NAMES]
    body = next(one for one in nodes(tree) if one.data == "body")
    named = tuple(text_of(one).strip('"') for one in labels)
    return _body(body, text_of(kind), named, tree.meta.line, source)


_NAMES = {"identifier", "keyword", "literal_value", "string"}


def nodes(tree: Tree[Token]) -> Iterator[Tree[Token]]:
    """The branches below a node, without line ends and comments."""
    for one in tree.children:
        if not isinstance(one, str) and one.data != "new_line_or_comment":
            yield one


def text_of(tree: Tree[Token] | Token) -> str:
    """The text of a node's tokens."""
    if isinstance(tree, str):
        return str(tree)
    return "".join(text_of(one) for one in tree.children)


def as_written(tree: Tree[Token]) -> Unresolved:
    """An expression that is not told, shown as it stands in the file."""
    written = ""
    for token in tree.scan_values(lambda _: True):
        apart = written[-1:].isalnum() and token[:1].isalnum()
        written += f" {token}" if apart else token
    written = " ".join(written.split())
    return Unresolved(f"${{{written}}}", written)
