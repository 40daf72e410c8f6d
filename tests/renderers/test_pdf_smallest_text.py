"""No text of a PDF is under 7 points: read from the operators of its pages, with every scale that they lie in."""

import math
from collections import Counter

import pikepdf
import pytest

from diptych.pipeline.build import build
from tests.long_names import write

pytestmark = pytest.mark.slow

LEAST_PT = 7


def sizes(pdf):
    """How many texts are shown at each size in points, rounded to hundredths."""
    found = Counter()
    for page in pdf.pages:
        _walk(page, page.get("/Resources"), 1.0, found)
    return found


def _walk(content, resources, matrix, found):
    size, text, kept = 0.0, 1.0, []
    for operands, operator in pikepdf.parse_content_stream(content):
        match str(operator):
            case "q":
                kept.append(matrix)
            case "Q":
                matrix = kept.pop()
            case "cm":
                matrix = scale(operands) * matrix
            case "BT":
                text = 1.0
            case "Tm":
                text = scale(operands)
            case "Tf":
                size = float(operands[1])
            case "Tj" | "TJ":
                found[round(size * text * matrix, 2)] += 1
            case "Do" if (form := resources["/XObject"][str(operands[0])]).get("/Subtype") == "/Form":
                own = scale(form.get("/Matrix", [1, 0, 0, 1, 0, 0]))
                _walk(form, form.get("/Resources"), own * matrix, found)


def scale(matrix):
    """How much larger a matrix of the format makes things."""
    a, b, c, d, *_ = map(float, matrix)
    return math.sqrt(abs(a * d - b * c))


@pytest.mark.parametrize("name", ["default", "published"])
def test_no_text_of_an_example_is_under_seven_points(sites, name):
    with pikepdf.open(sites(name) / "report.pdf") as pdf:
        found = sizes(pdf)
    assert found.total() > 500
    assert min(found) >= LEAST_PT - 0.005


@pytest.mark.nightly
@pytest.mark.parametrize(("n", "language"), [(60, "en"), (16, "de"), (100, "en")])
def test_no_text_is_under_seven_points_with_many_categories_and_long_names(tmp_path, n, language):
    build(write(tmp_path, n, language, "outputs: {pdf: {}}\n"), tmp_path / "site")
    with pikepdf.open(tmp_path / "site" / "report.pdf") as pdf:
        found = sizes(pdf)
    assert found.total() > 500
    assert min(found) >= LEAST_PT - 0.005
