"""Templates with strict names, and the writer, which turns findings into sentences (`templates/prose/<language>/`).

Each build has new environments. Compiled templates are cached next to them, as Python caches its modules. The writer
has one template for each kind of finding, with one block for each sentence. Python chooses the sentences, and the
template only words them. Labels are values, never template source. Sentences have a stable id and contain no markup.
Renderers escape them.
"""

from __future__ import annotations

import contextlib
import pickle
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.bccache import Bucket, FileSystemBytecodeCache
from markupsafe import Markup

from .. import formats
from ..cells import CellRef, Panel
from ..errors import RenderError
from ..figures import panel_letters
from ..findings.finding import Finding
from ..foreign_text import carried, runs_right_to_left
from ..pseudonyms import is_pseudonym
from ..theme import Raw, one_line, template_folder
from .model import Sentence, Span


class CompiledTemplates(FileSystemBytecodeCache):
    """Compiled templates: in memory for all environments of a process, and in `__pycache__` for the next process.

    A template is compiled again if its source has changed. Nothing is written if Python writes no bytecode either, or
    if the folder is not writable.
    """

    def __init__(self, folder: Path) -> None:
        """Store compiled templates in the folder `__pycache__` of a folder."""
        super().__init__(str(folder / "__pycache__"), f"%s.{sys.implementation.cache_tag}-jinja{version('jinja2')}")
        self._codes: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load the bytecode compiled from the same source into a template."""
        checksum, code = self._codes.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code
            return
        try:
            super().load_bytecode(bucket)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            bucket.reset()
        self._keep(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store the bytecode of a template."""
        self._keep(bucket)
        if not sys.dont_write_bytecode:
            with contextlib.suppress(OSError):
                Path(self.directory).mkdir(exist_ok=True)
                super().dump_bytecode(bucket)

    def _keep(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._codes[bucket.key] = (bucket.checksum, bucket.code)


@cache
def compiled() -> CompiledTemplates:
    """Return the cache of this program's compiled templates."""
    return CompiledTemplates(template_folder())


_LAYOUT: dict[str, Any] = {
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
}


def html_environment(*folders: Path) -> Environment:
    """Return an environment that escapes for HTML, with the templates in `folders`.

    `own_direction(text)` is the direction attribute for an element with text by another author, if it needs one.
    """
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        finalize=_clean_text,
        bytecode_cache=compiled(),
        **_LAYOUT,
    )
    environment.globals["own_direction"] = own_direction
    return environment


def own_direction(text: str) -> Markup:
    """Return ` dir="auto"` for a text with right-to-left letters, else an empty text."""
    return Markup(' dir="auto"' if runs_right_to_left(text) else "")  # noqa: S704 - written here


def text_environment(folder: Path, escape: Callable[[str], str]) -> Environment:
    r"""Return an environment for LaTeX or Markdown. Every value that is not `Raw` goes through `escape`.

    The delimiters cannot be confused with LaTeX: `<% block %>`, `<< value >>`, `<# comment #>`. `raw(text)` is text for
    a comment, on one line and without escaping.
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


def position(panels: tuple[Panel, ...], panel_id: str) -> str:
    """Return the name of a panel in text and drawing, in any layout: (a), (b), ..., or nothing for a single panel."""
    return panel_letters(panels)[[panel.id for panel in panels].index(panel_id)]


MOST_LISTED = 6
"""The number of items that a sentence lists individually."""
_SPACES = re.compile(r"[ \t\r\n]+")


class _Prose(Environment):
    """Templates that copy all names at once for each sentence, while Jinja searches nested mappings."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the names available to a template at the time it is loaded."""
        return {**self.globals, **(d or {})}


class Writer:
    """A writer of sentences in one language.

    `say` renders a block of a finding's template, and `tell` a block of a template without a finding.
    """

    def __init__(self, folder: Path, language: str, words: Mapping[str, object]) -> None:
        """Load the templates of a language. `words` are available to every template (wording, panels, ...)."""
        self._environment = _Prose(
            loader=FileSystemLoader(folder / "prose" / language),
            autoescape=False,  # the result is text in the document model; each renderer escapes
            cache_size=64,
            auto_reload=False,
            bytecode_cache=compiled(),
            **_LAYOUT,
        )
        self._environment.filters.update(_filters(language))
        self._environment.tests["private"] = is_pseudonym
        self._environment.globals.update(words)
        phrases = self._environment.get_template("_phrases.j2").module
        self._environment.globals.update({name: value for name, value in vars(phrases).items() if name[0] != "_"})

    def say(self, finding: Finding, block: str, **more: object) -> Sentence:
        """Return one sentence about a finding. Its id is the finding's id followed by the block name."""
        text = self._render(finding.kind, block, {"f": finding, **more})
        return Sentence(f"{finding.id}.{block}", (Span(text),), finding.cells)

    def tell(self, topic: str, block: str, cells: Sequence[CellRef] = (), **more: object) -> Sentence:
        """Return one sentence on a topic without a finding, such as how to read the figure."""
        return Sentence(f"{topic}.{block}", (Span(self._render(topic, block, more)),), tuple(cells))

    def words(self, topic: str, block: str, **more: object) -> str:
        """Return words that are not a sentence: a heading, a caption, a table field."""
        return self._render(topic, block, more)

    def has(self, topic: str, block: str) -> bool:
        """Return whether a topic has a template with this block."""
        try:
            return block in self._template(topic).blocks
        except TemplateNotFound:
            return False

    def _render(self, topic: str, block: str, values: Mapping[str, object]) -> str:
        template = self._template(topic)
        context = template.new_context(dict(values))
        text = "".join(template.blocks[block](context))
        return _SPACES.sub(" ", text).strip()

    def _template(self, topic: str) -> Template:
        return self._environment.get_template(f"{topic}.j2")


def _filters(language: str) -> dict[str, Callable[..., str]]:
    """Return the number formats as template filters, bound to a language."""

    def bind(name: str) -> Callable[..., str]:
        return partial(getattr(formats, name), language=language)

    def some(name: str) -> Callable[[Sequence[str]], str]:
        """List as many items as a sentence can contain, and how many more there are."""

        def listed(items: Sequence[str]) -> str:
            more = len(items) - MOST_LISTED
            rest = [f"{formats.small(more, language)} more"] if more > 0 else []
            return bind(name)([*items[:MOST_LISTED], *rest])

        return listed

    def spread(name: str) -> Callable[[tuple[float, ...]], str]:
        """Accept a tuple, because a Jinja filter takes one value."""
        return lambda numbers: bind(name)(*numbers)

    pairs = {"interval": "percent_range", "ratios": "ratio_range", "net": "signed_count_range", "odds": "odds"}
    more: dict[str, Callable[..., str]] = {
        "beside": lambda share, other: formats.percent_beside(share, share if other is None else other, language),
        "quoted": formats.quoted,
        "quoted_value": formats.quoted_value,
        "capitalize_first": lambda text: text[:1].upper() + text[1:],
    }
    return (
        {
            name: bind(name)
            for name in ("count", "percent", "ratio", "ratio_at_least", "times", "value", "expected", "date", "small")
        }
        | {name: some(name) for name in ("listing", "alternatives")}
        | {name: spread(function) for name, function in pairs.items()}
        | more
    )
