"""Vega-Lite -> SVG, by vl-convert, in this process or in one that was warmed up beside it.

vl-convert takes half a second to compile Vega the first time and holds Python's lock while it works, so a
build warms a `Drawer` up as soon as its data are counted, and goes on with texts and findings meanwhile.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self
from xml.sax.saxutils import escape

import vl_convert

from ..cache import NO_CACHE, Cache
from ..errors import RenderError
from ..theme.fonts import font_folder
from .marks import VEGALITE_VERSION, Json, drawable, spec_text

_ID = re.compile(r'\bid="([^"]*)"')
_REFERENCE = re.compile(r'url\(#([^)]*)\)|href="#([^"]*)"')


def draw_svg(spec: Json, figure_id: str) -> str:
    """Return the static picture of a specification: the same text in every process.

    Ids start with the figure's own and count from 1, so that several figures can stand in one page. Raises
    RenderError where Vega gives up or leaves text out.
    """
    return _finished(_convert(spec_text(spec), figure_id), spec, figure_id)


class Drawer:
    """Draws in a process of its own; for use in a `with` block.

    `draw` starts a drawing and returns its future. The process starts with the first drawing that is not kept, or
    with `warm_up` before. Where it cannot be started or ends too early, drawing happens here.
    """

    def __init__(self, cache: Cache = NO_CACHE, *, once: bool = False) -> None:
        """Prepare; nothing is started before the block is entered. `once`: one report is drawn, see `rest`."""
        self._cache, self._once = cache, once
        self._process: subprocess.Popen[bytes] | None = None
        self._started = self._ended = False
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="drawer")

    def __enter__(self) -> Self:
        return self

    def warm_up(self) -> None:
        """Start the process, since something will be drawn; not where a cache may have kept it all."""
        if self._cache.is_empty:
            self._ready()

    def rest(self) -> None:
        """Let the process of one report end when all that was asked is drawn; a later drawing starts another."""
        if self._once:
            self._thread.submit(self._end)

    def _end(self) -> None:
        with self._lock:
            process, self._process, self._started = self._process, None, False
        if process is not None:
            process.communicate()

    def _ready(self) -> None:
        """Start the process unless it was, or the block has ended."""
        with self._lock:
            if not self._started and not self._ended:
                self._started = True
                self._start()

    def _start(self) -> None:
        """Start the process; it warms up by itself."""
        program = Path(__file__).with_name("drawing_process.py")
        arguments = [json.dumps(sys.path), str(font_folder()), VEGALITE_VERSION]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-P", str(program), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            self._process = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown(wait=error is None, cancel_futures=True)
        with self._lock:  # a drawing that is under way after an error starts nothing any more
            self._ended = True
        if self._process is not None:
            if error is not None:
                self._process.kill()
            self._process.communicate()

    def draw(self, spec: Json, figure_id: str) -> Future[str]:
        """Start drawing; the future's result is what `draw_svg` returns, or its RenderError."""
        return self._thread.submit(self._draw, spec, figure_id)

    def _draw(self, spec: Json, figure_id: str) -> str:
        text = spec_text(spec)
        key = self._cache.key("svg", text, figure_id)
        return self._cache.made(key, lambda: self._drawn(text, spec, figure_id).encode()).decode()

    def _drawn(self, text: str, spec: Json, figure_id: str) -> str:
        self._ready()
        answer = self._asked(text)
        if answer is None:
            return draw_svg(spec, figure_id)
        if "error" in answer:
            raise _refusal(answer["error"], figure_id)
        return _finished(answer["svg"], spec, figure_id)

    def _asked(self, text: str) -> dict[str, str] | None:
        """Return the process's answer; None where there is no process, or none any more."""
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
    vl_convert.register_font_directory(str(font_folder()))
    try:
        # parsed by Python, as the process does: vl-convert reads the last digit of some numbers otherwise
        return vl_convert.vegalite_to_svg(json.loads(text), vl_version=VEGALITE_VERSION)
    except ValueError as error:
        raise _refusal(str(error), figure_id) from error


def _refusal(message: str, figure_id: str) -> RenderError:
    reason = next((line for line in message.splitlines()[1:] if line.strip()), message)
    return RenderError(f"figure {figure_id}: Vega cannot draw it: {reason.strip()}")


def _finished(svg: str, spec: Json, figure_id: str) -> str:
    """Return the SVG with ids of its own. Raises RenderError where an axis title is not in it.

    What vl-convert cannot draw it may leave out without a word.
    """
    missing = sorted(title for title in _axis_titles(spec) if f">{escape(drawable(title))}</text>" not in svg)
    if missing:
        raise RenderError(f"figure {figure_id}: the drawing lacks its text ({missing[0]})")
    return _with_own_ids(svg, figure_id)


def _with_own_ids(svg: str, figure_id: str) -> str:
    """Rename ids in order: Vega counts gradients over all it drew in a process."""
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
