"""``clipshot config``: the settings of a running server."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from clipshot.cli.client import connect
from clipshot.cli.errors import CommandError, ExitCode
from clipshot.cli.output import JsonOption, example, facts, note, present, print_json_line, table, tell

if TYPE_CHECKING:
    from google.protobuf.struct_pb2 import Value
    from rich.console import RenderableType

    from clipshot.gen.config.v1.config_service_pb2 import ConfigOutcome
    from clipshot.gen.config.v1.setting_pb2 import Config, Setting

app = typer.Typer(no_args_is_help=True, help="Look at settings and change them while the server runs.")

NamesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME...]", help="Names of settings.", show_default="all")
]
SectionOption = Annotated[
    list[str] | None, typer.Option(help="Only this section, e.g. replay; may be repeated.", show_default=False)
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would change, and what is wrong.")]
EtagOption = Annotated[
    str, typer.Option(help="Change nothing unless the settings still have this etag.", show_default=False)
]

_WHEN = {
    "at_once": "at once",
    "next_session": "for the next session",
    "restart": "after a restart of the server",
}


@app.command(epilog=example("clipshot config get --section replay", "clipshot config get replay_seconds"))
def get(
    ctx: typer.Context, name: NamesArgument = None, section: SectionOption = None, as_json: JsonOption = False
) -> None:
    """Show settings, their values, and where these come from. Secrets are never shown."""
    from clipshot.gen.config.v1.config_service_pb2 import GetConfigRequest

    with connect(ctx) as client:
        config = client.config.GetConfig(GetConfigRequest(names=name or (), sections=section or ()))
    present(config, as_json, _details if name and len(name) == 1 else _table)
    if not as_json:
        _tell_faults(config)


@app.command(
    "set",
    epilog=example(
        "clipshot config set replay_seconds=90",
        "clipshot config set cors_origins=http://localhost:3000,http://localhost:5173 --dry-run",
    ),
)
def set_(
    ctx: typer.Context,
    assignment: Annotated[
        list[str], typer.Argument(metavar="NAME=VALUE...", help="New values; lists are parted by commas.")
    ],
    until_restart: Annotated[
        bool, typer.Option("--until-restart", help="Write nothing; forget the values when the server ends.")
    ] = False,
    etag: EtagOption = "",
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Change settings: all of them or, when one cannot be, none."""
    from uuid import uuid4

    from clipshot.gen.config.v1.config_service_pb2 import UpdateConfigRequest

    request = UpdateConfigRequest(
        etag=etag, validate_only=dry_run, until_restart=until_restart, request_id=str(uuid4())
    )
    for each in assignment:
        name, given, value = each.partition("=")
        if not given:
            raise CommandError(f"{each!r} is no NAME=VALUE", f"clipshot config set {each}=...", code=ExitCode.USAGE)
        request.values[name.strip().lower()] = value
    with connect(ctx) as client:
        _tell_outcome(client.config.UpdateConfig(request), as_json, dry_run=dry_run)


@app.command(epilog=example("clipshot config reset replay_seconds", "clipshot config reset --all --dry-run"))
def reset(
    ctx: typer.Context,
    name: Annotated[list[str] | None, typer.Argument(metavar="[NAME...]", help="Names of settings.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Reset everything but secrets.")] = False,
    etag: EtagOption = "",
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take settings out of the settings file, so that their defaults are in force again."""
    from uuid import uuid4

    from clipshot.gen.config.v1.config_service_pb2 import ResetConfigRequest

    if all_ == bool(name):
        raise CommandError("name settings, or say --all", "clipshot config get shows them", code=ExitCode.USAGE)
    request = ResetConfigRequest(names=name or (), all=all_, etag=etag, validate_only=dry_run, request_id=str(uuid4()))
    with connect(ctx) as client:
        _tell_outcome(client.config.ResetConfig(request), as_json, dry_run=dry_run)


@app.command(epilog=example("clipshot config export --include-defaults"))
def export(
    ctx: typer.Context,
    include_defaults: Annotated[bool, typer.Option("--include-defaults", help="Defaults, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of TOML.", show_default=False)] = False,
) -> None:
    """Print the settings that somebody set, as a file that `import` takes. Secrets are left out."""
    from clipshot.gen.config.v1.config_service_pb2 import ConfigFormat, ExportConfigRequest

    form = ConfigFormat.KIND_JSON if as_json else ConfigFormat.KIND_TOML
    with connect(ctx) as client:
        answer = client.config.ExportConfig(ExportConfigRequest(format=form, include_defaults=include_defaults))
    sys.stdout.write(answer.data.decode())


@app.command("import", epilog=example("clipshot config import mine.toml --dry-run"))
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="TOML, or JSON when named *.json.", show_default=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Reset what the file does not name.")] = False,
    etag: EtagOption = "",
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take over settings from a file: all of them or, when one cannot be, none."""
    from uuid import uuid4

    from clipshot.gen.config.v1.config_service_pb2 import ConfigFormat, ImportConfigRequest

    try:
        content = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise CommandError(f"{file} cannot be read: {why}", code=ExitCode.USAGE) from None
    request = ImportConfigRequest(
        content=content,
        format=ConfigFormat.KIND_JSON if file.suffix == ".json" else ConfigFormat.KIND_TOML,
        replace=replace,
        etag=etag,
        validate_only=dry_run,
        request_id=str(uuid4()),
    )
    with connect(ctx) as client:
        _tell_outcome(client.config.ImportConfig(request), as_json, dry_run=dry_run)


@app.command(epilog=example("clipshot config schema"))
def schema(ctx: typer.Context) -> None:
    """Print the JSON Schema of the settings: titles, units, limits, what needs a restart."""
    from clipshot.gen.config.v1.config_service_pb2 import GetConfigSchemaRequest

    with connect(ctx) as client:
        answer = client.config.GetConfigSchema(GetConfigSchemaRequest())
    sys.stdout.write(answer.data.decode())


@app.command(epilog=example("clipshot config watch"))
def watch(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Tell each change of the settings, whoever makes it, until Ctrl-C.

    With --json: the settings now and after each change, one document a line.
    """
    from clipshot.cli.rest_form import rest_form
    from clipshot.gen.config.v1.config_service_pb2 import WatchConfigRequest

    with connect(ctx) as client:
        before: dict[str, str] = {}
        for answer in client.config.WatchConfig(WatchConfigRequest()):
            if not answer.HasField("config"):
                continue
            if as_json:
                print_json_line(rest_form(answer.config))
                continue
            now = {each.name: _state(each) for each in answer.config.settings}
            if not before:
                note(f"watching {answer.config.path}")
            for name in now if before else ():
                if now[name] != before[name]:
                    tell(f"{name}: {before[name]} -> {now[name]}")
            sys.stdout.flush()
            _tell_faults(answer.config)
            before = now


def _tell_outcome(outcome: "ConfigOutcome", as_json: bool, *, dry_run: bool) -> None:
    present(outcome, as_json, lambda each: _changes(each, dry_run))
    if as_json:
        return
    for text in outcome.notes:
        note(text)


def _changes(outcome: "ConfigOutcome", dry_run: bool) -> "RenderableType":
    from clipshot.cli.rest_form import word

    return table(
        ("setting", "before", "after", "would work" if dry_run else "works"),
        (
            (each.name, _text(each.old_value), _text(each.new_value), _WHEN[word(each, "effect")])
            for each in outcome.changes
        ),
        empty="Nothing would change." if dry_run else "Nothing changed.",
    )


def _table(config: "Config") -> "RenderableType":
    return table(
        ("setting", "value", "unit", "from", "what"),
        ((each.name, _state(each), each.unit, _origin(each), each.title) for each in config.settings),
        empty="No settings.",
    )


def _details(config: "Config") -> "RenderableType":
    from clipshot.cli.rest_form import word

    each = config.settings[0]
    limits = [f"{name} {getattr(each, name):.12g}" for name in ("minimum", "maximum") if each.HasField(name)]
    return facts(
        [
            ("setting", each.name),
            ("what", each.title),
            ("more", each.description),
            ("value", f"{_state(each)} {each.unit}".strip()),
            ("default", "" if each.secret else _text(each.default_value)),
            ("from", _origin(each)),
            ("limits", ", ".join(limits)),
            ("one of", ", ".join(each.choices)),
            (
                "changes work",
                "only in the settings file or the environment" if each.secret else _WHEN[word(each, "effect")],
            ),
        ]
    )


def _state(setting: "Setting") -> str:
    if setting.secret:
        return "(set)" if setting.is_set else "(made at first start)"
    text = _text(setting.value)
    return f"{text} ({_text(setting.next_value)} after a restart)" if setting.restart_pending else text


def _origin(setting: "Setting") -> str:
    from clipshot.cli.rest_form import word

    source = word(setting, "source").replace("_", " ")
    if setting.line:
        return f"{setting.path}:{setting.line}"
    return setting.path or source


def _text(value: "Value") -> str:
    """A value as `set` takes it."""
    from google.protobuf.json_format import MessageToDict

    plain = cast("object", MessageToDict(value)) if value.WhichOneof("kind") else None
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return str(plain).lower()
    if isinstance(plain, float):
        return f"{plain:.15g}"
    if isinstance(plain, list):
        return ",".join(map(str, plain))
    return str(plain)


def _tell_faults(config: "Config") -> None:
    for fault in config.faults:
        place = f"{config.path}:{fault.line}" if fault.line else config.path
        note(f"not in force: {place}: {fault.reason}")
