"""Texts and paths of the command line are read as Typer reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer

from diptych.cli.app import TARGETS
from diptych.cli.options import read_plainly
from diptych.slots import load

VALUES: tuple[Any, ...] = (None, "", "text", "a\x00b", "a\ud800b", "\t", ("x", "y"), [], "missing/folder", ".", Path())


def _outcome(parameter: Any, value: object, context: Any) -> object:
    try:
        return parameter.get_runtime_param().coerce(value, param=parameter, ctx=context)
    except (typer.BadParameter, ValueError) as error:
        return type(error), str(error)


@pytest.mark.parametrize("name", ["build", "check"])
def test_a_value_is_the_same_as_from_typer(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    command = typer.main.get_command(load("command", name, TARGETS[name]).app)
    context: Any = typer.Context(command)
    parameters: list[Any] = list(command.params)
    before = [[_outcome(one, value, context) for value in VALUES] for one in parameters]
    read_plainly(parameters)
    assert [[_outcome(one, value, context) for value in VALUES] for one in parameters] == before
    assert len(parameters) > 3
