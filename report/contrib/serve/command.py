"""The command `diptych serve`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated

import typer

from ...cli.console import Console, excerpt, first_sentence, plain_spaces
from ...cli.options import SPOKEN, ConfigPath, command
from ...config.places import printable
from ...errors import ConfigError, DataError, DiptychError, Note, listed
from ...sources.files import FORMATS, format_named

if TYPE_CHECKING:  # help needs no pipeline
    from .preview import Attempt, Board, Preview
    from .server import LocalServer, Route

PORT = 8000


@command(
    "diptych serve",
    "diptych serve study.yaml --port 8080",
    page="wording.md",
    said=SPOKEN[1:],
    confines=True,
)
def serve(
    console: Console,
    config: ConfigPath = Path("config.yaml"),
    *,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free port.", metavar="N")
    ] = PORT,
) -> None:
    """Show the report of CONFIG in a browser, and rebuild it when config, text, data or templates change.

    The server only answers on this machine. Only the page is made. `diptych build` makes the other outputs. Press
    Ctrl-C to stop.
    """
    if not config.is_file():
        from ...slots import load  # noqa: PLC0415 - help needs no other command

        load("command", "init", "contrib.choose.command:choose_in_browser")(
            console, str(_only_table(config)), config, port
        )
        return
    with serving({}, port) as server:
        show(console, config, server)


def _only_table(config: Path) -> Path:
    """Return the only table in the folder of a missing config. Raises DataError if there is none, or several."""
    tables = sorted(path for path in config.parent.glob("*") if path.is_file() and format_named(path.name) in FORMATS)
    if len(tables) == 1:
        return tables[0]
    found = (
        "no table in its folder" if not tables else f"several tables in its folder: {listed([p.name for p in tables])}"
    )
    raise DataError(f"{config}: there is no such file, and {found}; diptych init TABLE makes one")


@contextmanager
def serving(routes: Mapping[tuple[str, str], Route], port: int) -> Iterator[LocalServer]:
    """Yield a running server of routes, until a person ends it. Raises DataError if the port cannot be used."""
    from .server import LocalServer  # noqa: PLC0415 - help needs no server

    try:
        server = LocalServer(routes, port)
    except OSError as error:
        raise DataError(f"port {port}: cannot be used ({error.strerror}); --port names another, or 0") from None
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    try:
        with suppress(KeyboardInterrupt):
            yield server
    finally:
        server.shutdown()
        server.server_close()


def show(console: Console, config: Path, server: LocalServer) -> None:
    """Show the report of a config on a server, until a person ends it."""
    from ...figures.drawing import Drawer  # noqa: PLC0415 - help needs no pipeline
    from ...publish.reuse import usual_cache  # noqa: PLC0415 - help needs no pipeline
    from .preview import Board, Preview  # noqa: PLC0415

    board = Board()
    server.routes = board.routes
    console.result(f"{server.address} shows {printable(str(config))}; Ctrl-C ends it", {})
    try:
        with Drawer() as drawer, suppress(KeyboardInterrupt):
            _follow(console, Preview(config, usual_cache(), drawer), board)
    finally:
        board.live.end()
    console.result("ended", {})


def _follow(console: Console, preview: Preview, board: Board) -> None:
    """Build now and after each change, until stopped."""
    from .preview import wait  # noqa: PLC0415

    never, told = Event(), set[Note]()
    while True:
        with console.working("building"):
            attempt = preview.attempt()
        console.notes([note for note in attempt.notes if note not in told])
        told.update(attempt.notes)
        _show(console, board, attempt)
        wait(preview.before, preview.seen, never)


def _show(console: Console, board: Board, attempt: Attempt) -> None:
    if attempt.error is not None:
        console.error(attempt.error)
        board.tell(_troubles(attempt.error))
        return
    board.show(attempt.files)
    said = first_sentence(attempt.files.get("index.html", b"").decode()) or ""
    console.result(f"built in {attempt.seconds:.1f} s: {said}", {})


def _troubles(error: DiptychError) -> list[tuple[str, str]]:
    problems = error.problems if isinstance(error, ConfigError) else ()
    places = dict(zip(map(str, problems), problems, strict=True))
    return [
        (printable(plain_spaces(message)), "\n".join(excerpt(places[message])) if message in places else "")
        for message in error.messages
    ]
