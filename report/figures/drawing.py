"""Render Vega-Lite to SVG with vl-convert, and SVG to figure files with Typst.

vl-convert needs half a second to compile Vega the first time and does not release Python's lock. Therefore, a build
starts a `Drawer` process as soon as the data are counted, and measures statements and writes the text in the meantime.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self
from xml.sax.saxutils import escape

import typst
import vl_convert

from ..errors import FontError, RenderError
from ..theme import template_folder
from ..theme.fonts import font_folder, font_folders, included_fonts_alone, settings_of_fontconfig
from . import JournalWidth, width_mm
from .specs import VEGALITE_VERSION, Json, drawable, spec_file, spec_text

_ID = re.compile(r'\bid="([^"]*)"')
_REFERENCE = re.compile(r'url\(#([^)]*)\)|href="#([^"]*)"')


def draw_svg(spec: Json, figure_id: str) -> str:
    """Return the SVG of a specification, which is identical in every process.

    Element ids begin with the figure's id and count from 1, so that a page can contain several figures. Raises
    RenderError if Vega fails or omits text.
    """
    return _finished(_convert(spec_text(spec), figure_id), spec, figure_id)


class Drawer:
    """Context manager that draws figures in a separate process.

    `draw` starts a drawing and returns its future. The process starts with the first drawing, or earlier with
    `warm_up`. If it cannot start or ends early, this process draws the figure.
    """

    def __init__(self, *, once: bool = False) -> None:
        """Prepare without starting the process. If `once`, only one report is drawn, see `rest`."""
        self._once = once
        self._process: subprocess.Popen[bytes] | None = None
        self._started = self._ended = False
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="drawer")

    def __enter__(self) -> Self:
        return self

    def warm_up(self) -> None:
        """Start the process in advance."""
        self._ready()

    def rest(self) -> None:
        """End the process after the pending drawings if `once`. A later drawing starts a new process."""
        if self._once:
            self._thread.submit(self._end)

    def _end(self) -> None:
        with self._lock:
            process, self._process, self._started = self._process, None, False
        if process is not None:
            process.communicate()

    def _ready(self) -> None:
        """Start the process, unless it has been started or the block has ended."""
        with self._lock:
            if not self._started and not self._ended:
                self._started = True
                self._start()

    def _start(self) -> None:
        """Start the process, which then compiles Vega."""
        program = Path(__file__).with_name("drawing_process.py")
        arguments = [json.dumps(sys.path), str(font_folder()), VEGALITE_VERSION]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-P", str(program), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | settings_of_fontconfig(),
            )
        except OSError:
            self._process = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=error is None, cancel_futures=True)
        with self._lock:  # after an error, a pending drawing must not start the process
            self._ended = True
        if self._process is not None:
            if error is not None:
                self._process.kill()
            self._process.communicate()

    def draw(self, spec: Json, figure_id: str) -> Future[str]:
        """Start drawing; the future returns the result of `draw_svg` or raises its RenderError."""
        return self._thread.submit(self._draw, spec, figure_id)

    def _draw(self, spec: Json, figure_id: str) -> str:
        self._ready()
        answer = self._asked(spec_text(spec))
        if answer is None:
            return draw_svg(spec, figure_id)
        if "error" in answer:
            raise _refusal(answer["error"], figure_id)
        return _finished(answer["svg"], spec, figure_id)

    def _asked(self, text: str) -> dict[str, str] | None:
        """Return the answer of the process; None if the process is not running."""
        if self._process is None or self._process.stdin is None or self._process.stdout is None:
            return None
        try:
            self._process.stdin.write(text.encode() + b"\n")
            self._process.stdin.flush()
            answer: dict[str, str] = json.loads(self._process.stdout.readline())
        except (OSError, ValueError):
            return None
        return answer


def _convert(text: str, figure_id: str) -> str:
    try:
        with included_fonts_alone():
            vl_convert.register_font_directory(str(font_folder()))
            # Parse with Python, as in the process: vl-convert reads the last digit of some numbers differently.
            return vl_convert.vegalite_to_svg(json.loads(text), vl_version=VEGALITE_VERSION)
    except ValueError as error:
        raise _refusal(str(error), figure_id) from error


def _refusal(message: str, figure_id: str) -> RenderError:
    reason = next((line for line in message.splitlines()[1:] if line.strip()), message)
    return RenderError(f"figure {figure_id}: Vega cannot draw it: {reason.strip()}")


def _finished(svg: str, spec: Json, figure_id: str) -> str:
    """Return the SVG with ids that belong to the figure. Raises RenderError if an axis title is missing.

    vl-convert can omit elements that it cannot draw without reporting an error.
    """
    missing = sorted(title for title in _axis_titles(spec) if f">{escape(drawable(title))}</text>" not in svg)
    if missing:
        raise RenderError(f"figure {figure_id}: the drawing lacks its text ({missing[0]})")
    return _with_own_ids(svg, figure_id)


def _with_own_ids(svg: str, figure_id: str) -> str:
    """Return the SVG with ids numbered per figure. Vega numbers gradients across all drawings of a process."""
    names = {old: f"{figure_id}-{number}" for number, old in enumerate(dict.fromkeys(_ID.findall(svg)), start=1)}

    def renamed(match: re.Match[str]) -> str:
        old = next(group for group in match.groups() if group is not None)
        return match.group(0).replace(f"#{old}", f"#{names.get(old, old)}")

    return _REFERENCE.sub(renamed, _ID.sub(lambda match: f'id="{names[match.group(1)]}"', svg))


def _axis_titles(part: object) -> set[str]:
    """Return the titles of all axes of a specification."""
    if isinstance(part, list):
        return set().union(*(_axis_titles(entry) for entry in part))
    if not isinstance(part, dict):
        return set()
    own = {part["axis"]["title"]} if isinstance(part.get("axis"), dict) and part["axis"].get("title") else set()
    return own.union(*(_axis_titles(entry) for key, entry in part.items() if key != "datasets"))


_ROOT = re.compile(r'<svg ([^>]*?)width="([\d.]+)" height="([\d.]+)"')


def on_paper(svg: str, width: float) -> str:
    """Return a drawing with its size in millimetres: the width, and a proportional height."""
    found = _ROOT.search(svg)
    if found is None:
        raise ValueError("not a drawing of Vega's")
    tall = float(found[3]) * width / float(found[2])
    return f'{svg[: found.start()]}<svg {found[1]}width="{width:g}mm" height="{tall:.6g}mm"{svg[found.end() :]}'


def figure_files(figure_id: str, spec: Json, plate: Plate) -> dict[str, bytes]:
    """Return the figure as SVG, PNG, PDF and Vega-Lite JSON: path below the site -> bytes.

    Raises RenderError if the fonts lack a character.
    """
    return drawn_files(figure_id, spec, plate.svg) | {
        f"figures/{figure_id}.pdf": plate_pdf(plate),
        f"figures/{figure_id}.png": plate_png(plate),
    }


def drawn_files(figure_id: str, spec: Json, svg: str) -> dict[str, bytes]:
    """Return the files of a figure that need no fonts: SVG and Vega-Lite JSON."""
    return {f"figures/{figure_id}.svg": svg.encode(), f"figures/{figure_id}.vl.json": spec_file(spec).encode()}


PDF_STANDARDS: list[typst.PDFStandard] = ["a-3a", "ua-1"]
"""Standards of PDF files: archival with everything embedded (ISO 19005-3, level a), accessible (ISO 14289-1)."""


EPOCH = dt.date(1970, 1, 1)
"""Date in the metadata of a PDF if the report has no date, so that builds are reproducible."""


@dataclass(frozen=True, slots=True)
class Plate:
    """A picture with the metadata of its file.

    `alt` is the alternative text, and `date` is the date of the data. `width` is a journal width or a number of
    millimetres. `fallback_fonts` are font files for characters that the shipped font lacks.
    """

    svg: str
    title: str
    alt: str
    width: JournalWidth | float = "double"
    date: dt.date | None = None
    language: str = "en"
    fallback_fonts: tuple[Path, ...] = ()


def plate_pdf(plate: Plate) -> bytes:
    """Return a one-page PDF. Raises RenderError if the fonts lack a character."""
    moment = dt.datetime.combine(plate.date or EPOCH, dt.time(), tzinfo=dt.UTC)
    try:
        return _compiled(plate, format="pdf", pdf_standards=PDF_STANDARDS, timestamp=moment)
    except typst.TypstError as error:
        raise (FontError if "could not be displayed" in error.message else RenderError)(_reason(error)) from error


def plate_png(plate: Plate, dpi: int = 300) -> bytes:
    """Return a PNG with `dpi` pixels per inch of the plate's width, on white."""
    return _compiled(plate, format="png", ppi=float(dpi))


def _compiled(plate: Plate, **how: Any) -> bytes:  # noqa: ANN401 - what Typst takes
    fonts = list(font_folders(plate.fallback_fonts))
    template = template_folder() / "typst" / "figure.typ"
    made: bytes = typst.compile(template, font_paths=fonts, ignore_system_fonts=True, sys_inputs=_inputs(plate), **how)
    return made


def _inputs(plate: Plate) -> dict[str, str]:
    width = f"{width_mm(plate.width):g}"
    words = {"title": plate.title, "alt": plate.alt, "language": plate.language}
    return words | {"svg": plate.svg, "width": width}


def _reason(error: typst.TypstError) -> str:
    """Return an error message with a remedy. The usual cause is a script that the shipped font lacks."""
    quoted = error.message.partition("`")[2].partition("`")[0]
    if "could not be displayed" in error.message and quoted:
        return f"no font has {quoted}: name a font file that has it under fonts: in the config"
    return f"Typst cannot set it: {error.message}"
