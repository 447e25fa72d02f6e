"""What a redrive was asked to do: which letters, to where, as what. It is in the journal too."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING

from edactl.cli.opened import text_or_file
from edactl.cli.redrive_edit import compile_edit, is_array
from edactl.core.letter_clusters import WantedCluster, is_cluster_id
from edactl.core.message import record_with_json_body
from edactl.core.redrive_origins import ToBus
from edactl.core.redrive_route import BUS_DOOR, Decider, Route, ToOnePlace
from edactl.core.times import parse_time, rfc3339
from edactl.errors import EdactlError, InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from edactl.core.letter import Letter
    from edactl.core.record import JsonValue
    from edactl.core.redrive_route import Router

    Filter = Callable[[Letter], str | None]

DEFAULT_LEASE_SECONDS = 120


@dataclass(frozen=True)
class RedriveOptions:
    """The options that decide which letters go, and as what. Times are RFC 3339.

    `edit` is an expression, or the JSON text of a patch. `via` is "bus" where events go to their
    rule's bus.
    """

    where: str = ""
    cluster: str = ""
    older_than: str = ""
    newer_than: str = ""
    edit: str = ""
    via: str = ""
    limit: int | None = None
    allow_reorder: bool = False
    lease_seconds: int = DEFAULT_LEASE_SECONDS

    @classmethod
    def of_journal(cls, options: Mapping[str, JsonValue], where: str) -> Self:
        """The options that a journal was begun with. Raises InputError for unknown ones."""
        known = {field.name for field in fields(cls)}
        if set(options) != known:
            odd = ", ".join(sorted(set(options) ^ known))
            raise InputError(f"the journal's options are of another edactl: {odd}", where=where)
        return cls(**options)  # type: ignore[arg-type] # the header's hash vouches for them

    @property
    def chooses(self) -> bool:
        """Whether some letters may be left."""
        chosen = (self.where, self.cluster, self.older_than, self.newer_than, self.limit)
        return any(one not in {"", None} for one in chosen)


def absolute(text: str, option: str, now: datetime) -> str:
    """The moment an age or a time means. Raises InputError naming the option."""
    if not text:
        return ""
    try:
        return rfc3339(parse_time(text, now=now))
    except InputError as error:
        raise InputError(error.message, where=option, hint=error.hint) from None


def edit_text(edit: str) -> str:
    """The expression of --edit, or the text of the patch in the file that it names."""
    if not edit.startswith("@") or edit == "@":  # "@" alone is JMESPath
        return edit
    text = text_or_file(edit, "--edit")
    if not is_array(text):
        raise InputError(
            "no JSON Patch: it is not a JSON array",
            where=f"--edit {edit}",
            hint='[{"op": "replace", "path": "/customer/id", "value": 7}]',
        )
    return text


def decider(
    options: RedriveOptions, way: Route | Router, wanted: WantedCluster | None = None
) -> Decider:
    """What decides about each letter. Raises UsageError or InputError for a bad expression.

    `wanted` counts the letters of --cluster, and those of others. A letter that goes to one named
    place goes as it is, whatever its origin says is to be sent.
    """
    edit = compile_edit(options.edit) if options.edit else None
    if not isinstance(way, Route):
        return Decider(way, filters(options, wanted), edit)
    router: Router = ToBus(way) if way.door == BUS_DOOR else ToOnePlace(way)
    return Decider(router, filters(options, wanted), edit, as_it_is=True)


def wanted_cluster(options: RedriveOptions) -> WantedCluster | None:
    """The cluster that was chosen, None without. Raises UsageError for what is no cluster's id."""
    if not options.cluster:
        return None
    if not is_cluster_id(options.cluster):
        raise UsageError(
            f'--cluster "{options.cluster}" is no cluster\'s id, which has 8 hexadecimal digits',
            hint="edactl dlq inspect DLQ shows the ids",
        )
    return WantedCluster(options.cluster)


def filters(options: RedriveOptions, wanted: WantedCluster | None = None) -> list[Filter]:
    """Each choice that was made, as a function from a letter to the reason to leave it."""
    chosen: list[Filter] = []
    if cluster := wanted or wanted_cluster(options):
        chosen.append(_in_cluster(cluster))
    if options.older_than:
        chosen.append(_sent_before(datetime.fromisoformat(options.older_than)))
    if options.newer_than:
        chosen.append(_sent_after(datetime.fromisoformat(options.newer_than)))
    if options.where:
        chosen.append(_where(options.where))
    return chosen


def _in_cluster(cluster: WantedCluster) -> Filter:
    return lambda letter: None if cluster.takes(letter) else "not of --cluster"


def _sent_before(moment: datetime) -> Filter:
    def reason(letter: Letter) -> str | None:
        sent_at = letter.message.sent_at
        return None if sent_at is not None and sent_at < moment else "not older than --older-than"

    return reason


def _sent_after(moment: datetime) -> Filter:
    def reason(letter: Letter) -> str | None:
        sent_at = letter.message.sent_at
        return None if sent_at is not None and sent_at >= moment else "not newer than --newer-than"

    return reason


def _where(expression: str) -> Filter:
    from edactl.out.query import compile_query

    select = compile_query(expression, option="--where")

    def reason(letter: Letter) -> str | None:
        try:
            found = select(record_with_json_body(letter.message))
        except EdactlError as error:  # a function that does not fit this one letter
            return error.message
        return None if found not in (None, False, "", [], {}) else "not of --where"

    return reason


def refuse_other_options(given: RedriveOptions, begun: RedriveOptions) -> None:
    """Raises UsageError when an option was given that differs from what the journal began with."""
    default = RedriveOptions()
    for field in fields(RedriveOptions):
        said = getattr(given, field.name)
        if said != getattr(default, field.name) and said != getattr(begun, field.name):
            name = "--" + field.name.replace("_seconds", "").replace("_", "-")
            raise UsageError(
                f"{name} differs from what the run began with",
                hint="--resume needs only the journal, which has the options",
            )
