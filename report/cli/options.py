"""Common parts of commands: their construction and shared options."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from ..config.places import printable
from ..confine import Confinement, confined
from ..errors import DiptychError, Note
from . import DOCS, width, within
from .console import Console, Speech, speaking


def _checked(option: str, choices: Callable[[], tuple[str, ...]]) -> Callable[[str | None], str | None]:
    """Return a check that rejects values other than the choices (usage).

    The choices are looked up only if a value is given.
    """

    def checked(value: str | None) -> str | None:
        if value is not None and value not in choices():
            raise typer.BadParameter(f'"{value}" is not one of {", ".join(choices())}', param_hint=option)
        return value

    return checked


def _engines() -> tuple[str, ...]:
    from ..sources.engines import ENGINES  # noqa: PLC0415 - not needed for help

    return (*ENGINES, *ENGINES.others)


def _fates() -> tuple[str, ...]:
    """Return the ways to handle false claims (`text.on_false_claim`)."""
    return "error", "withdraw"


ConfigPath = Annotated[Path, typer.Argument(help="The config file.", metavar="CONFIG")]
ConfigPaths = Annotated[
    list[Path] | None,
    typer.Argument(help="The config file, or several: config.yaml unless given.", metavar="CONFIG", show_default=False),
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine",
        help="Count with this engine: duckdb or spark.",
        metavar="NAME",
        callback=_checked("--engine", _engines),
    ),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Use nothing that an earlier build kept, and keep nothing.")]
OnFalseClaim = Annotated[
    str | None,
    typer.Option(
        "--on-false-claim",
        help="error or withdraw, whatever the config says.",
        metavar="WHAT",
        callback=_checked("--on-false-claim", _fates),
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]

_SPEECH = {
    "timings": Annotated[bool, typer.Option("--timings", help="Print how long each stage took.")],
    "annotations": Annotated[
        str | None,
        typer.Option(
            "--annotations", help="github: print each error as GitHub shows it beside its line.", metavar="WHERE"
        ),
    ],
    "as_json": Json,
    "quiet": Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors and results.")],
    "verbose": Annotated[
        bool,
        typer.Option(
            "-v",
            "--verbose",
            help="Print every note, what engines are asked (SQL or plans), and the traceback of our faults.",
        ),
    ],
    "color": Annotated[str, typer.Option("--color", help="auto, always or never.", metavar="WHEN")],
}
"""The options for output, by the fields of `Speech`, in the order of the help."""

SPOKEN = ("as_json", "quiet", "verbose", "color")


def _listed(option: str, metavar: str, text: str) -> object:
    return Annotated[list[str] | None, typer.Option(option, help=text, metavar=metavar, show_default=False)]


_CONFINED = {
    "confine": Annotated[
        bool,
        typer.Option(
            "--confine",
            help="Trust no config: it may open files below one folder and public addresses, and nothing else.",
        ),
    ],
    "root": Annotated[
        Path | None,
        typer.Option(
            "--root",
            help="The folder that a confined config may read. Default: its git repository, or else its own folder.",
            metavar="FOLDER",
            show_default=False,
        ),
    ],
    "allow_host": _listed("--allow-host", "HOST", "A host that a confined config may ask, although it is not public."),
    "allow_database": _listed(
        "--allow-database", "NAME", "A database that a confined config may open, or how the addresses of several begin."
    ),
    "allow_plugin": _listed("--allow-plugin", "NAME", "An entry of another package that a confined config may load."),
}
"""The options that limit a config, in the order of the help. The first is required for the others."""


def confinement_of(
    *,
    confine: bool,
    root: Path | None,
    allow_host: list[str] | None,
    allow_database: list[str] | None,
    allow_plugin: list[str] | None,
) -> Confinement | None:
    """Return the limits from the options, or None without `--confine`.

    Raises BadParameter if another of these options is given alone.
    """
    given = {"--root": root, "--allow-host": allow_host}
    given |= {"--allow-database": allow_database, "--allow-plugin": allow_plugin}
    for option, value in given.items():
        if value and not confine:
            raise typer.BadParameter("goes with --confine, which is not given", param_hint=option)
    if not confine:
        return None
    if root is not None and not root.is_dir():
        raise typer.BadParameter(f'"{printable(str(root))}" is no folder', param_hint="--root")
    return Confinement(root, frozenset(allow_host or ()), tuple(allow_database or ()), frozenset(allow_plugin or ()))


def _check_working_folder() -> None:
    """Raise DiptychError if the working folder was removed, from which every relative path counts."""
    try:
        Path.cwd()
    except OSError as error:
        raise DiptychError(
            f"the working folder: cannot be used ({error.strerror}); change into a folder that exists"
        ) from None


def _warn_of_home(console: Console, limits: Confinement | None, given: Mapping[str, Any]) -> None:
    """Print a note if `--confine` allows the whole home folder, for the configs in the arguments of a command."""
    configs = given.get("configs") or given.get("config")
    named = configs if isinstance(configs, list | tuple) else [configs or Path("config.yaml")]
    bases = [Path(one).parent for one in named]
    if limits is not None and any(limits.root_of(base) == Path(os.path.realpath(Path.home())) for base in bases):
        message = (
            "--confine allows all of your home folder, which is the root; name a smaller folder with --root FOLDER"
        )
        console.notes([Note("home_is_root", "--confine", message)])


def spoken(*said: str, confines: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that adds a console as first argument of a command and the options `said`.

    `confines`: the command reads a config and has the options that limit it.
    """

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def run(**given: Any) -> None:  # noqa: ANN401 - any arguments of a command
            how = {name: given.pop(name) for name in said}
            limits = confinement_of(**{name: given.pop(name) for name in _CONFINED}) if confines else None
            speech = Speech(**how, configs=tuple(given.get("configs") or ()))
            with speaking(speech) as console, confined(limits):
                _check_working_folder()
                _warn_of_home(console, limits, given)
                command(console, **given)

        signature = inspect.signature(command, eval_str=True)
        usual = {field.name: field.default for field in fields(Speech)}
        options = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=usual[name], annotation=_SPEECH[name])
            for name in said
        ]
        own = list(signature.parameters.values())[1:]
        limits = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=False if name == "confine" else None,
                annotation=annotation,
            )
            for name, annotation in (_CONFINED if confines else {}).items()
        ]
        vars(run)["__signature__"] = signature.replace(parameters=[*own, *limits, *options])
        run.__annotations__ = {}  # the signature has them, and Typer would read them again
        return run

    return decorated


class _Command(TyperCommand):
    """A command. Its help is as wide as the terminal, and its examples keep their lines if these fit."""

    def get_help(self, ctx: typer.Context) -> str:  # type: ignore[override]
        """Return the help, with arguments by name and without Python types."""
        ctx.terminal_width = width()
        for parameter in self.params:
            if parameter.param_type_name == "argument":
                vars(parameter)["display_type_rich"] = lambda ctx: None  # noqa: ARG005
        return super().get_help(ctx)

    def collect_usage_pieces(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Return the arguments of a command, required ones without braces."""
        return [piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)]

    def format_epilog(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]  # noqa: ANN401, ARG002
        """Write the end of the help."""
        if self.epilog:
            formatter.write("\n" + within(self.epilog, formatter.width) + "\n")


def own_app(*, add_completion: bool = False, **settings: Any) -> typer.Typer:  # noqa: ANN401 - settings of Typer
    """Return a Typer application with the usual settings of this program."""
    return typer.Typer(
        add_completion=add_completion,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # plain text in which no word breaks; this also saves a tenth of a second
        context_settings={"help_option_names": ["-h", "--help"]},
        **settings,
    )


def command(
    *examples: str,
    page: str | None = None,
    said: tuple[str, ...] = SPOKEN,
    confines: bool = False,
) -> Callable[[Callable[..., None]], typer.Typer]:
    """Return a decorator that makes a command of a function, whose first argument is the console.

    Its name and help line come from the function. `examples` are lines of the help, `page` is a page of docs/ with more
    information, `said` are the options for output, and `confines` adds the options that limit a config.
    """
    more = [] if page is None else ["", f"Documents: {DOCS}{page}"]
    epilog = "\n".join(["Examples:", *(f"  {one}" for one in examples), *more])

    def decorated(function: Callable[..., None]) -> typer.Typer:
        made = own_app()
        made.command(function.__name__, cls=_Command, epilog=epilog)(spoken(*said, confines=confines)(function))
        return made

    return decorated
