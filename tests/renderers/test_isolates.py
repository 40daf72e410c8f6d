"""Names that run against the text keep to themselves in it, and no others."""

from dataclasses import replace

import pytest

from diptych.document import Paragraph, Sentence, Span, table
from diptych.renderers.outline import isolated
from tests.renderers.documents import small

HEBREW = "\N{HEBREW LETTER SHIN}\N{HEBREW LETTER LAMED}"
ARABIC = "\N{ARABIC LETTER ALEF}\N{ARABIC LETTER BEH}"
FSI, PDI = "\u2068", "\u2069"


def saying(text, names):
    """A document of one sentence whose figure has these categories."""
    document = small()
    [figure] = document.figures
    panels = tuple(replace(panel, given_categories=names, outcome_categories=names) for panel in figure.panels)
    section = replace(document.sections[0], blocks=(Paragraph((Sentence("a", (Span(text),)),)),))
    return replace(document, sections=(section,), figures=(replace(figure, panels=panels),))


def said(document):
    return document.sections[0].blocks[0].sentences[0].text


@pytest.mark.parametrize(
    ("text", "isolates"),
    [
        (f"{HEBREW}, {ARABIC} and NLP.", f"{FSI}{HEBREW}{PDI}, {FSI}{ARABIC}{PDI} and NLP."),
        (f"NLP ({HEBREW}) 3.", f"NLP ({FSI}{HEBREW}{PDI}) 3."),
        ("NLP and CV.", "NLP and CV."),
    ],
)
def test_only_names_from_right_to_left_are_isolated_one_by_one(text, isolates):
    assert said(isolated(saying(text, ("NLP", HEBREW, ARABIC)))) == isolates


def test_in_a_text_from_right_to_left_latin_names_are_isolated():
    assert said(isolated(saying(f"{HEBREW} NLP", ("NLP", HEBREW)), "rtl")) == f"{HEBREW} {FSI}NLP{PDI}"


def test_raw_labels_and_items_are_isolated_too():
    """Names that are no category of the document stand in sentences about labels, items and levels."""
    text = f"{HEBREW} {HEBREW} (12), {ARABIC}-{ARABIC} 3."
    assert (
        said(isolated(saying(text, (HEBREW * 3,))))
        == f"{FSI}{HEBREW} {HEBREW}{PDI} (12), {FSI}{ARABIC}-{ARABIC}{PDI} 3."
    )


def test_fields_and_headers_of_tables_are_isolated():
    block = table("t", "A table", [f"{HEBREW}!", "n"], [[f"{HEBREW} (x)", "3"]])
    document = saying("", ("NLP",))
    document = replace(document, sections=(replace(document.sections[0], blocks=(block,)),))
    found = isolated(document).sections[0].blocks[0]
    assert found.rows[0][0] == f"{FSI}{HEBREW} (x){PDI}"
    assert found.columns[0].header == f"{FSI}{HEBREW}{PDI}!"
    assert found.rows[0][1] == "3"
