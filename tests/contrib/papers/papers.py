"""Papers in Typst around the kit: folders to compile in, what comes out, and documents for them."""

import json
import subprocess
from dataclasses import replace

import typst

from diptych.contrib.papers.typst_kit import render_typst_kit
from diptych.theme import clean
from tests.programs import POPPLER, program
from tests.renderers.documents import sentence, small
from tests.renderers.some_results import results


def kit(folder, document):
    """Write the kit of a document and the pictures of its figures into a folder."""
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    for figure in document.figures:
        (folder / "figures" / f"{figure.id}.svg").write_text(clean(figure.svg), encoding="utf-8")
    for name, content in render_typst_kit(document).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return folder


def compiled(folder, name="example.typ", **options):
    """Return the PDF of a paper in `typst/`, with the fonts of the compiler alone."""
    return typst.compile(folder / "typst" / name, root=folder, ignore_system_fonts=True, **options)


def paper(folder, text):
    """Write a paper beside the kit; return the name of its file."""
    head = '#import "numbers.typ": *\n#import "tables.typ"\n#import "figures.typ"\n#set document(title: "Paper")\n'
    (folder / "typst" / "paper.typ").write_text(head + text, encoding="utf-8")
    return "paper.typ"


def values(folder, *codes):
    """Return what pieces of Typst code give, as JSON has them."""
    name = paper(folder, "".join(f"#metadata({code}) <found>\n" for code in codes))
    return json.loads(typst.query(folder / "typst" / name, "<found>", field="value", root=folder))


def text_of(pdf):
    """Return the words of a PDF with single spaces; the test is skipped where nothing can read them."""
    done = subprocess.run(
        [program("pdftotext", install=POPPLER), "-raw", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return " ".join(done.stdout.decode().split())


def with_findings(document=None):
    """Return the small document with its results, and a sentence that rests on the finding that they hold."""
    document = document or small()
    first, *others = document.sections
    opening, *blocks = first.blocks
    told = sentence("agreement.told", "5 of 6 agree.")
    first = replace(first, blocks=(replace(opening, sentences=(*opening.sentences, told)), *blocks))
    return replace(document, sections=(first, *others), results=(results(),))
