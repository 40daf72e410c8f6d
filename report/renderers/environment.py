"""Jinja environments: fresh for each build, strict about names, escaping by default."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError

from ..document.writer import compiled
from ..errors import RenderError
from ..theme import template_folder
from .escape import Raw, clean, one_line

_LAYOUT: dict[str, Any] = {
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
}


def html_environment(folder: Path) -> Environment:
    """Return an environment that escapes for HTML; `folder` holds the templates."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        finalize=_clean_text,
        bytecode_cache=compiled(),
        **_LAYOUT,
    )


def text_environment(folder: Path, escape: Callable[[str], str]) -> Environment:
    r"""Return an environment for LaTeX or Markdown: whatever is not `Raw` goes through `escape`.

    The delimiters cannot be taken for LaTeX: `<% block %>`, `<< value >>`, `<# comment #>`. `raw(text)` is text for a
    comment: on one line, where nothing needs escaping.
    """
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=False,  # noqa: S701 - HTML escaping would be wrong here; finalize escapes everything
        finalize=lambda value: value if isinstance(value, Raw) else escape(str(value)),
        bytecode_cache=compiled(),
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
    """Return filled templates of a folder by their names; each takes what it needs of the values."""
    environment = text_environment(template_folder() / folder, escape)
    return {name: fill(environment, name, **values) for name in names}


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
