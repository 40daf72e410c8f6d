"""What a program finds in a PDF: the tree of its tags with the text of each element, and the places of its words."""

import io
import re
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

import pikepdf

from tests.programs import POPPLER, program


@dataclass
class Element:
    """An element of the tag tree. `text` is its own and that of all below, in reading order."""

    kind: str
    text: str
    alt: str | None
    scope: str | None
    children: list["Element"] = field(default_factory=list)

    def all(self, *kinds):
        """Return the elements of these kinds below this one, in reading order."""
        found = []
        for child in self.children:
            found += [child] if child.kind in kinds else []
            found += child.all(*kinds)
        return found


@dataclass(frozen=True)
class Word:
    """A word and its box in points, from the page's top left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@contextmanager
def opened(pdf):
    """Give a PDF's bytes, opened."""
    with pikepdf.open(io.BytesIO(pdf)) as one:
        yield one


def run(*command, pdf):
    """Return what a command prints for a PDF on its standard input."""
    return subprocess.run(
        [program(command[0], install=POPPLER), *command[1:]], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def squeezed(text):
    """Return a text without its spaces and the hyphens of broken words: where lines end is no matter of what is said."""
    return "".join(text.replace("\N{SOFT HYPHEN}", "").split())


def tagged(pdf):
    """Return the tag tree of an open PDF."""
    texts = {page.objgen: _texts(page) for page in pdf.pages}
    return _element(pdf.Root.StructTreeRoot, texts, None)


def table_cells(table):
    """Return the rows of a tagged table: for each cell whether it heads rows or columns or neither, and its text."""
    return [
        [(cell.scope or "", squeezed(cell.text)) for cell in row.children if cell.kind in ("TH", "TD")]
        for row in table.all("TR")
    ]


def words(pdf):
    """Return the size of a PDF's pages, and the words of each."""
    told = run("pdftotext", "-bbox", "-", "-", pdf=pdf)
    tree = ET.fromstring(re.sub(' xmlns="[^"]*"', "", told, count=1))  # noqa: S314 - poppler wrote it, just now
    return [
        ((float(page.get("width")), float(page.get("height"))), [_word(word) for word in page.iter("word")])
        for page in tree.iter("page")
    ]


def _word(word):
    return Word(word.text or "", *(float(word.get(side)) for side in ("xMin", "yMin", "xMax", "yMax")))


def _kids(item):
    kids = item.get("/K", [])
    return kids if isinstance(kids, pikepdf.Array) else [kids]


def _element(item, texts, page):
    page = item["/Pg"].objgen if "/Pg" in item else page
    parts, children = [], []
    for kid in _kids(item):
        if isinstance(kid, int):
            parts.append(texts[page].get(kid, ""))
        elif kid.get("/Type") == "/MCR":
            own = kid["/Pg"].objgen if "/Pg" in kid else page
            parts.append("" if "/Stm" in kid else texts[own].get(int(kid.MCID), ""))
        elif "/S" in kid:
            children.append(_element(kid, texts, page))
            parts.append(children[-1].text)
    attributes = item.get("/A", [])
    attributes = attributes if isinstance(attributes, pikepdf.Array) else [attributes]
    scopes = [str(one.Scope)[1:] for one in attributes if isinstance(one, pikepdf.Dictionary) and "/Scope" in one]
    alt = str(item["/Alt"]) if "/Alt" in item else None
    return Element(str(item.get("/S", "/"))[1:], "".join(parts), alt, scopes[-1] if scopes else None, children)


def _texts(page):
    """Return the text of each piece of marked content of a page by its number."""
    maps = {name: _unicode(font) for name, font in page.resources.get("/Font", {}).items()}
    texts, open_marks, font = {}, [], {}
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BDC" | "BMC":
                properties = operands[1] if len(operands) > 1 and isinstance(operands[1], pikepdf.Dictionary) else {}
                open_marks.append(properties)
                if "/ActualText" in properties:
                    _say(texts, open_marks, str(properties["/ActualText"]))
            case "EMC":
                open_marks.pop()
            case "Tf":
                font = maps[str(operands[0])]
            case "Tj":
                _show(texts, open_marks, font, operands)
            case "TJ":
                _show(texts, open_marks, font, operands[0])
    return texts


def _show(texts, open_marks, font, shown):
    if any("/ActualText" in mark for mark in open_marks):
        return
    codes = b"".join(bytes(part) for part in shown if isinstance(part, pikepdf.String))
    _say(texts, open_marks, "".join(font[int.from_bytes(codes[i : i + 2])] for i in range(0, len(codes), 2)))


def _say(texts, open_marks, text):
    numbers = [int(mark["/MCID"]) for mark in open_marks if "/MCID" in mark]
    if numbers:
        texts[numbers[-1]] = texts.get(numbers[-1], "") + text


def _unicode(font):
    """Return the characters of a font's codes."""
    table = font.ToUnicode.read_bytes().decode("latin-1")
    found = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, text in re.findall(r"<(\w+)>\s*<(\w+)>", block):
            found[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for low, high, text in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            first = bytes.fromhex(text).decode("utf-16-be")
            for code in range(int(low, 16), int(high, 16) + 1):
                found[code] = first[:-1] + chr(ord(first[-1]) + code - int(low, 16))
    return found
