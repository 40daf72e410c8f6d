"""How a report asks to be cited: whole texts, and what a label may hold."""

import datetime as dt
from dataclasses import replace

import pytest

from diptych.document import Author
from diptych.renderers.citing import bibtex, bibtex_text, citation_key, web_address
from tests.renderers.documents import small

SPECIAL = '<&"%_~^\\{}#$'


def special():
    author = Author(name=SPECIAL)
    return replace(small(), title=SPECIAL, subtitle=None, authors=(author,), url=f"https://example.org/{SPECIAL}")


def test_bibtex_spells_out_special_characters():
    label = (
        r'{\textless}\&{"}\%\_{\textasciitilde}{\textasciicircum}{\textbackslash}{\textbraceleft}{\textbraceright}\#\$'
    )
    assert bibtex(special()) == (
        "@misc{2026,\n"
        f"  author = {{{label}}},\n"
        f"  title = {{{{{label}}}}},\n"
        "  year = {2026},\n"
        "  month = mar,\n"
        "  url = {https://example.org/%3C&%22%_~%5E%5C%7B%7D#$},\n"
        "  note = {Made with Diptych 0.1.0}\n"
        "}"
    )


@pytest.mark.parametrize("character", [*SPECIAL, ">", "|", "\n", "\x00", "}", "{{"])
def test_braces_of_every_field_balance(character):
    """BibTeX counts braces whether or not a backslash stands before them."""
    text = bibtex(replace(small(), title=f"a{character}b", authors=(Author(name=f"c{character}"),)))
    depth = 0
    for letter in text:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        assert depth >= 0
    assert depth == 0
    assert bibtex_text(character).replace("{", "").count("\n") == 0


@pytest.mark.parametrize(
    ("names", "field"),
    [
        (("Ada Example", "Grace Sample"), "Ada Example and Grace Sample"),
        (("Example, Ada",), "{Example, Ada}"),
        (("Institute of Sums and Shares",), "{Institute of Sums and Shares}"),
        (("others",), "{others}"),
        (("Zoë Nuñez",), "Zoë Nuñez"),
    ],
)
def test_bibtex_takes_no_name_apart(names, field):
    document = replace(small(), authors=tuple(Author(name=name) for name in names))
    assert f"  author = {{{field}}},\n" in bibtex(document)


@pytest.mark.parametrize(
    ("title", "author", "date", "key"),
    [
        ("Models and data", "Ada Example", dt.date(2026, 3, 2), "example2026models"),
        ("Ätherische Öle", "Zoë Nuñez", None, "nunezatherische"),
        ("数据", "李", dt.date(2026, 3, 2), "2026"),
        ("数据", "李", None, "report"),
        ("… 4x4 of them", "Madonna", None, "madonna4x4"),
    ],
)
def test_keys_are_small_letters_and_digits(title, author, date, key):
    document = replace(small(), title=title, authors=(Author(name=author),), date=date)
    assert citation_key(document) == key


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//example.org", None, ""])
def test_only_addresses_of_the_web_are_cited(url):
    assert web_address(url) is None
    assert "url" not in bibtex(replace(small(), url=url))
