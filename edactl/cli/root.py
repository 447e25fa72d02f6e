"""The root command: a static table of nouns, each imported only when it is called."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

import typer
from typer.core import TyperGroup
from typer.main import get_command as build_command

from edactl.cli.options import EdactlCommand, EdactlGroup, _with_globals, write_global_options

CONTEXT_SETTINGS = {"help_option_names": ["-h", "--help"], "terminal_width": 100}


F = TypeVar("F", bound=Callable[..., int])


class Entry(NamedTuple):
    """Where a command lives and its one-line help; a test holds it against the module's own.

    `place` is a module of this package that holds an `app`, or for a verb `module:function`.
    """

    place: str
    help: str


COMMANDS: dict[str, Entry] = {
    "put-event": Entry("put_event", "Send events to a bus, from flags, files or stdin."),
    "bus": Entry("bus", "List, show and tail event buses; sweep what tails left behind."),
    "queue": Entry("queue", "List, show, send to, peek into, tail, move and purge queues."),
    "dlq": Entry("dlq", "List DLQs, say why their letters are there, and send them back."),
    "rule": Entry(
        "rule",
        "List rules; test, check and explain event patterns offline, with AWS's own verdict.",
    ),
    "archive": Entry("archive", "List, show, create, delete and export the archives of buses."),
    "replay": Entry(
        "replay", "Send events again: from an archive, or from a file at their old pace."
    ),
    "scale": Entry(
        "scale", "Say how tasks should scale with a queue, proved by a simulation first."
    ),
    "task": Entry(
        "task", "Run one-off Fargate tasks to their true end; list, show, explain and stop tasks."
    ),
    "service": Entry("service", "List and show services of ECS."),
    "sandbox": Entry("sandbox", "Run the embedded local AWS."),
    "demo": Entry("demo", "Watch events flow on a fresh sandbox, each command shown."),
    "whoami": Entry("whoami", "Show account, principal, region, and where each setting came from."),
    "iam-policy": Entry("iam_policy", "Print the least IAM policy that a command needs."),
    "completion": Entry("completion", "Print the completion script of bash, zsh or fish."),
    "help": Entry(
        "help_topic", "Show a command's help, or a topic: exit-status, environment, global-options."
    ),
}


class RootGroup(TyperGroup):
    """`edactl`: knows its commands by name and imports the one that is called."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The global options."""
        return _with_globals(super().get_params(ctx))

    def list_commands(self, ctx: Any) -> list[str]:
        """Every command by name."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, imported now; None when there is none."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        return load_command(cmd_name)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Commands from the table, without importing any, then the global options."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])
        write_global_options(ctx, formatter)


def load_command(name: str) -> Any:
    """The built command of that name. Its module holds it as `app`."""
    module = importlib.import_module(f"edactl.cli.{COMMANDS[name].place}")
    command = build_command(module.app)
    command.name = name
    return command


class Verbs(Mapping[str, Any]):
    """The built commands of a noun by name; a verb's module is imported when it is asked for."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.entries = entries

    def __getitem__(self, name: str) -> Any:
        """The command of that name; KeyError when there is none."""
        module, _, function = self.entries[name].place.partition(":")
        app = single()
        verb(app, name)(getattr(importlib.import_module(f"edactl.cli.{module}"), function))
        return build_command(app)

    def __iter__(self) -> Iterator[str]:
        """The names, in the order of the table."""
        return iter(self.entries)

    def __len__(self) -> int:
        """How many."""
        return len(self.entries)


def noun(help_text: str, entries: Mapping[str, Entry]) -> typer.Typer:
    """A group of verbs on one kind of resource, each imported only when it is called."""

    class Noun(EdactlGroup):
        """Reads its verbs from the table."""

        commands: Any

        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            self.commands = Verbs(entries)

        def format_commands(self, ctx: Any, formatter: Any) -> None:
            """The verbs from the table, without importing any."""
            with formatter.section("Commands"):
                formatter.write_dl([(name, entry.help) for name, entry in entries.items()])

    app = typer.Typer(
        cls=Noun,
        help=help_text,
        no_args_is_help=False,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=CONTEXT_SETTINGS,
    )
    app.callback()(_only_verbs)
    return app


def _only_verbs() -> None:
    """A noun does nothing by itself."""


def single() -> typer.Typer:
    """The holder of a command that has no verbs, as `whoami`."""
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def verb(app: typer.Typer, name: str | None = None, **settings: Any) -> Callable[[F], F]:
    """Register a function as one verb of a noun; its docstring is the help."""
    return app.command(name, cls=EdactlCommand, context_settings=CONTEXT_SETTINGS, **settings)


def root_command() -> Any:
    """The root of the command tree."""
    app = typer.Typer(
        cls=RootGroup,
        help="The operator's terminal for event-driven systems on AWS.",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=CONTEXT_SETTINGS,
    )

    @app.callback()
    def root() -> None:
        """The operator's terminal for event-driven systems on AWS."""

    return build_command(app)
