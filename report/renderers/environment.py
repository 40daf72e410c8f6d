"""Jinja environments: fresh for each build, strict about names, escaping by default."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)

from ..errors import RenderError
from ..theme.compiled import compiled
from .escape import Raw, clean


def html_environment(folder: Path) -> Environment:
    """Return an environment that escapes for HTML; `folder` holds the templates."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_clean_text,
        bytecode_cache=compiled(),
    )


def text_environment(folder: Path, escape: Callable[[str], str]) -> Environment:
    r"""Return an environment for LaTeX or Markdown: whatever is not `Raw` goes through `escape`.

    The delimiters cannot be taken for LaTeX: `<% block %>`, `<< value >>`, `<# comment #>`.
    """
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=False,  # noqa: S701 - HTML escaping would be wrong here; finalize escapes everything
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        finalize=lambda value: value if isinstance(value, Raw) else escape(str(value)),
        bytecode_cache=compiled(),
    )


def fill(environment: Environment, template: str, **values: object) -> str:
    """Return a filled template. Raises RenderError naming the template and the line where it is wrong."""
    try:
        return environment.get_template(template).render(**values)
    except TemplateNotFound as error:
        raise RenderError(f"template {error.name} is missing: the installation is incomplete") from error
    except TemplateError as error:
        raise RenderError(f"template {_place(error, template)}: {error.message}") from error


def _place(error: TemplateError, template: str) -> str:
    """Return file and line: a syntax error knows them; else the last frame that runs template code does."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name or template}:{error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.endswith(".py")]
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else template


def _clean_text(value: object) -> object:
    """Take out control characters; markup (with its own `__html__`) is left as it is."""
    return clean(value) if type(value) is str else value
