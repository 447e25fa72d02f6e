"""What each service takes of the pattern language.

They all run the same engine; each refuses some of it. Sources: EventBridge user guide, "Comparison
operators" (event buses and pipes) and "Custom Event Bus" (subscribers); Lambda developer guide,
"Event filtering"; SNS developer guide, "Subscription filter policies". What a guide does not list
is refused here, though the service may take it: unverified for Lambda's and SNS's newer operators.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from edactl.core.pattern.error import PatternError
from edactl.core.pattern.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edactl.core.pattern.conditions import Condition
    from edactl.core.pattern.grammar import Alternative

_EVERY = frozenset(
    (
        *("value", "exactly", "prefix", "suffix", "equals-ignore-case", "wildcard", "numeric"),
        *("exists", "cidr", "prefix equals-ignore-case", "suffix equals-ignore-case"),
        *("anything-but", "anything-but prefix", "anything-but suffix"),
        *("anything-but equals-ignore-case", "anything-but wildcard"),
    )
)
_WILDCARDS = frozenset(("wildcard", "anything-but wildcard"))
_BUT_FORMS = frozenset(one for one in _EVERY if one.startswith("anything-but "))
_LAMBDA = frozenset(
    (
        *("value", "prefix", "suffix", "equals-ignore-case", "numeric", "exists"),
        "anything-but",
    )
)
_SNS_CHARACTERS, _SNS_NUMBER = 256 * 1024, 1e9
_SNS = _EVERY - _WILDCARDS - _BUT_FORMS - {"exactly"} | {"anything-but prefix"}


@dataclass(frozen=True)
class Dialect:
    """One service's share of the language; `miss` is what becomes of what does not match."""

    name: str
    service: str
    operators: frozenset[str]
    miss: str
    max_characters: int | None = None
    max_keys: int | None = None
    max_combinations: int | None = None
    max_number: float | None = None
    nested: bool = True


_POLLED = "Lambda drops it: the batch goes on without it"
_SQS = "Lambda deletes it from the queue"
DIALECTS: dict[str, Dialect] = {
    one.name: one
    for one in (
        Dialect("rule", "an EventBridge rule", _EVERY, "the rule does not fire"),
        Dialect(
            "subscriber",
            "a subscriber of a custom event bus",
            _EVERY - _WILDCARDS,
            "the subscriber does not get it",
        ),
        Dialect(
            "pipes",
            "a pipe's filter",
            _EVERY - _BUT_FORMS - _WILDCARDS,
            "the pipe drops it; from SQS it is deleted",
            max_characters=4096,
        ),
        *(
            Dialect(f"esm-{source}", "a Lambda event filter", _LAMBDA, miss, max_characters=4096)
            for source, miss in (
                ("sqs", _SQS),
                ("kinesis", _POLLED),
                ("dynamodb", _POLLED),
                ("kafka", _POLLED),
                ("mq", _POLLED),
            )
        ),
        Dialect(
            "sns-attributes",
            "an SNS filter policy on message attributes",
            _SNS,
            "the subscription does not get it",
            max_characters=_SNS_CHARACTERS,
            max_keys=5,
            max_combinations=150,
            max_number=_SNS_NUMBER,
            nested=False,
        ),
        Dialect(
            "sns-body",
            "an SNS filter policy on the message body",
            _SNS,
            "the subscription does not get it",
            max_characters=_SNS_CHARACTERS,
            max_keys=5,
            max_combinations=150,
            max_number=_SNS_NUMBER,
        ),
    )
}


def dialect_named(name: str) -> Dialect:
    """The dialect of that name. Raises PatternError that lists them."""
    if name not in DIALECTS:
        raise PatternError(
            f'there is no dialect "{name}"', kind="dialect", hint=f"one of {', '.join(DIALECTS)}"
        )
    return DIALECTS[name]


def check_dialect(dialect: Dialect, text: str, made: Sequence[Alternative]) -> None:
    """Raises PatternError, with the field, for what this service does not take."""
    if dialect.max_characters is not None and len(text) > dialect.max_characters:
        raise _refused(dialect, f"takes {dialect.max_characters} characters, this has {len(text)}")
    for rule in made:
        for path, conditions in rule.items():
            for place, one in enumerate(conditions):
                _check_condition(dialect, one, f"{path}[{place}]")
    if not dialect.nested and (nested := _nested_key(text)) is not None:
        raise _refused(dialect, "does not take nested keys", nested)
    _check_size(dialect, made)


def _check_condition(dialect: Dialect, one: Condition, path: str) -> None:
    if one.operator not in dialect.operators:
        raise _refused(dialect, f"does not take {one.operator}", path)
    largest = dialect.max_number
    if largest is not None and any(abs(number) > largest for number in one.points()):
        raise _refused(dialect, f"takes numbers from -{largest:.0f} to {largest:.0f}", path)


def _nested_key(text: str) -> str | None:
    """The first key whose value is an object; one with dots in its name is not nested."""
    inside: list[bool] = []  # of each open bracket: whether it lists a field's values
    key: str | None = None
    for token in tokens(text):
        if token.kind == "{" and key is not None and not any(inside):
            return key
        if token.kind in {"{", "["}:
            inside.append(token.kind == "[" and key not in {None, "$or"})
        elif token.kind in {"}", "]"}:
            inside.pop()
        key = token.text if token.kind == "key" else None
    return None


def _check_size(dialect: Dialect, made: Sequence[Alternative]) -> None:
    paths = {path for rule in made for path in rule}
    keys = {path.split(".")[0] for path in paths} if dialect.nested else paths
    if dialect.max_keys is not None and len(keys) > dialect.max_keys:
        raise _refused(dialect, f"takes {dialect.max_keys} keys, this has {len(keys)}")
    if dialect.max_combinations is not None:
        count = sum(
            prod(len(one) * _depth(dialect, path) for path, one in rule.items()) for rule in made
        )
        if count > dialect.max_combinations:
            raise _refused(
                dialect, f"takes {dialect.max_combinations} combinations of values, not {count}"
            )


def _depth(dialect: Dialect, path: str) -> int:
    return len(path.split(".")) if dialect.nested else 1


def _refused(dialect: Dialect, what: str, path: str = "") -> PatternError:
    return PatternError(f"{dialect.service} {what}", path=path, kind="dialect")
