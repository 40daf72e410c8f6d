"""Files of a figure: PDF with text and fonts, PNG of the right size, words for those who cannot see it."""

import datetime as dt
import io
import struct

import pikepdf
import pytest

from diptych.figures import FigureSettings
from diptych.figures.drawing import Plate, draw_svg, plate_pdf, plate_png
from diptych.figures.heatmap import heatmap_spec
from diptych.figures.layout import PAGE
from tests.figures.demo_panels import founding

FIGURE = FigureSettings(id="main", form="classic", panels=("left", "right"))


@pytest.fixture(scope="module")
def spec():
    return heatmap_spec(FIGURE, founding(), PAGE, 2)


@pytest.fixture(scope="module")
def svg(spec):
    return draw_svg(spec, "main")


@pytest.fixture(scope="module")
def pdf(svg):
    plate = Plate(svg, "Data and models", "Two heatmaps.", date=dt.date(2026, 3, 2))
    with pikepdf.open(io.BytesIO(plate_pdf(plate))) as document:
        yield document


def png_size(content):
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", content[16:24])


def test_fonts_are_embedded_and_text_can_be_selected(pdf):
    fonts = pdf.pages[0].Resources.Fonts if "/Fonts" in pdf.pages[0].Resources else None
    found = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/Font"]
    names = {str(font.BaseFont).split("+")[-1] for font in found if "/DescendantFonts" in font}
    assert names == {"DiptychSans-Regular", "DiptychSans-Bold"}
    assert all("/ToUnicode" in font for font in found if "/DescendantFonts" in font)
    descriptors = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"]
    assert descriptors
    assert all("/FontFile2" in d or "/FontFile3" in d for d in descriptors)
    assert fonts is None


def test_the_file_says_what_it_is(pdf):
    with pdf.open_metadata() as metadata:
        assert metadata["pdfaid:part"] == "3"
        assert metadata["pdfaid:conformance"] == "A"
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == "Data and models"
        assert metadata["xmp:CreateDate"].startswith("2026-03-02")


def test_the_picture_has_its_alternative_text(pdf):
    alternatives = [str(o["/Alt"]) for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and "/Alt" in o]
    assert alternatives == ["Two heatmaps."]


@pytest.mark.parametrize(
    ("width", "dpi", "pixels"), [("double", 300, 2161), ("single", 300, 1051), ("one-and-half", 150, 709), (100, 254, 1000)]
)  # fmt: skip
def test_png_is_width_times_dpi(svg, width, dpi, pixels):
    assert abs(png_size(plate_png(Plate(svg, "T", "A", width=width), dpi))[0] - pixels) <= 1
