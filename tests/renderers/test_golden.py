import io
import re
from dataclasses import replace

import pikepdf
import pytest

from diptych.renderers import PdfSettings
from diptych.renderers.data import panel_csv, render_json, result_files
from diptych.renderers.html import render_html
from diptych.renderers.markdown import render_markdown
from diptych.renderers.pdf import Attachment, render_pdf
from tests.renderers.documents import small
from tests.renderers.some_results import bare_results, results


def test_page(golden):
    page = render_html(small(), (("report.pdf", "PDF"),))["index.html"].decode()
    page = re.sub(r"url\(data:font/woff2;base64,[^)]*\)", "url(data:,)", page)
    page = re.sub(r'(Content-Security-Policy" content=")[^"]*', r"\1", page)
    golden("index.html", page.encode())


def test_markdown(golden):
    golden("report.md", render_markdown(small())["report.md"])


def test_json(golden):
    golden("report.json", render_json(small())["report.json"])


def test_panel_csv(golden):
    golden("data/left.csv", panel_csv(small().figure("main").panels[0]))


def test_pdf_tags(golden):
    pdf = render_pdf(small(), PdfSettings(), [Attachment("data/left.csv", "left panel", b"given\n")])["report.pdf"]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        golden("report.pdf.txt", ("\n".join(_tree(opened.Root.StructTreeRoot, 0)) + "\n").encode())


def _tree(element, depth):
    """The tag tree as indented text, with alternative texts and the scope of headers."""
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if not isinstance(kid, pikepdf.Dictionary) or "/S" not in kid:
            continue
        attributes = kid.get("/A", [])
        listed = attributes if isinstance(attributes, pikepdf.Array) else [attributes]
        scopes = [one.Scope for one in listed if isinstance(one, pikepdf.Dictionary) and "/Scope" in one]
        words = [str(kid.S)[1:], *(f"scope={str(scope)[1:].lower()}" for scope in scopes)]
        if "/Alt" in kid:
            words.append(f"alt={str(kid.Alt)!r}")
        yield "  " * depth + " ".join(words)
        yield from _tree(kid, depth + 1)


def test_json_of_results(golden):
    document = replace(small(), results=(results(), bare_results()))
    text = render_json(document)["report.json"].decode()
    golden("relations.json", text[text.index(' "relations"') :].encode())


@pytest.mark.parametrize("name", sorted(result_files((results(), bare_results()))))
def test_result_files(golden, name):
    golden(name, result_files((results(), bare_results()))[name])
