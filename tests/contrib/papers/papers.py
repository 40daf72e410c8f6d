"""Papers in Typst and documents for them."""

import json
import subprocess
from dataclasses import replace

import typst

from diptych.contrib.papers.output import render_paper
from diptych.theme import clean
from tests.programs import POPPLER, program
from tests.renderers.documents import small


def kit(folder, document):
    """Write the files for papers about a document, and the pictures of its figures, into a folder."""
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    for figure in document.figures:
        (folder / "figures" / f"{figure.id}.svg").write_text(clean(figure.svg), encoding="utf-8")
    for name, content in render_paper(document).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return folder


def compiled(folder, text, **options):
    """Return the PDF of a paper next to the kit, with the fonts of the compiler alone."""
    path = folder / "paper.typ"
    path.write_text('#import "paper/diptych.typ"\n#set document(title: "Paper")\n' + text, encoding="utf-8")
    return typst.compile(path, root=folder, ignore_system_fonts=True, **options)


def values(folder, *codes):
    """Return what pieces of Typst code give, as JSON has them."""
    text = "".join(f"#metadata({code}) <found>\n" for code in codes)
    compiled(folder, text)
    return json.loads(typst.query(folder / "paper.typ", "<found>", field="value", root=folder))


def text_of(pdf):
    """Return the words of a PDF with single spaces; the test is skipped where nothing can read them."""
    done = subprocess.run(
        [program("pdftotext", install=POPPLER), "-raw", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return " ".join(done.stdout.decode().split())


def statement(name, told="told", **numbers):
    """An entry of data/statements.json."""
    return {
        "figure": "main", "relation": "trained_on", "id": name, "form": name.partition(".")[0], "subject": "",
        "outcome": "", "comparison": "chance", "scope": "all", "numbers": numbers, "p": 0.0316, "q": 0.0002,
        "level": 0.98, "interval": [0.05, 0.45], "cells": [], "text": "5 of 6 agree.", "told": told, "notes": [],
    }  # fmt: skip


def with_statements(document=None):
    """Return the small document with a statement that it tells, and another that was only tested."""
    agreement = statement(
        "agreement", share=5 / 6, count=5, base=6, chance=0.5, difference=1 / 3, low=0.5, high=0.95, categories=["NLP"]
    )
    tested = statement("difference.nlp.cv", "unclear", share=0.25, difference=-0.1)
    return replace(document or small(), statements=(agreement, tested))
