"""One match expression, `{"prefix": "a"}`, from its tokens to a condition.

Order of checks and wording are those of AWS's compiler (event-ruler 2.0.1). It has an older
compiler too, which does not know `$or` and knows fewer forms of `anything-but`; `modern` tells them
apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from edactl.core.pattern import operators
from edactl.core.pattern.conditions import NumberSpan
from edactl.core.pattern.numbers import comparable

if TYPE_CHECKING:
    from collections.abc import Callable

    from edactl.core.pattern.conditions import Condition
    from edactl.core.pattern.cursor import Cursor
    from edactl.core.pattern.error import Kind, PatternError
    from edactl.core.pattern.tokens import Token

ONE_KEY = "Only one key allowed in match expression"
TOO_MANY = "Too many elements in numeric expression"


class Expressions:
    """Reads match expressions; `late` keeps what the engine refuses only when it adds the rule."""

    def __init__(self, cursor: Cursor, *, modern: bool) -> None:
        self.cursor = cursor
        self.modern = modern
        self.late: list[tuple[Condition, PatternError]] = []

    def read(self) -> Condition:
        """The condition of an expression whose brace was just read, up to its closing brace."""
        name = self.cursor.expect("key", "Match expression name not found").text
        base = self.cursor.path
        self.cursor.path = f"{base}.{name}"
        reader = self._readers().get(name)
        if reader is None:
            self.cursor.path = base
            self.cursor.fail(f"Unrecognized match type {name}")
        found = reader()
        self.cursor.path = base
        return found

    def _readers(self) -> dict[str, Callable[[], Condition]]:
        return {
            "exactly": lambda: self._text("exact", operators.exactly),
            "prefix": lambda: self._text_or_nested("prefix", operators.prefix),
            "suffix": lambda: self._text_or_nested("suffix", operators.suffix),
            "numeric": self._numeric,
            "anything-but": self._anything_but,
            "exists": self._exists,
            "cidr": self._cidr,
            "equals-ignore-case": lambda: self._text(
                "equals-ignore-case", operators.equals_ignore_case
            ),
            "wildcard": lambda: self._text("wildcard", self._wildcard),
        }

    def _text(self, name: str, make: Callable[[str], Condition]) -> Condition:
        text = self.cursor.expect("string", f"{name} match pattern must be a string").text
        found = make(text)
        self._close(ONE_KEY)
        return found

    def _wildcard(self, text: str) -> Condition:
        try:
            return operators.wildcard(text)
        except ValueError as error:
            self.cursor.fail(str(error), read=True)

    def _close(self, reason: str) -> None:
        self.cursor.expect("}", reason)

    def _text_or_nested(self, name: str, make: Callable[[str], Condition]) -> Condition:
        token = self.cursor.next()
        if token.kind == "{":
            return self._ignoring_case(name)
        if token.kind != "string":
            self.cursor.fail(f"{name} match pattern must be a string")
        found = make(token.text)
        self._close(ONE_KEY)
        return found

    def _ignoring_case(self, name: str) -> Condition:
        reason = f"{name.capitalize()} expression name not found"
        inner = self.cursor.expect("key", reason).text
        if inner != "equals-ignore-case":
            self.cursor.fail(f"Unsupported {name} pattern: {inner}")
        make = operators.prefix_ignore_case if name == "prefix" else operators.suffix_ignore_case
        found = self._text("equals-ignore-case", make)
        self._close(ONE_KEY)
        return found

    def _exists(self) -> Condition:
        found = {"true": operators.exists, "false": operators.absent}
        token = self.cursor.next()
        if token.kind != "literal" or token.text not in found:
            self.cursor.fail("exists match pattern must be either true or false.")
        self._close(ONE_KEY)
        return found[token.text]()

    def _cidr(self) -> Condition:
        text = self.cursor.expect("string", "prefix match pattern must be a string").text
        try:
            found = operators.cidr(text)
        except ValueError as error:
            raise self.cursor.error(str(error), kind="argument", read=True) from None
        self._close(ONE_KEY)
        return found

    def _numeric(self) -> Condition:
        self.cursor.expect("[", "Value of numeric must be an array.")
        operator = self.cursor.next()
        if operator.kind != "string":
            self.cursor.fail(f"Invalid member in numeric match: {operator.text}", read=True)
        value = self.cursor.next()
        readers = {"=": self._equal, "<": self._below, "<=": self._below}
        readers |= {">": self._above, ">=": self._above}
        if operator.text not in readers:
            self.cursor.fail(f"Unrecognized numeric range operator: {operator.text}")
        if value.kind != "number":
            name = "equals" if operator.text == "=" else operator.text
            self.cursor.fail(f"Value of {name} must be numeric")
        found = readers[operator.text](operator.text, value.text)
        self._close(TOO_MANY)
        return found

    def _number(self, text: str, *, kind: Kind = "json") -> float:
        number = comparable(text)
        if number is None:
            raise self.cursor.error(f"Cannot compare number : {text}", kind=kind, read=True)
        return number

    def _equal(self, operator: str, text: str) -> Condition:
        self.cursor.expect("]", TOO_MANY)
        number = self._number(text)
        return operators.numeric(NumberSpan(number, number), (operator, text))

    def _below(self, operator: str, text: str) -> Condition:
        self.cursor.expect("]", TOO_MANY)
        top = self._number(text)
        span = NumberSpan(None, top, open_top=operator == "<")
        return self._at_the_edge(operators.numeric(span, (operator, text)), top, -operators.LARGEST)

    def _above(self, operator: str, text: str) -> Condition:
        token = self.cursor.next()
        if token.kind != "]":
            return self._between(operator, text, token)
        bottom = self._number(text)
        span = NumberSpan(bottom, None, open_bottom=operator == ">")
        return self._at_the_edge(
            operators.numeric(span, (operator, text)), bottom, operators.LARGEST
        )

    def _at_the_edge(self, found: Condition, bound: float, edge: float) -> Condition:
        if bound == edge:
            reason = "ArrayIndexOutOfBoundsException: Index 10 out of bounds for length 10"
            self.late.append((found, self.cursor.error(reason, kind="bounds")))
        return found

    def _between(self, operator: str, text: str, second: Token) -> Condition:
        if second.kind != "string":
            self.cursor.fail(f"Bad value in numeric range: {second.text}", read=True)
        if second.text not in {"<", "<="}:
            self.cursor.fail(f"Bad numeric range operator: {second.text}", read=True)
        upper = self.cursor.expect("number", f"Value of {second.text} must be numeric")
        self.cursor.expect("]", "Too many terms in numeric range expression")
        bottom, top = self._number(text), self._number(upper.text)
        if bottom >= top:
            self.cursor.fail("Bottom must be less than top")
        span = NumberSpan(bottom, top, open_bottom=operator == ">", open_top=second.text == "<")
        return operators.numeric(span, (operator, text, second.text, upper.text))

    def _anything_but(self) -> Condition:
        token = self.cursor.next()
        if token.kind == "{":
            return self._anything_but_form()
        if token.kind == "[":
            found = self._anything_but_list()
        elif token.kind == "string":
            found = operators.anything_but_strings((token.text,))
        elif token.kind == "number":
            number = self._number(token.text, kind="argument")
            found = operators.anything_but_numbers((number,), (token.text,))
        else:
            self._no_anything_but()
        self._close(TOO_MANY)
        return found

    def _no_anything_but(self) -> NoReturn:
        self.cursor.fail("Value of anything-but must be an array or single string/number value.")

    def _anything_but_list(self) -> Condition:
        strings: list[str] = []
        numbers: dict[str, float] = {}
        while (token := self.cursor.next()).kind != "]":
            if token.kind == "string":
                strings.append(token.text)
            elif token.kind == "number":
                numbers[token.text] = self._number(token.text)
            else:
                self.cursor.fail("Inside anything but list, start|null|boolean is not supported.")
        if bool(strings) == bool(numbers):
            self.cursor.fail(
                "Inside anything but list, either all values are number or string,"
                " mixed type is not supported"
            )
        if strings:
            return operators.anything_but_strings(tuple(strings))
        return operators.anything_but_numbers(tuple(numbers.values()), tuple(numbers))

    def _anything_but_form(self) -> Condition:
        form = self.cursor.expect("key", "Anything-But expression name not found").text
        made = {
            "equals-ignore-case": operators.equals_ignore_case,
            "prefix": operators.prefix,
            "suffix": operators.suffix,
        }
        if self.modern:
            made["wildcard"] = self._wildcard
        if form not in made:
            self.cursor.fail(f"Unsupported anything-but pattern: {form}")
        if self.modern or form == "equals-ignore-case":
            texts = self._form_values(form)
            ending = TOO_MANY
        else:
            token = self.cursor.expect("string", "prefix/suffix match pattern must be a string")
            texts = (self._not_empty(token.text),)
            ending = ONE_KEY
        inner = tuple(made[form](text) for text in texts)
        found = operators.anything_but(form, inner, texts)
        if not texts:
            reason = "NullPointerException: an empty list of anything-but"
            self.late.append((found, self.cursor.error(reason, kind="null")))
        self._close(ending)
        self._close(ending)
        return found

    def _form_values(self, form: str) -> tuple[str, ...]:
        token = self.cursor.next()
        if token.kind in {"string", "number"}:
            return (self._form_value(form, token),)
        if token.kind != "[":
            self._no_anything_but()
        texts = []
        while (token := self.cursor.next()).kind != "]":
            texts.append(self._form_value(form, token))
        return tuple(texts)

    def _form_value(self, form: str, token: Token) -> str:
        if token.kind != "string":
            name = form if self.modern else "ignore-case"
            reason = {
                "equals-ignore-case": f"Inside anything-but/{name} list,"
                " number|start|null|boolean is not supported.",
                "wildcard": "wildcard match pattern must be a string",
            }.get(form, "prefix/suffix match pattern must be a string")
            self.cursor.fail(reason)
        return self._not_empty(token.text) if form in {"prefix", "suffix"} else token.text

    def _not_empty(self, text: str) -> str:
        if not text:
            self.cursor.fail("Null prefix/suffix not allowed", read=True)
        return text
