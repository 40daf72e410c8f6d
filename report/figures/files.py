"""The files of one figure: what a paper or a page takes from the site."""

from __future__ import annotations

from ..cache import NO_CACHE, Cache
from .typesetting import Plate, plate_key, plate_pdf, plate_png
from .vegalite import Json, spec_file


def figure_files(
    figure_id: str, spec: Json, plate: Plate, *, dpi: int = 300, cache: Cache = NO_CACHE
) -> dict[str, bytes]:
    """Return the figure as SVG, PNG, PDF and Vega-Lite JSON: path below the site -> bytes.

    Raises RenderError where the fonts lack a character.
    """
    return {
        f"figures/{figure_id}.pdf": cache.made(cache.key("plate", plate_key(plate)), lambda: plate_pdf(plate)),
        f"figures/{figure_id}.png": cache.made(
            cache.key("plate", plate_key(plate), dpi), lambda: plate_png(plate, dpi)
        ),
        f"figures/{figure_id}.svg": plate.svg.encode(),
        f"figures/{figure_id}.vl.json": spec_file(spec).encode(),
    }
