"""The global options: declared once here, accepted before and after the verb.

Every command and group of edactl is an `EdactlCommand` or `EdactlGroup`; both add these options to
their own when they parse, and keep the values in the one `GlobalOptions` of the run. The last
place on the line wins. The options carry no `envvar`: a leaf's environment would beat the root's
flag, so the environment is read once, in `edactl.cli.context`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from edactl.errors import PipeClosed

# typer vendors click; the base of its public BadParameter is the parser's usage error
ParserError: type[Any] = typer.BadParameter.__mro__[1]
_FORMATS = ("table", "json", "ndjson", "text")
_COLORS = ("auto", "always", "never")
_CHOICES = {"output": _FORMATS, "color": _COLORS}


@dataclass
class GlobalOptions:
    """What the global options said; a name that was not given is absent.

    `command` is the running command as typed, `bus tail`; empty before one runs.
    """

    values: dict[str, Any] = field(default_factory=dict)
    command: str = ""

    def text(self, name: str) -> str | None:
        """The value of an option that takes one, or None."""
        value = self.values.get(name)
        return None if value is None else str(value)

    def flag(self, name: str) -> bool:
        """Whether a flag was given."""
        return bool(self.values.get(name))

    @property
    def verbosity(self) -> int:
        """How many `-v`."""
        return int(self.values.get("verbose", 0))


def _keep(context: Any, parameter: Any, value: Any) -> None:
    if value is None or value is False or value == 0:
        return
    choices = _CHOICES.get(parameter.name)
    if choices and value not in choices:
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(choices)}.")
    context.obj.values[parameter.name] = value


def _option(*declarations: str, text: str, **settings: Any) -> TyperOption:
    return TyperOption(
        param_decls=list(declarations), help=text, expose_value=False, callback=_keep, **settings
    )


@cache
def global_options() -> tuple[TyperOption, ...]:
    """The global options as parser parameters, built once a process."""
    return (
        _option("--profile", metavar="NAME", text="AWS profile (AWS_PROFILE)."),
        _option("--region", metavar="REGION", text="AWS region (AWS_REGION, AWS_DEFAULT_REGION)."),
        _option("--role-arn", metavar="ARN", text="Assume this role on top of the profile."),
        _option("--external-id", metavar="ID", text="External id for --role-arn."),
        _option(
            "--mfa-serial", metavar="ARN", text="MFA device for --role-arn; asks for the code."
        ),
        _option(
            "--endpoint-url",
            metavar="URL",
            text="Endpoint of an emulator or VPC (AWS_ENDPOINT_URL[_SERVICE]).",
        ),
        _option(
            "--sandbox",
            is_flag=True,
            default=False,
            text="Talk to the embedded local AWS, never to a real account (EDACTL_SANDBOX=1).",
        ),
        _option(
            "-o",
            "--output",
            metavar="table|json|ndjson|text",
            text="Output format (EDACTL_OUTPUT). TTY: table; piped: json or ndjson.",
        ),
        _option("--query", metavar="JMESPATH", text="Select from the result, or from each record."),
        _option(
            "--color",
            metavar="auto|always|never",
            text="Colour (NO_COLOR, FORCE_COLOR).",
        ),
        _option("-q", "--quiet", is_flag=True, default=False, text="No notes, no progress."),
        _option(
            "-v",
            "--verbose",
            count=True,
            default=0,
            text="-v: calls with request ids; -vv: botocore's log (EDACTL_DEBUG).",
        ),
        _option("--no-input", is_flag=True, default=False, text="Never prompt (CI)."),
    )


def _with_globals(own: list[Any]) -> list[Any]:
    """Own parameters first; a global option whose spelling a command uses itself steps back."""
    taken = {spelling for parameter in own for spelling in parameter.opts}
    return own + [option for option in global_options() if not taken.intersection(option.opts)]


class EdactlCommand(TyperCommand):
    """A leaf command: takes the global options, shows only its own in its help."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Own parameters and the global ones, for the parser."""
        return _with_globals(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse; an option left without its value is this command's error, too."""
        try:
            rest: list[str] = super().parse_args(ctx, args)
        except ParserError as error:
            error.ctx = error.ctx or ctx
            raise
        return rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a closed pipe leaves as PipeClosed, past the parser's own handling."""
        ctx.obj.command = ctx.command_path.partition(" ")[2]
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise PipeClosed from None

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Own options; the global ones are named in one line."""
        _write_parameters(super().get_params(ctx), ctx, formatter)
        _point_to_globals(formatter)


class EdactlGroup(TyperGroup):
    """A noun: takes the global options, shows its verbs in its help."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Own parameters and the global ones, for the parser."""
        return _with_globals(super().get_params(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The verbs, and one line on the global options."""
        self.format_commands(ctx, formatter)
        _point_to_globals(formatter)


def _write_parameters(parameters: list[Any], ctx: Any, formatter: Any) -> None:
    records = [(p.param_type_name, p.get_help_record(ctx)) for p in parameters]
    for title, kind in (("Arguments", "argument"), ("Options", "option")):
        rows = [record for name, record in records if name == kind and record]
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)


def _point_to_globals(formatter: Any) -> None:
    formatter.write_paragraph()
    formatter.write_text("Global options (--profile, --region, -o, --query …): edactl --help")


def write_global_options(ctx: Any, formatter: Any) -> None:
    """The global options in full, for the root's help."""
    rows = [option.get_help_record(ctx) for option in global_options()]
    with formatter.section("Global options (before or after the verb)"):
        formatter.write_dl([row for row in rows if row])
