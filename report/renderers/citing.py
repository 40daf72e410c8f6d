"""Write citations of a report as text, BibTeX and CITATION.cff, from the document's metadata only."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from itertools import takewhile
from urllib.parse import quote

from .. import formats
from ..document import Author, Document, Paragraph
from ..theme import one_line
from .outline import Plain, yaml_text

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


BIBLIOGRAPHY = "citation.bib"


def render_citations(document: Document) -> dict[str, bytes]:
    """Return `CITATION.cff` and the file with the BibTeX entry."""
    return {
        "CITATION.cff": yaml_text(citation_file(document)).encode(),
        BIBLIOGRAPHY: f"{bibtex(document)}\n".encode(),
    }


def web_address(url: str | None) -> str | None:
    """Return the address of a report if it is a web address; else None.

    >>> web_address("https://example.org/a b"), web_address("javascript:alert(1)")
    ('https://example.org/a b', None)
    """
    return url if url and url.startswith(("https://", "http://")) else None


def citation_text(document: Document) -> str:
    """Return a citation as text: authors, title, date, address and program."""
    parts = [
        formats.listing([one_line(author.name) for author in document.authors]),
        _full_title(document),
        formats.date(document.date) if document.date else "",
        _plain_url(document),
        _made_with(document),
    ]
    return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)


def bibtex(document: Document) -> str:
    """Return a `@misc` entry. Names are unchanged, because BibTeX splits them itself."""
    fields = {
        "author": " and ".join(_bibtex_name(one_line(author.name)) for author in document.authors),
        "title": f"{{{bibtex_text(_full_title(document))}}}",
        **_bibtex_date(document.date),
        "url": _plain_url(document),
        "note": bibtex_text(_made_with(document)),
    }
    lines = [f"  {name} = {_bibtex_value(name, value)}" for name, value in fields.items() if value]
    return ",\n".join([f"@misc{{{citation_key(document)}", *lines]) + "\n}"


_SUFFIXES = frozenset({"Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"})


def citation_file(document: Document) -> dict[str, Plain]:
    """Return the entries of CITATION.cff (Citation File Format 1.2.0), without the parts that the report lacks.

    The type is `dataset`, because the format has only this type besides software. The format requires authors. A report
    without authors is by "anonymous", as its guide recommends. The program is a reference, because the version of a
    report is its date.
    """
    entries: dict[str, Plain] = {
        "cff-version": "1.2.0",
        "message": "If you use this report or its data, please cite it as below.",
        "type": "dataset",
        "title": _full_title(document),
        "authors": [_cff_author(a) for a in document.authors if a.name.strip()] or [{"name": "anonymous"}],
        "date-released": document.date.isoformat() if document.date else None,
        "url": _plain_url(document),
        "abstract": abstract(document),
        "keywords": _keywords(document),
        "references": [_program(document.version)] if document.version else None,
    }
    return {name: value for name, value in entries.items() if value}


def _cff_author(author: Author) -> Plain:
    """Return a person with the parts of the name, or an entity with the unchanged name.

    A name is split only if an ORCID shows that it belongs to a person. The family name is the text before a comma or,
    without a comma, the last word, and lower-case words before it are its particle.
    """
    name = one_line(author.name).strip()
    parts = _parts_of(name) if author.orcid else {}
    orcid = f"https://orcid.org/{author.orcid}" if author.orcid else None
    entry = {**(parts or {"name": name}), "orcid": orcid}
    return {key: value for key, value in entry.items() if value}


def _parts_of(name: str) -> dict[str, str]:
    """Return the parts of a person's name; an empty mapping without a given name or with several commas.

    >>> _parts_of("Ludwig van Beethoven")
    {'family-names': 'Beethoven', 'given-names': 'Ludwig', 'name-particle': 'van', 'name-suffix': ''}
    """
    family, comma, given = (part.strip() for part in name.partition(","))
    if comma:
        return {"family-names": family, "given-names": given} if family and given and "," not in given else {}
    words = name.split()
    suffix = words.pop() if words and words[-1] in _SUFFIXES else ""
    before, last = words[:-1], words[-1:]
    particle = list(takewhile(str.islower, reversed(before)))[::-1]
    first = before[: len(before) - len(particle)]
    if not first:
        return {}
    return {
        "family-names": last[0],
        "given-names": " ".join(first),
        "name-particle": " ".join(particle),
        "name-suffix": suffix,
    }


def _keywords(document: Document) -> Plain:
    """Return the categories with at least one unit."""
    panels = [panel for figure in document.figures for panel in figure.panels]
    names = [
        one_line(category).strip()
        for name, size in (("given", "n_given"), ("outcome", "n_outcome"))
        for panel in panels
        for category, n in dict.fromkeys(zip(panel.column(name), panel.column(size), strict=True))
        if n != 0
    ]
    return [name for name in dict.fromkeys(names) if name]


def _program(version: str) -> Plain:
    return {"type": "software", "title": "Diptych", "version": version, "authors": [{"name": "The Diptych developers"}]}


def citation_key(document: Document) -> str:
    """Return a key of lower-case letters and digits: last word of the first author, year, first word of the title.

    Parts without such characters are omitted. If nothing remains, the key is "report".
    """
    names = document.authors[0].name.split() if document.authors else []
    year = str(document.date.year) if document.date else ""
    title = [word for word in map(_letters, document.title.split()) if word]
    return (_letters(names[-1]) if names else "") + year + (title[0] if title else "") or "report"


_BIBTEX = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",  # BibTeX counts braces, escaped or not
    "}": r"{\textbraceright}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    "<": r"{\textless}",
    ">": r"{\textgreater}",
    "|": r"{\textbar}",
    '"': '{"}',
    **{character: f"\\{character}" for character in "&%_#$"},
}
_BIBTEX_SPECIAL = re.compile("[" + re.escape("".join(_BIBTEX)) + "]")


def bibtex_text(text: str) -> str:
    r"""Return text for a field between braces, with BibTeX and LaTeX markup escaped.

    >>> print(bibtex_text("<&%_^{}#$ a"))
    {\textless}\&\%\_{\textasciicircum}{\textbraceleft}{\textbraceright}\#\$ a
    """
    return _BIBTEX_SPECIAL.sub(lambda match: _BIBTEX[match[0]], one_line(text))


def _bibtex_name(name: str) -> str:
    """Return a name, in braces if BibTeX would split it at a comma or an "and", or if it is "others"."""
    whole = "," in name or re.search(r"\band\b", name, re.IGNORECASE) or name.lower() == "others"
    return f"{{{bibtex_text(name)}}}" if whole else bibtex_text(name)


def _bibtex_date(date: dt.date | None) -> dict[str, str]:
    return {"year": str(date.year), "month": _MONTHS[date.month - 1]} if date else {}


def _bibtex_value(name: str, value: str) -> str:
    return value if name == "month" else f"{{{value}}}"


def _plain_url(document: Document) -> str:
    """Return the address, percent-encoded as necessary, "" if the report has none."""
    url = web_address(document.url) or ""
    return quote(one_line(url), safe=":/?#[]@!$&'()*+,;=%~")


def description(document: Document) -> str:
    """Return the description for search results: first sentence of the abstract, or else subtitle or title."""
    texts = _abstract_texts(document)
    return texts[0] if texts else document.subtitle or document.title


def abstract(document: Document) -> str:
    """Return the sentences of the abstract as one text, or else the description."""
    return " ".join(_abstract_texts(document)) or description(document)


def _abstract_texts(document: Document) -> list[str]:
    blocks = [block for section in document.sections[:1] for block in section.blocks]
    return [one_line(s.text) for block in blocks if isinstance(block, Paragraph) for s in block.sentences]


def _full_title(document: Document) -> str:
    title, subtitle = one_line(document.title), one_line(document.subtitle or "")
    if not subtitle:
        return title
    return f"{title} {subtitle}" if title.endswith(("?", "!", ".", ":")) else f"{title}: {subtitle}"


def _made_with(document: Document) -> str:
    return f"Made with Diptych {document.version}" if document.version else ""


def _letters(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", word).lower())
