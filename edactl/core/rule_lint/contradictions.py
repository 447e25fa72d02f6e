"""Checks for what cannot come together: lost keys, `$or` that replaces, values above objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edactl.core.rule_lint.subject import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edactl.core.rule_lint.finding import Finding
    from edactl.core.rule_lint.outline import Leaf
    from edactl.core.rule_lint.subject import Conditions, Subject


def overwritten(subject: Subject) -> Iterator[Finding]:
    """A field that is written twice: the last list replaces the first, also across `$or`."""
    by_path: dict[str, list[Leaf]] = {}
    for leaf in subject.outline.leaves:
        others = by_path.setdefault(leaf.path, [])
        earlier = next((one for one in reversed(others) if not one.excludes(leaf)), None)
        others.append(leaf)
        if earlier is None:
            continue
        first = "the first list"
        if subject.linted.is_file:
            first = f"the list of line {subject.outline.line(earlier.at)}"
        if earlier.branches == leaf.branches:
            yield subject.finding(
                "key-overwritten",
                "warning",
                f"the field comes twice: {first} is dropped",
                path=leaf.path,
                hint="put all values in one list, or use $or",
            )
        else:
            yield subject.finding(
                "or-overwrites",
                "warning",
                f"inside and outside of $or: {first} is replaced there, the two are not combined",
                path=leaf.path,
                hint="write in each member of $or the whole condition that is meant",
            )


def or_as_field(subject: Subject) -> Iterator[Finding]:
    """`$or` in a form that the engine takes for a field's name."""
    if subject.outline.not_or is None:
        return
    path = next(one.path for one in subject.outline.leaves if "$or" in one.path.split("."))
    yield subject.finding(
        "or-is-a-field",
        "error",
        f"the engine looks for a field named $or: {subject.outline.not_or}",
        path=path,
        hint='{"$or": [{"a": ["1"]}, {"b": ["2"]}]}',
    )


def never_met(subject: Subject) -> Iterator[Finding]:
    """An anything-but with an empty list: the engine takes it, and no value meets it."""
    for path, conditions in subject.lists:
        for item, one in enumerate(conditions):
            if one.operator.startswith("anything-but") and not one.operand:
                yield subject.finding(
                    "never-matches",
                    "error" if len(conditions) == 1 else "warning",
                    f"{one.operator} with an empty list is never met",
                    path=path,
                    item=item,
                    hint='{"exists": true} takes every value',
                )


def values_and_objects(subject: Subject) -> Iterator[Finding]:
    """A field that is asked for a value while fields below it are asked for, too."""
    found: dict[tuple[str, str], Finding] = {}
    for rule in subject.pattern.sub_rules:
        present = [path for path, conditions in rule.fields if not _may_be_absent(conditions)]
        for path, conditions in rule.fields:
            below = next((one for one in present if one.startswith(f"{path}.")), None)
            if below is not None:
                finding = _value_above(subject, path, conditions, below)
                found.setdefault((finding.code, finding.path), finding)
    yield from found.values()


def _may_be_absent(conditions: Conditions) -> bool:
    return any(one.absent for one in conditions)


def _value_above(subject: Subject, path: str, conditions: Conditions, below: str) -> Finding:
    if _may_be_absent(conditions):
        return subject.finding(
            "exists-on-object",
            "warning",
            f"exists: false always holds here: with {below} the field is an object, and exists"
            " looks at values only",
            path=path,
            hint="leave it out",
        )
    if all(one.operator == "exists" for one in conditions):
        return subject.finding(
            "exists-on-object",
            "error",
            f"exists: true is false for an object, and with {below} the field is one",
            path=path,
            hint=f"{below} alone asks for it",
        )
    return subject.finding(
        "leaf-and-object",
        "warning",
        f"wants {shown(conditions[0])} here and a field below it, {below}: only an array can have"
        " both",
        path=path,
        hint="is one of the two meant for another field?",
    )


CHECKS = (overwritten, or_as_field, never_met, values_and_objects)
