"""The captured events of a file replay, as what is to be sent of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edactl.cli.opened import lines_of, shown
from edactl.core.event import Numbered, Refused
from edactl.core.json_text import parse_json
from edactl.core.json_texts import json_texts
from edactl.core.put_outcome import EntryOutcome
from edactl.core.replay_checkpoint import Done
from edactl.core.replay_event import Unsendable, captured_event, entry_of, envelope_of
from edactl.core.replay_pace import time_of
from edactl.errors import InputError
from edactl.ops.replay_file import Captured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TextIO

    from edactl.core.pattern import Pattern
    from edactl.core.record import JsonValue
    from edactl.core.replay_event import Replaying


@dataclass
class Input:
    """The files of a replay, what is chosen of them, and what was passed over so far."""

    names: Sequence[str]
    stdin: TextIO
    replaying: Replaying
    stop: Callable[[], bool]
    where: Pattern | None = None
    done: Done = field(default_factory=Done)
    filtered: int = 0
    already_done: int = 0

    def events(self) -> Iterator[Captured]:
        """Each event that is left to send. Raises InputError with file and line."""
        index = -1
        for name in self.names:
            before = index
            for text, line in json_texts(lines_of(name, self.stdin), shown(name)):
                if self.stop():
                    return
                index += 1
                if index in self.done:
                    self.already_done += 1
                    continue
                found = self._captured(index, text, f"{shown(name)}:{line}")
                if found is not None:
                    yield found
            if index == before:
                raise InputError(
                    "there is no event in it", where=shown(name), hint="one event a line"
                )

    def _captured(self, index: int, text: bytes | str, place: str) -> Captured | None:
        record = _parsed(text, place)
        event = captured_event(record)
        if isinstance(event, Unsendable):
            return Captured(_refused(index, event, record), None)
        if self.where is not None and not self.where.matches(envelope_of(record, text)):
            self.filtered += 1
            return None
        made = entry_of(event, self.replaying, place)
        if isinstance(made, Unsendable):
            return Captured(_refused(index, made, record), time_of(event))
        entry, size = made
        return Captured(Numbered(index, entry, size), time_of(event))


def _parsed(text: bytes | str, place: str) -> dict[str, JsonValue]:
    try:
        record = parse_json(text.decode() if isinstance(text, bytes) else text)
    except (ValueError, RecursionError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise InputError(
            f"not JSON: {reason}", where=place, hint="one JSON object a line; jq . shows the place"
        ) from None
    if not isinstance(record, dict):
        raise InputError("not an event: a JSON object is expected", where=place)
    return record


def _refused(index: int, why: Unsendable, record: Mapping[str, JsonValue]) -> Refused:
    outcome = EntryOutcome(error_code=why.error_code, error_message=why.error_message)
    return Refused(index, outcome, record)
