"""Documents that are hard to set: many categories, long names, names without spaces, a title of several lines."""

from dataclasses import replace
from functools import cache

from diptych.document import Column, Figure, FigureBlock, ItemList, Paragraph, Section, TableBlock
from diptych.renderers import PdfSettings
from diptych.renderers.pdf import render_pdf
from tests.renderers.documents import demo, nasty, sentence, small

LONG_TITLE = (
    "How the categories of skills that people name in an invented survey of a great many occupations go with the "
    "categories of the jobs that they say they hold, told at such length that its title takes several lines of a page"
)

SHORT = tuple(f"Category {n:02}" for n in range(9))
MANY = tuple(f"Category {n:02}" for n in range(60))
LONG = tuple(f"Industrial and agricultural instruments and machines {n:02}"[: 40 + n % 21] for n in range(9))
MANY_LONG = tuple(f"Administrative and mathematical correspondence {n:02}" for n in range(60))
UNBROKEN = tuple(f"deep_learning_for_industrial/agricultural_instruments_{n:02}" for n in range(9))

CORNERS = ("nw", "ne", "sw", "se")
"""Words in the corners of the drawing."""


def crowded(names, title="Crowded"):
    """A document over these categories with the kinds of table that reports have, and a drawing as high as they are."""
    pairs = [(a, b) for a in names for b in names][:300]
    cells = tuple((f"{a} with {b}", "3,361", "0.71 (0.56 to 0.82)", "under 0.1") for a, b in pairs[:12])
    choices = tuple((f"{name} goes most with {name}", "60 %", "–") for name in names)
    listed = tuple((a, b, "244", "0.67 (0.62 to 0.72)") for a, b in pairs)
    said = tuple(
        ("Largest cell off the diagonal", f"The left panel: {', '.join(pair)} and 51 more", "0.90 (0.71 to 1.09)", "weak")
        for pair in pairs[:14]
    )  # fmt: skip
    figure = FigureBlock(
        "main", (sentence("caption:main", f"What goes with what, for {names[0]} and others."),), "Two matrices."
    )
    text = Paragraph(tuple(sentence(f"findings:{n}", f"Of 6,000 answers 274 (5 %) have {a} and {b}.") for n, (a, b) in enumerate(pairs[:30])))  # fmt: skip
    right = "right"
    sections = (
        Section("abstract", "Abstract", (Paragraph((sentence("abstract:1", f"Most have {names[0]}."),)), figure)),
        Section("findings", "Key findings", (ItemList((Paragraph(text.sentences[:4]), Paragraph(text.sentences[4:9]))), text, TableBlock("cells", "Cells that matter", (Column("Skill with job"), Column("Answers", right), Column("Left", right), Column("Expected within", right)), cells))),
        Section("interpretation", "Interpretation", (TableBlock("findings", "Findings", (Column("Finding"), Column("About"), Column("Number"), Column("Strength")), said),)),
        Section("coverage", "Who is covered", (text, TableBlock("choices", "What is covered, counted otherwise", (Column("Statement"), Column("Answers (6,000)", right), Column("Otherwise in 200 resamples", right)), choices))),
        Section("methods", "Method", (text, TableBlock("pairs", "The strongest cells", (Column("Skill"), Column("Job"), Column("Answers", right), Column("Share", right)), listed, row_headers=2))),
        Section("provenance", "Data and provenance", (Paragraph(text.sentences[:1]), TableBlock("inputs", "What went in", (Column("File"), Column("Bytes", right)), (("data/a_file_with_a_name_that_is_quite_long_indeed_for_a_file.csv", "1"),)))),
    )  # fmt: skip
    return replace(demo(), title=title, sections=sections, figures=(Figure("main", "Main", _drawing(len(names)), ()),))


def _drawing(n):
    height = 100 + 24 * n
    words = zip(CORNERS, ((0, 12), (720, 12), (0, height - 4), (720, height - 4)), strict=True)
    texts = "".join(f'<text x="{x}" y="{y}">{word}</text>' for word, (x, y) in words)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="740" height="{height}" viewBox="0 0 740 {height}" '
        f'font-family="Diptych Sans" font-size="10">{texts}</svg>'
    )


DOCUMENTS = {
    "nine": crowded(SHORT),
    "nine long names, a long title": crowded(LONG, LONG_TITLE),
    "nine names without spaces": crowded(UNBROKEN, "_".join(LONG_TITLE.split())),
    "thirty": crowded(MANY[:30]),
    "sixty": crowded(MANY),
    "sixty long names": crowded(MANY_LONG, LONG_TITLE),
    "small": small(),
    "nasty": nasty(),
    "a real one": demo(),
}


USUAL = PdfSettings()


@cache
def pdf_of(name, settings=USUAL):
    """The PDF of one of them, made once for all tests of a process."""
    return render_pdf(DOCUMENTS[name], settings, [])["report.pdf"]
