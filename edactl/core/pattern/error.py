"""The error that says what is wrong with a pattern, in AWS's words, and where."""

from __future__ import annotations

from typing import Literal

from edactl.errors import InputError

SHOWN_CHARACTERS = 100
Kind = Literal["json", "argument", "null", "bounds", "size", "dialect"]


class PatternError(InputError):
    """A pattern that AWS would refuse.

    `reason` is the engine's own wording; `path` the field or matcher, as `detail.amount[1]`, empty
    for the whole pattern; `line` and `column` count from 1 and name the character after the token
    that was read last, as AWS does. `kind` tells the engine's class of error: "json" its parse
    error, "argument" an illegal argument, "null", "bounds" and "size" its run-time failures, and
    "dialect" what one service does not take though the engine does. `rule` is the name of the rule
    among others, empty for a pattern alone.
    """

    def __init__(  # noqa: PLR0913 -- one place, said in full
        self,
        reason: str,
        *,
        path: str = "",
        line: int = 1,
        column: int = 1,
        kind: Kind = "json",
        hint: str | None = None,
        rule: str = "",
    ) -> None:
        at = f" (line {line}, column {column})"
        named = f'rule "{_shown(rule)}"' if rule else ""
        super().__init__(
            f"Event pattern is not valid. Reason: {reason}{at}",
            where=": ".join(filter(None, (named, _shown(path)))) or None,
            hint=hint,
        )
        self.reason = reason
        self.path = path
        self.line = line
        self.column = column
        self.kind = kind
        self.rule = rule

    def of_rule(self, name: str) -> PatternError:
        """The same error, of the rule of that name."""
        return PatternError(
            self.reason,
            path=self.path,
            line=self.line,
            column=self.column,
            kind=self.kind,
            hint=self.hint,
            rule=name,
        )


def _shown(path: str) -> str:
    """A path as messages show it: the middle of one with a thousand steps helps nobody."""
    if len(path) <= SHOWN_CHARACTERS:
        return path
    half = SHOWN_CHARACTERS // 2
    return f"{path[:half]}…{path[-half:]}"
