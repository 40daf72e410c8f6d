"""Colours, fonts and sizes, shared by figures and renderers; and where the templates are."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from ..errors import RenderError


def template_folder() -> Path:
    """Return the folder that holds `html/`, `typst/`, `markdown/` and `latex/` templates.

    In an installed wheel it stands beside the package's modules, in a checkout at its top level. Raises RenderError
    where an installation has none.
    """
    package = Path(str(files(__package__.partition(".")[0]))).resolve()
    for folder in (package / "templates", package.parent / "templates"):
        if folder.is_dir():
            return folder
    raise RenderError(f"no templates beside {package}: the installation is incomplete, install diptych again")
