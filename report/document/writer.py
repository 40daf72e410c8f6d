"""Templates with strict names for pages and papers.

An environment keeps its compiled templates as long as the process lives. Labels are values, never template source.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from markupsafe import Markup

from ..errors import RenderError
from ..foreign_text import carried, runs_right_to_left
from ..theme import Raw, one_line, template_folder

_LAYOUT: dict[str, Any] = {
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
}


@cache
def html_environment(*folders: Path) -> Environment:
    """Return an environment that escapes for HTML, with the templates in `folders`.

    `own_direction(text)` is the direction attribute for an element with text by another author, if it needs one.
    """
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        finalize=_clean_text,
        **_LAYOUT,
    )
    environment.globals["own_direction"] = own_direction
    return environment


def own_direction(text: str) -> Markup:
    """Return ` dir="auto"` for a text with right-to-left letters, else an empty text."""
    return Markup(' dir="auto"' if runs_right_to_left(text) else "")  # noqa: S704 - written here


@cache
def text_environment(folder: Path, escape: Callable[[str], str]) -> Environment:
    r"""Return an environment for LaTeX or Markdown. Every value that is not `Raw` goes through `escape`.

    The delimiters cannot be confused with LaTeX: `<% block %>`, `<< value >>`, `<# comment #>`. `raw(text)` is text for
    a comment, on one line and without escaping.
    """
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=False,  # noqa: S701 - HTML escaping would be wrong here; finalize escapes everything
        finalize=lambda value: value if isinstance(value, Raw) else escape(str(value)),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        **_LAYOUT,
    )
    environment.globals["raw"] = lambda text: Raw(one_line(text))
    return environment


def fill_each(names: Iterable[str], folder: str, escape: Callable[[str], str], /, **values: object) -> dict[str, str]:
    """Return filled templates of a folder by name. Each template uses the values that it needs."""
    environment = text_environment(template_folder() / folder, escape)
    return {name: fill(environment, name, **values) for name in names}


def fill(environment: Environment, template: str, **values: object) -> str:
    """Return a filled template. Raise RenderError with the template and line of an error."""
    try:
        return environment.get_template(template).render(**values)
    except TemplateNotFound as error:
        raise RenderError(f"template {error.name} is missing: the installation is incomplete") from error
    except TemplateError as error:
        raise RenderError(f"template {_place(error, template)}: {error.message}") from error


def _place(error: TemplateError, template: str) -> str:
    """Return file and line, from a syntax error or from the last frame that runs template code."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.name or template}:{error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.endswith(".py")]
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else template


def _clean_text(value: object) -> object:
    """Escape characters that no format supports. Markup (with its own `__html__`) is unchanged."""
    return carried(value) if type(value) is str else value
